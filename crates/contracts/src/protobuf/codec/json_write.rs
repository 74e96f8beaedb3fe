//! ProtoJSON as it is written: fields in lowerCamelCase, 64-bit integers as text, what absence says left out.

use std::sync::Arc;

use tenon_errors::Report;
use tenon_model::Value;

use super::{
    encode::Encoding,
    scalar,
    write::{Entry, Fields, Form, Writer, is_zero, number_of},
};
use crate::{
    json,
    protobuf::definitions::{Cardinality, Definitions, Field, Message, Scalar, Type, WellKnown},
    violation::{Failure, Found, Path},
};

/// The JSON form.
pub(super) struct ProtoJson;

/// One message being written as JSON.
pub(super) type Writing<'d> = Writer<'d, ProtoJson>;

impl Form for ProtoJson {
    fn fields(
        writer: &mut Writing<'_>,
        message: &Message,
        (fields, unknown): (&Fields<'_>, Option<&Value>),
        out: &mut Vec<u8>,
        path: &Path<'_>,
        depth: usize,
    ) -> Result<(), Report> {
        out.push(b'{');
        let start = out.len();
        for (field, value) in message.fields.iter().zip(fields) {
            let Some(value) = value.filter(|value| !is_left_out(writer.definitions, field, value)) else {
                continue;
            };
            if out.len() > start {
                out.push(b',');
            }
            json::encode(&Value::String(field.json_name.clone()), out);
            out.push(b':');
            writer.field(field, value, out, &path.field(&field.name, false), depth)?;
        }
        out.push(b'}');
        if unknown.is_some() {
            let name = message.unknown.as_str().unwrap_or_default();
            let failure =
                Failure::Form("hold what the contract does not know, for which JSON has no form".to_owned());
            let report = failure.report(&Found::Token("the bytes"), &path.field(name, false));
            writer.violations.push(report.hint("leave them out, or add the fields to the contract"));
        }
        Ok(())
    }

    fn natural(
        writer: &mut Writing<'_>,
        well_known: WellKnown,
        value: &Value,
        out: &mut Vec<u8>,
        path: &Path<'_>,
        depth: usize,
    ) -> Result<(), Report> {
        writer.natural(well_known, value, out, path, depth)
    }

    fn single(
        writer: &mut Writing<'_>,
        field: &Field,
        value: &Value,
        out: &mut Vec<u8>,
        path: &Path<'_>,
        depth: usize,
    ) -> Result<(), Report> {
        writer.value(field.ty, value, out, path, depth)
    }

    fn items(
        writer: &mut Writing<'_>,
        field: &Field,
        items: &[Value],
        out: &mut Vec<u8>,
        path: &Path<'_>,
        depth: usize,
    ) -> Result<(), Report> {
        out.push(b'[');
        for (index, item) in items.iter().enumerate() {
            if index > 0 {
                out.push(b',');
            }
            writer.value(field.ty, item, out, &path.item(index), depth)?;
        }
        out.push(b']');
        Ok(())
    }

    fn entries(
        writer: &mut Writing<'_>,
        (field, _): (&Field, Scalar),
        entries: Vec<Entry<'_>>,
        out: &mut Vec<u8>,
        path: &Path<'_>,
        depth: usize,
    ) -> Result<(), Report> {
        out.push(b'{');
        for (index, (_, name, value)) in entries.into_iter().enumerate() {
            if index > 0 {
                out.push(b',');
            }
            json::encode(&Value::from(name.as_str()), out);
            out.push(b':');
            writer.value(field.ty, value, out, &path.field(&name, false), depth)?;
        }
        out.push(b'}');
        Ok(())
    }
}

impl Writing<'_> {
    fn value(
        &mut self,
        ty: Type,
        value: &Value,
        out: &mut Vec<u8>,
        path: &Path<'_>,
        depth: usize,
    ) -> Result<(), Report> {
        match ty {
            Type::Message(id) | Type::Group(id) => return self.message(id, value, out, path, depth + 1),
            Type::Scalar(scalar) => self.scalar(scalar, value, out, path),
            Type::Enum(id) => match number_of(self.definitions, id, value) {
                Ok(_) => json::encode(value, out),
                Err(failure) => self.fail(failure, value, path),
            },
        }
        Ok(())
    }

    pub(super) fn scalar(&mut self, scalar: Scalar, value: &Value, out: &mut Vec<u8>, path: &Path<'_>) {
        // The binary form has the same rules about what a scalar is.
        if let Err(failure) = scalar::write(scalar, value, &mut Vec::new()) {
            return self.fail(failure, value, path);
        }
        match scalar.bounds() {
            Some((_, max)) if max > i128::from(u32::MAX) => {
                out.push(b'"');
                json::encode(value, out);
                out.push(b'"');
            }
            _ => json::encode(value, out),
        }
    }

    /// Data of no contract: what `google.protobuf.Value` can hold.
    pub(super) fn any_value(
        &mut self,
        value: &Value,
        out: &mut Vec<u8>,
        path: &Path<'_>,
        depth: usize,
    ) -> Result<(), Report> {
        let mut binary = Encoding::new(self.definitions);
        binary.violations = std::mem::take(&mut self.violations);
        let checked = binary.natural(WellKnown::Value, value, &mut Vec::new(), path, depth);
        self.violations = binary.violations;
        checked?;
        json::encode(&in_doubles(value), out);
        Ok(())
    }
}

/// The value with its numbers as the doubles that they are in the message, so that equal messages have equal texts.
#[expect(clippy::cast_precision_loss, reason = "only what a double holds was let in")]
fn in_doubles(value: &Value) -> Value {
    match value {
        Value::Int(n) => Value::Float(*n as f64),
        Value::Decimal(n) => Value::Float(n.nearest()),
        Value::List(items) => Value::list(items.iter().map(in_doubles).collect()),
        Value::Map(map) => {
            let fields = map.iter().map(|(key, value)| (key.clone(), in_doubles(value)));
            Value::Map(Arc::new(fields.collect()))
        }
        other => other.clone(),
    }
}

/// Whether absence says the same.
fn is_left_out(definitions: &Definitions, field: &Field, value: &Value) -> bool {
    match (field.cardinality, value) {
        (Cardinality::Repeated { .. }, Value::List(items)) => items.is_empty(),
        (Cardinality::Map(_), Value::Map(map)) => map.is_empty(),
        (Cardinality::Implicit, value) => is_zero(definitions, field.ty, value),
        _ => false,
    }
}
