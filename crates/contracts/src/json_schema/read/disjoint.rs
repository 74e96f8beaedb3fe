//! Whether alternatives exclude each other, so that exactly one of them holds where `oneOf` asks for it.

use std::collections::HashMap;

use tenon_model::{
    Kind, Record, Shape, Value,
    shape::{FloatRange, IntRange, Part},
};

use super::types::Types;
use crate::{json, json::Decoder};

/// How deep two shapes are compared to find what tells them apart.
const COMPARED_DEPTH: usize = 5;

/// Whether it is certain that no value fits two of the shapes.
pub(super) fn are_all_disjoint(shapes: &[&Shape]) -> bool {
    let mut compared = Compared::default();
    let pairs =
        shapes.iter().enumerate().flat_map(|(at, one)| shapes[..at].iter().map(move |other| (one, other)));
    pairs.into_iter().all(|(one, other)| compared.are_disjoint(one, other, 0))
}

/// What was found out about parts of shapes.
#[derive(Default)]
struct Compared {
    decoders: HashMap<Part, Option<Decoder>>,
}

impl Compared {
    /// Whether it is certain that no value fits both shapes.
    fn are_disjoint(&mut self, a: &Shape, b: &Shape, depth: usize) -> bool {
        if a.is_never() || b.is_never() || !types(a, 0).meets(types(b, 0)) {
            return true;
        }
        if depth > COMPARED_DEPTH {
            return false;
        }
        let (a, b) = (&*a.resolved(), &*b.resolved());
        // Null was compared by the types.
        if types(a, 0).and(types(b, 0)).meets(Types::NULL) {
            return false;
        }
        match (&a.kind, &b.kind) {
            (Kind::Union(union), _) => {
                union.variants.iter().all(|(_, variant)| self.are_disjoint(variant, b, depth + 1))
            }
            (_, Kind::Union(union)) => {
                union.variants.iter().all(|(_, variant)| self.are_disjoint(a, variant, depth + 1))
            }
            (Kind::Enum(values), _) => values.iter().all(|value| !self.accepts(b, value)),
            (_, Kind::Enum(values)) => values.iter().all(|value| !self.accepts(a, value)),
            (Kind::Record(one), Kind::Record(other)) => {
                self.excludes(one, other, depth + 1) || self.excludes(other, one, depth + 1)
            }
            (Kind::Record(record), Kind::Map(map)) | (Kind::Map(map), Kind::Record(record)) => record
                .fields()
                .iter()
                .any(|field| field.required && self.are_disjoint(&field.shape, &map.value, depth + 1)),
            (Kind::List(one), Kind::List(other)) => {
                let has_items = [one, other].iter().any(|list| list.length.min.is_some_and(|min| min > 0));
                let lengths = one.length.max.is_some_and(|max| other.length.min.is_some_and(|min| max < min))
                    || other.length.max.is_some_and(|max| one.length.min.is_some_and(|min| max < min));
                lengths || (has_items && self.are_disjoint(&one.item, &other.item, depth + 1))
            }
            (Kind::Int(one), Kind::Int(other)) => are_apart(one, other),
            (Kind::Float(one), Kind::Float(other)) => are_ranges_apart(one, other),
            (Kind::String(one), Kind::String(other)) => {
                let (one, other) = (one.length, other.length);
                one.max.is_some_and(|max| other.min.is_some_and(|min| max < min))
                    || other.max.is_some_and(|max| one.min.is_some_and(|min| max < min))
            }
            // Every text of a duration is one of a period.
            (Kind::Duration, Kind::Period) | (Kind::Period, Kind::Duration) => false,
            (one, other) => has_own_form(one) && has_own_form(other) && one != other,
        }
    }

    fn accepts(&mut self, shape: &Shape, value: &Value) -> bool {
        let accepts = |decoder: &Decoder| decoder.decode(json::to_string(value).as_bytes()).is_ok();
        // What cannot be decided is taken for accepted.
        match Part::of(shape) {
            Some(part) => {
                let decoder = self.decoders.entry(part).or_insert_with(|| Decoder::new(shape).ok());
                decoder.as_ref().is_none_or(accepts)
            }
            None => Decoder::new(shape).map_or(true, |decoder| accepts(&decoder)),
        }
    }

    /// Whether a record that `a` accepts has a field that `b` refuses.
    fn excludes(&mut self, a: &Record, b: &Record, depth: usize) -> bool {
        a.fields().iter().filter(|field| field.required).any(|field| match b.field(&field.name) {
            Some((_, other)) => self.are_disjoint(&field.shape, &other.shape, depth),
            None => b.rest.as_ref().is_none_or(|rest| self.are_disjoint(&field.shape, rest, depth)),
        })
    }
}

/// The types of JSON that values of the shape have.
fn types(shape: &Shape, depth: usize) -> Types {
    let shape_types = |shape: &Shape| match &shape.kind {
        Kind::Any => Types::ALL,
        Kind::Named(_) => Types::ALL,
        Kind::Bool => Types::BOOL,
        Kind::Int(_) | Kind::Float(_) => Types::NUMBER,
        Kind::Decimal(_) => Types::NUMBER.or(Types::TEXT),
        Kind::String(_)
        | Kind::Bytes(_)
        | Kind::Timestamp
        | Kind::Date
        | Kind::Time
        | Kind::LocalDateTime
        | Kind::Duration
        | Kind::Period
        | Kind::Uuid => Types::TEXT,
        Kind::Enum(values) => values.iter().fold(Types::NONE, |types, value| types.or(types_of_value(value))),
        Kind::List(_) => Types::LIST,
        Kind::Map(_) | Kind::Record(_) => Types::OBJECT,
        Kind::Union(_) if depth > COMPARED_DEPTH => Types::ALL,
        Kind::Union(union) => {
            union.variants.iter().fold(Types::NONE, |all, (_, variant)| all.or(types(variant, depth + 1)))
        }
    };
    let resolved = shape.resolved();
    let own = shape_types(&resolved);
    if shape.nullable || resolved.nullable { own.or(Types::NULL) } else { own }
}

fn types_of_value(value: &Value) -> Types {
    match value {
        Value::Null => Types::NULL,
        Value::Bool(_) => Types::BOOL,
        Value::Int(_) | Value::Uint(_) | Value::Float(_) | Value::Decimal(_) => Types::NUMBER,
        Value::List(_) => Types::LIST,
        Value::Map(_) => Types::OBJECT,
        _ => Types::TEXT,
    }
}

fn are_apart(one: &IntRange, other: &IntRange) -> bool {
    let below =
        |one: &IntRange, other: &IntRange| one.max.is_some_and(|max| other.min.is_some_and(|min| max < min));
    below(one, other) || below(other, one)
}

fn are_ranges_apart(one: &FloatRange, other: &FloatRange) -> bool {
    let below = |one: &FloatRange, other: &FloatRange| match (&one.max, &other.min) {
        (Some(max), Some(min)) => {
            max.value < min.value || (max.value == min.value && (max.exclusive || min.exclusive))
        }
        _ => false,
    };
    below(one, other) || below(other, one)
}

/// Kinds of text that no text is two of.
fn has_own_form(kind: &Kind) -> bool {
    matches!(
        kind,
        Kind::Timestamp
            | Kind::Date
            | Kind::Time
            | Kind::LocalDateTime
            | Kind::Duration
            | Kind::Period
            | Kind::Uuid
    )
}
