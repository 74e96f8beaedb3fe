//! References: what they lead to is read once, and put in place; only what contains itself is linked.

use std::borrow::Cow;

use tenon_document::Node;
use tenon_errors::nearest;
use tenon_model::{Kind, Shape, shape::Link};

use super::{Reader, Schema};

/// How far a definition is read.
pub(super) enum State {
    /// It is being read: whoever refers to it now is inside it.
    Open { link: Link, nullable: bool, is_recursive: bool },
    /// It is read, and has so many parts.
    Read { schema: Schema, parts: usize },
}

impl<'d> Reader<'d> {
    /// What the `$ref` of `node` leads to.
    pub(super) fn reference(&mut self, node: &'d Node) -> Schema {
        let Some(text) = self.text(node, "$ref") else { return Schema::unknown() };
        let value = node.get("$ref").unwrap_or(node);
        let Some(pointer) = text.strip_prefix('#').filter(|rest| rest.is_empty() || rest.starts_with('/'))
        else {
            let message = format!("the reference `{text}` leads out of this document or to an anchor");
            self.unsupported(
                value,
                message,
                "copy the definition to `$defs` and refer to it as `#/$defs/NAME`",
            );
            return Schema::unknown();
        };
        match self.resolve(pointer) {
            Ok((target, path)) => {
                let name = path.rsplit('/').next().map(str::to_owned);
                self.definition(&path, target, name.as_deref())
            }
            Err(guess) => {
                let hint = match guess {
                    Some(guess) => format!("write `#{guess}`"),
                    None => "define it in `$defs`".to_owned(),
                };
                self.bad(value, format!("the reference `{text}` leads nowhere"), &hint);
                Schema::unknown()
            }
        }
    }

    /// What the schema at `pointer` says. It is read if it was not yet.
    pub(super) fn definition(&mut self, pointer: &str, target: &'d Node, name: Option<&str>) -> Schema {
        match self.definitions.get_mut(pointer) {
            Some(State::Read { schema, parts }) => {
                self.parts = self.parts.saturating_add(*parts);
                return schema.clone();
            }
            Some(State::Open { link, nullable, is_recursive }) => {
                *is_recursive = true;
                self.has_recursion = true;
                return Schema::of(Shape { kind: Kind::Ref(link.clone()), nullable: *nullable });
            }
            None => {}
        }
        let name = target.get("title").and_then(Node::as_str).or(name);
        let link = Link::new(name.unwrap_or("contract"));
        let open = State::Open { link: link.clone(), nullable: accepts_null(target), is_recursive: false };
        self.definitions.insert(pointer.to_owned(), open);
        let before = self.parts;
        let mut schema = self.schema(target, name);
        link.define(schema.shape.clone());
        let is_recursive =
            matches!(self.definitions.get(pointer), Some(State::Open { is_recursive: true, .. }));
        // Everybody refers to what contains itself by the link: put in place, it would be there once more at each reading.
        // Only the contract itself is what it is.
        if is_recursive && !pointer.is_empty() {
            schema.shape = Shape { nullable: schema.shape.nullable, kind: Kind::Ref(link) };
        }
        let parts = self.parts.saturating_sub(before);
        self.definitions.insert(pointer.to_owned(), State::Read { schema: schema.clone(), parts });
        schema
    }

    /// Reads the definitions that nothing refers to, so that their problems are told as well.
    pub(super) fn unused_definitions(&mut self, key: &str) {
        let Some(definitions) = self.root.get(key) else { return };
        let Some(entries) = definitions.entries() else {
            return self.wrong_kind(definitions, key, "an object");
        };
        for (name, target) in entries {
            let Some(name) = name.as_str() else { continue };
            let pointer = format!("/{key}/{}", escaped(name));
            if !self.definitions.contains_key(&pointer) {
                // What nobody refers to does not count towards the parts of the contract.
                let parts = std::mem::take(&mut self.parts);
                self.definition(&pointer, target, Some(name));
                self.parts = parts;
            }
        }
    }

    /// The node that an RFC 6901 pointer leads to, and the pointer in its one form. An error is the nearest pointer that
    /// leads somewhere.
    fn resolve(&self, pointer: &str) -> Result<(&'d Node, String), Option<String>> {
        let mut node = self.root;
        let mut path = String::new();
        for token in pointer.split('/').skip(1) {
            let token = unescaped(token);
            let next = match node.as_list() {
                Some(items) => token.parse::<usize>().ok().and_then(|index| items.get(index)),
                None => node.get(&token),
            };
            let Some(next) = next else {
                let names = node.entries().unwrap_or_default().iter().filter_map(|(key, _)| key.as_str());
                return Err(nearest(&token, names).map(|guess| format!("{path}/{}", escaped(guess))));
            };
            path.push('/');
            path.push_str(&escaped(&token));
            node = next;
        }
        Ok((node, path))
    }
}

/// Whether the schema allows null, as far as it says so itself: enough for a definition that contains itself.
fn accepts_null(node: &Node) -> bool {
    let names_null = |types: &Node| match types.as_list() {
        Some(types) => types.iter().any(|name| name.as_str() == Some("null")),
        None => types.as_str() == Some("null"),
    };
    let alternatives = ["oneOf", "anyOf"].iter().filter_map(|key| node.get(key)).filter_map(Node::as_list);
    node.get("type").is_some_and(names_null)
        || node.get("enum").and_then(Node::as_list).is_some_and(|values| values.iter().any(Node::is_null))
        || alternatives.flatten().any(|variant| variant.get("type").is_some_and(names_null))
}

fn escaped(token: &str) -> Cow<'_, str> {
    if token.contains(['~', '/']) { token.replace('~', "~0").replace('/', "~1").into() } else { token.into() }
}

/// A token of a pointer in a URI fragment: percent-encodings first, then `~1` and `~0`.
pub(super) fn unescaped(token: &str) -> String {
    let mut bytes = Vec::with_capacity(token.len());
    let mut rest = token.as_bytes();
    while let Some((byte, tail)) = rest.split_first() {
        let code = tail.get(..2).and_then(|hex| u8::from_str_radix(std::str::from_utf8(hex).ok()?, 16).ok());
        match (byte, code) {
            (b'%', Some(code)) => {
                bytes.push(code);
                rest = &tail[2..];
            }
            _ => {
                bytes.push(*byte);
                rest = tail;
            }
        }
    }
    String::from_utf8_lossy(&bytes).replace("~1", "/").replace("~0", "~")
}
