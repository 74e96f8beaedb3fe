//! Protobuf messages as expressions see them: the types that a host lends, and the values that they have.
//!
//! A message is a record that says under `@type` what it is, as ProtoJSON's `Any` does, and holds the fields that are set. Fields
//! that are not set stand for their defaults where they are read (cel-spec `langdef.md`, "Field Selection"). Nothing here knows
//! `.proto` files: a host describes its types, and expressions without a host's types have no messages.

mod json;
mod make;

use std::{collections::HashMap, fmt, sync::Arc};

use tenon_model::{Instant, Key, Map, Str, Value, shape::KeyKind};

pub use self::make::{make, message};

/// The field of a message that says which type it is of.
pub const TYPE: &str = "@type";

/// The message types and enumerations that expressions may name.
pub trait MessageTypes: fmt::Debug + Send + Sync {
    /// The message type of this full name.
    fn message(&self, name: &str) -> Option<Arc<MessageType>>;

    /// The enumeration of this full name.
    fn enumeration(&self, name: &str) -> Option<Arc<Enumeration>>;

    /// Whether members of enumerations are of a type of their own; else they are integers.
    fn has_enum_types(&self) -> bool;

    /// The message of the type `name` that lies in `bytes`.
    ///
    /// # Errors
    /// What is wrong with the bytes, or that the type is not known.
    fn unpack(&self, name: &str, bytes: &[u8]) -> Result<Value, String>;
}

/// A message type.
#[derive(Debug)]
pub struct MessageType {
    /// Its full name: `shop.v1.Order`.
    pub name: Str,
    /// What its messages become in expressions, where they are no records.
    pub natural: Option<Natural>,
    fields: Vec<MessageField>,
    index: HashMap<Str, usize>,
}

impl MessageType {
    /// The type of this full name with these fields.
    #[must_use]
    pub fn new(name: Str, fields: Vec<MessageField>) -> Self {
        let index = fields.iter().enumerate().map(|(at, field)| (field.name.clone(), at)).collect();
        Self { natural: Natural::of_name(&name), name, fields, index }
    }

    /// Its fields and the extensions of it.
    #[must_use]
    pub fn fields(&self) -> &[MessageField] {
        &self.fields
    }

    /// The field `name`, or the extension of that full name.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<&MessageField> {
        let at = self.index.get(name).copied();
        let at = at.or_else(|| self.index.get(format!("[{name}]").as_str()).copied());
        Some(&self.fields[at?])
    }
}

/// A field of a message type.
#[derive(Debug, Clone)]
pub struct MessageField {
    /// Its name; of an extension the full one in brackets: `[shop.v1.priority]`.
    pub name: Str,
    /// What it holds.
    pub holds: Holds,
    /// What it stands for where it is not set, if that is not the zero of its type.
    pub default: Option<Value>,
    /// Whether it can be set to what it stands for anyway.
    pub has_presence: bool,
    /// The `oneof` that it belongs to.
    pub choice: Option<Str>,
}

impl MessageField {
    /// What it stands for where it is not set.
    #[must_use]
    pub fn stand_in(&self) -> Value {
        if let Some(default) = &self.default {
            return default.clone();
        }
        match &self.holds {
            Holds::List(_) => Value::list(Vec::new()),
            Holds::Map(..) => Value::Map(Arc::new(Map::new())),
            Holds::One(item) => item.zero(),
        }
    }
}

/// How many values a field holds, and of what type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Holds {
    /// One, or none.
    One(Item),
    /// Any number in order.
    List(Item),
    /// Any number by keys.
    Map(KeyKind, Item),
}

/// The type of one value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Item {
    /// A bool, a number, text or octets.
    Scalar(Scalar),
    /// A member of the enumeration of this full name.
    Enum(Str),
    /// A message of the type of this full name.
    Message(Str),
    /// A message with a form of its own in expressions.
    Natural(Natural),
}

