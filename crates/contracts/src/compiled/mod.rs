//! A shape prepared for running: names followed, patterns compiled, fields with their keys, in one flat list.
//!
//! The decoders and the validator all run on this. A shape is compiled once per plan and never per message.

mod alike;
mod bounds;
mod classes;
mod compile;
mod fields;
mod members;
mod part;
mod pattern;
mod plain_pattern;
mod scalar;

use std::{borrow::Borrow, sync::Arc};

use tenon_model::{
    Format, Record, Shape, Str,
    same::begins_with,
    shape::{Choice, FloatRange, KeyKind, Length, Refinement},
};

use crate::{builder::Listed, violation::Failure};

pub(crate) use bounds::{Integers, check_decimal, check_float, check_integer, check_length};
pub(crate) use classes::Classes;
pub(crate) use compile::Undefined;
pub(crate) use fields::{ByFields, FEW};
pub(crate) use members::Members;
pub(crate) use pattern::{Pattern, compile as compile_pattern, translated};

/// The position of a [`Node`] in [`Compiled::nodes`].
pub(crate) type NodeId = usize;

/// A shape prepared for running.
#[derive(Debug)]
pub(crate) struct Compiled {
    nodes: Vec<Node>,
    pub(crate) root: NodeId,
}

/// What is checked at one position of the shape.
#[derive(Debug, Clone)]
pub(crate) struct Node {
    /// The shape itself, for its name in messages.
    pub(crate) shape: Shape,
    /// What is demanded of values beyond the check.
    pub(crate) refinements: Box<[Refinement]>,
    /// Whether null is allowed.
    pub(crate) nullable: bool,
    /// Which kinds of JSON value it can accept at all.
    pub(crate) classes: Classes,
    pub(crate) check: Check,
}

/// What a value has to be. The names are those of [`tenon_model::Kind`].
#[derive(Debug, Clone)]
pub(crate) enum Check {
    Any,
    Bool,
    Int(Integers),
    Float(FloatRange),
    Decimal(FloatRange),
    Text(TextCheck),
    Bytes(Length),
    Timestamp,
    Date,
    Time,
    LocalDateTime,
    Duration,
    Period,
    Uuid,
    Enum(Members),
    List { item: NodeId, length: Length, unique: bool },
    Map { key: KeyKind, value: NodeId, length: Length },
    Record(RecordCheck),
    Union(UnionCheck),
}

/// Constraints of text, ready to run.
#[derive(Debug, Clone)]
pub(crate) struct TextCheck {
    pub(crate) length: Length,
    /// The pattern as written and compiled.
    pub(crate) pattern: Option<(Str, Pattern)>,
    pub(crate) format: Option<Format>,
}

impl TextCheck {
    /// Whether every text is one of them.
    pub(crate) fn takes_all(&self) -> bool {
        self.length == Length::default() && self.pattern.is_none() && self.format.is_none()
    }
}

/// The fields of a record, ready to run.
#[derive(Debug, Clone)]
pub(crate) struct RecordCheck {
    /// In the order of the contract.
    pub(crate) fields: Vec<FieldCheck>,
    /// What other fields may be; `None` when there may be none.
    rest: Option<NodeId>,
    names: Option<NamesCheck>,
    /// How many fields there are, listed or not.
    pub(crate) length: Length,
    /// Fields of which only one may be there, by their positions.
    pub(crate) choices: Vec<ChoiceCheck>,
    /// How many of the fields are wanted.
    pub(crate) wanted: usize,
    /// Whether anybody wants fields that are not listed.
    pub(crate) wants_others: bool,
    record: Arc<Record>,
}

/// Fields of which only one may be there, ready to run.
#[derive(Debug, Clone)]
pub(crate) struct ChoiceCheck {
    choice: Choice,
    positions: Vec<usize>,
}

