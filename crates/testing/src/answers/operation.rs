//! Operations whose messages are made by their description: what was asked as a value, and what is answered as a message.

use serde_json::{Value as Json, json};
use tenon_contracts::{
    format::{Answering, Operation, Outgoing},
    json::{self, Decoder},
};
use tenon_errors::{Report, catalogue::engine::BAD_TEST};
use tenon_model::{Shape, Value};
use tenon_ports::Received;

use super::answer::Said;

/// An operation that is answered.
pub(super) struct Answered<'a> {
    pub(super) answering: &'a dyn Answering,
    pub(super) described: &'a Operation,
}

impl Answered<'_> {
    /// What was asked, as tests see it.
    pub(super) fn shown(&self, request: &Outgoing) -> Json {
        let input = match self.answering.asked(request) {
            Ok(value) => serde_json::from_str(&json::to_string(&value)).unwrap_or_default(),
            Err(_) => Json::from(String::from_utf8_lossy(&request.body)),
        };
        json!({ "request": self.described.name.as_str(), "input": input })
    }

    /// What was said, as the system would send it.
    ///
    /// # Errors
    /// `E0102` for what the operation cannot say.
    pub(super) fn reply(&self, said: &Said) -> Result<Received, Report> {
        let name = &self.described.name;
        let replied = match said {
            Said::Value(text) => {
                // An operation that answers nothing is answered by nothing.
                let text = if text.is_empty() { "null" } else { text };
                value(text, &self.described.output).and_then(|value| self.answering.done(&value))
            }
            Said::Fault { name, reason, value: said } => {
                let declared = self.described.errors.iter().find(|failure| failure.name == name.as_str());
                let shape = declared.map_or(Shape::ANY, |failure| failure.shape.clone());
                let said = said.as_deref().map(|text| value(text, &shape)).transpose();
                said.and_then(|said| self.answering.refused(name, reason, said.as_ref()))
            }
        };
        replied.map_err(|report| {
            let details =
                if report.details().is_empty() { vec![report.clone()] } else { report.details().to_vec() };
            Report::new(&BAD_TEST, format!("`{name}` does not answer so")).with_details(details)
        })
    }
}

fn value(text: &str, shape: &Shape) -> Result<Value, Report> {
    Decoder::new(shape)?.decode(text.as_bytes())
}
