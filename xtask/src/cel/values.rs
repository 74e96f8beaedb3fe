//! The values of the tests: those of `cel.expr.Value` as JSON, and messages in their JSON form.

use std::sync::Arc;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::Value as Json;
use tenon_mapping::{
    Expression, Frame, Inline, Scope,
    messages::{self, Holds, Item, MessageTypes as _, Natural, Scalar},
};
use tenon_model::{Key, Map, Str, Value, shape::KeyKind};

use super::types::Lent;

type Taken<T = Value> = Result<T, String>;

/// The value that a test gives or wants; of a member of an enumeration the number.
pub(super) fn value_of(lent: &Lent, json: &Json) -> Taken {
    let (kind, inner) =
        json.as_object().and_then(|fields| fields.iter().next()).ok_or("the value has no kind")?;
    let text = || inner.as_str().ok_or_else(|| format!("{inner} is no text"));
    Ok(match kind.as_str() {
        "null_value" => Value::Null,
        "bool_value" => Value::Bool(inner.as_bool().ok_or("no bool")?),
        "int64_value" => Value::Int(text()?.parse().map_err(|_| "no integer")?),
        "uint64_value" => Value::Uint(text()?.parse().map_err(|_| "no integer")?),
        "double_value" => Value::Float(float(inner)?),
        "string_value" | "type_value" => Value::from(text()?),
        "bytes_value" => Value::Bytes(Arc::from(STANDARD.decode(text()?).map_err(|_| "no base64")?)),
        "enum_value" => Value::Int(inner["value"].as_i64().unwrap_or(0)),
        "list_value" => {
            let items = inner["values"].as_array().into_iter().flatten();
            Value::list(items.map(|item| value_of(lent, item)).collect::<Taken<_>>()?)
        }
        "map_value" => {
            let mut map = Map::new();
            for entry in inner["entries"].as_array().into_iter().flatten() {
                map.insert(key_of(&value_of(lent, &entry["key"])?)?, value_of(lent, &entry["value"])?);
            }
            Value::Map(Arc::new(map))
        }
        "object_value" => packed(lent, inner)?,
        other => return Err(format!("`{other}` is no kind of value that is known")),
    })
}

fn key_of(value: &Value) -> Taken<Key> {
    Ok(match value {
        Value::Bool(b) => Key::Bool(*b),
        Value::Int(n) => Key::Int(*n),
        Value::Uint(n) => Key::Uint(*n),
        Value::String(text) => Key::String(text.clone()),
        _ => return Err("no key".to_owned()),
    })
}

/// A message that says under `@type` what it is.
fn packed(lent: &Lent, json: &Json) -> Taken {
    let url = json["@type"].as_str().ok_or("a message without `@type`")?;
    let name = url.rsplit('/').next().unwrap_or(url);
    match Natural::of_name(name) {
        Some(natural) => item(lent, &Item::Natural(natural), &json["value"]),
        None => message(lent, name, json),
    }
}

/// A message of a type that is known.
fn message(lent: &Lent, name: &str, json: &Json) -> Taken {
    let ty = lent.message(name).ok_or_else(|| format!("there is no message type `{name}`"))?;
    if name == "google.protobuf.FieldMask" {
        let paths = json.as_str().unwrap_or_default().split(',').map(Value::from).collect();
        return messages::make(lent, &ty, [(Str::new("paths"), Value::list(paths))]);
    }
    let mut set = Vec::new();
    for (key, written) in json.as_object().into_iter().flatten().filter(|(key, _)| *key != "@type") {
        let field = ty.field(key).ok_or_else(|| format!("`{name}` has no field `{key}`"))?;
        let value = match &field.holds {
            Holds::One(one) => item(lent, one, written)?,
            Holds::List(one) => {
                let items = written.as_array().ok_or("no list")?;
                Value::list(items.iter().map(|written| item(lent, one, written)).collect::<Taken<_>>()?)
            }
            Holds::Map(kind, one) => map(lent, *kind, one, written)?,
        };
        set.push((field.name.clone(), value));
    }
    messages::make(lent, &ty, set)
}

fn map(lent: &Lent, kind: KeyKind, one: &Item, written: &Json) -> Taken {
    let mut map = Map::new();
    for (key, written) in written.as_object().ok_or("no map")? {
        let key = kind.read(key).ok_or_else(|| format!("`{key}` is no key"))?;
        map.insert(key, item(lent, one, written)?);
    }
    Ok(Value::Map(Arc::new(map)))
}

