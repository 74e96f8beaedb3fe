//! The rows of a table: in columns for people, and as CSV.

use std::{borrow::Cow, io::IsTerminal};

use tenon_contracts::{
    json,
    text::csv::{self, Dialect},
};
use tenon_errors::clip;
use tenon_model::Value;

/// The widest cell on a terminal.
const WIDEST: usize = 40;

/// How wide a cell may be: on a terminal rows stay readable, anywhere else they are whole.
pub fn width_of_cells() -> usize {
    if std::io::stdout().is_terminal() { WIDEST } else { usize::MAX }
}

/// The rows in columns below their names, and how many cells were cut to `widest` characters. Numbers are aligned to the
/// right; a cell without a value is empty, and an empty text is `""`.
pub fn text(columns: &[&str], rows: &[Value], widest: usize) -> (String, usize) {
    let mut cut = 0;
    let mut cells: Vec<Vec<String>> = vec![columns.iter().map(|name| (*name).to_owned()).collect()];
    for row in rows {
        let shown = columns.iter().map(|name| {
            let whole = shown(row.get(name).unwrap_or(&Value::Null));
            let cell = clip(&whole, widest);
            cut += usize::from(cell.len() != whole.len());
            cell.into_owned()
        });
        cells.push(shown.collect());
    }
    let width = |at: usize| cells.iter().map(|row| row[at].chars().count()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..columns.len()).map(width).collect();
    let is_numeric = |name: &str| {
        let mut values = rows.iter().filter_map(|row| row.get(name)).filter(|value| **value != Value::Null);
        !rows.is_empty() && values.all(is_number)
    };
    let right: Vec<bool> = columns.iter().map(|name| is_numeric(name)).collect();
    let line = |row: &Vec<String>| {
        let padded = row.iter().zip(&widths).zip(&right).map(|((cell, width), right)| {
            if *right { format!("{cell:>width$}") } else { format!("{cell:<width$}") }
        });
        padded.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    };
    (cells.iter().map(line).collect::<Vec<_>>().join("\n"), cut)
}

/// The rows as CSV with a header line, every value whole. A cell without a value is empty, and an empty text is `""`, as
/// Tenon reads them.
pub fn csv(columns: &[&str], rows: &[Value]) -> String {
    let dialect = Dialect::default();
    let header = csv::join(columns.iter().map(|name| name.as_bytes()), dialect);
    let row = |row: &Value| {
        let cells: Vec<String> = columns
            .iter()
            .map(|name| match row.get(name) {
                None | Some(Value::Null) => String::new(),
                Some(Value::String(text)) if text.is_empty() => "\"\"".to_owned(),
                Some(value) => {
                    let cell = plain(value);
                    String::from_utf8_lossy(&csv::join(std::iter::once(cell.as_bytes()), dialect))
                        .into_owned()
                }
            })
            .collect();
        cells.join(",")
    };
    let rows = rows.iter().map(row);
    std::iter::once(String::from_utf8_lossy(&header).into_owned())
        .chain(rows)
        .collect::<Vec<_>>()
        .join("\r\n")
}

/// A text as it is, any other value as JSON has it.
fn plain(value: &Value) -> Cow<'_, str> {
    match value {
        Value::String(text) => Cow::Borrowed(text.as_str()),
        value => {
            let text = json::to_string(value);
            // Times, identifiers and the like are texts in JSON.
            match serde_json::from_str::<String>(&text) {
                Ok(inner) => Cow::Owned(inner),
                Err(_) => Cow::Owned(text),
            }
        }
    }
}

/// A value in one line.
fn shown(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) if text.is_empty() => "\"\"".to_owned(),
        value => plain(value).chars().map(|c| if c.is_control() { ' ' } else { c }).collect(),
    }
}

fn is_number(value: &Value) -> bool {
    matches!(value, Value::Int(_) | Value::Uint(_) | Value::Float(_) | Value::Decimal(_))
}

#[cfg(test)]
mod tests {
    use tenon_model::{Decimal, Str};

    use super::*;

    fn rows() -> Vec<Value> {
        let row = |id: i64, name: Value, total: &str| {
            let total: Decimal = total.parse().unwrap();
            let fields = [("id", Value::Int(id)), ("name", name), ("total", Value::from(total))];
            Value::record(fields.map(|(name, value)| (Str::new(name), value)).to_vec())
        };
        vec![
            row(7, Value::from("Ada, \"Countess\" of Lovelace"), "1.10"),
            row(10, Value::Null, "12345678901234567.89"),
            row(11, Value::from(""), "-3"),
        ]
    }

    #[test]
    fn columns_are_aligned_and_say_what_was_cut() {
        let (text, cut) = text(&["id", "name", "total"], &rows(), 20);
        let expected = "\
id  name                                           total
 7  Ada, \"Countess\" of L… (7 more)                  1.10
10                                  12345678901234567.89
11  \"\"                                                -3";
        assert_eq!((text.as_str(), cut), (expected, 1));
        assert_eq!(super::text(&["id", "name", "total"], &rows(), usize::MAX).1, 0);
    }

    #[test]
    fn csv_has_every_digit_and_tells_nothing_from_an_empty_text() {
        let expected = "id,name,total\r\n7,\"Ada, \"\"Countess\"\" of Lovelace\",1.10\r\n10,,12345678901234567.89\r\n11,\"\",-3";
        assert_eq!(csv(&["id", "name", "total"], &rows()), expected);
    }
}
