//! What a shape says that another one might not allow for: the numbers, lengths and values at which it decides.

use std::sync::Arc;

use bigdecimal::BigDecimal;
use serde_json::Value as Json;
use tenon_model::{
    Kind, Shape,
    shape::{FloatRange, Length},
};

use super::{place::first_spots, pool};

/// How many of each are kept.
const MOST: usize = 24;

/// How many parts of a shape are looked at.
const MOST_SPOTS: usize = 100;

/// Where a shape decides.
#[derive(Debug, Clone, Default)]
pub(crate) struct Hints {
    /// Its bounds and what its numbers are multiples of.
    pub(super) numbers: Vec<BigDecimal>,
    /// Its least and greatest lengths, and those beside them.
    pub(super) lengths: Vec<u64>,
    /// The members of its enumerations, and examples of its other parts.
    pub(super) values: Vec<Json>,
}

impl Hints {
    /// Where `shape` and what is in it decide.
    pub(crate) fn of(shape: &Shape) -> Self {
        let mut hints = Self::default();
        for spot in first_spots(shape, MOST_SPOTS) {
            hints.add(&spot.shape.kind);
        }
        hints.numbers.truncate(MOST);
        hints.lengths.truncate(MOST);
        hints.values.truncate(MOST);
        hints
    }

    /// Where something decides that counts up to `count`.
    pub(super) fn counting(count: u64) -> Self {
        Self {
            numbers: (2..count + 2).map(BigDecimal::from).collect(),
            lengths: (1..=count).collect(),
            ..Self::default()
        }
    }

    fn add(&mut self, kind: &Kind) {
        match kind {
            Kind::Int(range) => {
                let numbers = [range.min, range.max, range.multiple_of];
                self.numbers.extend(numbers.into_iter().flatten().map(BigDecimal::from));
            }
            Kind::Float(range) | Kind::Decimal(range) => self.numbers.extend(numbers(range)),
            Kind::String(text) => self.length(text.length),
            Kind::Bytes(length) => self.length(*length),
            Kind::List(list) => self.length(list.length),
            Kind::Map(map) => self.length(map.length),
            Kind::Record(record) => {
                self.length(record.length);
                self.lengths.push(record.fields().len() as u64);
            }
            Kind::Enum(values) => self.values.extend(values.iter().filter_map(pool::json)),
            Kind::Timestamp
            | Kind::Date
            | Kind::Time
            | Kind::LocalDateTime
            | Kind::Duration
            | Kind::Period
            | Kind::Uuid => {
                self.values.extend(pool::forms(kind).into_iter().take(1));
            }
            _ => {}
        }
    }

    fn length(&mut self, length: Length) {
        for end in [length.min, length.max].into_iter().flatten() {
            self.lengths.extend([end, end.saturating_sub(1), end.saturating_add(1)]);
        }
    }
}

/// The ends of a range and what its numbers are multiples of.
pub(super) fn numbers(range: &FloatRange) -> Vec<BigDecimal> {
    let ends = [&range.min, &range.max].into_iter().flatten().map(|bound| Arc::clone(&bound.value));
    ends.chain(range.multiple_of.clone()).map(|number| number.as_big().clone()).collect()
}
