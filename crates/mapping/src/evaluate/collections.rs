//! Making lists and maps.

use tenon_errors::Report;
use tenon_model::{Key, Map, Value};

use super::{EntryNode, Failure, ItemNode, Machine, Val, fields};

/// A list of what the nodes give; an optional item that is none is left out.
#[inline(never)]
pub(super) fn list(items: &[ItemNode], machine: &mut Machine<'_>) -> Result<Value, Report> {
    let mut list = Vec::with_capacity(items.len());
    for item in items {
        let value = item.value.evaluate(machine)?;
        let value = if item.optional { opened(value) } else { value.into_data().map(Some) };
        list.extend(value.map_err(|failure| machine.report(&item.value, failure, "[]"))?);
    }
    Ok(Value::list(list))
}

/// A map of what the nodes give; an optional entry that is none is left out.
#[inline(never)]
pub(super) fn map(entries: &[EntryNode], machine: &mut Machine<'_>) -> Result<Value, Report> {
    let mut map = Map::with_capacity(entries.len());
    for entry in entries {
        let key = entry.key.evaluate(machine)?;
        let key = key.into_data().map_err(|failure| machine.report(&entry.key, failure, "{}"))?;
        let value = entry.value.evaluate(machine)?;
        let value = if entry.optional { opened(value) } else { value.into_data().map(Some) };
        if let Some(value) = value.map_err(|failure| machine.report(&entry.value, failure, "{}"))? {
            insert(&mut map, &key, value).map_err(|failure| machine.report(&entry.key, failure, "{}"))?;
        }
    }
    Ok(Value::Map(map.into()))
}

/// Adds an entry; a key that is there already is a failure (cel-spec, "Maps").
pub(super) fn insert(map: &mut Map, key: &Value, value: Value) -> Result<(), Failure> {
    if fields::entry(map, key).is_some() {
        return Err(Failure::because(format!("the key {key} appears twice")));
    }
    let key = match key {
        Value::String(text) => Key::String(text.clone()),
        Value::Int(n) => Key::Int(*n),
        Value::Uint(n) => Key::Uint(*n),
        Value::Bool(b) => Key::Bool(*b),
        other => return Err(Failure::because(format!("{} cannot be a key of a map", other.kind_name()))),
    };
    map.push_new(key, value);
    Ok(())
}

/// The content of an optional.
fn opened(value: Val) -> Result<Option<Value>, Failure> {
    match value.into_optional() {
        Some(Some(inner)) => inner.into_data().map(Some),
        Some(None) => Ok(None),
        None => Err(Failure::because("`?` needs an optional value")),
    }
}
