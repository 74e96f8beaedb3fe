//! Values as JSON: one form for each value, without white space.

use tenon_model::{Decimal, Key, Value};

use super::plain;
use crate::{lexical, number};

/// The most characters of a decimal that is written without an exponent.
const MAX_PLAIN: i64 = 64;

/// Appends `value` as JSON. Instants, dates, times, lengths of time and periods are RFC 3339 and ISO 8601 text, octets are base64,
/// decimals are numbers with all their digits. Doubles that JSON has no number for (NaN, infinities) become null;
/// decoded data never holds them.
pub fn encode(value: &Value, out: &mut Vec<u8>) {
    match value {
        Value::Null => out.extend_from_slice(b"null"),
        Value::Bool(true) => out.extend_from_slice(b"true"),
        Value::Bool(false) => out.extend_from_slice(b"false"),
        Value::Int(n) => out.extend_from_slice(itoa::Buffer::new().format(*n).as_bytes()),
        Value::Uint(n) => out.extend_from_slice(itoa::Buffer::new().format(*n).as_bytes()),
        Value::Float(n) if !n.is_finite() => out.extend_from_slice(b"null"),
        Value::Float(n) => out.extend_from_slice(number::shortest(*n, &mut zmij::Buffer::new()).as_bytes()),
        Value::Decimal(n) => encode_decimal(n, out),
        Value::String(text) => encode_text(text, out),
        Value::List(items) => encode_list(items, out),
        Value::Map(map) => encode_map(map.iter(), out),
        Value::Bytes(_)
        | Value::Timestamp(_)
        | Value::Date(_)
        | Value::Time(_)
        | Value::LocalDateTime(_)
        | Value::Duration(_)
        | Value::Period(_)
        | Value::Uuid(_) => {
            // None of these forms holds a character that needs an escape.
            out.push(b'"');
            write_form(value, out);
            out.push(b'"');
        }
    }
}

/// `value` as JSON text.
#[must_use]
pub fn to_string(value: &Value) -> String {
    let mut out = Vec::new();
    encode(value, &mut out);
    into_text(out)
}

/// The text of a value that JSON writes as text, other than text itself.
pub(crate) fn text_of(value: &Value) -> Option<String> {
    let mut out = Vec::new();
    write_form(value, &mut out).then(|| into_text(out))
}

fn into_text(out: Vec<u8>) -> String {
    // Everything that is written is UTF-8; a lossy reading of it loses nothing.
    String::from_utf8(out).unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
}

/// Writes the text of `value`, or says that it has none.
fn write_form(value: &Value, out: &mut Vec<u8>) -> bool {
    match value {
        Value::Bytes(bytes) => lexical::write_base64(bytes, out),
        Value::Timestamp(at) => at.write(out),
        Value::Date(date) => lexical::write_date(*date, out),
        Value::Time(time) => lexical::write_time(*time, out),
        Value::LocalDateTime(local) => lexical::write_local(*local, out),
        Value::Duration(length) => lexical::write_duration(*length, out),
        Value::Period(period) => period.write(out),
        Value::Uuid(id) => lexical::write_uuid(*id, out),
        _ => return false,
    }
    true
}

fn encode_list(items: &[Value], out: &mut Vec<u8>) {
    out.push(b'[');
    for (position, item) in items.iter().enumerate() {
        if position > 0 {
            out.push(b',');
        }
        encode(item, out);
    }
    out.push(b']');
}

fn encode_map<'v>(entries: impl Iterator<Item = (&'v Key, &'v Value)>, out: &mut Vec<u8>) {
    out.push(b'{');
    let mut before: &[u8] = b"\"";
    for (key, value) in entries {
        out.extend_from_slice(before);
        match key {
            Key::String(text) => encode_letters(text, out),
            other => encode_letters(&other.to_string(), out),
        }
        out.extend_from_slice(b"\":");
        encode(value, out);
        before = b",\"";
    }
    out.push(b'}');
}

