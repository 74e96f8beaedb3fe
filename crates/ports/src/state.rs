//! What the engine itself remembers between runs: how far each flow has come, and its dead letters.

use async_trait::async_trait;
use jiff::Timestamp;
use tenon_errors::Report;
use tenon_model::Str;

use crate::{DeadLetter, DeadLetterQuery, Position};

/// How far a flow has come.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Checkpoint {
    /// Everything before this position is done.
    pub position: Position,
    /// Identifies the content of the source, so that another file under the same name starts anew.
    pub fingerprint: Str,
    /// For each topic that the flow publishes to: where the topic ended at or before this checkpoint. Records after it
    /// are looked through for inputs that were published but not yet counted as done.
    pub marks: Vec<(Str, u64)>,
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
/// * Replies are remembered until their time, or until there are very many: the oldest are then forgotten first.
/// * A dead letter whose id exists already replaces it, keeping `first_failed` and adding up `attempts`.
#[async_trait]
pub trait State: Send + Sync {
    /// The last checkpoint of `flow`.
    async fn checkpoint(&self, flow: &str) -> Result<Option<Checkpoint>, Report>;

    /// Stores dead letters and, where given, the checkpoint of `flow`.
    async fn record(
        &self,
        flow: &str,
        dead: Vec<DeadLetter>,
        checkpoint: Option<Checkpoint>,
    ) -> Result<(), Report>;

    /// Forgets the checkpoint of `flow`, so that its source is read from the start.
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
