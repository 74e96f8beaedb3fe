//! ProtoJSON as it is written: fields in lowerCamelCase, 64-bit integers as text, what absence says left out.

use std::sync::Arc;

use tenon_errors::Report;
use tenon_model::{Map, Value};

use super::{
    MAX_DEPTH,
    encode::{entries_of, fields_of, number_of, wrong},
    scalar, wire,
};
use crate::{
    json,
    protobuf::definitions::{Cardinality, Definitions, Field, Scalar, Type},
    violation::{self, Failure, Found, Path, Violations},
};

/// One message being written.
pub(super) struct Writing<'d> {
    pub(super) definitions: &'d Definitions,
    pub(super) violations: Violations,
}

impl<'d> Writing<'d> {
    pub(super) fn new(definitions: &'d Definitions) -> Self {
        Self { definitions, violations: Violations::default() }
    }

    pub(super) fn message(
        &mut self,
        id: usize,
        value: &Value,
        out: &mut Vec<u8>,
        path: &Path<'_>,
        depth: usize,
    ) -> Result<(), Report> {
        if depth >= MAX_DEPTH {
            return Err(wire::too_deep());
        }
        let message = &self.definitions.messages[id];
        if let Some(well_known) = message.well_known {
            return self.natural(well_known, value, out, path, depth);
        }
        let Value::Map(map) = value else {
            self.wrong("object", value, path);
            return Ok(());
        };
        let (fields, unknown) = fields_of(message, map, path, &mut self.violations);
        out.push(b'{');
        let start = out.len();
        for (field, value) in message.fields.iter().zip(fields) {
            let path = path.field(&field.name, false);
            match value {
                Some(value) if !is_left_out(self.definitions, field, value) => {
                    if out.len() > start {
                        out.push(b',');
                    }
                    json::encode(&Value::String(field.json_name.clone()), out);
                    out.push(b':');
                    self.field(field, value, out, &path, depth)?;
                }
                None if field.cardinality == Cardinality::Required => {
                    self.violations.push(violation::missing(&field.name, &path));
                }
                _ => {}
            }
        }
        out.push(b'}');
        if unknown.is_some() {
            let name = message.unknown.as_str().unwrap_or_default();
            let failure =
                Failure::Form("hold what the contract does not know, for which JSON has no form".to_owned());
            let report = failure.report(&Found::Token("the bytes"), &path.field(name, false));
            self.violations.push(report.hint("leave them out, or add the fields to the contract"));
        }
        Ok(())
    }

    fn field(
        &mut self,
        field: &Field,
        value: &Value,
        out: &mut Vec<u8>,
        path: &Path<'_>,
        depth: usize,
    ) -> Result<(), Report> {
        match (field.cardinality, value) {
            (Cardinality::Repeated { .. }, Value::List(items)) => {
                out.push(b'[');
                for (index, item) in items.iter().enumerate() {
                    if index > 0 {
                        out.push(b',');
                    }
                    self.value(field.ty, item, out, &path.item(index), depth)?;
                }
                out.push(b']');
                Ok(())
            }
            (Cardinality::Map(key), Value::Map(map)) => self.entries(field, key, map, out, path, depth),
            (Cardinality::Repeated { .. }, other) => {
                self.wrong("list", other, path);
                Ok(())
            }
            (Cardinality::Map(_), other) => {
                self.wrong("object", other, path);
                Ok(())
            }
            (_, value) => self.value(field.ty, value, out, path, depth),
        }
    }

    fn entries(
        &mut self,
        field: &Field,
        key_type: Scalar,
        map: &Map,
        out: &mut Vec<u8>,
        path: &Path<'_>,
        depth: usize,
    ) -> Result<(), Report> {
        out.push(b'{');
        let entries = entries_of(key_type, map, path, &mut self.violations);
        for (index, (_, name, value)) in entries.into_iter().enumerate() {
            let path = path.field(&name, false);
            if index > 0 {
                out.push(b',');
            }
            json::encode(&Value::from(name.as_str()), out);
            out.push(b':');
            self.value(field.ty, value, out, &path, depth)?;
        }
        out.push(b'}');
        Ok(())
    }

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
                Err(failure) => self.violations.push(failure.report(&Found::Value(value), path)),
            },
        }
        Ok(())
    }

    pub(super) fn scalar(&mut self, scalar: Scalar, value: &Value, out: &mut Vec<u8>, path: &Path<'_>) {
        // The binary form has the same rules about what a scalar is.
        if let Err(failure) = scalar::write(scalar, value, &mut Vec::new()) {
            return self.violations.push(failure.report(&Found::Value(value), path));
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
        let mut binary = super::encode::Encoding::new(self.definitions);
        binary.violations = std::mem::take(&mut self.violations);
        let checked = binary.natural(
            crate::protobuf::definitions::WellKnown::Value,
            value,
            &mut Vec::new(),
            path,
            depth,
        );
        self.violations = binary.violations;
        checked?;
        json::encode(&in_doubles(value), out);
        Ok(())
    }

    pub(super) fn wrong(&mut self, expected: &str, value: &Value, path: &Path<'_>) {
        wrong(expected, value, path, &mut self.violations);
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
        (Cardinality::Implicit, value) => super::encode::is_zero(definitions, field.ty, value),
        _ => false,
    }
}
