//! Requests that are sent again with the same idempotency key: they get the first reply, and have no second effect
//! (draft-ietf-httpapi-idempotency-key-header).
//!
//! While the first is in hand, others with its key are told to come again. What it was replied is remembered for a day. A
//! crash after its effect and before that is remembered leaves nothing: then the request takes effect again.

use std::{
    collections::HashSet,
    sync::{Arc, Mutex, PoisonError},
};

use jiff::{SignedDuration, Timestamp};
use tenon_contracts::json::{self, Decoder};
use tenon_errors::{
    Report,
    catalogue::delivery::{KEY_REUSED, REQUEST_IN_HAND},
};
use tenon_model::{Str, Value};
use tenon_plan::Flow;
use tenon_ports::{Remembered, State, input::digest};

/// How long a reply is remembered.
const KEPT: SignedDuration = SignedDuration::from_hours(24);
/// A reply of more bytes is not remembered.
const MOST_BYTES: usize = 1 << 20;

/// The keys of the requests that one flow has in hand.
pub(super) type InHand = Arc<Mutex<HashSet<Str>>>;

/// One request with a key, in hand until this is dropped.
pub(super) struct Claim {
    in_hand: InHand,
    key: Str,
    request: Str,
}

impl Claim {
    /// Takes the request with `key` in hand.
    ///
    /// # Errors
    /// `F0010` if it is already.
    pub(super) fn take(in_hand: &InHand, key: Str, request: &Value) -> Result<Self, Report> {
        let request = format!("{:016x}", digest(&json::to_string(request))).into();
        let is_new = in_hand.lock().unwrap_or_else(PoisonError::into_inner).insert(key.clone());
        if !is_new {
            return Err(Report::new(&REQUEST_IN_HAND, "a request with this `Idempotency-Key` is in hand")
                .hint("send it again a little later"));
        }
        Ok(Self { in_hand: Arc::clone(in_hand), key, request })
    }

    /// What it was replied before.
    ///
    /// # Errors
    /// `F0011` if that was another request.
    pub(super) async fn replied(
        &self,
        state: &dyn State,
        flow: &Flow,
        now: Timestamp,
    ) -> Result<Option<Value>, Report> {
        let Some(held) = state.remembered(&flow.name, &self.key, now).await? else { return Ok(None) };
        if held.request != self.request {
            let message = "this `Idempotency-Key` was used for a request with another content";
            return Err(Report::new(&KEY_REUSED, message).hint("choose a new key for each request"));
        }
        let decoder = flow.reply.as_ref().map(|reply| reply.decoder.decode(held.reply.as_bytes()));
        match decoder {
            Some(Ok(value)) => Ok(Some(value)),
            // The contract has changed since.
            Some(Err(_)) | None => Decoder::open().decode(held.reply.as_bytes()).map(Some),
        }
    }

    /// Remembers what it is replied. Its effects have happened, so a failure of this is no failure of the request.
    pub(super) async fn remember(&self, state: &dyn State, flow: &Flow, reply: &Value, now: Timestamp) {
        let text = json::to_string(reply);
        if text.len() > MOST_BYTES {
            tracing::warn!(flow = %flow.name, bytes = text.len(), "a reply is too large to be remembered");
            return;
        }
        let until = now.saturating_add(KEPT).unwrap_or(Timestamp::MAX);
        let reply = Remembered { request: self.request.clone(), reply: text, until };
        if let Err(report) = state.remember(&flow.name, &self.key, reply, now).await {
            tracing::warn!(flow = %flow.name, code = report.code().id, %report, "a reply could not be remembered");
        }
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        self.in_hand.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.key);
    }
}
