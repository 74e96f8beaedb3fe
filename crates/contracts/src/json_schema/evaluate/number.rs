//! Numbers of values, compared with all their digits.

use std::cmp::Ordering;

use bigdecimal::{BigDecimal, Zero};
use tenon_model::{Decimal, Value};

use super::keyword::TypeSet;

/// The number that a value is; `None` if it is none.
fn number(value: &Value) -> Option<BigDecimal> {
    match value {
        Value::Int(n) => Some((*n).into()),
        Value::Uint(n) => Some((*n).into()),
        Value::Decimal(n) => Some(n.as_big().clone()),
        Value::Float(n) => Decimal::shortest(*n).map(|n| n.as_big().clone()),
        _ => None,
    }
}

/// How a number compares with `bound`; `None` for what is no number.
pub(super) fn compare(value: &Value, bound: &Decimal) -> Option<Ordering> {
    Some(number(value)?.cmp(bound.as_big()))
}

/// Whether a number is a multiple of `unit`; `None` for what is no number.
pub(super) fn is_multiple(value: &Value, unit: &Decimal) -> Option<bool> {
    Some((number(value)? % unit.as_big()).is_zero())
}

/// The type of the value, as a bit of a [`TypeSet`].
pub(super) fn type_of(value: &Value) -> u8 {
    match value {
        Value::Null => TypeSet::NULL,
        Value::Bool(_) => TypeSet::BOOL,
        Value::Int(_) | Value::Uint(_) => TypeSet::INTEGER,
        Value::Decimal(n) if !n.as_big().is_integer() => TypeSet::FRACTION,
        Value::Float(n) if n.fract() != 0.0 => TypeSet::FRACTION,
        Value::Decimal(_) | Value::Float(_) => TypeSet::INTEGER,
        Value::List(_) => TypeSet::LIST,
        Value::Map(_) => TypeSet::OBJECT,
        _ => TypeSet::TEXT,
    }
}
