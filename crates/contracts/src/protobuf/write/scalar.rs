//! Which type of Protobuf a value has, and what that does not say of it.

use tenon_model::{
    Kind, Shape, Value,
    shape::{FloatRange, IntRange, Length, Text},
};

use super::Writer;
use crate::protobuf::definitions::Scalar;

impl Writer {
    /// The scalar or well-known type of `shape`; `None` for what needs a type of its own.
    pub(super) fn simple(&mut self, shape: &Shape, path: &str) -> Option<&'static str> {
        Some(match &shape.kind {
            Kind::Any => {
                self.import("google/protobuf/struct.proto");
                self.lose(path, "is open, and keeps numbers as doubles alone");
                "google.protobuf.Value"
            }
            Kind::Bool => "bool",
            Kind::Int(range) => self.integer(range, path),
            Kind::Float(range) => {
                self.float(range, path);
                if range.is_single { "float" } else { "double" }
            }
            Kind::String(text) => {
                self.text(text, path);
                "string"
            }
            Kind::Bytes(length) => {
                self.length(length, path);
                "bytes"
            }
            Kind::Timestamp => {
                self.import("google/protobuf/timestamp.proto");
                "google.protobuf.Timestamp"
            }
            Kind::Duration => {
                self.import("google/protobuf/duration.proto");
                "google.protobuf.Duration"
            }
            Kind::List(_) | Kind::Map(_) | Kind::Record(_) | Kind::Union(_) | Kind::Named(_) => return None,
            Kind::Enum(values) => return self.listed(values, path),
            kind => {
                if let Kind::Decimal(range) = kind {
                    self.float(range, path);
                }
                self.lose(
                    path,
                    format!("is {}, for which Protobuf has no type: it is written as text", shape.name()),
                );
                "string"
            }
        })
    }

    fn integer(&mut self, range: &IntRange, path: &str) -> &'static str {
        let bounds = (range.min.unwrap_or(i64::MIN.into()), range.max.unwrap_or(i64::MAX.into()));
        let fits = |scalar: &&Scalar| scalar.bounds() == Some(bounds);
        let exact = [Scalar::Int32, Scalar::Int64, Scalar::Uint32, Scalar::Uint64];
        if range.multiple_of.is_some() {
            self.lose(path, "has to be a multiple, which Protobuf cannot say");
        }
        if let Some(scalar) = exact.iter().find(fits) {
            return scalar.name();
        }
        self.lose(path, format!("is from {} to {}, which Protobuf cannot say", bounds.0, bounds.1));
        if bounds.1 > i64::MAX.into() { "uint64" } else { "int64" }
    }

    fn float(&mut self, range: &FloatRange, path: &str) {
        if range.min.is_some() || range.max.is_some() || range.multiple_of.is_some() {
            self.lose(path, "has bounds, which Protobuf cannot say");
        }
    }

    fn text(&mut self, text: &Text, path: &str) {
        self.length(&text.length, path);
        if text.pattern.is_some() {
            self.lose(path, "has a pattern, which Protobuf cannot say");
        }
        if let Some(format) = text.format {
            self.lose(path, format!("has the format {}, which Protobuf cannot say", format.name()));
        }
    }

    pub(super) fn length(&mut self, length: &Length, path: &str) {
        if length.min.is_some() || length.max.is_some() {
            self.lose(path, "has a bounded length, which Protobuf cannot say");
        }
    }

    /// Values that cannot be the members of an enumeration: their type alone is said.
    fn listed(&mut self, values: &[Value], path: &str) -> Option<&'static str> {
        if are_names(values) {
            return None;
        }
        self.lose(path, "lists its values, which Protobuf can only do for names");
        Some(if values.iter().all(|value| matches!(value, Value::Int(_))) {
            "int64"
        } else if values.iter().all(|value| matches!(value, Value::Bool(_))) {
            "bool"
        } else if values.iter().all(|value| matches!(value, Value::Float(_) | Value::Int(_))) {
            "double"
        } else {
            "string"
        })
    }
}

/// Whether the values can be the members of an enumeration.
pub(super) fn are_names(values: &[Value]) -> bool {
    let is_member = |value: &Value| value.as_str().is_some_and(super::names::is_identifier);
    !values.is_empty() && values.iter().all(is_member)
}
