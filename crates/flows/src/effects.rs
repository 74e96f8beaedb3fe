//! What a batch does to the world: its effects as transactions and records.

use tenon_errors::Report;
use tenon_model::{Str, Value};
use tenon_plan::StepKind;
use tenon_ports::{Change, Record, Transaction};

use crate::{
    batch::{Effect, Output},
    merge::merge_rows,
    program::{Lane, Program},
};

/// Carries out effects once, lane by lane, for callers that have somebody to report a failure to.
pub(crate) async fn carry_out(program: &Program, effects: &[Effect]) -> Result<(), Report> {
    for (lane, port) in program.lanes.iter().enumerate() {
        match port {
            Lane::Database(database) => {
                let changes = changes(program, lane, effects.iter());
                if !changes.is_empty() {
                    database.apply(Transaction { changes, position: None }).await?;
                }
            }
            Lane::Topic(_, topic) => {
                let records: Vec<Record> = records(program, lane, effects).cloned().collect();
                if !records.is_empty() {
                    topic.publish(records).await?;
                }
            }
        }
    }
    Ok(())
}

/// The changes that `effects` make in a database, in order. Rows of one table that follow each other are one change,
/// with aggregated rows of equal key merged.
pub(crate) fn changes<'a>(
    program: &Program,
    lane: usize,
    effects: impl Iterator<Item = &'a Effect>,
) -> Vec<Change> {
    let mut runs: Vec<(usize, Vec<Value>)> = Vec::new();
    for effect in effects.filter(|effect| program.bindings[effect.step].lane() == Some(lane)) {
        let Output::Row(row) = &effect.output else { continue };
        match open_run(program, &runs, effect.step) {
            Some(at) => runs[at].1.push(row.clone()),
            None => runs.push((effect.step, vec![row.clone()])),
        }
    }
    runs.into_iter().filter_map(|(step, rows)| change(&program.flow.steps[step].kind, rows)).collect()
}

/// The run that a row of `step` joins: the last one of the same step, unless another step has written the same table
/// since. Order between different tables does not matter inside a transaction.
fn open_run(program: &Program, runs: &[(usize, Vec<Value>)], step: usize) -> Option<usize> {
    let name = |step: usize| program.flow.steps[step].kind.writes().map(|table| &table.name);
    let last = runs.iter().rposition(|(other, _)| name(*other) == name(step))?;
    (runs[last].0 == step).then_some(last)
}

fn change(kind: &StepKind, rows: Vec<Value>) -> Option<Change> {
    match kind {
        StepKind::Upsert { table, .. } => Some(Change::Upsert { table: Str::new(table.name.as_str()), rows }),
        StepKind::Aggregate(aggregate) => {
            let schema = &aggregate.table.schema;
            let key: Vec<Str> =
                schema.key.iter().map(|column| schema.columns[*column].name.clone()).collect();
            Some(Change::Aggregate {
                table: Str::new(aggregate.table.name.as_str()),
                rows: merge_rows(rows, &key, &aggregate.merges),
                merges: aggregate.merges.clone(),
            })
        }
        _ => None,
    }
}

/// The records that `effects` publish to a topic, in order.
pub(crate) fn records<'a>(
    program: &Program,
    lane: usize,
    effects: &'a [Effect],
) -> impl Iterator<Item = &'a Record> {
    effects.iter().filter_map(move |effect| match &effect.output {
        Output::Record(record) if program.bindings[effect.step].lane() == Some(lane) => Some(record),
        _ => None,
    })
}
