//! What lies in a `google.protobuf.Any`: the fields that are set, and no others, as expressions see messages. The codec of contracts
//! fills defaults in, which messages in expressions do not hold.

use std::sync::Arc;

use tenon_contracts::protobuf::definitions::{Cardinality, Field, Scalar, Type};
use tenon_mapping::messages::{self, MessageTypes as _};
use tenon_model::{Map, Str, Value};

use super::types::Lent;

/// The most messages within messages.
const MAX_LEVELS: usize = 32;

/// The message of the type `name` in `bytes`. What the type does not know is kept in one text of octets, since two such messages
/// are equal only if that is.
pub(super) fn message(lent: &Lent, name: &str, bytes: &[u8], level: usize) -> Result<Value, String> {
    let ty =
        lent.message(name).ok_or_else(|| format!("there is no conversion to the message type `{name}`"))?;
    if level > MAX_LEVELS {
        return Err(format!("the messages have more than {MAX_LEVELS} levels"));
    }
    let definition = lent.definitions.iter().find_map(|definitions| {
        let (_, message) = definitions.message(name)?;
        Some((definitions, message))
    });
    let (definitions, definition) = definition.ok_or("the type is not defined")?;
    let mut reader = Reader { rest: bytes };
    let (mut set, mut lists): (Vec<(Str, Value)>, Map) = (Vec::new(), Map::new());
    while let Some((number, payload)) = reader.entry()? {
        let Some(field) = definition.fields.iter().find(|field| field.number == number) else { continue };
        let message_name = match field.ty {
            Type::Message(id) | Type::Group(id) => Some(&definitions.messages[id].name),
            _ => None,
        };
        let value = match (field.ty, message_name, payload) {
            (_, Some(name), Payload::Block(bytes)) => nested(lent, name, bytes, level)?,
            (Type::Scalar(scalar), _, payload) => self::scalar(scalar, payload)?,
            (Type::Enum(_), _, Payload::Number(n)) => scalar(Scalar::Int32, Payload::Number(n))?,
            _ => return Err("a field does not lie on the wire as its type does".to_owned()),
        };
        match field.cardinality {
            Cardinality::Repeated { .. } => append(&mut lists, field, value),
            Cardinality::Map(_) => return Err("maps are not read from the wire here".to_owned()),
            _ => set.push((field.name.clone(), value)),
        }
    }
    let lists = lists.iter().filter_map(|(key, value)| Some((Str::new(key.as_str()?), value.clone())));
    messages::make(lent, &ty, set.into_iter().chain(lists.collect::<Vec<_>>()))
}

/// A message within one; an `Any` that cannot be opened stays closed.
fn nested(lent: &Lent, name: &str, bytes: &[u8], level: usize) -> Result<Value, String> {
    match message(lent, name, bytes, level + 1) {
        Err(_) if name == "google.protobuf.Any" => {
            let mut closed = Map::new();
            closed.insert("value", Value::Bytes(Arc::from(bytes)));
            Ok(messages::message(name.into(), &closed))
        }
        other => other,
    }
}

fn append(lists: &mut Map, field: &Field, value: Value) {
    let mut items = lists.get(&field.name).and_then(Value::as_list).unwrap_or_default().to_vec();
    items.push(value);
    lists.insert(field.name.clone(), Value::list(items));
}

enum Payload<'b> {
    /// A varint, or a fixed number of 4 or 8 bytes.
    Number(u64),
    Block(&'b [u8]),
}

struct Reader<'b> {
    rest: &'b [u8],
}

impl<'b> Reader<'b> {
    fn entry(&mut self) -> Result<Option<(u32, Payload<'b>)>, String> {
        if self.rest.is_empty() {
            return Ok(None);
        }
        let tag = self.varint()?;
        let number = u32::try_from(tag >> 3).map_err(|error| error.to_string())?;
        let payload = match tag & 7 {
            0 => Payload::Number(self.varint()?),
            1 => Payload::Number(self.fixed(8)?),
            5 => Payload::Number(self.fixed(4)?),
            2 => {
                let length = usize::try_from(self.varint()?).map_err(|error| error.to_string())?;
                Payload::Block(self.take(length)?)
            }
            other => return Err(format!("the wire type {other} is not known")),
        };
        Ok(Some((number, payload)))
    }

    fn take(&mut self, length: usize) -> Result<&'b [u8], String> {
        let (taken, rest) = self.rest.split_at_checked(length).ok_or("the message ends too early")?;
        self.rest = rest;
        Ok(taken)
    }

    fn fixed(&mut self, length: usize) -> Result<u64, String> {
        let mut bytes = [0; 8];
        bytes[..length].copy_from_slice(self.take(length)?);
        Ok(u64::from_le_bytes(bytes))
    }

    fn varint(&mut self) -> Result<u64, String> {
        let mut number = 0u64;
        for shift in (0..64).step_by(7) {
            let byte = self.take(1)?[0];
            number |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Ok(number);
            }
        }
        Err("a number has more than ten bytes".to_owned())
    }
}

#[allow(clippy::cast_possible_truncation, clippy::cast_possible_wrap, reason = "how numbers lie on the wire")]
fn scalar(scalar: Scalar, payload: Payload<'_>) -> Result<Value, String> {
    Ok(match (scalar, payload) {
        (Scalar::String, Payload::Block(bytes)) => {
            Value::from(std::str::from_utf8(bytes).map_err(|error| error.to_string())?)
        }
        (Scalar::Bytes, Payload::Block(bytes)) => Value::Bytes(Arc::from(bytes)),
        (Scalar::Bool, Payload::Number(n)) => Value::Bool(n != 0),
        (Scalar::Double, Payload::Number(n)) => Value::Float(f64::from_bits(n)),
        (Scalar::Float, Payload::Number(n)) => Value::Float(f32::from_bits(n as u32).into()),
        (Scalar::Int32 | Scalar::Sfixed32, Payload::Number(n)) => Value::Int((n as u32 as i32).into()),
        (Scalar::Int64 | Scalar::Sfixed64, Payload::Number(n)) => Value::Int(n as i64),
        (Scalar::Sint32 | Scalar::Sint64, Payload::Number(n)) => {
            Value::Int((n >> 1) as i64 ^ -((n & 1) as i64))
        }
        (Scalar::Uint32 | Scalar::Fixed32 | Scalar::Uint64 | Scalar::Fixed64, Payload::Number(n)) => {
            Value::Uint(n)
        }
        _ => return Err("a field does not lie on the wire as its type does".to_owned()),
    })
}
