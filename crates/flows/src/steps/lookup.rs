//! `lookup`: the row of a table with a key made from the message joins the frame (content enricher).

use tenon_errors::{Report, catalogue::delivery::LOOKUP_MISSED};
use tenon_model::Value;
use tenon_plan::{Lookup, Missing};
use tenon_ports::Database;

use super::{At, unbound};
use crate::{
    batch::{Batch, Failure, Item, Next, Outcome, of_one_message},
    keys::Distinct,
    program::Binding,
};

/// Asks for each distinct key of the batch once.
pub(crate) async fn run(lookup: &Lookup, at: At<'_>, batch: &mut Batch) -> Result<(), Report> {
    let Binding::Reads(database) = at.binding else { return Err(unbound()) };
    let (wanted, keys) = keys(lookup, at.step, batch);
    let rows = match all(lookup, database.as_ref(), keys).await? {
        Some(rows) => rows,
        None => {
            let (_, keys) = self::keys(lookup, at.step, batch);
            one_by_one(lookup, database.as_ref(), keys).await?
        }
    };
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

/// The distinct keys of a batch, and for each message that has one, which of them is its.
fn keys(lookup: &Lookup, step: usize, batch: &mut Batch) -> (Vec<Option<usize>>, Vec<Vec<Value>>) {
    let mut distinct = Distinct::default();
    let mut wanted = Vec::with_capacity(batch.items.len());
    batch.each(step, |item, _| {
        wanted.push(key(lookup, item)?.map(|key| distinct.number(key)));
        Ok(Next::On)
    });
    (wanted, distinct.into_keys())
}

/// A row for each key, or why the database refuses that key.
type Rows = Vec<Result<Option<Value>, Report>>;

/// The rows of all keys; `None` where the database refuses one of them.
async fn all(
    lookup: &Lookup,
    database: &dyn Database,
    keys: Vec<Vec<Value>>,
) -> Result<Option<Rows>, Report> {
    let count = keys.len();
    if count == 0 {
        return Ok(Some(Vec::new()));
    }
    match database.get(&lookup.table.name, keys).await {
        Ok(rows) if rows.len() == count => Ok(Some(rows.into_iter().map(Ok).collect())),
        Ok(_) => Err(unbound()),
        Err(report) if !of_one_message(&report) => Err(report),
        Err(_) => Ok(None),
    }
}

/// Some key is refused: asking one by one finds out which, so that the others go on.
async fn one_by_one(lookup: &Lookup, database: &dyn Database, keys: Vec<Vec<Value>>) -> Result<Rows, Report> {
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
fn key(lookup: &Lookup, item: &Item) -> Result<Option<Vec<Value>>, Report> {
    let mut key = Vec::with_capacity(lookup.key.len());
    for part in &lookup.key {
        match part.evaluate(&item.frame)? {
            None | Some(Value::Null) => return Ok(None),
            Some(value) => key.push(value),
        }
    }
    Ok(Some(key))
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
