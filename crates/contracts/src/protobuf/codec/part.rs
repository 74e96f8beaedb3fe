//! Which fields of messages somebody wants: the others are held against the contract, and not built.

use tenon_model::Str;

use crate::protobuf::definitions::{Cardinality, Definitions, Field, Message, Type};

/// What is wanted of a value.
#[derive(Debug)]
pub(super) enum Want {
    All,
    Nothing,
    Part(Box<Part>),
}

/// What is wanted of a message.
#[derive(Debug)]
pub(super) struct Part {
    /// Its fields, of which those are marked that nobody wants.
    fields: Vec<Field>,
    /// What is wanted of each.
    below: Vec<Want>,
    has_unknown: bool,
}

pub(super) static ALL: Want = Want::All;

impl Want {
    /// What `paths` lead to in the message of this number, and what is in that. Lists are passed through; maps and messages with a meaning
    /// of their own are read whole. As deep as the paths are.
    pub(super) fn of(definitions: &Definitions, message: usize, paths: &[&[Str]]) -> Self {
        let message = &definitions.messages[message];
        if paths.iter().any(|path| path.is_empty()) || message.well_known.is_some() {
            return Self::All;
        }
        let below = |name: &str| -> Vec<&[Str]> {
            let split = paths.iter().filter_map(|path| path.split_first());
            split.filter(|(first, _)| *first == name).map(|(_, rest)| rest).collect()
        };
        let of_field = |field: &Field| match (field.cardinality, field.ty, &below(&field.name)[..]) {
            (_, _, []) => Self::Nothing,
            (Cardinality::Map(_), ..) | (_, Type::Scalar(_) | Type::Enum(_), _) => Self::All,
            (_, Type::Message(id) | Type::Group(id), paths) => Self::of(definitions, id, paths),
        };
        let (mut fields, wants): (Vec<Field>, Vec<Self>) =
            message.fields.iter().map(|field| (field.clone(), of_field(field))).unzip();
        for (field, want) in fields.iter_mut().zip(&wants) {
            field.listed.is_wanted = want.is_built();
        }
        let has_unknown = !below(message.unknown.as_str().unwrap_or_default()).is_empty();
        Self::Part(Box::new(Part { fields, below: wants, has_unknown }))
    }

    /// Whether anything is.
    pub(super) fn is_built(&self) -> bool {
        !matches!(self, Self::Nothing)
    }

    /// What is wanted of the field at `position`.
    #[inline]
    pub(super) fn at(&self, position: usize) -> &Self {
        if let Self::Part(part) = self { &part.below[position] } else { self }
    }

    /// The fields of `message`.
    #[inline]
    pub(super) fn fields<'m>(&'m self, message: &'m Message) -> &'m [Field] {
        if let Self::Part(part) = self { &part.fields } else { &message.fields }
    }

    /// Whether what the contract does not know is wanted.
    pub(super) fn has_unknown(&self) -> bool {
        if let Self::Part(part) = self { part.has_unknown } else { true }
    }
}
