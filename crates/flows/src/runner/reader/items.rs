//! What arrives, as a message on its way.

use jiff::Timestamp;
use tenon_errors::{Report, catalogue::system::FILE_CHANGED};
use tenon_mapping::Frame;
use tenon_model::{TraceContext, Value};
use tenon_plan::Input as FlowInput;
use tenon_ports::Arrival;

use super::Reader;
use crate::batch::{Input, Item, Outcome};

impl Reader {
    pub(super) fn item(&mut self, arrival: Arrival, now: Timestamp) -> Item {
        let index = self.next_index;
        self.next_index += 1;
        let mut values = self.frames.pop().unwrap_or_default();
        values.resize(self.shared.program.flow.variables.len().max(1), Value::Null);
        let input = match arrival.payload {
            Ok(payload) => match payload.value {
                Some(value) => Input::Value(value),
                None => Input::Bytes(payload.bytes.unwrap_or_else(|| arrival.bytes.clone())),
            },
            Err(report) => Input::Broken(report),
        };
        let trace = match arrival.headers.get("traceparent").and_then(TraceContext::parse) {
            Some(caller) => caller.child(self.random.id()),
            None => TraceContext {
                trace_id: (u128::from(self.random.id()) << 64) | u128::from(self.random.next()),
                span_id: self.random.id(),
                flags: 0,
            },
        };
        Item {
            index,
            part: 0,
            event: self.shared.identity.event(&arrival.origin, &arrival.bytes),
            origin: arrival.origin,
            next: arrival.next,
            bytes: arrival.bytes,
            clipped: arrival.clipped,
            input,
            key: arrival.key,
            headers: arrival.headers,
            time: arrival.time.unwrap_or(now),
            trace,
            attempts: 0,
            frame: Frame { values, now },
            outcome: Outcome::Going,
        }
    }

    /// A file that was cut short since the checkpoint starts again before it; going on would count rows twice. A last row
    /// that has become longer also starts before the checkpoint, and ends after it.
    pub(super) fn has_not_gone_back(&self, arrival: &Arrival) -> Result<(), Report> {
        let is_file = matches!(self.shared.program.flow.input, FlowInput::File(_));
        let starts_before = arrival.origin.position.offset < self.resumed;
        if is_file && self.next_index == 0 && starts_before && arrival.next.offset <= self.resumed {
            let message = format!("`{}` is shorter than what was read of it before", arrival.origin.source);
            return Err(Report::new(&FILE_CHANGED, message).hint(format!(
                "run with `--restart-source {}` to read it from the start",
                self.shared.program.flow.name
            )));
        }
        Ok(())
    }
}
