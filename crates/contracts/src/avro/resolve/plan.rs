//! What a decoder does: made once from the schema that data was written with and the one that it is read by, so that
//! nothing has to be looked up while bytes become values.

use std::collections::HashMap;

use tenon_errors::Reports;
use tenon_model::{Key, Str, Value};

use super::{
    compatible::{Relation, counterparts},
    incompatibilities,
};
use crate::{
    avro::schema::{Enum, Form, Logical, NodeId, Record, Schema},
    builder::{Absent, Listed, Order},
};

/// The operations that read one schema by another one.
#[derive(Debug, Clone)]
pub(in crate::avro) struct Plan {
    pub(in crate::avro) root: OpId,
    pub(super) ops: Vec<Op>,
    /// By operation: whether what it reads has at least a byte. What has none has always none.
    pub(super) has_bytes: Vec<bool>,
}

/// The number of an operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(in crate::avro) struct OpId(pub(super) u32);

/// How one type is read.
#[derive(Debug, Clone)]
pub(in crate::avro) enum Op {
    Null,
    Bool,
    Int(Option<Logical>),
    Long(Option<Logical>),
    /// An int or a long, by whether it is one, as a number of single or double precision.
    Whole {
        is_int: bool,
        is_single: bool,
    },
    Float,
    Double,
    /// A number of single precision, as the double that is equal to it.
    Widened,
    Octets(Option<Logical>),
    Text(Option<Logical>),
    Fixed(usize, Option<Logical>),
    /// The value of each symbol.
    Enum(Box<[Value]>),
    List(OpId),
    Map(OpId),
    Union(Box<[OpId]>),
    Record(Box<RecordOp>),
}

/// How a record is read.
#[derive(Debug, Clone)]
pub(in crate::avro) struct RecordOp {
    /// What is done with the bytes of each field of the writer.
    pub(in crate::avro) steps: Box<[Step]>,
    /// The fields of the reader, in their order, with what those hold that were not written.
    pub(in crate::avro) fields: Box<[Listed]>,
    /// In which order those come that were written.
    pub(in crate::avro) order: Order,
    /// How many values it makes that no byte was written for, beside what stands in for fields.
    pub(in crate::avro) free: usize,
}

/// What is done with a field of the writer.
#[derive(Debug, Clone, Copy)]
pub(in crate::avro) enum Step {
    /// It becomes the field of this position.
    Read(usize, OpId),
    /// It is that field, which nobody wants: it is held against its type, and not built.
    Judge(usize, OpId),
    Skip(OpId),
}

impl Step {
    /// What reads its bytes.
    pub(in crate::avro) fn op(self) -> OpId {
        let (Self::Read(_, id) | Self::Judge(_, id) | Self::Skip(id)) = self;
        id
    }
}

static NOTHING: Op = Op::Null;

impl Plan {
    /// The plan that reads what was written with `writer` by `reader`.
    ///
    /// # Errors
    /// `C0202` for each reason why the one does not read everything of the other.
    pub(in crate::avro) fn new(writer: &Schema, reader: &Schema) -> Result<Self, Reports> {
        let found = incompatibilities(writer, reader);
        if !found.is_empty() {
            return Err(found.iter().map(super::Incompatibility::report).collect());
        }
        let mut compiler = Compiler {
            writer,
            reader,
            relation: Relation::new(writer, reader),
            ops: Vec::new(),
            known: HashMap::new(),
            open: Vec::new(),
        };
        let root = compiler.op(writer.root(), Some(reader.root()));
        while let Some((id, w, r)) = compiler.open.pop() {
            let op = compiler.compile(w, r);
            compiler.ops[id.at()] = op;
        }
        Ok(Self::finished(compiler.ops, root))
    }

    fn finished(ops: Vec<Op>, root: OpId) -> Self {
        let mut plan = Self { root, has_bytes: vec![false; ops.len()], ops };
        loop {
            let mut grew = false;
            for at in 0..plan.ops.len() {
                if !plan.has_bytes[at] && plan.reads_bytes(&plan.ops[at]) {
                    (plan.has_bytes[at], grew) = (true, true);
                }
            }
            if !grew {
                break;
            }
        }
        plan.count_free();
        plan
    }

    fn reads_bytes(&self, op: &Op) -> bool {
        match op {
            Op::Null => false,
            Op::Fixed(size, _) => *size > 0,
            Op::Record(record) => record.steps.iter().any(|step| self.has_bytes(step.op())),
            _ => true,
        }
    }

    fn count_free(&mut self) {
        let has_bytes = &self.has_bytes;
        for op in &mut self.ops {
            let Op::Record(record) = op else { continue };
            let is_free = |step: &&Step| matches!(step, Step::Read(_, id) if !has_bytes[id.at()]);
            record.free = record.steps.iter().filter(is_free).count();
        }
    }

    #[inline]
    pub(in crate::avro) fn op(&self, id: OpId) -> &Op {
        self.ops.get(id.at()).unwrap_or(&NOTHING)
    }

    /// Whether what `id` reads has at least a byte.
    pub(in crate::avro) fn has_bytes(&self, id: OpId) -> bool {
        self.has_bytes.get(id.at()).copied().unwrap_or(true)
    }
}

impl OpId {
    pub(super) fn at(self) -> usize {
        self.0 as usize
    }
}

/// A type of the writer, and that of the reader; none where it is skipped.
type Pair = (NodeId, Option<NodeId>);

struct Compiler<'s> {
    writer: &'s Schema,
    reader: &'s Schema,
    relation: Relation<'s>,
    ops: Vec<Op>,
    known: HashMap<Pair, OpId>,
    /// Operations that are numbered and not made yet: one after the other, so that no chain of types takes a deep stack.
    open: Vec<(OpId, NodeId, Option<NodeId>)>,
}

