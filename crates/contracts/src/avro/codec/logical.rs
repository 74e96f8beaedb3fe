//! Between what Avro stores and the values that logical types make of it. Nothing is rounded.

use std::sync::Arc;

use bigdecimal::{BigDecimal, num_bigint::BigInt};
use jiff::{SignedDuration, civil, tz::Offset};
use tenon_model::{Decimal, Instant, Period, Value};
use uuid::Uuid;

use super::trouble::Trouble;
use crate::{
    avro::schema::{Logical, Unit},
    lexical,
};

type Result<T> = std::result::Result<T, Trouble>;

const SECOND: i64 = 1_000_000_000;
const DAY: i64 = 86_400;

/// The value of an int or a long.
#[inline]
pub(in crate::avro) fn of_number(logical: Option<Logical>, n: i64) -> Result<Value> {
    match logical {
        None => Ok(Value::Int(n)),
        Some(Logical::Timestamp(unit)) => instant(unit, n).map(Value::Timestamp),
        Some(Logical::Date) => date(n).map(Value::Date),
        Some(Logical::Time(unit)) => time(unit, n).map(Value::Time),
        // What a clock would show that counts as UTC does.
        Some(Logical::LocalTimestamp(unit)) => instant(unit, n).map(|at| Value::LocalDateTime(at.to_utc())),
        Some(_) => Ok(Value::Int(n)),
    }
}

fn instant(unit: Unit, n: i64) -> Result<Instant> {
    let per_second = SECOND / unit.nanoseconds();
    let nanosecond = n.rem_euclid(per_second) * unit.nanoseconds();
    u32::try_from(nanosecond).ok().and_then(|part| Instant::new(n.div_euclid(per_second), part)).ok_or_else(
        || {
            let range = format!("{} to {}", Instant::MIN, Instant::MAX);
            Trouble::out_of_bounds(format!(
                "{n} {} are outside the range of timestamps, {range}",
                unit.name()
            ))
        },
    )
}

fn date(days: i64) -> Result<civil::Date> {
    let start = days.checked_mul(DAY).and_then(Instant::from_second);
    let outside = || {
        Trouble::out_of_bounds(format!("day {days} is outside the range of dates, 0001-01-01 to 9999-12-31"))
    };
    Ok(start.ok_or_else(outside)?.to_utc().date())
}

fn time(unit: Unit, n: i64) -> Result<civil::Time> {
    let nanosecond = n.checked_mul(unit.nanoseconds()).filter(|n| (0..DAY * SECOND).contains(n));
    let outside = || Trouble::out_of_bounds(format!("{n} {} are not a time of day", unit.name()));
    let nanosecond = nanosecond.ok_or_else(outside)?;
    let at = Instant::from_nanosecond(nanosecond.into()).ok_or_else(outside)?;
    Ok(at.to_utc().time())
}

/// The number of a value of a logical type, if it has the kind of one.
pub(in crate::avro) fn to_number(logical: Logical, value: &Value) -> Result<i64> {
    match (logical, value) {
        (Logical::Timestamp(unit), Value::Timestamp(at)) => in_units(unit, at.as_nanosecond(), value),
        (Logical::Time(unit), Value::Time(time)) => {
            let second =
                i128::from(time.hour()) * 3600 + i128::from(time.minute()) * 60 + i128::from(time.second());
            in_units(unit, second * i128::from(SECOND) + i128::from(time.subsec_nanosecond()), value)
        }
        (Logical::Date, Value::Date(date)) => {
            let start = Instant::from_local(date.at(0, 0, 0, 0), Offset::UTC);
            start.map(|start| start.as_second().div_euclid(DAY)).ok_or_else(|| {
                Trouble::out_of_bounds(format!(
                    "{value} is outside the range of dates, 0001-01-01 to 9999-12-31"
                ))
            })
        }
        (Logical::LocalTimestamp(unit), Value::LocalDateTime(local)) => {
            let at = Instant::from_local(*local, Offset::UTC).ok_or_else(|| {
                Trouble::out_of_bounds(format!("{value} {}", lexical::NoLocalDateTime::Range))
            })?;
            in_units(unit, at.as_nanosecond(), value)
        }
        (Logical::LocalTimestamp(_), _) => Err(Trouble::wrong_kind("a local date-time", value)),
        (Logical::Timestamp(_), _) => Err(Trouble::wrong_kind("a timestamp", value)),
        (Logical::Time(_), _) => Err(Trouble::wrong_kind("a time", value)),
        (Logical::Date, _) => Err(Trouble::wrong_kind("a date", value)),
        _ => value.as_i64().ok_or_else(|| Trouble::wrong_kind("an integer", value)),
    }
}

