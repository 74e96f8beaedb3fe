//! What is said of the differences between what a value is and what its target takes.

use std::{mem::Discriminant, sync::Arc};

use tenon_errors::{catalogue::expression::UNKNOWN_TARGET_FIELD, nearest};
use tenon_model::{
    Field, Kind, Shape, Value,
    relate::{Difference, Policy, Spot, Standing, Step, Unit},
    shape::{FloatRange, IntRange, KeyKind, Length},
};

use super::{Misfit, a};
use crate::types::{Ty, View};

/// The reasons why a value does not fit.
#[derive(Default)]
pub(super) struct Misfits {
    pub(super) found: Vec<Misfit>,
    /// Where each reason was found that is given once for a place: a bound, a length, a member.
    told: Vec<(Vec<Step>, Discriminant<Kind>)>,
}

impl Misfits {
    pub(super) fn push(&mut self, misfit: Misfit) {
        self.found.push(misfit);
    }

    /// Puts a step before all that was found since there were `before`.
    pub(super) fn enter(&mut self, before: usize, step: &str) {
        for misfit in self.found.drain(before..).collect::<Vec<_>>() {
            self.found.push(misfit.under(step));
        }
        self.told.clear();
    }

    /// Whether this is the first of its sort here.
    fn is_first(&mut self, spot: &Spot<'_>) -> bool {
        let place = (spot.steps.to_vec(), std::mem::discriminant(&spot.target.kind));
        let is_first = !self.told.contains(&place);
        if is_first {
            self.told.push(place);
        }
        is_first
    }
}

impl Policy for Misfits {
    fn differs(&mut self, spot: Spot<'_>, difference: &Difference<'_>, standing: Standing) {
        if standing >= Standing::Open {
            return;
        }
        let is_one_of_many = matches!(
            difference,
            Difference::Member(_)
                | Difference::Below(..)
                | Difference::Above(..)
                | Difference::Shorter(..)
                | Difference::Longer(..)
        );
        if is_one_of_many && !self.is_first(&spot) {
            return;
        }
        let misfit = misfit(&spot, difference);
        let misfit = match (spot.steps.last(), spot.last) {
            (Some(Step::Variant(_)), None) => misfit.perhaps(),
            _ => misfit,
        };
        self.found.push(misfit.under(&below(&spot)));
    }
}

/// Where below the value, as in `.customer.id`.
fn below(spot: &Spot<'_>) -> String {
    let mut out = String::new();
    for step in spot.steps.iter().chain(spot.last) {
        match step {
            Step::Field(name) => {
                out.push('.');
                out.push_str(name);
            }
            Step::Other(_) => out.push_str(".*"),
            Step::Item => out.push_str("[]"),
            Step::Variant(_) => {}
        }
    }
    out
}

fn misfit(spot: &Spot<'_>, difference: &Difference<'_>) -> Misfit {
    let (ty, target) = (Ty::Data(spot.source.clone()), spot.target.resolved());
    match difference {
        Difference::Null => Misfit::null().beside(a(&spot.target.name())),
        Difference::Kind if matches!(target.kind, Kind::Enum(_)) => not_among(&ty, &target),
        Difference::Member(value) => member(value, &target),
        Difference::Below(..) | Difference::Above(..) => outside(&ty, &target),
        Difference::Shorter(unit, source, target) | Difference::Longer(unit, source, target) => {
            of_length(*unit, *source, *target)
        }
        Difference::Keys(KeyKind::Text, target) if matches!(ty.view(), View::Record(_)) => {
            let misfit = Misfit::new("has fields, whose names are text", "write it as a map: `{1: x}`");
            misfit.beside(format!("a map with keys of {}", target.name()))
        }
        Difference::Keys(source, target) => Misfit::keys(source.name(), *target),
        Difference::Required { is_listed, .. } => {
            let is_missing = !is_listed && !may_have(&ty);
            if is_missing { Misfit::missing() } else { Misfit::absent() }
        }
        Difference::Removed(field) => unknown(field, &target),
        Difference::Closed => Misfit::closed(),
        Difference::TooComplex => {
            Misfit::new("is nested too deeply to be compared with it", "set the fields one by one")
        }
        _ => Misfit::kind(&ty, &target),
    }
}

