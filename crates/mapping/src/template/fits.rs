//! Whether a value of a type fits a shape, and what has to be done to it on the way.
//!
//! The rule: what a type proves is required of it (kind, nullability, absence, membership of an enum, a bound that the
//! source states and the target does not allow). What only a value can show (a length, a pattern, a bound that the
//! source leaves open) is allowed here and validated after the mapping has run. Integers widen to doubles and decimals
//! by themselves, exactly; every other conversion has to be named.

use std::sync::Arc;

use tenon_errors::{
    Code,
    catalogue::expression::{TARGET_MISMATCH, UNKNOWN_TARGET_FIELD},
    nearest,
};
use tenon_model::{Field, Key, Kind, Record, Shape, Str, Value, shape::IntRange};

use crate::types::{Member, Ty, View};

/// What is done to a value so that it is of its target's kind.
#[derive(Debug, Clone)]
pub(crate) enum Convert {
    Keep,
    /// An integer that may be unsigned becomes a plain one where it can.
    Integer,
    /// An integer becomes a double, exactly or not at all.
    Float,
    Decimal,
    /// Of each item.
    Items(Box<Convert>),
    /// Of these fields, and defaults for those that are not there.
    Fields(Arc<[FieldConvert]>),
}

/// The conversion of one field.
#[derive(Debug, Clone)]
pub(crate) struct FieldConvert {
    pub(crate) key: Key,
    pub(crate) position: usize,
    pub(crate) convert: Convert,
    pub(crate) default: Option<Value>,
    /// Whether null is left out, because the target does not allow it and does not need the field.
    pub(crate) drop_null: bool,
}

/// Why a value does not fit.
#[derive(Debug, Clone)]
pub(crate) struct Misfit {
    pub(crate) code: &'static Code,
    /// Where below the value, as in `.customer.id`; empty for the value itself.
    pub(crate) below: String,
    pub(crate) message: String,
    /// One sentence; `{x}` in it stands for the value.
    pub(crate) hint: String,
}

/// How deep records are compared before recursion is taken on trust.
const MAX_DEPTH: usize = 24;

/// What has to be done to a `ty` to make it a `shape`; absence and null of the value itself are the caller's.
pub(crate) fn fits(ty: &Ty, shape: &Shape) -> Result<Convert, Vec<Misfit>> {
    at_depth(ty, shape, 0)
}

fn at_depth(ty: &Ty, shape: &Shape, depth: usize) -> Result<Convert, Vec<Misfit>> {
    let target = shape.resolved();
    if depth > MAX_DEPTH || *ty == Ty::Null {
        return Ok(Convert::Keep);
    }
    if let Ty::Data(source) = ty
        && source.resolved().kind == target.kind
        && !has_defaults(target)
    {
        return Ok(Convert::Keep);
    }
    match (ty.view(), &target.kind) {
        (_, Kind::Any | Kind::Ref(_)) => Ok(Convert::Keep),
        (_, Kind::Enum(values)) => fits_enum(ty, values),
        (View::Dyn | View::Nothing | View::Int | View::Uint, Kind::Float(_)) => Ok(Convert::Float),
        (View::Dyn | View::Nothing | View::Int | View::Uint, Kind::Decimal(_)) => Ok(Convert::Decimal),
        (View::Dyn | View::Nothing, _) => Ok(Convert::Keep),
        (View::Int | View::Uint, Kind::Int(range)) => fits_range(ty, range),
        (View::Bool, Kind::Bool)
        | (View::Float, Kind::Float(_))
        | (View::Decimal, Kind::Decimal(_))
        | (View::Text, Kind::String(_))
        | (View::Bytes, Kind::Bytes(_))
        | (View::Timestamp, Kind::Timestamp)
        | (View::Date, Kind::Date)
        | (View::Time, Kind::Time)
        | (View::Duration, Kind::Duration)
        | (View::Uuid, Kind::Uuid) => Ok(Convert::Keep),
        (View::List(item), Kind::List(list)) => fits_items(&item, &list.item, depth),
        (View::Record(_) | View::Map(..), Kind::Record(record)) => fits_record(ty, record, depth),
        (View::Map(_, value), Kind::Map(map)) => {
            nested(&value, &map.value, "[]", depth).map(|convert| match convert {
                Convert::Keep => Convert::Keep,
                other => Convert::Items(Box::new(other)),
            })
        }
        (View::Record(record), Kind::Map(map)) => fits_map(record, &map.value, depth),
        (View::Union(union), _) => {
            let all = union.variants.iter().try_for_each(|(_, variant)| {
                at_depth(&Ty::Data(variant.clone()), target, depth + 1).map(|_| ())
            });
            all.map(|()| Convert::Keep)
        }
        (_, Kind::Union(union)) => {
            let fitting =
                union.variants.iter().find_map(|(_, variant)| at_depth(ty, variant, depth + 1).ok());
            fitting.ok_or_else(|| vec![Misfit::kind(ty, target)])
        }
        _ => Err(vec![Misfit::kind(ty, target)]),
    }
}

