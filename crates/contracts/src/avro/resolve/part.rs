//! The part of a plan that somebody wants: what else is written is held against its type, and not built.

use tenon_model::Str;

use super::plan::{self, Op, OpId, Plan, Step};

impl Plan {
    /// The same, which builds of records the fields that `paths` lead to, and what is in them. Lists and what may be null are passed
    /// through; what is in a map, or of one of several types, is read whole.
    pub(in crate::avro) fn part(&self, paths: &[Vec<Str>]) -> Self {
        let paths: Vec<&[Str]> = paths.iter().map(Vec::as_slice).collect();
        let mut part = self.clone();
        part.root = part.part_of(self.root, &paths);
        part
    }

    /// A copy of an operation that reads what `paths` lead to; the original is left to whoever reads all of it. As deep as the paths are.
    fn part_of(&mut self, id: OpId, paths: &[&[Str]]) -> OpId {
        if paths.iter().any(|path| path.is_empty()) {
            return id;
        }
        let copy = match self.op(id).clone() {
            Op::List(item) => Op::List(self.part_of(item, paths)),
            Op::Union(mut branches) => {
                let mut others = branches.iter_mut().filter(|branch| !matches!(self.op(**branch), Op::Null));
                let (Some(only), None) = (others.next(), others.next()) else { return id };
                *only = self.part_of(*only, paths);
                Op::Union(branches)
            }
            Op::Record(mut record) => {
                let below = |name: &str| -> Vec<&[Str]> {
                    let split = paths.iter().filter_map(|path| path.split_first());
                    split.filter(|(first, _)| *first == name).map(|(_, rest)| rest).collect()
                };
                for field in &mut record.fields {
                    field.is_wanted = !below(field.name()).is_empty();
                }
                for step in &mut record.steps {
                    let Step::Read(slot, op) = *step else { continue };
                    let field = &record.fields[slot];
                    *step = match field.is_wanted {
                        true => Step::Read(slot, self.part_of(op, &below(field.name()))),
                        false => Step::Judge(slot, op),
                    };
                }
                record.order = plan::order(&record.steps, record.fields.len());
                Op::Record(record)
            }
            _ => return id,
        };
        let new = OpId(u32::try_from(self.ops.len()).unwrap_or(u32::MAX));
        self.has_bytes.push(self.has_bytes(id));
        self.ops.push(copy);
        new
    }
}
