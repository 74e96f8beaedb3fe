//! How measures merge: in SQL where that is exact, else here.

use std::borrow::Cow;

use tenon_contracts::sql::ColumnType;
use tenon_errors::Report;
use tenon_model::{Decimal, Map, Str, Value};
use tenon_ports::Merge;

use super::table::Table;

/// The merges that SQL cannot do exactly: those of numbers and lengths that are stored as text, of lists and of averages.
pub(crate) fn inexact_in_sql<'m>(table: &Table, merges: &'m [(Str, Merge)]) -> Vec<&'m (Str, Merge)> {
    let is_inexact = |(name, merge): &&(Str, Merge)| {
        let column = table.schema.columns.iter().find(|column| column.name == *name);
        let stored_as_text = column.is_some_and(|column| column.column_type.collation().is_some());
        matches!(merge, Merge::Collect | Merge::Average)
            || stored_as_text && !matches!(merge, Merge::Last | Merge::First)
    };
    merges.iter().filter(is_inexact).collect()
}

/// What becomes of a column when a row of the same key exists. An absent side counts as nothing in every merge.
pub(crate) fn expression(merge: Option<Merge>, old: &str, new: &str) -> String {
    match merge {
        Some(Merge::Sum) => format!("coalesce({old} + {new}, {new}, {old})"),
        Some(Merge::Min) => format!("coalesce(min({old}, {new}), {new}, {old})"),
        Some(Merge::Max) => format!("coalesce(max({old}, {new}), {new}, {old})"),
        Some(Merge::Last | Merge::Collect | Merge::Average) => format!("coalesce({new}, {old})"),
        Some(Merge::First) => format!("coalesce({old}, {new})"),
        None => old.to_owned(),
    }
}

/// The row `new` in which these measures are merged with those of `held`, so that they only have to be written.
pub(crate) fn merged(
    table: &Table,
    held: &Value,
    new: &Map,
    merges: &[&(Str, Merge)],
) -> Result<Map, Report> {
    let mut row = new.clone();
    // What becomes of averages is worked out with what is kept of them.
    for (name, merge) in merges.iter().filter(|(_, merge)| *merge != Merge::Average) {
        if let (Some(old), Some(new)) = (held.get(name), new.get(name)) {
            let decimal =
                table.schema.column(name).is_some_and(|(_, it)| it.column_type == ColumnType::Decimal);
            let merged = merge.apply(&exact(old, decimal), &exact(new, decimal));
            let value = merged.map_err(|report| report.path(format!("/{name}")))?;
            row.insert(name.clone(), value);
        }
    }
    Ok(row)
}

/// Decimals hold any integer, so these do not overflow here.
fn exact(value: &Value, decimal: bool) -> Cow<'_, Value> {
    match value {
        Value::Int(n) if decimal => Cow::Owned(Value::from(Decimal::from(*n))),
        other => Cow::Borrowed(other),
    }
}
