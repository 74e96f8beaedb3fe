//! What the engine itself remembers between runs: how far each flow has come, and its dead letters.

use async_trait::async_trait;
use jiff::Timestamp;
use tenon_errors::Report;
use tenon_model::Str;

use crate::{DeadLetter, DeadLetterQuery, Position};

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
    /// The tables that the flow aggregates into, as `system.table`: who made their rows.
    pub tables: Vec<Str>,
    /// Nothing is done, whatever position a database still holds: the source is to be read from its start.
    pub afresh: bool,
}

/// What a request that may be sent again was replied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remembered {
    /// A digest of the request, which tells it from another one with the same key.
    pub request: Str,
    /// The reply as JSON.
    pub reply: String,
    /// When it is forgotten.
    pub until: Timestamp,
}

/// The engine's own durable state.
///
/// # Protocol
/// * Calls may run at the same time. Each returns when its effect is durable.
/// * `record` is atomic: either all its dead letters and the checkpoint are stored, or nothing is.
/// * A bounded number of sources is kept for each flow; when there are more, those that were not read for longest are
///   forgotten, and the log says which.
/// * Replies are remembered until their time, or until there are very many: the oldest are then forgotten first.
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

    /// Forgets every checkpoint of `flow`.
    async fn reset(&self, flow: &str) -> Result<(), Report>;

    /// Dead letters in order of id.
    async fn dead_letters(&self, query: DeadLetterQuery) -> Result<Vec<DeadLetter>, Report>;

    /// How many dead letters there are by flow and code.
    async fn dead_letter_counts(&self) -> Result<Vec<(Str, Str, u64)>, Report>;

    /// Removes dead letters by id; returns how many there were.
    async fn drop_dead_letters(&self, ids: Vec<Str>) -> Result<u64, Report>;

    /// What the request with `key` to `flow` was replied, unless that is forgotten at `now`.
    async fn remembered(&self, flow: &str, key: &str, now: Timestamp) -> Result<Option<Remembered>, Report>;

    /// Remembers what the request with `key` to `flow` was replied at `now`.
    async fn remember(&self, flow: &str, key: &str, reply: Remembered, now: Timestamp) -> Result<(), Report>;
}