/// A number with all digits. Far from 1 it has an exponent: the plain form of 1E6000 would not be read again.
fn encode_decimal(n: &Decimal, out: &mut Vec<u8>) {
    let (digits, scale) = n.as_big().as_bigint_and_scale();
    if scale == 0 || (0..=MAX_PLAIN).contains(&scale) {
        out.extend_from_slice(n.to_string().as_bytes());
        return;
    }
    out.extend_from_slice(digits.to_string().as_bytes());
    out.push(b'E');
    out.extend_from_slice(itoa::Buffer::new().format(scale.saturating_neg()).as_bytes());
}

fn encode_text(text: &str, out: &mut Vec<u8>) {
    out.push(b'"');
    encode_letters(text, out);
    out.push(b'"');
}

/// What stands between the quotes.
#[inline]
fn encode_letters(text: &str, out: &mut Vec<u8>) {
    let bytes = text.as_bytes();
    if plain::end(bytes, 0) == bytes.len() {
        out.extend_from_slice(bytes);
    } else {
        encode_with_escapes(bytes, out);
    }
}

/// Plain stretches are copied whole; only quotes, backslashes and control characters are escaped.
#[inline(never)]
fn encode_with_escapes(bytes: &[u8], out: &mut Vec<u8>) {
    let mut plain = 0;
    loop {
        let at = plain::end(bytes, plain);
        out.extend_from_slice(&bytes[plain..at]);
        let Some(byte) = bytes.get(at) else { return };
        plain = at + 1;
        match byte {
            b'"' | b'\\' => out.extend_from_slice(&[b'\\', *byte]),
            b'\n' => out.extend_from_slice(b"\\n"),
            b'\r' => out.extend_from_slice(b"\\r"),
            b'\t' => out.extend_from_slice(b"\\t"),
            control => {
                let hex = |digit: u8| char::from_digit(u32::from(digit), 16).unwrap_or('0') as u8;
                out.extend_from_slice(&[b'\\', b'u', b'0', b'0', hex(control >> 4), hex(control & 15)]);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use tenon_model::Decimal;

    use super::*;
    use crate::json::Decoder;

    #[test]
    fn every_kind_has_one_form() {
        let decimal = |text: &str| Value::from(text.parse::<Decimal>().unwrap());
        let cases = [
            (Value::Null, "null"),
            (Value::Uint(u64::MAX), "18446744073709551615"),
            (Value::Float(1.0), "1.0"),
            (Value::Float(f64::NAN), "null"),
            (decimal("12345678901234567890.10"), "12345678901234567890.10"),
            (decimal("1e6000"), "1E6000"),
            (Value::from("a\"\\\n\u{1}é/"), "\"a\\\"\\\\\\n\\u0001é/\""),
            (Value::Bytes(Arc::from(&b"hi"[..])), "\"aGk=\""),
            (Value::Timestamp("2013-01-01T10:00:00Z".parse().unwrap()), "\"2013-01-01T10:00:00Z\""),
            (Value::Date("2013-01-01".parse().unwrap()), "\"2013-01-01\""),
            (Value::list(vec![Value::Int(1), Value::Bool(true)]), "[1,true]"),
            (Value::record([("a", Value::Int(-1)), ("b", Value::Null)]), "{\"a\":-1,\"b\":null}"),
        ];
        for (value, expected) in cases {
            assert_eq!(to_string(&value), expected);
        }
    }

    #[test]
    fn the_largest_decimals_come_back() {
        let digits = "7".repeat(1_000);
        for text in
            [digits.clone(), format!("0.{}", &digits[1..]), format!("{digits}e4000"), "-1e-5999".to_owned()]
        {
            let value = Value::from(text.parse::<Decimal>().unwrap());
            let decoder = Decoder::new(&tenon_model::Shape::DECIMAL).unwrap();
            assert_eq!(decoder.decode(to_string(&value).as_bytes()).unwrap(), value, "{}", text.len());
        }
    }
}
