//! Which of several readings of one source counts: the one that would be written as the source is, whatever the order in
//! which a contract lists them.

use std::cmp::Ordering;

use tenon_model::{Key, Value};

use crate::json;

/// The rank of a reading among those that fit their source equally well, by its kind: text last, since everything is text.
pub(crate) fn rank(value: &Value) -> u8 {
    match value {
        Value::Null => 0,
        Value::Bool(_) => 1,
        Value::Int(_) | Value::Uint(_) => 2,
        Value::Decimal(_) => 3,
        Value::Float(_) => 4,
        Value::Timestamp(_)
        | Value::Date(_)
        | Value::Time(_)
        | Value::LocalDateTime(_)
        | Value::Duration(_)
        | Value::Uuid(_) => 5,
        // After lengths of time, since the text of each is one of a period.
        Value::Period(_) => 6,
        Value::Bytes(_) => 7,
        Value::String(_) => 8,
        Value::List(_) => 9,
        Value::Map(_) => 10,
    }
}

/// Whether `text` is how the double `value` is written. A whole number may do without its fraction of zero.
pub(crate) fn is_double_written_as(value: &Value, text: &str) -> bool {
    let written = json::to_string(value);
    written == text || written.strip_suffix(".0") == Some(text)
}

/// In how many places a reading would be written in another way than `source`, which is JSON that was read by no contract,
/// with every digit.
pub(crate) fn deviation(reading: &Value, source: &Value) -> usize {
    match (reading, source) {
        (Value::List(items), Value::List(sources)) => {
            items.iter().zip(sources.iter()).map(|(item, source)| deviation(item, source)).sum()
        }
        (Value::Map(map), Value::Map(sources)) => {
            let entries = map.iter().map(|(key, value)| match sources.get_key(key) {
                Some(source) => deviation(value, source),
                // A default.
                None => 1,
            });
            entries.sum()
        }
        (Value::Float(_), Value::Int(_) | Value::Uint(_) | Value::Float(_) | Value::Decimal(_)) => {
            usize::from(!is_double_written_as(reading, &json::to_string(source)))
        }
        _ => usize::from(json::to_string(reading) != json::to_string(source)),
    }
}

/// Which of two readings that deviate equally comes first: by the rank of what differs first, fields in the order of their
/// names.
pub(crate) fn compare(a: &Value, b: &Value) -> Ordering {
    match (a, b) {
        (Value::List(one), Value::List(other)) => {
            let mut orders = one.iter().zip(other.iter()).map(|(a, b)| compare(a, b));
            orders.find(|order| order.is_ne()).unwrap_or_else(|| one.len().cmp(&other.len()))
        }
        (Value::Map(one), Value::Map(other)) => {
            let mut keys: Vec<&Key> = one.iter().chain(other.iter()).map(|(key, _)| key).collect();
            keys.sort_unstable();
            keys.dedup();
            let mut orders = keys.into_iter().map(|key| match (one.get_key(key), other.get_key(key)) {
                (Some(a), Some(b)) => compare(a, b),
                (one, other) => one.is_some().cmp(&other.is_some()),
            });
            orders.find(|order| order.is_ne()).unwrap_or(Ordering::Equal)
        }
        _ => rank(a).cmp(&rank(b)).then_with(|| json::to_string(a).cmp(&json::to_string(b))),
    }
}
