//! What is known of a value beyond its kind: bounds, lengths, and the values that are listed.

use std::sync::Arc;

use tenon_model::{
    Kind, Value,
    shape::{FloatRange, IntRange},
};

use super::Ty;

impl Ty {
    /// The bounds of an integer, where they are known.
    pub(crate) fn int_range(&self) -> Option<IntRange> {
        match self {
            Self::Data(shape) => match &shape.resolved().kind {
                Kind::Int(range) => Some(*range),
                Kind::Enum(values) => range_of(values),
                _ => None,
            },
            _ => None,
        }
    }

    /// The bounds of a double or decimal, where they are known.
    pub(crate) fn float_range(&self) -> Option<FloatRange> {
        match self {
            Self::Data(shape) => match &shape.resolved().kind {
                Kind::Float(range) | Kind::Decimal(range) => Some(range.clone()),
                _ => None,
            },
            _ => None,
        }
    }

    /// The only values that it can have, where a contract or the expression lists them.
    pub(crate) fn enumerated(&self) -> Option<Arc<[Value]>> {
        match self {
            Self::Data(shape) => match &shape.resolved().kind {
                Kind::Enum(values) => Some(Arc::clone(values)),
                _ => None,
            },
            _ => None,
        }
    }
}

/// The range of an enumeration of integers.
fn range_of(values: &[Value]) -> Option<IntRange> {
    let mut range: Option<(i128, i128)> = None;
    for value in values.iter().filter(|value| !value.is_null()) {
        let Value::Int(n) = value else { return None };
        let n = i128::from(*n);
        range = Some(range.map_or((n, n), |(min, max)| (min.min(n), max.max(n))));
    }
    range.map(|(min, max)| IntRange { min: Some(min), max: Some(max), multiple_of: None })
}
