//! Names, namespaces and aliases (section "Names" of the specification).

use tenon_document::Node as Json;
use tenon_model::Str;

use super::Reader;
use crate::avro::schema::{Form, Name, NodeId};

/// The full name that `name` is in `namespace`.
pub(super) fn full(name: &str, namespace: &str) -> Str {
    match name.strip_prefix('.') {
        Some(outside) => outside.into(),
        None if name.contains('.') || namespace.is_empty() => name.into(),
        None => format!("{namespace}.{name}").into(),
    }
}

/// The namespace of a full name; empty outside of all.
pub(super) fn namespace(full: &str) -> &str {
    full.rsplit_once('.').map_or("", |(namespace, _)| namespace)
}

/// Whether `text` is a name without namespace: `[A-Za-z_][A-Za-z0-9_]*`.
pub(in crate::avro) fn is_simple(text: &str) -> bool {
    let starts = text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    starts && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

fn is_full(text: &str) -> bool {
    text.split('.').all(is_simple)
}

const FORM: &str = "start with a letter or `_`, and go on with letters, digits and `_`, all of ASCII";

impl<'d> Reader<'d> {
    /// The name of the named type `node` in `outer`.
    pub(super) fn name(&mut self, node: &'d Json, outer: &str) -> Option<Name> {
        let Some(name) = self.text(node, "name") else {
            if node.get("name").is_none() {
                self.wrong_with(node, "the type has no `name`", "add the `name`");
            }
            return None;
        };
        let own = self.text(node, "namespace");
        let full = full(name, own.unwrap_or(outer));
        if !is_full(&full) {
            let at = node.get(if is_full(name) { "namespace" } else { "name" }).unwrap_or(node);
            self.wrong_with(at, format!("`{full}` is not a valid name"), FORM);
            return None;
        }
        let space = namespace(&full).to_owned();
        let mut aliases = Vec::new();
        for (at, alias) in self.texts(node, "aliases") {
            let alias = self::full(alias, &space);
            if !is_full(&alias) {
                self.wrong_with(at, format!("`{alias}` is not a valid name"), FORM);
            }
            aliases.push(alias);
        }
        let doc = self.doc(node);
        Some(Name { full, aliases, doc })
    }

    /// Adds a named type under its name, before it is complete, so that it can contain itself.
    pub(super) fn define(&mut self, node: &Json, name: &Name, form: Form) -> Option<NodeId> {
        let at = node.get("name").unwrap_or(node);
        if Form::PRIMITIVES.iter().any(|(word, _)| *word == name.full) {
            self.wrong_with(
                at,
                format!("`{}` is the name of a primitive type", name.full),
                "choose another name",
            );
            return None;
        }
        if self.names.contains_key(&name.full) {
            let message = format!("the type `{}` is defined twice", name.full);
            self.wrong_with(at, message, "write the name alone where the type is used again");
            return None;
        }
        let id = self.nodes.add(form, None);
        self.names.insert(name.full.clone(), id);
        Some(id)
    }

    /// Checks a name without namespace: of a field, a symbol.
    pub(super) fn check_simple(&mut self, node: &Json, text: &str) {
        if !is_simple(text) {
            self.wrong_with(node, format!("`{text}` is not a valid name"), FORM);
        }
    }
}
