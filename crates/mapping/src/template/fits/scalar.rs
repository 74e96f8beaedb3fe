//! Constraints of scalars: a bound that the source states has to lie within the target's.

use std::{collections::BTreeSet, sync::Arc};

use bigdecimal::BigDecimal;
use tenon_errors::nearest;
use tenon_model::{
    Decimal, Kind, Shape, Value,
    shape::{Bound, FloatRange, IntRange, Length, Text},
};

use super::{Convert, Fit, Fitting, Misfit, Proof, a};
use crate::{
    evaluate::{Budget, budget::FOLDING_STEPS, compare},
    types::{Ty, View},
};

/// The integers that are doubles, each and exactly: up to 2^53.
const EXACT: i128 = 1 << 53;

/// Numbers between bounds of any kind.
#[derive(Debug, Clone, Default)]
struct Interval {
    min: Option<Edge>,
    max: Option<Edge>,
    multiple_of: Option<BigDecimal>,
}

#[derive(Debug, Clone)]
struct Edge {
    value: BigDecimal,
    exclusive: bool,
}

/// How one constraint of the target is met.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Met {
    Never,
    /// Only a value can show.
    Open,
    Always,
}

impl Met {
    fn proof(self) -> Proof {
        if self == Self::Always { Proof::Proven } else { Proof::Open }
    }
}

/// An integer as an integer.
pub(super) fn integer(ty: &Ty, target: &IntRange) -> Fitting {
    let source = ty.int_range().unwrap_or_default();
    let met = Interval::of_int(&source).met_by(&Interval::of_int(target));
    if met == Met::Never {
        return Err(vec![outside("an integer", &int_bounds(&source), &int_bounds(target))]);
    }
    let convert = if matches!(ty.view(), View::Uint) { Convert::Integer } else { Convert::Keep };
    Ok(Fit { convert, proof: met.proof() })
}

/// An integer as a double or decimal.
pub(super) fn widened(ty: &Ty, target: &FloatRange, convert: Convert) -> Fitting {
    let source = ty.int_range().unwrap_or_default();
    let met = Interval::of_int(&source).met_by(&Interval::of_float(target));
    if met == Met::Never {
        return Err(vec![outside("an integer", &int_bounds(&source), &float_bounds(target))]);
    }
    let exact = source.min.is_some_and(|min| min >= -EXACT) && source.max.is_some_and(|max| max <= EXACT);
    let exact = (exact && !target.is_single) || convert == Convert::Decimal;
    Ok(Fit { convert, proof: if exact { met.proof() } else { Proof::Open } })
}

/// A double as a double, a decimal as a decimal.
pub(super) fn number(ty: &Ty, target: &FloatRange) -> Fitting {
    let source = ty.float_range().unwrap_or_default();
    let met = Interval::of_float(&source).met_by(&Interval::of_float(target));
    if met == Met::Never {
        return Err(vec![outside("a number", &float_bounds(&source), &float_bounds(target))]);
    }
    if target.is_single && !source.is_single {
        return Ok(Fit::open(Convert::Keep));
    }
    Ok(Fit { convert: Convert::Keep, proof: met.proof() })
}

fn outside(what: &str, source: &str, target: &str) -> Misfit {
    let hint = "bound it with `math.least` and `math.greatest`, or correct the contract";
    Misfit::new(format!("is {what} {source}"), hint).beside(format!("{what} {target}"))
}

/// Text as text.
pub(super) fn text(ty: &Ty, target: &Text) -> Fitting {
    if let Some(values) = ty.enumerated() {
        return texts(&values, target);
    }
    let source = ty.text_constraints().unwrap_or_default();
    let mut met = length_met(source.length, target.length);
    if met == Met::Never {
        return Err(vec![of_length("text", "characters", source.length, target.length)]);
    }
    if target.pattern.is_some() && source.pattern != target.pattern
        || target.format.is_some() && source.format != target.format
    {
        met = met.min(Met::Open);
    }
    Ok(Fit { convert: Convert::Keep, proof: met.proof() })
}

fn texts(values: &Arc<[Value]>, target: &Text) -> Fitting {
    for text in values.iter().filter_map(Value::as_str) {
        let count = text.chars().count() as u64;
        if !inside(count, target.length) {
            let takes = format!("text of {} characters", lengths(target.length));
            let hint = "write a text of that length, or correct the contract";
            return Err(vec![Misfit::new(format!("can be {text:?}"), hint).beside(takes)]);
        }
    }
    let open = target.pattern.is_some() || target.format.is_some();
    Ok(Fit { convert: Convert::Keep, proof: if open { Proof::Open } else { Proof::Proven } })
}