impl Compiler<'_> {
    fn op(&mut self, w: NodeId, r: Option<NodeId>) -> OpId {
        // The branch of a reader's union leaves no trace in values.
        let r = match r {
            Some(r) if !matches!(self.writer.form(w), Form::Union(_)) => {
                self.relation.branch(w, r, 0).or(Some(r))
            }
            r => r,
        };
        if let Some(id) = self.known.get(&(w, r)) {
            return *id;
        }
        let id = OpId(u32::try_from(self.ops.len()).unwrap_or(u32::MAX));
        self.ops.push(Op::Null);
        self.known.insert((w, r), id);
        self.open.push((id, w, r));
        id
    }

    fn compile(&mut self, w: NodeId, r: Option<NodeId>) -> Op {
        let writer = self.writer.node(w);
        let Some(reader) = r.map(|r| self.reader.node(r)) else { return self.skipped(w) };
        // What both say is told in the units that were written; else the reader decides.
        let logical = if reader.logical.is_some() && writer.logical.is_some() {
            writer.logical
        } else {
            reader.logical
        };
        match (&writer.form, &reader.form) {
            (Form::Union(branches), _) => {
                Op::Union(branches.iter().map(|branch| self.op(*branch, r)).collect())
            }
            (Form::Null, _) => Op::Null,
            (Form::Boolean, _) => Op::Bool,
            (Form::Int, Form::Float) => Op::Whole { is_int: true, is_single: true },
            (Form::Int, Form::Double) => Op::Whole { is_int: true, is_single: false },
            (Form::Int, _) => Op::Int(logical),
            (Form::Long, Form::Float) => Op::Whole { is_int: false, is_single: true },
            (Form::Long, Form::Double) => Op::Whole { is_int: false, is_single: false },
            (Form::Long, _) => Op::Long(logical),
            (Form::Float, Form::Double) => Op::Widened,
            (Form::Float, _) => Op::Float,
            (Form::Double, _) => Op::Double,
            (Form::Bytes | Form::String, Form::String) => Op::Text(reader.logical),
            (Form::Bytes | Form::String, _) => {
                Op::Octets(if writer.form == Form::Bytes { logical } else { reader.logical })
            }
            (Form::Fixed(fixed), _) => Op::Fixed(fixed.size, logical),
            (Form::Enum(written), Form::Enum(read)) => enumeration(written, read),
            (Form::Array(written), Form::Array(read)) => Op::List(self.op(*written, Some(*read))),
            (Form::Map(written), Form::Map(read)) => Op::Map(self.op(*written, Some(*read))),
            (Form::Record(written), Form::Record(read)) => self.record(written, read),
            // The types fit: nothing else is left.
            _ => self.skipped(w),
        }
    }

    /// What reads over a type.
    fn skipped(&mut self, w: NodeId) -> Op {
        match self.writer.form(w) {
            Form::Null => Op::Null,
            Form::Boolean => Op::Bool,
            Form::Int => Op::Int(None),
            Form::Long => Op::Long(None),
            Form::Float => Op::Float,
            Form::Double => Op::Double,
            Form::Bytes | Form::String => Op::Octets(None),
            Form::Fixed(fixed) => Op::Fixed(fixed.size, None),
            Form::Enum(symbols) => enumeration(symbols, symbols),
            Form::Array(item) => Op::List(self.op(*item, None)),
            Form::Map(value) => Op::Map(self.op(*value, None)),
            Form::Union(branches) => {
                Op::Union(branches.iter().map(|branch| self.op(*branch, None)).collect())
            }
            Form::Record(record) => {
                let steps = record.fields.iter().map(|field| Step::Skip(self.op(field.node, None))).collect();
                Op::Record(Box::new(RecordOp {
                    steps,
                    fields: Box::default(),
                    order: Order::Complete,
                    free: 0,
                }))
            }
        }
    }

    fn record(&mut self, written: &Record, read: &Record) -> Op {
        let mut slots = HashMap::new();
        let mut fields = Vec::with_capacity(read.fields.len());
        for (slot, (field, position)) in read.fields.iter().zip(counterparts(written, read)).enumerate() {
            let absent = match (position, &field.default) {
                // All that is written is there.
                (Some(position), _) => {
                    slots.insert(position, slot);
                    Absent::Missing
                }
                (None, Some(default)) => Absent::Default(default.clone()),
                (None, None) => Absent::Nothing,
            };
            fields.push(Listed::new(Key::String(field.name.clone()), absent));
        }
        let mut steps = Vec::with_capacity(written.fields.len());
        for (position, field) in written.fields.iter().enumerate() {
            steps.push(match slots.get(&position) {
                Some(slot) => Step::Read(*slot, self.op(field.node, Some(read.fields[*slot].node))),
                None => Step::Skip(self.op(field.node, None)),
            });
        }
        let order = order(&steps, fields.len());
        Op::Record(Box::new(RecordOp { steps: steps.into(), fields: fields.into(), order, free: 0 }))
    }
}

/// In which order those of so many fields come that are read.
pub(super) fn order(steps: &[Step], fields: usize) -> Order {
    let positions = steps.iter().filter_map(|step| match step {
        Step::Read(slot, _) => Some(*slot),
        Step::Judge(..) | Step::Skip(_) => None,
    });
    Order::of(positions, fields)
}

/// A symbol that the reader does not have is its default.
fn enumeration(written: &Enum, read: &Enum) -> Op {
    let value = |symbol: &Str| {
        let known = if read.symbols.contains(symbol) { Some(symbol) } else { read.default.as_ref() };
        Value::String(known.unwrap_or(symbol).clone())
    };
    Op::Enum(written.symbols.iter().map(value).collect())
}
