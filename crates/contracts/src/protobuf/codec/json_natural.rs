//! Messages with a meaning of their own, between ProtoJSON and their natural values.

use std::sync::Arc;

use jiff::SignedDuration;
use tenon_errors::Report;
use tenon_model::{
    Instant, Key, Map, Value,
    rfc3339::{read_fraction, write_date},
};

use super::{
    json_read::{Reading, float},
    json_write::Writing,
    natural::{length, type_name},
    natural_write::expected,
    write::held_in,
};
use crate::{
    json,
    protobuf::{
        definitions::{Scalar, WellKnown},
        read::lower_camel,
    },
    violation::{self, Failure, Found, Path},
};

impl Reading<'_> {
    pub(super) fn natural(
        &mut self,
        well_known: WellKnown,
        written: &Value,
        path: &Path<'_>,
    ) -> Result<Value, Report> {
        let form = |read: Option<Value>, what: &str, reading: &mut Self| {
            read.unwrap_or_else(|| {
                let failure = Failure::Form(format!("is not a valid {what}"));
                reading.violations.push(failure.report(&Found::Value(written), path));
                Value::Null
            })
        };
        Ok(match (well_known, written) {
            (WellKnown::Timestamp, Value::String(text)) => {
                form(text.parse::<Instant>().ok().map(Value::Timestamp), "timestamp", self)
            }
            (WellKnown::Duration, Value::String(text)) => {
                form(read_length(text).map(Value::Duration), "duration, such as 1.5s", self)
            }
            (WellKnown::FieldMask, Value::String(text)) => {
                let paths = text.split(',').filter(|path| !path.is_empty());
                let paths: Option<Vec<_>> = paths.map(|path| snake(path).map(Value::from)).collect();
                form(paths.map(Value::list), "field mask", self)
            }
            (WellKnown::Struct, Value::Map(_))
            | (WellKnown::ListValue, Value::List(_))
            | (WellKnown::Value, _) => self.any_value(written, path),
            (WellKnown::Wrapper(wrapped), _) => self.scalar(wrapped, written, path),
            (WellKnown::Any, Value::Map(map)) => return self.any(map, path),
            (WellKnown::Timestamp | WellKnown::Duration | WellKnown::FieldMask, _) => {
                self.wrong("text", written, path)
            }
            (other, _) => self.wrong(expected(other), written, path),
        })
    }

    /// Any data, in which numbers are doubles.
    fn any_value(&mut self, written: &Value, path: &Path<'_>) -> Value {
        match written {
            Value::Int(_) | Value::Uint(_) | Value::Decimal(_) => float(Scalar::Double, written)
                .unwrap_or_else(|failure| {
                    self.violations.push(failure.report(&Found::Value(written), path));
                    Value::Null
                }),
            Value::List(items) => {
                let items = items.iter().enumerate();
                Value::list(items.map(|(index, item)| self.any_value(item, &path.item(index))).collect())
            }
            Value::Map(map) => {
                let mut read = Map::with_capacity(map.len());
                for (key, value) in map.iter() {
                    let value = self.any_value(value, &path.field(&key.to_string(), false));
                    read.push_new(key.clone(), value);
                }
                Value::Map(Arc::new(read))
            }
            other => other.clone(),
        }
    }

    fn any(&mut self, map: &Map, path: &Path<'_>) -> Result<Value, Report> {
        let mut record = Map::new();
        let Some(url) = map.get("@type").filter(|url| url.as_str().is_some()) else {
            // An `Any` that holds nothing is an empty object.
            if map.is_empty() {
                record.push_new(Key::from("@type"), Value::from(""));
            } else {
                self.violations.push(violation::missing("@type", path));
            }
            return Ok(Value::Map(Arc::new(record)));
        };
        record.push_new(Key::from("@type"), url.clone());
        let name = url.as_str().unwrap_or_default();
        let Some((id, message)) = self.definitions.message(type_name(name)) else {
            let failure = Failure::Form("is not a type of the contract".to_owned());
            self.violations.push(failure.report(&Found::Text(name), &path.field("@type", false)));
            return Ok(Value::Null);
        };
        if message.well_known.is_some() {
            match map.get("value") {
                Some(value) => {
                    let value = self.message(id, value, &path.field("value", false))?;
                    record.push_new(Key::from("value"), value);
                }
                None => self.violations.push(violation::missing("value", path)),
            }
            return Ok(Value::Map(Arc::new(record)));
        }
        if let Value::Map(fields) = self.message(id, &held_in(map), path)? {
            for (key, value) in fields.iter() {
                record.push_new(key.clone(), value.clone());
            }
        }
        Ok(Value::Map(Arc::new(record)))
    }
}

