//! `+ - * / %` and the unary minus (cel-spec `langdef.md`, "Numeric Values" and "Abstract Types").

use std::sync::Arc;

use bigdecimal::BigDecimal;
use jiff::SignedDuration;
use tenon_model::{Decimal, Instant, Str, Value, instant::NoInstant};

use super::{Context, Failure, calendar};
use crate::{functions::duration_text, syntax::Binary};

/// The digits to which a decimal quotient is rounded: those of IEEE 754 decimal128.
const QUOTIENT_DIGITS: u64 = 34;
/// The longest duration, in seconds: 10,000 years (`google/protobuf/duration.proto`).
pub(crate) const MAX_DURATION_SECONDS: i64 = 315_576_000_000;

/// The result of an arithmetic operator.
pub(crate) fn arithmetic(
    operator: Binary,
    a: &Value,
    b: &Value,
    context: &mut Context,
) -> Result<Value, Failure> {
    match (a, b) {
        (Value::Int(a), Value::Int(b)) => integers(operator, *a, *b),
        (Value::Float(a), Value::Float(b)) => floats(operator, *a, *b),
        (Value::Uint(a), Value::Uint(b)) => unsigned(operator, *a, *b),
        // Decimals with doubles only where the checker knew nothing of them: by the digits that the double is written with.
        (Value::Decimal(_), Value::Decimal(_) | Value::Int(_) | Value::Uint(_) | Value::Float(_))
        | (Value::Int(_) | Value::Uint(_) | Value::Float(_), Value::Decimal(_)) => decimals(operator, a, b),
        _ if operator == Binary::Add => add(a, b, context),
        _ if operator == Binary::Subtract => subtract(a, b),
        _ => Err(Failure::NoOverload),
    }
}

/// The unary minus.
pub(crate) fn negate(value: &Value) -> Result<Value, Failure> {
    match value {
        Value::Int(n) => n
            .checked_neg()
            .map(Value::Int)
            .ok_or_else(|| Failure::because(format!("-({n}) overflows an integer"))),
        Value::Float(n) => Ok(Value::Float(-n)),
        Value::Decimal(n) => Decimal::new(-n.as_big()).map(Value::from).map_err(digits),
        Value::Duration(length) => length.checked_neg().map(Value::Duration).ok_or(Failure::NoOverload),
        Value::Period(period) => calendar::opposite(**period).map(Value::from),
        _ => Err(Failure::NoOverload),
    }
}

fn integers(operator: Binary, a: i64, b: i64) -> Result<Value, Failure> {
    let result = match operator {
        Binary::Add => a.checked_add(b),
        Binary::Subtract => a.checked_sub(b),
        Binary::Multiply => a.checked_mul(b),
        Binary::Divide | Binary::Remainder if b == 0 => return Err(zero(a, operator)),
        Binary::Divide => a.checked_div(b),
        Binary::Remainder => a.checked_rem(b),
        _ => return Err(Failure::NoOverload),
    };
    result.map(Value::Int).ok_or_else(|| overflow(a, operator, b))
}

fn unsigned(operator: Binary, a: u64, b: u64) -> Result<Value, Failure> {
    let result = match operator {
        Binary::Add => a.checked_add(b),
        Binary::Subtract => a.checked_sub(b),
        Binary::Multiply => a.checked_mul(b),
        Binary::Divide | Binary::Remainder if b == 0 => return Err(zero(a, operator)),
        Binary::Divide => a.checked_div(b),
        Binary::Remainder => a.checked_rem(b),
        _ => return Err(Failure::NoOverload),
    };
    result.map(Value::Uint).ok_or_else(|| overflow(a, operator, b))
}

fn floats(operator: Binary, a: f64, b: f64) -> Result<Value, Failure> {
    Ok(Value::Float(match operator {
        Binary::Add => a + b,
        Binary::Subtract => a - b,
        Binary::Multiply => a * b,
        Binary::Divide => a / b,
        _ => return Err(Failure::NoOverload),
    }))
}

fn decimals(operator: Binary, a: &Value, b: &Value) -> Result<Value, Failure> {
    let (Some(a), Some(b)) = (big(a), big(b)) else { return Err(Failure::NoOverload) };
    let nought = b == 0;
    let result = match operator {
        Binary::Add => a + b,
        Binary::Subtract => a - b,
        Binary::Multiply => a * b,
        Binary::Divide | Binary::Remainder if nought => return Err(zero(a, operator)),
        Binary::Divide => (a / b).with_prec(QUOTIENT_DIGITS).normalized(),
        Binary::Remainder => a % b,
        _ => return Err(Failure::NoOverload),
    };
    Decimal::new(result).map(Value::from).map_err(digits)
}

