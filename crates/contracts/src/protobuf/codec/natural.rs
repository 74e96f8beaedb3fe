//! Messages with a meaning of their own, such as instants, between the binary form and their natural values.

use std::sync::Arc;

use jiff::SignedDuration;
use tenon_errors::Report;
use tenon_model::{Instant, Key, Map, Str, Value};

use super::{
    MAX_DEPTH,
    decode::Decoding,
    part,
    scalar::{self, Taken},
    wire::{self, Payload, Reader},
};
use crate::{
    protobuf::definitions::{Scalar, WellKnown},
    violation::{self, Failure, Found, Path},
};

/// The most seconds of a length, either way: about 10,000 years.
pub(super) const MAX_SECONDS: i64 = 315_576_000_000;

/// What a `Value` holds so far: of its kinds the one that comes last, and of that all its parts.
enum Held<'b> {
    Nothing,
    Value(Value),
    Parts(WellKnown, Vec<&'b [u8]>),
}

impl<'b> Decoding<'_, 'b> {
    pub(super) fn natural(
        &mut self,
        well_known: WellKnown,
        bytes: &'b [u8],
        path: &Path<'_>,
        depth: usize,
    ) -> Result<Value, Report> {
        if depth >= MAX_DEPTH {
            return Err(wire::too_deep());
        }
        match well_known {
            WellKnown::Timestamp | WellKnown::Duration => self.moment(well_known, bytes, path),
            WellKnown::Struct => self.entries(bytes, path, depth),
            WellKnown::Value => self.any_value(bytes, path, depth),
            WellKnown::ListValue => {
                let mut items = Vec::new();
                let mut reader = Reader::new(bytes);
                while let Some(entry) = reader.entry()? {
                    match (entry.number, entry.payload) {
                        (1, Payload::Block(item)) => {
                            let path = path.item(items.len());
                            items.push(self.natural(WellKnown::Value, item, &path, depth + 1)?);
                        }
                        _ => self.foreign(entry.number, path),
                    }
                }
                Ok(Value::list(items))
            }
            WellKnown::FieldMask => {
                let mut paths = Vec::new();
                let mut reader = Reader::new(bytes);
                while let Some(entry) = reader.entry()? {
                    let is_path = entry.number == 1;
                    paths.extend(self.scalar_of(Scalar::String, is_path, entry.number, entry.payload, path));
                }
                Ok(Value::list(paths))
            }
            WellKnown::Wrapper(wrapped) => {
                let mut value = wrapped.zero();
                let mut reader = Reader::new(bytes);
                while let Some(entry) = reader.entry()? {
                    let is_value = entry.number == 1;
                    let read = self.scalar_of(wrapped, is_value, entry.number, entry.payload, path);
                    value = read.unwrap_or(value);
                }
                Ok(value)
            }
            WellKnown::Any => self.any(bytes, path, depth),
        }
    }

    /// The scalar that a part of a well-known message is; anything else is a violation, as there is no place to keep it.
    fn scalar_of(
        &mut self,
        scalar: Scalar,
        is_known: bool,
        number: u32,
        payload: Payload<'_>,
        path: &Path<'_>,
    ) -> Option<Value> {
        match if is_known { scalar::read(scalar, payload) } else { Taken::Foreign } {
            Taken::Value(value) => return Some(value),
            Taken::Foreign => self.foreign(number, path),
            Taken::Wrong(failure, what) => {
                self.violations.push(failure.report(&scalar::shown(what), path));
            }
        }
        None
    }

    fn foreign(&mut self, number: u32, path: &Path<'_>) {
        let name = number.to_string();
        self.violations.push(violation::unexpected(&name, std::iter::empty(), path));
    }

    fn moment(&mut self, well_known: WellKnown, bytes: &'b [u8], path: &Path<'_>) -> Result<Value, Report> {
        let (mut seconds, mut nanoseconds) = (0, 0);
        let mut reader = Reader::new(bytes);
        while let Some(entry) = reader.entry()? {
            let (scalar, place) = match entry.number {
                1 => (Scalar::Int64, &mut seconds),
                _ => (Scalar::Int32, &mut nanoseconds),
            };
            let is_known = entry.number <= 2;
            let read = self.scalar_of(scalar, is_known, entry.number, entry.payload, path);
            *place = read.and_then(|value| value.as_i64()).unwrap_or(*place);
        }
        let value = match well_known {
            WellKnown::Timestamp => {
                let nanoseconds = u32::try_from(nanoseconds).ok();
                nanoseconds.and_then(|it| Instant::new(seconds, it)).map(Value::Timestamp)
            }
            _ => length(seconds, nanoseconds).map(Value::Duration),
        };
        Ok(value.unwrap_or_else(|| {
            let what = if well_known == WellKnown::Timestamp {
                "is not an instant"
            } else {
                "is not a length of time"
            };
            let found = format!("{seconds} s and {nanoseconds} ns");
            self.violations.push(Failure::Bounds(what.to_owned()).report(&Found::Token(&found), path));
            Value::Null
        }))
    }

    /// The entries of a `Struct`.
    fn entries(&mut self, bytes: &'b [u8], path: &Path<'_>, depth: usize) -> Result<Value, Report> {
        let mut map = Map::new();
        let mut reader = Reader::new(bytes);
        while let Some(entry) = reader.entry()? {
            let (1, Payload::Block(pair)) = (entry.number, entry.payload) else {
                self.foreign(entry.number, path);
                continue;
            };
            let (mut name, mut held) = (Str::default(), Vec::<&[u8]>::new());
            let mut parts = Reader::new(pair);
            while let Some(part) = parts.entry()? {
                match (part.number, part.payload) {
                    (2, Payload::Block(value)) => held.push(value),
                    (number, payload) => {
                        let read = self.scalar_of(Scalar::String, number == 1, number, payload, path);
                        if let Some(Value::String(text)) = read {
                            name = text;
                        }
                    }
                }
            }
            let within = path.field(&name, false);
            let value = self.joined(&held, |decoding, bytes| {
                decoding.natural(WellKnown::Value, bytes, &within, depth + 1)
            })?;
            map.insert(Key::String(name), value);
        }
        Ok(Value::Map(Arc::new(map)))
    }

    fn any_value(&mut self, bytes: &'b [u8], path: &Path<'_>, depth: usize) -> Result<Value, Report> {
        let mut held = Held::Nothing;
        let mut reader = Reader::new(bytes);
        while let Some(entry) = reader.entry()? {
            held = match (entry.number, entry.payload, held) {
                (5, Payload::Block(part), Held::Parts(of @ WellKnown::Struct, mut parts))
                | (6, Payload::Block(part), Held::Parts(of @ WellKnown::ListValue, mut parts)) => {
                    parts.push(part);
                    Held::Parts(of, parts)
                }
                (5, Payload::Block(part), _) => Held::Parts(WellKnown::Struct, vec![part]),
                (6, Payload::Block(part), _) => Held::Parts(WellKnown::ListValue, vec![part]),
                (1, Payload::Varint(0), _) => Held::Value(Value::Null),
                (number, payload, before) => {
                    let scalar = match number {
                        2 => Scalar::Double,
                        3 => Scalar::String,
                        _ => Scalar::Bool,
                    };
                    let read = self.scalar_of(scalar, (2..=4).contains(&number), number, payload, path);
                    read.map_or(before, Held::Value)
                }
            };
        }
        match held {
            Held::Value(value) => Ok(value),
            Held::Parts(of, parts) => {
                self.joined(&parts, |decoding, bytes| decoding.natural(of, bytes, path, depth + 1))
            }
            Held::Nothing => {
                let failure = Failure::Kind("a value".to_owned());
                self.violations.push(failure.report(&Found::Token("nothing"), path));
                Ok(Value::Null)
            }
        }
    }

    /// A record of the type that `@type` names; its bytes under `value`, where the contract has no such type.
    fn any(&mut self, bytes: &'b [u8], path: &Path<'_>, depth: usize) -> Result<Value, Report> {
        let (mut url, mut held): (Str, &'b [u8]) = (Str::default(), &[]);
        let mut reader = Reader::new(bytes);
        while let Some(entry) = reader.entry()? {
            match (entry.number, entry.payload) {
                (2, Payload::Block(value)) => held = value,
                (number, payload) => {
                    let read = self.scalar_of(Scalar::String, number == 1, number, payload, path);
                    if let Some(Value::String(text)) = read {
                        url = text;
                    }
                }
            }
        }
        let found = self.definitions.message(type_name(&url)).map(|(id, message)| (id, message.well_known));
        let mut record = Map::new();
        record.push_new(Key::from("@type"), Value::String(url));
        match found {
            None => drop(record.insert("value", Value::Bytes(held.into()))),
            Some((id, well_known)) => {
                match (well_known, self.message(id, &part::ALL, held, path, depth + 1)?) {
                    (None, Value::Map(fields)) => {
                        for (key, value) in fields.iter() {
                            record.push_new(key.clone(), value.clone());
                        }
                    }
                    (_, value) => drop(record.insert("value", value)),
                }
            }
        }
        Ok(Value::Map(Arc::new(record)))
    }
}

/// The full name of the type that a URL of an `Any` means.
pub(super) fn type_name(url: &str) -> &str {
    url.rsplit('/').next().unwrap_or_default()
}

/// A length of time, where both parts have one sign and it is not too long.
pub(super) fn length(seconds: i64, nanoseconds: i64) -> Option<SignedDuration> {
    let nanoseconds = i32::try_from(nanoseconds).ok()?;
    let is_one_sign = seconds.signum() * i64::from(nanoseconds.signum()) >= 0;
    let is_fraction = nanoseconds.unsigned_abs() < 1_000_000_000;
    (is_one_sign && is_fraction && seconds.unsigned_abs() <= MAX_SECONDS.unsigned_abs())
        .then(|| SignedDuration::new(seconds, nanoseconds))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_length_at_the_end_of_the_integers_is_too_long() {
        for seconds in [i64::MIN, i64::MAX, MAX_SECONDS + 1, -MAX_SECONDS - 1] {
            assert_eq!(length(seconds, 0), None, "{seconds}");
        }
        assert!(length(-MAX_SECONDS, 0).is_some());
    }
}
