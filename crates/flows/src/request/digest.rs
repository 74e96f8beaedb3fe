//! What tells a request from another one with the same key: a digest of what it says, however that is spelled.

use std::sync::Arc;

use tenon_contracts::json;
use tenon_model::{Decimal, Key, Map, Shape, Str, Value, shape::Kind};
use uuid::Uuid;

/// The name space of the digests.
const SPACE: Uuid = Uuid::from_u128(0x7e50_41d6_9f9b_4e0c_8a3d_3f6c_2b1e_9a57);
/// The length of a digest that an earlier Tenon made of the text.
const EARLIER: usize = 16;

/// Whether `held` is the digest of `request`, whose digest is `now`.
pub(super) fn is_of(held: &str, request: &Value, now: &str) -> bool {
    match held.len() {
        EARLIER => held == earlier(&json::to_string(request)),
        // An earlier Tenon took in what stands for absent fields.
        _ => held == now || held == digest(request),
    }
}

/// The digest of a request by its contract. What stands for an absent field is left out, so that a request is still the same one when
/// the contract has got a field with a default.
pub(super) fn digest_of(request: &Value, shape: &Shape) -> Str {
    digest(&as_sent(request, shape))
}

/// The value without fields that hold what would stand for them if they were absent.
fn as_sent(value: &Value, shape: &Shape) -> Value {
    let shape = shape.resolved();
    match (value, &shape.kind) {
        (Value::Map(map), Kind::Record(record)) => {
            let mut sent = Map::with_capacity(map.len());
            for (key, value) in map.iter() {
                let field = key.as_str().and_then(|name| record.field(name)).map(|(_, field)| field);
                let said = field.map_or_else(|| value.clone(), |field| as_sent(value, &field.shape));
                let absent = field.and_then(|field| Some(as_sent(field.stand_in()?, &field.shape)));
                if absent.is_none_or(|absent| absent != said) {
                    sent.push_new(key.clone(), said);
                }
            }
            Value::Map(Arc::new(sent))
        }
        (Value::List(items), Kind::List(list)) => {
            Value::list(items.iter().map(|item| as_sent(item, &list.item)).collect::<Vec<_>>())
        }
        _ => value.clone(),
    }
}

