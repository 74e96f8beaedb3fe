//! Which keys messages write, where it matters which of them comes last: rows that are replaced or removed, measures that
//! keep the last value, and records with a key.

use jiff::Timestamp;
use tenon_contracts::{json, key};
use tenon_model::{Name, Str, Value};
use tenon_plan::{StepKind, Table};
use tenon_ports::{
    Change, Merge, Moves, Record,
    input::{digest, digest_of},
};

use crate::{
    batch::{Batch, Effect, Output},
    counting::table_name,
    program::Program,
};

/// A key that is written: the table, as `system.table`, or the topic that it is one of, and the digest of both.
pub(crate) type Written = (Str, u64);

/// The digests of what `effect` writes, where its order among others of its flow counts.
pub(crate) fn keys_of(program: &Program, effect: &Effect) -> impl Iterator<Item = u64> {
    let kind = &program.flow.steps[effect.step].kind;
    let is_ordered = match kind {
        StepKind::Aggregate(it) => it.merges.iter().any(|(_, merge)| *merge == Merge::Last),
        _ => true,
    };
    is_ordered.then(|| written(kind, &effect.output)).into_iter().flatten().map(|(_, key)| key)
}

/// What an output of a step of this kind writes. Where it removes a row, that has a key beside that of the row: a measure
/// follows whatever was written, and not what was removed.
pub(crate) fn written(kind: &StepKind, output: &Output) -> impl Iterator<Item = Written> + use<> {
    let (first, second) = match (kind, output) {
        (StepKind::Publish { topic, .. }, Output::Record(record)) => (of_record(&topic.name, record), None),
        (kind, output) => {
            let key = row_key(kind, output);
            let removed = matches!(kind, StepKind::Delete(_));
            let row = |removed| kind.writes().map(|table| of_row(table, &key, removed));
            (row(false), removed.then(|| row(true)).flatten())
        }
    };
    first.into_iter().chain(second)
}

/// What `effect` writes, as [`written`] has it, and what a removal of the same row would write.
pub(crate) fn row_and_removal(program: &Program, effect: &Effect) -> Option<(u64, u64)> {
    let kind = &program.flow.steps[effect.step].kind;
    let (table, key) = (kind.writes()?, row_key(kind, &effect.output));
    Some((of_row(table, &key, false).1, of_row(table, &key, true).1))
}

/// What `record` writes in `topic`, if it has a key.
pub(crate) fn of_record(topic: &Name, record: &Record) -> Option<Written> {
    let key = digest_of(&[topic.as_str(), "\n", record.key.as_ref()?]);
    Some((topic.as_str().into(), key))
}

/// What is written in `table` under `key`, or that it is removed.
fn of_row(table: &Table, key: &[Value], removed: bool) -> Written {
    let place = table_name(table);
    let mut text = place.to_string();
    for part in key {
        text.push('\n');
        text.push_str(&key::json(part));
    }
    // No key as JSON begins like this.
    if removed {
        text.push_str("\n(removed)");
    }
    (place, digest(&text))
}

/// What `change` writes in `table`.
pub(crate) fn of_change(table: &Table, change: &Change) -> Vec<Written> {
    match change {
        Change::Upsert { rows, .. } | Change::Aggregate { rows, .. } => {
            rows.iter().map(|row| of_row(table, &key_columns(table, row), false)).collect()
        }
        Change::Delete { keys, .. } => {
            keys.iter().flat_map(|key| [false, true].map(|removed| of_row(table, key, removed))).collect()
        }
    }
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
        .flat_map(|(effect, offset)| keys_of(program, effect).map(move |key| (key, offset)))
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
