//! Values as messages, in either form: which fields, items and entries there are, and what is wrong with them.

use std::{marker::PhantomData, sync::Arc};

use jiff::SignedDuration;
use tenon_errors::Report;
use tenon_model::{Key, Map, Value};

use super::{MAX_DEPTH, natural::MAX_SECONDS, scalar, wire};
use crate::{
    protobuf::definitions::{Cardinality, Definitions, Field, Message, Scalar, Type, WellKnown},
    violation::{self, Failure, Found, Path, Violations},
};

/// The value of each field of a message, by its position.
pub(super) type Fields<'v> = [Option<&'v Value>];
/// An entry of a map: its key, the key as text, its value.
pub(super) type Entry<'v> = (&'v Key, String, &'v Value);

/// A form in which messages are written: each method appends what it is given.
pub(super) trait Form: Sized {
    /// The fields of a message that are there, and what the contract does not know.
    fn fields(
        writer: &mut Writer<'_, Self>,
        message: &Message,
        fields_and_unknown: (&Fields<'_>, Option<&Value>),
        out: &mut Vec<u8>,
        path: &Path<'_>,
        depth: usize,
    ) -> Result<(), Report>;

    /// A message with a meaning of its own.
    fn natural(
        writer: &mut Writer<'_, Self>,
        well_known: WellKnown,
        value: &Value,
        out: &mut Vec<u8>,
        path: &Path<'_>,
        depth: usize,
    ) -> Result<(), Report>;

    /// The value of a field that has one.
    fn single(
        writer: &mut Writer<'_, Self>,
        field: &Field,
        value: &Value,
        out: &mut Vec<u8>,
        path: &Path<'_>,
        depth: usize,
    ) -> Result<(), Report>;

    /// The items of a repeated field.
    fn items(
        writer: &mut Writer<'_, Self>,
        field: &Field,
        items: &[Value],
        out: &mut Vec<u8>,
        path: &Path<'_>,
        depth: usize,
    ) -> Result<(), Report>;

    /// The entries of a map, whose keys are of a scalar type.
    fn entries(
        writer: &mut Writer<'_, Self>,
        field_and_key: (&Field, Scalar),
        entries: Vec<Entry<'_>>,
        out: &mut Vec<u8>,
        path: &Path<'_>,
        depth: usize,
    ) -> Result<(), Report>;
}

/// One message being written in the form `F`.
pub(super) struct Writer<'d, F> {
    pub(super) definitions: &'d Definitions,
    pub(super) violations: Violations,
    form: PhantomData<F>,
}

impl<'d, F: Form> Writer<'d, F> {
    pub(super) fn new(definitions: &'d Definitions) -> Self {
        Self { definitions, violations: Violations::default(), form: PhantomData }
    }

    /// Appends the content of a message.
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
            return F::natural(self, well_known, value, out, path, depth);
        }
        let Value::Map(map) = value else {
            self.wrong("object", value, path);
            return Ok(());
        };
        let (fields, unknown) = fields_of(message, map, path, &mut self.violations);
        for (field, value) in message.fields.iter().zip(&fields) {
            if value.is_none() && field.cardinality == Cardinality::Required {
                self.violations.push(violation::missing(&field.name, path));
            }
        }
        F::fields(self, message, (&fields, unknown), out, path, depth)
    }

    /// Appends a field that is there.
    pub(super) fn field(
        &mut self,
        field: &Field,
        value: &Value,
        out: &mut Vec<u8>,
        path: &Path<'_>,
        depth: usize,
    ) -> Result<(), Report> {
        match (field.cardinality, value) {
            (Cardinality::Repeated { .. }, Value::List(items)) => {
                F::items(self, field, items, out, path, depth)
            }
            (Cardinality::Map(key), Value::Map(map)) => {
                let entries = entries_of(key, map, path, &mut self.violations);
                F::entries(self, (field, key), entries, out, path, depth)
            }
            (Cardinality::Repeated { .. }, other) => {
                self.wrong("list", other, path);
                Ok(())
            }
            (Cardinality::Map(_), other) => {
                self.wrong("object", other, path);
                Ok(())
            }
            (_, value) => F::single(self, field, value, out, path, depth),
        }
    }

    /// Reports that `value` is of another kind.
    pub(super) fn wrong(&mut self, expected: &str, value: &Value, path: &Path<'_>) {
        self.fail(Failure::Kind(expected.to_owned()), value, path);
    }

    /// Reports what is wrong with `value`.
    pub(super) fn fail(&mut self, failure: Failure, value: &Value, path: &Path<'_>) {
        self.violations.push(failure.report(&Found::Value(value), path));
    }

    /// Whether a length of time is one that messages can have; reports one that is too long.
    pub(super) fn is_in_range(&mut self, length: SignedDuration, value: &Value, path: &Path<'_>) -> bool {
        let is_in_range = length.as_secs().unsigned_abs() <= MAX_SECONDS.unsigned_abs();
        if !is_in_range {
            self.fail(Failure::Bounds("is longer than 10,000 years".to_owned()), value, path);
        }
        is_in_range
    }

    /// The URL that says of which type an `Any` is; reports that there is none.
    pub(super) fn type_url<'v>(&mut self, any: &'v Map, path: &Path<'_>) -> Option<&'v str> {
        let url = any.get("@type").and_then(Value::as_str);
        if url.is_none() {
            self.violations.push(violation::missing("@type", path));
        }
        url
    }
}

