//! Lists: `array` and its items.

use std::sync::Arc;

use tenon_document::{Node, Tree};
use tenon_model::{Kind, Shape, shape::List};

use super::{Reader, Schema, together::Entry};

impl<'d> Reader<'d> {
    pub(super) fn list(&mut self, plain: &[Entry<'d>]) -> Schema {
        let mut length = self.length(plain, "minItems", "maxItems");
        let mut unique = false;
        let mut items: Vec<Entry<'d>> = Vec::new();
        for node in plain.iter().filter_map(Entry::node) {
            unique |= self.flag(node, "uniqueItems");
            for item in self.items(node, &mut length.max) {
                items.push(Entry::of(item));
            }
        }
        let mut item = self.together(&items, None);
        if item.shape.is_never() {
            // Only a list without items has none of these.
            if length.min.is_some_and(|min| min > 0) {
                return Schema::never();
            }
            item = Schema::of(Shape::ANY);
            length.max = Some(0);
        }
        if length.max.is_some_and(|max| length.min.is_some_and(|min| min > max)) {
            return Schema::never();
        }
        let list = List { item: item.shape, length, unique };
        Schema { sensitivity: item.sensitivity, ..Schema::of(Shape::of(Kind::List(Arc::new(list)))) }
    }

    /// What every item has to be by this schema. Where each position has a schema of its own, only those that come to one for
    /// all can be told.
    fn items(&mut self, node: &'d Node, most: &mut Option<u64>) -> Vec<&'d Node> {
        let (first, rest) = match (node.get("prefixItems"), node.get("items")) {
            (Some(first), rest) => (first, rest),
            (None, Some(items)) if items.as_list().is_some() => (items, node.get("additionalItems")),
            (None, items) => return items.into_iter().collect(),
        };
        let Some(first_items) = first.as_list() else {
            self.wrong_kind(first, "prefixItems", "a list of schemas");
            return Vec::new();
        };
        let is_closed = rest.is_some_and(|rest| *rest.tree() == Tree::Bool(false));
        let count = first_items.len() as u64;
        let others = if is_closed {
            *most = Some(most.map_or(count, |most| most.min(count)));
            None
        } else {
            Some(rest)
        };
        // Positions that the length rules out do not count.
        let reach = usize::try_from(most.unwrap_or(u64::MAX)).unwrap_or(usize::MAX);
        let within = &first_items[..first_items.len().min(reach)];
        let has_others = reach > within.len();
        let same = within.iter().all(|item| Some(item) == within.first());
        let others_are_same = match others {
            Some(rest) if has_others => rest.is_some_and(|rest| Some(rest) == within.first()),
            _ => true,
        };
        if !(same && others_are_same) {
            let message =
                "each position of the list has a schema of its own (a tuple), which is not supported"
                    .to_owned();
            self.unsupported(first, message, "describe all items by one schema, or use an object");
        }
        within.first().into_iter().collect()
    }
}
