//! The bytes of dead letters as they are shown: without what their contract calls sensitive.

use std::sync::Arc;

use tenon_contracts::json;
use tenon_model::{Shape, Value};
use tenon_plan::{Input, Plan};
use tenon_ports::{DeadLetter, FileFormat};
use tenon_security::{mask::mask, secret::MASKED};

use super::selected::Selected;

/// What is known about the contracts of dead letters.
pub(super) struct Masks {
    plan: Option<Arc<Plan>>,
    reveal: bool,
}

impl Masks {
    pub(super) fn new(selected: &Selected, reveal: bool) -> Self {
        Self { plan: selected.plan.clone(), reveal }
    }

    /// The bytes as text, with `***` for what is sensitive. Where the contract is not known any more, all of it may be.
    pub(super) fn bytes(&self, letter: &DeadLetter) -> String {
        let plain = || String::from_utf8_lossy(&letter.bytes).trim_end().to_owned();
        if self.reveal {
            return plain();
        }
        let Some(plan) = &self.plan else { return MASKED.to_owned() };
        let contract = plan.contracts.iter().find(|(it, _)| it.to_string() == letter.contract.as_str());
        let Some((_, contract)) = contract else { return MASKED.to_owned() };
        let masked = match delimiter(plan, letter) {
            Some(delimiter) => row(letter, delimiter, &contract.shape),
            None => document(&letter.bytes, &contract.shape),
        };
        masked.unwrap_or_else(plain)
    }
}

/// What separates the cells of a row; `None` for what is no row.
fn delimiter(plan: &Plan, letter: &DeadLetter) -> Option<char> {
    if letter.context.is_empty() {
        return None;
    }
    match plan.flow(&letter.flow).map(|flow| &flow.input) {
        Some(Input::File(file)) => match &file.format {
            FileFormat::Csv { delimiter, .. } => Some(char::from(*delimiter)),
            FileFormat::JsonLines => None,
        },
        _ => Some(','),
    }
}

/// A JSON document, masked; `None` if nothing in it is sensitive.
fn document(bytes: &[u8], shape: &Shape) -> Option<String> {
    let text = || Value::from(String::from_utf8_lossy(bytes).trim_end());
    let value = json::Decoder::new(&Shape::ANY).and_then(|decoder| decoder.decode(bytes.trim_ascii()));
    // What cannot be read is held against the contract as text: it is masked if anything in the contract is.
    let value = value.unwrap_or_else(|_| text());
    let masked = mask(&value, shape);
    (masked != value).then(|| match &masked {
        Value::String(text) => text.to_string(),
        other => json::to_string(other),
    })
}

/// A row of CSV, masked cell by cell; `None` if nothing in it is sensitive.
fn row(letter: &DeadLetter, delimiter: char, shape: &Shape) -> Option<String> {
    let header = String::from_utf8_lossy(&letter.context);
    let text = String::from_utf8_lossy(&letter.bytes);
    let (names, cells) = (split(&header, delimiter), split(&text, delimiter));
    if names.len() != cells.len() {
        // Which cell is which cannot be told.
        let whole = Value::from(text.trim_end());
        return (mask(&whole, shape) != whole).then(|| MASKED.to_owned());
    }
    let mut any = false;
    let masked = names.iter().zip(&cells).map(|(name, cell)| {
        let field = Value::record([(name.trim_matches('"'), Value::from(*cell))]);
        let hidden = !cell.is_empty() && mask(&field, shape) != field;
        any |= hidden;
        if hidden { MASKED } else { *cell }
    });
    let masked = masked.collect::<Vec<_>>().join(&delimiter.to_string());
    any.then_some(masked)
}

/// The cells of a row as they are written, quotes included.
fn split(row: &str, delimiter: char) -> Vec<&str> {
    let row = row.trim_start_matches('\u{feff}').trim_end_matches(['\r', '\n']);
    let (mut cells, mut start, mut quoted) = (Vec::new(), 0, false);
    for (at, c) in row.char_indices() {
        if c == '"' {
            quoted = !quoted;
        } else if c == delimiter && !quoted {
            cells.push(&row[start..at]);
            start = at + c.len_utf8();
        }
    }
    cells.push(&row[start..]);
    cells
}

#[cfg(test)]
mod tests {
    use tenon_model::{Field, Sensitivity};

    use super::*;

    fn customer() -> Shape {
        let email =
            Field { sensitivity: Some(Sensitivity::Personal), ..Field::required("email", Shape::string()) };
        Shape::record(vec![Field::required("id", Shape::INT), email])
    }

    #[test]
    fn a_document_is_masked_field_by_field_and_one_that_cannot_be_read_as_a_whole() {
        let check = |bytes: &str, expected: Option<&str>| {
            assert_eq!(document(bytes.as_bytes(), &customer()).as_deref(), expected, "{bytes}");
        };
        check(r#"{"id":1,"email":"ann@x"}"#, Some(r#"{"id":1,"email":"***"}"#));
        check(r#"{"id":1}"#, None);
        check(r#"{"id":1,"email":"ann"#, Some("***"));
        check(r#"{"id":1,"e-mail":"ann@x"}"#, Some(r#"{"id":1,"e-mail":"***"}"#));
    }

    #[test]
    fn cells_are_split_outside_of_quotes() {
        assert_eq!(split("a,\"b,c\",\r\n", ','), ["a", "\"b,c\"", ""]);
        assert_eq!(split("", ';'), [""]);
    }
}
