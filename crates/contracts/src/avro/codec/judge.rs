//! Values that nobody wants: held against their type without being built. What is told of them is what reading them would tell.

use super::{decode::Run, trouble::Trouble};
use crate::avro::resolve::{Op, OpId, RecordOp, Step};

type Result<T, E = Trouble> = std::result::Result<T, E>;

impl Run<'_, '_> {
    /// Holds a value against its type.
    pub(super) fn judge(&mut self, id: OpId, depth: usize) -> Result<()> {
        match self.plan.op(id) {
            Op::Octets(None) => self.cursor.octets().map(drop),
            Op::Text(None) => self.cursor.text().map(drop),
            Op::Fixed(size, None) => self.cursor.take(*size).map(drop),
            Op::Enum(symbols) => self.position(symbols.len(), "symbols").map(drop),
            Op::Union(branches) => {
                let branch = branches[self.position(branches.len(), "branches")?];
                self.judge(branch, depth)
            }
            Op::List(item) => self.judge_list(*item, self.deeper(depth)?),
            Op::Map(value) => self.judge_map(*value, self.deeper(depth)?),
            Op::Record(record) => self.judge_record(record, self.deeper(depth)?),
            _ => self.value(id, depth).map(drop),
        }
    }

    fn judge_list(&mut self, item: OpId, depth: usize) -> Result<()> {
        let has_bytes = self.plan.has_bytes(item);
        let mut at = 0;
        while let Some((count, _)) = self.cursor.block(has_bytes)? {
            if !has_bytes {
                self.cursor.charge(count)?;
            }
            for _ in 0..count {
                self.judge(item, depth).map_err(|trouble| trouble.item(at))?;
                at += 1;
            }
        }
        Ok(())
    }

    fn judge_map(&mut self, value: OpId, depth: usize) -> Result<()> {
        while let Some((count, _)) = self.cursor.block(true)? {
            for _ in 0..count {
                let key = self.cursor.text()?;
                self.judge(value, depth).map_err(|trouble| trouble.field(key))?;
            }
        }
        Ok(())
    }

    fn judge_record(&mut self, record: &RecordOp, depth: usize) -> Result<()> {
        if record.free > 0 {
            self.cursor.charge(record.free)?;
        }
        for step in &record.steps {
            match step {
                Step::Read(slot, id) | Step::Judge(slot, id) => {
                    self.judge(*id, depth).map_err(|trouble| trouble.field(record.fields[*slot].name()))?;
                }
                Step::Skip(id) => self.skip(*id, depth)?,
            }
        }
        // Of what was written nothing can stand in for it.
        Ok(self.builder.pass(record.fields.iter())?)
    }
}
