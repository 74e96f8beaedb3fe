//! Making messages: every field is given what its type holds, or the message is not made.

use std::sync::Arc;

use tenon_model::{Instant, Key, Map, Str, Value};

use super::{Holds, Item, MessageField, MessageType, MessageTypes, Natural, Scalar, TYPE, json, type_of};

/// A message of the type `name`, with fields that its type was asked about.
#[must_use]
pub fn message(name: Str, fields: &Map) -> Value {
    let mut map = Map::with_capacity(fields.len() + 1);
    map.push_new(Key::from(TYPE), Value::String(name));
    for (key, value) in fields.iter() {
        map.insert(key.clone(), value.clone());
    }
    Value::Map(Arc::new(map))
}

/// A message of `ty` with these fields set, in the form that it has in expressions.
///
/// # Errors
/// What a field does not hold, or that there is none of the name.
pub fn make(
    types: &dyn MessageTypes,
    ty: &MessageType,
    fields: impl IntoIterator<Item = (Str, Value)>,
) -> Result<Value, String> {
    let mut set = Map::new();
    for (name, value) in fields {
        let field = ty.field(&name).ok_or_else(|| format!("`{}` has no field `{name}`", ty.name))?;
        if let Some(choice) = &field.choice {
            let others = ty.fields().iter().filter(|other| other.choice.as_ref() == Some(choice));
            others.for_each(|other| drop(set.remove(&Key::String(other.name.clone()))));
        }
        if let Some(value) = held(types, field, value)? {
            set.insert(Key::String(field.name.clone()), value);
        }
    }
    match ty.natural {
        Some(natural) => natural_of(types, natural, &set),
        None => Ok(message(ty.name.clone(), &set)),
    }
}

/// What a field holds once it is given `value`; `None` where that is not to be told from a field that is not set.
fn held(types: &dyn MessageTypes, field: &MessageField, value: Value) -> Result<Option<Value>, String> {
    let held = match (&field.holds, value) {
        (Holds::One(item), Value::Null) if is_unset_by_null(item) => return Ok(None),
        (Holds::One(item), value) => convert(types, item, value).map_err(|why| within(field, &why))?,
        (Holds::List(item), Value::List(items)) => {
            let items = items.iter().filter(|value| !value.is_null() || !is_left_out(item));
            let items: Result<Vec<Value>, String> =
                items.map(|value| convert(types, item, value.clone())).collect();
            Value::list(items.map_err(|why| within(field, &why))?)
        }
        (Holds::Map(kind, item), Value::Map(map)) => {
            let mut entries = Map::with_capacity(map.len());
            for (key, value) in map.iter().filter(|(_, value)| !value.is_null() || !is_left_out(item)) {
                if !kind.is(key) {
                    return Err(within(field, &format!("does not take the key {key}")));
                }
                let value = convert(types, item, value.clone()).map_err(|why| within(field, &why))?;
                entries.insert(key.clone(), value);
            }
            Value::Map(Arc::new(entries))
        }
        (_, other) => return Err(within(field, &format!("does not take {}", other.kind_name()))),
    };
    let is_nothing = match &field.holds {
        Holds::One(_) => !field.has_presence && held == field.stand_in(),
        _ => held == field.stand_in(),
    };
    Ok((!is_nothing).then_some(held))
}

fn within(field: &MessageField, why: &str) -> String {
    format!("the field `{}` {why}", field.name)
}

/// Whether null, given to a field, leaves it as it is when not set.
fn is_unset_by_null(item: &Item) -> bool {
    match item {
        Item::Message(_) => true,
        Item::Natural(natural) => {
            matches!(natural, Natural::Timestamp | Natural::Duration | Natural::Wrapper(_) | Natural::Any)
        }
        Item::Scalar(_) | Item::Enum(_) => false,
    }
}

/// Whether null, in a list or a map, is left out.
fn is_left_out(item: &Item) -> bool {
    is_unset_by_null(item) && *item != Item::Natural(Natural::Any)
}

