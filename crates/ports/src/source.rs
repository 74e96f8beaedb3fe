//! Where messages come from.

use std::{
    cmp::Ordering,
    hash::{Hash, Hasher},
    ops::Range,
};

use async_trait::async_trait;
use bytes::Bytes;
use jiff::Timestamp;
use tenon_errors::Report;
use tenon_model::{Headers, Payload, Str};

use crate::Origin;

/// A point in a source: everything before it was read. Compared by `offset` alone.
#[derive(Debug, Clone, Copy, Default)]
pub struct Position {
    /// Bytes of a file, rows of one whose blocks are compressed, or records of a topic.
    pub offset: u64,
    /// The line of a file that starts here, from 1, or the row where its rows are no lines; 0 where there is neither.
    pub line: u64,
    /// By what a source recognises what lies before this point, so that it is not gone on in other content; 0 where it does
    /// not. Only the source that made it understands it.
    pub tail: u64,
}

impl PartialEq for Position {
    fn eq(&self, other: &Self) -> bool {
        self.offset == other.offset
    }
}

impl Eq for Position {}

impl PartialOrd for Position {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Position {
    fn cmp(&self, other: &Self) -> Ordering {
        self.offset.cmp(&other.offset)
    }
}

impl Hash for Position {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.offset.hash(state);
    }
}

/// One message of a source, or one piece of input that is not a message.
#[derive(Debug, Clone)]
pub struct Arrival {
    /// Where it came from: stable when the source is read again, so that it identifies the input.
    pub origin: Origin,
    /// The position to commit once this and everything before it is done.
    pub next: Position,
    /// The bytes as they are in the source. Dead letters keep these.
    pub bytes: Bytes,
    /// Whether these are only the first of its bytes, because it is too large to be kept whole.
    pub clipped: bool,
    /// What it carries. `Err` is input that cannot be a message (a torn row, bytes that are not text); the caller
    /// dead-letters it. A payload without a value is decoded by the caller with the contract's decoder.
    pub payload: Result<Payload, Report>,
    /// The key that orders messages, where the source has one.
    pub key: Option<Str>,
    /// Attributes that came with it.
    pub headers: Headers,
    /// When it came into being, where the source knows.
    pub time: Option<Timestamp>,
}

/// Some messages in order.
#[derive(Debug, Clone, Default)]
pub struct Batch {
    /// The messages; empty only when `end` is set, or when messages are gone after which there are none yet.
    pub arrivals: Vec<Arrival>,
    /// Whether the source is finite and has nothing after these.
    pub end: bool,
}

/// Messages that are gone before they were read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gone {
    /// Their offsets.
    pub offsets: Range<u64>,
    /// Whether they were damaged and are skipped because somebody has said so. Otherwise they were removed, as a topic with
    /// `keep` does.
    pub damaged: bool,
}

/// A readable sequence of messages.
///
/// # Protocol
/// * One caller at a time; `next` is called again and again, each call going on where the last one ended.
/// * `next` waits until there is at least one message or the end is reached, and returns at most `max` messages and
///   a bounded number of bytes. Dropping its future loses nothing: the next call returns the same messages.
/// * A transient error leaves the source usable: the caller waits and calls again. Any other error ends the flow.
/// * `commit(position)` makes the position durable; after a restart reading resumes at the last committed position,
///   so messages after it come again. Positions are committed in order; committing an older one has no effect.
///   Callers that keep positions elsewhere (in the transaction of a database) never call it.
#[async_trait]
pub trait Source: Send {
    /// The next messages, at most `max`.
    async fn next(&mut self, max: usize) -> Result<Batch, Report>;

    /// Makes `position` durable as the place to resume at.
    async fn commit(&mut self, position: Position) -> Result<(), Report>;

    /// How many messages are known to be waiting after what `next` has returned; `None` where nobody knows. For a
    /// topic, 0 means caught up.
    fn lag(&self) -> Option<u64>;

    /// Takes the first of the messages that are gone and were not taken yet. They never come again. Asked again and again until
    /// there is nothing.
    fn take_gone(&mut self) -> Option<Gone> {
        None
    }

    /// How far a finite source has been read, from 0.0 to 1.0, for progress bars; `None` for endless ones.
    fn progress(&self) -> Option<f64>;
}
