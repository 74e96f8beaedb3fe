//! Numbers: `integer`, `number` and their bounds, and counts.

use tenon_document::Node;
use tenon_model::{
    Kind, Shape,
    shape::{Bound, FloatRange, IntRange},
};

use super::Reader;
use crate::number::{Number, Whole};

/// The formats that bound integers.
pub(super) const INTEGER_FORMATS: &[&str] = &["int32", "int64"];
/// The formats that say how a number is held.
pub(super) const NUMBER_FORMATS: &[&str] = &["decimal", "float", "double"];

impl<'d> Reader<'d> {
    pub(super) fn integer(&mut self, node: &'d Node) -> Shape {
        let mut range = match self.format(node, INTEGER_FORMATS) {
            Some("int32") => {
                IntRange { min: Some(i32::MIN.into()), max: Some(i32::MAX.into()), multiple_of: None }
            }
            Some("int64") => {
                IntRange { min: Some(i64::MIN.into()), max: Some(i64::MAX.into()), multiple_of: None }
            }
            _ => IntRange::default(),
        };
        // A bound with a fraction is the whole number next to it, and an excluded whole number is too.
        for (key, step) in [("minimum", 0), ("exclusiveMinimum", 1)] {
            if let Some((bound, is_whole)) = self.whole_bound(node, key, f64::ceil) {
                let bound = bound + if is_whole { step } else { 0 };
                range.min = range.min.max(Some(bound));
            }
        }
        for (key, step) in [("maximum", 0), ("exclusiveMaximum", 1)] {
            if let Some((bound, is_whole)) = self.whole_bound(node, key, f64::floor) {
                let bound = bound - if is_whole { step } else { 0 };
                range.max = Some(range.max.map_or(bound, |max| max.min(bound)));
            }
        }
        if let Some((unit, is_whole)) = self.whole_bound(node, "multipleOf", f64::ceil) {
            match (is_whole && unit > 0, node.get("multipleOf")) {
                (true, _) => range.multiple_of = Some(unit),
                (false, Some(value)) => {
                    let message = "`multipleOf` of an integer has to be a whole number above 0".to_owned();
                    self.bad(value, message, "use a whole number such as 1");
                }
                (false, None) => {}
            }
        }
        if let (Some(min), Some(max)) = (range.min, range.max)
            && min > max
        {
            self.empty_range(node);
        }
        Shape::of(Kind::Int(range))
    }

    pub(super) fn float(&mut self, node: &'d Node) -> Shape {
        let is_decimal = self.format(node, NUMBER_FORMATS) == Some("decimal");
        let range = self.float_range(node);
        Shape::of(if is_decimal { Kind::Decimal(range) } else { Kind::Float(range) })
    }

    fn float_range(&mut self, node: &'d Node) -> FloatRange {
        let mut range = FloatRange::default();
        for (key, exclusive) in [("minimum", false), ("exclusiveMinimum", true)] {
            if let Some(value) = self.double(node, key) {
                let is_stricter = range.min.is_none_or(|min: Bound| value >= min.value);
                range.min = if is_stricter { Some(Bound { value, exclusive }) } else { range.min };
            }
        }
        for (key, exclusive) in [("maximum", false), ("exclusiveMaximum", true)] {
            if let Some(value) = self.double(node, key) {
                let is_stricter = range.max.is_none_or(|max: Bound| value <= max.value);
                range.max = if is_stricter { Some(Bound { value, exclusive }) } else { range.max };
            }
        }
        range.multiple_of = self.double(node, "multipleOf");
        if let (Some(unit), Some(value)) = (range.multiple_of, node.get("multipleOf"))
            && unit <= 0.0
        {
            self.bad(
                value,
                format!("`multipleOf` is {unit}, and it has to be above 0"),
                "use a number above 0",
            );
            range.multiple_of = None;
        }
        if let (Some(min), Some(max)) = (range.min, range.max) {
            let meets = min.value == max.value && !min.exclusive && !max.exclusive;
            if min.value > max.value || (min.value == max.value && !meets) {
                self.empty_range(node);
            }
        }
        range
    }

    /// The whole number of keyword `key` that is not negative, if it is there.
    pub(super) fn count(&mut self, node: &'d Node, key: &str) -> Option<u64> {
        let value = node.get(key)?;
        let count = scan(value).and_then(|number| match number.to_whole() {
            Ok(Whole::Integer(count)) => u64::try_from(count).ok(),
            _ => None,
        });
        if count.is_none() {
            self.wrong_kind(value, key, "a whole number from 0");
        }
        count
    }

    /// The number of keyword `key`, rounded to a whole one, and whether it was one.
    fn whole_bound(&mut self, node: &'d Node, key: &str, round: impl Fn(f64) -> f64) -> Option<(i128, bool)> {
        let value = node.get(key)?;
        let number = self.number(value, key)?;
        match number.to_whole() {
            Ok(Whole::Integer(whole)) => Some((whole, true)),
            #[allow(
                clippy::cast_possible_truncation,
                reason = "a fraction only has a double near a whole number"
            )]
            Ok(Whole::Fraction) => number.to_float().ok().map(|bound| (round(bound) as i128, false)),
            _ => {
                self.bad(
                    value,
                    format!("`{key}` is beyond the integers of 64 bits"),
                    &format!("remove `{key}`"),
                );
                None
            }
        }
    }

    fn double(&mut self, node: &'d Node, key: &str) -> Option<f64> {
        let value = node.get(key)?;
        let number = self.number(value, key)?;
        let double = number.to_float().ok();
        if double.is_none() {
            self.bad(value, format!("`{key}` is beyond the doubles"), &format!("remove `{key}`"));
        }
        double
    }

    fn number(&mut self, value: &'d Node, key: &str) -> Option<Number<'d>> {
        let number = scan(value);
        if number.is_none() {
            self.wrong_kind(value, key, "a number");
        }
        number
    }

    fn empty_range(&mut self, node: &'d Node) {
        let keys = ["maximum", "exclusiveMaximum", "minimum", "exclusiveMinimum", "format"];
        let place = keys.iter().find_map(|key| node.get(key)).unwrap_or(node);
        self.bad(
            place,
            "no number lies between the bounds".to_owned(),
            "correct the smaller bound or the larger one",
        );
    }
}

/// The number, if the node is one in the notation of JSON.
pub(super) fn scan(node: &Node) -> Option<Number<'_>> {
    let text = node.number_text()?;
    Number::scan(text, 0).ok().filter(|number| number.text.len() == text.len())
}
