//! What the engine itself remembers between runs: how far each flow has come, and its dead letters.

use async_trait::async_trait;
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

/// The engine's own durable state.
///
/// # Protocol
/// * Calls may run at the same time. Each returns when its effect is durable.
/// * `record` is atomic: either all its dead letters and the checkpoint are stored, or nothing is.
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
}
