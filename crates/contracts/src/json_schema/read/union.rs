//! Alternatives: `oneOf` and `anyOf`, and what other keywords come to: one of several demands has to hold.

use tenon_document::Node;

use super::{
    Reader, Schema,
    together::{Demand, Entry, Flat, address},
};

/// The most ways in which the alternatives of one value can be combined, and in which others lead to the same.
const MAX_WAYS: usize = 256;
/// How deep alternatives are put together with those inside of them, as conditions in the `else` of others are.
const MAX_CHOICES: usize = 48;

/// Alternatives, of which one has to hold.
#[derive(Debug, Clone)]
pub(super) struct Group<'d> {
    /// Where they stand.
    pub(super) node: &'d Node,
    /// The keyword that they stand in.
    pub(super) key: &'static str,
    /// What each demands.
    pub(super) ways: Vec<Vec<Demand<'d>>>,
    pub(super) spares_null: bool,
}

/// One alternative, as it was read.
pub(super) struct Variant<'d> {
    /// The schema itself, where the alternative is one.
    pub(super) node: Option<&'d Node>,
    pub(super) plain: Vec<Entry<'d>>,
    pub(super) schema: Schema,
}

impl Group<'_> {
    fn id(&self) -> (usize, &'static str) {
        (address(self.node), self.key)
    }
}

impl<'d> Reader<'d> {
    /// Collects the alternatives that `node` offers.
    pub(super) fn groups(&mut self, node: &'d Node, spares_null: bool, flat: &mut Flat<'d>) {
        for key in ["oneOf", "anyOf"] {
            let ways: Vec<_> =
                self.schemas(node, key).iter().map(|schema| vec![Demand::Schema(schema)]).collect();
            if !ways.is_empty() {
                flat.groups.push(Group { node, key, ways, spares_null });
            }
        }
        if let Some(condition) = node.get("not") {
            self.flatten_opposite(condition, spares_null, flat);
        }
        self.conditions(node, spares_null, flat);
        self.dependencies(node, spares_null, flat);
    }

    /// The shape of values that follow `flat`.
    pub(super) fn build(&mut self, mut flat: Flat<'d>, name: Option<&str>) -> Schema {
        let chosen = std::mem::take(&mut flat.chosen);
        flat.groups.retain(|group| !chosen.contains(&group.id()));
        flat.chosen = chosen;
        if flat.groups.is_empty() {
            return self.product(&flat.plain, name);
        }
        let ways = flat.groups.iter().fold(1usize, |ways, group| match group.ways.len() {
            // Alternatives that stand alone are as many as the contract names.
            _ if flat.groups.len() == 1 => 1,
            count => ways.saturating_mul(count),
        });
        let group = flat.groups.remove(0);
        if self.choices == 0 {
            self.expanded.clear();
        }
        let times = self.expanded.entry(group.id()).or_default();
        *times += 1;
        // What is not put together is judged on the value.
        if ways > MAX_WAYS || *times > MAX_WAYS || self.choices >= MAX_CHOICES {
            self.is_inexact = true;
            return self.product(&flat.plain, name);
        }
        flat.chosen.push(group.id());
        self.choices += 1;
        let schema = self.choose(&group, &flat, name);
        self.choices -= 1;
        schema
    }

    fn choose(&mut self, group: &Group<'d>, rest: &Flat<'d>, name: Option<&str>) -> Schema {
        let mut variants = Vec::with_capacity(group.ways.len());
        for way in &group.ways {
            self.parts = self.parts.saturating_add(1);
            let entries: Vec<Entry<'d>> =
                way.iter().map(|demand| Entry::new(*demand, group.spares_null)).collect();
            let mut alone = self.flatten(&entries);
            let schema = if self.adds_nothing(rest, &alone) {
                self.together(&entries, None)
            } else {
                let mut flat = rest.clone();
                for entry in &entries {
                    self.flatten_into(*entry, &mut flat, &mut Vec::new());
                }
                let name = entries
                    .iter()
                    .filter_map(Entry::node)
                    .find_map(|node| node.get("title"))
                    .and_then(Node::as_str);
                let mut schema = self.build(flat, name);
                schema.title = name.map(Into::into);
                schema
            };
            alone.plain.extend_from_slice(&rest.plain);
            let node = match &way[..] {
                [Demand::Schema(node)] => Some(*node),
                _ => None,
            };
            variants.push(Variant { node, plain: alone.plain, schema });
        }
        self.alternatives(group, variants, name)
    }

    /// Whether `rest` demands nothing that `alone` does not demand by itself: nothing at all, or only its type.
    fn adds_nothing(&mut self, rest: &Flat<'d>, alone: &Flat<'d>) -> bool {
        let is_type = |entry: &Entry<'_>| match entry.node() {
            Some(node) => node.entries().unwrap_or_default().iter().all(|(key, _)| {
                let name = key.as_str().unwrap_or_default();
                matches!(name, "type" | "oneOf" | "anyOf" | "$ref" | "allOf" | "discriminator")
                    || !super::check::asserts(name)
            }),
            None => false,
        };
        if !rest.groups.is_empty() || !rest.plain.iter().all(is_type) {
            return false;
        }
        let (types, is_stated) = self.types(&rest.plain);
        !is_stated || self.types(&alone.plain).0.is_within(types)
    }
}
