//! Values of contracts as values of messages, and back. `tenon check` has seen that the messages have a place for them.

use std::sync::Arc;

use tenon_contracts::json;
use tenon_model::{Map, Value};

/// What a message keeps of what its description does not know: those who ask may know more.
const UNKNOWN: &str = "unknown_fields";

/// What was asked, without what nobody asked for.
pub(super) fn asked(value: Value) -> Value {
    mapped(value, &|map, key| {
        let is_unknown = key.starts_with(UNKNOWN) && matches!(map.get(key), Some(Value::Bytes(_)));
        !is_unknown
    })
}

/// `value` as a message has it: what is null is absent, and what Protobuf has no type for is text.
pub(super) fn told(value: Value) -> Value {
    match value {
        Value::Decimal(_) | Value::Date(_) | Value::Time(_) | Value::LocalDateTime(_) | Value::Period(_) => {
            let text = json::to_string(&value);
            Value::from(text.trim_matches('"'))
        }
        Value::List(items) => Value::list(items.iter().cloned().map(told).collect()),
        Value::Map(map) => {
            let kept = map.iter().filter(|(_, value)| !value.is_null());
            Value::Map(Arc::new(kept.map(|(key, value)| (key.clone(), told(value.clone()))).collect()))
        }
        other => other,
    }
}

/// The same with the fields of records that `keeps`, at any depth.
fn mapped(value: Value, keeps: &dyn Fn(&Map, &str) -> bool) -> Value {
    match value {
        Value::List(items) => Value::list(items.iter().cloned().map(|item| mapped(item, keeps)).collect()),
        Value::Map(map) => {
            let kept = map.iter().filter(|(key, _)| key.as_str().is_none_or(|key| keeps(&map, key)));
            let kept = kept.map(|(key, value)| (key.clone(), mapped(value.clone(), keeps)));
            Value::Map(Arc::new(kept.collect()))
        }
        other => other,
    }
}

/// A field of a message.
pub(super) fn field<'v>(message: &'v Value, name: &str) -> Option<&'v Value> {
    match message {
        Value::Map(map) => map.get(name),
        _ => None,
    }
}

/// A scalar as paths and queries have it.
pub(super) fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.to_string(),
        other => json::to_string(other).trim_matches('"').to_owned(),
    }
}
