//! Lengths and text, and which kinds share a form.

use super::{Difference, Standing, Unit, walk::Walk};
use crate::{
    Kind, Value,
    shape::{Length, Text},
};

impl Walk<'_> {
    pub(super) fn length(&mut self, unit: Unit, source: Length, target: Length) -> Standing {
        let mut standing = Standing::Within;
        let least = source.min.unwrap_or(0);
        let are_apart = are_apart(source, target);
        if are_apart && self.seeks_apart() {
            return Standing::Apart;
        }
        // How many fields a record has is not stated, only counted by what it lists.
        let known = if unit == Unit::Fields { Standing::Open } else { Standing::Refused };
        let known = if are_apart { Standing::Apart } else { known };
        if target.min.is_some_and(|min| least < min) {
            let how = if least > 0 || are_apart { known } else { Standing::Open };
            standing = standing.min(self.differ(&Difference::Shorter(unit, source, target), how));
        }
        if target.max.is_some_and(|max| source.max.is_none_or(|most| most > max)) {
            let how = if source.max.is_some() || are_apart { known } else { Standing::Open };
            standing = standing.min(self.differ(&Difference::Longer(unit, source, target), how));
        }
        standing
    }

    pub(super) fn text(&mut self, source: &Text, target: &Text) -> Standing {
        let mut standing = self.length(Unit::Characters, source.length, target.length);
        if let Some(pattern) = target.pattern.as_ref().filter(|_| source.pattern != target.pattern) {
            standing = standing.min(self.differ(&Difference::Pattern(pattern), Standing::Open));
        }
        if let Some(format) = target.format.filter(|_| source.format != target.format) {
            standing = standing.min(self.differ(&Difference::Format(format), Standing::Open));
        }
        standing
    }
}

/// Whether nothing is of both lengths.
fn are_apart(one: Length, other: Length) -> bool {
    let is_below = |one: Length, other: Length| one.max.zip(other.min).is_some_and(|(max, min)| max < min);
    is_below(one, other) || is_below(other, one)
}

/// Whether text may be of both kinds, or a number or other type of JSON, as which a value of either is written.
pub(super) fn share_text(one: &Kind, other: &Kind) -> bool {
    if has_own_form(one) && has_own_form(other) {
        // Every text of a duration is one of a period.
        return matches!((one, other), (Kind::Duration, Kind::Period) | (Kind::Period, Kind::Duration))
            || one == other;
    }
    types(one) & types(other) != 0
}

const BOOL: u8 = 1;
const NUMBER: u8 = 2;
const TEXT: u8 = 4;
const LIST: u8 = 8;
const OBJECT: u8 = 16;
const ALL: u8 = 31;

/// The types of JSON, as a set, that values of a kind have besides null.
fn types(kind: &Kind) -> u8 {
    match kind {
        Kind::Any | Kind::Named(_) | Kind::Union(_) => ALL,
        Kind::Bool => BOOL,
        Kind::Int(_) | Kind::Float(_) => NUMBER,
        Kind::Decimal(_) => NUMBER | TEXT,
        Kind::String(_)
        | Kind::Bytes(_)
        | Kind::Timestamp
        | Kind::Date
        | Kind::Time
        | Kind::LocalDateTime
        | Kind::Duration
        | Kind::Period
        | Kind::Uuid => TEXT,
        Kind::Enum(values) => values.iter().fold(0, |types, value| types | types_of(value)),
        Kind::List(_) => LIST,
        Kind::Map(_) | Kind::Record(_) => OBJECT,
    }
}

fn types_of(value: &Value) -> u8 {
    match value {
        Value::Null => 0,
        Value::Bool(_) => BOOL,
        Value::Int(_) | Value::Uint(_) | Value::Float(_) => NUMBER,
        Value::Decimal(_) => NUMBER | TEXT,
        Value::List(_) => LIST,
        Value::Map(_) => OBJECT,
        _ => TEXT,
    }
}

/// Kinds of text that no text is two of.
pub(super) fn has_own_form(kind: &Kind) -> bool {
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
