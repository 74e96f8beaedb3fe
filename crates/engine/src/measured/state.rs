//! Whether the engine's own state takes what it is to keep.

use std::sync::Arc;

use async_trait::async_trait;
use jiff::Timestamp;
use tenon_errors::{
    Report,
    catalogue::delivery::{DEAD_LETTERS_FULL, REQUESTS_UNFINISHED},
};
use tenon_model::Str;
use tenon_ports::{
    CallId, CallsDone, Cause, Checkpoint, Claim, ClaimId, DeadLetter, DeadLetterQuery, LetGo,
    LetterRetention, Moved, Moves, Noted, Settled, State,
};

use super::Health;

/// What readiness knows the engine's own state by.
pub(crate) const PART: &str = "tenon.db";

/// The engine's own state, whose failures are seen at once, whoever meets them.
pub(crate) struct MeasuredState {
    inner: Arc<dyn State>,
    health: Arc<Health>,
}

impl MeasuredState {
    pub(crate) fn new(inner: Arc<dyn State>, health: &Arc<Health>) -> Self {
        Self { inner, health: Arc::clone(health) }
    }

    fn note<T>(&self, result: Result<T, Report>) -> Result<T, Report> {
        match &result {
            // A bound that is reached says nothing about the file.
            Err(report) if [&DEAD_LETTERS_FULL, &REQUESTS_UNFINISHED].contains(&report.code()) => result,
            _ => self.health.note(PART, result),
        }
    }

    /// Reading shows when the file fails, and nothing about whether it can be written again.
    fn note_read<T>(&self, result: Result<T, Report>) -> Result<T, Report> {
        self.health.note_failure(PART, result)
    }
}

#[async_trait]
impl State for MeasuredState {
    async fn checkpoint(&self, flow: &str, source: &str) -> Result<Option<Checkpoint>, Report> {
        self.note_read(self.inner.checkpoint(flow, source).await)
    }

    async fn checkpoints(&self, flow: Option<&str>) -> Result<Vec<(Str, Checkpoint)>, Report> {
        self.note_read(self.inner.checkpoints(flow).await)
    }

    async fn record(
        &self,
        flow: &str,
        dead: Vec<DeadLetter>,
        checkpoint: Option<Checkpoint>,
    ) -> Result<(), Report> {
        self.note(self.inner.record(flow, dead, checkpoint).await)
    }

    async fn record_within(
        &self,
        flow: &str,
        dead: Vec<DeadLetter>,
        checkpoint: Option<Checkpoint>,
        keep: LetterRetention,
        now: Timestamp,
    ) -> Result<LetGo, Report> {
        self.note(self.inner.record_within(flow, dead, checkpoint, keep, now).await)
    }

    async fn expire_dead_letters(&self, flow: &str, before: Timestamp) -> Result<LetGo, Report> {
        self.note(self.inner.expire_dead_letters(flow, before).await)
    }

    async fn note_moves(&self, flow: &str, moves: Moves) -> Result<(), Report> {
        self.note(self.inner.note_moves(flow, moves).await)
    }

    async fn moves(&self, flow: &str, keys: Vec<u64>) -> Result<Moved, Report> {
        self.note_read(self.inner.moves(flow, keys).await)
    }

    async fn forget_moves(&self, flow: &str) -> Result<(), Report> {
        self.note(self.inner.forget_moves(flow).await)
    }

    async fn begin_call(&self, id: CallId, again: bool) -> Result<Option<Noted>, Report> {
        self.note(self.inner.begin_call(id, again).await)
    }

    async fn settle_call(&self, id: CallId, settled: Settled) -> Result<(), Report> {
        self.note(self.inner.settle_call(id, settled).await)
    }

    async fn forget_calls(&self, done: CallsDone) -> Result<(), Report> {
        self.note(self.inner.forget_calls(done).await)
    }

    async fn reset(&self, flow: &str) -> Result<(), Report> {
        self.note(self.inner.reset(flow).await)
    }

    async fn dead_letters(&self, query: DeadLetterQuery) -> Result<Vec<DeadLetter>, Report> {
        self.note_read(self.inner.dead_letters(query).await)
    }

    async fn dead_letter_counts(&self) -> Result<Vec<(Str, Str, u64)>, Report> {
        self.note_read(self.inner.dead_letter_counts().await)
    }

    async fn dead_letter_causes(&self) -> Result<Vec<Cause>, Report> {
        self.note_read(self.inner.dead_letter_causes().await)
    }

    async fn drop_dead_letters(&self, ids: Vec<Str>) -> Result<u64, Report> {
        self.note(self.inner.drop_dead_letters(ids).await)
    }

    async fn claimed(&self, id: &ClaimId, now: Timestamp) -> Result<Option<Claim>, Report> {
        self.note_read(self.inner.claimed(id, now).await)
    }

    async fn claim(&self, id: ClaimId, claim: Claim, now: Timestamp) -> Result<Option<Claim>, Report> {
        self.note(self.inner.claim(id, claim, now).await)
    }

    async fn complete(&self, number: u64) -> Result<bool, Report> {
        self.note(self.inner.complete(number).await)
    }

    async fn release(&self, number: u64) -> Result<(), Report> {
        self.note(self.inner.release(number).await)
    }

    async fn forget(&self, number: u64) -> Result<bool, Report> {
        self.note(self.inner.forget(number).await)
    }

    async fn over(&self, numbers: Vec<u64>) -> Result<Vec<u64>, Report> {
        self.note_read(self.inner.over(numbers).await)
    }

    async fn open_claims(
        &self,
        flow: &str,
        after: Option<u64>,
        limit: usize,
        now: Timestamp,
    ) -> Result<Vec<(ClaimId, Claim)>, Report> {
        self.note_read(self.inner.open_claims(flow, after, limit, now).await)
    }
}
