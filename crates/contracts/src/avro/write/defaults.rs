//! Defaults of fields, which are held against their types when all types are complete.

use super::Writer;
use crate::avro::{
    codec::json::keeps_default,
    schema::{Form, NodeId, Schema},
};

/// A default that nobody has looked at yet.
pub(super) struct Pending {
    pub(super) record: NodeId,
    pub(super) field: usize,
    pub(super) path: String,
}

impl Writer {
    /// Leaves out the defaults that do not come back as they were: what is not of the type, and what another alternative takes.
    pub(super) fn hold_defaults(&mut self) {
        let schema = Schema::new(self.nodes.all().to_vec(), NodeId::default());
        for Pending { record, field, path } in std::mem::take(&mut self.defaults) {
            let Form::Record(of) = schema.form(record) else { continue };
            let Some((node, value)) =
                of.fields.get(field).and_then(|it| it.default.as_ref().map(|value| (it.node, value)))
            else {
                continue;
            };
            let kept = match schema.form(node) {
                // Readers before 1.12 take the default of a union for one of its first branch.
                Form::Union(branches) => branches
                    .iter()
                    .position(|branch| keeps_default(&schema, *branch, value))
                    .map(|at| self.with_first(branches, at)),
                _ => Some(node).filter(|_| keeps_default(&schema, node, value)),
            };
            if kept.is_none() {
                self.lose(&path, "has a default that its type does not have there");
            }
            if let Some(record) = self.nodes.get_mut(record)
                && let Form::Record(record) = &mut record.form
                && let Some(field) = record.fields.get_mut(field)
            {
                match kept {
                    Some(node) => field.node = node,
                    None => field.default = None,
                }
            }
        }
    }

    fn with_first(&mut self, branches: &[NodeId], at: usize) -> NodeId {
        let mut branches = branches.to_vec();
        branches[..=at].rotate_right(1);
        self.add(Form::Union(branches))
    }
}
