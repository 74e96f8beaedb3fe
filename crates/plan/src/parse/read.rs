//! Reading the keys of an object that was held against its spec: what does not fit was reported and reads as absent.

use std::time::Duration;

use tenon_document::Node;
use tenon_model::{Name, Str, units};

/// An object of the project.
#[derive(Clone, Copy)]
pub(crate) struct Object<'n> {
    node: &'n Node,
}

impl<'n> Object<'n> {
    pub(crate) fn new(node: &'n Node) -> Self {
        Self { node }
    }

    pub(crate) fn get(self, key: &str) -> Option<&'n Node> {
        self.node.get(key)
    }

    pub(crate) fn entry(self, key: &str) -> Option<&'n (Node, Node)> {
        self.node.entry(key)
    }

    pub(crate) fn object(self, key: &str) -> Option<Object<'n>> {
        self.get(key).filter(|node| node.entries().is_some()).map(Object::new)
    }

    pub(crate) fn text(self, key: &str) -> Option<Str> {
        self.get(key).and_then(text)
    }

    pub(crate) fn duration(self, key: &str) -> Option<Duration> {
        units::duration(&self.text(key)?)
    }

    pub(crate) fn size(self, key: &str) -> Option<u64> {
        units::size(&self.text(key)?)
    }

    pub(crate) fn integer(self, key: &str) -> Option<u64> {
        self.get(key)?.as_u64()
    }

    /// The items under `key`: one value stands for a list of one.
    pub(crate) fn items(self, key: &str) -> &'n [Node] {
        self.get(key).map_or(&[], items)
    }

    /// The names and values of the object under `key`. Names that are none were reported and are left out.
    pub(crate) fn named(self, key: &str) -> impl Iterator<Item = (Name, &'n Node, &'n Node)> {
        self.get(key).into_iter().flat_map(named)
    }
}

/// The items of a list; one value stands for a list of one.
pub(crate) fn items(node: &Node) -> &[Node] {
    node.as_list().unwrap_or(std::slice::from_ref(node))
}

/// The names and values of an object, each with the node of its name.
pub(crate) fn named(node: &Node) -> impl Iterator<Item = (Name, &Node, &Node)> {
    let entries = node.entries().unwrap_or_default();
    entries.iter().filter_map(|(key, value)| Some((Name::new(key.as_str()?)?, key, value)))
}

/// The text of a scalar.
pub(crate) fn text(node: &Node) -> Option<Str> {
    node.scalar_text().map(Str::from)
}
