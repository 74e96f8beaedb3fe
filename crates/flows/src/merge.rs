//! Merging aggregated rows of equal key inside a batch, so that a batch writes each key once.
//!
//! The merges are associative, so merging here and then in the table gives what merging row by row in the table gives.
//! What cannot be merged here (an overflow, kinds that do not compare, averages) is left to the table, in order. So is what would
//! hide that a row on the way breaks a rule of its contract: which messages fail does not depend on what is in a batch with them.

use std::{cmp::Ordering, sync::Arc};

use tenon_contracts::sql::Column;
use tenon_model::{
    Decimal, Kind, Str, Value,
    shape::{Bound, FloatRange},
};
use tenon_ports::Merge;

use crate::keys::Distinct;

/// What a contract says of the column of a measure beyond its kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Rules {
    /// Nothing.
    None,
    /// A smallest and a largest value, with zero between them: what lies between two values that are allowed is allowed.
    Bounds,
    /// Anything else.
    Others,
}

impl Rules {
    pub(crate) fn of(column: &Column) -> Self {
        let shape = column.shape.resolved();
        if !column.has_rules() {
            return Self::None;
        }
        // What is added up begins with nothing.
        let bounds_alone = match &shape.kind {
            Kind::Int(range) => {
                range.multiple_of.is_none()
                    && range.min.is_none_or(|min| min <= 0)
                    && range.max.is_none_or(|max| max >= 0)
            }
            Kind::Float(range) | Kind::Decimal(range) => {
                range.multiple_of.is_none() && !range.is_single && allows_nothing(range)
            }
            _ => false,
        };
        let refined = shape.refinement.is_some() || column.shape.refinement.is_some();
        if bounds_alone && !refined { Self::Bounds } else { Self::Others }
    }

    /// Whether a row that allows `old` and `new` merged allows `old` as well.
    fn allow(self, merge: Merge, old: &Value, new: &Value) -> bool {
        match self {
            Self::None => true,
            Self::Bounds => merge == Merge::Sum && (both(old, new, is_gain) || both(old, new, is_loss)),
            Self::Others => false,
        }
    }
}

fn allows_nothing(range: &FloatRange) -> bool {
    let nothing = Decimal::from(0_i64);
    let allows = |bound: &Bound, order| match nothing.cmp(&bound.value) {
        Ordering::Equal => !bound.exclusive,
        found => found == order,
    };
    range.min.as_ref().is_none_or(|min| allows(min, Ordering::Greater))
        && range.max.as_ref().is_none_or(|max| allows(max, Ordering::Less))
}

fn both(old: &Value, new: &Value, is: fn(&Value) -> bool) -> bool {
    is(old) && is(new)
}

fn is_gain(value: &Value) -> bool {
    match value {
        Value::Int(n) => *n >= 0,
        Value::Uint(_) => true,
        Value::Float(n) => *n >= 0.0,
        Value::Decimal(n) => **n >= Decimal::from(0_i64),
        _ => false,
    }
}

fn is_loss(value: &Value) -> bool {
    match value {
        Value::Int(n) => *n <= 0,
        Value::Float(n) => *n <= 0.0,
        Value::Decimal(n) => **n <= Decimal::from(0_i64),
        _ => false,
    }
}

/// The rows with those of equal key merged, in the order of first appearance. `key` names the key columns; the measures stand
/// beside the rules of their columns, of which there may be fewer.
pub(crate) fn merge_rows(
    rows: Vec<Value>,
    key: &[Str],
    (merges, rules): (&[(Str, Merge)], &[Rules]),
) -> Vec<Value> {
    let mut merged: Vec<Value> = Vec::with_capacity(rows.len());
    let mut distinct = Distinct::default();
    // For each key, where the row is that the next one is merged into.
    let mut latest: Vec<usize> = Vec::new();
    for row in rows {
        let number = distinct.number(key_of(&row, key));
        if number == latest.len() {
            latest.push(usize::MAX);
        }
        if !merged.get_mut(latest[number]).is_some_and(|held| merge_into(held, &row, (merges, rules))) {
            latest[number] = merged.len();
            merged.push(row);
        }
    }
    merged
}

fn key_of(row: &Value, key: &[Str]) -> Vec<Value> {
    key.iter().map(|column| row.get(column).cloned().unwrap_or_default()).collect()
}

/// Merges `row` into `held`, or changes nothing and says no if some measure cannot be merged here.
fn merge_into(held: &mut Value, row: &Value, (merges, rules): (&[(Str, Merge)], &[Rules])) -> bool {
    let mut measures = Vec::with_capacity(merges.len());
    for (at, (measure, merge)) in merges.iter().enumerate() {
        let rules = rules.get(at).copied().unwrap_or(Rules::None);
        let value = match (present(held.get(measure)), present(row.get(measure))) {
            (_, None) => continue,
            (None, Some(new)) => Some(new.clone()),
            (Some(old), Some(new)) if rules.allow(*merge, old, new) => merge.apply(old, new).ok(),
            (Some(_), Some(_)) => None,
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
        let merged = merge_rows(rows, &["key".into()], (&merges(), &[]));
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
    fn what_would_hide_a_row_that_breaks_a_rule_is_left_to_the_table_in_order() {
        let count = |rules: [Rules; 1], parts: &[i64], merge: Merge| {
            let rows = parts.iter().map(|n| row("a", *n, "x")).collect();
            merge_rows(rows, &["key".into()], (&[("n".into(), merge)], &rules)).len()
        };
        assert_eq!(count([Rules::Bounds], &[1, 0, 5], Merge::Sum), 1);
        assert_eq!(count([Rules::Bounds], &[-1, -2, 0], Merge::Sum), 1);
        assert_eq!(count([Rules::Bounds], &[1, -2, 3], Merge::Sum), 3);
        assert_eq!(count([Rules::Bounds], &[1, 2], Merge::Last), 2);
        assert_eq!(count([Rules::Others], &[1, 2], Merge::Sum), 2);
        assert_eq!(count([Rules::None], &[1, -2], Merge::Sum), 1);
    }

    #[test]
    fn an_absent_measure_counts_as_nothing() {
        let bare = Value::record([("key", Value::from("a"))]);
        let merged =
            merge_rows(vec![bare.clone(), row("a", 1, "x"), bare], &["key".into()], (&merges(), &[]));
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
        let merged = merge_rows(rows, &["key".into()], (&merges(), &[]));
        assert_eq!(merged.len(), 2);
        assert_eq!(merged[1].get("n"), Some(&Value::Int(3)));
        assert_eq!(merged[1].get("state"), Some(&Value::from("z")));
    }
}
