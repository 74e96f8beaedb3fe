//! What each of several schemas says about the fields of one object.

use std::collections::HashMap;

use tenon_document::Node;

use super::together::{Demand, Entry};
use crate::compiled::Pattern;

/// What one schema says about fields by their names.
pub(super) struct Part<'d> {
    pub(super) node: &'d Node,
    pub(super) patterns: Vec<(&'d str, Pattern, &'d Node)>,
    /// Whether names are matched by patterns that types do not have, so that any field may be described.
    pub(super) is_loose: bool,
}

/// The parts that have something to say about a field: those that list it, and those that speak of any.
pub(super) struct Speakers<'d> {
    listing: HashMap<&'d str, Vec<usize>>,
    pub(super) general: Vec<usize>,
}

impl<'d> Speakers<'d> {
    pub(super) fn of(parts: &[Part<'d>]) -> Self {
        let (mut listing, mut general): (HashMap<&str, Vec<usize>>, _) = (HashMap::new(), Vec::new());
        for (at, part) in parts.iter().enumerate() {
            if !part.patterns.is_empty()
                || part.others().is_some()
                || part.node.get("propertyNames").is_some()
            {
                general.push(at);
            } else if let Some(entries) = part.node.get("properties").and_then(Node::entries) {
                let names = entries.iter().filter_map(|(key, _)| key.as_str());
                names.for_each(|name| listing.entry(name).or_default().push(at));
            }
        }
        Self { listing, general }
    }

    /// The positions of those that speak of `name`, in order.
    pub(super) fn of_field(&self, name: &str) -> Vec<usize> {
        let mut all = self.general.clone();
        all.extend(self.listing.get(name).into_iter().flatten());
        all.sort_unstable();
        all
    }
}

impl<'d> Part<'d> {
    /// What it says about fields that nothing else describes.
    pub(super) fn others(&self) -> Option<&'d Node> {
        self.node.get("additionalProperties").filter(|_| !self.is_loose)
    }

    /// Adds what this schema says about the field `name`.
    pub(super) fn about(&self, name: &str, entries: &mut Vec<Entry<'d>>) {
        let listed = self.node.get("properties").and_then(|properties| properties.get(name));
        let mut is_known = listed.is_some();
        entries.extend(listed.map(Entry::of));
        for (_, regex, schema) in &self.patterns {
            if regex.is_match(name) {
                entries.push(Entry::of(schema));
                is_known = true;
            }
        }
        if !is_known {
            entries.extend(self.others().map(Entry::of));
        }
    }
}

/// The demands on single fields, by their names.
pub(super) fn special<'d>(plain: &[Entry<'d>]) -> HashMap<&'d str, Vec<Entry<'d>>> {
    let mut special: HashMap<&str, Vec<Entry<'d>>> = HashMap::new();
    for entry in plain {
        if let Demand::Absent(name) | Demand::FieldNot(name, _) = entry.demand {
            special.entry(name).or_default().push(*entry);
        }
    }
    special
}
