//! Messages in the form that writers give them: each field once, the items of a list together, nothing that breaks the contract. They are
//! built while they are read. Of any other, valid or not, this says nothing: [`decode`](super::decode) reads it from the beginning, merges
//! what came in parts, and tells what is wrong. So a message is read twice at most.

use std::sync::Arc;

use tenon_model::{Map, Value};

use super::{
    MAX_DEPTH,
    decode::{Decoding, member, message_bytes, zero},
    part::Want,
    scalar::{self, Taken},
    wire::{self, Entry, Payload, Reader},
};
use crate::{
    builder::Builder,
    protobuf::definitions::{Cardinality, Definitions, Field, Message, Scalar, Type, WellKnown},
    violation::Path,
};

/// One message being read, as long as nothing about it is out of the ordinary; `None` ends that.
pub(super) struct Direct<'d> {
    definitions: &'d Definitions,
    builder: Builder,
}

/// A value, and the field that follows it on the wire.
type Then<'b> = (Value, Option<Entry<'b>>);

/// A field, what is wanted of its values, and how many levels are open around them.
#[derive(Clone, Copy)]
struct Target<'d> {
    field: &'d Field,
    want: &'d Want,
    depth: usize,
}

impl<'d> Direct<'d> {
    pub(super) fn new(definitions: &'d Definitions) -> Self {
        Self { definitions, builder: Builder::default() }
    }

    /// The value of the message that `bytes` are, as far as it is wanted; null where nobody wants it.
    pub(super) fn message(&mut self, id: usize, want: &'d Want, bytes: &[u8], depth: usize) -> Option<Value> {
        let message = &self.definitions.messages[id];
        match message.well_known {
            _ if depth >= MAX_DEPTH => None,
            Some(well_known) => self.natural(well_known, bytes, depth),
            None if want.is_built() => self.fields::<true>(message, want, bytes, depth),
            None => self.fields::<false>(message, want, bytes, depth),
        }
    }

    fn natural(&mut self, well_known: WellKnown, bytes: &[u8], depth: usize) -> Option<Value> {
        let mut decoding = Decoding::with(self.definitions, std::mem::take(&mut self.builder));
        let value = decoding.natural(well_known, bytes, &Path::ROOT, depth).ok()?;
        self.builder = decoding.into_right()?;
        Some(value)
    }

    /// Reads the fields of a message; where it is not `BUILT`, it is held against its contract alone, and the value is null.
    fn fields<const BUILT: bool>(
        &mut self,
        message: &'d Message,
        want: &'d Want,
        bytes: &[u8],
        depth: usize,
    ) -> Option<Value> {
        let fields = want.fields(message);
        let listed = fields.len();
        let mut frame = if BUILT { Builder::open(listed, listed) } else { Builder::unbuilt(listed) };
        let (mut unknown, mut chosen) = (Vec::new(), 0);
        let mut reader = Reader::new(bytes);
        let mut next = reader.entry().ok()?;
        while let Some(entry) = next {
            let Some(at) = message.numbers.position(entry.number) else {
                unknown.extend_from_slice(entry.raw);
                next = reader.entry().ok()?;
                continue;
            };
            let field = &fields[at];
            if let Some(oneof) = field.oneof {
                chosen = choose(chosen, oneof)?;
            }
            let target = Target { field, want: want.at(at), depth: depth + 1 };
            let value;
            (value, next) = match field.cardinality {
                Cardinality::Repeated { .. } => self.list(target, entry, &mut reader)?,
                Cardinality::Map(key) => self.map(target, key, entry, &mut reader)?,
                _ => (self.single(target, entry.payload)?, reader.entry().ok()?),
            };
            let is_new = match BUILT && field.listed.is_wanted {
                true => self.builder.put(&mut frame, fields, at, value),
                false if BUILT => self.builder.skip(&mut frame, fields, at),
                false => frame.sees(at),
            };
            if !is_new {
                return None;
            }
        }
        if frame.absent(fields).any(|field| field.listed.is_demanded()) {
            return None;
        }
        if !BUILT {
            self.builder.pass(frame.absent(fields)).ok()?;
            return Some(Value::Null);
        }
        let mut record = self.builder.close(frame, fields).ok()?;
        if !unknown.is_empty() && want.has_unknown() {
            record.push_new(message.unknown.clone(), Value::Bytes(unknown.into()));
        }
        Some(Value::Map(Arc::new(record)))
    }