fn in_units(unit: Unit, nanosecond: i128, value: &Value) -> Result<i64> {
    let per_unit = i128::from(unit.nanoseconds());
    if nanosecond % per_unit != 0 {
        return Err(Trouble::out_of_bounds(format!(
            "{value} has parts below {}, which would be lost",
            unit.name()
        )));
    }
    i64::try_from(nanosecond / per_unit).map_err(|_| {
        Trouble::out_of_bounds(format!("{value} is outside the range of {} in a long", unit.name()))
    })
}

/// The value of octets.
pub(in crate::avro) fn of_bytes(logical: Option<Logical>, bytes: &[u8]) -> Result<Value> {
    match logical {
        Some(Logical::Decimal { precision, scale }) => decimal(precision, scale, bytes),
        Some(Logical::Uuid) => match Uuid::from_slice(bytes) {
            Ok(id) => Ok(Value::Uuid(id)),
            Err(_) => Err(Trouble::bad_format(format!("{} bytes are not a UUID", bytes.len()))),
        },
        Some(Logical::Duration) => period(bytes),
        _ => Ok(Value::Bytes(Arc::from(bytes))),
    }
}

/// Months, days and milliseconds, each as four bytes, the lowest first.
fn period(bytes: &[u8]) -> Result<Value> {
    let Ok(bytes) = <[u8; 12]>::try_from(bytes) else {
        return Err(Trouble::bad_format(format!("{} bytes are not a duration", bytes.len())));
    };
    let part = |at: usize| u32::from_le_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]]);
    Ok(Value::from(Period {
        months: part(0).into(),
        days: part(4).into(),
        time: SignedDuration::from_millis(part(8).into()),
    }))
}

/// The twelve bytes of a period.
pub(in crate::avro) fn period_bytes(value: &Value) -> Result<[u8; 12]> {
    let Value::Period(period) = value else { return Err(Trouble::wrong_kind("a period", value)) };
    let nanoseconds = period.time.as_nanos();
    if nanoseconds % 1_000_000 != 0 {
        return Err(Trouble::out_of_bounds(format!(
            "{value} has parts below milliseconds, which would be lost"
        )));
    }
    let mut bytes = [0; 12];
    let parts = [
        ("months", i128::from(period.months)),
        ("days", i128::from(period.days)),
        ("milliseconds", nanoseconds / 1_000_000),
    ];
    for (place, (name, part)) in bytes.chunks_mut(4).zip(parts) {
        let part = u32::try_from(part).map_err(|_| {
            Trouble::out_of_bounds(format!("{value} has {part} {name}, and a duration has 0 to {}", u32::MAX))
        })?;
        place.copy_from_slice(&part.to_le_bytes());
    }
    Ok(bytes)
}

