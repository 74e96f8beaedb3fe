//! Numbers: `integer`, `number` and their bounds, and counts.

use std::sync::Arc;

use bigdecimal::{BigDecimal, RoundingMode, ToPrimitive, Zero};
use tenon_document::Node;
use tenon_model::{
    Decimal, Kind, Shape,
    shape::{Bound, FloatRange, IntRange, Length},
};

use super::{Reader, together::Entry};
use crate::number::Number;

/// The formats that bound integers, with their bounds.
pub(super) const INTEGER_FORMATS: &[(&str, i128, i128)] = &[
    ("int8", i8::MIN as i128, i8::MAX as i128),
    ("int16", i16::MIN as i128, i16::MAX as i128),
    ("int32", i32::MIN as i128, i32::MAX as i128),
    ("int64", i64::MIN as i128, i64::MAX as i128),
    ("uint8", 0, u8::MAX as i128),
    ("uint16", 0, u16::MAX as i128),
    ("uint32", 0, u32::MAX as i128),
    ("uint64", 0, u64::MAX as i128),
];
/// The formats that say how a number is held.
pub(super) const NUMBER_FORMATS: &[&str] = &["decimal", "float", "double"];

/// The names of the formats that say something about numbers.
pub(super) fn formats() -> impl Iterator<Item = &'static str> {
    INTEGER_FORMATS.iter().map(|(name, ..)| *name).chain(NUMBER_FORMATS.iter().copied())
}

pub(super) fn is_format(name: &str) -> bool {
    formats().any(|known| known == name)
}

/// The range of one bound after another: the smallest and the largest number, and whether they are excluded.
#[derive(Default)]
struct Range {
    min: Option<(Decimal, bool)>,
    max: Option<(Decimal, bool)>,
    units: Vec<Decimal>,
}

