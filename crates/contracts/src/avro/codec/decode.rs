//! Binary data into values, by a plan.

use std::sync::Arc;

use tenon_errors::{
    Report, Reports,
    catalogue::data::{TOO_DEEP, TOO_LARGE},
};
use tenon_model::{Map, Str, Value};

use super::{bytes::Cursor, logical, trouble::Trouble};
use crate::{
    avro::{
        resolve::{Op, OpId, Plan, RecordOp, Step},
        schema::Schema,
    },
    builder::{Builder, Complete, InOrder, Order, Placed, Planned},
    json::Limits,
};

type Result<T, E = Trouble> = std::result::Result<T, E>;

/// The most room that is made for items before they come.
const ROOM: usize = 1 << 10;

/// Reads the binary encoding into values of one schema. Made once; cheap to clone.
#[derive(Debug, Clone)]
pub struct Decoder {
    plan: Arc<Plan>,
    limits: Limits,
}

impl Decoder {
    /// A decoder of what was written with `schema`.
    ///
    /// # Errors
    /// `C0202` if the schema does not read itself, which only one without values does not.
    pub fn new(schema: &Schema) -> Result<Self, Reports> {
        Self::between(schema, schema)
    }

    /// A decoder of what was written with `writer` into values of `reader`.
    ///
    /// # Errors
    /// `C0202` for each reason why that cannot be.
    pub fn between(writer: &Schema, reader: &Schema) -> Result<Self, Reports> {
        Ok(Self { plan: Arc::new(Plan::new(writer, reader)?), limits: Limits::default() })
    }

    /// The same decoder, which builds of records the fields that `paths` lead to, and what is in them. A path is the names of fields
    /// from the outside in; lists on the way are passed through. The others are held against their types: what the whole decoder
    /// refuses is refused, in the same words.
    #[must_use]
    pub fn part(&self, paths: &[Vec<Str>]) -> Self {
        Self { plan: Arc::new(self.plan.part(paths)), limits: self.limits }
    }

    /// The same decoder with other limits.
    #[must_use]
    pub fn with_limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// The value that `bytes` are.
    ///
    /// # Errors
    /// `D0105` for bytes that are not of the encoding, `D0103` and `D0104` beyond the limits, `D0001` for values that no contract has, each
    /// with its path.
    pub fn decode(&self, bytes: &[u8]) -> Result<Value, Report> {
        let (value, rest) = self.decode_first(bytes)?;
        match rest.len() {
            0 => Ok(value),
            more => Err(Trouble::malformed(format!("{more} bytes follow the value")).into_report()),
        }
    }

    /// The value that `bytes` begin with, and the bytes after it.
    ///
    /// # Errors
    /// As for [`Decoder::decode`].
    pub fn decode_first<'b>(&self, bytes: &'b [u8]) -> Result<(Value, &'b [u8]), Report> {
        self.check_size(bytes)?;
        let mut run = self.run(bytes);
        let value = run.value(self.plan.root, 0).map_err(Trouble::into_report)?;
        Ok((value, run.cursor.rest()))
    }

    /// The bytes after the value that `bytes` begin with, whatever that value is.
    ///
    /// # Errors
    /// As for [`Decoder::decode`], where it cannot be told how far the value goes.
    pub fn skip_first<'b>(&self, bytes: &'b [u8]) -> Result<&'b [u8], Report> {
        self.check_size(bytes)?;
        let mut run = self.run(bytes);
        run.skip(self.plan.root, 0).map_err(Trouble::into_report)?;
        Ok(run.cursor.rest())
    }

    fn check_size(&self, bytes: &[u8]) -> Result<(), Report> {
        if bytes.len() > self.limits.bytes {
            let message =
                format!("the data has {} bytes, and {} are allowed", bytes.len(), self.limits.bytes);
            return Err(Report::new(&TOO_LARGE, message));
        }
        Ok(())
    }

    #[inline]
    fn run<'b>(&self, bytes: &'b [u8]) -> Run<'b, '_> {
        let (cursor, builder) = (Cursor::new(bytes), Builder::default());
        Run { plan: &self.plan, cursor, builder, limit: self.limits.depth }
    }

    /// Whether each value has at least a byte.
    pub(super) fn has_bytes(&self) -> bool {
        self.plan.has_bytes(self.plan.root)
    }
}

/// One value being read.
pub(super) struct Run<'b, 'p> {
    pub(super) plan: &'p Plan,
    pub(super) cursor: Cursor<'b>,
    pub(super) builder: Builder,
    limit: usize,
}

impl Run<'_, '_> {
    pub(super) fn value(&mut self, id: OpId, depth: usize) -> Result<Value> {
        match self.plan.op(id) {
            Op::Null => Ok(Value::Null),
            Op::Bool => match self.cursor.array()? {
                [0] => Ok(Value::Bool(false)),
                [1] => Ok(Value::Bool(true)),
                [byte] => Err(Trouble::malformed(format!("0x{byte:02X} is not a boolean"))),
            },
            Op::Int(logical) => self.cursor.int().and_then(|n| logical::of_number(*logical, n)),
            Op::Long(logical) => self.cursor.long().and_then(|n| logical::of_number(*logical, n)),
            Op::Whole { is_int, is_single } => self.whole(*is_int, *is_single),
            Op::Float => logical::of_single(f32::from_le_bytes(self.cursor.array()?)),
            Op::Double => logical::finite(f64::from_le_bytes(self.cursor.array()?)),
            Op::Widened => logical::finite(f32::from_le_bytes(self.cursor.array()?).into()),
            Op::Octets(logical) => {
                self.cursor.octets().and_then(|octets| logical::of_bytes(*logical, octets))
            }
            Op::Text(logical) => self.cursor.text().and_then(|text| logical::of_text(*logical, text)),
            Op::Fixed(size, logical) => {
                self.cursor.take(*size).and_then(|octets| logical::of_bytes(*logical, octets))
            }
            Op::Enum(symbols) => Ok(symbols[self.position(symbols.len(), "symbols")?].clone()),
            Op::Union(branches) => {
                let branch = branches[self.position(branches.len(), "branches")?];
                self.value(branch, depth)
            }
            Op::List(item) => self.list(*item, self.deeper(depth)?),
            Op::Map(value) => self.map(*value, self.deeper(depth)?),
            Op::Record(record) => self.record(record, self.deeper(depth)?),
        }
    }

