//! The broker that is built in: durable topics in a folder.
//!
//! A topic is a folder of segment files to which records are appended (`frame` says how they lie there). One thread per
//! topic writes: it takes the publish calls that wait, writes them at once, syncs once, and answers all, so that the
//! cost of a sync is shared under load and a lone publisher waits for nothing but its own. Readers see a record when
//! it is durable. After a crash the torn end of a topic, which was never acknowledged, is cut off.
//!
//! Start reading at `topic` (the port), then `appender` (writing), `recovery` (opening), `reader`.

mod appender;
mod committer;
mod connector;
pub(crate) mod contract;
pub(crate) mod disk;
mod frame;
mod frames;
pub(crate) mod groups;
pub(crate) mod header;
mod identity;
mod index;
mod log;
mod observed;
mod reader;
pub(crate) mod recovery;
pub(crate) mod segment;
pub(crate) mod skips;
mod survey;
pub(crate) mod topic;

#[cfg(test)]
mod tests;

use std::{
    collections::BTreeMap,
    io::Read as _,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use async_trait::async_trait;
use tenon_errors::Report;
use tenon_model::{Name, Str};
use tenon_monitoring::{
    Histogram, Metrics,
    metrics::{LOG_FSYNC_DURATION, TOPIC_SKIPPED},
};
use tenon_ports::{Broker, Clock, Parts, Retention, Topic};

use self::disk::{Disk, SystemDisk};
use self::observed::ObservedBroker;
pub use self::{connector::EmbeddedConnector, topic::EmbeddedTopic};
use crate::{blocking, lock::FolderLock, mark, state::SqliteState};

/// How a topic is kept. Old records go by whole segments, so that each is kept at least as long as this says, and
/// about twice as long at most; the newest segment always stays.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TopicSettings {
    /// Records are kept for this long after they were published; for ever without it.
    pub keep: Option<Duration>,
    /// The topic is kept below this many bytes, plus one segment.
    pub keep_size: Option<u64>,
    /// A new segment is begun when the last one has this many bytes.
    pub segment_size: u64,
}

impl Default for TopicSettings {
    fn default() -> Self {
        Self { keep: None, keep_size: None, segment_size: 64 << 20 }
    }
}

impl TopicSettings {
    /// Smaller segments where `keep_size` is small, so that it can be held at all.
    fn effective_segment_size(&self) -> u64 {
        self.keep_size.map_or(self.segment_size, |keep| self.segment_size.min(keep / 4))
    }
}

/// Whether the topic in `folder` has a record. What cannot be read may have one.
pub(crate) fn holds_records(folder: &Path) -> bool {
    let Ok(entries) = std::fs::read_dir(folder) else { return folder.exists() };
    entries.flatten().any(|entry| {
        let path = entry.path();
        let is_segment = path.extension().is_some_and(|it| it == "log")
            && path.file_stem().is_some_and(|it| it.as_encoded_bytes().iter().all(u8::is_ascii_digit));
        is_segment && has_record(&path).unwrap_or(true)
    })
}

/// Whether anything stands behind the header of a segment.
fn has_record(segment: &Path) -> std::io::Result<bool> {
    let mut first = Vec::new();
    std::fs::File::open(segment)?.take(header::LENGTH as u64 + 32).read_to_end(&mut first)?;
    Ok(first.iter().skip(header::LENGTH).any(|byte| *byte != 0))
}

/// The topics in a folder, locked against other processes. The lock is held until the broker, its topics and their
/// sources are dropped, and what they were writing is written. Cheap to clone; clones are the same broker.
#[derive(Clone)]
pub struct EmbeddedBroker(Arc<Inner>);

struct Inner {
    folder: PathBuf,
    clock: Arc<dyn Clock>,
    metrics: Metrics,
    disk: Arc<dyn Disk>,
    lock: Arc<FolderLock>,
    parts: Arc<Parts>,
    topics: Mutex<BTreeMap<Name, EmbeddedTopic>>,
}

impl EmbeddedBroker {
    /// Takes the lock of `folder`, which is made if it is absent. Its topics are those that the state folder remembers in
    /// `parts`. Blocks.
    ///
    /// # Errors
    /// `Y0204` if another process uses the folder; `Y0203` if it cannot be written.
    pub fn open(
        folder: &Path,
        clock: Arc<dyn Clock>,
        metrics: Metrics,
        parts: Arc<Parts>,
    ) -> Result<Self, Report> {
        Self::on(Arc::new(SystemDisk), folder, clock, metrics, parts)
    }