fn decimal(precision: u32, scale: u32, bytes: &[u8]) -> Result<Value> {
    let outside =
        || Trouble::out_of_bounds(format!("the number has more digits than the {precision} of its type"));
    let bytes = without_sign_extension(bytes);
    // A byte holds more than two digits, and none of a number within the precision is longer than this.
    if bytes.len() > precision as usize / 2 + 1 {
        return Err(outside());
    }
    let number = match bytes.len() {
        0..=8 => BigInt::from(
            bytes
                .iter()
                .skip(1)
                .fold(i64::from(bytes.first().copied().unwrap_or(0).cast_signed()), |n, byte| {
                    n << 8 | i64::from(*byte)
                }),
        ),
        _ => BigInt::from_signed_bytes_be(bytes),
    };
    let number = BigDecimal::new(number, scale.into());
    if number.digits() > u64::from(precision) {
        return Err(outside());
    }
    Ok(Value::from(Decimal::new(number)?))
}

/// The shortest two's complement of the same number.
fn without_sign_extension(bytes: &[u8]) -> &[u8] {
    let mut bytes = bytes;
    while let [first, rest @ ..] = bytes
        && let [second, ..] = rest
        && (*first == 0 && *second < 0x80 || *first == 0xFF && *second >= 0x80)
    {
        bytes = rest;
    }
    bytes
}

/// The unscaled number of a decimal as the shortest two's complement.
pub(in crate::avro) fn decimal_bytes(precision: u32, scale: u32, value: &Value) -> Result<Vec<u8>> {
    let number = match value {
        Value::Decimal(n) => n.as_big().clone(),
        Value::Int(n) => BigDecimal::from(*n),
        Value::Uint(n) => BigDecimal::from(*n),
        _ => return Err(Trouble::wrong_kind("a decimal", value)),
    };
    let number =
        if number.fractional_digit_count() == i64::from(scale) { number } else { number.normalized() };
    let more = i64::from(scale) - number.fractional_digit_count();
    let whole_digits = i64::try_from(number.digits()).unwrap_or(i64::MAX).saturating_add(more);
    if more < 0 {
        return Err(Trouble::out_of_bounds(format!("{value} has more than {scale} decimal places")));
    }
    if whole_digits > i64::from(precision) && number != 0 {
        return Err(Trouble::out_of_bounds(format!(
            "{value} has more than the {precision} digits of its type"
        )));
    }
    let (unscaled, _) = number.with_scale(scale.into()).into_bigint_and_scale();
    Ok(unscaled.to_signed_bytes_be())
}

/// Appends `number`, a two's complement, as one of `size` bytes.
pub(in crate::avro) fn extend_sign(number: &[u8], size: usize, out: &mut Vec<u8>) -> Result<()> {
    let Some(more) = size.checked_sub(number.len()) else {
        return Err(Trouble::out_of_bounds(format!("the number does not fit {size} bytes")));
    };
    let sign = if number.first().is_some_and(|first| *first >= 0x80) { 0xFF } else { 0 };
    out.resize(out.len() + more, sign);
    out.extend_from_slice(number);
    Ok(())
}

/// The value of text.
#[inline]
pub(in crate::avro) fn of_text(logical: Option<Logical>, text: &str) -> Result<Value> {
    match logical {
        Some(Logical::Uuid) => match lexical::read_uuid(text) {
            Some(id) => Ok(Value::Uuid(id)),
            None => Err(Trouble::bad_format(format!("{} is not a UUID", Value::from(text)))),
        },
        _ => Ok(Value::from(text)),
    }
}

/// A number of single precision as the double that is written like it, as contracts have it.
#[inline]
pub(in crate::avro) fn of_single(n: f32) -> Result<Value> {
    let wide = f64::from(n);
    // What is a whole number or a short binary fraction is written alike in both.
    if (wide * 8.0).fract() == 0.0 && wide.abs() < 16_384.0 {
        return Ok(Value::Float(wide));
    }
    let shortest = zmij::Buffer::new().format(n).parse().unwrap_or(wide);
    finite(shortest)
}

/// A double, unless it is no number: contracts have none of these.
#[inline]
pub(in crate::avro) fn finite(n: f64) -> Result<Value> {
    if n.is_finite() {
        Ok(Value::Float(n))
    } else {
        Err(Trouble::out_of_bounds(format!("{n} is not a finite number")))
    }
}
