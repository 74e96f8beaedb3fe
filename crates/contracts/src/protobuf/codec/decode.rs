//! Messages in the binary form as values, whatever they look like, and what is wrong with them; [`direct`](super::direct) reads those
//! that look as writers make them.

use std::sync::Arc;

use tenon_errors::Report;
use tenon_model::{Map, Value};

use super::{
    MAX_DEPTH,
    part::Want,
    scalar::{self, Taken},
    wire::{self, Entry, Payload, Reader},
};
use crate::{
    builder::{Builder, InOrder, Planned},
    protobuf::definitions::{Cardinality, Definitions, Field, Message, Scalar, Type},
    violation::{self, Path, Violations},
};

/// One message being decoded.
pub(super) struct Decoding<'d, 'b> {
    pub(super) definitions: &'d Definitions,
    pub(super) violations: Violations,
    /// The fields of the messages that are open, each with as many places as it has fields.
    slots: Vec<Slot<'b>>,
    builder: Builder,
}

/// What was read of a field so far.
#[derive(Debug, Default)]
enum Slot<'b> {
    #[default]
    Empty,
    Value(Value),
    List(Vec<Value>),
    Map(Map),
    /// A message that is read once it is complete.
    Message(&'b [u8]),
    /// A message in parts: they are merged, which is what reading them as one does.
    Parts(Vec<&'b [u8]>),
    /// So many values that nobody wants.
    Judged(usize),
}

impl Slot<'_> {
    /// How many items there are, where it holds a list.
    fn items(&self) -> usize {
        match self {
            Self::List(items) => items.len(),
            Self::Judged(count) => *count,
            _ => 0,
        }
    }
}

/// A field of a message that is being read.
#[derive(Clone, Copy)]
struct Target<'d> {
    field: &'d Field,
    want: &'d Want,
    slot: usize,
}

impl Target<'_> {
    #[inline]
    fn taken(self, scalar: Scalar, payload: Payload<'_>) -> Taken {
        if self.want.is_built() { scalar::read(scalar, payload) } else { scalar::judge(scalar, payload) }
    }
}

impl<'d, 'b> Decoding<'d, 'b> {
    pub(super) fn new(definitions: &'d Definitions) -> Self {
        Self::with(definitions, Builder::default())
    }

    /// With what was filled so far.
    pub(super) fn with(definitions: &'d Definitions, builder: Builder) -> Self {
        Self { definitions, violations: Violations::default(), slots: Vec::new(), builder }
    }

    /// What was filled, unless there is anything wrong.
    pub(super) fn into_right(self) -> Option<Builder> {
        (self.violations.total() == 0).then_some(self.builder)
    }

    /// The value of the message that `bytes` are, as far as it is wanted. After a violation that was collected, it is a placeholder.
    pub(super) fn message(
        &mut self,
        id: usize,
        want: &'d Want,
        bytes: &'b [u8],
        path: &Path<'_>,
        depth: usize,
    ) -> Result<Value, Report> {
        if depth >= MAX_DEPTH {
            return Err(wire::too_deep());
        }
        let message = &self.definitions.messages[id];
        if let Some(well_known) = message.well_known {
            return self.natural(well_known, bytes, path, depth);
        }
        let base = self.slots.len();
        self.slots.resize_with(base + message.fields.len(), Slot::default);
        let mut unknown = Vec::new();
        let mut chosen = vec![usize::MAX; message.oneofs.len()];
        let mut reader = Reader::new(bytes);
        while let Some(entry) = reader.entry()? {
            let Some(at) = message.numbers.position(entry.number) else {
                unknown.extend_from_slice(entry.raw);
                continue;
            };
            let field = &message.fields[at];
            let before = unknown.len();
            let target = Target { field, want: want.at(at), slot: base + at };
            self.field(target, &entry, &mut unknown, path, depth)?;
            // What is kept as unknown, such as another number of a closed enumeration, chooses nothing.
            if let Some(oneof) = field.oneof.filter(|_| unknown.len() == before) {
                let last = std::mem::replace(&mut chosen[oneof], at);
                if last != at && last != usize::MAX {
                    self.slots[base + last] = Slot::Empty;
                }
            }
        }
        let value = self.in_order((message, want), base, unknown, path, depth)?;
        self.slots.truncate(base);
        Ok(value)
    }

