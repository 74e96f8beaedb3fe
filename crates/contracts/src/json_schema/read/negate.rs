//! The opposite of a schema, where it can be said in demands: `not`, `if` with `then` and `else`, and what a field brings with
//! it.

use tenon_document::{Node, Tree};

use super::{
    Reader,
    check::asserts,
    together::{Demand, Entry, Flat},
    types::Types,
    union::Group,
};

/// How deep opposites of opposites are followed.
const MAX_DEPTH: usize = 8;
/// The most ways in which the opposite of one schema can hold.
const MAX_WAYS: usize = 64;

/// The ways in which something holds: all demands of one of them.
type Ways<'d> = Vec<Vec<Demand<'d>>>;

impl<'d> Reader<'d> {
    /// Adds the opposite of `node` to what has to hold.
    pub(super) fn flatten_opposite(&mut self, node: &'d Node, spares_null: bool, flat: &mut Flat<'d>) {
        match self.opposite(node, MAX_DEPTH) {
            Some(mut ways) if ways.len() == 1 => {
                for demand in ways.remove(0) {
                    self.flatten_into(Entry::new(demand, spares_null), flat, &mut Vec::new());
                }
            }
            Some(ways) => flat.groups.push(Group { node, key: "not", ways, spares_null }),
            None => self.is_inexact = true,
        }
    }

    /// `if` with `then` and `else`: the condition and what follows from it, or its opposite and the other.
    pub(super) fn conditions(&mut self, node: &'d Node, spares_null: bool, flat: &mut Flat<'d>) {
        let Some(condition) = node.get("if") else { return };
        let (then, other) = (node.get("then"), node.get("else"));
        if then.is_none() && other.is_none() {
            let key = node.entry("if").map_or(condition, |(key, _)| key);
            return self.notes.add(
                key,
                "`if` asserts nothing without `then` or `else`",
                "add what follows, or remove it",
            );
        }
        let Some(opposite) = self.opposite(condition, MAX_DEPTH) else {
            self.is_inexact = true;
            return;
        };
        let mut ways = vec![[Some(condition), then].into_iter().flatten().map(Demand::Schema).collect()];
        ways.extend(opposite.into_iter().map(|mut way| {
            way.extend(other.map(Demand::Schema));
            way
        }));
        flat.groups.push(Group { node, key: "if", ways, spares_null });
    }

    /// What a field that is there asks of the rest of its object.
    pub(super) fn dependencies(&mut self, node: &'d Node, spares_null: bool, flat: &mut Flat<'d>) {
        for key in ["dependentRequired", "dependentSchemas", "dependencies"] {
            let Some(value) = node.get(key) else { continue };
            let Some(entries) = value.entries() else {
                self.wrong_kind(value, key, "an object");
                continue;
            };
            for (name, follows) in entries {
                let Some(field) = name.as_str() else { continue };
                let mut with = vec![Demand::Present(field)];
                let required = node.get("required").and_then(Node::as_list).unwrap_or_default();
                match follows.as_list() {
                    // What is there in any case need not be brought.
                    Some(names) if names.iter().all(|name| required.contains(name)) => continue,
                    Some(names) => with.extend(names.iter().filter_map(Node::as_str).map(Demand::Present)),
                    None if key == "dependentRequired" => self.wrong_kind(follows, key, "lists of names"),
                    None => with.push(Demand::Schema(follows)),
                }
                let others = Types::ALL.without(Types::OBJECT);
                let ways = vec![with, vec![Demand::Absent(field)], vec![Demand::Types(others)]];
                flat.groups.push(Group { node: follows, key, ways, spares_null });
            }
        }
    }

    /// The ways in which a value does not follow `node`; `None` if they cannot be said.
    fn opposite(&mut self, node: &'d Node, depth: usize) -> Option<Ways<'d>> {
        let depth = depth.checked_sub(1)?;
        match node.tree() {
            Tree::Bool(true) => return Some(vec![vec![Demand::Types(Types::NONE)]]),
            Tree::Bool(false) => return Some(vec![Vec::new()]),
            Tree::Map(_) => {}
            _ => return None,
        }
        if node.get("nullable").is_some() {
            return None;
        }
        if node.get("$ref").is_some() && !self.draft(node).has_ref_siblings() {
            let target = self.target(node)?;
            return self.opposite(target, depth);
        }
        let mut ways: Ways<'d> = Vec::new();
        let mut asserts_something = false;
        for (key, value) in node.entries().unwrap_or_default() {
            let name = key.as_str().filter(|name| asserts(name));
            let Some(name) = name else { continue };
            asserts_something = true;
            ways.extend(self.opposite_of(name, node, value, depth)?);
        }
        if !asserts_something {
            return Some(vec![vec![Demand::Types(Types::NONE)]]);
        }
        (ways.len() <= MAX_WAYS).then_some(ways)
    }

    fn opposite_of(&mut self, name: &str, node: &'d Node, value: &'d Node, depth: usize) -> Option<Ways<'d>> {
        Some(match name {
            "type" => {
                let types = self.types_of(node)?;
                vec![vec![Demand::Types(Types::ALL.without(types))]]
            }
            "const" => vec![vec![Demand::NoneOf(std::slice::from_ref(value))]],
            "enum" => vec![vec![Demand::NoneOf(value.as_list()?)]],
            "required" => {
                let names = value.as_list()?.iter().filter_map(Node::as_str);
                names.map(|name| vec![Demand::Absent(name)]).collect()
            }
            "properties" => {
                let entries = value.entries()?.iter();
                entries
                    .filter(|(_, schema)| *schema.tree() != Tree::Bool(true))
                    .filter_map(|(key, schema)| Some(vec![Demand::FieldNot(key.as_str()?, schema)]))
                    .collect()
            }
            "$ref" => {
                let target = self.target(node)?;
                self.opposite(target, depth)?
            }
            "not" => vec![vec![Demand::Schema(value)]],
            "allOf" => {
                let mut ways = Vec::new();
                for part in value.as_list()? {
                    ways.extend(self.opposite(part, depth)?);
                }
                ways
            }
            "anyOf" => {
                let mut ways: Ways<'d> = vec![Vec::new()];
                for part in value.as_list()? {
                    let more = self.opposite(part, depth)?;
                    if ways.len().saturating_mul(more.len()) > MAX_WAYS {
                        return None;
                    }
                    ways = ways
                        .iter()
                        .flat_map(|way| more.iter().map(|more| [way.as_slice(), more].concat()))
                        .collect();
                }
                ways
            }
            // The types beside it say the rest.
            "discriminator" => Vec::new(),
            _ => return None,
        })
    }
}
