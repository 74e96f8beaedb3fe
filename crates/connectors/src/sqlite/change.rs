//! Changes of rows: inserted, replaced, merged and removed.

use rusqlite::{CachedStatement, Connection};
use tenon_contracts::sql::ColumnType;
use tenon_errors::{
    Report,
    catalogue::data::{MISSING_FIELD, OUT_OF_BOUNDS, WRONG_KIND},
};
use tenon_model::{Map, Str, Value, map::Hint};
use tenon_ports::{Change, Merge};

use super::{
    average::Averages,
    merge,
    table::{Table, key_condition, quoted},
    value,
};

/// Makes `change`, which is one of `table`.
///
/// # Errors
/// That of the first row that fails, with its position as the path: `/rows/12/email`.
pub(crate) fn make(table: &Table, connection: &Connection, change: &Change) -> Result<(), Report> {
    match change {
        Change::Upsert { rows, .. } => {
            let sql = insert_sql(table, |_, name| format!("excluded.{name}"));
            let mut statement = table.prepared(connection, &sql)?;
            rows.iter().enumerate().try_for_each(|(position, row)| {
                record(row)
                    .and_then(|row| insert(table, &mut statement, row))
                    .map_err(|e| at_row(e, position))
            })
        }
        Change::Aggregate { rows, merges, .. } => aggregate(table, connection, rows, merges),
        Change::Delete { keys, .. } => delete(table, connection, keys),
    }
}

fn aggregate(
    table: &Table,
    connection: &Connection,
    rows: &[Value],
    merges: &[(Str, Merge)],
) -> Result<(), Report> {
    let merged_here = merge::inexact_in_sql(table, merges);
    let held = quoted(&table.schema.name);
    let sql = insert_sql(table, |column, name| {
        let merge = merges.iter().find(|(measure, _)| measure == column).map(|(_, merge)| *merge);
        let is_merged_here = merged_here.iter().any(|(measure, _)| measure == column);
        let merge = if is_merged_here { Some(Merge::Last) } else { merge };
        merge::expression(merge, &format!("{held}.{name}"), &format!("excluded.{name}"))
    });
    let sql = if table.is_judged() { format!("{sql} RETURNING {}", table.columns) } else { sql };
    let averages = Averages::of(table, connection, merges)?;
    let mut statement = table.prepared(connection, &sql)?;
    rows.iter().enumerate().try_for_each(|(position, row)| {
        let mut merge = || {
            let row = record(row)?;
            if merged_here.is_empty() {
                return insert(table, &mut statement, row)
                    .map_err(|report| overflow(table, connection, row, merges).unwrap_or(report));
            }
            // The transaction keeps other writers away between reading and writing.
            let held = row_held(table, connection, row)?;
            let mut merged = match &held {
                Some(held) => merge::merged(table, held, row, &merged_here)?,
                None => row.clone(),
            };
            let Some(averages) = &averages else { return insert(table, &mut statement, &merged) };
            let keeps = averages.merge(connection, held.as_ref(), &mut merged)?;
            insert(table, &mut statement, &merged)?;
            averages.keep(connection, &merged, keeps)
        };
        merge().map_err(|report| at_row(report, position))
    })
}

/// The report of the first sum that its column cannot hold, if that is what keeps `row` from being written: what SQLite says of it
/// is not for people.
fn overflow(table: &Table, connection: &Connection, row: &Map, merges: &[(Str, Merge)]) -> Option<Report> {
    let held = row_held(table, connection, row).ok()??;
    merges.iter().filter(|(_, merge)| *merge == Merge::Sum).find_map(|(name, merge)| {
        let (old, new) = (held.get(name)?, row.get(name)?);
        let report = match merge.apply(old, new) {
            Err(report) => report,
            // The next kind of integer would hold it, and the column does not.
            Ok(Value::Uint(_)) => {
                Report::new(&OUT_OF_BOUNDS, format!("the sum of {old} and {new} is too large to be stored"))
            }
            Ok(_) => return None,
        };
        Some(report.path(format!("/{name}")))
    })
}

