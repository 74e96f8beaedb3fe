//! What identifies an input, in every place where that matters: dead letters, published events, repeats.

use std::sync::Arc;

use bytes::Bytes;
use jiff::Timestamp;
use tenon_contracts::{Reader, Said};
use tenon_errors::render;
use tenon_model::{Headers, Str};
use tenon_plan::{Flow, Input};
use tenon_ports::{
    DeadLetter, Origin, Position,
    input::{digest, input_id},
};

use crate::batch::{Failure, Item};

/// Names the inputs of one flow, and makes dead letters of those that failed.
#[derive(Debug, Clone)]
pub(crate) struct Identity {
    flow: Str,
    contract: Str,
    mapping: Str,
    context: Bytes,
    /// The digest of the stream's name.
    stream: u64,
    /// What reads the messages of a topic.
    reader: Option<Arc<Reader>>,
}

impl Identity {
    /// The identity of inputs of `flow` from the stream of this name. `context` is what their bytes cannot be read without.
    pub(crate) fn new(flow: &Flow, stream: &str, context: Bytes) -> Self {
        Self {
            flow: Str::new(flow.name.as_str()),
            contract: flow.contract.reference.to_string().into(),
            mapping: flow.fingerprint.clone(),
            context,
            stream: digest(stream),
            reader: match &flow.input {
                Input::Topic(topic) => Some(Arc::clone(&topic.reader)),
                Input::File(_) | Input::Request(_) => None,
            },
        }
    }

    /// The id of the events made from the input at `origin`: unique for this flow, equal when the source is read again,
    /// and in the order of the source.
    ///
    /// It has a check of the bytes: a row that somebody has corrected in its place, and a message in the place of one that a
    /// disk has lost, are other inputs.
    pub(crate) fn event(&self, origin: &Origin, bytes: &[u8]) -> Str {
        let input = input_id(self.stream, origin.position.offset);
        input.text("-").hex(crc32c::crc32c(bytes).into(), 8).into()
    }

    /// The id of the dead letter that a message is or would be.
    pub(crate) fn letter(&self, item: &Item) -> Str {
        smol_str::format_smolstr!("{}-{}", self.flow, item.event)
    }

    /// What the ids of all dead letters of the stream begin with, and what comes before those from `position` on.
    pub(crate) fn letters_from(&self, position: Position) -> (Str, Str) {
        let prefix = smol_str::format_smolstr!("{}-{:016x}-", self.flow, self.stream);
        let before = smol_str::format_smolstr!("{prefix}{:012}", position.offset);
        (prefix, before)
    }

    /// What the ids of dead letters from `origin` begin with, whatever was there.
    pub(crate) fn letters_at(&self, origin: &Origin) -> Str {
        let input = input_id(self.stream, origin.position.offset);
        smol_str::format_smolstr!("{}-{}-", self.flow, input.as_str())
    }

    /// The name of the flow.
    pub(crate) fn flow(&self) -> Str {
        self.flow.clone()
    }

    /// The dead letter of a message that has failed permanently.
    pub(crate) fn dead_letter(
        &self,
        item: &Item,
        failure: &Failure,
        step: &str,
        now: Timestamp,
    ) -> DeadLetter {
        let mut headers = headers(item);
        let contract = self.say(&mut headers);
        DeadLetter {
            id: self.letter(item),
            flow: self.flow.clone(),
            step: Str::new(step),
            origin: item.origin.clone(),
            bytes: item.bytes.clone(),
            clipped: item.clipped,
            context: self.context.clone(),
            key: item.key.clone(),
            headers,
            time: Some(item.time),
            contract,
            mapping: self.mapping.clone(),
            code: Str::new_static(failure.report.code().id),
            message: Str::new(failure.report.message()),
            report: render::json(&failure.report).to_string(),
            attempts: item.attempts.max(1),
            first_failed: now,
            last_failed: now,
            taken: Vec::new(),
        }
    }
}

impl Identity {
    /// The contract that a message was read by. What it does not say of itself is said from now on, so that a replay reads it
    /// alike when its topic has got another encoding.
    fn say(&self, headers: &mut Headers) -> Str {
        let Some(reader) = &self.reader else { return self.contract.clone() };
        let said = Said::of(headers);
        let contract = said.contract.map_or_else(|| self.contract.clone(), Str::new);
        if let Some(media_type) = reader.media_type_unsaid(said) {
            headers.set(Str::new_static("content-type"), Str::new_static(media_type));
        }
        contract
    }
}

/// The event id in a dead letter's id, so that a replay publishes under the id that the first attempt would have had.
pub(crate) fn event_of(letter: &DeadLetter) -> Str {
    let id = letter.id.strip_prefix(letter.flow.as_str()).and_then(|rest| rest.strip_prefix('-'));
    id.map_or_else(|| letter.id.clone(), Str::new)
}

/// The digest of the stream that a letter's message came from, by its id; not known of letters that an earlier Tenon kept.
pub(crate) fn stream_of(letter: &DeadLetter) -> Option<u64> {
    let event = event_of(letter);
    let mut parts = event.split('-');
    let (stream, _, check) = (parts.next()?, parts.next()?, parts.next()?);
    let is_whole = parts.next().is_none() && stream.len() == 16 && check.len() == 8;
    is_whole.then(|| u64::from_str_radix(stream, 16).ok()).flatten()
}

/// What came with the message, and the trace that its log lines have.
fn headers(item: &Item) -> Headers {
    let mut headers = item.headers.clone();
    if headers.get("traceparent").is_none() {
        headers.set(Str::new_static("traceparent"), item.trace.header());
    }
    headers
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use bytes::Bytes;
    use tenon_ports::{Origin, Position};

    use super::Identity;
    use crate::testing::FlowBuilder;

    #[test]
    fn inputs_of_different_files_topics_and_contents_never_share_an_id() {
        let flow = FlowBuilder::from_rows().publish().build();
        let origin =
            Origin { source: "rows.csv".into(), position: Position { offset: 10, line: 2, tail: 0 } };
        let event =
            |stream: &str, bytes: &[u8]| Identity::new(&flow, stream, Bytes::new()).event(&origin, bytes);
        let file = |n: u32| event(&format!("rows.csv\n4096-{n:016x}"), b"a,1");
        let mut events: HashSet<_> = (0..20_000).map(file).collect();
        events.insert(event("other.csv\n4096-0000000000000007", b"a,1"));
        events.insert(event("rows.csv\n4096-0000000000000007", b"a,2"));
        assert_eq!(events.len(), 20_002);
        assert_eq!(file(7), file(7));
        assert_eq!(file(7).split('-').map(str::len).collect::<Vec<_>>(), [16, 12, 8]);
    }
}