/// One value of a type, in its JSON form.
fn item(lent: &Lent, item: &Item, json: &Json) -> Taken {
    match item {
        Item::Scalar(scalar) => self::scalar(*scalar, json),
        Item::Enum(name) => match json.as_str() {
            Some(member) => {
                let number = lent.enumeration(name).and_then(|known| known.number(member));
                number.map(|number| Value::Int(number.into())).ok_or_else(|| format!("no member {member}"))
            }
            None => Ok(Value::Int(json.as_i64().ok_or("no number")?)),
        },
        Item::Message(name) => message(lent, name, json),
        Item::Natural(natural) => match natural {
            Natural::Timestamp => moment("timestamp", json),
            Natural::Duration => moment("duration", json),
            Natural::Any => packed(lent, json),
            Natural::Wrapper(scalar) if !json.is_null() => self::scalar(*scalar, json),
            Natural::Wrapper(_) | Natural::Null => Ok(Value::Null),
            Natural::Value | Natural::Struct | Natural::ListValue => Ok(any_json(json)),
        },
    }
}

fn scalar(scalar: Scalar, json: &Json) -> Taken {
    let wrong = || format!("{json} is no {scalar:?}");
    Ok(match scalar {
        Scalar::Bool => Value::Bool(json.as_bool().ok_or_else(wrong)?),
        Scalar::Int32 | Scalar::Int64 => {
            let text = json.as_str().and_then(|text| text.parse().ok());
            Value::Int(json.as_i64().or(text).ok_or_else(wrong)?)
        }
        Scalar::Uint32 | Scalar::Uint64 => {
            let text = json.as_str().and_then(|text| text.parse().ok());
            Value::Uint(json.as_u64().or(text).ok_or_else(wrong)?)
        }
        Scalar::Float | Scalar::Double => Value::Float(float(json)?),
        Scalar::String => Value::from(json.as_str().ok_or_else(wrong)?),
        Scalar::Bytes => {
            let bytes = json.as_str().and_then(|text| STANDARD.decode(text).ok());
            Value::Bytes(Arc::from(bytes.ok_or_else(wrong)?))
        }
    })
}

fn float(json: &Json) -> Taken<f64> {
    let text = || json.as_str().and_then(|text| text.parse().ok());
    json.as_f64().or_else(text).ok_or_else(|| format!("{json} is no double"))
}

fn any_json(json: &Json) -> Value {
    match json {
        Json::Null => Value::Null,
        Json::Bool(b) => Value::Bool(*b),
        Json::Number(n) => Value::Float(n.as_f64().unwrap_or(f64::NAN)),
        Json::String(text) => Value::from(text.as_str()),
        Json::Array(items) => Value::list(items.iter().map(any_json).collect()),
        Json::Object(fields) => {
            let mut map = Map::new();
            for (key, value) in fields {
                map.insert(key.as_str(), any_json(value));
            }
            Value::Map(Arc::new(map))
        }
    }
}

/// The instant or length that a text stands for, as the language reads it.
fn moment(function: &str, json: &Json) -> Taken {
    let text = format!("{function}('{}')", json.as_str().ok_or("no text")?);
    let expression = Expression::compile(&text, &Inline::new("value", text.as_str()), &Scope::new())
        .map_err(|reports| format!("{reports:?}"))?;
    let value = expression.evaluate(&Frame::new(Vec::new(), jiff::Timestamp::UNIX_EPOCH));
    value.map_err(|report| report.message().to_owned())?.ok_or_else(|| "no value".to_owned())
}

/// Equal, and of the same kind; NaN is itself.
pub(super) fn are_same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        // The parser of JSON may be off by the last digit.
        (Value::Float(a), Value::Float(b)) => {
            (a - b).abs() <= a.abs() * 4e-16 || a == b || (a.is_nan() && b.is_nan())
        }
        (Value::List(a), Value::List(b)) => {
            a.len() == b.len() && a.iter().zip(b.iter()).all(|(a, b)| are_same(a, b))
        }
        (Value::Map(a), Value::Map(b)) => {
            a.len() == b.len()
                && a.iter().all(|(key, value)| b.get_key(key).is_some_and(|other| are_same(value, other)))
        }
        _ => a == b,
    }
}
