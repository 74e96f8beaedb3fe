//! The names that an expression may use, and the values they have on one message.

use std::{collections::BTreeMap, sync::Arc};

use tenon_model::{Shape, Str, Value};

use crate::{
    Type,
    check::{self, Fact},
    messages::MessageTypes,
    types::{Ty, enumerations},
};

/// The names an expression may use, in order; the position of a name is its slot in a [`Frame`].
#[derive(Debug, Clone, Default)]
pub struct Scope {
    entries: Vec<Entry>,
    /// What is known of their values.
    facts: Vec<Fact>,
    /// The message types that expressions may name.
    types: Option<Arc<dyn MessageTypes>>,
    /// The contracts whose objects expressions may make, by the names that they have there.
    contracts: Option<Arc<BTreeMap<Str, Shape>>>,
    /// The namespace that names are looked for in first.
    container: Str,
}

#[derive(Debug, Clone)]
struct Entry {
    name: Str,
    ty: Type,
    /// The message type that its values are of.
    message: Option<Str>,
    /// Whether it was made from what a contract calls personal or secret.
    hidden: bool,
}

impl Scope {
    /// No names.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// This scope with one more name, in the next slot. A later name hides an equal earlier one.
    #[must_use]
    pub fn with(&self, name: impl Into<Str>, ty: Type) -> Self {
        let mut entries = self.entries.clone();
        entries.push(Entry { name: name.into(), ty, message: None, hidden: false });
        Self { entries, ..self.clone() }
    }

    /// This scope with one more name, in the next slot, of messages of the type `message`.
    #[must_use]
    pub fn with_message(&self, name: impl Into<Str>, message: impl Into<Str>) -> Self {
        let mut scope = self.with(name, Type::of(Shape::ANY));
        if let Some(entry) = scope.entries.last_mut() {
            entry.message = Some(message.into());
        }
        scope
    }

    /// This scope with the message types of a host.
    #[must_use]
    pub fn with_types(self, types: Arc<dyn MessageTypes>) -> Self {
        Self { types: Some(types), ..self }
    }

    /// This scope where `name{field: value}` makes an object of the contract that is called so, and `name.Type{field: value}` one
    /// of a type that it names.
    #[must_use]
    pub fn with_contracts(self, contracts: Arc<BTreeMap<Str, Shape>>) -> Self {
        Self { contracts: Some(contracts), ..self }
    }

    /// The contract, or the type of one, that is called `name`.
    pub(crate) fn contract(&self, name: &str) -> Option<Shape> {
        let contracts = self.contracts.as_ref()?;
        if let Some(shape) = contracts.get(name) {
            return Some(shape.clone());
        }
        // The names of types may have dots as well.
        let splits = name.match_indices('.').map(|(at, _)| (&name[..at], &name[at + 1..]));
        splits.rev().find_map(|(contract, ty)| enumerations::record(contracts.get(contract)?, ty))
    }

    /// What the contracts are called whose objects expressions may make.
    pub(crate) fn contract_names(&self) -> impl Iterator<Item = &str> {
        self.contracts.iter().flat_map(|contracts| contracts.keys()).map(Str::as_str)
    }

    /// This scope where names are looked for in the namespace `container` first, then in those around it (cel-spec
    /// `langdef.md`, "Name Resolution").
    #[must_use]
    pub fn within(self, container: impl Into<Str>) -> Self {
        Self { container: container.into(), ..self }
    }

    /// The message types that expressions may name.
    pub(crate) fn types(&self) -> Option<&Arc<dyn MessageTypes>> {
        self.types.as_ref()
    }

    /// What `name` may stand for, the likeliest first: `a.b.name`, `a.name` and `name` within `a.b`.
    pub(crate) fn candidates<'n>(&'n self, name: &'n str, rooted: bool) -> impl Iterator<Item = Str> + 'n {
        let container = if rooted { "" } else { self.container.as_str() };
        let around = std::iter::successors(Some(container).filter(|all| !all.is_empty()), |inner| {
            inner.rsplit_once('.').map(|(outer, _)| outer)
        });
        around.map(move |prefix| Str::from(format!("{prefix}.{name}"))).chain([Str::new(name)])
    }