/// `value`, as `item` holds it.
fn convert(types: &dyn MessageTypes, item: &Item, value: Value) -> Result<Value, String> {
    match (item, &value) {
        (Item::Scalar(scalar), _) | (Item::Natural(Natural::Wrapper(scalar)), _) => scalar_of(*scalar, value),
        (Item::Enum(_), Value::Int(n)) => in_range(*n, i32::MIN.into(), i32::MAX.into()).map(Value::Int),
        (Item::Message(name), _) => match type_of(&value, types) {
            Some(ty) if ty.name == *name => Ok(value),
            _ => Err(format!("holds `{name}`, and does not take {}", value.kind_name())),
        },
        (Item::Natural(Natural::Timestamp), Value::Timestamp(_))
        | (Item::Natural(Natural::Duration), Value::Duration(_))
        | (Item::Natural(Natural::Any), _) => Ok(value),
        (Item::Natural(Natural::Value), _) => json::of(types, &value),
        (Item::Natural(Natural::Struct), Value::Map(map)) if type_of(&value, types).is_none() => {
            if let Some((key, _)) = map.iter().find(|(key, _)| key.as_str().is_none()) {
                return Err(format!("has text as keys, and does not take the key {key}"));
            }
            json::of(types, &value)
        }
        (Item::Natural(Natural::ListValue), Value::List(_)) => json::of(types, &value),
        (Item::Natural(Natural::Null), Value::Null | Value::Int(0)) => Ok(Value::Null),
        _ => Err(format!("does not take {}", value.kind_name())),
    }
}

fn in_range(n: i64, min: i64, max: i64) -> Result<i64, String> {
    if (min..=max).contains(&n) {
        Ok(n)
    } else {
        Err(format!("does not take {n}, which is outside its range"))
    }
}

fn scalar_of(scalar: Scalar, value: Value) -> Result<Value, String> {
    match (scalar, &value) {
        (Scalar::Bool, Value::Bool(_))
        | (Scalar::Int64, Value::Int(_))
        | (Scalar::Uint64, Value::Uint(_))
        | (Scalar::Double, Value::Float(_))
        | (Scalar::String, Value::String(_))
        | (Scalar::Bytes, Value::Bytes(_)) => Ok(value),
        (Scalar::Int32, Value::Int(n)) => in_range(*n, i32::MIN.into(), i32::MAX.into()).map(Value::Int),
        (Scalar::Uint32, Value::Uint(n)) => match u32::try_from(*n) {
            Ok(n) => Ok(Value::Uint(n.into())),
            Err(_) => Err(format!("does not take {n}, which is outside its range")),
        },
        // The nearest single; what is beyond them is infinite.
        (Scalar::Float, Value::Float(n)) => {
            #[allow(clippy::cast_possible_truncation, reason = "what a field of this type keeps")]
            let single = *n as f32;
            Ok(Value::Float(single.into()))
        }
        _ => Err(format!("does not take {}", value.kind_name())),
    }
}

/// What a message with these fields is in expressions.
fn natural_of(types: &dyn MessageTypes, natural: Natural, set: &Map) -> Result<Value, String> {
    let part = |name: &str| set.get(name).cloned();
    let whole = |name: &str| part(name).and_then(|value| value.as_i64()).unwrap_or(0);
    match natural {
        Natural::Wrapper(scalar) => Ok(part("value").unwrap_or_else(|| scalar.zero())),
        Natural::Value => Ok(set.iter().next().map_or(Value::Null, |(_, value)| value.clone())),
        Natural::Struct => Ok(part("fields").unwrap_or_else(|| Value::Map(Arc::new(Map::new())))),
        Natural::ListValue => Ok(part("values").unwrap_or_else(|| Value::list(Vec::new()))),
        Natural::Null => Ok(Value::Null),
        Natural::Timestamp => {
            let nanoseconds = u32::try_from(whole("nanos")).ok();
            let instant = nanoseconds.and_then(|nanoseconds| Instant::new(whole("seconds"), nanoseconds));
            instant.map(Value::Timestamp).ok_or_else(|| "the timestamp is outside its range".to_owned())
        }
        Natural::Duration => {
            let nanoseconds = i32::try_from(whole("nanos")).ok();
            let length = nanoseconds.map(|it| jiff::SignedDuration::new(whole("seconds"), it));
            length.map(Value::Duration).ok_or_else(|| "the duration is outside its range".to_owned())
        }
        Natural::Any => {
            let (url, bytes) = (part("type_url"), part("value"));
            let name = url.as_ref().and_then(Value::as_str).unwrap_or_default();
            let name = name.rsplit('/').next().unwrap_or_default();
            let bytes = if let Some(Value::Bytes(bytes)) = bytes { bytes } else { Arc::from([]) };
            types.unpack(name, &bytes)
        }
    }
}
