//! Bounds of numbers and lengths.

use std::cmp::Ordering;

use bigdecimal::Zero;
use tenon_model::{
    Decimal,
    shape::{Bound, FloatRange, IntRange, Length},
};

use crate::violation::Failure;

/// The integers of a range. Those of 64 bits are compared as such.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Integers {
    least: i64,
    greatest: i64,
    range: IntRange,
}

impl Integers {
    pub(super) fn new(range: IntRange) -> Self {
        let within = |bound: i128| i64::try_from(bound.clamp(i64::MIN.into(), i64::MAX.into())).unwrap_or(0);
        let (least, greatest) = match range {
            // None is taken for granted where a multiple is asked for, or where all of them are beyond 64 bits.
            IntRange { multiple_of: Some(_), .. } => (1, 0),
            IntRange { min: Some(min), .. } if min > i64::MAX.into() => (1, 0),
            IntRange { max: Some(max), .. } if max < i64::MIN.into() => (1, 0),
            IntRange { min, max, .. } => (min.map_or(i64::MIN, within), max.map_or(i64::MAX, within)),
        };
        Self { least, greatest, range }
    }

    /// Whether `n` can be seen at once to be one of them.
    #[inline]
    pub(crate) fn takes(&self, n: i64) -> bool {
        self.least <= n && n <= self.greatest
    }

    /// Whether `n` is one of them, or why not.
    #[inline]
    pub(crate) fn check(&self, n: i64) -> Result<(), Failure> {
        if self.takes(n) { Ok(()) } else { check_integer(&self.range, n.into()) }
    }

    /// The same for an integer of any size.
    #[inline]
    pub(crate) fn check_large(&self, n: i128) -> Result<(), Failure> {
        i64::try_from(n).map_or_else(|_| check_integer(&self.range, n), |n| self.check(n))
    }
}

pub(crate) fn check_integer(range: &IntRange, n: i128) -> Result<(), Failure> {
    if let Some(min) = range.min.filter(|min| n < *min) {
        return Err(Failure::Bounds(format!("is less than the minimum of {min}")));
    }
    if let Some(max) = range.max.filter(|max| n > *max) {
        return Err(Failure::Bounds(format!("is greater than the maximum of {max}")));
    }
    match range.multiple_of {
        Some(unit) if unit != 0 && n % unit != 0 => {
            Err(Failure::Bounds(format!("is not a multiple of {unit}")))
        }
        _ => Ok(()),
    }
}

/// A double stands for the shortest text that is read as it.
pub(crate) fn check_float(range: &FloatRange, n: f64) -> Result<(), Failure> {
    if !n.is_finite() {
        return Err(Failure::Bounds("is not a finite number".to_owned()));
    }
    within(range, |bound| match n.partial_cmp(&bound.nearest()) {
        // Rounding keeps the order: where the doubles differ, so do the numbers. Only here all digits are compared.
        Some(Ordering::Equal) | None => Decimal::shortest(n).map(|n| n.cmp(&bound.value)),
        order => order,
    })?;
    if range.is_single && !is_single(n) {
        return Err(Failure::Bounds("has more digits than a number of single precision holds".to_owned()));
    }
    match &range.multiple_of {
        Some(unit) => Decimal::shortest(n).map_or(Ok(()), |n| check_multiple(&n, unit)),
        None => Ok(()),
    }
}

pub(crate) fn check_decimal(range: &FloatRange, n: &Decimal) -> Result<(), Failure> {
    within(range, |bound| Some(n.cmp(&bound.value)))?;
    range.multiple_of.as_ref().map_or(Ok(()), |unit| check_multiple(n, unit))
}

/// Whether a double is written as a number of single precision is.
#[allow(clippy::cast_possible_truncation, reason = "that is what is asked")]
fn is_single(n: f64) -> bool {
    zmij::Buffer::new().format(n as f32).parse() == Ok(n)
}

/// `of` says what is counted: `characters`, `items`.
pub(crate) fn check_length(length: &Length, count: usize, of: &str) -> Result<(), Failure> {
    let count = count as u64;
    if let Some(min) = length.min.filter(|min| count < *min) {
        return Err(Failure::Bounds(format!(
            "has {}, and at least {min} {} required",
            counted(count, of),
            be(min)
        )));
    }
    if let Some(max) = length.max.filter(|max| count > *max) {
        return Err(Failure::Bounds(format!(
            "has {}, and at most {max} {} allowed",
            counted(count, of),
            be(max)
        )));
    }
    Ok(())
}

/// A count with `of`, which is a plural: `1 entry`, `2 entries`.
fn counted(count: u64, of: &str) -> String {
    match (count, of) {
        (1, "entries") => "1 entry".to_owned(),
        (1, _) => format!("1 {}", of.strip_suffix('s').unwrap_or(of)),
        _ => format!("{count} {of}"),
    }
}

fn be(count: u64) -> &'static str {
    if count == 1 { "is" } else { "are" }
}

/// `against` orders the value against a bound.
fn within(range: &FloatRange, against: impl Fn(&Bound) -> Option<Ordering>) -> Result<(), Failure> {
    let breaks = |bound: &Bound, beyond| match against(bound) {
        Some(Ordering::Equal) => bound.exclusive,
        Some(order) => order == beyond,
        None => false,
    };
    if let Some(Bound { value, exclusive, .. }) = range.min.as_ref().filter(|min| breaks(min, Ordering::Less))
    {
        let how = if *exclusive { "is not greater than" } else { "is less than the minimum of" };
        return Err(Failure::Bounds(format!("{how} {value}")));
    }
    if let Some(Bound { value, exclusive, .. }) =
        range.max.as_ref().filter(|max| breaks(max, Ordering::Greater))
    {
        let how = if *exclusive { "is not less than" } else { "is greater than the maximum of" };
        return Err(Failure::Bounds(format!("{how} {value}")));
    }
    Ok(())
}

/// In decimal digits: as doubles, 0.3 is no multiple of 0.1.
fn check_multiple(n: &Decimal, unit: &Decimal) -> Result<(), Failure> {
    let is_multiple = unit.as_big().is_zero() || (n.as_big() % unit.as_big()).is_zero();
    if is_multiple { Ok(()) } else { Err(Failure::Bounds(format!("is not a multiple of {unit}"))) }
}
