//! An average as a table keeps it: the sum and how many were added, from which it is worked out anew.

use std::fmt;

use tenon_contracts::json;
use tenon_errors::{
    Report,
    catalogue::{
        data::{OUT_OF_BOUNDS, WRONG_KIND},
        delivery::AVERAGE_CHANGED,
    },
};
use tenon_model::{Decimal, Kind, Shape, Value};

use crate::Merge;

/// The sum of what an average is of, and how many they are. Its text, which a database keeps beside the average, is that of a
/// fraction: `12.50/3`.
#[derive(Debug, Clone, PartialEq)]
pub struct Average {
    sum: Value,
    count: u64,
}

impl Average {
    /// The name of the column that holds what the average in `column` is made of. No field can be called so:
    /// `tenon check` sees to it.
    #[must_use]
    pub fn column_of(column: &str) -> String {
        format!("{column}(avg)")
    }

    /// What is `held` with one more `value`.
    ///
    /// # Errors
    /// That of a sum beyond what its kind can hold, and of what is no double and no decimal.
    pub fn with(held: Option<Self>, value: &Value) -> Result<Self, Report> {
        let value = match value {
            Value::Float(n) if n.is_finite() => value.clone(),
            Value::Int(n) => Value::from(Decimal::from(*n)),
            Value::Decimal(_) => value.clone(),
            other => {
                let message = format!("an average needs numbers, and this is {}", other.kind_name());
                return Err(Report::new(&WRONG_KIND, message));
            }
        };
        let Some(Self { sum, count }) = held else { return Ok(Self { sum: value, count: 1 }) };
        let sum = Merge::Sum.apply(&sum, &value)?;
        if matches!(sum, Value::Float(n) if !n.is_finite()) {
            let message = "the sum of which an average is made is beyond the range of a double";
            return Err(Report::new(&OUT_OF_BOUNDS, message));
        }
        Ok(Self { sum, count: count + 1 })
    }

    /// The average, as a value of `shape`. Doubles are divided as doubles. A decimal is exact or rounded half to even: to
    /// the multiple that the contract states, or else to 20 decimals more than the numbers have.
    ///
    /// # Errors
    /// `D0106` for a decimal of too many digits.
    pub fn value(&self, shape: &Shape) -> Result<Value, Report> {
        match &self.sum {
            #[allow(clippy::cast_precision_loss, reason = "2^53 messages are more than there will be")]
            Value::Float(sum) => Ok(Value::Float(sum / self.count as f64)),
            Value::Decimal(sum) => {
                let shape = shape.resolved();
                let step = match &shape.kind {
                    Kind::Decimal(range) => range.multiple_of.as_deref(),
                    _ => None,
                };
                match sum.divided(self.count, step) {
                    Some(value) => value.map(Value::from),
                    None => Err(changed("has no parts")),
                }
            }
            other => Err(changed(format!("is kept as {}", other.kind_name()))),
        }
    }

    /// Reads the text that is kept for an average of `shape`.
    fn read(text: &str, shape: &Shape) -> Result<Self, Report> {
        let is_double = matches!(shape.resolved().kind, Kind::Float(_));
        let sum = |sum: &str| {
            if is_double {
                sum.parse().ok().map(Value::Float)
            } else {
                sum.parse::<Decimal>().ok().map(Value::from)
            }
        };
        let parts = text.split_once('/').and_then(|(of, count)| Some((sum(of)?, count.parse().ok()?)));
        match parts {
            Some((sum, count)) if count > 0 => Ok(Self { sum, count }),
            _ => Err(changed(format!("is made of `{text}`, which is not a sum and how many it is of"))),
        }
    }

