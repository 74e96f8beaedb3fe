//! Durable topics: where messages are published and subscribed to.

use std::{ops::Range, sync::Arc, time::Duration};

use async_trait::async_trait;
use bytes::Bytes;
use jiff::Timestamp;
use tenon_errors::Report;
use tenon_model::{Headers, Name, Str};

use crate::{Commits, Followed, Part, Position, Source};

/// A message as a topic stores it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// Records of equal key keep their order.
    pub key: Option<Str>,
    /// The payload, encoded.
    pub value: Bytes,
    /// CloudEvents attributes, contract and trace context.
    pub headers: Headers,
    /// When the message came into being.
    pub time: Timestamp,
    /// Who published it from which input, so that the same input read again is not published again.
    pub producer: Option<Producer>,
}

/// The producer of a record and the input that it was made from.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Producer {
    /// The flow that publishes.
    pub name: Str,
    /// The offset in the flow's source of the input, unique within the producer together with `part`.
    pub sequence: u64,
    /// Tells apart several records made from one input, from 0.
    pub part: u32,
}

/// The name that the records of claimed requests to `flow` have as their producer; no flow is called like this. Their sequence is
/// the number of the claim.
#[must_use]
pub fn requests(flow: &str) -> Str {
    format!("{flow} (requests)").into()
}

/// What there is to know about a topic.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TopicStatus {
    /// Tells the topic from another one that had this name before; empty where nobody knows.
    pub identity: Str,
    /// The offset of the oldest record that is kept.
    pub start: u64,
    /// The offset that the next record will get.
    pub end: u64,
    /// Bytes on disk.
    pub bytes: u64,
    /// Consumer groups and the offset that each has committed.
    pub groups: Vec<(Str, u64)>,
    /// The offsets of records that were damaged and are skipped because somebody has said so.
    pub skipped: Vec<Range<u64>>,
    /// What is damaged, where it was looked for.
    pub damaged: Vec<Report>,
}

/// How long a topic keeps records; the stricter bound counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Retention {
    /// By age.
    pub age: Option<Duration>,
    /// By bytes on disk.
    pub size: Option<u64>,
}

/// A broker: what holds topics.
#[async_trait]
pub trait Broker: Send + Sync {
    /// The topic `name`, opened or made if that has not happened yet. The retention counts when it is opened first, and
    /// else with the next start. A broker that was opened for looking makes nothing: a topic that is not there is empty.
    ///
    /// # Errors
    /// What the broker reports; a topic that lost what was durable is never opened.
    async fn topic(&self, name: &Name, retention: Retention) -> Result<Arc<dyn Topic>, Report>;

    /// Finishes what is being written and closes everything. Nothing may be asked of it, or of its topics, after that. One that
    /// is dropped without this closes by itself, and nobody waits for it.
    async fn close(&self) {}
}

/// A durable, ordered sequence of records with consumer groups.
///
/// # Protocol
/// * `publish` returns once all records are durable, in the order given; on an error none of them counts as
///   published, though some may have become durable: the caller publishes again with the same producer numbers and
///   recognises duplicates by [`Topic::produced`].
/// * A transient error (disk full, connection lost) makes the caller wait and call again; others end the flow.
/// * Calls may run at the same time; records of calls in flight together may interleave, never within one call.
#[async_trait]
pub trait Topic: Send + Sync {
    /// Appends the records; returns when they are durable. The offset of the first one is returned.
    async fn publish(&self, records: Vec<Record>) -> Result<u64, Report>;

    /// Whether the record may be published at all: what is refused here, such as one that is too large, always would be. Asked
    /// before a message has any effect, so that none takes effect in one system only because another one refuses it.
    ///
    /// # Errors
    /// Why it is refused.
    fn admits(&self, record: &Record) -> Result<(), Report> {
        let _ = record;
        Ok(())
    }

    /// A source that starts where `group` has committed, or at the oldest record. Its `commit` commits for the group.
    async fn subscribe(&self, group: &str) -> Result<Box<dyn Source>, Report>;

    /// A source that starts at `position` and whose commits have no effect: for callers that keep positions.
    async fn read_from(&self, position: Position) -> Result<Box<dyn Source>, Report>;

    /// The inputs (`sequence`, `part`) that `producer` has published at or after offset `since`.
    async fn produced(&self, producer: &str, since: u64) -> Result<Vec<(u64, u32)>, Report>;

    /// At most `max` records from offset `from` on, or from the oldest one after it, with their offsets; fewer where
    /// the topic ends. Does not wait for more.
    async fn records(&self, from: u64, max: usize) -> Result<Vec<(u64, Record)>, Report>;

    /// What there is to know now.
    async fn status(&self) -> Result<TopicStatus, Report>;

    /// That it could be opened, and is still in its place: what stands in for one that could not be opened says why. Asked where it
    /// would be used without being touched, so it is cheap.
    ///
    /// # Errors
    /// Why it cannot be used.
    fn is_open(&self) -> Result<(), Report> {
        Ok(())
    }

    /// Keeps with the messages which contract those follow that are published from now on, durably.
    ///
    /// # Errors
    /// What writing it reports.
    async fn follow(&self, followed: Followed) -> Result<(), Report> {
        let _ = followed;
        Ok(())
    }

    /// What the state folder remembers it by, if it is part of one. Takes note that this is the folder named `folder`, and
    /// that the engine's own state has come to `seen` commits, now and whenever it notes how far it is itself, so that an
    /// older copy of that is recognised.
    fn part(&self, folder: &str, seen: &Commits) -> Option<Part> {
        let _ = (folder, seen);
        None
    }
}
