//! Reading messages: the bytes of a topic become a value of the topic's contract, whatever version and encoding they are of, as far as the
//! steps read it. Files and requests bring values.

use tenon_contracts::{Part, Reader, Said};
use tenon_errors::{Report, catalogue::engine::INTERNAL};
use tenon_model::Value;
use tenon_plan::{Flow, Input as FlowInput};

use crate::batch::{Batch, Failure, Input, Item, Outcome};

/// Puts the value of each message into slot 0 of its frame. A value that was decoded once is kept for the next attempt.
pub(crate) fn run(flow: &Flow, batch: &mut Batch) {
    let reader = match &flow.input {
        FlowInput::Topic(topic) => Some(topic.reader.as_ref()),
        FlowInput::Request(reader) => Some(reader.as_ref()),
        FlowInput::File(_) => None,
    };
    for item in &mut batch.items {
        match read(item, reader, flow.part.as_ref()) {
            Ok(value) => {
                item.frame.values[0] = value.clone();
                item.input = Input::Value(value);
                item.outcome = Outcome::Going;
            }
            Err(report) => item.outcome = Outcome::Failed(Failure { step: None, report }),
        }
    }
}

fn read(item: &Item, reader: Option<&Reader>, part: Option<&Part>) -> Result<Value, Report> {
    match (&item.input, reader) {
        (Input::Value(value), _) => Ok(value.clone()),
        (Input::Bytes(bytes), Some(reader)) => reader.read_part(bytes, Said::of(&item.headers), part),
        (Input::Bytes(_), None) => {
            Err(Report::new(&INTERNAL, "the source of a file brought bytes that nothing can decode"))
        }
        (Input::Broken(report), _) => Err(report.clone()),
    }
}