impl Writing<'_> {
    pub(super) fn natural(
        &mut self,
        well_known: WellKnown,
        value: &Value,
        out: &mut Vec<u8>,
        path: &Path<'_>,
        depth: usize,
    ) -> Result<(), Report> {
        match (well_known, value) {
            (WellKnown::Timestamp, Value::Timestamp(at)) => write_instant(*at, out),
            (WellKnown::Duration, Value::Duration(length)) => self.length(*length, value, out, path),
            (WellKnown::FieldMask, Value::List(paths)) => self.mask(paths, out, path),
            (WellKnown::Wrapper(wrapped), value) => self.scalar(wrapped, value, out, path),
            (WellKnown::Any, Value::Map(map)) => return self.any(map, out, path, depth),
            (WellKnown::Struct, Value::Map(_))
            | (WellKnown::ListValue, Value::List(_))
            | (WellKnown::Value, _) => {
                return self.any_value(value, out, path, depth);
            }
            (other, value) => self.wrong(expected(other), value, path),
        }
        Ok(())
    }

    fn length(&mut self, length: SignedDuration, value: &Value, out: &mut Vec<u8>, path: &Path<'_>) {
        if !self.is_in_range(length, value, path) {
            return;
        }
        let is_negative = length.as_secs() < 0 || length.subsec_nanos() < 0;
        let sign = if is_negative { "-" } else { "" };
        out.extend_from_slice(format!("\"{sign}{}", length.as_secs().unsigned_abs()).as_bytes());
        write_groups(length.subsec_nanos().unsigned_abs(), out);
        out.extend_from_slice(b"s\"");
    }

    fn mask(&mut self, paths: &[Value], out: &mut Vec<u8>, path: &Path<'_>) {
        let mut written = String::new();
        for (index, item) in paths.iter().enumerate() {
            let camel = item.as_str().map(lower_camel);
            // A comma in a path would be read as the end of it, and an empty path not at all.
            let comes_back = |camel: &String| {
                !camel.is_empty() && !camel.contains(',') && snake(camel).as_deref() == item.as_str()
            };
            let Some(camel) = camel.filter(comes_back) else {
                let failure = Failure::Form("is not a path that JSON can express".to_owned());
                self.fail(failure, item, &path.item(index));
                continue;
            };
            if index > 0 {
                written.push(',');
            }
            written.push_str(&camel);
        }
        json::encode(&Value::from(written), out);
    }

    fn any(&mut self, map: &Map, out: &mut Vec<u8>, path: &Path<'_>, depth: usize) -> Result<(), Report> {
        let Some(url) = self.type_url(map, path) else { return Ok(()) };
        if url.is_empty() && map.len() == 1 {
            out.extend_from_slice(b"{}");
            return Ok(());
        }
        let Some((id, message)) = self.definitions.message(type_name(url)) else {
            let failure = Failure::Form("is not a type of the contract, and has no form in JSON".to_owned());
            self.violations.push(failure.report(&Found::Text(url), &path.field("@type", false)));
            return Ok(());
        };
        out.extend_from_slice(b"{\"@type\":");
        json::encode(&Value::from(url), out);
        if message.well_known.is_some() {
            out.extend_from_slice(b",\"value\":");
            let value = map.get("value").unwrap_or(&Value::Null);
            self.message(id, value, out, &path.field("value", false), depth + 1)?;
            out.push(b'}');
            return Ok(());
        }
        let start = out.len();
        self.message(id, &held_in(map), out, path, depth + 1)?;
        // The fields go on in the object that is open.
        match out.get(start + 1) {
            Some(b'}') | None => drop(out.drain(start..=start)),
            Some(_) => out[start] = b',',
        }
        Ok(())
    }
}

/// `1.5s`, with up to nine digits after the point.
fn read_length(text: &str) -> Option<SignedDuration> {
    let text = text.strip_suffix('s')?;
    let (is_negative, text) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
    let (whole, fraction) = text.split_once('.').map_or((text, None), |(whole, rest)| (whole, Some(rest)));
    if whole.is_empty() || !whole.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let nanoseconds = match fraction {
        Some(digits) => match read_fraction(digits.as_bytes())? {
            (nanoseconds, []) => i64::from(nanoseconds),
            _ => return None,
        },
        None => 0,
    };
    let seconds: i64 = whole.parse().ok()?;
    if is_negative { length(-seconds, -nanoseconds) } else { length(seconds, nanoseconds) }
}

fn write_instant(at: Instant, out: &mut Vec<u8>) {
    let utc = at.to_utc();
    out.push(b'"');
    write_date(utc.date(), out);
    out.extend_from_slice(format!("T{:02}:{:02}:{:02}", utc.hour(), utc.minute(), utc.second()).as_bytes());
    write_groups(at.subsec_nanosecond(), out);
    out.extend_from_slice(b"Z\"");
}

/// A fraction of a second in 0, 3, 6 or 9 digits.
fn write_groups(nanoseconds: u32, out: &mut Vec<u8>) {
    let text = match nanoseconds {
        0 => return,
        n if n % 1_000_000 == 0 => format!(".{:03}", n / 1_000_000),
        n if n % 1_000 == 0 => format!(".{:06}", n / 1_000),
        n => format!(".{n:09}"),
    };
    out.extend_from_slice(text.as_bytes());
}

/// `orderId` as `order_id`.
fn snake(path: &str) -> Option<String> {
    let mut made = String::with_capacity(path.len() + 4);
    for letter in path.chars() {
        match letter {
            '_' => return None,
            'A'..='Z' => made.extend(['_', letter.to_ascii_lowercase()]),
            other => made.push(other),
        }
    }
    Some(made)
}