/// The digest that an earlier Tenon made (FNV-1a).
fn earlier(text: &str) -> String {
    let digest = text.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |digest, byte| {
        (digest ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    format!("{digest:016x}")
}

/// A digest of 122 bits, equal for values that their contract does not tell apart: the order of fields, and the spelling
/// of numbers, times and the like do not count.
pub(super) fn digest(request: &Value) -> Str {
    let mut text = Vec::with_capacity(256);
    write(request, &mut text);
    Uuid::new_v5(&SPACE, &text).to_string().into()
}

/// Writes each value with its kind and length before it, so that no two read alike.
fn write(value: &Value, text: &mut Vec<u8>) {
    match value {
        Value::Null => tagged("null", b"", text),
        Value::Int(n) => integer(i128::from(*n), text),
        Value::Uint(n) => integer(i128::from(*n), text),
        Value::Float(n) => match Decimal::shortest(*n) {
            Some(n) => decimal(&n, text),
            None => tagged("number", n.to_string().as_bytes(), text),
        },
        Value::Decimal(n) => decimal(n, text),
        Value::String(it) => tagged("text", it.as_bytes(), text),
        Value::Bytes(it) => tagged("bytes", it, text),
        Value::Timestamp(at) => tagged("time", at.as_nanosecond().to_string().as_bytes(), text),
        Value::Duration(it) => tagged("duration", it.as_nanos().to_string().as_bytes(), text),
        Value::List(items) => {
            tagged("list", items.len().to_string().as_bytes(), text);
            items.iter().for_each(|item| write(item, text));
        }
        Value::Map(map) => fields(map, text),
        other => tagged(other.kind_name(), other.to_string().as_bytes(), text),
    }
}

fn fields(map: &Map, text: &mut Vec<u8>) {
    tagged("map", map.len().to_string().as_bytes(), text);
    let mut fields: Vec<(&Key, &Value)> = map.iter().collect();
    fields.sort_by_key(|(key, _)| *key);
    for (key, value) in fields {
        write(&key.to_value(), text);
        write(value, text);
    }
}

fn integer(mut n: i128, text: &mut Vec<u8>) {
    let mut exponent = 0;
    while n != 0 && n % 10 == 0 {
        n /= 10;
        exponent += 1;
    }
    tagged("number", format!("{n}e{exponent}").as_bytes(), text);
}

fn decimal(n: &Decimal, text: &mut Vec<u8>) {
    let (digits, scale) = n.as_big().normalized().into_bigint_and_exponent();
    tagged("number", format!("{digits}e{}", -scale).as_bytes(), text);
}

fn tagged(kind: &str, bytes: &[u8], text: &mut Vec<u8>) {
    text.extend_from_slice(kind.as_bytes());
    text.push(b' ');
    text.extend_from_slice(bytes.len().to_string().as_bytes());
    text.push(b' ');
    text.extend_from_slice(bytes);
}

#[cfg(test)]
mod tests {
    use tenon_model::Field;

    use super::*;

    fn number(text: &str) -> Value {
        Value::Decimal(Arc::new(text.parse().unwrap()))
    }

    #[test]
    fn one_request_in_two_spellings_has_one_digest() {
        let a = Value::record([("a", number("1.0")), ("b", Value::from("x"))]);
        let b = Value::record([("b", Value::from("x")), ("a", number("1.00"))]);
        assert_eq!(digest(&a), digest(&b));
        let same = |values: &[Value]| values.windows(2).all(|pair| digest(&pair[0]) == digest(&pair[1]));
        assert!(same(&[
            Value::Int(100),
            Value::Uint(100),
            Value::Float(100.0),
            number("1e2"),
            number("100.0")
        ]));
        assert!(same(&[Value::Int(0), Value::Float(-0.0), number("0.00")]));
        assert!(same(&[Value::Float(0.1), number("0.10")]));
    }

    #[test]
    fn what_a_contract_tells_apart_has_two_digests() {
        let different = [
            Value::Null,
            Value::Bool(false),
            Value::Int(0),
            Value::Int(1),
            number("-1"),
            number("10"),
            number("0.1"),
            number("12345678901234567890.1"),
            number("12345678901234567890.2"),
            Value::Float(f64::NAN),
            Value::Float(f64::INFINITY),
            Value::from(""),
            Value::from("1"),
            Value::from("null"),
            Value::list(vec![]),
            Value::list(vec![Value::from("a"), Value::from("b")]),
            Value::list(vec![Value::from("b"), Value::from("a")]),
            Value::list(vec![Value::list(vec![Value::from("a")]), Value::from("b")]),
            Value::record([("a", Value::Null)]),
            Value::record::<&str>([]),
            Value::record([("a", Value::from("b"))]),
            Value::record([("ab", Value::from(""))]),
        ];
        let digests: std::collections::HashSet<_> = different.iter().map(digest).collect();
        assert_eq!(digests.len(), different.len());
    }

    #[test]
    fn what_stands_for_an_absent_field_is_not_told_apart_from_its_absence() {
        let unit = |default: &str| Field {
            default: Some(default.into()),
            ..Field::optional("unit", Shape::string())
        };
        let shape = |fields: Vec<Field>| {
            let line = Shape::record([vec![Field::required("n", Shape::INT)], fields.clone()].concat());
            Shape::record([vec![Field::required("lines", Shape::list(line))], fields].concat())
        };
        let request = |unit: Option<&str>| {
            let unit = || unit.map(|unit| ("unit", Value::from(unit)));
            let line = Value::record([("n", Value::Int(1))].into_iter().chain(unit()));
            Value::record([("lines", Value::list(vec![line]))].into_iter().chain(unit()))
        };
        let before = digest_of(&request(None), &shape(vec![]));
        for (sent, default) in [("kg", "kg"), ("lb", "lb")] {
            assert_eq!(digest_of(&request(Some(sent)), &shape(vec![unit(default)])), before);
        }
        assert_ne!(digest_of(&request(Some("kg")), &shape(vec![unit("lb")])), before);
        let required = Field::required("unit", Shape::string());
        assert_ne!(digest_of(&request(Some("kg")), &shape(vec![required])), before);
    }

    #[test]
    fn a_digest_of_an_earlier_tenon_is_still_understood() {
        let request = Value::record([("id", Value::from("a"))]);
        assert!(is_of(&digest(&request), &request, "that without defaults"));
        let held = earlier("{\"id\":\"a\"}");
        assert!(
            is_of(&held, &request, &digest(&request)) && !is_of(&held, &Value::Null, &digest(&Value::Null))
        );
    }
}
