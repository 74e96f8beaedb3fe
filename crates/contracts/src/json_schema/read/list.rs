//! Lists: `array` and its items.

use std::sync::Arc;

use tenon_document::{Node, Tree};
use tenon_model::{
    Kind, Shape, Str,
    shape::{List, Union},
};

use super::{Reader, Schema, together::Entry, types::or_null};

impl<'d> Reader<'d> {
    pub(super) fn list(&mut self, plain: &[Entry<'d>]) -> Schema {
        let mut length = self.length(plain, "minItems", "maxItems");
        let mut unique = false;
        let mut items: Vec<Entry<'d>> = Vec::new();
        let mut tuples: Vec<Vec<&'d Node>> = Vec::new();
        for node in plain.iter().filter_map(Entry::node) {
            unique |= self.flag(node, "uniqueItems");
            for item in self.items(node, &mut length.max, &mut tuples) {
                items.push(Entry::of(item));
            }
        }
        let mut item = match &tuples[..] {
            [tuple] if items.is_empty() => self.any_of(tuple),
            _ => self.together(&items, None),
        };
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

    /// What every item has to be by this schema. Where each position has a schema of its own, an item is one of them: they are
    /// added to `tuples`.
    fn items(
        &mut self,
        node: &'d Node,
        most: &mut Option<u64>,
        tuples: &mut Vec<Vec<&'d Node>>,
    ) -> Vec<&'d Node> {
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
            self.is_inexact = true;
            // What nothing is said about may be anything, and so may an item.
            if !has_others || others.is_some_and(|rest| rest.is_some()) || is_closed {
                let rest = if has_others { others.flatten() } else { None };
                tuples.push(within.iter().chain(rest).collect());
            }
            return Vec::new();
        }
        within.first().into_iter().collect()
    }

    /// What follows one of the schemas.
    fn any_of(&mut self, nodes: &[&'d Node]) -> Schema {
        let mut variants: Vec<(Str, Shape)> = Vec::new();
        let mut sensitivity = None;
        let mut nullable = false;
        for node in nodes {
            let schema = self.schema(node, None);
            sensitivity = sensitivity.max(schema.sensitivity);
            if schema.shape.kind == Kind::Any {
                return Schema { sensitivity, ..Schema::of(Shape::ANY) };
            }
            nullable |= schema.shape.nullable;
            let shape = schema.shape.non_null();
            if !shape.is_never() && !variants.iter().any(|(_, other)| *other == shape) {
                variants.push((Str::from(shape.name()), shape));
            }
        }
        let shape = match variants.len() {
            0 => Shape::never(),
            1 => variants.remove(0).1,
            _ => Shape::of(Kind::Union(Arc::new(Union { tag: None, variants }))),
        };
        let shape = if nullable { or_null(shape) } else { shape };
        Schema { sensitivity, ..Schema::of(shape) }
    }
}
