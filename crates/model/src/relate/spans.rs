//! Numbers between bounds: which of them lie within others, and whether they are apart.

use bigdecimal::{BigDecimal, Zero};

use super::{Difference, Standing, walk::Walk};
use crate::shape::{Bound, FloatRange, IntRange};

/// The integers that are doubles, each and exactly: up to 2^53.
const EXACT: i128 = 1 << 53;

/// Numbers between bounds of any kind.
pub(super) struct Span {
    pub(super) min: Option<Edge>,
    pub(super) max: Option<Edge>,
    multiple_of: Option<BigDecimal>,
    is_single: bool,
}

pub(super) struct Edge {
    value: BigDecimal,
    exclusive: bool,
    /// Whether the contract says so; else the kind of number does.
    is_stated: bool,
}

impl Span {
    /// Where an integer has no bound, that of 64 bits with a sign holds.
    pub(super) fn of_int(range: &IntRange) -> Self {
        let edge = |bound: Option<i128>, implied: i64| {
            let value = bound.unwrap_or_else(|| implied.into()).into();
            Some(Edge { value, exclusive: false, is_stated: bound.is_some() })
        };
        Self {
            min: edge(range.min, i64::MIN),
            max: edge(range.max, i64::MAX),
            multiple_of: range.multiple_of.map(BigDecimal::from),
            is_single: false,
        }
    }

    pub(super) fn of_float(range: &FloatRange) -> Self {
        let edge = |bound: &Bound| Edge {
            value: bound.value.as_big().clone(),
            exclusive: bound.exclusive,
            is_stated: true,
        };
        Self {
            min: range.min.as_ref().map(edge),
            max: range.max.as_ref().map(edge),
            multiple_of: range.multiple_of.as_ref().map(|unit| unit.as_big().clone()),
            is_single: range.is_single,
        }
    }

    pub(super) fn is_apart(&self, other: &Self) -> bool {
        is_below(self.max.as_ref(), other.min.as_ref()) || is_below(other.max.as_ref(), self.min.as_ref())
    }

    /// Whether a double holds each integer of the span.
    fn is_exact(&self) -> bool {
        let most = BigDecimal::from(EXACT);
        let within = |edge: &Option<Edge>| edge.as_ref().is_some_and(|it| it.value.abs() <= most);
        within(&self.min) && within(&self.max)
    }
}

fn is_multiple(n: &BigDecimal, unit: &BigDecimal) -> bool {
    !unit.is_zero() && (n % unit).is_zero()
}

/// Whether everything up to `max` is below everything from `min`.
fn is_below(max: Option<&Edge>, min: Option<&Edge>) -> bool {
    max.zip(min).is_some_and(|(max, min)| {
        max.value < min.value || (max.value == min.value && (max.exclusive || min.exclusive))
    })
}

/// What `source` says of one end stands to what `target` says of it; `None` where it lies within.
fn end(
    source: Option<&Edge>,
    target: &Edge,
    is_inside: fn(&BigDecimal, &BigDecimal) -> bool,
) -> Option<Standing> {
    let Some(source) = source else { return Some(Standing::Open) };
    let is_on_edge = source.value == target.value && (source.exclusive || !target.exclusive);
    if is_on_edge || is_inside(&source.value, &target.value) {
        return None;
    }
    Some(if source.is_stated && target.is_stated { Standing::Refused } else { Standing::Open })
}

impl Walk<'_> {
    /// Integers that a double has to hold.
    pub(super) fn exactness(&mut self, source: &Span) -> Standing {
        if source.is_exact() { Standing::Within } else { self.differ(&Difference::Double, Standing::Open) }
    }

    pub(super) fn span(&mut self, source: &Span, target: &Span) -> Standing {
        let mut standing = Standing::Within;
        let are_apart = source.is_apart(target);
        if are_apart && self.seeks_apart() {
            return Standing::Apart;
        }
        let known = |how: Standing| if are_apart { Standing::Apart } else { how };
        if let Some(min) = &target.min
            && let Some(how) = end(source.min.as_ref(), min, |source, target| source > target).map(known)
        {
            standing = standing.min(self.differ(&Difference::Below(&min.value, min.exclusive), how));
        }
        if let Some(max) = &target.max
            && let Some(how) = end(source.max.as_ref(), max, |source, target| source < target).map(known)
        {
            standing = standing.min(self.differ(&Difference::Above(&max.value, max.exclusive), how));
        }
        if target.is_single && !source.is_single {
            standing = standing.min(self.differ(&Difference::Single, Standing::Open));
        }
        if let Some(unit) = &target.multiple_of
            && source.multiple_of.as_ref().is_none_or(|own| !is_multiple(own, unit))
        {
            standing = standing.min(self.differ(&Difference::Multiple(unit), Standing::Open));
        }
        standing
    }
}