    /// One value.
    #[inline]
    fn single(&mut self, target: Target<'d>, payload: Payload<'_>) -> Option<Value> {
        match target.field.ty {
            Type::Scalar(scalar) => {
                let read = if target.want.is_built() { scalar::read } else { scalar::judge };
                if let Taken::Value(value) = read(scalar, payload) { Some(value) } else { None }
            }
            Type::Enum(id) => member(self.definitions, id, payload),
            ty @ (Type::Message(id) | Type::Group(id)) => {
                self.message(id, target.want, message_bytes(ty, payload)?, target.depth)
            }
        }
    }

    /// The items of a list that follow each other.
    fn list<'b>(
        &mut self,
        target: Target<'d>,
        first: Entry<'b>,
        reader: &mut Reader<'b>,
    ) -> Option<Then<'b>> {
        let (number, mut items) = (first.number, Vec::new());
        let mut next = Some(first);
        while let Some(entry) = next.take_if(|entry| entry.number == number) {
            match (entry.payload, scalar::packed(target.field.ty)) {
                (Payload::Block(block), Some(wire)) => self.block(target, wire, block, &mut items)?,
                (payload, _) => {
                    let item = self.single(target, payload)?;
                    items.extend(target.want.is_built().then_some(item));
                }
            }
            next = reader.entry().ok()?;
        }
        Some((if target.want.is_built() { Value::list(items) } else { Value::Null }, next))
    }

    /// Items in one block.
    fn block(&mut self, target: Target<'d>, wire: u64, block: &[u8], items: &mut Vec<Value>) -> Option<()> {
        if target.want.is_built() {
            items.reserve_exact(wire::count_packed(wire, block));
        }
        let mut reader = Reader::new(block);
        while !reader.is_done() {
            let payload = reader.packed(wire).ok()?;
            let item = self.single(target, payload)?;
            items.extend(target.want.is_built().then_some(item));
        }
        Some(())
    }

    /// The entries of a map that follow each other; of equal keys the last wins.
    fn map<'b>(
        &mut self,
        target: Target<'d>,
        key_type: Scalar,
        first: Entry<'b>,
        reader: &mut Reader<'b>,
    ) -> Option<Then<'b>> {
        let (number, mut map) = (first.number, Map::new());
        let mut next = Some(first);
        while let Some(entry) = next.take_if(|entry| entry.number == number) {
            let Payload::Block(pair) = entry.payload else { return None };
            let (mut key, mut value) = (None, None);
            let mut parts = Reader::new(pair);
            while let Some(part) = parts.entry().ok()? {
                let is_first = match part.number {
                    1 => match scalar::read(key_type, part.payload) {
                        Taken::Value(read) => key.replace(scalar::key(key_type, read)?).is_none(),
                        _ => false,
                    },
                    2 => value.replace(self.single(target, part.payload)?).is_none(),
                    _ => false,
                };
                if !is_first {
                    return None;
                }
            }
            let key = key.or_else(|| scalar::key(key_type, key_type.zero()))?;
            let value = match (value, target.field.ty) {
                (Some(value), _) => value,
                (None, Type::Message(id) | Type::Group(id)) => {
                    self.message(id, target.want, &[], target.depth)?
                }
                (None, ty) => zero(self.definitions, ty),
            };
            if target.want.is_built() {
                map.insert(key, value);
            }
            next = reader.entry().ok()?;
        }
        Some((if target.want.is_built() { Value::Map(Arc::new(map)) } else { Value::Null }, next))
    }
}

/// The oneofs of which a member was there, with one more; `None` where another one was, and where they are too many to be told apart here.
fn choose(chosen: u64, oneof: usize) -> Option<u64> {
    let bit = 1u64.checked_shl(u32::try_from(oneof).ok()?)?;
    (chosen & bit == 0).then_some(chosen | bit)
}

#[cfg(test)]
mod tests {
    use tenon_errors::Report;
    use tenon_model::Str;

    use super::*;
    use crate::{
        format::{Codec, NoFiles, Source},
        json::Decoder,
        protobuf::{self, codec::Binary},
        sample::{Samples, Sort},
    };

    const EVERYTHING: &str = include_str!("../../../../../fuzz/types/everything.proto");
    const OLDER: &str = r#"syntax = "proto2"; package shop;
        message Everything { required int32 id = 4; optional string name = 2 [default = "none"]; repeated int32 packed = 3 [packed = true];
          repeated Everything below = 5; map<string, Everything> others = 12; oneof choice { int32 one = 9; string other = 10; } }"#;