    fn field(
        &mut self,
        target: Target<'d>,
        entry: &Entry<'b>,
        unknown: &mut Vec<u8>,
        path: &Path<'_>,
        depth: usize,
    ) -> Result<(), Report> {
        match target.field.cardinality {
            Cardinality::Repeated { .. } => self.item(target, entry, unknown, path, depth),
            Cardinality::Map(key) => self.map_entry(target, key, entry, unknown, path, depth),
            _ => {
                if let Some(bytes) = message_bytes(target.field.ty, entry.payload) {
                    let slot = &mut self.slots[target.slot];
                    *slot = match std::mem::take(slot) {
                        Slot::Message(first) => Slot::Parts(vec![first, bytes]),
                        Slot::Parts(mut parts) => {
                            parts.push(bytes);
                            Slot::Parts(parts)
                        }
                        _ => Slot::Message(bytes),
                    };
                    return Ok(());
                }
                match self.plain(target, entry.payload, path) {
                    Some(_) if !target.want.is_built() => self.slots[target.slot] = Slot::Judged(1),
                    Some(value) => self.slots[target.slot] = Slot::Value(value),
                    None => unknown.extend_from_slice(entry.raw),
                }
                Ok(())
            }
        }
    }

    /// A scalar or a member; `None` where it belongs to the unknown fields.
    #[inline]
    fn plain(&mut self, target: Target<'_>, payload: Payload<'_>, path: &Path<'_>) -> Option<Value> {
        match target.field.ty {
            Type::Scalar(scalar) => match target.taken(scalar, payload) {
                Taken::Value(value) => Some(value),
                Taken::Foreign => None,
                Taken::Wrong(failure, what) => {
                    let report = failure.report(&scalar::shown(what), &path.field(&target.field.name, false));
                    self.violations.push(report);
                    Some(Value::Null)
                }
            },
            Type::Enum(id) => member(self.definitions, id, payload),
            Type::Message(_) | Type::Group(_) => None,
        }
    }

    fn item(
        &mut self,
        target: Target<'d>,
        entry: &Entry<'b>,
        unknown: &mut Vec<u8>,
        path: &Path<'_>,
        depth: usize,
    ) -> Result<(), Report> {
        let field = target.field;
        if let (Type::Message(id) | Type::Group(id), Some(bytes)) =
            (field.ty, message_bytes(field.ty, entry.payload))
        {
            let list = path.field(&field.name, false);
            let path = list.item(self.slots[target.slot].items());
            let value = self.message(id, target.want, bytes, &path, depth + 1)?;
            self.push(target, value);
            return Ok(());
        }
        if let (Payload::Block(block), Some(wire)) = (entry.payload, scalar::packed(field.ty)) {
            let mut reader = Reader::new(block);
            while !reader.is_done() {
                let payload = reader.packed(wire)?;
                match self.plain(target, payload, path) {
                    Some(value) => self.push(target, value),
                    None => write_unknown(entry.number, payload, unknown),
                }
            }
            return Ok(());
        }
        match self.plain(target, entry.payload, path) {
            Some(value) => self.push(target, value),
            None => unknown.extend_from_slice(entry.raw),
        }
        Ok(())
    }

    fn push(&mut self, target: Target<'_>, value: Value) {
        match &mut self.slots[target.slot] {
            slot if !target.want.is_built() => *slot = Slot::Judged(slot.items() + 1),
            Slot::List(items) => items.push(value),
            slot => *slot = Slot::List(vec![value]),
        }
    }

