//! Reading messages: the bytes of a topic become a value by the topic's contract. Files and requests bring values.

use tenon_contracts::json::Decoder;
use tenon_errors::{Report, catalogue::engine::INTERNAL};
use tenon_model::Value;
use tenon_plan::{Flow, Input as FlowInput};

use crate::batch::{Batch, Failure, Input, Item, Outcome};

/// Puts the value of each message into slot 0 of its frame. A value that was decoded once is kept for the next attempt.
pub(crate) fn run(flow: &Flow, batch: &mut Batch) {
    let decoder = match &flow.input {
        FlowInput::Topic(topic) => Some(topic.decoder.as_ref()),
        FlowInput::Request(decoder) => Some(decoder.as_ref()),
        FlowInput::File(_) => None,
    };
    for item in &mut batch.items {
        match read(item, decoder) {
            Ok(value) => {
                item.frame.values[0] = value.clone();
                item.input = Input::Value(value);
                item.outcome = Outcome::Going;
            }
            Err(report) => item.outcome = Outcome::Failed(Failure { step: None, report }),
        }
    }
}

fn read(item: &Item, decoder: Option<&Decoder>) -> Result<Value, Report> {
    match (&item.input, decoder) {
        (Input::Value(value), _) => Ok(value.clone()),
        (Input::Bytes(bytes), Some(decoder)) => decoder.decode(bytes),
        (Input::Bytes(_), None) => {
            Err(Report::new(&INTERNAL, "the source of a file brought bytes that nothing can decode"))
        }
        (Input::Broken(report), _) => Err(report.clone()),
    }
}
