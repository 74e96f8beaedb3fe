//! Values as messages in the binary form.

use tenon_errors::Report;
use tenon_model::{Key, Map, Value};

use super::{
    MAX_DEPTH, scalar,
    wire::{self, Reader},
};
use crate::{
    protobuf::definitions::{Cardinality, Definitions, Field, Message, Scalar, Type},
    violation::{self, Failure, Found, Path, Violations},
};

/// One message being encoded.
pub(super) struct Encoding<'d> {
    pub(super) definitions: &'d Definitions,
    pub(super) violations: Violations,
}

impl<'d> Encoding<'d> {
    pub(super) fn new(definitions: &'d Definitions) -> Self {
        Self { definitions, violations: Violations::default() }
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
            return self.natural(well_known, value, out, path, depth);
        }
        let Value::Map(map) = value else {
            self.wrong("object", value, path);
            return Ok(());
        };
        let (fields, unknown) = fields_of(message, map, path, &mut self.violations);
        for (_, at) in &message.numbers.sorted {
            let field = &message.fields[*at];
            match fields[*at] {
                Some(value) => self.field(field, value, out, &path.field(&field.name, false), depth)?,
                None if field.cardinality == Cardinality::Required => {
                    self.violations.push(violation::missing(&field.name, path));
                }
                None => {}
            }
        }
        if let Some(value) = unknown {
            self.unknown(value, out, &path.field(message.unknown.as_str().unwrap_or_default(), false));
        }
        Ok(())
    }

    /// What was unknown goes out as it came, if it is made of fields.
    fn unknown(&mut self, value: &Value, out: &mut Vec<u8>, path: &Path<'_>) {
        let Value::Bytes(bytes) = value else { return self.wrong("bytes", value, path) };
        let mut reader = Reader::new(bytes);
        loop {
            match reader.entry() {
                Ok(Some(_)) => {}
                Ok(None) => break,
                Err(_) => {
                    let failure = Failure::Form("is not made of fields as Protobuf writes them".to_owned());
                    return self.violations.push(failure.report(&Found::Value(value), path));
                }
            }
        }
        out.extend_from_slice(bytes);
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
            (Cardinality::Repeated { is_packed: true }, Value::List(items)) => {
                if items.is_empty() {
                    return Ok(());
                }
                wire::write_tag(field.number, wire::BLOCK, out);
                wire::write_block(out, |out| {
                    for (index, item) in items.iter().enumerate() {
                        self.bare(field.ty, item, out, &path.item(index));
                    }
                    Ok(())
                })
            }
            (Cardinality::Repeated { .. }, Value::List(items)) => {
                for (index, item) in items.iter().enumerate() {
                    self.tagged(field.number, field.ty, item, out, &path.item(index), depth)?;
                }
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
            (Cardinality::Implicit, value) if is_zero(self.definitions, field.ty, value) => Ok(()),
            (_, value) => self.tagged(field.number, field.ty, value, out, path, depth),
        }
    }

    fn tagged(
        &mut self,
        number: u32,
        ty: Type,
        value: &Value,
        out: &mut Vec<u8>,
        path: &Path<'_>,
        depth: usize,
    ) -> Result<(), Report> {
        match ty {
            Type::Message(id) => {
                wire::write_tag(number, wire::BLOCK, out);
                wire::write_block(out, |out| self.message(id, value, out, path, depth + 1))
            }
            Type::Group(id) => {
                wire::write_tag(number, wire::GROUP, out);
                self.message(id, value, out, path, depth + 1)?;
                wire::write_tag(number, wire::GROUP_END, out);
                Ok(())
            }
            Type::Scalar(scalar) => {
                wire::write_tag(number, scalar::wire_type(scalar), out);
                self.scalar(scalar, value, out, path);
                Ok(())
            }
            Type::Enum(_) => {
                wire::write_tag(number, wire::VARINT, out);
                self.bare(ty, value, out, path);
                Ok(())
            }
        }
    }

    /// A scalar or a member without its tag.
    fn bare(&mut self, ty: Type, value: &Value, out: &mut Vec<u8>, path: &Path<'_>) {
        match ty {
            Type::Scalar(scalar) => self.scalar(scalar, value, out, path),
            Type::Enum(id) => match number_of(self.definitions, id, value) {
                Ok(number) => wire::write_varint(i64::from(number).cast_unsigned(), out),
                Err(failure) => self.violations.push(failure.report(&Found::Value(value), path)),
            },
            Type::Message(_) | Type::Group(_) => {}
        }
    }

    pub(super) fn scalar(&mut self, scalar: Scalar, value: &Value, out: &mut Vec<u8>, path: &Path<'_>) {
        if let Err(failure) = scalar::write(scalar, value, out) {
            self.violations.push(failure.report(&Found::Value(value), path));
        }
    }

    /// The entries of a map in the order of their keys.
    fn entries(
        &mut self,
        field: &Field,
        key_type: Scalar,
        map: &Map,
        out: &mut Vec<u8>,
        path: &Path<'_>,
        depth: usize,
    ) -> Result<(), Report> {
        for (key, name, value) in entries_of(key_type, map, path, &mut self.violations) {
            let path = path.field(&name, false);
            wire::write_tag(field.number, wire::BLOCK, out);
            wire::write_block(out, |out| {
                wire::write_tag(1, scalar::wire_type(key_type), out);
                self.scalar(key_type, &key.to_value(), out, &path);
                self.tagged(2, field.ty, value, out, &path, depth)
            })?;
        }
        Ok(())
    }

    pub(super) fn wrong(&mut self, expected: &str, value: &Value, path: &Path<'_>) {
        wrong(expected, value, path, &mut self.violations);
    }
}

/// Reports that `value` is of another kind.
pub(super) fn wrong(expected: &str, value: &Value, path: &Path<'_>, violations: &mut Violations) {
    violations.push(Failure::Kind(expected.to_owned()).report(&Found::Value(value), path));
}

/// The entries of a map in the order of their keys, with these as text. What is no key of the type is reported and left out.
pub(super) fn entries_of<'v>(
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
pub(super) fn fields_of<'v>(
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
            number.copied().ok_or_else(|| Failure::Bounds(format!("is no member of {}", members.name)))
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
        (Type::Scalar(scalar), value) => {
            // A zero of another kind is wrong, and is found when it is written.
            std::mem::discriminant(&scalar.zero()) == std::mem::discriminant(value) && scalar::is_zero(value)
        }
        _ => false,
    }
}