    fn map_entry(
        &mut self,
        target: Target<'d>,
        key_type: Scalar,
        entry: &Entry<'b>,
        unknown: &mut Vec<u8>,
        path: &Path<'_>,
        depth: usize,
    ) -> Result<(), Report> {
        let Payload::Block(bytes) = entry.payload else {
            unknown.extend_from_slice(entry.raw);
            return Ok(());
        };
        let field = target.field;
        let path = path.field(&field.name, false);
        let (mut key, mut value) = (scalar::key(key_type, key_type.zero()), None);
        let mut parts: Vec<&'b [u8]> = Vec::new();
        let mut reader = Reader::new(bytes);
        let mut is_foreign = false;
        while let Some(part) = reader.entry()? {
            match (part.number, message_bytes(field.ty, part.payload)) {
                (1, _) => match scalar::read(key_type, part.payload) {
                    Taken::Value(read) => key = scalar::key(key_type, read),
                    Taken::Foreign => is_foreign = true,
                    Taken::Wrong(failure, what) => {
                        self.violations.push(failure.report(&scalar::shown(what), &path));
                    }
                },
                (2, Some(bytes)) => parts.push(bytes),
                (2, None) => match self.plain(target, part.payload, &path) {
                    Some(read) => value = Some(read),
                    None => is_foreign = true,
                },
                _ => is_foreign = true,
            }
        }
        let Some(key) = key.filter(|_| !is_foreign) else {
            // An entry of which a part is not known is not known as a whole.
            unknown.extend_from_slice(entry.raw);
            return Ok(());
        };
        let value = match (field.ty, value) {
            (Type::Message(id) | Type::Group(id), _) => {
                let name = key.to_string();
                self.merged((id, target.want), &parts, &path.field(&name, false), depth + 1)?
            }
            (_, Some(value)) => value,
            (ty, None) => zero(self.definitions, ty),
        };
        let slot = &mut self.slots[target.slot];
        match slot {
            slot if !target.want.is_built() => *slot = Slot::Judged(1),
            Slot::Map(map) => drop(map.insert(key, value)),
            _ => *slot = Slot::Map(std::iter::once((key, value)).collect()),
        }
        Ok(())
    }

