//! Values as keys: what is equal is written alike.

use tenon_model::{Decimal, Map, Value};

use crate::json;

/// Numbers with as many zeros at their end are written out; beyond, they have an exponent.
const MOST_ZEROS: i64 = 40;

/// The text of a key: text as it is, anything else as its JSON without quotes. Numbers that are equal have one text: the
/// decimals 1.1, 1.10 and 11E-1 are `1.1`.
#[must_use]
pub fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.to_string(),
        value => json::to_string(&plain(value)).trim_matches('"').to_owned(),
    }
}

/// The JSON of a part of a key, in which equal numbers are written alike.
#[must_use]
pub fn json(value: &Value) -> String {
    json::to_string(&plain(value))
}

fn plain(value: &Value) -> Value {
    match value {
        Value::Decimal(number) => {
            let normal = number.as_big().normalized();
            let scale = normal.fractional_digit_count();
            let written = if (-MOST_ZEROS..0).contains(&scale) { normal.with_scale(0) } else { normal };
            // What is normal has no more digits than what it was made of.
            Decimal::new(written).map_or_else(|_| value.clone(), Value::from)
        }
        Value::Float(number) if *number == 0.0 => Value::Float(0.0),
        Value::List(items) => Value::list(items.iter().map(plain).collect()),
        Value::Map(map) => {
            let mut made = Map::with_capacity(map.len());
            map.iter().for_each(|(key, value)| made.push_new(key.clone(), plain(value)));
            Value::Map(made.into())
        }
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_numbers_are_one_key() {
        let decimal = |text: &str| Value::from(text.parse::<Decimal>().unwrap());
        for (same, expected) in [
            (&["1.1", "1.10", "1.100", "11e-1"][..], "1.1"),
            (&["100", "100.0", "1e2"], "100"),
            (&["0", "0.00", "-0.0"], "0"),
            (&["1e50", "10e49"], "1E50"),
            (&["12345678901234567.890"], "12345678901234567.89"),
        ] {
            for written in same {
                assert_eq!(text(&decimal(written)), expected, "{written}");
            }
        }
        let nested =
            |price: &str| Value::list(vec![Value::record([("price", decimal(price))]), "1.10".into()]);
        assert_eq!(json(&nested("1.10")), r#"[{"price":1.1},"1.10"]"#);
        assert_eq!(text(&Value::Float(-0.0)), text(&Value::Float(0.0)));
        assert_eq!(text(&Value::from("1.10")), "1.10");
    }
}
