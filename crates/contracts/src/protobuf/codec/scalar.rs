//! Numbers, bools, text and octets on the wire.

use std::sync::Arc;

use tenon_model::{Key, Str, Value};

use super::wire::{self, Payload};
use crate::{
    protobuf::definitions::{Scalar, Type},
    violation::{Failure, Found},
};

/// What became of a payload.
pub(super) enum Taken {
    Value(Value),
    /// It is of a wire type that the field does not have.
    Foreign,
    /// It is what no value of the type is.
    Wrong(Failure, &'static str),
}

/// The double that is written as `n` is in its shortest form.
pub(crate) fn single(n: f32) -> f64 {
    // What is whole and small is the same number in both.
    if n.abs() < 16_777_216.0 && n.fract() == 0.0 || !n.is_finite() {
        return f64::from(n);
    }
    zmij::Buffer::new().format(n).parse().unwrap_or_else(|_| f64::from(n))
}

/// The value that `payload` is as `scalar`.
#[inline]
pub(super) fn read(scalar: Scalar, payload: Payload<'_>) -> Taken {
    match (scalar, payload) {
        (Scalar::String, Payload::Block(bytes)) => match std::str::from_utf8(bytes) {
            Ok(text) => Taken::Value(Value::String(Str::new(text))),
            Err(error) => {
                let how = format!("is not UTF-8 at byte {}", error.valid_up_to());
                Taken::Wrong(Failure::Form(how), "the text")
            }
        },
        (Scalar::Bytes, Payload::Block(bytes)) => Taken::Value(Value::Bytes(Arc::from(bytes))),
        (Scalar::Double, Payload::Fixed64(bits)) => finite(f64::from_bits(bits)),
        (Scalar::Float, Payload::Fixed32(bits)) => finite(single(f32::from_bits(bits))),
        (scalar, Payload::Fixed64(bits)) => match scalar {
            Scalar::Fixed64 => Taken::Value(unsigned(bits)),
            Scalar::Sfixed64 => Taken::Value(Value::Int(bits.cast_signed())),
            _ => Taken::Foreign,
        },
        (scalar, Payload::Fixed32(bits)) => match scalar {
            Scalar::Fixed32 => Taken::Value(Value::Int(bits.into())),
            Scalar::Sfixed32 => Taken::Value(Value::Int(bits.cast_signed().into())),
            _ => Taken::Foreign,
        },
        (scalar, Payload::Varint(bits)) => varint(scalar, bits).map_or(Taken::Foreign, Taken::Value),
        _ => Taken::Foreign,
    }
}

/// What [`read`] says of `payload`, whose value nobody wants: null stands for what would have to be copied.
#[inline]
pub(super) fn judge(scalar: Scalar, payload: Payload<'_>) -> Taken {
    match (scalar, payload) {
        (Scalar::String, Payload::Block(bytes)) if std::str::from_utf8(bytes).is_ok() => {
            Taken::Value(Value::Null)
        }
        (Scalar::Bytes, Payload::Block(_)) => Taken::Value(Value::Null),
        _ => read(scalar, payload),
    }
}

/// Numbers of more bits than the type has are cut, as the specification says.
#[allow(clippy::cast_possible_truncation, reason = "that is what is asked")]
fn varint(scalar: Scalar, bits: u64) -> Option<Value> {
    Some(match scalar {
        Scalar::Int32 => Value::Int(i64::from((bits as u32).cast_signed())),
        Scalar::Int64 => Value::Int(bits.cast_signed()),
        Scalar::Uint32 => Value::Int(i64::from(bits as u32)),
        Scalar::Uint64 => unsigned(bits),
        Scalar::Sint32 => {
            let bits = bits as u32;
            Value::Int(i64::from((bits >> 1).cast_signed() ^ -(bits & 1).cast_signed()))
        }
        Scalar::Sint64 => Value::Int((bits >> 1).cast_signed() ^ -(bits & 1).cast_signed()),
        Scalar::Bool => Value::Bool(bits != 0),
        _ => return None,
    })
}

fn finite(n: f64) -> Taken {
    if n.is_finite() {
        return Taken::Value(Value::Float(n));
    }
    Taken::Wrong(Failure::Bounds("is not a finite number".to_owned()), not_finite(n))
}

fn not_finite(n: f64) -> &'static str {
    match n {
        f64::INFINITY => "Infinity",
        f64::NEG_INFINITY => "-Infinity",
        _ => "NaN",
    }
}

fn unsigned(n: u64) -> Value {
    i64::try_from(n).map_or(Value::Uint(n), Value::Int)
}

/// The wire type of single values.
pub(super) fn wire_type(scalar: Scalar) -> u64 {
    match scalar {
        Scalar::Double | Scalar::Fixed64 | Scalar::Sfixed64 => wire::FIXED64,
        Scalar::Float | Scalar::Fixed32 | Scalar::Sfixed32 => wire::FIXED32,
        Scalar::String | Scalar::Bytes => wire::BLOCK,
        _ => wire::VARINT,
    }
}