    /// The same with topics on `disk`.
    fn on(
        disk: Arc<dyn Disk>,
        folder: &Path,
        clock: Arc<dyn Clock>,
        metrics: Metrics,
        parts: Arc<Parts>,
    ) -> Result<Self, Report> {
        let lock = Arc::new(FolderLock::acquire(folder)?);
        let (folder, topics) = (folder.to_owned(), Mutex::default());
        Ok(Self(Arc::new(Inner { folder, clock, metrics, disk, lock, parts, topics })))
    }

    /// The topic `name`, opened or made if that has not happened yet: what a crash left of it is mended. The settings
    /// count when it is opened, and else with the next start. Blocks while it reads the last segment.
    ///
    /// # Errors
    /// `Y0201` if something is gone that was durable, `Y0202` or `Y0203` if the disk refuses.
    pub fn topic(&self, name: &Name, settings: TopicSettings) -> Result<Arc<EmbeddedTopic>, Report> {
        let mut topics = self.topics();
        if let Some(topic) = topics.get(name) {
            return Ok(Arc::new(topic.clone()));
        }
        let Inner { folder, clock, metrics, disk, lock, parts, .. } = self.0.as_ref();
        let surroundings = Surroundings {
            disk: disk.clone(),
            clock: clock.clone(),
            syncs: metrics.histogram(&LOG_FSYNC_DURATION, &[name]),
            parts: parts.clone(),
        };
        let (folder, text) = (folder.join(name.as_str()), Str::from(name.as_str()));
        let topic = EmbeddedTopic::open(&folder, &text, settings, surroundings, lock.clone())?;
        let skipped = topic.tell_skipped();
        if skipped > 0 {
            metrics.gauge(&TOPIC_SKIPPED, &[name]).set(i64::try_from(skipped).unwrap_or(i64::MAX));
        }
        topics.insert(name.clone(), topic.clone());
        Ok(Arc::new(topic))
    }

    fn topics(&self) -> MutexGuard<'_, BTreeMap<Name, EmbeddedTopic>> {
        self.0.topics.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Broker for EmbeddedBroker {
    async fn topic(&self, name: &Name, retention: Retention) -> Result<Arc<dyn Topic>, Report> {
        let Retention { age, size } = retention;
        let settings = TopicSettings { keep: age, keep_size: size, ..TopicSettings::default() };
        let (broker, name) = (self.clone(), name.clone());
        Ok(blocking::run(move || broker.topic(&name, settings)).await??)
    }

    async fn close(&self) {
        let topics: Vec<_> = self.topics().values().cloned().collect();
        for topic in topics {
            topic.close().await;
        }
    }
}

/// Goes past everything that is damaged in the topic `name` of the state folder `state`, which nothing else may use. Returns what
/// that was. Blocks.
///
/// # Errors
/// `Y0204` if a process uses the topics, `Y0201` if there is something that cannot be skipped, `Y0202` or `Y0203` if the disk
/// refuses.
pub fn skip_damaged(state: &Path, name: &str) -> Result<Vec<Report>, Report> {
    let topics = state.join(connector::FOLDER);
    let _lock = FolderLock::acquire(&topics)?;
    let part = format!("topics/{name}");
    let parts = SqliteState::remembered_in(state)?;
    let remembered = parts.known.get(part.as_str()).filter(|_| !parts.takes(&part)).map_or(0, |it| it.count);
    let (disk, folder): (Arc<dyn Disk>, _) = (Arc::new(SystemDisk), topics.join(name));
    let apart = mark::read_apart(disk.as_ref(), parts.mark_of(&part).as_deref())
        .map_err(|error| disk::refused("read the mark that is kept apart from", &folder, &error))?;
    let acknowledged = remembered.max(apart.map_or(0, |mark| mark.end));
    let found = survey::skip(&disk, &folder, acknowledged)?;
    Ok(found.iter().map(survey::Damage::report).collect())
}

/// The report of a topic that ends before what was acknowledged.
pub(crate) fn acknowledged_are_gone(log: &log::Log, acknowledged: u64) -> Report {
    let what = format!("it ends at offset {}, and {acknowledged} records were acknowledged", log.end());
    log::damaged(&log.folder, what)
}

/// What a topic reaches the world through.
struct Surroundings {
    disk: Arc<dyn Disk>,
    clock: Arc<dyn Clock>,
    /// How long syncs take.
    syncs: Histogram,
    /// What the state folder remembers of its topics.
    parts: Arc<Parts>,
}
