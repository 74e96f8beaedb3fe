//! What is put into `google.protobuf.Value`: the JSON that ProtoJSON has for it.

use std::sync::Arc;

use base64::Engine as _;
use tenon_model::{Key, Map, Str, Value};

use super::{MessageTypes, type_of};
use crate::functions::text_of_scalar;

/// The integers that a double holds, either way.
const SAFE: i64 = (1 << 53) - 1;
/// The most levels of data in it.
const MAX_LEVELS: usize = 64;

/// The JSON of `value`.
pub(super) fn of(types: &dyn MessageTypes, value: &Value) -> Result<Value, String> {
    at_level(types, value, 0)
}

#[allow(clippy::cast_precision_loss, reason = "within what a double holds, as checked")]
fn at_level(types: &dyn MessageTypes, value: &Value, level: usize) -> Result<Value, String> {
    if level > MAX_LEVELS {
        return Err(format!("does not take data of more than {MAX_LEVELS} levels"));
    }
    Ok(match value {
        Value::Null | Value::Bool(_) | Value::String(_) | Value::Float(_) => value.clone(),
        Value::Int(n) if n.abs_diff(0) <= SAFE.unsigned_abs() => Value::Float(*n as f64),
        Value::Uint(n) if *n <= SAFE.unsigned_abs() => Value::Float(*n as f64),
        Value::Bytes(bytes) => Value::from(base64::engine::general_purpose::STANDARD.encode(bytes)),
        Value::List(items) => {
            let items: Result<Vec<Value>, String> =
                items.iter().map(|item| at_level(types, item, level + 1)).collect();
            Value::list(items?)
        }
        Value::Map(map) => match type_of(value, types) {
            Some(ty) => return of_message(&ty.name, map),
            None => {
                let mut entries = Map::with_capacity(map.len());
                for (key, item) in map.iter() {
                    entries.insert(Key::from(key.to_string().as_str()), at_level(types, item, level + 1)?);
                }
                Value::Map(Arc::new(entries))
            }
        },
        scalar => match text_of_scalar(scalar) {
            Some(text) => Value::String(text),
            None => return Err(format!("does not take {}", value.kind_name())),
        },
    })
}

/// The JSON of the messages that have a form of their own there.
fn of_message(name: &Str, fields: &Map) -> Result<Value, String> {
    match name.as_str() {
        "google.protobuf.FieldMask" => {
            let paths = fields.get("paths").and_then(Value::as_list).unwrap_or_default();
            let paths: Vec<&str> = paths.iter().filter_map(Value::as_str).collect();
            Ok(Value::from(paths.join(",")))
        }
        "google.protobuf.Empty" => Ok(Value::Map(Arc::new(Map::new()))),
        other => Err(format!("does not take `{other}`")),
    }
}
