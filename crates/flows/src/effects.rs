//! What a batch does to the world: its effects as transactions and records.

use tenon_errors::Report;
use tenon_model::Str;
use tenon_plan::StepKind;
use tenon_ports::{Change, Record, Transaction};

use crate::{
    batch::{Effect, Output},
    merge::{Rules, merge_rows},
    program::{Lane, Program},
};

/// Carries out effects once, lane by lane, for callers that have somebody to report a failure to.
pub(crate) async fn carry_out(program: &Program, effects: &[Effect]) -> Result<(), Report> {
    for (lane, port) in program.lanes.iter().enumerate() {
        match port {
            Lane::Database(database) => {
                let changes = changes(program, lane, effects.iter());
                if !changes.is_empty() {
                    database.apply(Transaction { changes, ..Transaction::default() }).await?;
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

/// Whether `effects` happen in more than one step, between which a process may end.
pub(crate) fn are_in_parts(program: &Program, effects: &[Effect]) -> bool {
    let mut lanes = effects.iter().filter_map(|effect| program.bindings[effect.step].lane());
    lanes.next().is_some_and(|first| lanes.any(|lane| lane != first))
}

/// The changes that `effects` make in a database, in order. Rows of one table that follow each other are one change,
/// with aggregated rows of equal key merged.
pub(crate) fn changes<'a>(
    program: &Program,
    lane: usize,
    effects: impl Iterator<Item = &'a Effect>,
) -> Vec<Change> {
    let mut runs: Vec<(usize, Vec<&Output>)> = Vec::new();
    for effect in effects.filter(|effect| program.bindings[effect.step].lane() == Some(lane)) {
        match open_run(program, &runs, effect.step) {
            Some(at) => runs[at].1.push(&effect.output),
            None => runs.push((effect.step, vec![&effect.output])),
        }
    }
    runs.into_iter().filter_map(|(step, outputs)| change(&program.flow.steps[step].kind, &outputs)).collect()
}

/// The run that an output of `step` joins: the last one of the same step, unless another step has written the same table
/// since. Order between different tables does not matter inside a transaction.
fn open_run(program: &Program, runs: &[(usize, Vec<&Output>)], step: usize) -> Option<usize> {
    let name = |step: usize| program.flow.steps[step].kind.writes().map(|table| &table.name);
    let last = runs.iter().rposition(|(other, _)| name(*other) == name(step))?;
    (runs[last].0 == step).then_some(last)
}

fn change(kind: &StepKind, outputs: &[&Output]) -> Option<Change> {
    let table = Str::new(kind.writes()?.name.as_str());
    let row = |output: &&Output| if let Output::Row(row) = output { Some(row.clone()) } else { None };
    let key = |output: &&Output| if let Output::Key(key) = output { Some(key.clone()) } else { None };
    match kind {
        StepKind::Upsert { .. } => {
            Some(Change::Upsert { table, rows: outputs.iter().filter_map(row).collect() })
        }
        StepKind::Aggregate(aggregate) => {
            let schema = &aggregate.table.schema;
            let columns: Vec<Str> =
                schema.key.iter().map(|column| schema.columns[*column].name.clone()).collect();
            let rows = outputs.iter().filter_map(row).collect();
            let merges = aggregate.merges.clone();
            let rules = |measure: &Str| match schema.column(measure) {
                _ if schema.whole.is_some() => Rules::Others,
                Some((_, column)) => Rules::of(column),
                None => Rules::None,
            };
            let rules: Vec<Rules> = merges.iter().map(|(measure, _)| rules(measure)).collect();
            Some(Change::Aggregate { table, rows: merge_rows(rows, &columns, (&merges, &rules)), merges })
        }
        StepKind::Delete(_) => Some(Change::Delete { table, keys: outputs.iter().filter_map(key).collect() }),
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
