//! Equality and order (cel-spec `langdef.md`, "Equality" and "Ordering").

use std::cmp::Ordering;

use bigdecimal::BigDecimal;
use tenon_model::{Decimal, Value};

use super::{Budget, Failure, Val, fields};

/// Whether two values are equal. Numbers are equal across their kinds; other kinds never are. Each item that is looked at takes
/// a step: what is shared within a value takes little memory, and could take for ever.
pub(crate) fn equal(a: &Value, b: &Value, budget: &mut Budget) -> Result<bool, Failure> {
    match (a, b) {
        (Value::List(a), Value::List(b)) if a.len() == b.len() => {
            budget.spend(a.len())?;
            all(a.iter().zip(b.iter()), |(a, b)| equal(a, b, budget))
        }
        (Value::Map(a), Value::Map(b)) if a.len() == b.len() => {
            budget.spend(a.len())?;
            all(a.iter(), |(key, value)| match fields::entry(b, &key.to_value()) {
                Some(other) => equal(value, other, budget),
                None => Ok(false),
            })
        }
        (Value::List(_), Value::List(_)) | (Value::Map(_), Value::Map(_)) => Ok(false),
        (Value::String(a), Value::String(b)) => Ok(a == b),
        _ if is_number(a) && is_number(b) => Ok(compare_numbers(a, b) == Some(Ordering::Equal)),
        _ => Ok(a == b),
    }
}

/// Whether a test that may fail holds for all items.
pub(crate) fn all<T>(
    items: impl IntoIterator<Item = T>,
    mut holds: impl FnMut(T) -> Result<bool, Failure>,
) -> Result<bool, Failure> {
    for item in items {
        if !holds(item)? {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Whether one of the items is equal to a value.
pub(crate) fn has(items: &[Value], value: &Value, budget: &mut Budget) -> Result<bool, Failure> {
    all(items, |item| equal(item, value, budget).map(|equal| !equal)).map(|none| !none)
}

/// Whether two results are equal; optionals by their content.
pub(crate) fn equal_results(a: &Val, b: &Val, budget: &mut Budget) -> Result<bool, Failure> {
    match (a, b) {
        (Val::Data(a), Val::Data(b)) | (Val::Present(a), Val::Present(b)) => equal(a, b, budget),
        (Val::Wrapped(a), Val::Wrapped(b)) => equal_results(a, b, budget),
        (Val::Net(a), Val::Net(b)) => Ok(a.is(b)),
        _ => Ok(a == b),
    }
}

/// The order of two values; `None` where there is none (other kinds, NaN).
pub(crate) fn compare(a: &Value, b: &Value) -> Option<Ordering> {
    match (a, b) {
        (Value::Int(a), Value::Int(b)) => Some(a.cmp(b)),
        (Value::Bool(a), Value::Bool(b)) => Some(a.cmp(b)),
        (Value::String(a), Value::String(b)) => Some(a.cmp(b)),
        (Value::Bytes(a), Value::Bytes(b)) => Some(a.cmp(b)),
        (Value::Timestamp(a), Value::Timestamp(b)) => Some(a.cmp(b)),
        (Value::Duration(a), Value::Duration(b)) => Some(a.cmp(b)),
        (Value::Date(a), Value::Date(b)) => Some(a.cmp(b)),
        (Value::Time(a), Value::Time(b)) => Some(a.cmp(b)),
        (Value::LocalDateTime(a), Value::LocalDateTime(b)) => Some(a.cmp(b)),
        (Value::Uuid(a), Value::Uuid(b)) => Some(a.cmp(b)),
        _ => compare_numbers(a, b),
    }
}

/// Whether the kinds of two values have an order, so that a failed comparison is about NaN and not about kinds.
pub(crate) fn is_number(value: &Value) -> bool {
    matches!(value, Value::Int(_) | Value::Uint(_) | Value::Float(_) | Value::Decimal(_))
}

fn compare_numbers(a: &Value, b: &Value) -> Option<Ordering> {
    match (a, b) {
        (Value::Float(a), Value::Float(b)) => a.partial_cmp(b),
        (Value::Decimal(a), Value::Decimal(b)) => Some(a.cmp(b)),
        (Value::Float(a), other) => compare_to_float(other, *a).map(Ordering::reverse),
        (other, Value::Float(b)) => compare_to_float(other, *b),
        (Value::Decimal(a), other) => Some(a.as_big().cmp(&BigDecimal::from(whole(other)?))),
        (other, Value::Decimal(b)) => Some(BigDecimal::from(whole(other)?).cmp(b.as_big())),
        _ => Some(whole(a)?.cmp(&whole(b)?)),
    }
}

fn whole(value: &Value) -> Option<i128> {
    match value {
        Value::Int(n) => Some(i128::from(*n)),
        Value::Uint(n) => Some(i128::from(*n)),
        _ => None,
    }
}

/// The order of another number and a double. An integer is compared as the nearest double, as cel-spec has it; a decimal with
/// the number that the double is written as, so that 1.1 is 1.1.
#[allow(clippy::cast_precision_loss, reason = "prescribed")]
fn compare_to_float(other: &Value, float: f64) -> Option<Ordering> {
    match other {
        Value::Int(n) => (*n as f64).partial_cmp(&float),
        Value::Uint(n) => (*n as f64).partial_cmp(&float),
        // By the digits that the double is written with: 0.1 is 0.1.
        Value::Decimal(decimal) => match Decimal::shortest(float) {
            Some(float) => Some((**decimal).cmp(&float)),
            None if float.is_nan() => None,
            None => Some(if float > 0.0 { Ordering::Less } else { Ordering::Greater }),
        },
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn equal(a: &Value, b: &Value) -> bool {
        super::equal(a, b, &mut Budget::new(100)).unwrap()
    }

    #[test]
    fn numbers_compare_across_kinds() {
        assert_eq!(compare(&Value::Int(i64::MAX), &Value::Uint(u64::MAX)), Some(Ordering::Less));
        assert!(equal(&Value::Int(1), &Value::Uint(1)));
        assert_eq!(compare(&Value::Int(-1), &Value::Float(-1.5)), Some(Ordering::Greater));
        assert_eq!(compare(&Value::Uint(u64::MAX), &Value::Float(f64::INFINITY)), Some(Ordering::Less));
        assert_eq!(compare(&Value::Int(0), &Value::Float(f64::NAN)), None);
    }

    #[test]
    fn a_decimal_compares_with_every_number() {
        let half = Value::from("0.5".parse::<Decimal>().unwrap());
        assert!(equal(&half, &Value::Float(0.5)));
        assert!(equal(&Value::from("0.10".parse::<Decimal>().unwrap()), &Value::Float(0.1)));
        assert_eq!(compare(&half, &Value::Float(f64::INFINITY)), Some(Ordering::Less));
        let tenth = Value::from("0.10".parse::<Decimal>().unwrap());
        assert!(equal(&tenth, &Value::Float(0.1)));
        assert_eq!(compare(&tenth, &Value::Float(f64::NEG_INFINITY)), Some(Ordering::Greater));
        assert_eq!(compare(&half, &Value::Int(1)), Some(Ordering::Less));
    }
}
