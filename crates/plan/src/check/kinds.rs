//! Whether values of one shape can stand for values of another: keys, references, filters.

use tenon_model::{Kind, Shape, Value};

/// The kind of a scalar, without its constraints.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names are those of `Kind`")]
pub(crate) enum Scalar {
    Bool,
    Int,
    Float,
    Decimal,
    Text,
    Bytes,
    Timestamp,
    Date,
    Time,
    LocalDateTime,
    Duration,
    Period,
    Uuid,
}

/// The scalar kind of a shape; `None` for records, lists, maps, unions and open shapes.
pub(crate) fn scalar(shape: &Shape) -> Option<Scalar> {
    match &shape.resolved().kind {
        Kind::Bool => Some(Scalar::Bool),
        Kind::Int(_) => Some(Scalar::Int),
        Kind::Float(_) => Some(Scalar::Float),
        Kind::Decimal(_) => Some(Scalar::Decimal),
        Kind::String(_) => Some(Scalar::Text),
        Kind::Bytes(_) => Some(Scalar::Bytes),
        Kind::Timestamp => Some(Scalar::Timestamp),
        Kind::Date => Some(Scalar::Date),
        Kind::Time => Some(Scalar::Time),
        Kind::LocalDateTime => Some(Scalar::LocalDateTime),
        Kind::Duration => Some(Scalar::Duration),
        Kind::Period => Some(Scalar::Period),
        Kind::Uuid => Some(Scalar::Uuid),
        Kind::Enum(values) => {
            values.iter().all(|value| matches!(value, Value::String(_))).then_some(Scalar::Text)
        }
        Kind::Any | Kind::List(_) | Kind::Map(_) | Kind::Record(_) | Kind::Union(_) | Kind::Named(_) => None,
    }
}

/// Whether it is a list of scalars.
pub(crate) fn is_list_of_scalars(shape: &Shape) -> bool {
    matches!(&shape.resolved().kind, Kind::List(list) if scalar(&list.item).is_some())
}

/// Whether nothing is known of the kind before there is a value.
pub(crate) fn is_open(shape: &Shape) -> bool {
    matches!(shape.resolved().kind, Kind::Any)
}

/// Whether values of `given` can be compared with values of `wanted`: scalars of one kind.
pub(crate) fn comparable(given: &Shape, wanted: &Shape) -> bool {
    is_open(given) || scalar(given).is_some_and(|kind| Some(kind) == scalar(wanted))
}

/// The function of expressions that converts other kinds into this one.
pub(crate) fn conversion(shape: &Shape) -> Option<&'static str> {
    match scalar(shape)? {
        Scalar::Int => Some("int"),
        Scalar::Float => Some("double"),
        Scalar::Decimal => Some("decimal"),
        Scalar::Text => Some("string"),
        Scalar::Timestamp => Some("timestamp"),
        Scalar::Date => Some("date"),
        Scalar::LocalDateTime => Some("localDateTime"),
        Scalar::Period => Some("period"),
        Scalar::Bool | Scalar::Bytes | Scalar::Time | Scalar::Duration | Scalar::Uuid => None,
    }
}
