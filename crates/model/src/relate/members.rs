//! Values that are listed: as the source, each of them counts; as the target, it takes no others.

use std::{collections::BTreeSet, sync::Arc};

use bigdecimal::BigDecimal;

use super::{Difference, Form, Standing, Step, unions::together, walk::Walk};
use crate::{
    Decimal, Kind, Shape, Value,
    shape::{Bound, FloatRange, IntRange, Text},
};

impl Walk<'_> {
    pub(super) fn members_source(&mut self, values: &Arc<[Value]>, target: &Shape) -> Standing {
        let values = values.iter().enumerate().filter(|(_, value)| !value.is_null());
        if self.is_of(Form::Text) {
            let standings: Vec<Standing> =
                values.map(|(_, value)| self.member_as_text(value, target)).collect();
            return together(standings);
        }
        let values: Vec<(usize, &Value)> = values.collect();
        let are_texts = values.iter().all(|(_, value)| matches!(value, Value::String(_)));
        let standings: Vec<Standing> = match &target.kind {
            Kind::Enum(wanted) => values.iter().map(|(_, value)| self.listed(value, wanted)).collect(),
            Kind::String(text) if are_texts => {
                values.iter().map(|(_, value)| self.member_of_text(value, text)).collect()
            }
            Kind::Union(union) if values.len() == 1 && are_texts => {
                let one = Shape::of(Kind::Enum(Arc::from([values[0].1.clone()])));
                return self.union_target(&one, union);
            }
            _ if are_texts && !matches!(target.kind, Kind::Union(_)) => {
                return self.differ(&Difference::Kind, Standing::Apart);
            }
            // They are of several kinds, or each may be another alternative.
            _ => values
                .iter()
                .map(|(at, value)| self.below(Step::Variant(*at), &exactly(value), target))
                .collect(),
        };
        together(standings)
    }

    fn member_as_text(&mut self, value: &Value, target: &Shape) -> Standing {
        match self.policy.takes(target, value) {
            Some(true) => Standing::Within,
            Some(false) => self.differ(&Difference::Member(value), Standing::Apart),
            None => self.differ(&Difference::TooComplex, Standing::Open),
        }
    }

    fn listed(&mut self, value: &Value, wanted: &[Value]) -> Standing {
        if wanted.iter().any(|wanted| is_same(wanted, value)) {
            return Standing::Within;
        }
        self.differ(&Difference::Member(value), Standing::Apart)
    }

    fn member_of_text(&mut self, value: &Value, text: &Text) -> Standing {
        let count = value.as_str().map_or(0, |text| text.chars().count() as u64);
        let length = text.length;
        if length.min.is_some_and(|min| count < min) || length.max.is_some_and(|max| count > max) {
            return self.differ(&Difference::Member(value), Standing::Apart);
        }
        match (&text.pattern, text.format) {
            (Some(pattern), _) => self.differ(&Difference::Pattern(pattern), Standing::Open),
            (None, Some(format)) => self.differ(&Difference::Format(format), Standing::Open),
            (None, None) => Standing::Within,
        }
    }

    /// A value of a kind as one of those that are listed.
    pub(super) fn members_target(&mut self, source: &Shape, values: &Arc<[Value]>) -> Standing {
        if source.kind == Kind::Bool && [true, false].iter().all(|b| values.contains(&Value::Bool(*b))) {
            return Standing::Within;
        }
        let mut standing = if self.shares_one(source, values) { Standing::Refused } else { Standing::Apart };
        if let Kind::Int(range) = &source.kind {
            let known: BTreeSet<i64> =
                values.iter().filter_map(Value::as_i64).filter(|n| is_in(*n, range)).collect();
            match range.max.zip(range.min).map(|(max, min)| usize::try_from(max - min + 1)) {
                Some(count) if count == Ok(known.len()) => return Standing::Within,
                None if !known.is_empty() && self.is_of(Form::Values) => standing = Standing::Open,
                _ => {}
            }
        }
        self.differ(&Difference::Kind, standing)
    }

    /// Whether one of the values may be of the source.
    fn shares_one(&mut self, source: &Shape, values: &[Value]) -> bool {
        let is_text = self.is_of(Form::Text);
        values.iter().filter(|value| !value.is_null()).any(|value| {
            if is_text {
                return self.policy.takes(source, value) != Some(false);
            }
            self.attempt(&exactly(value), source, true) > Standing::Apart
        })
    }
}

fn is_in(n: i64, range: &IntRange) -> bool {
    let n = i128::from(n);
    range.min.is_none_or(|min| n >= min) && range.max.is_none_or(|max| n <= max)
}

/// Whether two values are equal; of numbers, as numbers.
fn is_same(one: &Value, other: &Value) -> bool {
    let number = |value: &Value| match value {
        Value::Int(_) | Value::Uint(_) | Value::Float(_) | Value::Decimal(_) => {
            value.to_string().parse::<BigDecimal>().ok()
        }
        _ => None,
    };
    one == other || number(one).zip(number(other)).is_some_and(|(one, other)| one == other)
}

/// The shape of this value alone, as precisely as shapes say it; of a list or a map, anything.
#[must_use]
pub fn exactly(value: &Value) -> Shape {
    match value {
        Value::Int(n) => whole((*n).into()),
        Value::Uint(n) => whole((*n).into()),
        Value::Float(n) => match Decimal::shortest(*n) {
            Some(digits) => Shape::of(Kind::Float(FloatRange { is_single: is_single(*n), ..only(digits) })),
            None => Shape::FLOAT,
        },
        Value::Decimal(n) => Shape::of(Kind::Decimal(only((**n).clone()))),
        Value::Null | Value::String(_) => Shape::of(Kind::Enum(Arc::from([value.clone()]))),
        Value::Bool(_) => Shape::BOOL,
        Value::Bytes(_) => Shape::BYTES,
        Value::Timestamp(_) => Shape::TIMESTAMP,
        Value::Date(_) => Shape::DATE,
        Value::Time(_) => Shape::TIME,
        Value::LocalDateTime(_) => Shape::LOCAL_DATE_TIME,
        Value::Duration(_) => Shape::DURATION,
        Value::Period(_) => Shape::PERIOD,
        Value::Uuid(_) => Shape::UUID,
        Value::List(_) | Value::Map(_) => Shape::ANY,
    }
}

fn whole(n: i128) -> Shape {
    Shape::of(Kind::Int(IntRange { min: Some(n), max: Some(n), multiple_of: Some(n) }))
}

fn only(n: Decimal) -> FloatRange {
    let bound = Some(Bound::new(n.clone(), false));
    FloatRange { min: bound.clone(), max: bound, multiple_of: Some(Arc::new(n)), ..FloatRange::ANY }
}

/// Whether a double is written as a number of single precision is.
#[allow(clippy::cast_possible_truncation, reason = "what is lost is looked for")]
fn is_single(n: f64) -> bool {
    (n as f32).to_string().parse() == Ok(n)
}
