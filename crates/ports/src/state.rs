//! What the engine itself remembers between runs: how far each flow has come, and its dead letters.

use async_trait::async_trait;
use bytes::Bytes;
use jiff::Timestamp;
use tenon_errors::Report;
use tenon_model::{Headers, Str};

use crate::{
    CallId, CallsDone, Cause, DeadLetter, DeadLetterQuery, LetGo, LetterRetention, Noted, Position, Settled,
};

/// How far a flow has come in one of its sources.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Checkpoint {
    /// The name of what is read: a file's path, or a topic. A flow has a checkpoint for each name that it has read, so that
    /// one which comes back is gone on with. Empty in those of an earlier Tenon, which did not keep it.
    pub source: Str,
    /// Everything before this position is done.
    pub position: Position,
    /// Identifies the content of the source, so that another file or topic under the same name is noticed.
    pub fingerprint: Str,
    /// For each topic that the flow publishes to: where the topic ended at or before this checkpoint. Records after it
    /// are looked through for inputs that were published but not yet counted as done.
    pub marks: Vec<(Str, u64)>,
    /// The tables that the flow fills, as `system.table`: who made their rows.
    pub tables: Vec<Str>,
    /// Nothing is done, whatever position a database still holds: the source is to be read from its start.
    pub afresh: bool,
}

/// Keys that messages of one stream have written while others before them were not done, or were dead letters. By these a
/// replay sees what it must not overwrite.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moves {
    /// The digest of the stream's name.
    pub stream: u64,
    /// When.
    pub at: Timestamp,
    /// The digest of each key with the table or topic that it is one of, and the offset of the message.
    pub keys: Vec<(u64, u64)>,
}

/// What is known of some keys.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Moved {
    /// The keys that were asked for and found.
    pub found: Vec<Moves>,
    /// Of what was before this time not everything is known any more.
    pub since: Option<Timestamp>,
}

/// Names a claim: the key of a request to one flow.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ClaimId {
    /// The flow.
    pub flow: Str,
    /// The key, within which its caller is.
    pub key: Str,
}

/// What is stored of a request that its client may send again, before the request has any effect.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// Who has sent it: what is kept is bounded for each.
    pub caller: Str,
    /// A digest of the request, which tells it from another one with the same key.
    pub request: Str,
    /// The reply as JSON.
    pub reply: String,
    /// What the reply says of itself: which contract it follows, and how it is written. Nothing where an earlier Tenon has stored it.
    pub said: Headers,
    /// Tells its effects from those of every other claim; below 2^63.
    pub number: u64,
    /// The effects, in a form that only the flow reads; nothing once all of them are durable.
    pub due: Option<Bytes>,
    /// When it is forgotten.
    pub until: Timestamp,
    /// What its effects change: where those are lost, so is its reply. Not known of claims of an earlier Tenon.
    pub places: Vec<ClaimPlace>,
}

impl Claim {
    /// A number for a claim that is made at `now`: the milliseconds, and 21 bits of `random`. So claims lie in the order of time.
    #[must_use]
    pub fn number(now: Timestamp, random: u64) -> u64 {
        let time = now.as_millisecond().unsigned_abs() & ((1 << 42) - 1);
        time << 21 | random >> 43
    }

    /// When the claim with this number was made.
    #[must_use]
    pub fn made_at(number: u64) -> Timestamp {
        Timestamp::from_millisecond((number >> 21).cast_signed()).unwrap_or(Timestamp::MAX)
    }

    /// What databases recognise the transactions of a claim by.
    #[must_use]
    pub fn transaction(id: &ClaimId, number: u64) -> Str {
        format!("{} {number:016x} {}", id.flow, id.key).into()
    }

    /// The number of the claim whose transaction this is, if it is one of a claim.
    #[must_use]
    pub fn number_of(transaction: &str) -> Option<u64> {
        let number = transaction.split(' ').nth(1).filter(|it| it.len() == 16)?;
        u64::from_str_radix(number, 16).ok()
    }
}

/// A part of the state folder that a request changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClaimPlace {
    /// Its name in the folder: `topics/NAME`, or the location of a database.
    pub part: Str,
    /// Of a topic: its identity, and where it ended before.
    pub topic: Option<(Str, u64)>,
}

/// The engine's own durable state.
///
/// # Protocol
/// * Calls may run at the same time. Each returns when its effect is durable.
/// * `record` is atomic: either all its dead letters and the checkpoint are stored, or nothing is.
/// * A bounded number of sources is kept for each flow; when there are more, those that were not read for longest are
///   forgotten, and the log says which.
/// * Moves are kept within a bounded number of bytes for each flow; the oldest are forgotten first.
/// * Claims are kept until their time. Of those that are complete, the oldest of a caller are forgotten before when it has
///   very many, and the oldest of all when all have; one that is not complete is kept until its time.
/// * A dead letter whose id exists already replaces it, keeping `first_failed` and adding up `attempts`.
#[async_trait]
pub trait State: Send + Sync {
    /// The last checkpoint of `flow` in `source`.
    async fn checkpoint(&self, flow: &str, source: &str) -> Result<Option<Checkpoint>, Report>;

