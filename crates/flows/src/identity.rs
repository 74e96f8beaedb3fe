//! What identifies an input, in every place where that matters: dead letters, published events, repeats.

use tenon_errors::render;
use tenon_model::{Headers, Str};
use tenon_plan::Flow;
use tenon_ports::{DeadLetter, Origin};

use bytes::Bytes;
use jiff::Timestamp;

use crate::batch::{Failure, Item};

/// Names the inputs of one flow, and makes dead letters of those that failed.
#[derive(Debug, Clone)]
pub(crate) struct Identity {
    flow: Str,
    contract: Str,
    mapping: Str,
    context: Bytes,
    /// Tells apart files of the same name: without it, a failed row of today's file would replace the dead letter of
    /// yesterday's row at the same position. Empty for topics.
    salt: Str,
}

impl Identity {
    /// The identity of inputs of `flow` from a source with this fingerprint. `context` is what their bytes cannot be
    /// read without.
    pub(crate) fn new(flow: &Flow, fingerprint: &str, context: Bytes) -> Self {
        Self {
            flow: Str::new(flow.name.as_str()),
            contract: flow.contract.reference.to_string().into(),
            mapping: flow.fingerprint.clone(),
            context,
            salt: if fingerprint.is_empty() {
                Str::default()
            } else {
                format!("{:016x}-", digest(fingerprint)).into()
            },
        }
    }

    /// The id of the events made from the input at `origin`: unique for this flow, equal when the source is read again,
    /// and in the order of the source.
    pub(crate) fn event(&self, origin: &Origin) -> Str {
        smol_str::format_smolstr!("{}{:012}", self.salt, origin.position.offset)
    }

    /// The dead letter of a message that has failed permanently.
    pub(crate) fn dead_letter(
        &self,
        item: &Item,
        failure: &Failure,
        step: &str,
        now: Timestamp,
    ) -> DeadLetter {
        DeadLetter {
            id: smol_str::format_smolstr!("{}-{}", self.flow, item.event),
            flow: self.flow.clone(),
            step: Str::new(step),
            origin: item.origin.clone(),
            bytes: item.bytes.clone(),
            clipped: item.clipped,
            context: self.context.clone(),
            key: item.key.clone(),
            headers: headers(item),
            time: Some(item.time),
            contract: self.contract.clone(),
            mapping: self.mapping.clone(),
            code: Str::new_static(failure.report.code().id),
            message: Str::new(failure.report.message()),
            report: render::json(&failure.report).to_string(),
            attempts: item.attempts.max(1),
            first_failed: now,
            last_failed: now,
        }
    }
}

/// The event id in a dead letter's id, so that a replay publishes under the id that the first attempt would have had.
pub(crate) fn event_of(letter: &DeadLetter) -> Str {
    let id = letter.id.strip_prefix(letter.flow.as_str()).and_then(|rest| rest.strip_prefix('-'));
    id.map_or_else(|| letter.id.clone(), Str::new)
}

/// What came with the message, and the trace that its log lines have.
fn headers(item: &Item) -> Headers {
    let mut headers = item.headers.clone();
    if headers.get("traceparent").is_none() {
        headers.set(Str::new_static("traceparent"), smol_str::format_smolstr!("{}", item.trace));
    }
    headers
}

/// A stable digest (FNV-1a): successive files of one name must never meet in it, since the dead letters of one would
/// replace those of the other.
pub(crate) fn digest(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |digest, byte| {
        (digest ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use bytes::Bytes;
    use tenon_ports::{Origin, Position};

    use super::Identity;
    use crate::testing::FlowBuilder;

    #[test]
    fn files_of_one_name_never_share_an_id() {
        let flow = FlowBuilder::from_rows().publish().build();
        let origin =
            Origin { source: "rows.csv".into(), position: Position { offset: 10, line: 2, tail: 0 } };
        let event =
            |file: u32| Identity::new(&flow, &format!("4096-{file:016x}"), Bytes::new()).event(&origin);
        let events: HashSet<_> = (0..20_000).map(event).collect();
        assert_eq!(events.len(), 20_000);
        assert_eq!(event(7).split('-').map(str::len).collect::<Vec<_>>(), [16, 12]);
    }
}
