//! Which keys messages write, where it matters which of them comes last: rows that are replaced or removed, measures that
//! keep the last value, and records with a key.

use tenon_contracts::{json, key};
use tenon_model::{Str, Value};
use tenon_plan::StepKind;
use tenon_ports::{Merge, Moves, input::digest};

use crate::{
    batch::{Batch, Effect, Output},
    counting::table_name,
    program::Program,
};

/// The digest of what `effect` writes, if its order among others counts.
pub(crate) fn key_of(program: &Program, effect: &Effect) -> Option<u64> {
    let kind = &program.flow.steps[effect.step].kind;
    let mut text = String::new();
    match (kind, &effect.output) {
        (StepKind::Publish { topic, .. }, Output::Record(record)) => {
            text.push_str(&topic.name);
            text.push('\n');
            text.push_str(record.key.as_ref()?);
        }
        (StepKind::Aggregate(it), _) if it.merges.iter().all(|(_, merge)| *merge != Merge::Last) => {
            return None;
        }
        (kind, output) => {
            text.push_str(&table_name(kind.writes()?));
            for part in row_key(kind, output) {
                text.push('\n');
                text.push_str(&key::json(&part));
            }
        }
    }
    Some(digest(&text))
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
        (Output::Row(row), Some(table)) => {
            let schema = &table.schema;
            let column = |at: &usize| row.get(&schema.columns[*at].name).cloned().unwrap_or_default();
            schema.key.iter().map(column).collect()
        }
        (Output::Key(key), _) => key.clone(),
        _ => Vec::new(),
    }
}

/// What the messages of a batch write.
pub(crate) fn of_batch(program: &Program, stream: &Str, batch: &Batch, at: jiff::Timestamp) -> Option<Moves> {
    let mut items = batch.items.iter().peekable();
    let mut keys = Vec::new();
    for effect in &batch.effects {
        while items.peek().is_some_and(|item| item.index < effect.index) {
            items.next();
        }
        if let (Some(item), Some(key)) = (items.peek(), key_of(program, effect)) {
            keys.push((key, item.origin.position.offset));
        }
    }
    (!keys.is_empty()).then(|| Moves { stream: digest(stream), at, keys })
}