/// Whether a length that the source states lies within the target's.
pub(super) fn length(what: &str, unit: &str, source: Length, target: Length) -> Result<Proof, Vec<Misfit>> {
    match length_met(source, target) {
        Met::Never => Err(vec![of_length(what, unit, source, target)]),
        met => Ok(met.proof()),
    }
}

fn of_length(what: &str, unit: &str, source: Length, target: Length) -> Misfit {
    let of = |length: Length| format!("{what} of {} {unit}", lengths(length));
    Misfit::new(format!("is {}", of(source)), "make it fit where it is set, or correct the contract")
        .beside(of(target))
}

/// A shortest length is none where it is zero.
fn length_met(source: Length, target: Length) -> Met {
    let interval = |length: Length| {
        Interval::of_int(&IntRange {
            min: length.min.filter(|min| *min > 0).map(i128::from),
            max: length.max.map(i128::from),
            multiple_of: None,
        })
    };
    interval(source).met_by(&interval(target))
}

pub(super) fn inside(count: u64, length: Length) -> bool {
    length.min.is_none_or(|min| count >= min) && length.max.is_none_or(|max| count <= max)
}

/// One of a few values.
pub(super) fn member(ty: &Ty, values: &Arc<[Value]>) -> Fitting {
    if let Some(given) = ty.enumerated() {
        return listed(&given, values);
    }
    if let Some(range) = ty.int_range() {
        return between(ty, &range, values);
    }
    let all_bools = [true, false].iter().all(|b| values.contains(&Value::Bool(*b)));
    match ty.view() {
        View::Dyn => Ok(Fit::open(Convert::Keep)),
        View::Nothing => Ok(Fit::proven(Convert::Keep)),
        View::Bool if all_bools => Ok(Fit::proven(Convert::Keep)),
        View::Text => {
            let hint = match values.first() {
                Some(first) => format!("choose among constants: `{{x}} == \"...\" ? {first} : ...`"),
                None => "correct the contract, which allows no value".to_owned(),
            };
            Err(vec![not_among(ty, values, hint)])
        }
        _ => Err(vec![not_among(ty, values, format!("write {}, or correct the contract", one_of(values)))]),
    }
}

fn listed(given: &Arc<[Value]>, values: &Arc<[Value]>) -> Fitting {
    let Some(odd) = given.iter().filter(|value| !value.is_null()).find(|value| !holds(values, value)) else {
        return Ok(Fit::proven(Convert::Keep));
    };
    let names: Vec<&str> = values.iter().filter_map(Value::as_str).collect();
    let hint = match odd.as_str().and_then(|odd| nearest(odd, names.iter().copied())) {
        Some(near) => format!("write \"{near}\""),
        None => format!("use {}", one_of(values)),
    };
    Err(vec![Misfit::new(format!("can be {odd}"), hint).beside(one_of(values))])
}

/// Whether one of the values is this one; of numbers, one that is equal.
fn holds(values: &[Value], value: &Value) -> bool {
    let mut budget = Budget::new(FOLDING_STEPS);
    values.contains(value) || compare::has(values, value, &mut budget).unwrap_or(false)
}

fn between(ty: &Ty, range: &IntRange, values: &Arc<[Value]>) -> Fitting {
    let inside = |value: &&Value| {
        value.as_i64().is_some_and(|n| {
            let n = i128::from(n);
            range.min.is_none_or(|min| n >= min) && range.max.is_none_or(|max| n <= max)
        })
    };
    let known: BTreeSet<i64> = values.iter().filter(inside).filter_map(Value::as_i64).collect();
    let known = known.len();
    match range.max.zip(range.min).map(|(max, min)| usize::try_from(max - min + 1)) {
        Some(count) if count == Ok(known) => Ok(Fit::proven(Convert::Keep)),
        None if known > 0 => Ok(Fit::open(Convert::Keep)),
        _ => Err(vec![not_among(ty, values, format!("write {}, or correct the contract", one_of(values)))]),
    }
}

fn not_among(ty: &Ty, values: &Arc<[Value]>, hint: String) -> Misfit {
    Misfit::new(format!("is {}", a(&ty.name())), hint).beside(one_of(values))
}

fn one_of(values: &Arc<[Value]>) -> String {
    if values.len() == 1 { list(values) } else { format!("one of {}", list(values)) }
}

fn list(values: &Arc<[Value]>) -> String {
    let shown: Vec<_> = values.iter().take(12).map(ToString::to_string).collect();
    shown.join(", ")
}