impl ChoiceCheck {
    /// Checks which of the fields are there.
    pub(crate) fn check(&self, is_there: impl Fn(usize) -> bool) -> Result<(), Failure> {
        let mut there = self.positions.iter().zip(&self.choice.fields).filter(|(at, _)| is_there(**at));
        match (there.next(), there.next()) {
            (Some((_, one)), Some((_, other))) => Err(Failure::Bounds(format!(
                "has both `{one}` and `{other}`, of which only one may be there"
            ))),
            (None, _) if self.choice.is_required => {
                let names = self.choice.fields.join("`, `");
                Err(Failure::Bounds(format!("has none of `{names}`, one of which is required")))
            }
            _ => Ok(()),
        }
    }
}

/// What fields beyond the listed ones may be by their names, ready to run.
#[derive(Debug, Clone)]
struct NamesCheck {
    patterns: Vec<(Pattern, NodeId)>,
    others: Option<NodeId>,
}

/// One field of a record, ready to run.
#[derive(Debug, Clone)]
pub(crate) struct FieldCheck {
    pub(crate) listed: Listed,
    pub(crate) node: NodeId,
    /// Whether its content must not appear in messages.
    pub(crate) hidden: bool,
    /// Its name and the colon as most JSON has them; empty where the name needs escapes.
    pub(crate) written: Box<str>,
}

impl FieldCheck {
    pub(crate) fn name(&self) -> &str {
        self.listed.name()
    }
}

impl Borrow<Listed> for FieldCheck {
    #[inline]
    fn borrow(&self) -> &Listed {
        &self.listed
    }
}

impl RecordCheck {
    /// The field at `hint`, if `text` goes on with its name and a colon, as most records do that come in the order of their
    /// contract.
    #[inline]
    pub(crate) fn written_at(&self, hint: usize, text: &[u8]) -> Option<&FieldCheck> {
        let field = self.fields.get(hint)?;
        (!field.written.is_empty() && begins_with(text, field.written.as_bytes())).then_some(field)
    }

    /// The position of field `name`, looked for at `hint` first: most records come in the order of their contract.
    #[inline]
    pub(crate) fn position(&self, hint: usize, name: &str) -> Option<usize> {
        match self.fields.get(hint) {
            Some(field) if field.name() == name => Some(hint),
            _ => self.record.field(name).map(|(position, _)| position),
        }
    }

    /// What a field `name` that is not listed has to be; `None` if there may be none.
    pub(crate) fn other(&self, name: &str) -> Option<NodeId> {
        let Some(names) = &self.names else { return self.rest };
        let matching = names.patterns.iter().find(|(pattern, _)| pattern.is_match(name));
        matching.map_or(names.others, |(_, node)| Some(*node))
    }

    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.fields.iter().map(FieldCheck::name)
    }
}

/// The variants of a union, ready to run.
#[derive(Debug, Clone)]
pub(crate) struct UnionCheck {
    /// The field that tells which variant it is, and whether its content must not appear in messages.
    pub(crate) tag: Option<Str>,
    pub(crate) variants: Vec<(Str, NodeId)>,
    /// Whether all variants that fit a value read it alike.
    pub(crate) alike: bool,
    /// Where they are many, which of them an object can be by its fields.
    pub(crate) by_fields: Option<Box<ByFields>>,
}

impl UnionCheck {
    /// The variant of tag value `name`.
    pub(crate) fn variant(&self, name: &str) -> Option<NodeId> {
        self.variants.iter().find(|(variant, _)| variant == name).map(|(_, node)| *node)
    }

    /// The tag values, for messages.
    pub(crate) fn names(&self) -> String {
        let names: Vec<_> = self.variants.iter().take(10).map(|(name, _)| format!("{name:?}")).collect();
        names.join(", ")
    }
}

impl Compiled {
    /// Whether anything is demanded beyond kinds.
    pub(crate) fn is_refined(&self) -> bool {
        self.nodes.iter().any(|node| !node.refinements.is_empty())
    }

    #[inline]
    pub(crate) fn node(&self, id: NodeId) -> &Node {
        &self.nodes[id]
    }
}
