//! References: what they lead to is read once, and put in place; only what contains itself is referred to by its name.

use std::{borrow::Cow, collections::HashMap};

use tenon_document::{Node, Tree};
use tenon_errors::nearest;
use tenon_model::{Named, Str};

use super::{Reader, Schema, draft::Draft, together::address};

/// How far a schema is read.
pub(super) enum State {
    /// It is being read: whoever refers to it now is inside it, and has declared it as a type.
    Open { name: Str, nullable: bool, named: Option<Named> },
    /// It is read, and has so many parts.
    Read { schema: Schema, parts: usize },
}

/// The parts of a document that have an address of their own: `$id` (`id` in draft-04) and anchors.
#[derive(Default)]
pub(super) struct Names<'d> {
    /// By whole address, without an empty fragment.
    by_address: HashMap<String, &'d Node>,
    /// The part with an `$id` that a schema inside it belongs to, and its address.
    bases: HashMap<usize, (&'d Node, String)>,
}

impl<'d> Names<'d> {
    pub(super) fn of(root: &'d Node, draft: Draft) -> Self {
        let mut names = Self::default();
        names.visit(root, (root, String::new()), draft);
        names
    }

    /// As deep as the document is, which is bounded.
    fn visit(&mut self, node: &'d Node, mut base: (&'d Node, String), draft: Draft) {
        match node.tree() {
            Tree::Map(entries) => {
                let id = ["$id", "id"].iter().find_map(|key| node.get(key)).and_then(Node::as_str);
                // Beside a reference, older drafts ignore it as well.
                if let Some(id) = id.filter(|_| draft.has_ref_siblings() || node.get("$ref").is_none()) {
                    let address = join(&base.1, id.trim_end_matches('#'));
                    if !id.starts_with('#') {
                        base = (node, address.clone());
                    }
                    self.by_address.entry(address).or_insert(node);
                }
                for key in ["$anchor", "$dynamicAnchor"] {
                    if let Some(anchor) = node.get(key).and_then(Node::as_str) {
                        self.by_address.entry(format!("{}#{anchor}", base.1)).or_insert(node);
                    }
                }
                if node.get("$ref").is_some() && !base.1.is_empty() {
                    self.bases.insert(address(node), base.clone());
                }
                for (key, value) in entries {
                    if !matches!(key.as_str(), Some("enum" | "const" | "default" | "examples" | "example")) {
                        self.visit(value, base.clone(), draft);
                    }
                }
            }
            Tree::List(items) => items.iter().for_each(|item| self.visit(item, base.clone(), draft)),
            _ => {}
        }
    }
}

impl<'d> Reader<'d> {
    /// What the `$ref` of `node` leads to.
    pub(super) fn target(&mut self, node: &'d Node) -> Option<&'d Node> {
        let text = self.text(node, "$ref")?;
        let value = node.get("$ref").unwrap_or(node);
        let (base, base_address) =
            self.names.bases.get(&address(node)).cloned().unwrap_or((self.root, String::new()));
        let (resource, fragment) = text.split_once('#').unwrap_or((text, ""));
        let resource_address = join(&base_address, resource);
        let start = match resource {
            "" => Some(base),
            _ => self.names.by_address.get(&resource_address).copied(),
        };
        let Some(start) = start else {
            let message = format!("the reference `{text}` points outside this document");
            let hint = "copy the definition to `$defs` and refer to it as `#/$defs/NAME`";
            self.unsupported(value, message, hint);
            return None;
        };
        if !fragment.is_empty() && !fragment.starts_with('/') {
            let named = self.names.by_address.get(&format!("{resource_address}#{fragment}")).copied();
            if named.is_none() {
                let hint = "refer to a definition as `#/$defs/NAME`, or name it with `$anchor`";
                self.bad(value, format!("the reference `{text}` names no anchor of this document"), hint);
            }
            return named;
        }
        match resolve(start, fragment).or_else(|guess| {
            // Where a part has an address of its own, many still refer from the top of the file.
            if std::ptr::eq(start, self.root) {
                Err(guess)
            } else {
                resolve(self.root, fragment).map_err(|_| guess)
            }
        }) {
            Ok(target) => Some(target),
            Err(guess) => {
                let hint = match guess {
                    Some(guess) => format!("write `#{guess}`"),
                    None => "define it in `$defs`".to_owned(),
                };
                self.bad(value, format!("the reference `{text}` points to nothing"), &hint);
                None
            }
        }
    }
}

/// The name of the definition that a reference leads to: the last part of its pointer.
pub(super) fn name_of(reference: &Node) -> Option<String> {
    let text = reference.get("$ref")?.as_str()?;
    let last = text.rsplit(['/', '#']).next().filter(|last| !last.is_empty())?;
    Some(unescaped(last))
}

/// The node that an RFC 6901 pointer leads to from `start`. An error is the nearest pointer that leads somewhere.
fn resolve<'d>(start: &'d Node, pointer: &str) -> Result<&'d Node, Option<String>> {
    let mut node = start;
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
    Ok(node)
}

/// The address that `reference` stands for where `base` is the address around it (RFC 3986 section 5, as far as schemas use
/// it: whole addresses, absolute paths and siblings).
fn join(base: &str, reference: &str) -> String {
    let base = base.split('#').next().unwrap_or_default();
    let has_scheme = reference.split_once(':').is_some_and(|(scheme, _)| {
        !scheme.is_empty() && scheme.bytes().all(|b| b.is_ascii_alphanumeric() || b"+-.".contains(&b))
    });
    if reference.is_empty() || reference.starts_with('#') {
        return format!("{base}{reference}");
    }
    if has_scheme || base.is_empty() {
        return reference.to_owned();
    }
    let authority_end = base.find("://").map_or(0, |at| {
        let rest = &base[at + 3..];
        at + 3 + rest.find('/').unwrap_or(rest.len())
    });
    if reference.starts_with('/') {
        return format!("{}{reference}", &base[..authority_end]);
    }
    let folder = base[authority_end..].rfind('/').map_or(base.len(), |at| authority_end + at);
    format!("{}/{}", &base[..folder], reference.trim_start_matches("./"))
}

fn escaped(token: &str) -> Cow<'_, str> {
    if token.contains(['~', '/']) { token.replace('~', "~0").replace('/', "~1").into() } else { token.into() }
}

/// A token of a pointer in a URI fragment: percent-encodings first, then `~1` and `~0`.
fn unescaped(token: &str) -> String {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_joined_as_schemas_use_them() {
        let cases = [
            ("", "a.json", "a.json"),
            ("https://x.org/s/a.json", "", "https://x.org/s/a.json"),
            ("https://x.org/s/a.json", "b.json", "https://x.org/s/b.json"),
            ("https://x.org/s/a.json", "./b.json", "https://x.org/s/b.json"),
            ("https://x.org/s/a.json", "/b.json", "https://x.org/b.json"),
            ("https://x.org", "b.json", "https://x.org/b.json"),
            ("https://x.org/s/a.json", "https://y.org/b.json", "https://y.org/b.json"),
            ("https://x.org/s/a.json", "#part", "https://x.org/s/a.json#part"),
        ];
        for (base, reference, expected) in cases {
            assert_eq!(join(base, reference), expected, "{base} {reference}");
        }
    }
}
