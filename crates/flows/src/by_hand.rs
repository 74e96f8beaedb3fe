//! Running values that a flow keeps by hand: it looks a row up, and writes the row again with what it makes of both the row and the
//! message, as in `old.total + sale.amount`. Such a message counts again when it is processed again, as one that is aggregated.

use std::sync::Arc;

use tenon_mapping::{Lineage, Path};
use tenon_model::Name;
use tenon_plan::{Flow, Lookup, StepKind, Table};

/// What stands in one slot of a flow's frame.
enum Slot {
    /// The row that a lookup of this table has found.
    Row(Name),
    /// A value that is made of these.
    Value(Vec<Path>),
    /// A message that a `map` step has made.
    Made(Vec<Lineage>),
}

/// The tables whose rows `flow` replaces by what it makes of those rows. One that only copies a column into the same column leaves
/// it as it is; whatever else is made of a row is taken for something that changes with each repeat.
pub(crate) fn added_to(flow: &Flow) -> Vec<&Arc<Table>> {
    let mut slots = Slots((0..flow.variables.len()).map(|_| None).collect());
    let mut tables: Vec<&Arc<Table>> = Vec::new();
    for step in &flow.steps {
        match &step.kind {
            StepKind::Lookup(Lookup { table, slot, .. }) => slots.fill(*slot, Slot::Row(table.name.clone())),
            StepKind::Let(values) => {
                for (slot, value) in values {
                    slots.fill(*slot, Slot::Value(value.reads().to_vec()));
                }
            }
            StepKind::Each { list, slot } => slots.fill(*slot, Slot::Value(list.reads().to_vec())),
            StepKind::Map { mapping, slot, .. } => slots.fill(*slot, Slot::Made(mapping.lineage())),
            StepKind::Upsert { table, slot } => {
                let is_known = tables.iter().any(|it| it.name == table.name);
                if !is_known && slots.writes_what_it_reads(*slot, &table.name) {
                    tables.push(table);
                }
            }
            StepKind::Filter(_)
            | StepKind::Reject(_)
            | StepKind::Publish { .. }
            | StepKind::Aggregate(_)
            | StepKind::Delete(_)
            | StepKind::Log(_) => {}
        }
    }
    tables
}

/// What stands where, before a step.
struct Slots(Vec<Option<Slot>>);

impl Slots {
    fn fill(&mut self, slot: usize, content: Slot) {
        if let Some(place) = self.0.get_mut(slot) {
            *place = Some(content);
        }
    }

    fn at(&self, slot: usize) -> Option<&Slot> {
        self.0.get(slot).and_then(Option::as_ref)
    }

    /// Whether what stands in `slot` and is written to `table` was made of a row of that table.
    fn writes_what_it_reads(&self, slot: usize, table: &Name) -> bool {
        match self.at(slot) {
            Some(Slot::Made(fields)) => fields.iter().any(|line| {
                !self.is_copy(line, table) && line.sources.iter().any(|source| self.comes_from(source, table))
            }),
            Some(Slot::Value(sources)) => sources.iter().any(|source| self.comes_from(source, table)),
            // A row that is written as it was found is what it was.
            Some(Slot::Row(_)) | None => false,
        }
    }

    /// Whether a field is the same column of a row of `table`, as it is.
    fn is_copy(&self, line: &Lineage, table: &Name) -> bool {
        let [source] = line.sources.as_slice() else { return false };
        let Some((slot, _)) = &source.variable else { return false };
        let is_of_row = matches!(self.at(*slot), Some(Slot::Row(of)) if of == table);
        is_of_row && source.steps == line.target.steps && source.to_string() == line.text.as_str()
    }

    /// Whether `path` leads to a row of `table`. Steps read what earlier steps have filled, so this ends.
    fn comes_from(&self, path: &Path, table: &Name) -> bool {
        let Some((slot, _)) = &path.variable else { return false };
        let any = |sources: &[Path]| sources.iter().any(|source| self.comes_from(source, table));
        match self.at(*slot) {
            Some(Slot::Row(of)) => of == table,
            Some(Slot::Value(sources)) => any(sources),
            Some(Slot::Made(fields)) => {
                let is_read = |line: &&Lineage| {
                    let (made, read) = (&line.target.steps, &path.steps);
                    made.starts_with(read) || read.starts_with(made)
                };
                fields.iter().filter(is_read).any(|line| any(&line.sources))
            }
            None => false,
        }
    }
}
