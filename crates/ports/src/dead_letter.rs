//! Messages that a flow could not process, kept with everything needed to run them again.

use std::time::Duration;

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
    /// Where its effects are already, as `system:NAME` and `topic:NAME`, though a later one was refused: of several systems, each takes
    /// what is its own by itself. A replay does not do these again.
    pub taken: Vec<Str>,
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

/// How many dead letters of a flow are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LetterRetention {
    /// Those whose last failure is longer ago go; they stay whatever their age without it.
    pub age: Option<Duration>,
    /// The bytes that they may take together.
    pub size: u64,
    /// How many there may be.
    pub count: u64,
    /// What happens when there would be more.
    pub full: WhenFull,
}

/// What happens to a flow that has as many dead letters as are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum WhenFull {
    /// It waits until there is room.
    #[default]
    Stall,
    /// Those that failed longest ago go, and are named. The last one always stays.
    DropOldest,
}

impl Default for LetterRetention {
    fn default() -> Self {
        Self { age: None, size: 1 << 30, count: 1_000_000, full: WhenFull::default() }
    }
}

/// Dead letters that were let go.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LetGo {
    /// How many.
    pub count: u64,
    /// Some of their ids, in the order in which they went.
    pub ids: Vec<Str>,
}

impl LetGo {
    /// The most ids that are named.
    const MOST: usize = 10;

    /// Adds the letter `id`.
    pub fn push(&mut self, id: impl Into<Str>) {
        self.count += 1;
        if self.ids.len() < Self::MOST {
            self.ids.push(id.into());
        }
    }

    /// Adds those of `other`.
    pub fn absorb(&mut self, other: Self) {
        self.count += other.count;
        let room = Self::MOST - self.ids.len();
        self.ids.extend(other.ids.into_iter().take(room));
    }
}

impl std::fmt::Display for LetGo {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (at, id) in self.ids.iter().enumerate() {
            write!(f, "{}{id}", if at > 0 { ", " } else { "" })?;
        }
        match self.count - self.ids.len() as u64 {
            0 => Ok(()),
            more => write!(f, " and {more} more"),
        }
    }
}
