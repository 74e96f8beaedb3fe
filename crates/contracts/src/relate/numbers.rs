//! Numbers: their bounds, what they are multiples of, and what a kind of number holds.

use bigdecimal::BigDecimal;
use tenon_model::shape::{Bound, FloatRange, IntRange};

use super::{
    Rule,
    compare::{Comparison, words},
};

/// The integers that are doubles, each and exactly: up to 2^53.
const EXACT: i128 = 1 << 53;

pub(super) struct Bounds {
    min: Option<(BigDecimal, bool)>,
    max: Option<(BigDecimal, bool)>,
    multiple_of: Option<BigDecimal>,
    is_single: bool,
}

/// Where an integer has no bound, that of 64 bits with a sign holds.
pub(super) fn of_int(range: &IntRange) -> Bounds {
    let (least, most) = (i128::from(i64::MIN), i128::from(i64::MAX));
    Bounds {
        min: Some((range.min.unwrap_or(least).into(), false)),
        max: Some((range.max.unwrap_or(most).into(), false)),
        multiple_of: range.multiple_of.map(BigDecimal::from),
        is_single: false,
    }
}

pub(super) fn of_float(range: &FloatRange) -> Bounds {
    let end = |bound: &Bound| (bound.value.as_big().clone(), bound.exclusive);
    Bounds {
        min: range.min.as_ref().map(end),
        max: range.max.as_ref().map(end),
        multiple_of: range.multiple_of.as_ref().map(|unit| unit.as_big().clone()),
        is_single: range.is_single,
    }
}

impl Comparison<'_> {
    /// Integers that a double has to hold.
    pub(super) fn exactness(&mut self, range: &IntRange) {
        if !(range.min.is_some_and(|n| n >= -EXACT) && range.max.is_some_and(|n| n <= EXACT)) {
            let words = words(
                "was a 64-bit integer, and is now a double, which cannot hold all of those",
                "is now a 64-bit integer, and was a double, which cannot hold all of those",
            );
            self.changed(Rule::PrecisionLost, words);
        }
    }

    pub(super) fn range(&mut self, writer: &Bounds, reader: &Bounds) {
        if let Some((min, exclusive)) = &reader.min
            && !writer.min.as_ref().is_some_and(|(n, open)| n > min || n == min && (*open || !exclusive))
        {
            let least = if *exclusive { "greater than" } else { "at least" };
            let words = words(
                format!("could be less before, and must now be {least} {min}"),
                format!("can be less now, and had to be {least} {min} before"),
            );
            self.changed(Rule::RangeNarrowed, words);
        }
        if let Some((max, exclusive)) = &reader.max
            && !writer.max.as_ref().is_some_and(|(n, open)| n < max || n == max && (*open || !exclusive))
        {
            let most = if *exclusive { "less than" } else { "at most" };
            let words = words(
                format!("could be greater before, and must now be {most} {max}"),
                format!("can be greater now, and had to be {most} {max} before"),
            );
            self.changed(Rule::RangeNarrowed, words);
        }
        if reader.is_single && !writer.is_single {
            let words = words(
                "is now a number of single precision, which does not hold all that it could be",
                "was a number of single precision, which does not hold all that it can be now",
            );
            self.changed(Rule::PrecisionLost, words);
        }
        if let Some(unit) = &reader.multiple_of
            && writer.multiple_of.as_ref().is_none_or(|own| (own % unit) != 0)
        {
            let words = words(
                format!("must now be a multiple of {unit}"),
                format!("had to be a multiple of {unit} before"),
            );
            self.changed(Rule::MultipleRequired, words);
        }
    }
}
