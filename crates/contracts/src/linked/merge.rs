//! Traits: what operations and messages have in common, merged into each (AsyncAPI, Operation and Message Object, `traits`).

use std::collections::HashMap;

use tenon_document::{Node, Tree};
use tenon_errors::Place;

use super::Linked;

/// The most parts that are copied to merge traits.
pub(crate) const MAX_MERGED: usize = 1_000_000;

/// What has traits, with them merged into it.
#[derive(Debug, Default)]
pub(crate) struct Merged {
    nodes: Vec<Node>,
    by_address: HashMap<usize, usize>,
    copied: usize,
    /// The first object whose traits were too many to be merged.
    pub(crate) too_large: Option<Place>,
}

impl Merged {
    /// Merges the traits of everything that has any. With `target_wins`, what an object says itself counts (3.x), otherwise what
    /// its traits say (2.x); later traits count before earlier ones.
    pub(crate) fn of(linked: &Linked, target_wins: bool) -> Self {
        let mut merged = Self::default();
        for loaded in &linked.documents {
            merged.walk(linked, &loaded.root, target_wins);
        }
        merged
    }

    /// `node` with its traits.
    pub(crate) fn with_traits<'d>(&'d self, node: &'d Node) -> &'d Node {
        let position = self.by_address.get(&std::ptr::from_ref(node).addr());
        position.and_then(|position| self.nodes.get(*position)).unwrap_or(node)
    }

    fn walk(&mut self, linked: &Linked, node: &Node, target_wins: bool) {
        match node.tree() {
            Tree::Map(entries) => {
                if let Some(traits) = node.get("traits").and_then(Node::as_list)
                    && traits.iter().all(|it| it.entries().is_some())
                {
                    self.add(linked, node, traits, target_wins);
                }
                entries.iter().for_each(|(_, value)| self.walk(linked, value, target_wins));
            }
            Tree::List(items) => items.iter().for_each(|item| self.walk(linked, item, target_wins)),
            _ => {}
        }
    }

    fn add(&mut self, linked: &Linked, node: &Node, traits: &[Node], target_wins: bool) {
        // A trait that leads nowhere is reported where it is read.
        let mut all: Option<Node> = None;
        for next in traits.iter().filter_map(|it| linked.follow(it).ok()) {
            self.copied += size(next) + all.as_ref().map_or_else(|| size(node), size);
            if self.copied > MAX_MERGED {
                self.too_large.get_or_insert_with(|| node.place());
                return;
            }
            all = Some(match all {
                Some(all) => all.merged(next),
                None => next.clone(),
            });
        }
        if let Some(all) = &mut all {
            let merged = if target_wins { all.merged(node) } else { node.merged(all) };
            self.by_address.insert(std::ptr::from_ref(node).addr(), self.nodes.len());
            self.nodes.push(merged);
        }
    }
}

/// How many parts a tree has. As deep as the document is, which is bounded.
fn size(node: &Node) -> usize {
    1 + match node.tree() {
        Tree::Map(entries) => entries.iter().map(|(_, value)| 1 + size(value)).sum(),
        Tree::List(items) => items.iter().map(size).sum::<usize>(),
        _ => 0,
    }
}