    fn read_both(
        definitions: &Definitions,
        want: &Want,
        bytes: &[u8],
    ) -> (Option<Value>, Result<Value, Report>) {
        let id = definitions.message("shop.Everything").unwrap().0;
        let mut decoding = Decoding::new(definitions);
        let whole = decoding.message(id, want, bytes, &Path::ROOT, 0);
        let whole = whole.and_then(|value| decoding.into_right().map(|_| value).ok_or_else(wrong));
        (Direct::new(definitions).message(id, want, bytes, 0), whole)
    }

    fn wrong() -> Report {
        Report::new(
            &tenon_errors::catalogue::data::CONTRACT_VIOLATION,
            "the data does not follow its contract",
        )
    }

    fn definitions(text: &str) -> (Arc<Definitions>, tenon_model::Shape) {
        let read = protobuf::read(&Source { file: "1.proto", text, files: &NoFiles }).unwrap();
        let shape = read.schema.of_name("Everything").unwrap().shape.clone();
        (read.definitions, shape)
    }

    #[test]
    fn what_a_writer_makes_is_read_at_once_and_nothing_is_read_otherwise() {
        let (mut at_once, mut refused) = (0, 0);
        for text in [EVERYTHING, OLDER] {
            let (definitions, shape) = definitions(text);
            let codec = Binary::new(&definitions, "shop.Everything").unwrap();
            let decoder = Decoder::new(&shape).unwrap();
            let id = definitions.message("shop.Everything").unwrap().0;
            let ways: [&[Str]; 3] =
                [&["name".into()], &["lines".into(), "sku".into()], &["below".into(), "id".into()]];
            let wants = [Want::All, Want::Nothing, Want::of(&definitions, id, &ways)];
            for sample in Samples::new(&shape, Sort::Valid, 5).take(200) {
                let Ok(value) = decoder.decode(sample.value.to_string().as_bytes()) else { continue };
                let mut bytes = Vec::new();
                if codec.encode(&value, &mut bytes).is_err() {
                    continue;
                }
                for want in &wants {
                    let (direct, whole) = read_both(&definitions, want, &bytes);
                    assert_eq!(direct.as_ref(), Some(&whole.unwrap()), "{}", bytes.escape_ascii());
                    at_once += 1;
                    for at in 0..bytes.len() {
                        let mut damaged = bytes.clone();
                        damaged[at] = damaged[at].wrapping_mul(7).wrapping_add(3);
                        for damaged in [&damaged[..], &bytes[..at], &[&bytes[..], &bytes[at..]].concat()] {
                            match read_both(&definitions, want, damaged) {
                                (Some(direct), Ok(whole)) => {
                                    assert_eq!(direct, whole, "{}", damaged.escape_ascii());
                                }
                                (Some(_), Err(report)) => panic!("{report} of {}", damaged.escape_ascii()),
                                (None, _) => refused += 1,
                            }
                        }
                    }
                }
            }
        }
        assert!(at_once > 200 && refused > 5_000, "{at_once} {refused}");
    }

    #[test]
    fn what_is_out_of_the_ordinary_is_left_to_who_merges() {
        let (definitions, _) = definitions(OLDER);
        let check = |bytes: &[u8], is_direct: bool| {
            let (direct, whole) = read_both(&definitions, &Want::All, bytes);
            assert_eq!(direct.is_some(), is_direct, "{}", bytes.escape_ascii());
            assert_eq!(direct.unwrap_or_else(|| whole.as_ref().unwrap().clone()), whole.unwrap());
        };
        check(&[32, 1], true);
        // In another order than that of the contract, and with what it does not know.
        check(&[26, 2, 1, 2, 24, 3, 18, 1, b'a', 32, 1, 0xa0, 6, 9], true);
        // A field twice, a list in two places, two members of a oneof, and a field of another wire type.
        check(&[32, 1, 32, 2], false);
        check(&[26, 1, 1, 32, 1, 26, 1, 2], false);
        check(&[72, 1, 82, 1, b'b', 32, 1], false);
        check(&[32, 1, 16, 1], false);
        // An entry without a key, and one with two.
        check(&[98, 4, 18, 2, 32, 1, 32, 1], true);
        check(&[98, 8, 10, 0, 10, 0, 18, 2, 32, 1, 32, 1], false);
    }
}
