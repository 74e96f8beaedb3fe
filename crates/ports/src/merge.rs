//! How measures of equal key combine. The same wherever it happens: inside a batch, or in a table.

use std::cmp::Ordering;

use tenon_errors::{
    Report,
    catalogue::data::{OUT_OF_BOUNDS, WRONG_KIND},
};
use tenon_model::{Decimal, Value};

/// How a measure of an aggregated row combines with what the table holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Merge {
    /// Added up; an absent side counts as nothing.
    Sum,
    /// The smaller one.
    Min,
    /// The larger one.
    Max,
    /// The newer one.
    Last,
    /// The older one: what [`Merge::Last`] comes to where the new one is of an older message.
    First,
    /// The lists one after the other.
    Collect,
    /// The average, which a table keeps as an [`Average`](crate::Average): of two averages alone it cannot be told.
    Average,
}

/// The most items of a collected list.
pub const MOST_COLLECTED: usize = 10_000;

impl Merge {
    /// What becomes of `old` and `new`. Null counts as nothing: the other one stays. Merging is associative, so that some
    /// values may be merged before the others.
    ///
    /// # Errors
    /// That of a sum beyond what its kind can hold, and of kinds that do not combine. Of an average always, so that each value
    /// comes to the table by itself.
    pub fn apply(self, old: &Value, new: &Value) -> Result<Value, Report> {
        match (old, new) {
            (held, Value::Null) | (Value::Null, held) => return Ok(held.clone()),
            _ => {}
        }
        match self {
            Self::Sum => add(old, new),
            Self::Min => {
                compare(old, new).map(|order| if order == Ordering::Greater { new } else { old }.clone())
            }
            Self::Max => {
                compare(old, new).map(|order| if order == Ordering::Less { new } else { old }.clone())
            }
            Self::Last => Ok(new.clone()),
            Self::First => Ok(old.clone()),
            Self::Collect => collect(old, new),
            Self::Average => Err(unlike(old, new)),
        }
    }
}

fn add(old: &Value, new: &Value) -> Result<Value, Report> {
    let sum = match (old, new) {
        (Value::Int(_) | Value::Uint(_), Value::Int(_) | Value::Uint(_)) => integer(wide(old) + wide(new)),
        (Value::Float(a), Value::Float(b)) => Some(a + b).filter(|sum| sum.is_finite()).map(Value::Float),
        (Value::Duration(a), Value::Duration(b)) => a.checked_add(*b).map(Value::Duration),
        (Value::Decimal(a), Value::Decimal(b)) => {
            return Ok(Value::from(Decimal::new(a.as_big() + b.as_big())?));
        }
        (Value::Decimal(a), Value::Int(b)) | (Value::Int(b), Value::Decimal(a)) => {
            return Ok(Value::from(Decimal::new(a.as_big() + Decimal::from(*b).as_big())?));
        }
        _ => return Err(unlike(old, new)),
    };
    sum.ok_or_else(|| {
        Report::new(&OUT_OF_BOUNDS, format!("the sum of {old} and {new} is too large to be stored"))
    })
}

/// An integer of either kind with room to spare; 0 for what is none.
fn wide(value: &Value) -> i128 {
    match value {
        Value::Int(n) => i128::from(*n),
        Value::Uint(n) => i128::from(*n),
        _ => 0,
    }
}

/// `n` as a value, if it fits 64 bits.
fn integer(n: i128) -> Option<Value> {
    i64::try_from(n).map(Value::Int).ok().or_else(|| u64::try_from(n).map(Value::Uint).ok())
}

fn collect(old: &Value, new: &Value) -> Result<Value, Report> {
    let (Value::List(held), Value::List(more)) = (old, new) else { return Err(unlike(old, new)) };
    let count = held.len() + more.len();
    if count > MOST_COLLECTED {
        let message = format!("a collected list of {count} items is longer than {MOST_COLLECTED}");
        return Err(Report::new(&OUT_OF_BOUNDS, message).hint("collect by a finer key"));
    }
    Ok(Value::list(held.iter().chain(more.iter()).cloned().collect()))
}

