//! `lookup`: the row of a table with a key made from the message joins the frame (content enricher).

use std::collections::HashMap;

use tenon_errors::{Report, catalogue::delivery::LOOKUP_MISSED};
use tenon_model::Value;
use tenon_plan::{Lookup, Missing};
use tenon_ports::Database;

use super::{At, unbound};
use crate::{
    batch::{Batch, Failure, Item, Next, Outcome, of_one_message},
    keys::ValueKey,
    program::Binding,
};

/// Asks for each distinct key of the batch once.
#[expect(clippy::mutable_key_type, reason = "the index inside a map is a cache that hashing does not see")]
pub(crate) async fn run(lookup: &Lookup, at: At<'_>, batch: &mut Batch) -> Result<(), Report> {
    let Binding::Reads(database) = at.binding else { return Err(unbound()) };
    let mut distinct: HashMap<ValueKey, usize> = HashMap::new();
    let mut keys: Vec<Vec<Value>> = Vec::new();
    let mut wanted: Vec<Option<usize>> = Vec::with_capacity(batch.items.len());
    batch.each(at.step, |item, _| {
        let found = key(lookup, item)?.map(|key| {
            *distinct.entry(key).or_insert_with_key(|key| {
                keys.push(key.0.clone());
                keys.len() - 1
            })
        });
        wanted.push(found);
        Ok(Next::On)
    });
    let rows = rows(lookup, database.as_ref(), keys).await?;
    let going = batch.items.iter_mut().filter(|item| item.is_going());
    for (item, wanted) in going.zip(wanted) {
        match wanted.map(|at| &rows[at]) {
            Some(Ok(Some(row))) => item.frame.values[lookup.slot] = row.clone(),
            Some(Ok(None)) | None => miss(lookup, at.step, item),
            Some(Err(report)) => item.fail(at.step, report.clone()),
        }
    }
    Ok(())
}

/// The row of each key, or why the database refuses that key.
async fn rows(
    lookup: &Lookup,
    database: &dyn Database,
    keys: Vec<Vec<Value>>,
) -> Result<Vec<Result<Option<Value>, Report>>, Report> {
    if keys.is_empty() {
        return Ok(Vec::new());
    }
    match database.get(&lookup.table.name, keys.clone()).await {
        Ok(rows) if rows.len() == keys.len() => return Ok(rows.into_iter().map(Ok).collect()),
        Ok(_) => return Err(unbound()),
        Err(report) if !of_one_message(&report) => return Err(report),
        Err(_) => {}
    }
    // Some key is refused: asking one by one finds out which, so that the others go on.
    let mut rows = Vec::with_capacity(keys.len());
    for key in keys {
        match database.get(&lookup.table.name, vec![key]).await {
            Ok(row) => rows.push(Ok(row.into_iter().next().flatten())),
            Err(report) if !of_one_message(&report) => return Err(report),
            Err(report) => rows.push(Err(report)),
        }
    }
    Ok(rows)
}

/// The key of a message; nothing if a part of it is absent.
fn key(lookup: &Lookup, item: &Item) -> Result<Option<ValueKey>, Report> {
    let mut key = Vec::with_capacity(lookup.key.len());
    for part in &lookup.key {
        match part.evaluate(&item.frame)? {
            None | Some(Value::Null) => return Ok(None),
            Some(value) => key.push(value),
        }
    }
    Ok(Some(ValueKey(key)))
}

fn miss(lookup: &Lookup, step: usize, item: &mut Item) {
    match lookup.missing {
        Missing::None => item.frame.values[lookup.slot] = Value::Null,
        Missing::Reject => item.fail(step, missed(lookup, item)),
        Missing::Retry => {
            item.outcome = Outcome::Waiting(Failure { step: Some(step), report: missed(lookup, item) });
        }
    }
}

/// Which row was looked for. Values of sensitive columns are not shown.
fn missed(lookup: &Lookup, item: &Item) -> Report {
    let (table, schema) = (&lookup.table, &lookup.table.schema);
    let parts: Vec<String> = lookup
        .key
        .iter()
        .zip(&schema.key)
        .map(|(part, column)| {
            let name = &schema.columns[*column].name;
            let sensitive = table.contract.shape.field(name).is_some_and(|field| field.sensitivity.is_some());
            match part.evaluate(&item.frame) {
                _ if sensitive => format!("{name} (hidden)"),
                Ok(Some(value)) => format!("{name} {value}"),
                Ok(None) | Err(_) => format!("{name} absent"),
            }
        })
        .collect();
    let report = Report::new(lookup.code, format!("`{}` has no row with {}", table.name, parts.join(", ")));
    // A kind of refusal is for callers, who can do nothing about the table.
    if lookup.code != &LOOKUP_MISSED {
        return report;
    }
    report.hint(format!(
        "load the row into `{}` and replay, or write `missing: none` and handle its absence",
        table.name
    ))
}
