//! What a set of `.proto` files defines, with what only Protobuf knows: the numbers of fields, how they lie on the wire, services.

use std::{borrow::Borrow, collections::HashMap, sync::Arc};

use tenon_errors::Place;
use tenon_model::{Key, Str, Value, shape::KeyKind};

use crate::{builder::Listed, format::Effect};

/// Messages, enumerations and services, which refer to each other by number.
#[derive(Debug, Default)]
pub struct Definitions {
    /// The messages of all files.
    pub messages: Vec<Message>,
    /// The enumerations of all files.
    pub enums: Vec<Enum>,
    /// The services of the file that was read.
    pub services: Vec<Service>,
    pub(crate) by_name: HashMap<Str, usize>,
    /// Where the messages of the file that was read stand in it: the position among the messages at its top, then among those
    /// inside of that one, and so on.
    pub(crate) paths: HashMap<usize, Vec<u32>>,
}

impl Definitions {
    /// The message of this full name, such as `shop.v1.Order`, and its number.
    #[must_use]
    pub fn message(&self, name: &str) -> Option<(usize, &Message)> {
        let id = *self.by_name.get(name)?;
        Some((id, &self.messages[id]))
    }
}

/// A message type.
#[derive(Debug)]
pub struct Message {
    /// Its full name: `shop.v1.Order`.
    pub name: Str,
    /// Its fields in the order of the file, then the extensions that the files know.
    pub fields: Vec<Field>,
    /// The choices among its fields.
    pub oneofs: Vec<Oneof>,
    /// What it stands for, where Protobuf gives it a meaning of its own.
    pub well_known: Option<WellKnown>,
    /// Under which name a record holds what the contract does not know, as it lay on the wire.
    pub unknown: Key,
    pub(crate) numbers: Numbers,
    /// Positions of fields by their names, and by those in JSON.
    pub(crate) positions: HashMap<Str, usize>,
}

impl Message {
    /// Prepares what is looked for in each value, once the fields are complete.
    pub(crate) fn index(&mut self) {
        self.numbers = Numbers::of(&self.fields);
        let names = self.fields.iter().map(|field| &field.name).enumerate();
        let json_names = self.fields.iter().map(|field| &field.json_name).enumerate();
        for (at, name) in names.chain(json_names) {
            self.positions.entry(name.clone()).or_insert(at);
        }
    }

    /// The position of the field that a record calls `name`; `next` is looked at first.
    pub(crate) fn position(&self, next: usize, name: &Key) -> Option<usize> {
        if self.fields.get(next).is_some_and(|field| field.listed.key == *name) {
            return Some(next);
        }
        let at = *self.positions.get(name.as_str()?)?;
        (self.fields[at].listed.key == *name).then_some(at)
    }
}

/// Positions of fields by their numbers.
#[derive(Debug, Default)]
pub(crate) struct Numbers {
    /// In the order of the numbers.
    pub(crate) sorted: Vec<(u32, usize)>,
    /// The position plus one by number, as far as numbers are small.
    dense: Vec<u16>,
}

/// Numbers below this are found without a search.
const DENSE: u32 = 64;

impl Numbers {
    pub(crate) fn of(fields: &[Field]) -> Self {
        let mut sorted: Vec<_> = fields.iter().enumerate().map(|(at, field)| (field.number, at)).collect();
        sorted.sort_unstable();
        let small = sorted.iter().map(|(number, _)| *number).filter(|number| *number < DENSE).max();
        let mut dense = vec![0; small.map_or(0, |most| most as usize + 1)];
        for (number, at) in &sorted {
            if let (Some(place), Ok(at)) = (dense.get_mut(*number as usize), u16::try_from(at + 1)) {
                *place = at;
            }
        }
        Self { sorted, dense }
    }

    pub(crate) fn position(&self, number: u32) -> Option<usize> {
        match self.dense.get(number as usize) {
            Some(0) | None => {
                let found = self.sorted.binary_search_by_key(&number, |(number, _)| *number).ok()?;
                Some(self.sorted[found].1)
            }
            Some(at) => Some(usize::from(*at) - 1),
        }
    }
}

