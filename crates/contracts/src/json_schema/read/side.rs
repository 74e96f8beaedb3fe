//! Who writes the values that a schema is about: what is `readOnly` is not sent, what is `writeOnly` is not answered.

use tenon_document::Node;

use crate::json_schema::resources::Resources;

/// Which values of a schema are meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub(crate) enum Side {
    /// All that it describes.
    #[default]
    Both,
    /// What clients send: without what is `readOnly`.
    Request,
    /// What services answer: without what is `writeOnly`.
    Reply,
}

/// How many references are followed to find out.
const MAX_REFERENCES: usize = 16;

impl Side {
    /// Whether the property `name` of the schema `node` is left out on this side.
    pub(in crate::json_schema) fn hides(self, resources: &Resources<'_>, node: &Node, name: &str) -> bool {
        let keyword = match self {
            Self::Both => return false,
            Self::Request => "readOnly",
            Self::Reply => "writeOnly",
        };
        let Some(mut property) = node.get("properties").and_then(|properties| properties.get(name)) else {
            return false;
        };
        for _ in 0..MAX_REFERENCES {
            if property.get(keyword).and_then(Node::as_bool) == Some(true) {
                return true;
            }
            let Some(reference) = property.get("$ref").and_then(Node::as_str) else { return false };
            match resources.target(property, reference) {
                Ok(target) => property = target,
                Err(_) => return false,
            }
        }
        false
    }
}