/// Whether a number meets every constraint of a shape of its kind.
pub(crate) fn number_fits(value: &Value, target: &Shape) -> bool {
    let Some(n) = value.to_string().parse::<BigDecimal>().ok() else { return false };
    let target = match &target.kind {
        Kind::Int(range) => Interval::of_int(range),
        Kind::Float(range) | Kind::Decimal(range) => Interval::of_float(range),
        _ => return true,
    };
    let edge = Edge { value: n.clone(), exclusive: false };
    Interval { min: Some(edge.clone()), max: Some(edge), multiple_of: Some(n) }.met_by(&target) == Met::Always
}

impl Interval {
    fn of_int(range: &IntRange) -> Self {
        let edge = |n: i128| Edge { value: BigDecimal::from(n), exclusive: false };
        Self {
            min: range.min.map(edge),
            max: range.max.map(edge),
            multiple_of: range.multiple_of.map(BigDecimal::from),
        }
    }

    fn of_float(range: &FloatRange) -> Self {
        let edge = |bound: &Bound| Edge { value: bound.value.as_big().clone(), exclusive: bound.exclusive };
        Self {
            min: range.min.as_ref().map(edge),
            max: range.max.as_ref().map(edge),
            multiple_of: range.multiple_of.as_ref().map(|unit| unit.as_big().clone()),
        }
    }

    /// How numbers within this meet the constraints of `target`.
    fn met_by(&self, target: &Self) -> Met {
        let low = side(self.min.as_ref(), target.min.as_ref(), |source, target| source > target);
        let high = side(self.max.as_ref(), target.max.as_ref(), |source, target| source < target);
        let apart = is_below(self.max.as_ref(), target.min.as_ref())
            || is_below(target.max.as_ref(), self.min.as_ref());
        let multiple = match (&self.multiple_of, &target.multiple_of) {
            (_, None) => Met::Always,
            (Some(source), Some(target)) if (source % target) == 0 => Met::Always,
            _ => Met::Open,
        };
        if apart { Met::Never } else { low.min(high).min(multiple) }
    }
}

fn side(
    source: Option<&Edge>,
    target: Option<&Edge>,
    inside: impl Fn(&BigDecimal, &BigDecimal) -> bool,
) -> Met {
    match (source, target) {
        (_, None) => Met::Always,
        (None, Some(_)) => Met::Open,
        (Some(source), Some(target)) => {
            let on_edge = source.value == target.value && (source.exclusive || !target.exclusive);
            if on_edge || inside(&source.value, &target.value) { Met::Always } else { Met::Never }
        }
    }
}

/// Whether everything up to `max` is below everything from `min`.
fn is_below(max: Option<&Edge>, min: Option<&Edge>) -> bool {
    max.zip(min).is_some_and(|(max, min)| {
        max.value < min.value || (max.value == min.value && (max.exclusive || min.exclusive))
    })
}

fn int_bounds(range: &IntRange) -> String {
    match (range.min, range.max) {
        (Some(min), Some(max)) if min == max => format!("of value {min}"),
        (Some(min), Some(max)) => format!("from {min} to {max}"),
        (Some(min), None) => format!("from {min}"),
        (None, Some(max)) => format!("up to {max}"),
        (None, None) => "of any size".to_owned(),
    }
}

fn float_bounds(range: &FloatRange) -> String {
    let low = range
        .min
        .as_ref()
        .map(|min| format!("{} {}", if min.exclusive { "above" } else { "from" }, min.value));
    let high =
        range.max.as_ref().map(|max| format!("{} {}", if max.exclusive { "below" } else { "to" }, max.value));
    match (low, high) {
        (None, None) => "of any size".to_owned(),
        (Some(only), None) => only,
        (None, Some(only)) => only.replace("to ", "up to "),
        (Some(low), Some(high)) if !high.starts_with("to") => format!("{low} and {high}"),
        (Some(low), Some(high)) => format!("{low} {high}"),
    }
}

fn lengths(length: Length) -> String {
    match (length.min.filter(|min| *min > 0), length.max) {
        (Some(min), Some(max)) if min == max => format!("exactly {min}"),
        (Some(min), Some(max)) => format!("{min} to {max}"),
        (Some(min), None) => format!("at least {min}"),
        (None, Some(max)) => format!("at most {max}"),
        (None, None) => "any number of".to_owned(),
    }
}

/// The shape of exactly one value, for the members of an enumeration.
pub(super) fn exact(value: &Value) -> Ty {
    match value {
        Value::Float(n) => match Decimal::shortest(*n) {
            Some(n) => {
                let bound = Some(Bound::new(n, false));
                Ty::Data(Shape::of(Kind::Float(FloatRange {
                    min: bound.clone(),
                    max: bound,
                    multiple_of: None,
                    ..FloatRange::ANY
                })))
            }
            None => Ty::literal(value),
        },
        other => Ty::literal(other),
    }
}
