//! The bounds of integer results, so that a value that cannot leave its target's range needs no conversion.

use tenon_model::{Kind, Shape, shape::IntRange};

use crate::{syntax::Binary, types::Ty};

/// The type of `-x`.
pub(super) fn negated(ty: &Ty) -> Ty {
    let range = ty.int_range().unwrap_or_default();
    integer(range.max.map(|n| -n), range.min.map(|n| -n))
}

/// The type of an integer operation.
pub(super) fn combined(operator: Binary, left: &Ty, right: &Ty) -> Ty {
    let (a, b) = (left.int_range().unwrap_or_default(), right.int_range().unwrap_or_default());
    match operator {
        Binary::Add => integer(sum(a.min, b.min), sum(a.max, b.max)),
        Binary::Subtract => integer(sum(a.min, b.max.map(|n| -n)), sum(a.max, b.min.map(|n| -n))),
        Binary::Multiply => product(a, b),
        Binary::Remainder => remainder(a, b),
        _ => Ty::INT,
    }
}

/// The type of the greatest (or else least) of some integers.
pub(super) fn extreme(types: &[Ty], greatest: bool) -> Option<Ty> {
    let ranges: Vec<IntRange> = types.iter().map(Ty::int_range).collect::<Option<_>>()?;
    let (mins, maxes) = (ranges.iter().map(|range| range.min), ranges.iter().map(|range| range.max));
    // The greatest is at least as great as any known lower bound; above it is bounded only where all are.
    Some(if greatest {
        integer(
            mins.flatten().max(),
            maxes.collect::<Option<Vec<_>>>().and_then(|maxes| maxes.into_iter().max()),
        )
    } else {
        integer(
            mins.collect::<Option<Vec<_>>>().and_then(|mins| mins.into_iter().min()),
            maxes.flatten().min(),
        )
    })
}

/// Whether the result of an integer operation is beyond 64 bits for all operands of these types.
pub(super) fn overflows(operator: Binary, left: &Ty, right: &Ty) -> bool {
    let (Some(a), Some(b)) = (left.int_range(), right.int_range()) else { return false };
    let (min, max) = match operator {
        Binary::Add => (sum(a.min, b.min), sum(a.max, b.max)),
        Binary::Subtract => (sum(a.min, b.max.map(|n| -n)), sum(a.max, b.min.map(|n| -n))),
        Binary::Multiply => corners(a, b),
        _ => (None, None),
    };
    min.is_some_and(|min| min > i128::from(i64::MAX)) || max.is_some_and(|max| max < i128::from(i64::MIN))
}

fn sum(a: Option<i128>, b: Option<i128>) -> Option<i128> {
    a?.checked_add(b?)
}

fn product(a: IntRange, b: IntRange) -> Ty {
    let (min, max) = corners(a, b);
    integer(min, max)
}

/// The least and the greatest product.
fn corners(a: IntRange, b: IntRange) -> (Option<i128>, Option<i128>) {
    let products = || {
        let (a, b) = ([a.min?, a.max?], [b.min?, b.max?]);
        a.iter().flat_map(|a| b.iter().map(move |b| a.checked_mul(*b))).collect::<Option<Vec<i128>>>()
    };
    let products = products().unwrap_or_default();
    (products.iter().min().copied(), products.iter().max().copied())
}

/// The remainder has the sign of the dividend and is smaller than the divisor.
fn remainder(a: IntRange, b: IntRange) -> Ty {
    let (Some(b_min), Some(b_max)) = (b.min, b.max) else { return Ty::INT };
    let size = b_min.unsigned_abs().max(b_max.unsigned_abs());
    let Ok(most) = i128::try_from(size).map(|size| (size - 1).max(0)) else { return Ty::INT };
    let negative = a.min.is_none_or(|min| min < 0);
    let positive = a.max.is_none_or(|max| max > 0);
    integer(Some(if negative { -most } else { 0 }), Some(if positive { most } else { 0 }))
}

/// An integer within these bounds; bounds beyond 64 bits are none, since evaluation fails before it reaches them.
fn integer(min: Option<i128>, max: Option<i128>) -> Ty {
    let inside = |bound: &i128| i64::try_from(*bound).is_ok();
    Ty::Data(Shape::of(Kind::Int(IntRange {
        min: min.filter(inside),
        max: max.filter(inside),
        multiple_of: None,
    })))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn between(min: i128, max: i128) -> Ty {
        integer(Some(min), Some(max))
    }

    #[test]
    fn bounds_follow_the_operation() {
        let (a, b) = (between(1, 9), between(-2, 3));
        assert_eq!(combined(Binary::Add, &a, &b), between(-1, 12));
        assert_eq!(combined(Binary::Subtract, &a, &b), between(-2, 11));
        assert_eq!(combined(Binary::Multiply, &a, &b), between(-18, 27));
        assert_eq!(combined(Binary::Remainder, &Ty::INT, &between(100, 100)), between(-99, 99));
        assert_eq!(negated(&b), between(-3, 2));
        assert_eq!(combined(Binary::Add, &between(0, i128::from(i64::MAX)), &a), integer(Some(1), None));
    }

    #[test]
    fn the_least_of_a_bounded_number_is_bounded() {
        assert_eq!(extreme(&[Ty::INT, between(59, 59)], false), Some(integer(None, Some(59))));
        assert_eq!(extreme(&[Ty::INT, between(0, 0)], true), Some(integer(Some(0), None)));
    }
}
