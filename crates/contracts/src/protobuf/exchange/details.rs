//! `google.rpc.Status`: what a system says of a failure beside its code, as values of the types that are known, and back.

use std::{
    sync::{Arc, LazyLock},
    time::Duration,
};

use tenon_errors::{
    Report,
    catalogue::data::{CONTRACT_VIOLATION, UNEXPECTED_FIELD},
};
use tenon_model::{Key, Map, Value};

use super::code::Code;
use crate::{
    format::{Codec, NoFiles, Source},
    json,
    protobuf::{
        Definitions,
        codec::{Binary, Json},
    },
};

/// Under which name a record says of which type it is.
const TYPE: &str = "@type";
/// What stands before the full name of a type.
const PREFIX: &str = "type.googleapis.com/";

/// The types of details that are in wide use.
static KNOWN: LazyLock<Arc<Definitions>> = LazyLock::new(|| {
    let source = Source { file: "rpc.proto", text: include_str!("rpc.proto"), files: &NoFiles };
    crate::protobuf::read(&source).map(|read| read.definitions).unwrap_or_default()
});

/// What a status says: its code by number, its message, and its details, of the types of `own` and of those in wide use; those of other
/// types have their bytes under `value`.
pub(super) fn read(bytes: &[u8], own: &Arc<Definitions>) -> Result<Value, Report> {
    let status = codec(&KNOWN, "google.rpc.Status")?.decode(bytes)?;
    let Value::Map(status) = status else { return Ok(status) };
    let packed = match status.get("details") {
        Some(Value::List(packed)) => packed.iter().map(|one| unpacked(one, own)).collect::<Result<_, _>>()?,
        _ => Vec::new(),
    };
    let of = |name: &str| status.get(name).cloned().unwrap_or_default();
    Ok(Value::record([("code", of("code")), ("message", of("message")), ("details", Value::list(packed))]))
}

/// The wait that the details of a status ask for (`google.rpc.RetryInfo`).
pub(super) fn delay(status: &Value) -> Option<Duration> {
    let Value::List(details) = field(status, "details")? else { return None };
    let is_retry = |one: &&Value| matches!(field(one, TYPE), Some(Value::String(url)) if type_name(url) == "google.rpc.RetryInfo");
    match field(details.iter().find(is_retry)?, "retry_delay") {
        Some(Value::Duration(wait)) => Duration::try_from(*wait).ok(),
        _ => None,
    }
}

/// The status with this code and message, and the details that `value` has.
///
/// # Errors
/// `D0001` for details that are not of their type.
pub(super) fn write(
    code: Code,
    message: &str,
    value: Option<&Value>,
    own: &Arc<Definitions>,
) -> Result<Option<Vec<u8>>, Report> {
    let Some(value) = value else { return Ok(None) };
    let odd = |what: &str| {
        let detail = Report::new(&UNEXPECTED_FIELD, what.to_owned());
        Report::new(&CONTRACT_VIOLATION, "the status has other details than statuses of gRPC have")
            .with_details([detail])
    };
    let Some(Value::List(details)) = field(value, "details") else {
        return Err(odd("what is said beside the status is an object with a list of `details`"));
    };
    let packed = details.iter().map(|one| {
        packed(one, own)?
            .ok_or_else(|| odd("each of the `details` is an object whose `@type` names a known type"))
    });
    let packed = packed.collect::<Result<Vec<_>, _>>()?;
    let number = i64::try_from(code.number()).unwrap_or_default();
    let status = Value::record([
        ("code", Value::Int(number)),
        ("message", Value::from(message)),
        ("details", Value::list(packed)),
    ]);
    let mut bytes = Vec::new();
    codec(&KNOWN, "google.rpc.Status")?.encode(&status, &mut bytes)?;
    Ok(Some(bytes))
}

/// The record that `packed` holds.
fn unpacked(packed: &Value, own: &Arc<Definitions>) -> Result<Value, Report> {
    let url = match field(packed, "type_url") {
        Some(Value::String(url)) => url.clone(),
        _ => tenon_model::Str::default(),
    };
    let held = match field(packed, "value") {
        Some(Value::Bytes(held)) => Arc::clone(held),
        _ => Arc::from([]),
    };
    let mut record = Map::new();
    record.push_new(Key::from(TYPE), Value::String(url.clone()));
    let found = [own, &*KNOWN].into_iter().find_map(|known| Binary::new(known, type_name(&url)));
    match found.map(|codec| codec.decode(&held)).transpose()? {
        Some(Value::Map(fields)) => {
            for (key, value) in fields.iter() {
                drop(record.insert(key.clone(), value.clone()));
            }
        }
        Some(value) => drop(record.insert("value", value)),
        None => drop(record.insert("value", Value::Bytes(held))),
    }
    Ok(Value::Map(Arc::new(record)))
}

/// `value`, whose `@type` says what it is, as it lies in a status; `None` if it is of no known type. What was written in JSON has the form
/// that JSON gives to messages.
fn packed(value: &Value, own: &Arc<Definitions>) -> Result<Option<Value>, Report> {
    let Value::Map(map) = value else { return Ok(None) };
    let Some(Value::String(url)) = map.get(TYPE) else { return Ok(None) };
    let name = type_name(url);
    let Some(known) = [own, &*KNOWN].into_iter().find(|known| known.message(name).is_some()) else {
        return Ok(None);
    };
    let fields = map.iter().filter(|(key, _)| key.as_str() != Some(TYPE));
    let fields = Value::Map(Arc::new(fields.map(|(key, value)| (key.clone(), value.clone())).collect()));
    let mut bytes = Vec::new();
    let binary = codec(known, name)?;
    if binary.encode(&fields, &mut bytes).is_err() {
        let codec = Json::new(known, name).ok_or_else(|| unknown(name))?;
        binary.encode(&codec.decode(json::to_string(&fields).as_bytes())?, &mut bytes)?;
    }
    let url = if url.contains('/') { url.to_string() } else { format!("{PREFIX}{url}") };
    Ok(Some(Value::record([("type_url", Value::from(url.as_str())), ("value", Value::Bytes(bytes.into()))])))
}

fn codec(known: &Arc<Definitions>, name: &str) -> Result<Binary, Report> {
    Binary::new(known, name).ok_or_else(|| unknown(name))
}

fn unknown(name: &str) -> Report {
    Report::new(&CONTRACT_VIOLATION, format!("there is no type `{name}`"))
}

fn field<'v>(value: &'v Value, name: &str) -> Option<&'v Value> {
    match value {
        Value::Map(map) => map.get(name),
        _ => None,
    }
}

/// The full name of the type that a URL means.
fn type_name(url: &str) -> &str {
    url.rsplit('/').next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_types_in_wide_use_can_be_read() {
        for name in ["Status", "ErrorInfo", "RetryInfo", "BadRequest", "QuotaFailure", "LocalizedMessage"] {
            assert!(KNOWN.message(&format!("google.rpc.{name}")).is_some(), "{name}");
        }
    }
}
