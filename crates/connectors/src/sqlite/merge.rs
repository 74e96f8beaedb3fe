//! How measures merge: in SQL where that is exact, else here.

use std::borrow::Cow;

use tenon_contracts::sql::ColumnType;
use tenon_errors::{
    Report,
    catalogue::data::{OUT_OF_BOUNDS, WRONG_KIND},
};
use tenon_model::{Decimal, Map, Str, Value};
use tenon_ports::Merge;

use super::table::Table;

/// The merges that SQL cannot do exactly: those of numbers and lengths that are stored as text.
pub(crate) fn inexact_in_sql<'m>(table: &Table, merges: &'m [(Str, Merge)]) -> Vec<&'m (Str, Merge)> {
    let is_inexact = |(name, merge): &&(Str, Merge)| {
        let column = table.schema.columns.iter().find(|column| column.name == *name);
        let stored_as_text = column
            .is_some_and(|column| matches!(column.column_type, ColumnType::Decimal | ColumnType::Duration));
        stored_as_text && *merge != Merge::Last
    };
    merges.iter().filter(is_inexact).collect()
}

/// What becomes of a column when a row of the same key exists. An absent side counts as nothing in every merge.
pub(crate) fn expression(merge: Option<Merge>, old: &str, new: &str) -> String {
    match merge {
        Some(Merge::Sum) => format!("coalesce({old} + {new}, {new}, {old})"),
        Some(Merge::Min) => format!("coalesce(min({old}, {new}), {new}, {old})"),
        Some(Merge::Max) => format!("coalesce(max({old}, {new}), {new}, {old})"),
        Some(Merge::Last) => format!("coalesce({new}, {old})"),
        None => old.to_owned(),
    }
}

/// The row `new` in which these measures are merged with those of `held`, so that they only have to be written.
pub(crate) fn merged(held: &Value, new: &Map, merges: &[&(Str, Merge)]) -> Result<Map, Report> {
    let mut row = new.clone();
    for (name, merge) in merges {
        if let (Some(old), Some(new)) = (held.get(name), new.get(name)) {
            let value = values(*merge, old, new).map_err(|report| report.path(format!("/{name}")))?;
            row.insert(name.clone(), value);
        }
    }
    Ok(row)
}

fn values(merge: Merge, old: &Value, new: &Value) -> Result<Value, Report> {
    match (decimal(old), decimal(new)) {
        (Some(old), Some(new)) => Ok(Value::from(match merge {
            Merge::Sum => Decimal::new(old.as_big() + new.as_big())?,
            Merge::Min => old.min(new).into_owned(),
            Merge::Max => old.max(new).into_owned(),
            Merge::Last => new.into_owned(),
        })),
        _ => lengths(merge, old, new),
    }
}

fn lengths(merge: Merge, old: &Value, new: &Value) -> Result<Value, Report> {
    let (a, b) = match (old, new) {
        (Value::Null, present) | (present, Value::Null) => return Ok(present.clone()),
        (Value::Duration(a), Value::Duration(b)) => (*a, *b),
        _ => {
            let message = format!("{} and {} cannot be merged", old.kind_name(), new.kind_name());
            return Err(Report::new(&WRONG_KIND, message));
        }
    };
    let merged = match merge {
        Merge::Sum => a.checked_add(b),
        Merge::Min => Some(a.min(b)),
        Merge::Max => Some(a.max(b)),
        Merge::Last => Some(b),
    };
    merged.map(Value::Duration).ok_or_else(|| {
        Report::new(&OUT_OF_BOUNDS, format!("the sum of {a} and {b} is too long to be stored"))
    })
}

fn decimal(value: &Value) -> Option<Cow<'_, Decimal>> {
    match value {
        Value::Decimal(n) => Some(Cow::Borrowed(n)),
        Value::Int(n) => Some(Cow::Owned(Decimal::from(*n))),
        _ => None,
    }
}