    /// What the values of the names are.
    pub(crate) fn shapes(&self) -> impl Iterator<Item = &Shape> {
        self.entries.iter().map(|entry| &entry.ty.shape)
    }

    /// Slot and type of what `name` stands for.
    pub(crate) fn resolve(&self, name: &str, rooted: bool) -> Option<(usize, Ty)> {
        if self.container.is_empty() {
            return self.typed(name);
        }
        self.candidates(name, rooted).find_map(|name| self.typed(&name))
    }

    fn typed(&self, name: &str) -> Option<(usize, Ty)> {
        let (slot, ty) = self.lookup(name)?;
        Some((slot, self.entries[slot].message.clone().map_or_else(|| Ty::from(ty), Ty::Message)))
    }

    /// This scope where `condition`, an expression that compiles in it, has turned out as `truth`: what is compiled in it
    /// knows what the branches of a conditional would.
    #[must_use]
    pub fn knowing(&self, condition: &str, truth: bool) -> Self {
        let mut scope = self.clone();
        for fact in check::learned(condition, self, truth) {
            if !scope.facts.contains(&fact) {
                scope.facts.push(fact);
            }
        }
        scope
    }

    /// What is known of the values of its names.
    pub(crate) fn facts(&self) -> &[Fact] {
        &self.facts
    }

    /// Slot and type of `name`.
    #[must_use]
    pub fn lookup(&self, name: &str) -> Option<(usize, &Type)> {
        let slot = self.entries.iter().rposition(|entry| entry.name == name)?;
        Some((slot, &self.entries[slot].ty))
    }

    /// The type of the name in `slot`.
    #[must_use]
    pub fn at(&self, slot: usize) -> Option<&Type> {
        self.entries.get(slot).map(|entry| &entry.ty)
    }

    /// The value in `slot` was made from what a contract calls personal or secret.
    pub fn hide(&mut self, slot: usize) {
        if let Some(entry) = self.entries.get_mut(slot) {
            entry.hidden = true;
        }
    }

    /// Whether the value in `slot` was made from what a contract calls personal or secret.
    #[must_use]
    pub fn is_hidden(&self, slot: usize) -> bool {
        self.entries.get(slot).is_some_and(|entry| entry.hidden)
    }

    /// The names, by slot.
    pub fn names(&self) -> impl ExactSizeIterator<Item = &Str> {
        self.entries.iter().map(|entry| &entry.name)
    }

    /// The number of slots.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there are no names.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }
}

/// What the variables are on one message.
#[derive(Debug, Clone, PartialEq)]
pub struct Frame {
    /// The values by slot. A variable that is not there (of an optional type, or a nullable one) is null.
    pub values: Vec<Value>,
    /// What `now()` gives: the same throughout one message.
    pub now: jiff::Timestamp,
    /// The message that the values are of.
    pub message: Message,
}

/// What tells a message from every other, and stays the same however often the message is processed: `uuid()` and
/// `uuid7()` are derived from it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// The flow that processes it.
    pub flow: Str,
    /// Unique among the messages of the flow.
    pub id: Str,
    /// Its number among the parts that a message was split into; 0 for a whole one.
    pub part: u32,
    /// When it came into being.
    pub time: jiff::Timestamp,
}

impl Frame {
    /// A frame of `values` by slot, of no message in particular.
    #[must_use]
    pub fn new(values: Vec<Value>, now: jiff::Timestamp) -> Self {
        Self {
            values,
            now,
            message: Message { flow: Str::default(), id: Str::default(), part: 0, time: now },
        }
    }

    /// The same frame for a part of the message.
    #[must_use]
    pub fn part(&self, part: u32) -> Self {
        let mut frame = self.clone();
        frame.message.part = part;
        frame
    }

    /// The same frame, of this message.
    #[must_use]
    pub fn of(self, flow: Str, id: Str, time: jiff::Timestamp) -> Self {
        Self { message: Message { flow, id, part: 0, time }, ..self }
    }
}
