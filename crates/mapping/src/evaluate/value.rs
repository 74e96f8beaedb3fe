//! What an expression can come to while it runs: data, and what CEL has besides.

use std::sync::Arc;

use tenon_errors::Report;
use tenon_model::{Map, Str, Value};

use super::{Failure, Net};
use crate::messages::TYPE;

/// A result of a part of an expression.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Val {
    /// Data.
    Data(Value),
    /// `optional.of(data)`.
    Present(Value),
    /// `optional.none()`.
    Absent,
    /// `optional.of(x)` of an `x` that is not data itself; rare, so it may cost an allocation.
    Wrapped(Arc<Val>),
    /// A type as a value, by its CEL name.
    Type(Str),
    /// A network address or a block of them.
    Net(Net),
    /// A member of an enumeration that is a type of its own: the name of the type, and the number.
    Enum(Str, i32),
    /// What a slot of `cel.block` holds whose evaluation failed: a failure of whoever reads it.
    Failed(Arc<Report>),
}

impl Val {
    pub(crate) const FALSE: Val = Val::Data(Value::Bool(false));

    pub(crate) fn bool(truth: bool) -> Self {
        Self::Data(Value::Bool(truth))
    }

    /// `optional.of(inner)`.
    pub(crate) fn some(inner: Val) -> Self {
        match inner {
            Self::Data(value) => Self::Present(value),
            other => Self::Wrapped(Arc::new(other)),
        }
    }

    /// The content of an optional: `Some(None)` for none, `None` if this is no optional.
    pub(crate) fn into_optional(self) -> Option<Option<Val>> {
        match self {
            Self::Present(value) => Some(Some(Self::Data(value))),
            Self::Wrapped(inner) => Some(Some(Arc::unwrap_or_clone(inner))),
            Self::Absent => Some(None),
            Self::Data(_) | Self::Type(_) | Self::Net(_) | Self::Enum(..) | Self::Failed(_) => None,
        }
    }

    /// The data, where this is data, or something that has a natural form as data: an address its text, a member its number.
    pub(crate) fn into_data(self) -> Result<Value, Failure> {
        match self {
            Self::Data(value) => Ok(value),
            Self::Net(net) => Ok(Value::from(net.to_string())),
            Self::Enum(_, number) => Ok(Value::Int(i64::from(number))),
            other => {
                Err(Failure::because(format!("{} is not a value that data can hold", other.kind_name())))
            }
        }
    }

    /// The name of its kind, as messages use it.
    pub(crate) fn kind_name(&self) -> &'static str {
        match self {
            Self::Data(value) => kind_name(value),
            Self::Present(_) | Self::Absent | Self::Wrapped(_) => "an optional",
            Self::Type(_) => "a type",
            Self::Net(Net::Address(_)) => "a network address",
            Self::Net(Net::Block(..)) => "a block of network addresses",
            Self::Enum(..) => "a member of an enumeration",
            Self::Failed(_) => "a failure",
        }
    }

    /// The name of its type, as CEL's `type(x)` gives it.
    pub(crate) fn type_name(&self) -> Str {
        Str::new_static(match self {
            Self::Data(value) => data_type(value),
            Self::Present(_) | Self::Absent | Self::Wrapped(_) => "optional_type",
            Self::Type(_) => "type",
            Self::Net(Net::Address(_)) => "net.IP",
            Self::Net(Net::Block(..)) => "net.CIDR",
            Self::Enum(name, _) => return name.clone(),
            Self::Failed(_) => "error",
        })
    }
}

/// The name of the kind of some data, as messages about expressions use it.
pub(crate) fn kind_name(value: &Value) -> &'static str {
    match value {
        Value::Float(_) => "double",
        Value::Uint(_) => "unsigned integer",
        other => other.kind_name(),
    }
}

fn data_type(value: &Value) -> &'static str {
    match value {
        Value::Null => "null_type",
        Value::Bool(_) => "bool",
        Value::Int(_) => "int",
        Value::Uint(_) => "uint",
        Value::Float(_) => "double",
        Value::Decimal(_) => "decimal",
        Value::String(_) => "string",
        Value::Bytes(_) => "bytes",
        Value::Timestamp(_) => "google.protobuf.Timestamp",
        Value::Date(_) => "date",
        Value::Time(_) => "time",
        Value::LocalDateTime(_) => "localDateTime",
        Value::Duration(_) => "google.protobuf.Duration",
        Value::Period(_) => "period",
        Value::Uuid(_) => "uuid",
        Value::List(_) => "list",
        Value::Map(_) => "map",
    }
}

/// The names of types that can stand in expressions as values.
pub(crate) const TYPE_NAMES: &[&str] = &[
    "null_type",
    "bool",
    "int",
    "uint",
    "double",
    "decimal",
    "string",
    "bytes",
    "google.protobuf.Timestamp",
    "date",
    "time",
    "localDateTime",
    "google.protobuf.Duration",
    "period",
    "uuid",
    "list",
    "map",
    "optional_type",
    "type",
    "net.IP",
    "net.CIDR",
];

/// Whether a value is the zero of its type, as `optional.ofNonZeroValue` and CEL's zero values have it.
pub(crate) fn is_zero(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Bool(b) => !b,
        Value::Int(n) => *n == 0,
        Value::Uint(n) => *n == 0,
        Value::Float(n) => *n == 0.0,
        Value::Decimal(n) => **n == tenon_model::Decimal::from(0),
        Value::String(text) => text.is_empty(),
        Value::Bytes(bytes) => bytes.is_empty(),
        Value::Duration(length) => length.is_zero(),
        Value::Period(period) => period.is_zero(),
        Value::Timestamp(at) => *at == tenon_model::Instant::UNIX_EPOCH,
        Value::List(items) => items.is_empty(),
        // A message of which nothing is set says only what it is.
        Value::Map(map) => Map::is_empty(map) || (map.len() == 1 && map.get(TYPE).is_some()),
        Value::Uuid(id) => id.is_nil(),
        Value::Date(_) | Value::Time(_) | Value::LocalDateTime(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_result_takes_no_more_room_than_a_value_and_its_kind() {
        assert!(size_of::<Val>() <= 40, "{}", size_of::<Val>());
    }
}
