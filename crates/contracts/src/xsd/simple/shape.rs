//! What the values of a simple type are, and what of it no shape can say.

use std::sync::Arc;

use tenon_model::{
    Kind, Shape, Str,
    shape::{Bound, FloatRange, IntRange, List, Text, Union},
};

use super::{Facets, Limit, Primitive, Variety, Zone, facets::decimal};

/// The shape of the values, and in words what only a check of the text holds.
pub(super) fn of(facets: &Facets) -> (Shape, Vec<String>) {
    let mut residue = Vec::new();
    if let Some(values) = &facets.enumeration {
        return (Shape::of(Kind::Enum(values.iter().map(|(value, _)| value.clone()).collect())), residue);
    }
    let is_text = matches!(facets.variety, Variety::Atomic(Primitive::Text));
    let said = usize::from(is_text && !facets.patterns.is_empty());
    if facets.patterns.len() > said {
        residue.push("a pattern".to_owned());
    }
    if facets.total_digits.is_some() && !matches!(facets.variety, Variety::Atomic(Primitive::Integer)) {
        residue.push("`totalDigits`".to_owned());
    }
    let kind = match &facets.variety {
        Variety::Atomic(primitive) => atomic(*primitive, facets, &mut residue),
        Variety::List(item) => {
            Kind::List(Arc::new(List { item: item.shape.clone(), length: facets.length, unique: false }))
        }
        Variety::Union(members) => {
            let variants = members.iter().map(|member| (member.title(), member.shape.clone())).collect();
            Kind::Union(Arc::new(Union { tag: None, variants }))
        }
    };
    (Shape::of(kind), residue)
}

fn atomic(primitive: Primitive, facets: &Facets, residue: &mut Vec<String>) -> Kind {
    let has_bounds = facets.min.is_some() || facets.max.is_some();
    match primitive {
        Primitive::Text => Kind::String(Arc::new(Text {
            length: facets.length,
            // The last step says the most.
            pattern: facets.patterns.last().map(|pattern| Str::new(&pattern.shape)),
            format: None,
        })),
        Primitive::Bool => Kind::Bool,
        Primitive::Integer => integer(facets),
        Primitive::Decimal => Kind::Decimal(range(facets)),
        Primitive::Float => Kind::Float(FloatRange { is_single: true, ..range(facets) }),
        Primitive::Double => Kind::Float(range(facets)),
        Primitive::Hex | Primitive::Base64 => Kind::Bytes(facets.length),
        Primitive::DateTime
        | Primitive::Date
        | Primitive::Time
        | Primitive::Duration
        | Primitive::DayTimeDuration
        | Primitive::YearMonthDuration => {
            if has_bounds {
                residue.push("a bound".to_owned());
            }
            match primitive {
                Primitive::DateTime => date_time(facets.zone),
                Primitive::Date => Kind::Date,
                Primitive::Time => Kind::Time,
                Primitive::DayTimeDuration => Kind::Duration,
                // A duration without months is one that has none, and not of another kind: so the kind is known before the data is.
                _ => Kind::Period,
            }
        }
    }
}

/// Instants, local date-times, or where the schema leaves that open, both: neither is taken for the other, and tests of types tell them
/// apart in expressions.
fn date_time(zone: Zone) -> Kind {
    match zone {
        Zone::Required => Kind::Timestamp,
        Zone::Prohibited => Kind::LocalDateTime,
        Zone::Optional => {
            let variants =
                vec![("instant".into(), Shape::TIMESTAMP), ("local".into(), Shape::LOCAL_DATE_TIME)];
            Kind::Union(Arc::new(Union { tag: None, variants }))
        }
    }
}

/// An integer of 64 bits, unless the schema asks for more: then a decimal without fraction.
fn integer(facets: &Facets) -> Kind {
    let end = |limit: &Option<Limit>, inwards: i128| -> Option<i128> {
        let limit = limit.as_ref()?;
        let value: i128 = decimal(&limit.value)?.to_string().parse().ok()?;
        Some(if limit.exclusive { value + inwards } else { value })
    };
    let digits = facets.total_digits.and_then(|digits| 10i128.checked_pow(digits)).map(|power| power - 1);
    let min = [end(&facets.min, 1), digits.map(|most| -most)].into_iter().flatten().max();
    let max = [end(&facets.max, -1), digits].into_iter().flatten().min();
    let is_large = |n: i128| n < i128::from(i64::MIN) || n > i128::from(u64::MAX);
    let asks_for_more = min.is_some_and(is_large) || max.is_some_and(is_large);
    if asks_for_more || facets.total_digits.is_some_and(|digits| digits > 38) {
        return Kind::Decimal(FloatRange { multiple_of: Some(Arc::new(1.into())), ..range(facets) });
    }
    Kind::Int(IntRange { min, max, multiple_of: None })
}

fn range(facets: &Facets) -> FloatRange {
    let (total, fraction) = (facets.total_digits, facets.fraction_digits);
    // A number of so many digits has all of them before its point at most.
    let digits = total.map(|total| (total + fraction.unwrap_or(0), fraction.unwrap_or(0)));
    let mut range = match (digits, fraction) {
        (Some((precision, scale)), Some(_)) => FloatRange::of_digits(precision, scale).unwrap_or_default(),
        (None, Some(scale)) => {
            FloatRange { multiple_of: format!("1e-{scale}").parse().ok().map(Arc::new), ..FloatRange::ANY }
        }
        _ => FloatRange::ANY,
    };
    let bound = |limit: &Limit| Some(Bound::new(decimal(&limit.value)?, limit.exclusive));
    if let Some(min) = facets.min.as_ref().and_then(bound) {
        range.min = Some(tighter(range.min, min, true));
    }
    if let Some(max) = facets.max.as_ref().and_then(bound) {
        range.max = Some(tighter(range.max, max, false));
    }
    range
}

fn tighter(one: Option<Bound>, other: Bound, is_min: bool) -> Bound {
    match one {
        Some(one) if (one.value > other.value) == is_min => one,
        _ => other,
    }
}