/// The wire type of several values in one block, where they can come like that.
#[inline]
pub(super) fn packed(ty: Type) -> Option<u64> {
    match ty {
        Type::Scalar(Scalar::String | Scalar::Bytes) | Type::Message(_) | Type::Group(_) => None,
        Type::Scalar(scalar) => Some(wire_type(scalar)),
        Type::Enum(_) => Some(wire::VARINT),
    }
}

/// The key of a map that a value is.
pub(super) fn key(scalar: Scalar, value: Value) -> Option<Key> {
    let is_unsigned = matches!(scalar, Scalar::Uint32 | Scalar::Uint64 | Scalar::Fixed32 | Scalar::Fixed64);
    Some(match value {
        Value::Bool(b) => Key::Bool(b),
        Value::Int(n) if is_unsigned => Key::Uint(u64::try_from(n).ok()?),
        Value::Int(n) => Key::Int(n),
        Value::Uint(n) => Key::Uint(n),
        Value::String(text) => Key::String(text),
        _ => return None,
    })
}

/// Whether nothing need be written where absence means zero. `-0.0` is not zero here.
pub(super) fn is_zero(value: &Value) -> bool {
    match value {
        Value::Bool(b) => !b,
        Value::Int(n) => *n == 0,
        Value::Float(n) => n.to_bits() == 0,
        Value::String(text) => text.is_empty(),
        Value::Bytes(bytes) => bytes.is_empty(),
        _ => false,
    }
}

/// Appends `value` without a tag, or says why it is none of `scalar`.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the bounds are checked before")]
pub(super) fn write(scalar: Scalar, value: &Value, out: &mut Vec<u8>) -> Result<(), Failure> {
    if let Some(bounds) = scalar.bounds() {
        return integer(scalar, whole(scalar, value, bounds)?, out);
    }
    match (scalar, value) {
        (Scalar::Bool, Value::Bool(b)) => out.push(u8::from(*b)),
        (Scalar::String, Value::String(text)) => block(text.as_bytes(), out),
        (Scalar::Bytes, Value::Bytes(bytes)) => block(bytes, out),
        (Scalar::Double, Value::Float(n)) if n.is_finite() => out.extend_from_slice(&n.to_le_bytes()),
        (Scalar::Float, Value::Float(n)) if n.is_finite() => {
            let short = *n as f32;
            if single(short) != *n {
                let how = "has more digits than a number of single precision holds";
                return Err(Failure::Bounds(how.to_owned()));
            }
            out.extend_from_slice(&short.to_le_bytes());
        }
        (Scalar::Double | Scalar::Float, Value::Float(_)) => {
            return Err(Failure::Bounds("is not a finite number".to_owned()));
        }
        _ => return Err(Failure::Kind(expected(scalar).to_owned())),
    }
    Ok(())
}

/// The integer that `value` is, within the bounds of `scalar`.
pub(super) fn whole(scalar: Scalar, value: &Value, (min, max): (i128, i128)) -> Result<i128, Failure> {
    let n = match value {
        Value::Int(n) => i128::from(*n),
        Value::Uint(n) => i128::from(*n),
        _ => return Err(Failure::Kind(expected(scalar).to_owned())),
    };
    let range = tenon_model::shape::IntRange { min: Some(min), max: Some(max), multiple_of: None };
    crate::compiled::check_integer(&range, n).map(|()| n)
}

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it is within the bounds")]
fn integer(scalar: Scalar, n: i128, out: &mut Vec<u8>) -> Result<(), Failure> {
    match scalar {
        Scalar::Fixed32 | Scalar::Sfixed32 => out.extend_from_slice(&(n as u32).to_le_bytes()),
        Scalar::Fixed64 | Scalar::Sfixed64 => out.extend_from_slice(&(n as u64).to_le_bytes()),
        Scalar::Sint32 | Scalar::Sint64 => {
            let n = n as i64;
            wire::write_varint((n << 1 ^ n >> 63).cast_unsigned(), out);
        }
        // Negative numbers of 32 bits take ten bytes, as those of 64.
        _ => wire::write_varint(n as u64, out),
    }
    Ok(())
}

pub(super) fn expected(scalar: Scalar) -> &'static str {
    match scalar {
        Scalar::Bool => "bool",
        Scalar::String => "text",
        Scalar::Bytes => "bytes",
        Scalar::Double | Scalar::Float => "number",
        _ => "integer",
    }
}

pub(super) fn block(bytes: &[u8], out: &mut Vec<u8>) {
    wire::write_varint(bytes.len() as u64, out);
    out.extend_from_slice(bytes);
}

/// What a message shows of a payload that is wrong.
pub(super) fn shown(what: &'static str) -> Found<'static> {
    Found::Token(what)
}