impl Misfit {
    /// A value of another kind.
    fn kind(ty: &Ty, target: &Shape) -> Self {
        Self::new(
            format!("is {}, not {}", ty.name(), target.clone().non_null().name()),
            conversion(ty, target),
        )
    }

    fn new(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { code: &TARGET_MISMATCH, below: String::new(), message: message.into(), hint: hint.into() }
    }

    fn under(mut self, step: &str) -> Self {
        self.below.insert_str(0, step);
        self
    }
}

/// What to write to convert, where there is a way.
fn conversion(ty: &Ty, target: &Shape) -> String {
    let write = |text: &str| format!("write `{text}`");
    match (ty.view(), &target.kind) {
        (View::Float, Kind::Int(_)) => write("int(math.round({x}))"),
        (View::Text | View::Decimal, Kind::Int(_)) => write("int({x})"),
        (View::Text | View::Decimal, Kind::Float(_)) => write("double({x})"),
        (View::Text | View::Float, Kind::Decimal(_)) => write("decimal({x})"),
        (View::Text | View::Int, Kind::Timestamp) => write("timestamp({x})"),
        (View::Text, Kind::Date) => write("date({x})"),
        (View::Timestamp, Kind::Date) => write("date({x}, \"UTC\")"),
        (View::Text, Kind::Time) => write("time({x})"),
        (View::Timestamp, Kind::Time) => write("time({x}, \"UTC\")"),
        (View::Text, Kind::Duration) => write("duration({x})"),
        (View::Text, Kind::Uuid) => write("uuid({x})"),
        (View::Text, Kind::Bool) => write("bool({x})"),
        (View::Text, Kind::Bytes(_)) => write("bytes({x})"),
        (
            View::Int
            | View::Uint
            | View::Float
            | View::Decimal
            | View::Bool
            | View::Timestamp
            | View::Date
            | View::Time
            | View::Duration
            | View::Uuid
            | View::Bytes,
            Kind::String(_),
        ) => write("string({x})"),
        (View::Int, Kind::Bool) => write("{x} != 0"),
        (_, Kind::List(_)) if !matches!(ty.view(), View::List(_)) => write("[{x}]"),
        _ => String::new(),
    }
}

fn fits_enum(ty: &Ty, values: &Arc<[Value]>) -> Result<Convert, Vec<Misfit>> {
    if let Some(range) = ty.int_range() {
        let inside = |value: &Value| value.as_i64().is_some_and(|n| within(i128::from(n), &range));
        let fits = values.iter().any(inside);
        return if fits { Ok(Convert::Keep) } else { Err(vec![Misfit::new(not_among(ty, values), "")]) };
    }
    match ty.enumerated() {
        Some(given) => {
            let Some(odd) = given.iter().find(|value| !values.contains(value)) else {
                return Ok(Convert::Keep);
            };
            let names: Vec<&str> = values.iter().filter_map(Value::as_str).collect();
            let hint = match odd.as_str().and_then(|odd| nearest(odd, names.iter().copied())) {
                Some(near) => format!("write \"{near}\""),
                None => format!("use one of {}", list(values)),
            };
            Err(vec![Misfit::new(format!("can be {odd}, which is not one of {}", list(values)), hint)])
        }
        None if ty.is_dyn() => Ok(Convert::Keep),
        None => {
            let hint = match values.first().filter(|_| matches!(ty.view(), View::Text)) {
                Some(first) => format!("choose among constants: `{{x}} == \"...\" ? {first} : ...`"),
                None => String::new(),
            };
            Err(vec![Misfit::new(not_among(ty, values), hint)])
        }
    }
}

fn not_among(ty: &Ty, values: &Arc<[Value]>) -> String {
    format!("is {}, not one of {}", ty.name(), list(values))
}

fn list(values: &Arc<[Value]>) -> String {
    let shown: Vec<_> = values.iter().take(12).map(ToString::to_string).collect();
    shown.join(", ")
}

fn within(n: i128, range: &IntRange) -> bool {
    range.min.is_none_or(|min| n >= min) && range.max.is_none_or(|max| n <= max)
}

/// A bound that the source states has to lie within the target; one that it leaves open is validated at run time.
fn fits_range(ty: &Ty, target: &IntRange) -> Result<Convert, Vec<Misfit>> {
    let source = ty.int_range().unwrap_or_default();
    let below = source.min.zip(target.min).is_some_and(|(source, target)| source < target);
    let above = source.max.zip(target.max).is_some_and(|(source, target)| source > target);
    let disjoint = source.max.zip(target.min).is_some_and(|(source, target)| source < target)
        || source.min.zip(target.max).is_some_and(|(source, target)| source > target);
    if below || above || disjoint {
        let message = format!("is an integer {}, not {}", bounds(&source), bounds(target));
        let hint = "bound it with `math.least` and `math.greatest`, or correct the contract";
        return Err(vec![Misfit::new(message, hint)]);
    }
    Ok(if matches!(ty.view(), View::Uint) { Convert::Integer } else { Convert::Keep })
}

fn bounds(range: &IntRange) -> String {
    match (range.min, range.max) {
        (Some(min), Some(max)) if min == max => format!("of value {min}"),
        (Some(min), Some(max)) => format!("from {min} to {max}"),
        (Some(min), None) => format!("from {min}"),
        (None, Some(max)) => format!("up to {max}"),
        (None, None) => "of any size".to_owned(),
    }
}