/// A field of a message, or an extension of it.
#[derive(Debug, Clone)]
pub struct Field {
    /// Its name in records: as in the file; `[shop.v1.priority]` for an extension.
    pub name: Str,
    /// Its name in JSON: `orderId`.
    pub json_name: Str,
    /// Its number on the wire.
    pub number: u32,
    /// What one value is.
    pub ty: Type,
    /// How many values there are.
    pub cardinality: Cardinality,
    /// What an absent field stands for, where that is a value.
    pub default: Option<Value>,
    /// The position of the oneof that it belongs to.
    pub oneof: Option<usize>,
    /// Whether the contract warns that it will go.
    pub is_deprecated: bool,
    /// What it stands for.
    pub doc: Option<Str>,
    /// Its name as a key, and what its absence means.
    pub(crate) listed: Listed,
}

impl Borrow<Listed> for Field {
    #[inline]
    fn borrow(&self) -> &Listed {
        &self.listed
    }
}

/// Fields of which only the one that was written last is there.
#[derive(Debug, Clone)]
pub struct Oneof {
    /// What it is called.
    pub name: Str,
    /// The positions of its fields.
    pub fields: Vec<usize>,
}

/// How many values a field has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cardinality {
    /// One, or none.
    Optional,
    /// One, which is not written where it is zero or empty.
    Implicit,
    /// One.
    Required,
    /// Any number, in one block or one by one.
    Repeated {
        /// Whether they are written in one block.
        is_packed: bool,
    },
    /// Any number, by keys of this type.
    Map(Scalar),
}

/// What a value is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Type {
    /// A number, a bool, text or octets.
    Scalar(Scalar),
    /// A member of the enumeration of this number.
    Enum(usize),
    /// The message of this number, after its length.
    Message(usize),
    /// The message of this number, between a start and an end.
    Group(usize),
}

/// The scalar types.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "the names are those of Protobuf")]
pub enum Scalar {
    Double,
    Float,
    Int32,
    Int64,
    Uint32,
    Uint64,
    Sint32,
    Sint64,
    Fixed32,
    Fixed64,
    Sfixed32,
    Sfixed64,
    Bool,
    String,
    Bytes,
}

impl Scalar {
    /// Every scalar with its name in `.proto` files.
    pub const ALL: &[(Scalar, &'static str)] = &[
        (Self::Double, "double"),
        (Self::Float, "float"),
        (Self::Int32, "int32"),
        (Self::Int64, "int64"),
        (Self::Uint32, "uint32"),
        (Self::Uint64, "uint64"),
        (Self::Sint32, "sint32"),
        (Self::Sint64, "sint64"),
        (Self::Fixed32, "fixed32"),
        (Self::Fixed64, "fixed64"),
        (Self::Sfixed32, "sfixed32"),
        (Self::Sfixed64, "sfixed64"),
        (Self::Bool, "bool"),
        (Self::String, "string"),
        (Self::Bytes, "bytes"),
    ];

    /// The scalar of this name.
    #[must_use]
    pub fn of_name(name: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, known)| *known == name).map(|(scalar, _)| *scalar)
    }

    /// Its name in `.proto` files.
    #[must_use]
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(scalar, _)| *scalar == self).map_or("", |(_, name)| name)
    }

    /// The least and the greatest integer; `None` where it is no integer.
    #[must_use]
    pub fn bounds(self) -> Option<(i128, i128)> {
        match self {
            Self::Int32 | Self::Sint32 | Self::Sfixed32 => Some((i32::MIN.into(), i32::MAX.into())),
            Self::Int64 | Self::Sint64 | Self::Sfixed64 => Some((i64::MIN.into(), i64::MAX.into())),
            Self::Uint32 | Self::Fixed32 => Some((0, u32::MAX.into())),
            Self::Uint64 | Self::Fixed64 => Some((0, u64::MAX.into())),
            _ => None,
        }
    }

    /// What keys of a map of this type are; `None` where they cannot be.
    #[must_use]
    pub fn key(self) -> Option<KeyKind> {
        match self {
            Self::Bool => Some(KeyKind::Bool),
            Self::String => Some(KeyKind::Text),
            Self::Uint32 | Self::Uint64 | Self::Fixed32 | Self::Fixed64 => Some(KeyKind::Uint),
            other => other.bounds().map(|_| KeyKind::Int),
        }
    }

    /// What is meant where nothing is written.
    #[must_use]
    pub fn zero(self) -> Value {
        match self {
            Self::Double | Self::Float => Value::Float(0.0),
            Self::Bool => Value::Bool(false),
            Self::String => Value::String(Str::default()),
            Self::Bytes => Value::Bytes(Arc::from([])),
            _ => Value::Int(0),
        }
    }
}

