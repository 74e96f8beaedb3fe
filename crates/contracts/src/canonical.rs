//! Equality of values as JSON Schema means it (numbers by their value, records without order), and distinctness of
//! many values in linear time.

use std::collections::HashMap;

use tenon_model::{Key, Value, digits::Significant};

use crate::{lexical, number};

/// Whether two values are equal: `1`, `1.0` and the decimal `1.00` are.
pub(crate) fn equal(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::String(a), Value::String(b)) => a == b,
        (Value::Int(a), Value::Int(b)) => a == b,
        _ => a == b || (is_composite(a) && is_composite(b) && canonical(a) == canonical(b)),
    }
}

/// The positions of the first two items that are equal.
pub(crate) fn first_repeat(items: &[Value]) -> Option<(usize, usize)> {
    if items.len() < 2 {
        return None;
    }
    let mut seen = HashMap::with_capacity(items.len());
    let mut items = items.iter().enumerate();
    items.find_map(|(at, item)| Some((seen.insert(canonical(item), at)?, at)))
}

/// Whether values of other kinds or forms can be equal to this one.
fn is_composite(value: &Value) -> bool {
    matches!(
        value,
        Value::Int(_) | Value::Uint(_) | Value::Float(_) | Value::Decimal(_) | Value::List(_) | Value::Map(_)
    )
}

/// A form that equal values share and others do not.
pub(crate) fn canonical(value: &Value) -> Vec<u8> {
    let mut out = Vec::new();
    write(value, &mut out);
    out
}

/// Writes a form that equal values share and others do not: a letter for the kind, a length where needed, the content.
fn write(value: &Value, out: &mut Vec<u8>) {
    match value {
        Value::Null => out.push(b'0'),
        Value::Bool(b) => out.push(if *b { b't' } else { b'f' }),
        Value::Int(n) => write_number(itoa::Buffer::new().format(*n), out),
        Value::Uint(n) => write_number(itoa::Buffer::new().format(*n), out),
        Value::Float(n) if n.is_finite() => write_number(number::shortest(*n, &mut zmij::Buffer::new()), out),
        Value::Float(n) => write_sized(b'x', n.to_string().as_bytes(), out),
        Value::Decimal(n) => {
            let (digits, scale) = n.as_big().as_bigint_and_scale();
            write_number(&format!("{digits}e{}", scale.saturating_neg()), out);
        }
        Value::String(text) => write_sized(b's', text.as_bytes(), out),
        Value::Bytes(bytes) => write_sized(b'b', bytes, out),
        Value::Timestamp(at) => write_form(b'i', out, |out| at.write(out)),
        Value::Date(date) => write_form(b'd', out, |out| lexical::write_date(*date, out)),
        Value::Time(time) => write_form(b'c', out, |out| lexical::write_time(*time, out)),
        Value::LocalDateTime(local) => write_form(b'w', out, |out| lexical::write_local(*local, out)),
        Value::Period(period) => write_form(b'p', out, |out| period.write(out)),
        Value::Duration(length) => write_form(b'l', out, |out| lexical::write_duration(*length, out)),
        Value::Uuid(id) => write_sized(b'u', id.as_bytes(), out),
        Value::List(items) => {
            out.push(b'[');
            items.iter().for_each(|item| write(item, out));
            out.push(b']');
        }
        Value::Map(map) => {
            let mut entries: Vec<(&Key, &Value)> = map.iter().collect();
            entries.sort_unstable_by_key(|(key, _)| *key);
            out.push(b'{');
            for (key, item) in entries {
                write(&key.to_value(), out);
                write(item, out);
            }
            out.push(b'}');
        }
    }
}

fn write_number(text: &str, out: &mut Vec<u8>) {
    let number = Significant::of(text);
    out.push(if number.negative { b'-' } else { b'+' });
    write_sized(b'n', number.digits.as_bytes(), out);
    out.extend_from_slice(&number.exponent.to_le_bytes());
}

fn write_sized(kind: u8, content: &[u8], out: &mut Vec<u8>) {
    out.push(kind);
    out.extend_from_slice(&(content.len() as u64).to_le_bytes());
    out.extend_from_slice(content);
}

fn write_form(kind: u8, out: &mut Vec<u8>, form: impl FnOnce(&mut Vec<u8>)) {
    out.push(kind);
    form(out);
    out.push(b';');
}

#[cfg(test)]
mod tests {
    use tenon_model::Decimal;

    use super::*;

    fn decimal(text: &str) -> Value {
        Value::from(text.parse::<Decimal>().unwrap())
    }

    #[test]
    fn numbers_are_equal_by_value_and_records_without_order() {
        let one = [Value::Int(1), Value::Uint(1), Value::Float(1.0), decimal("1.00"), decimal("10e-1")];
        for a in &one {
            for b in &one {
                assert!(equal(a, b), "{a:?} {b:?}");
            }
            assert!(!equal(a, &Value::from("1")));
            assert!(!equal(a, &Value::Bool(true)));
        }
        assert!(equal(&Value::Float(-0.0), &Value::Int(0)));
        let ab = Value::record([("a", Value::Int(1)), ("b", Value::Int(2))]);
        let ba = Value::record([("b", Value::Float(2.0)), ("a", Value::Int(1))]);
        assert!(equal(&ab, &ba));
        assert!(!equal(&Value::list(vec![]), &Value::record::<&str>([])));
    }

    #[test]
    fn the_first_repeat_is_found_among_many() {
        let mut items: Vec<Value> = (0..100_000).map(Value::Int).collect();
        assert_eq!(first_repeat(&items), None);
        items.push(Value::Float(7.0));
        assert_eq!(first_repeat(&items), Some((7, 100_000)));
    }
}