/// A part of a value, where null counts as well.
fn nested(ty: &Ty, shape: &Shape, step: &str, depth: usize) -> Result<Convert, Vec<Misfit>> {
    if ty.may_be_null() && !accepts_null(shape) {
        let misfit = Misfit::new("may be null", "set the fields one by one, with a value for null");
        return Err(vec![misfit.under(step)]);
    }
    at_depth(ty, shape, depth + 1)
        .map_err(|misfits| misfits.into_iter().map(|misfit| misfit.under(step)).collect())
}

/// Whether null is a value of this shape.
pub(crate) fn accepts_null(shape: &Shape) -> bool {
    shape.nullable || shape.resolved().nullable || matches!(shape.resolved().kind, Kind::Any | Kind::Ref(_))
}

fn fits_items(item: &Ty, target: &Shape, depth: usize) -> Result<Convert, Vec<Misfit>> {
    nested(item, target, "[]", depth).map(|convert| match convert {
        Convert::Keep => Convert::Keep,
        other => Convert::Items(Box::new(other)),
    })
}

fn fits_map(record: &Arc<Record>, value: &Shape, depth: usize) -> Result<Convert, Vec<Misfit>> {
    let mut misfits = Vec::new();
    for field in record.fields() {
        let ty = Ty::Data(field.shape.clone());
        if let Err(more) = nested(&ty, value, &format!(".{}", field.name), depth) {
            misfits.extend(more);
        }
    }
    if misfits.is_empty() { Ok(Convert::Keep) } else { Err(misfits) }
}

fn fits_record(ty: &Ty, target: &Arc<Record>, depth: usize) -> Result<Convert, Vec<Misfit>> {
    let mut misfits = Vec::new();
    let mut fields = Vec::with_capacity(target.fields().len());
    for field in target.fields() {
        match fits_field(ty, field, depth) {
            Ok(convert) => fields.push(convert),
            Err(more) => misfits.extend(more),
        }
    }
    if let View::Record(source) = ty.view()
        && target.rest.is_none()
    {
        misfits.extend(source.fields().iter().filter_map(|field| unknown(field, target)));
    }
    if !misfits.is_empty() {
        return Err(misfits);
    }
    let plain = fields
        .iter()
        .all(|field| matches!(field.convert, Convert::Keep) && field.default.is_none() && !field.drop_null);
    Ok(if plain { Convert::Keep } else { Convert::Fields(fields.into()) })
}

fn unknown(field: &Field, target: &Arc<Record>) -> Option<Misfit> {
    if target.field(&field.name).is_some() {
        return None;
    }
    let names = target.fields().iter().map(|field| field.name.as_str());
    let hint = match nearest(&field.name, names) {
        Some(near) => format!("the target has `{near}`: set the fields one by one"),
        None => "set the fields one by one".to_owned(),
    };
    let message = "is a field that the target does not have";
    Some(
        Misfit { code: &UNKNOWN_TARGET_FIELD, ..Misfit::new(message, hint) }
            .under(&format!(".{}", field.name)),
    )
}

fn fits_field(ty: &Ty, field: &Field, depth: usize) -> Result<FieldConvert, Vec<Misfit>> {
    let step = format!(".{}", field.name);
    let can_lack = can_be_left_out(field);
    let (source, absent, position) = match ty.member(&field.name) {
        Member::Listed { shape, may_be_absent, position } => (Some(Ty::Data(shape)), may_be_absent, position),
        Member::Unlisted(ty) => (Some(ty), true, 0),
        Member::Unknown => (Some(Ty::DYN), false, 0),
        Member::Missing(_) | Member::NoFields => (None, true, 0),
    };
    if absent && !can_lack {
        let message = if source.is_some() {
            "may be absent, and the target requires it"
        } else {
            "is missing, and the target requires it"
        };
        return Err(vec![Misfit::new(message, "set the fields one by one").under(&step)]);
    }
    let drop_null = can_lack && !accepts_null(&field.shape);
    let convert = match source {
        Some(source) => {
            let drops = source.may_be_null() && drop_null;
            nested(&if drops { source.non_null() } else { source }, &field.shape, &step, depth)?
        }
        None => Convert::Keep,
    };
    let may_be_null = matches!(ty.member(&field.name), Member::Listed { shape, .. } if accepts_null(&shape));
    Ok(FieldConvert {
        key: Key::String(Str::clone(&field.name)),
        position,
        convert,
        default: field.default.clone().filter(|_| absent),
        drop_null: drop_null && may_be_null,
    })
}

/// Whether a record is complete without this field: it is optional, or its default stands in.
pub(crate) fn can_be_left_out(field: &Field) -> bool {
    !field.required || field.default.is_some()
}

/// Whether a record shape has defaults to fill in, so that equal shapes do not mean that nothing is to be done.
fn has_defaults(shape: &Shape) -> bool {
    matches!(&shape.kind, Kind::Record(record) if record.fields().iter().any(|field| field.default.is_some()))
}
