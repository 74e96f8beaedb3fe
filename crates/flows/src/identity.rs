//! What identifies an input, in every place where that matters: dead letters, published events, repeats.

use tenon_errors::render;
use tenon_model::Str;
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
                format!("{:04x}-", fold(fingerprint)).into()
            },
        }
    }

    /// The id of the events made from the input at `origin`: unique for this flow, equal when the source is read again,
    /// in the order of the source, and short enough to need no allocation.
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
            context: self.context.clone(),
            headers: item.headers.clone(),
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

/// A stable 16-bit digest (FNV-1a, folded): it only has to differ between successive files of one name.
fn fold(text: &str) -> u16 {
    let digest = text.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |digest, byte| {
        (digest ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    let folded = digest ^ (digest >> 32);
    #[expect(clippy::cast_possible_truncation, reason = "folding is meant to keep the low bits")]
    let low = (folded ^ (folded >> 16)) as u16;
    low
}
