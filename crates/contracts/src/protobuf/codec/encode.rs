//! Messages in the binary form: fields in the order of their numbers, each with its tag.

use tenon_errors::Report;
use tenon_model::Value;

use super::{
    scalar,
    wire::{self, Reader},
    write::{Entry, Fields, Form, Writer, is_zero, number_of},
};
use crate::{
    protobuf::definitions::{Cardinality, Field, Message, Scalar, Type, WellKnown},
    violation::{Failure, Path},
};

/// The binary form.
pub(super) struct Wire;

/// One message being encoded.
pub(super) type Encoding<'d> = Writer<'d, Wire>;

impl Form for Wire {
    fn fields(
        writer: &mut Encoding<'_>,
        message: &Message,
        (fields, unknown): (&Fields<'_>, Option<&Value>),
        out: &mut Vec<u8>,
        path: &Path<'_>,
        depth: usize,
    ) -> Result<(), Report> {
        for (_, at) in &message.numbers.sorted {
            if let Some(value) = fields[*at] {
                let field = &message.fields[*at];
                writer.field(field, value, out, &path.field(&field.name, false), depth)?;
            }
        }
        if let Some(value) = unknown {
            writer.unknown(value, out, &path.field(message.unknown.as_str().unwrap_or_default(), false));
        }
        Ok(())
    }

    fn natural(
        writer: &mut Encoding<'_>,
        well_known: WellKnown,
        value: &Value,
        out: &mut Vec<u8>,
        path: &Path<'_>,
        depth: usize,
    ) -> Result<(), Report> {
        writer.natural(well_known, value, out, path, depth)
    }

    fn single(
        writer: &mut Encoding<'_>,
        field: &Field,
        value: &Value,
        out: &mut Vec<u8>,
        path: &Path<'_>,
        depth: usize,
    ) -> Result<(), Report> {
        if field.cardinality == Cardinality::Implicit && is_zero(writer.definitions, field.ty, value) {
            return Ok(());
        }
        writer.tagged(field.number, field.ty, value, out, path, depth)
    }

    fn items(
        writer: &mut Encoding<'_>,
        field: &Field,
        items: &[Value],
        out: &mut Vec<u8>,
        path: &Path<'_>,
        depth: usize,
    ) -> Result<(), Report> {
        let is_packed = field.cardinality == (Cardinality::Repeated { is_packed: true });
        if !is_packed {
            return items.iter().enumerate().try_for_each(|(index, item)| {
                writer.tagged(field.number, field.ty, item, out, &path.item(index), depth)
            });
        }
        if items.is_empty() {
            return Ok(());
        }
        wire::write_tag(field.number, wire::BLOCK, out);
        wire::write_block(out, |out| {
            for (index, item) in items.iter().enumerate() {
                writer.bare(field.ty, item, out, &path.item(index));
            }
            Ok(())
        })
    }

    fn entries(
        writer: &mut Encoding<'_>,
        (field, key_type): (&Field, Scalar),
        entries: Vec<Entry<'_>>,
        out: &mut Vec<u8>,
        path: &Path<'_>,
        depth: usize,
    ) -> Result<(), Report> {
        for (key, name, value) in entries {
            let path = path.field(&name, false);
            wire::write_tag(field.number, wire::BLOCK, out);
            wire::write_block(out, |out| {
                wire::write_tag(1, scalar::wire_type(key_type), out);
                writer.scalar(key_type, &key.to_value(), out, &path);
                writer.tagged(2, field.ty, value, out, &path, depth)
            })?;
        }
        Ok(())
    }
}

impl Encoding<'_> {
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
                    return self.fail(failure, value, path);
                }
            }
        }
        out.extend_from_slice(bytes);
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
                Err(failure) => self.fail(failure, value, path),
            },
            Type::Message(_) | Type::Group(_) => {}
        }
    }

    pub(super) fn scalar(&mut self, scalar: Scalar, value: &Value, out: &mut Vec<u8>, path: &Path<'_>) {
        if let Err(failure) = scalar::write(scalar, value, out) {
            self.fail(failure, value, path);
        }
    }
}