    #[inline]
    pub(super) fn deeper(&self, depth: usize) -> Result<usize> {
        if depth < self.limit {
            return Ok(depth + 1);
        }
        Err(Trouble::new(&TOO_DEEP, format!("the data has more than {} levels", self.limit)))
    }

    #[allow(clippy::cast_precision_loss, reason = "the promotion that the specification has")]
    fn whole(&mut self, is_int: bool, is_single: bool) -> Result<Value> {
        let n = if is_int { self.cursor.int()? } else { self.cursor.long()? };
        if is_single { logical::of_single(n as f32) } else { Ok(Value::Float(n as f64)) }
    }

    /// The number of a symbol or a branch.
    #[inline]
    pub(super) fn position(&mut self, count: usize, of: &str) -> Result<usize> {
        let n = self.cursor.long()?;
        match usize::try_from(n) {
            Ok(at) if at < count => Ok(at),
            _ => Err(Trouble::malformed(format!("{n} is not one of the {count} {of}"))),
        }
    }

    fn list(&mut self, item: OpId, depth: usize) -> Result<Value> {
        let has_bytes = self.plan.has_bytes(item);
        let mut items = Vec::new();
        while let Some((count, _)) = self.cursor.block(has_bytes)? {
            if !has_bytes {
                self.cursor.charge(count)?;
            }
            items.reserve(count.min(ROOM));
            for _ in 0..count {
                let value = self.value(item, depth).map_err(|trouble| trouble.item(items.len()))?;
                items.push(value);
            }
        }
        Ok(Value::list(items))
    }

    fn map(&mut self, value: OpId, depth: usize) -> Result<Value> {
        let mut map = Map::new();
        while let Some((count, _)) = self.cursor.block(true)? {
            for _ in 0..count {
                let key = self.cursor.text()?;
                let value = self.value(value, depth).map_err(|trouble| trouble.field(key))?;
                // Of equal keys the last counts, as in every map that is written one entry after the other.
                map.insert(Str::new(key), value);
            }
        }
        Ok(Value::Map(Arc::new(map)))
    }

    fn record(&mut self, record: &RecordOp, depth: usize) -> Result<Value> {
        if record.free > 0 {
            self.cursor.charge(record.free)?;
        }
        match record.order {
            Order::Complete => self.fields::<Complete>(record, depth),
            Order::Partial => self.fields::<InOrder>(record, depth),
            Order::Another => self.fields::<Placed>(record, depth),
        }
    }

    #[inline]
    fn fields<P: Planned>(&mut self, record: &RecordOp, depth: usize) -> Result<Value> {
        let fields = &record.fields;
        let mut built = P::open(&mut self.builder, fields.len());
        for step in &record.steps {
            match step {
                Step::Read(slot, id) => {
                    let value =
                        self.value(*id, depth).map_err(|trouble| trouble.field(fields[*slot].name()))?;
                    built.set(&mut self.builder, fields, *slot, value);
                }
                Step::Judge(slot, id) => {
                    self.judge(*id, depth).map_err(|trouble| trouble.field(fields[*slot].name()))?;
                }
                Step::Skip(id) => self.skip(*id, depth)?,
            }
        }
        Ok(Value::Map(Arc::new(built.finish(&mut self.builder, fields)?)))
    }

    /// Reads over a value of the writer. What has no bytes needs no looking at, however much of it there is.
    pub(super) fn skip(&mut self, id: OpId, depth: usize) -> Result<()> {
        if !self.plan.has_bytes(id) {
            return Ok(());
        }
        match self.plan.op(id) {
            Op::Int(_) | Op::Long(_) | Op::Whole { .. } | Op::Enum(_) => self.cursor.long().map(drop),
            Op::Octets(_) | Op::Text(_) => self.cursor.octets().map(drop),
            Op::Null => Ok(()),
            Op::Bool => self.cursor.take(1).map(drop),
            Op::Float | Op::Widened => self.cursor.take(4).map(drop),
            Op::Double => self.cursor.take(8).map(drop),
            Op::Fixed(size, _) => self.cursor.take(*size).map(drop),
            Op::Union(branches) => {
                let branch = branches[self.position(branches.len(), "branches")?];
                self.skip(branch, depth)
            }
            Op::Record(record) => {
                let depth = self.deeper(depth)?;
                record.steps.iter().try_for_each(|step| self.skip(step.op(), depth))
            }
            Op::List(item) => self.skip_blocks(*item, false, self.deeper(depth)?),
            Op::Map(value) => self.skip_blocks(*value, true, self.deeper(depth)?),
        }
    }

    fn skip_blocks(&mut self, part: OpId, has_keys: bool, depth: usize) -> Result<()> {
        let has_bytes = has_keys || self.plan.has_bytes(part);
        while let Some((count, size)) = self.cursor.block(has_bytes)? {
            match size {
                Some(size) => self.cursor.take(size).map(drop)?,
                None if !has_bytes => {}
                None => {
                    for _ in 0..count {
                        if has_keys {
                            self.cursor.octets()?;
                        }
                        self.skip(part, depth)?;
                    }
                }
            }
        }
        Ok(())
    }
}
