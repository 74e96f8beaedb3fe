//! Merging aggregated rows of equal key inside a batch, so that a batch writes each key once.
//!
//! The merges are associative, so merging here and then in the table gives what merging row by row in the table gives.
//! What cannot be merged here (an overflow, kinds that do not compare, averages) is left to the table, in order.

use std::{collections::HashMap, sync::Arc};

use tenon_model::{Str, Value};
use tenon_ports::Merge;

use crate::keys::ValueKey;

/// The rows with those of equal key merged, in the order of first appearance. `key` names the key columns.
#[expect(clippy::mutable_key_type, reason = "the index inside a map is a cache that hashing does not see")]
pub(crate) fn merge_rows(rows: Vec<Value>, key: &[Str], merges: &[(Str, Merge)]) -> Vec<Value> {
    let mut merged: Vec<Value> = Vec::with_capacity(rows.len());
    let mut latest: HashMap<ValueKey, usize> = HashMap::with_capacity(rows.len());
    for row in rows {
        let at = latest.entry(key_of(&row, key)).or_insert(usize::MAX);
        if !merged.get_mut(*at).is_some_and(|held| merge_into(held, &row, merges)) {
            *at = merged.len();
            merged.push(row);
        }
    }
    merged
}

fn key_of(row: &Value, key: &[Str]) -> ValueKey {
    ValueKey(key.iter().map(|column| row.get(column).cloned().unwrap_or_default()).collect())
}

/// Merges `row` into `held`, or changes nothing and says no if some measure cannot be merged here.
fn merge_into(held: &mut Value, row: &Value, merges: &[(Str, Merge)]) -> bool {
    let mut measures = Vec::with_capacity(merges.len());
    for (measure, merge) in merges {
        let value = match (present(held.get(measure)), present(row.get(measure))) {
            (_, None) => continue,
            (None, Some(new)) => Some(new.clone()),
            (Some(old), Some(new)) => merge.apply(old, new).ok(),
        };
        let Some(value) = value else { return false };
        measures.push((measure, value));
    }
    let Value::Map(map) = held else { return false };
    let map = Arc::make_mut(map);
    for (measure, value) in measures {
        map.insert(measure.clone(), value);
    }
    true
}

fn present(value: Option<&Value>) -> Option<&Value> {
    value.filter(|value| !value.is_null())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn merges() -> Vec<(Str, Merge)> {
        [("n", Merge::Sum), ("low", Merge::Min), ("high", Merge::Max), ("state", Merge::Last)]
            .map(|(name, merge)| (Str::new(name), merge))
            .to_vec()
    }

    fn row(key: &str, n: i64, state: &str) -> Value {
        Value::record([
            ("key", Value::from(key)),
            ("n", Value::Int(n)),
            ("low", Value::Int(n)),
            ("high", Value::Int(n)),
            ("state", Value::from(state)),
        ])
    }

    #[test]
    fn rows_of_equal_key_become_one() {
        let rows = vec![row("a", 1, "x"), row("b", 5, "x"), row("a", 3, "y"), row("a", 2, "z")];
        let merged = merge_rows(rows, &["key".into()], &merges());
        let expected = Value::record([
            ("key", Value::from("a")),
            ("n", Value::Int(6)),
            ("low", Value::Int(1)),
            ("high", Value::Int(3)),
            ("state", Value::from("z")),
        ]);
        assert_eq!(merged, [expected, row("b", 5, "x")]);
    }

    #[test]
    fn an_absent_measure_counts_as_nothing() {
        let bare = Value::record([("key", Value::from("a"))]);
        let merged = merge_rows(vec![bare.clone(), row("a", 1, "x"), bare], &["key".into()], &merges());
        assert_eq!(merged, [row("a", 1, "x")]);
    }

    #[test]
    fn what_cannot_be_merged_here_is_left_to_the_table_in_order() {
        let full = Value::record([
            ("key", Value::from("a")),
            ("n", Value::Uint(u64::MAX)),
            ("state", Value::from("x")),
        ]);
        let rows = vec![full, row("a", 1, "y"), row("a", 2, "z")];
        let merged = merge_rows(rows, &["key".into()], &merges());
        assert_eq!(merged.len(), 2);
        assert_eq!(merged[1].get("n"), Some(&Value::Int(3)));
        assert_eq!(merged[1].get("state"), Some(&Value::from("z")));
    }
}