    /// What is kept for an average that is `held`: `kept` is the text beside it.
    ///
    /// # Errors
    /// `F0024` if the average is not the one that what is kept comes to, so that something else has written one of them.
    pub fn held(held: Option<&Value>, kept: Option<&str>, shape: &Shape) -> Result<Option<Self>, Report> {
        let held = held.filter(|value| !value.is_null());
        let (held, kept) = match (held, kept) {
            (None, None) => return Ok(None),
            (Some(_), None) => {
                return Err(changed(
                    "was not made by the flow alone: what it is the average of is not known",
                ));
            }
            (None, Some(_)) => return Err(changed("is gone, and what it was made of is there")),
            (Some(held), Some(kept)) => (held, kept),
        };
        let average = Self::read(kept, shape)?;
        let is_same = match (average.value(shape)?, held) {
            (Value::Float(a), Value::Float(b)) => a == *b,
            (Value::Decimal(a), Value::Decimal(b)) => a == *b,
            (Value::Decimal(a), Value::Int(b)) => *a == Decimal::from(*b),
            _ => false,
        };
        if is_same { Ok(Some(average)) } else { Err(changed(format!("is {held}, and was made of {kept}"))) }
    }
}

impl fmt::Display for Average {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", json::to_string(&self.sum), self.count)
    }
}

fn changed(how: impl fmt::Display) -> Report {
    Report::new(&AVERAGE_CHANGED, format!("the average {how}"))
        .hint("let only this flow write the column, and rebuild its table: `tenon run --rebuild FLOW`")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decimal(text: &str) -> Value {
        Value::from(text.parse::<Decimal>().unwrap())
    }

    /// Adds values one by one, each time from the text that is kept.
    fn added(values: &[Value], shape: &Shape) -> (String, String) {
        let (mut held, mut kept): (Option<Value>, Option<String>) = (None, None);
        for value in values {
            let before = Average::held(held.as_ref(), kept.as_deref(), shape).unwrap();
            let average = Average::with(before, value).unwrap();
            held = Some(average.value(shape).unwrap());
            kept = Some(average.to_string());
        }
        (json::to_string(&held.unwrap()), kept.unwrap())
    }

    #[test]
    fn an_average_is_worked_out_from_all_that_was_added() {
        let check = |values: &[Value], shape: &Shape, average: &str, kept: &str| {
            assert_eq!(added(values, shape), (average.to_owned(), kept.to_owned()));
        };
        check(&[decimal("1.10"), decimal("2.25")], &Shape::DECIMAL, "1.675", "3.35/2");
        check(&[decimal("1"), decimal("0"), decimal("0")], &Shape::DECIMAL, "0.33333333333333333333", "1/3");
        check(&[decimal("1e900"), decimal("3e900")], &Shape::DECIMAL, "2E900", "4E900/2");
        check(
            &[Value::Float(0.1), Value::Float(0.2)],
            &Shape::FLOAT,
            "0.15000000000000002",
            "0.30000000000000004/2",
        );
        check(&[Value::Float(1e308), Value::Float(-1e308)], &Shape::FLOAT, "0.0", "0.0/2");
    }

    #[test]
    fn what_does_not_belong_together_is_refused() {
        let refused = |held: Option<Value>, kept: Option<&str>| {
            Average::held(held.as_ref(), kept, &Shape::DECIMAL).unwrap_err().message().to_owned()
        };
        assert_eq!(refused(Some(decimal("2")), Some("3/2")), "the average is 2, and was made of 3/2");
        assert!(refused(Some(decimal("2")), None).contains("is not known"));
        assert!(refused(None, Some("3/2")).contains("is gone"));
        for kept in ["3", "3/0", "x/2", "3/-1", ""] {
            assert!(refused(Some(decimal("3")), Some(kept)).contains("is made of"), "{kept}");
        }
        assert_eq!(Average::held(None, None, &Shape::DECIMAL), Ok(None));
        let large = Average::with(None, &Value::Float(f64::MAX)).unwrap();
        assert_eq!(
            Average::with(Some(large), &Value::Float(f64::MAX)).unwrap_err().code().id,
            OUT_OF_BOUNDS.id
        );
        assert_eq!(Average::with(None, &"a".into()).unwrap_err().code().id, WRONG_KIND.id);
    }
}
