//! The schemas with names.

use tenon_document::Node;

use super::Reader;
use crate::{format::Definition, json_schema::Side, openapi::version::Version};

/// The schemas with names, in order, each with the node of its name.
pub(super) fn nodes(root: &Node, version: Version) -> impl Iterator<Item = (&Node, &str, &Node)> {
    let mut holder = Some(root);
    for key in version.schemas_at() {
        holder = holder.and_then(|node| node.get(key));
    }
    let entries = holder.and_then(Node::entries).unwrap_or_default().iter();
    entries.filter_map(|(key, value)| Some((key, key.as_str()?, value)))
}

impl<'d> Reader<'d> {
    pub(super) fn types(&mut self) -> Vec<Definition> {
        let mut types = Vec::new();
        for (key, name, node) in nodes(self.root, self.version) {
            let is_usual = name.bytes().all(|b| b.is_ascii_alphanumeric() || b".-_".contains(&b));
            if self.version > Version::V2_0 && (!is_usual || name.is_empty()) {
                let message = format!("`{name}` is not a name that a component may have");
                self.access.note(key, message, "use letters, digits, `.`, `-` and `_`");
            }
            let mut definition = self.schemas.read(node, Some(name), Side::Both);
            definition.examples = self.schemas.examples(node, &definition.shape);
            types.push(definition);
        }
        types
    }
}