    /// The message that several parts are together.
    fn merged(
        &mut self,
        (id, want): (usize, &'d Want),
        parts: &[&'b [u8]],
        path: &Path<'_>,
        depth: usize,
    ) -> Result<Value, Report> {
        self.joined(parts, |decoding, bytes| decoding.message(id, want, bytes, path, depth))
    }

    /// What `read` makes of several parts together: reading them after each other merges them.
    pub(super) fn joined(
        &mut self,
        parts: &[&'b [u8]],
        read: impl for<'p> FnOnce(&mut Decoding<'d, 'p>, &'p [u8]) -> Result<Value, Report>,
    ) -> Result<Value, Report> {
        match parts {
            [] => read(self, &[]),
            [only] => read(self, only),
            parts => {
                let whole = parts.concat();
                let mut inner = Decoding::with(self.definitions, std::mem::take(&mut self.builder));
                inner.violations = std::mem::take(&mut self.violations);
                let value = read(&mut inner, &whole);
                self.builder = inner.builder;
                self.violations = inner.violations;
                value
            }
        }
    }

    /// The record of what was read, in the order of the contract.
    fn in_order(
        &mut self,
        (message, want): (&'d Message, &'d Want),
        base: usize,
        unknown: Vec<u8>,
        path: &Path<'_>,
        depth: usize,
    ) -> Result<Value, Report> {
        if !want.is_built() {
            return self.judged(message, base, path, depth);
        }
        let fields = want.fields(message);
        let mut record = InOrder::open(&mut self.builder, fields.len());
        for (at, field) in fields.iter().enumerate() {
            match std::mem::take(&mut self.slots[base + at]) {
                Slot::Empty => self.absent(field, path),
                slot => match self.gathered(slot, field, want.at(at), path, depth)? {
                    Some(value) => record.set(&mut self.builder, fields, at, value),
                    None => record.skip(&mut self.builder, fields, at),
                },
            }
        }
        let mut record = record.finish(&mut self.builder, fields)?;
        if !unknown.is_empty() && want.has_unknown() {
            record.push_new(message.unknown.clone(), Value::Bytes(unknown.into()));
        }
        Ok(Value::Map(Arc::new(record)))
    }

    /// Holds what was read of a message that nobody wants against the contract.
    fn judged(
        &mut self,
        message: &'d Message,
        base: usize,
        path: &Path<'_>,
        depth: usize,
    ) -> Result<Value, Report> {
        for (at, field) in message.fields.iter().enumerate() {
            match std::mem::take(&mut self.slots[base + at]) {
                Slot::Empty => {
                    self.absent(field, path);
                    self.builder.pass(std::iter::once(field))?;
                }
                slot => drop(self.gathered(slot, field, &Want::Nothing, path, depth)?),
            }
        }
        Ok(Value::Null)
    }

    fn absent(&mut self, field: &Field, path: &Path<'_>) {
        if field.listed.is_demanded() {
            self.violations.push(violation::missing(&field.name, path));
        }
    }

    /// The value of a field that is there; `None` where nobody wants it.
    fn gathered(
        &mut self,
        slot: Slot<'b>,
        field: &Field,
        want: &'d Want,
        path: &Path<'_>,
        depth: usize,
    ) -> Result<Option<Value>, Report> {
        let value = match slot {
            Slot::Empty | Slot::Judged(_) => return Ok(None),
            Slot::Value(value) => value,
            Slot::List(items) => Value::list(items),
            Slot::Map(map) => Value::Map(Arc::new(map)),
            Slot::Message(bytes) => self.single((field, want), &[bytes], path, depth)?,
            Slot::Parts(parts) => self.single((field, want), &parts, path, depth)?,
        };
        Ok(want.is_built().then_some(value))
    }

    fn single(
        &mut self,
        (field, want): (&Field, &'d Want),
        parts: &[&'b [u8]],
        path: &Path<'_>,
        depth: usize,
    ) -> Result<Value, Report> {
        match field.ty {
            Type::Message(id) | Type::Group(id) => {
                self.merged((id, want), parts, &path.field(&field.name, false), depth + 1)
            }
            _ => Ok(Value::Null),
        }
    }
}

/// The bytes of a message, where the field holds messages and the payload is one.
#[inline]
pub(super) fn message_bytes<'b>(ty: Type, payload: Payload<'b>) -> Option<&'b [u8]> {
    match (ty, payload) {
        (Type::Message(_), Payload::Block(bytes)) | (Type::Group(_), Payload::Group(bytes)) => Some(bytes),
        _ => None,
    }
}

/// The name of a number, or the number where an open enumeration has none for it.
#[allow(clippy::cast_possible_truncation, reason = "as the specification says")]
pub(super) fn member(definitions: &Definitions, id: usize, payload: Payload<'_>) -> Option<Value> {
    let Payload::Varint(bits) = payload else { return None };
    let number = (bits as u32).cast_signed();
    let members = &definitions.enums[id];
    let known = members.by_number.get(&number).cloned();
    known.or_else(|| (!members.is_closed && !members.is_null).then(|| Value::Int(number.into())))
}

/// What a value in a map is that is not written, where it is no message.
pub(super) fn zero(definitions: &Definitions, ty: Type) -> Value {
    match ty {
        Type::Scalar(scalar) => scalar.zero(),
        Type::Enum(id) => member(definitions, id, Payload::Varint(0)).unwrap_or_default(),
        Type::Message(_) | Type::Group(_) => Value::Null,
    }
}

fn write_unknown(number: u32, payload: Payload<'_>, unknown: &mut Vec<u8>) {
    if let Payload::Varint(bits) = payload {
        wire::write_tag(number, wire::VARINT, unknown);
        wire::write_varint(bits, unknown);
    }
}