/// The message in an `Any`: all but its type.
pub(super) fn held_in(any: &Map) -> Value {
    let fields = any.iter().filter(|(key, _)| key.as_str() != Some("@type"));
    Value::Map(Arc::new(fields.map(|(key, value)| (key.clone(), value.clone())).collect()))
}

/// The entries of a map in the order of their keys, with these as text. What is no key of the type is reported and left out.
fn entries_of<'v>(
    key_type: Scalar,
    map: &'v Map,
    path: &Path<'_>,
    violations: &mut Violations,
) -> Vec<(&'v Key, String, &'v Value)> {
    let mut entries: Vec<_> = map.iter().map(|(key, value)| (key, key.to_string(), value)).collect();
    entries.sort_by_key(|(key, ..)| *key);
    entries.retain(|(key, name, _)| {
        let wrong = key_type.key().filter(|kind| !kind.is(key));
        if let Some(kind) = wrong {
            violations.push(Failure::key(kind).report(&Found::Token(name), &path.field(name, false)));
        }
        wrong.is_none()
    });
    entries
}

/// The values of a record by the positions of its fields, and its unknown fields.
fn fields_of<'v>(
    message: &Message,
    map: &'v Map,
    path: &Path<'_>,
    violations: &mut Violations,
) -> (Vec<Option<&'v Value>>, Option<&'v Value>) {
    let mut fields = vec![None; message.fields.len()];
    let mut unknown = None;
    let mut next = 0;
    for (key, value) in map.iter() {
        if let Some(at) = message.position(next, key) {
            fields[at] = Some(value);
            next = at + 1;
        } else if *key == message.unknown {
            unknown = Some(value);
        } else {
            let known = message.fields.iter().map(|field| field.name.as_str());
            violations.push(violation::unexpected(&key.to_string(), known, path));
        }
    }
    for oneof in &message.oneofs {
        let mut present = oneof.fields.iter().filter(|at| fields[**at].is_some());
        if let (Some(one), Some(other)) = (present.next(), present.next()) {
            let (one, other) = (&message.fields[*one].name, &message.fields[*other].name);
            let how = format!("has `{one}` and `{other}`, and only one of them may be there");
            violations.push(Failure::Bounds(how).report(&Found::Token("the object"), path));
        }
    }
    (fields, unknown)
}

/// The number of a member, or the number that an open enumeration is given as.
pub(super) fn number_of(definitions: &Definitions, id: usize, value: &Value) -> Result<i32, Failure> {
    let members = &definitions.enums[id];
    match value {
        Value::Null if members.is_null => Ok(0),
        Value::String(name) => {
            let number = members.by_name.get(name).filter(|_| !members.is_null);
            number.copied().ok_or_else(|| Failure::Bounds(format!("is not a member of {}", members.name)))
        }
        Value::Int(number) if !members.is_closed && !members.is_null => {
            let number = i32::try_from(*number).ok();
            number.ok_or_else(|| Failure::Bounds("is beyond 32 bits".to_owned()))
        }
        _ => Err(Failure::Kind(format!("a member of {}", members.name))),
    }
}

/// Whether `value` is what an absent field of this type stands for.
pub(super) fn is_zero(definitions: &Definitions, ty: Type, value: &Value) -> bool {
    match (ty, value) {
        (Type::Enum(id), Value::String(name)) => definitions.enums[id].by_name.get(name) == Some(&0),
        (Type::Enum(id), Value::Null) => definitions.enums[id].is_null,
        // A member of an open enumeration that has no name.
        (Type::Enum(id), Value::Int(0)) => !definitions.enums[id].is_closed && !definitions.enums[id].is_null,
        (Type::Scalar(scalar), value) => {
            // A zero of another kind is wrong, and is found when it is written.
            std::mem::discriminant(&scalar.zero()) == std::mem::discriminant(value) && scalar::is_zero(value)
        }
        _ => false,
    }
}