fn compare(old: &Value, new: &Value) -> Result<Ordering, Report> {
    let order = match (old, new) {
        (Value::Bool(a), Value::Bool(b)) => Some(a.cmp(b)),
        (Value::Int(_) | Value::Uint(_), Value::Int(_) | Value::Uint(_)) => Some(wide(old).cmp(&wide(new))),
        (Value::Float(a), Value::Float(b)) => a.partial_cmp(b),
        (Value::Decimal(a), Value::Decimal(b)) => Some(a.cmp(b)),
        (Value::Decimal(a), Value::Int(b)) => Some((**a).cmp(&Decimal::from(*b))),
        (Value::Int(a), Value::Decimal(b)) => Some(Decimal::from(*a).cmp(b)),
        (Value::String(a), Value::String(b)) => Some(a.cmp(b)),
        (Value::Timestamp(a), Value::Timestamp(b)) => Some(a.cmp(b)),
        (Value::Date(a), Value::Date(b)) => Some(a.cmp(b)),
        (Value::Time(a), Value::Time(b)) => Some(a.cmp(b)),
        (Value::LocalDateTime(a), Value::LocalDateTime(b)) => Some(a.cmp(b)),
        (Value::Duration(a), Value::Duration(b)) => Some(a.cmp(b)),
        _ => None,
    };
    order.ok_or_else(|| unlike(old, new))
}

fn unlike(old: &Value, new: &Value) -> Report {
    Report::new(&WRONG_KIND, format!("{} and {} cannot be merged", old.kind_name(), new.kind_name()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn measures_merge_by_kind_and_null_counts_as_nothing() {
        let check = |merge: Merge, old: Value, new: Value, expected: Value| {
            assert_eq!(merge.apply(&old, &new).unwrap(), expected, "{merge:?} {old} {new}");
        };
        let decimal = |text: &str| Value::from(text.parse::<Decimal>().unwrap());
        check(Merge::Sum, Value::Int(2), Value::Int(3), Value::Int(5));
        check(Merge::Sum, Value::Int(i64::MAX), Value::Int(1), Value::Uint(1 << 63));
        check(Merge::Sum, Value::Uint(u64::MAX), Value::Int(-1), Value::Uint(u64::MAX - 1));
        check(Merge::Sum, Value::Uint(1 << 63), Value::Int(-1), Value::Int(i64::MAX));
        check(Merge::Max, Value::Uint(u64::MAX), Value::Int(7), Value::Uint(u64::MAX));
        check(Merge::Sum, decimal("0.1"), decimal("0.2"), decimal("0.3"));
        check(Merge::Sum, decimal("0.1"), Value::Int(2), decimal("2.1"));
        check(Merge::Min, decimal("10"), decimal("9.5"), decimal("9.5"));
        check(Merge::Max, Value::Int(3), decimal("2.5"), Value::Int(3));
        check(Merge::Last, "a".into(), "b".into(), "b".into());
        check(Merge::First, "a".into(), "b".into(), "a".into());
        let list = |items: &[i64]| Value::list(items.iter().map(|n| Value::Int(*n)).collect());
        check(Merge::Collect, list(&[1, 2]), list(&[3]), list(&[1, 2, 3]));
        for merge in [Merge::Sum, Merge::Min, Merge::Max, Merge::Last, Merge::First, Merge::Collect] {
            check(merge, Value::Null, Value::Int(1), Value::Int(1));
            check(merge, Value::Int(1), Value::Null, Value::Int(1));
        }
    }

    #[test]
    fn what_does_not_combine_is_reported() {
        let code = |merge: Merge, old: Value, new: Value| merge.apply(&old, &new).unwrap_err().code().id;
        assert_eq!(code(Merge::Sum, Value::Uint(u64::MAX), Value::Int(1)), OUT_OF_BOUNDS.id);
        assert_eq!(code(Merge::Sum, Value::Int(i64::MIN), Value::Int(-1)), OUT_OF_BOUNDS.id);
        assert_eq!(code(Merge::Sum, "a".into(), "b".into()), WRONG_KIND.id);
        assert_eq!(code(Merge::Sum, Value::Float(1e308), Value::Float(1e308)), OUT_OF_BOUNDS.id);
        assert_eq!(code(Merge::Max, "a".into(), Value::Int(1)), WRONG_KIND.id);
        assert_eq!(code(Merge::Min, Value::Float(f64::NAN), Value::Float(1.0)), WRONG_KIND.id);
        let full = Value::list(vec![Value::Int(1); MOST_COLLECTED]);
        assert_eq!(code(Merge::Collect, full.clone(), full), OUT_OF_BOUNDS.id);
        assert_eq!(code(Merge::Average, Value::Float(1.0), Value::Float(3.0)), WRONG_KIND.id);
    }
}
