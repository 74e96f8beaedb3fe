//! Bounds of numbers and lengths.

use bigdecimal::BigDecimal;
use tenon_model::{
    Decimal,
    shape::{Bound, FloatRange, IntRange, Length},
};

use crate::{number, violation::Failure};

pub(crate) fn check_integer(range: &IntRange, n: i128) -> Result<(), Failure> {
    if let Some(min) = range.min.filter(|min| n < *min) {
        return Err(Failure::Bounds(format!("is less than the minimum of {min}")));
    }
    if let Some(max) = range.max.filter(|max| n > *max) {
        return Err(Failure::Bounds(format!("is more than the maximum of {max}")));
    }
    match range.multiple_of {
        Some(unit) if unit != 0 && n % unit != 0 => {
            Err(Failure::Bounds(format!("is not a multiple of {unit}")))
        }
        _ => Ok(()),
    }
}

pub(crate) fn check_float(range: &FloatRange, n: f64) -> Result<(), Failure> {
    if !n.is_finite() {
        return Err(Failure::Bounds("is not a finite number".to_owned()));
    }
    within(range, |bound| n.partial_cmp(&bound.value))?;
    match range.multiple_of {
        Some(unit) => {
            let text = number::shortest(n, &mut zmij::Buffer::new()).to_owned();
            check_multiple(text.parse().ok().as_ref(), unit)
        }
        None => Ok(()),
    }
}

pub(crate) fn check_decimal(range: &FloatRange, n: &Decimal) -> Result<(), Failure> {
    within(range, |bound| exact(bound.value).map(|bound| n.cmp(&bound)))?;
    range.multiple_of.map_or(Ok(()), |unit| check_multiple(Some(n), unit))
}

/// `of` says what is counted: `characters`, `items`.
pub(crate) fn check_length(length: &Length, count: usize, of: &str) -> Result<(), Failure> {
    let count = count as u64;
    if let Some(min) = length.min.filter(|min| count < *min) {
        return Err(Failure::Bounds(format!("has {count} {of}, and at least {min} are required")));
    }
    if let Some(max) = length.max.filter(|max| count > *max) {
        return Err(Failure::Bounds(format!("has {count} {of}, and at most {max} are allowed")));
    }
    Ok(())
}

/// `against` orders the value against a bound.
fn within(range: &FloatRange, against: impl Fn(&Bound) -> Option<std::cmp::Ordering>) -> Result<(), Failure> {
    use std::cmp::Ordering::{Equal, Greater, Less};
    let breaks = |bound: &Option<Bound>, beyond| {
        bound.filter(|bound| match against(bound) {
            Some(Equal) => bound.exclusive,
            Some(order) => order == beyond,
            None => false,
        })
    };
    if let Some(Bound { value, exclusive }) = breaks(&range.min, Less) {
        let how = if exclusive { "is not more than" } else { "is less than the minimum of" };
        return Err(Failure::Bounds(format!("{how} {value}")));
    }
    if let Some(Bound { value, exclusive }) = breaks(&range.max, Greater) {
        let how = if exclusive { "is not less than" } else { "is more than the maximum of" };
        return Err(Failure::Bounds(format!("{how} {value}")));
    }
    Ok(())
}

/// In decimal digits: as doubles, 0.3 is no multiple of 0.1.
fn check_multiple(n: Option<&Decimal>, unit: f64) -> Result<(), Failure> {
    let (Some(n), Some(unit_exact)) = (n, exact(unit)) else { return Ok(()) };
    let is_multiple = unit == 0.0 || n.as_big() % unit_exact.as_big() == BigDecimal::default();
    if is_multiple { Ok(()) } else { Err(Failure::Bounds(format!("is not a multiple of {unit}"))) }
}

fn exact(n: f64) -> Option<Decimal> {
    if n.is_finite() { number::shortest(n, &mut zmij::Buffer::new()).parse().ok() } else { None }
}
