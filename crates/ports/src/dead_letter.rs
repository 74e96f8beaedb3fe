//! Messages that a flow could not process, kept with everything needed to run them again.

use bytes::Bytes;
use jiff::Timestamp;
use tenon_model::{Headers, Str};

use crate::Position;

/// Where a message came from.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Origin {
    /// The file (relative to the project), topic or operation.
    pub source: Str,
    /// Where in it: the start of the message.
    pub position: Position,
}

impl std::fmt::Display for Origin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.position.line > 0 {
            write!(f, "{}:{}", self.source, self.position.line)
        } else {
            write!(f, "{}@{}", self.source, self.position.offset)
        }
    }
}

/// A message that failed permanently.
#[derive(Debug, Clone, PartialEq)]
pub struct DeadLetter {
    /// Derived from flow and origin, so that the same input dead-lettered again replaces itself.
    pub id: Str,
    /// The flow that failed.
    pub flow: Str,
    /// The step that failed, as `2:lookup`; empty when the input could not be read at all.
    pub step: Str,
    /// Where the message came from.
    pub origin: Origin,
    /// The bytes as they came.
    pub bytes: Bytes,
    /// Whether these are only the first of its bytes, so that it cannot be run again.
    pub clipped: bool,
    /// The header line of the file, where bytes alone cannot be read without it; empty otherwise.
    pub context: Bytes,
    /// The key that orders it among others, where it came with one.
    pub key: Option<Str>,
    /// The attributes that came with it, and its trace as `traceparent`.
    pub headers: Headers,
    /// When it came into being; not known of letters that an earlier Tenon kept.
    pub time: Option<Timestamp>,
    /// The contract that it was read by, as `name@version`.
    pub contract: Str,
    /// The fingerprint of the flow's mapping at that time.
    pub mapping: Str,
    /// The code of the report, for grouping by cause.
    pub code: Str,
    /// The report's message.
    pub message: Str,
    /// The whole report as JSON (see `tenon_errors::render::json`).
    pub report: String,
    /// How often it has failed, replays included.
    pub attempts: u32,
    /// When it failed first.
    pub first_failed: Timestamp,
    /// When it failed last.
    pub last_failed: Timestamp,
}

/// Dead letters that failed in one way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cause {
    /// Their flow.
    pub flow: Str,
    /// The step that failed.
    pub step: Str,
    /// The code of their reports.
    pub code: Str,
    /// How many there are.
    pub count: u64,
}

/// Which dead letters are wanted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DeadLetterQuery {
    /// Of this flow.
    pub flow: Option<Str>,
    /// Of this code.
    pub code: Option<Str>,
    /// Only this one, or those whose id starts with this.
    pub id: Option<Str>,
    /// After this id, for paging.
    pub after: Option<Str>,
    /// At most this many.
    pub limit: usize,
}
