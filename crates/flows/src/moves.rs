//! Which keys messages write, where it matters which of them comes last: rows that are replaced or removed, measures that
//! keep the last value, and records with a key.

use jiff::Timestamp;
use tenon_contracts::{json, key};
use tenon_model::{Name, Str, Value};
use tenon_plan::{StepKind, Table};
use tenon_ports::{Change, Merge, Moves, Record, input::digest};

use crate::{
    batch::{Batch, Effect, Output},
    counting::table_name,
    program::Program,
};

/// A key that is written: the table, as `system.table`, or the topic that it is one of, and the digest of both.
pub(crate) type Written = (Str, u64);

/// The digest of what `effect` writes, if its order among others of its flow counts.
pub(crate) fn key_of(program: &Program, effect: &Effect) -> Option<u64> {
    match &program.flow.steps[effect.step].kind {
        StepKind::Aggregate(it) if it.merges.iter().all(|(_, merge)| *merge != Merge::Last) => None,
        kind => written(kind, &effect.output).map(|(_, key)| key),
    }
}

/// What an output of a step of this kind writes.
pub(crate) fn written(kind: &StepKind, output: &Output) -> Option<Written> {
    match (kind, output) {
        (StepKind::Publish { topic, .. }, Output::Record(record)) => of_record(&topic.name, record),
        (kind, output) => Some(of_row(kind.writes()?, &row_key(kind, output))),
    }
}

/// What `record` writes in `topic`, if it has a key.
pub(crate) fn of_record(topic: &Name, record: &Record) -> Option<Written> {
    let key = digest(&format!("{topic}\n{}", record.key.as_ref()?));
    Some((topic.as_str().into(), key))
}

/// What is written in `table` under `key`.
fn of_row(table: &Table, key: &[Value]) -> Written {
    let place = table_name(table);
    let mut text = place.to_string();
    for part in key {
        text.push('\n');
        text.push_str(&key::json(part));
    }
    (place, digest(&text))
}

/// What `change` writes in `table`.
pub(crate) fn of_change(table: &Table, change: &Change) -> Vec<Written> {
    match change {
        Change::Upsert { rows, .. } | Change::Aggregate { rows, .. } => {
            rows.iter().map(|row| of_row(table, &key_columns(table, row))).collect()
        }
        Change::Delete { keys, .. } => keys.iter().map(|key| of_row(table, key)).collect(),
    }
}

/// Whether `effect` replaces what is there, so that an older message must not do it. A measure is only kept as it is.
pub(crate) fn replaces(program: &Program, effect: &Effect) -> bool {
    !matches!(program.flow.steps[effect.step].kind, StepKind::Aggregate(_))
}

/// What `effect` writes, as people read it.
pub(crate) fn shown(program: &Program, effect: &Effect) -> String {
    let kind = &program.flow.steps[effect.step].kind;
    let place = match (kind.writes(), kind.publishes()) {
        (Some(table), _) => table.name.as_str(),
        (None, Some(topic)) => topic.name.as_str(),
        (None, None) => "",
    };
    match &effect.output {
        Output::Record(record) => {
            format!("key `{}` of the topic `{place}`", record.key.as_deref().unwrap_or_default())
        }
        output => {
            let key: Vec<_> = row_key(kind, output).iter().map(json::to_string).collect();
            format!("row {} of the table `{place}`", key.join(", "))
        }
    }
}

/// The values of the key of the row that is written.
pub(crate) fn row_key(kind: &StepKind, output: &Output) -> Vec<Value> {
    match (output, kind.writes()) {
        (Output::Row(row), Some(table)) => key_columns(table, row),
        (Output::Key(key), _) => key.clone(),
        _ => Vec::new(),
    }
}

fn key_columns(table: &Table, row: &Value) -> Vec<Value> {
    let schema = &table.schema;
    let column = |at: &usize| row.get(&schema.columns[*at].name).cloned().unwrap_or_default();
    schema.key.iter().map(column).collect()
}

/// What the messages of a batch write.
pub(crate) fn of_batch(program: &Program, stream: &Str, batch: &Batch, at: Timestamp) -> Option<Moves> {
    let keys: Vec<_> = with_offsets(batch)
        .filter_map(|(effect, offset)| key_of(program, effect).map(|key| (key, offset)))
        .collect();
    (!keys.is_empty()).then(|| Moves { stream: digest(stream), at, keys })
}

/// The effects of a batch, each with the offset of its message.
pub(crate) fn with_offsets(batch: &Batch) -> impl Iterator<Item = (&Effect, u64)> {
    let mut items = batch.items.iter().peekable();
    batch.effects.iter().filter_map(move |effect| {
        while items.next_if(|item| item.index < effect.index).is_some() {}
        items.peek().map(|item| (effect, item.origin.position.offset))
    })
}
