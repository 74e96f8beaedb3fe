//! Constants in templates: checked against their target now, and converted to its kind where their text says it.

use std::sync::Arc;

use tenon_errors::nearest;
use tenon_model::{Field, Kind, Map, Record, Shape, Value, duration::read_duration, shape::Length};

use crate::{
    evaluate::{Failure, convert::number_fits},
    fits::a,
    functions::convert,
};

/// `value` as a value of `shape`, or why it is none: message and hint.
pub(super) fn fit(value: &Value, shape: &Shape) -> Result<Value, (String, String)> {
    let target = &*shape.resolved();
    if value.is_null() {
        let allowed = shape.nullable || target.nullable || matches!(target.kind, Kind::Any);
        return if allowed { Ok(Value::Null) } else { Err(other(value, target)) };
    }
    match (&target.kind, value) {
        (Kind::Any | Kind::Named(_), _)
        | (Kind::Bool, Value::Bool(_))
        | (Kind::Bytes(_), Value::Bytes(_))
        | (Kind::Timestamp, Value::Timestamp(_))
        | (Kind::Date, Value::Date(_))
        | (Kind::Time, Value::Time(_))
        | (Kind::LocalDateTime, Value::LocalDateTime(_))
        | (Kind::Duration, Value::Duration(_))
        | (Kind::Period, Value::Period(_))
        | (Kind::Uuid, Value::Uuid(_)) => Ok(value.clone()),
        (Kind::Int(_), Value::Int(_) | Value::Uint(_))
        | (Kind::Float(_), Value::Float(_))
        | (Kind::Decimal(_), Value::Decimal(_)) => in_range(value.clone(), target),
        (Kind::Float(_), Value::Int(_) | Value::Uint(_) | Value::Decimal(_)) => {
            in_range(exact_double(value, target)?, target)
        }
        (Kind::Decimal(_), Value::Int(_) | Value::Uint(_) | Value::Float(_) | Value::String(_)) => {
            in_range(converted("decimal", value, target)?, target)
        }
        (Kind::String(text), Value::String(given)) => {
            let count = given.chars().count() as u64;
            if inside(count, text.length) { Ok(value.clone()) } else { Err(length(value, "characters")) }
        }
        (Kind::Timestamp, Value::String(_)) => converted("timestamp", value, target),
        (Kind::Date, Value::String(_)) => converted("date", value, target),
        (Kind::Time, Value::String(_)) => converted("time", value, target),
        (Kind::LocalDateTime, Value::String(_)) => converted("localDateTime", value, target),
        (Kind::Period, Value::String(_)) => converted("period", value, target),
        // Contracts write durations in ISO 8601 (`PT5M`), expressions as Go does (`5m`).
        (Kind::Duration, Value::String(text)) => match read_duration(text) {
            Some(length) => Ok(Value::Duration(length)),
            None => converted("duration", value, target),
        },
        (Kind::Uuid, Value::String(_)) => converted("uuid", value, target),
        (Kind::Enum(values), _) => member(value, values),
        (Kind::List(list), Value::List(items)) if inside(items.len() as u64, list.length) => {
            items.iter().map(|item| fit(item, &list.item)).collect::<Result<_, _>>().map(Value::list)
        }
        (Kind::List(_), Value::List(_)) => Err(length(value, "items")),
        (Kind::Map(map), Value::Map(entries)) => {
            let mut made = Map::with_capacity(entries.len());
            for (key, entry) in entries.iter() {
                made.push_new(key.clone(), fit(entry, &map.value)?);
            }
            Ok(Value::Map(Arc::new(made)))
        }
        (Kind::Record(record), Value::Map(entries)) => fit_record(entries, record),
        (Kind::Union(union), _) => {
            let fitting = union.variants.iter().find_map(|(_, variant)| fit(value, variant).ok());
            fitting.ok_or_else(|| other(value, target))
        }
        _ => Err(other(value, target)),
    }
}

fn in_range(value: Value, target: &Shape) -> Result<Value, (String, String)> {
    if number_fits(&value, target) {
        return Ok(value);
    }
    Err((
        format!("{value} is outside of the range of the field"),
        "write a value that the contract allows, or correct the contract".to_owned(),
    ))
}

/// The double of a number that is exactly one.
fn exact_double(value: &Value, target: &Shape) -> Result<Value, (String, String)> {
    let double = converted("double", value, target)?;
    let back = converted("decimal", &double, target)?;
    if back == converted("decimal", value, target)? || back.to_string() == value.to_string() {
        return Ok(double);
    }
    Err((format!("{value} is not exactly a double"), "write it with fewer digits".to_owned()))
}

fn other(value: &Value, target: &Shape) -> (String, String) {
    let message = format!("expected {}, found {value}", a(&target.name()));
    (message, "write a value of that kind, or correct the contract".to_owned())
}

fn length(value: &Value, what: &str) -> (String, String) {
    let message = format!("{value} has more or fewer {what} than the field allows");
    (message, "write a value that the contract allows, or correct the contract".to_owned())
}

fn inside(count: u64, length: Length) -> bool {
    length.min.is_none_or(|min| count >= min) && length.max.is_none_or(|max| count <= max)
}

fn converted(function: &str, value: &Value, target: &Shape) -> Result<Value, (String, String)> {
    convert(function, value).map_err(|failure| match failure {
        Failure::Because(message) => (message, "write it in that form".to_owned()),
        Failure::NoOverload | Failure::Budget => other(value, target),
    })
}

fn member(value: &Value, values: &Arc<[Value]>) -> Result<Value, (String, String)> {
    if values.contains(value) {
        return Ok(value.clone());
    }
    let names: Vec<&str> = values.iter().filter_map(Value::as_str).collect();
    let listed: Vec<String> = values.iter().take(12).map(ToString::to_string).collect();
    let hint = match value.as_str().and_then(|text| nearest(text, names.iter().copied())) {
        Some(near) => format!("write `{near}`"),
        None => format!("use one of {}", listed.join(", ")),
    };
    Err((format!("{value} is not one of {}", listed.join(", ")), hint))
}

fn fit_record(entries: &Map, record: &Arc<Record>) -> Result<Value, (String, String)> {
    let mut made = Map::with_capacity(record.fields().len());
    for field in record.fields() {
        match entries.get(&field.name) {
            Some(entry) => made.push_new(field.name.clone().into(), fit(entry, &field.shape)?),
            None => push_default(&mut made, field)?,
        }
    }
    for (key, entry) in entries.iter() {
        let known = key.as_str().is_some_and(|name| record.field(name).is_some());
        match &record.rest {
            _ if known => {}
            Some(rest) => made.push_new(key.clone(), fit(entry, rest)?),
            None => {
                return Err((
                    format!("the constant has a field `{key}` that the contract does not have"),
                    "remove it, or correct its name".to_owned(),
                ));
            }
        }
    }
    Ok(Value::Map(Arc::new(made)))
}

fn push_default(made: &mut Map, field: &Field) -> Result<(), (String, String)> {
    if field.required {
        return Err((
            format!("the constant lacks the field `{}`, which the contract requires", field.name),
            format!("add `{}`", field.name),
        ));
    }
    if let Some(default) = field.stand_in() {
        made.push_new(field.name.clone().into(), default.clone());
    }
    Ok(())
}