    /// The checkpoints of all flows, or of one, with the flow's name: that which was stored last comes first.
    async fn checkpoints(&self, flow: Option<&str>) -> Result<Vec<(Str, Checkpoint)>, Report>;

    /// Stores dead letters and, where given, the checkpoint of `flow` in the source that it names; one of the flow that
    /// names none goes with that.
    async fn record(
        &self,
        flow: &str,
        dead: Vec<DeadLetter>,
        checkpoint: Option<Checkpoint>,
    ) -> Result<(), Report>;

    /// As [`State::record`], with no more dead letters of `flow` afterwards than `keep` says at `now`. Returns those that were
    /// let go for that.
    ///
    /// # Errors
    /// `F0023` if there are as many as are kept and none may go: then nothing is stored.
    async fn record_within(
        &self,
        flow: &str,
        dead: Vec<DeadLetter>,
        checkpoint: Option<Checkpoint>,
        keep: LetterRetention,
        now: Timestamp,
    ) -> Result<LetGo, Report>;

    /// Lets go of the dead letters of `flow` whose last failure was before `before`, at most about a thousand.
    async fn expire_dead_letters(&self, flow: &str, before: Timestamp) -> Result<LetGo, Report>;

    /// Keeps what messages of `flow` have written.
    async fn note_moves(&self, flow: &str, moves: Moves) -> Result<(), Report>;

    /// What is kept of these keys.
    async fn moves(&self, flow: &str, keys: Vec<u64>) -> Result<Moved, Report>;

    /// Forgets what is kept of keys.
    async fn forget_moves(&self, flow: &str) -> Result<(), Report>;

    /// Notes that a call that acts is about to be made, unless something is known of it: then that is returned, and nothing is noted. Of
    /// one that was doubted nothing is known where somebody asks for it `again`. What is noted of dead letters goes with these.
    async fn begin_call(&self, id: CallId, again: bool) -> Result<Option<Noted>, Report>;

    /// Notes what came of a call that was begun.
    async fn settle_call(&self, id: CallId, settled: Settled) -> Result<(), Report>;

    /// Forgets calls. This alone may be lost with the power.
    async fn forget_calls(&self, done: CallsDone) -> Result<(), Report>;

    /// Forgets every checkpoint of `flow`.
    async fn reset(&self, flow: &str) -> Result<(), Report>;

    /// Dead letters in order of id: at most as many as the query says, and at most about 8 MiB of them, so that the end is
    /// only where there is none.
    async fn dead_letters(&self, query: DeadLetterQuery) -> Result<Vec<DeadLetter>, Report>;

    /// How many dead letters there are by flow and code.
    async fn dead_letter_counts(&self) -> Result<Vec<(Str, Str, u64)>, Report>;

    /// How many dead letters there are by cause.
    async fn dead_letter_causes(&self) -> Result<Vec<Cause>, Report>;

    /// Removes dead letters by id; returns how many there were.
    async fn drop_dead_letters(&self, ids: Vec<Str>) -> Result<u64, Report>;

    /// The claim that is held at `now`.
    async fn claimed(&self, id: &ClaimId, now: Timestamp) -> Result<Option<Claim>, Report>;

    /// Stores a claim, unless one is held at `now`: then that one is returned, and nothing is stored.
    async fn claim(&self, id: ClaimId, claim: Claim, now: Timestamp) -> Result<Option<Claim>, Report>;

    /// Notes that every effect of the claim with this number is durable. This alone may be lost with the power, since
    /// it only saves looking for effects that are there; it is durable with the next claim that is stored. Returns whether
    /// nobody looks for them any more then: while a copy of the state is made, the copy will.
    async fn complete(&self, number: u64) -> Result<bool, Report>;

    /// Forgets the claim with this number: it had no effect.
    async fn release(&self, number: u64) -> Result<(), Report>;

    /// Forgets the claim with this number, every effect of which is durable, and which nobody asks for again. As that of
    /// [`State::complete`], this alone may be lost with the power, and a copy may still look for the effects.
    async fn forget(&self, number: u64) -> Result<bool, Report>;

    /// Which of the claims with these numbers nobody carries out any more: they are complete, released or forgotten, also for a copy
    /// that is being made.
    async fn over(&self, numbers: Vec<u64>) -> Result<Vec<u64>, Report>;

    /// Claims of `flow` held at `now` that are not complete, in order of number from above `after` on, at most `limit`.
    async fn open_claims(
        &self,
        flow: &str,
        after: Option<u64>,
        limit: usize,
        now: Timestamp,
    ) -> Result<Vec<(ClaimId, Claim)>, Report>;
}