fn big(value: &Value) -> Option<BigDecimal> {
    match value {
        Value::Decimal(n) => Some(n.as_big().clone()),
        Value::Int(n) => Some(BigDecimal::from(*n)),
        Value::Uint(n) => Some(BigDecimal::from(*n)),
        Value::Float(n) => Decimal::shortest(*n).map(|n| n.as_big().clone()),
        _ => None,
    }
}

#[allow(clippy::needless_pass_by_value, reason = "the form that map_err needs")]
pub(crate) fn digits(report: tenon_errors::Report) -> Failure {
    Failure::because(report.message())
}

fn add(a: &Value, b: &Value, context: &mut Context) -> Result<Value, Failure> {
    match (a, b) {
        (Value::String(a), Value::String(b)) => {
            context.budget.spend_bytes(a.len() + b.len())?;
            Ok(Value::String(join(a, b)))
        }
        (Value::Bytes(a), Value::Bytes(b)) => {
            context.budget.spend_bytes(a.len() + b.len())?;
            Ok(Value::Bytes(Arc::from([&a[..], &b[..]].concat())))
        }
        (Value::List(a), Value::List(b)) => {
            context.budget.spend(a.len() + b.len())?;
            Ok(Value::list(a.iter().chain(b.iter()).cloned().collect()))
        }
        (Value::Timestamp(at), Value::Duration(length)) | (Value::Duration(length), Value::Timestamp(at)) => {
            let moved = at.checked_add(*length);
            moved.map(Value::Timestamp).ok_or_else(|| outside(*at, '+', *length))
        }
        (Value::Duration(a), Value::Duration(b)) => duration(a.checked_add(*b)),
        (Value::Period(a), Value::Period(b)) => calendar::sum(**a, **b),
        (Value::Date(date), Value::Period(period)) | (Value::Period(period), Value::Date(date)) => {
            calendar::add_to_date(*date, **period)
        }
        (Value::LocalDateTime(local), Value::Period(period))
        | (Value::Period(period), Value::LocalDateTime(local)) => calendar::add_to_local(*local, **period),
        (Value::LocalDateTime(local), Value::Duration(length))
        | (Value::Duration(length), Value::LocalDateTime(local)) => calendar::add_length(*local, *length),
        _ => Err(Failure::NoOverload),
    }
}

fn join(a: &str, b: &str) -> Str {
    let mut builder = String::with_capacity(a.len() + b.len());
    builder.push_str(a);
    builder.push_str(b);
    Str::from(builder)
}

fn subtract(a: &Value, b: &Value) -> Result<Value, Failure> {
    match (a, b) {
        (Value::Timestamp(a), Value::Timestamp(b)) => Ok(Value::Duration(a.duration_since(*b))),
        (Value::Timestamp(at), Value::Duration(length)) => {
            let moved = at.checked_sub(*length);
            moved.map(Value::Timestamp).ok_or_else(|| outside(*at, '-', *length))
        }
        (Value::Duration(a), Value::Duration(b)) => duration(a.checked_sub(*b)),
        (Value::LocalDateTime(a), Value::LocalDateTime(b)) => Ok(Value::Duration(a.duration_since(*b))),
        (Value::Period(a), Value::Period(b)) => calendar::sum(**a, calendar::opposite(**b)?),
        (Value::Date(date), Value::Period(period)) => {
            calendar::add_to_date(*date, calendar::opposite(**period)?)
        }
        (Value::LocalDateTime(local), Value::Period(period)) => {
            calendar::add_to_local(*local, calendar::opposite(**period)?)
        }
        (Value::LocalDateTime(local), Value::Duration(length)) => {
            calendar::add_length(*local, length.checked_neg().ok_or(Failure::NoOverload)?)
        }
        _ => Err(Failure::NoOverload),
    }
}

fn outside(at: Instant, operator: char, by: SignedDuration) -> Failure {
    Failure::because(format!("{at} {operator} {} {}", duration_text(by), NoInstant::Range))
}

/// `length`, if it lies in the range of CEL's durations.
pub(crate) fn duration(length: Option<SignedDuration>) -> Result<Value, Failure> {
    length
        .filter(|length| length.as_secs().unsigned_abs() <= MAX_DURATION_SECONDS.unsigned_abs())
        .map(Value::Duration)
        .ok_or_else(|| Failure::because("the result is outside the range of a duration"))
}

fn zero(a: impl std::fmt::Display, operator: Binary) -> Failure {
    Failure::because(format!("{a} {} 0 divides by zero", operator.symbol()))
}

fn overflow(a: impl std::fmt::Display, operator: Binary, b: impl std::fmt::Display) -> Failure {
    Failure::because(format!("{a} {} {b} overflows a 64-bit integer", operator.symbol()))
}