impl<'d> Reader<'d> {
    pub(super) fn integer(&mut self, plain: &[Entry<'d>]) -> Shape {
        let mut range = IntRange::default();
        for node in plain.iter().filter_map(Entry::node) {
            let format = node.get("format").and_then(Node::as_str);
            if let Some((_, min, max)) = INTEGER_FORMATS.iter().find(|(name, ..)| Some(*name) == format) {
                at_least(&mut range, *min);
                at_most(&mut range, *max);
            }
        }
        let bounds = self.range(plain);
        // A bound with a fraction is the whole number next to it, and an excluded whole number is too.
        if let Some((bound, exclusive)) = bounds.min {
            let (whole, is_whole) = whole(&bound, RoundingMode::Ceiling);
            at_least(&mut range, whole.saturating_add(i128::from(exclusive && is_whole)));
        }
        if let Some((bound, exclusive)) = bounds.max {
            let (whole, is_whole) = whole(&bound, RoundingMode::Floor);
            at_most(&mut range, whole.saturating_sub(i128::from(exclusive && is_whole)));
        }
        for unit in bounds.units {
            let (whole, is_whole) = whole(&unit, RoundingMode::Ceiling);
            if !is_whole {
                self.fractional_unit(&unit);
            } else if range.multiple_of.is_none_or(|other| whole % other == 0) {
                range.multiple_of = Some(whole);
            } else if range.multiple_of.is_some_and(|other| other % whole != 0) {
                range.multiple_of = range.multiple_of.and_then(|other| common_multiple(other, whole));
            }
        }
        match (range.min, range.max) {
            (Some(min), Some(max)) if min > max => self.no_number(plain),
            _ => Shape::of(Kind::Int(range)),
        }
    }

    /// Every whole number is a multiple of 1/n; of other fractions, only what they have in common with whole numbers is.
    fn fractional_unit(&mut self, unit: &Decimal) {
        let divides = unit.as_big().is_zero() || (BigDecimal::from(1) % unit.as_big()).is_zero();
        self.is_inexact |= !divides;
    }

    pub(super) fn float(&mut self, plain: &[Entry<'d>]) -> Shape {
        let formats = || plain.iter().filter_map(Entry::node).filter_map(|node| node.get("format")?.as_str());
        if formats().any(|format| INTEGER_FORMATS.iter().any(|(name, ..)| *name == format)) {
            return self.integer(plain);
        }
        let range = self.float_range(plain);
        if let (Some(min), Some(max)) = (&range.min, &range.max) {
            let is_empty = match min.value.cmp(&max.value) {
                std::cmp::Ordering::Equal => min.exclusive || max.exclusive,
                order => order.is_gt(),
            };
            if is_empty {
                return self.no_number(plain);
            }
        }
        Shape::of(if formats().any(|format| format == "decimal") {
            Kind::Decimal(range)
        } else {
            Kind::Float(range)
        })
    }

    pub(super) fn float_range(&mut self, plain: &[Entry<'d>]) -> FloatRange {
        let Range { min, max, mut units } = self.range(plain);
        let unit = units.pop();
        for other in units {
            let stricter = unit.as_ref().is_some_and(|unit| (unit.as_big() % other.as_big()).is_zero());
            self.is_inexact |= !stricter;
        }
        let bound = |(value, exclusive)| Bound::new(value, exclusive);
        FloatRange {
            min: min.map(bound),
            max: max.map(bound),
            multiple_of: unit.map(Arc::new),
            ..FloatRange::ANY
        }
    }

    fn range(&mut self, plain: &[Entry<'d>]) -> Range {
        let mut range = Range::default();
        for node in plain.iter().filter_map(Entry::node) {
            // In draft-04 and OpenAPI 3.0 the exclusion is a flag beside the bound.
            let flag = |key: &str| node.get(key).and_then(Node::as_bool);
            let lower = [("minimum", flag("exclusiveMinimum") == Some(true)), ("exclusiveMinimum", true)];
            for (key, exclusive) in lower {
                if let Some(value) = self.bound(node, key)
                    && range
                        .min
                        .as_ref()
                        .is_none_or(|(min, was)| value > *min || (value == *min && exclusive && !was))
                {
                    range.min = Some((value, exclusive));
                }
            }
            let upper = [("maximum", flag("exclusiveMaximum") == Some(true)), ("exclusiveMaximum", true)];
            for (key, exclusive) in upper {
                if let Some(value) = self.bound(node, key)
                    && range
                        .max
                        .as_ref()
                        .is_none_or(|(max, was)| value < *max || (value == *max && exclusive && !was))
                {
                    range.max = Some((value, exclusive));
                }
            }
            self.unit(node, &mut range);
        }
        range
    }

    fn unit(&mut self, node: &'d Node, range: &mut Range) {
        let (Some(unit), Some(value)) = (self.bound(node, "multipleOf"), node.get("multipleOf")) else {
            return;
        };
        if unit <= Decimal::from(0) {
            let message = format!("`multipleOf` is {unit}, and must be above 0");
            self.bad(value, message, "use a number above 0");
        } else if !range.units.contains(&unit) {
            range.units.push(unit);
        }
    }

    /// A pair of keywords that bound a count, of all schemas together.
    pub(super) fn length(&mut self, plain: &[Entry<'d>], min: &str, max: &str) -> Length {
        let mut length = Length::default();
        for node in plain.iter().filter_map(Entry::node) {
            let (least, most) = (self.count(node, min), self.count(node, max));
            if let (Some(least), Some(most)) = (least, most)
                && least > most
                && let Some(value) = node.get(max)
            {
                let message = format!("`{min}` is {least} and `{max}` is {most}: no value lies between them");
                self.bad(value, message, "swap the two bounds");
            }
            length.min = length.min.max(least);
            length.max = match (length.max, most) {
                (Some(one), Some(other)) => Some(one.min(other)),
                (one, other) => one.or(other),
            };
        }
        length
    }

    /// The whole number of keyword `key` that is not negative, if it is there.
    fn count(&mut self, node: &'d Node, key: &str) -> Option<u64> {
        let value = node.get(key)?;
        let count = scan(value).and_then(|number| number.to_decimal().ok()).and_then(|number| {
            let (whole, is_whole) = whole(&number, RoundingMode::Floor);
            if is_whole { u64::try_from(whole).ok() } else { None }
        });
        if count.is_none() {
            self.wrong_kind(value, key, "a whole number from 0");
        }
        count
    }

    /// The number of keyword `key`, with all its digits.
    fn bound(&mut self, node: &'d Node, key: &str) -> Option<Decimal> {
        let value = node.get(key)?;
        if value.as_bool().is_some() && key.starts_with("exclusive") {
            return None;
        }
        let Some(number) = scan(value) else {
            self.wrong_kind(value, key, "a number");
            return None;
        };
        number.to_decimal().map_err(|report| self.push(report.at(value.place()))).ok()
    }

    /// No number is left: an error where one schema says so, else what it comes to.
    fn no_number(&mut self, plain: &[Entry<'d>]) -> Shape {
        let keys = ["maximum", "exclusiveMaximum", "minimum", "exclusiveMinimum", "format"];
        let mut nodes = plain
            .iter()
            .filter_map(Entry::node)
            .filter(|node| keys.iter().any(|key| node.get(key).is_some()));
        if let (Some(node), None) = (nodes.next(), nodes.next()) {
            let place = keys.iter().find_map(|key| node.get(key)).unwrap_or(node);
            let hint = "correct one of the bounds";
            self.bad(place, "no number lies between the bounds".to_owned(), hint);
        }
        Shape::never()
    }
}

/// The whole number nearest to `number` in the direction of `mode`, and whether it is the number itself. Far beyond 64 bits
/// it is the largest or the smallest that can be held.
fn whole(number: &Decimal, mode: RoundingMode) -> (i128, bool) {
    let rounded = number.as_big().with_scale_round(0, mode);
    let is_whole = rounded == *number.as_big();
    let beyond = if rounded < BigDecimal::zero() { i128::MIN } else { i128::MAX };
    (rounded.to_i128().unwrap_or(beyond), is_whole)
}

fn at_least(range: &mut IntRange, min: i128) {
    range.min = range.min.max(Some(min));
}

fn at_most(range: &mut IntRange, max: i128) {
    range.max = Some(range.max.map_or(max, |other| other.min(max)));
}

fn common_multiple(one: i128, other: i128) -> Option<i128> {
    let (mut a, mut b) = (one, other);
    while b != 0 {
        (a, b) = (b, a % b);
    }
    (one / a).checked_mul(other)
}

/// The number, if the node is one in the notation of JSON.
pub(in crate::json_schema) fn scan(node: &Node) -> Option<Number<&str>> {
    let text = node.number_text()?;
    Number::scan(text, 0).ok().filter(|number| number.text.len() == text.len())
}
