//! Natural values as messages with a meaning of their own, in the binary form.

use tenon_errors::Report;
use tenon_model::{Map, Value};

use super::{MAX_DEPTH, encode::Encoding, natural::type_name, scalar, wire, write::held_in};
use crate::{
    protobuf::definitions::{Scalar, WellKnown},
    violation::{self, Failure, Found, Path},
};

impl Encoding<'_> {
    /// Appends the content of a well-known message.
    pub(super) fn natural(
        &mut self,
        well_known: WellKnown,
        value: &Value,
        out: &mut Vec<u8>,
        path: &Path<'_>,
        depth: usize,
    ) -> Result<(), Report> {
        if depth >= MAX_DEPTH {
            return Err(wire::too_deep());
        }
        match (well_known, value) {
            (WellKnown::Timestamp, Value::Timestamp(at)) => {
                write_parts(at.as_second(), at.subsec_nanosecond().into(), out);
                Ok(())
            }
            (WellKnown::Duration, Value::Duration(length)) => {
                self.is_in_range(*length, value, path);
                write_parts(length.as_secs(), length.subsec_nanos().into(), out);
                Ok(())
            }
            (WellKnown::Struct, Value::Map(map)) => self.struct_entries(map, out, path, depth),
            (WellKnown::Value, value) => self.any_value(value, out, path, depth),
            (WellKnown::ListValue, Value::List(items)) => {
                for (index, item) in items.iter().enumerate() {
                    wire::write_tag(1, wire::BLOCK, out);
                    wire::write_block(out, |out| {
                        self.natural(WellKnown::Value, item, out, &path.item(index), depth + 1)
                    })?;
                }
                Ok(())
            }
            (WellKnown::FieldMask, Value::List(paths)) => {
                for (index, item) in paths.iter().enumerate() {
                    wire::write_tag(1, wire::BLOCK, out);
                    self.scalar(Scalar::String, item, out, &path.item(index));
                }
                Ok(())
            }
            (WellKnown::Wrapper(wrapped), value) => {
                if !scalar::is_zero(value) {
                    wire::write_tag(1, scalar::wire_type(wrapped), out);
                    self.scalar(wrapped, value, out, path);
                } else {
                    // A zero of another kind is wrong all the same.
                    self.scalar(wrapped, value, &mut Vec::new(), path);
                }
                Ok(())
            }
            (WellKnown::Any, Value::Map(map)) => self.any(map, out, path, depth),
            (_, value) => {
                self.wrong(expected(well_known), value, path);
                Ok(())
            }
        }
    }

    fn struct_entries(
        &mut self,
        map: &Map,
        out: &mut Vec<u8>,
        path: &Path<'_>,
        depth: usize,
    ) -> Result<(), Report> {
        let mut entries: Vec<_> = map.iter().collect();
        entries.sort_by_key(|(key, _)| *key);
        for (key, value) in entries {
            let name = key.to_string();
            if key.as_str().is_none() {
                self.wrong("a text key", &key.to_value(), path);
            }
            wire::write_tag(1, wire::BLOCK, out);
            wire::write_block(out, |out| {
                wire::write_tag(1, wire::BLOCK, out);
                scalar::block(name.as_bytes(), out);
                wire::write_tag(2, wire::BLOCK, out);
                wire::write_block(out, |out| {
                    self.natural(WellKnown::Value, value, out, &path.field(&name, false), depth + 1)
                })
            })?;
        }
        Ok(())
    }

    /// Data of no contract. Its integers become doubles, where those are the same numbers.
    #[allow(clippy::cast_precision_loss, reason = "it is checked")]
    fn any_value(
        &mut self,
        value: &Value,
        out: &mut Vec<u8>,
        path: &Path<'_>,
        depth: usize,
    ) -> Result<(), Report> {
        let number = |n: f64, out: &mut Vec<u8>| {
            wire::write_tag(2, wire::FIXED64, out);
            out.extend_from_slice(&n.to_le_bytes());
        };
        match value {
            Value::Null => out.extend_from_slice(&[1 << 3, 0]),
            Value::Bool(b) => out.extend_from_slice(&[4 << 3, u8::from(*b)]),
            Value::Float(n) if n.is_finite() => number(*n, out),
            Value::Int(n) if n.unsigned_abs() <= 1 << 53 => number(*n as f64, out),
            Value::Decimal(n) if tenon_model::Decimal::shortest(n.nearest()).is_some_and(|it| it == **n) => {
                number(n.nearest(), out);
            }
            Value::String(text) => {
                wire::write_tag(3, wire::BLOCK, out);
                scalar::block(text.as_bytes(), out);
            }
            Value::Map(_) | Value::List(_) => {
                let (tag, inner) = match value {
                    Value::Map(_) => (5, WellKnown::Struct),
                    _ => (6, WellKnown::ListValue),
                };
                wire::write_tag(tag, wire::BLOCK, out);
                return wire::write_block(out, |out| self.natural(inner, value, out, path, depth + 1));
            }
            other => self.wrong("null, bool, text, list, object or a number that a double is", other, path),
        }
        Ok(())
    }

    fn any(&mut self, map: &Map, out: &mut Vec<u8>, path: &Path<'_>, depth: usize) -> Result<(), Report> {
        let Some(url) = self.type_url(map, path) else { return Ok(()) };
        let mut held = Vec::new();
        match (self.definitions.message(type_name(url)), map.get("value")) {
            (Some((id, message)), value) if message.well_known.is_some() => match value {
                Some(value) => self.message(id, value, &mut held, &path.field("value", false), depth + 1)?,
                None => self.violations.push(violation::missing("value", path)),
            },
            (Some((id, _)), _) => {
                self.message(id, &held_in(map), &mut held, path, depth + 1)?;
            }
            (None, Some(Value::Bytes(bytes))) if map.len() == 2 => held.extend_from_slice(bytes),
            (None, None) if map.len() == 1 => {}
            (None, _) => {
                let failure = Failure::Form(
                    "is not a type of the contract, and has more than bytes as its `value`".to_owned(),
                );
                self.violations.push(failure.report(&Found::Text(url), &path.field("@type", false)));
            }
        }
        for (number, bytes) in [(1, url.as_bytes()), (2, &held)] {
            if !bytes.is_empty() {
                wire::write_tag(number, wire::BLOCK, out);
                scalar::block(bytes, out);
            }
        }
        Ok(())
    }
}

pub(super) fn expected(well_known: WellKnown) -> &'static str {
    match well_known {
        WellKnown::Timestamp => "timestamp",
        WellKnown::Duration => "duration",
        WellKnown::ListValue | WellKnown::FieldMask => "list",
        WellKnown::Wrapper(wrapped) => scalar::expected(wrapped),
        WellKnown::Struct | WellKnown::Any => "object",
        WellKnown::Value => "a value",
    }
}

fn write_parts(seconds: i64, nanoseconds: i64, out: &mut Vec<u8>) {
    for (number, part) in [(1, seconds), (2, nanoseconds)] {
        if part != 0 {
            wire::write_tag(number, wire::VARINT, out);
            wire::write_varint(part.cast_unsigned(), out);
        }
    }
}