/// Whether a value may have a field that its contract does not list.
fn may_have(ty: &Ty) -> bool {
    match ty.view() {
        View::Record(record) => record.rest.is_some(),
        _ => true,
    }
}

fn unknown(field: &Field, target: &Shape) -> Misfit {
    let record = target.as_record();
    let fields = record.as_ref().map(|record| record.fields()).unwrap_or_default();
    let hint = match nearest(&field.name, fields.iter().map(|field| field.name.as_str())) {
        Some(near) => format!("the target has `{near}`: set the fields one by one"),
        None => "set the fields one by one".to_owned(),
    };
    let message = "is a field that the target does not have";
    Misfit { code: &UNKNOWN_TARGET_FIELD, ..Misfit::new(message, hint) }
}

fn outside(ty: &Ty, target: &Shape) -> Misfit {
    let takes = match &target.kind {
        Kind::Int(range) => int_bounds(range),
        Kind::Float(range) | Kind::Decimal(range) => float_bounds(range),
        _ => String::new(),
    };
    let (what, is) = match ty.view() {
        View::Int | View::Uint => ("an integer", int_bounds(&ty.int_range().unwrap_or_default())),
        _ => ("a number", float_bounds(&ty.float_range().unwrap_or_default())),
    };
    let hint = "bound it with `math.least` and `math.greatest`, or correct the contract";
    Misfit::new(format!("is {what} {is}"), hint).beside(format!("{what} {takes}"))
}

fn of_length(unit: Unit, source: Length, target: Length) -> Misfit {
    let (what, unit) = match unit {
        Unit::Characters => ("text", "characters"),
        Unit::Octets => ("bytes", "octets"),
        Unit::Items => ("a list", "items"),
        Unit::Entries => ("a map", "entries"),
        Unit::Fields => ("a record", "fields"),
    };
    let of = |length: Length| format!("{what} of {} {unit}", lengths(length));
    let hint = "make it fit where it is set, or correct the contract";
    Misfit::new(format!("is {}", of(source)), hint).beside(of(target))
}

/// A value that is listed, and is none of the target.
fn member(odd: &Value, target: &Shape) -> Misfit {
    let message = format!("can be {odd}");
    match &target.kind {
        Kind::Enum(values) => {
            let names: Vec<&str> = values.iter().filter_map(Value::as_str).collect();
            let hint = match odd.as_str().and_then(|odd| nearest(odd, names.iter().copied())) {
                Some(near) => format!("write \"{near}\""),
                None => format!("use {}", one_of(values)),
            };
            Misfit::new(message, hint).beside(one_of(values))
        }
        Kind::String(text) => {
            let takes = format!("text of {} characters", lengths(text.length));
            Misfit::new(message, "write a text of that length, or correct the contract").beside(takes)
        }
        _ => Misfit::new(message, "").beside(a(&target.clone().non_null().name())),
    }
}

fn not_among(ty: &Ty, target: &Shape) -> Misfit {
    let Kind::Enum(values) = &target.kind else { return Misfit::kind(ty, target) };
    let hint = match (ty.view(), values.first()) {
        (View::Text, Some(first)) => format!("choose among constants: `{{x}} == \"...\" ? {first} : ...`"),
        (View::Text, None) => "correct the contract, which allows no value".to_owned(),
        _ => format!("write {}, or correct the contract", one_of(values)),
    };
    Misfit::new(format!("is {}", a(&ty.name())), hint).beside(one_of(values))
}

fn one_of(values: &Arc<[Value]>) -> String {
    let shown: Vec<_> = values.iter().take(12).map(ToString::to_string).collect();
    let shown = shown.join(", ");
    if values.len() == 1 { shown } else { format!("one of {shown}") }
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
