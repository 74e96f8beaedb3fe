//! How well the branches of a union suit a value, at a glance.

use tenon_model::{Value, map::Hint};

use crate::avro::schema::{Form, Logical, NodeId, Schema};

/// How well a type suits a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fit {
    /// Not at all.
    No,
    /// It can hold the value, which is of another kind.
    Near,
    /// It is what values of the type are, as far as can be seen.
    Same,
}

/// How well the type `id` suits `value`. Parts of lists and fields of records are not looked at, but for the names of the fields.
pub(super) fn fit(schema: &Schema, id: NodeId, value: &Value) -> Fit {
    let node = schema.node(id);
    let is_same = match (&node.form, value) {
        (Form::Null, Value::Null) | (Form::Boolean, Value::Bool(_)) | (Form::Map(_), Value::Map(_)) => true,
        (Form::Array(_), Value::List(_)) => true,
        (Form::Float | Form::Double, Value::Float(_)) => true,
        (Form::Float | Form::Double, Value::Int(_)) => return Fit::Near,
        (Form::Record(record), Value::Map(map)) => {
            let required = record.fields.iter().enumerate().filter(|(_, field)| field.default.is_none());
            let mut required =
                required.map(|(at, field)| map.get_near(&Hint::new(at), &field.name).is_some());
            map.len() <= record.fields.len() && required.all(|is_there| is_there)
        }
        (Form::Enum(symbols), Value::String(text)) => symbols.symbols.contains(text),
        (form, value) => match (node.logical, form, value) {
            (Some(Logical::Date), _, Value::Date(_)) => true,
            (Some(Logical::Time(_)), _, Value::Time(_)) => true,
            (Some(Logical::Timestamp(_)), _, Value::Timestamp(_)) => true,
            (Some(Logical::Uuid), _, Value::Uuid(_)) => true,
            (Some(Logical::Decimal { .. }), _, Value::Decimal(_)) => true,
            (Some(Logical::Decimal { .. }), _, Value::Int(_)) => return Fit::Near,
            (Some(Logical::LocalTimestamp(_)), _, Value::LocalDateTime(_)) => true,
            (Some(Logical::Duration), _, Value::Period(_)) => true,
            (None, Form::Long, Value::Int(_) | Value::Uint(_)) => true,
            (None, Form::Int, Value::Int(n)) => i32::try_from(*n).is_ok(),
            (None, Form::String, Value::String(_)) | (None, Form::Bytes, Value::Bytes(_)) => true,
            (None, Form::Fixed(fixed), Value::Bytes(octets)) => octets.len() == fixed.size,
            _ => false,
        },
    };
    if is_same { Fit::Same } else { Fit::No }
}