/// Messages with a meaning of their own, for which values have a natural form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WellKnown {
    /// `google.protobuf.Timestamp`: an instant.
    Timestamp,
    /// `google.protobuf.Duration`: a length of time.
    Duration,
    /// `google.protobuf.Struct`: a map of any data.
    Struct,
    /// `google.protobuf.Value`: any data, its numbers doubles.
    Value,
    /// `google.protobuf.ListValue`: a list of any data.
    ListValue,
    /// `google.protobuf.Any`: a record whose `@type` says what it is.
    Any,
    /// `google.protobuf.FieldMask`: a list of paths.
    FieldMask,
    /// `google.protobuf.Int32Value` and the like: the scalar.
    Wrapper(Scalar),
}

impl WellKnown {
    /// What the message of this full name stands for.
    #[must_use]
    pub fn of_name(name: &str) -> Option<Self> {
        Some(match name.strip_prefix("google.protobuf.")? {
            "Timestamp" => Self::Timestamp,
            "Duration" => Self::Duration,
            "Struct" => Self::Struct,
            "Value" => Self::Value,
            "ListValue" => Self::ListValue,
            "Any" => Self::Any,
            "FieldMask" => Self::FieldMask,
            "DoubleValue" => Self::Wrapper(Scalar::Double),
            "FloatValue" => Self::Wrapper(Scalar::Float),
            "Int64Value" => Self::Wrapper(Scalar::Int64),
            "UInt64Value" => Self::Wrapper(Scalar::Uint64),
            "Int32Value" => Self::Wrapper(Scalar::Int32),
            "UInt32Value" => Self::Wrapper(Scalar::Uint32),
            "BoolValue" => Self::Wrapper(Scalar::Bool),
            "StringValue" => Self::Wrapper(Scalar::String),
            "BytesValue" => Self::Wrapper(Scalar::Bytes),
            _ => return None,
        })
    }
}

/// An enumeration. Values are the names of members; `google.protobuf.NullValue` has null alone.
#[derive(Debug)]
pub struct Enum {
    /// Its full name.
    pub name: Str,
    /// Its members in the order of the file; of those with one number, the first is the name of that number.
    pub members: Vec<Member>,
    /// Whether it has no other numbers than those of its members. Others have an integer as their value.
    pub is_closed: bool,
    /// Whether it is `google.protobuf.NullValue`.
    pub is_null: bool,
    pub(crate) by_number: HashMap<i32, Value>,
    pub(crate) by_name: HashMap<Str, i32>,
}

/// A member of an enumeration.
#[derive(Debug, Clone)]
pub struct Member {
    /// What it is called.
    pub name: Str,
    /// Its number on the wire.
    pub number: i32,
    /// What it stands for.
    pub doc: Option<Str>,
    /// Whether the contract warns that it will go.
    pub is_deprecated: bool,
}

/// A service.
#[derive(Debug, Clone)]
pub struct Service {
    /// Its full name.
    pub name: Str,
    /// What it is for.
    pub doc: Option<Str>,
    /// Whether the contract warns that it will go.
    pub is_deprecated: bool,
    /// Its operations.
    pub methods: Vec<Method>,
}

/// An operation of a service.
#[derive(Debug, Clone)]
pub struct Method {
    /// What it is called.
    pub name: Str,
    /// The number of the message that it takes.
    pub input: usize,
    /// The number of the message that it answers.
    pub output: usize,
    /// Whether it takes many.
    pub is_client_streaming: bool,
    /// Whether it answers many.
    pub is_server_streaming: bool,
    /// What calling it does, by its `idempotency_level`.
    pub effect: Effect,
    /// Whether the contract warns that it will go.
    pub is_deprecated: bool,
    /// What it is for.
    pub doc: Option<Str>,
    /// Where it is declared.
    pub place: Place,
}
