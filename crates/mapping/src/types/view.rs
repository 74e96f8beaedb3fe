//! A type as it is matched on: one level of it.

use std::sync::Arc;

use tenon_model::{
    Kind, Record, Shape, Str, Value,
    shape::{KeyKind, Union},
};

use super::Ty;

/// One level of a [`Ty`], with names and enums resolved, for matching.
#[derive(Debug, Clone)]
pub(crate) enum View<'a> {
    /// Not known before there is a value.
    Dyn,
    Nothing,
    Null,
    Bool,
    Int,
    Uint,
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
    Type,
    Address,
    Block,
    Message(Str),
    Enum(Str),
    List(Ty),
    Map(Ty, Ty),
    Record(Arc<Record>),
    Union(Arc<Union>),
    Optional(&'a Ty),
}

impl Ty {
    /// One level of this type.
    pub(crate) fn view(&self) -> View<'_> {
        match self {
            Self::Data(shape) => view_of(shape),
            Self::Uint => View::Uint,
            Self::Null => View::Null,
            Self::Type => View::Type,
            Self::Address => View::Address,
            Self::Block => View::Block,
            Self::Message(name) => View::Message(name.clone()),
            Self::Enum(name) => View::Enum(name.clone()),
            Self::Nothing => View::Nothing,
            Self::List(item) => View::List((**item).clone()),
            Self::Map(key, value) => View::Map((**key).clone(), (**value).clone()),
            Self::Optional(inner) => View::Optional(inner),
        }
    }
}

fn view_of(shape: &Shape) -> View<'static> {
    match &shape.resolved().kind {
        Kind::Any | Kind::Named(_) => View::Dyn,
        Kind::Bool => View::Bool,
        Kind::Int(_) => View::Int,
        Kind::Float(_) => View::Float,
        Kind::Decimal(_) => View::Decimal,
        Kind::String(_) => View::Text,
        Kind::Bytes(_) => View::Bytes,
        Kind::Timestamp => View::Timestamp,
        Kind::Date => View::Date,
        Kind::Time => View::Time,
        Kind::LocalDateTime => View::LocalDateTime,
        Kind::Duration => View::Duration,
        Kind::Period => View::Period,
        Kind::Uuid => View::Uuid,
        Kind::Enum(values) => view_of_enum(values),
        Kind::List(list) => View::List(Ty::Data(list.item.clone())),
        Kind::Map(map) => {
            let key = match map.key {
                KeyKind::Bool => Ty::BOOL,
                KeyKind::Int => Ty::INT,
                KeyKind::Uint => Ty::Uint,
                KeyKind::Text => Ty::text(),
            };
            View::Map(key, Ty::Data(map.value.clone()))
        }
        Kind::Record(record) => View::Record(Arc::clone(record)),
        Kind::Union(union) if union.variants.is_empty() => View::Nothing,
        Kind::Union(union) => View::Union(Arc::clone(union)),
    }
}

/// An enum is seen as the kind that its values share.
fn view_of_enum(values: &[Value]) -> View<'static> {
    let mut kinds = values.iter().filter(|value| !value.is_null()).map(|value| match value {
        Value::Bool(_) => View::Bool,
        Value::Int(_) => View::Int,
        Value::Float(_) => View::Float,
        Value::Decimal(_) => View::Decimal,
        Value::String(_) => View::Text,
        _ => View::Dyn,
    });
    let Some(first) = kinds.next() else { return View::Null };
    let same = kinds.all(|kind| std::mem::discriminant(&kind) == std::mem::discriminant(&first));
    if same { first } else { View::Dyn }
}
