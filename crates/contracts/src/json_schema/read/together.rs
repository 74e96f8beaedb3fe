//! Everything that one value has to follow at once: a schema, what it refers to, and what stands in its `allOf`.

use std::collections::HashSet;

use tenon_document::{Node, Tree};

use super::{Reader, types::Types, union::Group};

/// One demand on a value, among others.
#[derive(Debug, Clone, Copy)]
pub(super) struct Entry<'d> {
    pub(super) demand: Demand<'d>,
    /// Whether null passes it whatever it says: it stands inside a schema that is `nullable`.
    pub(super) spares_null: bool,
}

/// What is demanded.
#[derive(Debug, Clone, Copy)]
pub(super) enum Demand<'d> {
    /// What the keywords of this schema say.
    Schema(&'d Node),
    /// The opposite of what this schema says.
    Not(&'d Node),
    /// A value of one of these types.
    Types(Types),
    /// None of these values.
    NoneOf(&'d [Node]),
    /// An object without the field of this name.
    Absent(&'d str),
    /// An object with the field of this name.
    Present(&'d str),
    /// An object whose field of this name is not what the schema says.
    FieldNot(&'d str, &'d Node),
}

/// What tells a demand from others.
type EntryKey = (u8, usize, usize, bool);

/// What is followed together, in any order.
pub(super) type Key = Vec<EntryKey>;

impl<'d> Entry<'d> {
    pub(super) fn of(node: &'d Node) -> Self {
        Self::new(Demand::Schema(node), false)
    }

    pub(super) fn new(demand: Demand<'d>, spares_null: bool) -> Self {
        Self { demand, spares_null }
    }

    /// The schema, if it is one.
    pub(super) fn node(&self) -> Option<&'d Node> {
        if let Demand::Schema(node) = self.demand { Some(node) } else { None }
    }

    fn key(&self) -> EntryKey {
        let (kind, one, other) = match self.demand {
            Demand::Schema(node) => (0, address(node), 0),
            Demand::Not(node) => (1, address(node), 0),
            Demand::Types(types) => (2, usize::from(types.0), 0),
            Demand::NoneOf(nodes) => (3, nodes.as_ptr().addr(), nodes.len()),
            Demand::Absent(name) => (4, name.as_ptr().addr(), 0),
            Demand::Present(name) => (5, name.as_ptr().addr(), 0),
            Demand::FieldNot(name, node) => (6, name.as_ptr().addr(), address(node)),
        };
        (kind, one, other, self.spares_null)
    }
}

/// What tells a schema from an equal one.
pub(super) fn address(node: &Node) -> usize {
    std::ptr::from_ref(node).addr()
}

pub(super) fn key(entries: &[Entry<'_>]) -> Key {
    let mut key: Key = entries.iter().map(Entry::key).collect();
    key.sort_unstable();
    key.dedup();
    key
}

/// The demands of some schemas, taken apart.
#[derive(Debug, Clone, Default)]
pub(super) struct Flat<'d> {
    /// What has to hold in any case.
    pub(super) plain: Vec<Entry<'d>>,
    /// Of each of these, one alternative has to hold.
    pub(super) groups: Vec<Group<'d>>,
    /// The groups of which an alternative was chosen.
    pub(super) chosen: Vec<(usize, &'static str)>,
    /// What tells the first of `plain` apart, where they are many.
    keys: HashSet<EntryKey>,
    counted: usize,
}

/// From so many demands on, they are looked up.
const MANY: usize = 32;

impl Flat<'_> {
    /// Whether it demands this already.
    fn has(&mut self, key: EntryKey) -> bool {
        if self.plain.len() < MANY {
            return self.plain.iter().any(|entry| entry.key() == key);
        }
        self.keys.extend(self.plain[self.counted..].iter().map(Entry::key));
        self.counted = self.plain.len();
        self.keys.contains(&key)
    }
}

impl<'d> Reader<'d> {
    /// Takes `entries` apart.
    pub(super) fn flatten(&mut self, entries: &[Entry<'d>]) -> Flat<'d> {
        let mut flat = Flat::default();
        for entry in entries {
            self.flatten_into(*entry, &mut flat, &mut Vec::new());
        }
        flat
    }

    pub(super) fn flatten_into(&mut self, entry: Entry<'d>, flat: &mut Flat<'d>, around: &mut Vec<usize>) {
        let node = match entry.demand {
            Demand::Schema(node) => node,
            Demand::Not(node) => return self.flatten_opposite(node, entry.spares_null, flat),
            _ => return flat.plain.push(entry),
        };
        match node.tree() {
            Tree::Bool(true) => {}
            Tree::Bool(false) => flat.plain.push(Entry::new(Demand::Types(Types::NONE), entry.spares_null)),
            Tree::Map(_) => self.flatten_object(node, entry.spares_null, flat, around),
            _ => self.not_a_schema(node),
        }
    }

    fn flatten_object(
        &mut self,
        node: &'d Node,
        spares_null: bool,
        flat: &mut Flat<'d>,
        around: &mut Vec<usize>,
    ) {
        let known = Entry::new(Demand::Schema(node), spares_null).key();
        let is_known = flat.has(known);
        if around.contains(&address(node)) {
            let message = "this schema refers to itself with nothing in between".to_owned();
            return self.bad(node, message, "refer to what is meant, or remove the reference");
        }
        // A chain of schemas without anything in between is as deep as one of parts.
        if is_known || !self.spend(1, node) || self.is_too_deep(self.nesting, node) {
            return;
        }
        self.check_keywords(node);
        self.is_inexact |= self.has_residue(node);
        let spares_null = spares_null || self.is_nullable(node);
        around.push(address(node));
        self.nesting += 1;
        if node.get("$ref").is_some()
            && let Some(target) = self.target(node)
        {
            self.flatten_into(Entry::new(Demand::Schema(target), spares_null), flat, around);
        }
        if node.get("$ref").is_none() || self.draft(node).has_ref_siblings() {
            flat.plain.push(Entry::new(Demand::Schema(node), spares_null));
            for part in self.schemas(node, "allOf") {
                self.flatten_into(Entry::new(Demand::Schema(part), spares_null), flat, around);
            }
            self.groups(node, spares_null, flat);
        }
        self.nesting -= 1;
        around.pop();
    }

    pub(super) fn not_a_schema(&mut self, node: &Node) {
        let message = format!("a schema is an object, and this is {}", node.kind_name());
        self.bad(node, message, "write an object such as { \"type\": \"string\" }");
    }

    /// The schemas that the list at `key` holds, at least one.
    pub(super) fn schemas(&mut self, node: &'d Node, key: &str) -> &'d [Node] {
        let Some(value) = node.get(key) else { return &[] };
        match value.as_list() {
            Some(nodes) if !nodes.is_empty() => nodes,
            _ => {
                self.wrong_kind(value, key, "a list of schemas");
                &[]
            }
        }
    }

    /// Whether the schema is `nullable`, as OpenAPI 3.0 says it.
    pub(super) fn is_nullable(&mut self, node: &'d Node) -> bool {
        self.flag(node, "nullable")
    }
}
