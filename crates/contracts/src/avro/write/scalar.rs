//! Kinds without parts as Avro's types.

use tenon_model::{
    Kind, Value,
    shape::{FloatRange, IntRange, Length, Text},
};

use super::{Result, Writer, nothing};
use crate::avro::schema::{Fixed, Form, Logical, NodeId, Unit};

/// The digits of a decimal whose contract does not say how many.
const DIGITS: (u32, u32) = (38, 18);
/// The largest `fixed` that is written.
const MAX_FIXED: u64 = 1 << 20;

impl Writer {
    pub(super) fn scalar(&mut self, kind: &Kind, name: &str, path: &str) -> Result<NodeId> {
        let (form, logical) = match kind {
            Kind::Bool => (Form::Boolean, None),
            Kind::Int(range) => self.integer(range, path),
            Kind::Float(range) => {
                self.lose_bounds(range, path);
                (if range.is_single { Form::Float } else { Form::Double }, None)
            }
            Kind::Decimal(range) => self.decimal(range, path),
            Kind::String(text) => {
                self.lose_text(text, path);
                (Form::String, None)
            }
            Kind::Bytes(Length { min: Some(min), max: Some(max) }) if min == max && *max <= MAX_FIXED => {
                let name = self.name(name, None, None, path);
                (Form::Fixed(Fixed { name, size: usize::try_from(*max).unwrap_or(usize::MAX) }), None)
            }
            Kind::Bytes(length) => {
                self.lose_length(length, "bytes", path);
                (Form::Bytes, None)
            }
            Kind::Timestamp => {
                self.lose(path, "has nanoseconds, and microseconds there");
                (Form::Long, Some(Logical::Timestamp(Unit::Micros)))
            }
            Kind::LocalDateTime => {
                self.lose(path, "has nanoseconds, and microseconds there");
                (Form::Long, Some(Logical::LocalTimestamp(Unit::Micros)))
            }
            Kind::Period => {
                self.lose(path, "may be negative or finer than milliseconds, and neither there");
                let name = self.name(name, None, None, path);
                (Form::Fixed(Fixed { name, size: 12 }), Some(Logical::Duration))
            }
            Kind::Date => (Form::Int, Some(Logical::Date)),
            Kind::Time => {
                self.lose(path, "has nanoseconds, and microseconds there");
                (Form::Long, Some(Logical::Time(Unit::Micros)))
            }
            Kind::Duration => {
                self.lose(path, "is an exact length of time, and text there");
                (Form::String, None)
            }
            Kind::Uuid => (Form::String, Some(Logical::Uuid)),
            _ => return Err(nothing(path, "is of a kind")),
        };
        Ok(self.nodes.add(form, logical))
    }

    fn integer(&mut self, range: &IntRange, path: &str) -> (Form, Option<Logical>) {
        let (min, max) = (range.min.unwrap_or(i64::MIN.into()), range.max.unwrap_or(i64::MAX.into()));
        let within = |low: i128, high: i128| min >= low && max <= high;
        let (form, logical, low, high) = if within(i32::MIN.into(), i32::MAX.into()) {
            (Form::Int, None, i32::MIN.into(), i32::MAX.into())
        } else if within(i64::MIN.into(), i64::MAX.into()) {
            (Form::Long, None, i64::MIN.into(), i64::MAX.into())
        } else {
            let precision = min.unsigned_abs().max(max.unsigned_abs()).checked_ilog10().unwrap_or(0) + 1;
            self.lose(
                path,
                "is an integer beyond 64 bits with a sign, and a decimal without decimal places there",
            );
            (Form::Bytes, Some(Logical::Decimal { precision, scale: 0 }), min, max)
        };
        if min != low || max != high {
            self.lose(path, format!("is from {min} to {max}, which Avro cannot say"));
        }
        if let Some(unit) = range.multiple_of {
            self.lose(path, format!("is a multiple of {unit}, which Avro cannot say"));
        }
        (form, logical)
    }

    fn decimal(&mut self, range: &FloatRange, path: &str) -> (Form, Option<Logical>) {
        let (precision, scale) = match range.digits {
            Some(digits) => {
                let of_digits = FloatRange::of_digits(digits.precision, digits.scale);
                if of_digits.is_ok_and(|of_digits| of_digits != *range) {
                    self.lose_bounds(range, path);
                }
                (digits.precision, digits.scale)
            }
            None => {
                self.lose_bounds(range, path);
                let (precision, scale) = DIGITS;
                let message = format!(
                    "has any number of digits, and {precision} there, {scale} of them decimal places"
                );
                self.lose(path, message);
                DIGITS
            }
        };
        (Form::Bytes, Some(Logical::Decimal { precision: precision.max(1), scale }))
    }

    fn lose_bounds(&mut self, range: &FloatRange, path: &str) {
        if range.min.is_some() || range.max.is_some() {
            self.lose(path, "has bounds, which Avro cannot say");
        }
        if let Some(unit) = &range.multiple_of {
            self.lose(path, format!("is a multiple of {unit}, which Avro cannot say"));
        }
    }

    fn lose_text(&mut self, text: &Text, path: &str) {
        self.lose_length(&text.length, "characters", path);
        if text.pattern.is_some() {
            self.lose(path, "has a pattern, which Avro cannot say");
        }
        if let Some(format) = text.format {
            self.lose(path, format!("is of the format `{}`, which Avro cannot say", format.name()));
        }
    }

    pub(super) fn lose_length(&mut self, length: &Length, of: &str, path: &str) {
        if *length != Length::default() {
            self.lose(path, format!("has a bound on its number of {of}, which Avro cannot say"));
        }
    }
}

/// The kind of a value of an enumeration.
pub(super) fn kind_of(value: &Value) -> Kind {
    match value {
        Value::Bool(_) => Kind::Bool,
        Value::Int(_) | Value::Uint(_) => Kind::Int(IntRange::default()),
        Value::Float(_) => Kind::Float(FloatRange::ANY),
        Value::Decimal(_) => Kind::Decimal(FloatRange::ANY),
        Value::Timestamp(_) => Kind::Timestamp,
        Value::Date(_) => Kind::Date,
        Value::LocalDateTime(_) => Kind::LocalDateTime,
        Value::Period(_) => Kind::Period,
        Value::Time(_) => Kind::Time,
        Value::Duration(_) => Kind::Duration,
        Value::Uuid(_) => Kind::Uuid,
        Value::Bytes(_) => Kind::Bytes(Length::default()),
        _ => Kind::Any,
    }
}
