//! What arrives, as a message on its way.

use std::sync::Arc;

use jiff::Timestamp;
use tenon_errors::{
    Report,
    catalogue::{
        delivery::{ROW_WENT_ON, WOULD_COUNT_AGAIN},
        system::FILE_CHANGED,
    },
};
use tenon_mapping::Frame;
use tenon_model::{Str, TraceContext, Value};
use tenon_plan::Input as FlowInput;
use tenon_ports::{Arrival, DeadLetterQuery};

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
        let event = self.shared.identity.event(&arrival.origin, &arrival.bytes);
        let time = arrival.time.unwrap_or(now);
        Item {
            index,
            part: 0,
            frame: Frame::new(values, now).of(self.shared.identity.flow(), event.clone(), time),
            event,
            begun_as: None,
            origin: arrival.origin,
            next: arrival.next,
            bytes: arrival.bytes,
            clipped: arrival.clipped,
            input,
            key: arrival.key,
            headers: arrival.headers,
            time,
            trace,
            attempts: 0,
            answered: None,
            behind: false,
            outcome: Outcome::Going,
        }
    }

    /// A file that was cut short since the checkpoint starts again before it; going on would count rows twice. A last row
    /// that has become longer also starts before the checkpoint, and ends after it: it is read again as a whole, unless its
    /// beginning was counted. Returns the dead letter that its beginning became.
    pub(super) async fn has_not_gone_back(&mut self, arrival: &Arrival) -> Result<Option<Str>, Report> {
        let flow = Arc::clone(&self.shared.program.flow);
        let is_file = matches!(flow.input, FlowInput::File(_));
        if !is_file || self.next_index > 0 || arrival.origin.position.offset >= self.resumed.offset {
            return Ok(None);
        }
        let source = &arrival.origin.source;
        if arrival.next.offset <= self.resumed.offset {
            let message = format!("`{source}` is shorter than what was read of it before");
            return Err(self.around.of_changed(&flow, Report::new(&FILE_CHANGED, message), true));
        }
        let letter = self.letter_of_beginning(arrival).await?;
        if letter.is_some() {
            return Ok(letter);
        }
        if !self.around.counts() {
            let message = format!(
                "the last row of `{source}` had no line break and was processed, and now it goes on: {}",
                arrival.origin
            );
            let report = Report::new(&ROW_WENT_ON, message);
            tracing::warn!(
                flow = %flow.name,
                code = report.code().id,
                origin = %arrival.origin,
                hint = "see what the beginning of the row has left, such as a row under a key that was cut",
                "{}; it is processed again as a whole",
                report.message()
            );
            return Ok(None);
        }
        let message = format!(
            "the last row of `{source}` had no line break and was counted, and now it goes on: {}",
            arrival.origin
        );
        let name = &flow.name;
        let hint = if self.around.can_rebuild(&flow) {
            format!("use `--rebuild {name}` to rebuild its tables from empty")
        } else {
            "give each delivery a line break at its end; `tenon explain F0020` says how to rebuild what was counted".to_owned()
        };
        Err(Report::new(&WOULD_COUNT_AGAIN, message).hint(hint))
    }

    /// The dead letter that the beginning of this row, which was read as a row before, became.
    async fn letter_of_beginning(&mut self, arrival: &Arrival) -> Result<Option<Str>, Report> {
        let length = self.resumed.offset - arrival.origin.position.offset;
        let Some(before) = usize::try_from(length).ok().and_then(|length| arrival.bytes.get(..length)) else {
            return Ok(None);
        };
        let letters = self.shared.identity.letters_at(&arrival.origin);
        let id = Some(smol_str::format_smolstr!("{letters}{:08x}", crc32c::crc32c(before)));
        let query = DeadLetterQuery { id, limit: 1, ..DeadLetterQuery::default() };
        Ok(self.shared.world.state.dead_letters(query).await?.pop().map(|letter| letter.id))
    }
}
