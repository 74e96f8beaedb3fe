//! The bytes of dead letters as they are shown: without what their contract calls sensitive.

use std::{borrow::Cow, sync::Arc};

use tenon_contracts::{
    Said, avro, json,
    text::csv::{self, Cells, Dialect},
};
use tenon_engine::inspect;
use tenon_errors::{Report, catalogue::data::WRONG_HEADER};
use tenon_model::{Shape, Value};
use tenon_plan::{Input, Plan};
use tenon_ports::{DeadLetter, RowFormat};
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

    /// The bytes as text, with `***` for what is sensitive, and whether anything is. What is not JSON is shown as the JSON of its
    /// value. Where the contract is not known any more, all of it may be sensitive.
    pub(super) fn bytes(&self, letter: &DeadLetter) -> (String, bool) {
        let message = self.plan.as_ref().and_then(|plan| message(plan, letter));
        let plain = || match &message {
            Some(Ok(text)) => text.trim_end().to_owned(),
            Some(Err(report)) if std::str::from_utf8(&letter.bytes).is_err() => {
                inspect::unreadable(letter.bytes.len(), report)
            }
            _ => String::from_utf8_lossy(&letter.bytes).trim_end().to_owned(),
        };
        if self.reveal {
            return (plain(), false);
        }
        let everything = || (MASKED.to_owned(), true);
        let Some(plan) = &self.plan else { return everything() };
        let contract = plan.contracts.iter().find(|(it, _)| it.to_string() == letter.contract.as_str());
        let Some((_, contract)) = contract else { return everything() };
        let masked = match dialect(plan, letter) {
            Some(dialect) => row(letter, dialect, &contract.shape),
            None => document(plain().as_bytes(), &contract.shape),
        };
        masked.map_or_else(|| (plain(), false), |masked| (masked, true))
    }
}

/// A message of a topic, or a row in an encoding of its contract, as JSON; `None` for what came from elsewhere.
fn message(plan: &Plan, letter: &DeadLetter) -> Option<Result<String, Report>> {
    match &plan.flow(&letter.flow)?.input {
        Input::Topic(topic) => {
            Some(topic.reader.show(&letter.bytes, Said::of(&letter.headers)).map(Cow::into_owned))
        }
        Input::File(file) => match &file.format.rows {
            RowFormat::Xml(xml) => Some(xml.codec.decode(&letter.bytes).map(|value| json::to_string(&value))),
            RowFormat::Avro { schema } => {
                Some(row_of_avro(letter, schema).map(|value| json::to_string(&value)))
            }
            RowFormat::Csv(_) | RowFormat::JsonLines | RowFormat::Json { .. } => None,
        },
        Input::Request(_) => None,
    }
}

/// A row of an Avro file, by the schema that it was written with.
fn row_of_avro(letter: &DeadLetter, schema: &avro::Schema) -> Result<Value, Report> {
    let writer = String::from_utf8_lossy(&letter.context);
    let unread = |reports| {
        Report::new(&WRONG_HEADER, "the schema of the row does not fit the contract").with_details(reports)
    };
    avro::codec::container::row_decoder(&writer, schema).map_err(unread)?.decode(&letter.bytes)
}

/// How the cells of a row are told apart; `None` for what is no row.
fn dialect(plan: &Plan, letter: &DeadLetter) -> Option<Dialect> {
    if letter.context.is_empty() {
        return None;
    }
    match plan.flow(&letter.flow).map(|flow| &flow.input) {
        Some(Input::File(file)) => match &file.format.rows {
            RowFormat::Csv(csv) => Some(csv.dialect),
            RowFormat::JsonLines | RowFormat::Json { .. } | RowFormat::Xml(_) | RowFormat::Avro { .. } => {
                None
            }
        },
        _ => Some(Dialect::default()),
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
fn row(letter: &DeadLetter, dialect: Dialect, shape: &Shape) -> Option<String> {
    let (mut header, mut row) = (Cells::default(), Cells::default());
    let context = letter.context.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&letter.context);
    let (names, cells) =
        (csv::split(&mut header, context, dialect), csv::split(&mut row, &letter.bytes, dialect));
    let whole = || {
        let whole = Value::from(String::from_utf8_lossy(&letter.bytes).trim_end());
        (mask(&whole, shape) != whole).then(|| MASKED.to_owned())
    };
    // Which cell is which cannot be told of what is no row, or one of another length.
    let (Ok(names), Ok(cells)) = (names, cells) else { return whole() };
    let (names, cells): (Vec<_>, Vec<_>) = (names.collect(), cells.collect());
    if names.len() != cells.len() {
        return whole();
    }
    let mut any = false;
    let masked = names.iter().zip(&cells).map(|(name, cell)| {
        let name = String::from_utf8_lossy(name.bytes);
        let value = Value::from(String::from_utf8_lossy(cell.bytes).into_owned());
        let field = Value::record([(&*name, value)]);
        let hidden = !cell.bytes.is_empty() && mask(&field, shape) != field;
        any |= hidden;
        if hidden { MASKED.as_bytes() } else { cell.bytes }
    });
    let masked = csv::join(masked.collect::<Vec<_>>().into_iter(), dialect);
    any.then(|| String::from_utf8_lossy(&masked).into_owned())
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
}