fn row_held(table: &Table, connection: &Connection, row: &Map) -> Result<Option<Value>, Report> {
    let key = table.schema.key.iter().map(|at| field(table, row, *at).cloned().unwrap_or_default()).collect();
    Ok(table.get(connection, &[key])?.pop().flatten())
}

fn delete(table: &Table, connection: &Connection, keys: &[Vec<Value>]) -> Result<(), Report> {
    let sql = format!("DELETE FROM {} WHERE {}", quoted(&table.schema.name), key_condition(&table.schema));
    let mut statement = table.prepared(connection, &sql)?;
    for key in keys {
        table.bind(&mut statement, &table.stored_key(key)?)?;
        statement.raw_execute().map_err(|error| table.failed("deleting from", &error))?;
    }
    Ok(())
}

fn insert(table: &Table, statement: &mut CachedStatement<'_>, row: &Map) -> Result<(), Report> {
    for (at, column) in table.schema.columns.iter().enumerate() {
        let field = field(table, row, at);
        let default = column.default.as_ref();
        if field.is_none_or(Value::is_null) && table.schema.key.contains(&at) {
            // SQLite would make up a number for an integer key.
            let message = format!(
                "a row of `{}` has no `{}`, which is part of its key",
                table.schema.name, column.name
            );
            return Err(Report::new(&MISSING_FIELD, message).path(format!("/{}", column.name)));
        }
        let cell = value::store(column, field.or(default))?;
        statement.raw_bind_parameter(at + 1, cell).map_err(|error| table.failed("writing to", &error))?;
    }
    // A row that is merged is returned, so that it can be held against its contract.
    let failed = |error| table.failed("writing to", &error);
    let mut written = statement.raw_query();
    match written.next().map_err(failed)? {
        Some(now) => table.follows(now, row),
        None => Ok(()),
    }
}

/// The statement that inserts a row; `merged` gives the value that a column (its name, and the same quoted) has
/// afterwards when the key exists.
fn insert_sql(table: &Table, merged: impl Fn(&str, &str) -> String) -> String {
    let schema = &table.schema;
    let names: Vec<_> = schema.columns.iter().map(|column| quoted(&column.name)).collect();
    let key: Vec<_> = schema.key.iter().map(|at| names[*at].as_str()).collect();
    let updates: Vec<_> = (0..names.len())
        .filter_map(|at| match (schema.key.contains(&at), schema.columns[at].column_type) {
            (false, _) => Some(format!("{} = {}", names[at], merged(&schema.columns[at].name, &names[at]))),
            // 1.10 and 1.1 are one key: the row is spelled as the last message spells it, like the rest of it.
            (true, ColumnType::Decimal) => Some(format!("{0} = excluded.{0}", names[at])),
            (true, _) => None,
        })
        .collect();
    let otherwise =
        if updates.is_empty() { "NOTHING".to_owned() } else { format!("UPDATE SET {}", updates.join(", ")) };
    format!(
        "INSERT INTO {} ({}) VALUES ({}) ON CONFLICT ({}) DO {otherwise}",
        quoted(&schema.name),
        names.join(", "),
        vec!["?"; names.len()].join(", "),
        key.join(", "),
    )
}

fn record(row: &Value) -> Result<&Map, Report> {
    row.as_map().ok_or_else(|| {
        Report::new(&WRONG_KIND, format!("a row has to be a record, and this is {}", row.kind_name()))
    })
}

/// The field of a column; decoded rows hold it at the same position.
fn field<'r>(table: &Table, row: &'r Map, at: usize) -> Option<&'r Value> {
    row.get_near(&Hint::new(at), &table.schema.columns[at].name)
}

fn at_row(report: Report, position: usize) -> Report {
    let path = format!("/rows/{position}{}", report.data_path().unwrap_or_default());
    report.path(path)
}