/// The scalar types, as far as expressions tell them apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names are those of Protobuf")]
pub enum Scalar {
    Bool,
    Int32,
    Int64,
    Uint32,
    Uint64,
    Float,
    Double,
    String,
    Bytes,
}

/// Messages that are something else in expressions (cel-spec `langdef.md`, "Dynamic Values").
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Natural {
    /// An instant.
    Timestamp,
    /// A length of time.
    Duration,
    /// Whatever is packed in it.
    Any,
    /// Any JSON.
    Value,
    /// A map of JSON.
    Struct,
    /// A list of JSON.
    ListValue,
    /// A scalar or null.
    Wrapper(Scalar),
    /// Null: the one member of `google.protobuf.NullValue`.
    Null,
}

impl Natural {
    /// What messages of this type are in expressions, if they are something else.
    #[must_use]
    pub fn of_name(name: &str) -> Option<Self> {
        Some(match name.strip_prefix("google.protobuf.")? {
            "Timestamp" => Self::Timestamp,
            "Duration" => Self::Duration,
            "Any" => Self::Any,
            "Value" => Self::Value,
            "Struct" => Self::Struct,
            "ListValue" => Self::ListValue,
            "BoolValue" => Self::Wrapper(Scalar::Bool),
            "Int32Value" => Self::Wrapper(Scalar::Int32),
            "Int64Value" => Self::Wrapper(Scalar::Int64),
            "UInt32Value" => Self::Wrapper(Scalar::Uint32),
            "UInt64Value" => Self::Wrapper(Scalar::Uint64),
            "FloatValue" => Self::Wrapper(Scalar::Float),
            "DoubleValue" => Self::Wrapper(Scalar::Double),
            "StringValue" => Self::Wrapper(Scalar::String),
            "BytesValue" => Self::Wrapper(Scalar::Bytes),
            _ => return None,
        })
    }
}

impl Scalar {
    /// What is meant where nothing is set.
    #[must_use]
    pub fn zero(self) -> Value {
        match self {
            Self::Bool => Value::Bool(false),
            Self::Int32 | Self::Int64 => Value::Int(0),
            Self::Uint32 | Self::Uint64 => Value::Uint(0),
            Self::Float | Self::Double => Value::Float(0.0),
            Self::String => Value::String(Str::default()),
            Self::Bytes => Value::Bytes(Arc::from([])),
        }
    }
}

impl Item {
    /// What is meant where nothing is set.
    fn zero(&self) -> Value {
        match self {
            Self::Scalar(scalar) => scalar.zero(),
            Self::Enum(_) => Value::Int(0),
            Self::Message(name) => message(name.clone(), &Map::new()),
            Self::Natural(natural) => match natural {
                Natural::Timestamp => Value::Timestamp(Instant::UNIX_EPOCH),
                Natural::Duration => Value::Duration(jiff::SignedDuration::ZERO),
                Natural::Struct => Value::Map(Arc::new(Map::new())),
                Natural::ListValue => Value::list(Vec::new()),
                Natural::Any | Natural::Value | Natural::Wrapper(_) | Natural::Null => Value::Null,
            },
        }
    }
}

/// An enumeration.
#[derive(Debug, PartialEq, Eq)]
pub struct Enumeration {
    /// Its full name.
    pub name: Str,
    /// The names of its members with their numbers.
    pub members: Vec<(Str, i32)>,
}

impl Enumeration {
    /// The number of a member.
    #[must_use]
    pub fn number(&self, member: &str) -> Option<i32> {
        self.members.iter().find(|(name, _)| name == member).map(|(_, number)| *number)
    }
}

/// The type of a message, if `value` is one of a type that is lent.
pub(crate) fn type_of(value: &Value, types: &dyn MessageTypes) -> Option<Arc<MessageType>> {
    let Value::Map(map) = value else { return None };
    match map.get_key(&Key::from(TYPE)) {
        Some(Value::String(name)) => types.message(name),
        _ => None,
    }
}
