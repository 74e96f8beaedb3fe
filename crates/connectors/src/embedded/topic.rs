//! A topic of the embedded broker as a port.

use std::{fs::File, path::Path, sync::Arc};

use async_trait::async_trait;
use jiff::Timestamp;
use tenon_errors::{
    Report,
    catalogue::{data::TOO_LARGE, system::LOG_DAMAGED},
};
use tenon_model::{Payload, Str};
use tenon_ports::{
    Arrival, Batch, Commits, Followed, Gone, Origin, Part, Parts, Position, Record, Source, Topic,
    TopicStatus,
};

use super::{
    Surroundings, TopicSettings,
    appender::Appender,
    committer::{Committer, Work},
    contract,
    disk::{Disk, refused},
    frame,
    groups::{self, Committed, Groups, Noted},
    identity,
    log::Log,
    reader::Reader,
    recovery::{self, Access, Allowances, Known},
};
use crate::{
    blocking,
    lock::{self, FolderLock},
    mark::{self, Mark},
    parts::{self, Own},
};

/// The longest name of a consumer group in bytes.
const MAX_GROUP_NAME: usize = 1024;

/// A topic in the state folder. Cheap to clone; clones are the same topic.
#[derive(Clone)]
pub struct EmbeddedTopic(Arc<Inner>);

struct Inner {
    log: Arc<Log>,
    committed: Committed,
    // `None` when the topic was opened for reading only.
    writers: Option<Writers>,
    // By this it is noticed that another folder lies in its place; `None` where it is not on the disk of this system.
    place: Option<File>,
    /// Where it is written which contract its messages follow.
    notes: contract::Notes,
}

struct Writers {
    records: Committer<Locked<Appender>>,
    commits: Committer<Locked<Groups>>,
}

/// Work that keeps the state folder locked until its thread has ended.
struct Locked<W> {
    work: W,
    lock: Arc<FolderLock>,
}

impl EmbeddedTopic {
    /// Opens the topic `name` in `folder`, mending what a crash left.
    pub(super) fn open(
        folder: &Path,
        name: &Str,
        settings: TopicSettings,
        surroundings: Surroundings,
        lock: Arc<FolderLock>,
    ) -> Result<Self, Report> {
        let Surroundings { disk, clock, syncs, parts } = surroundings;
        let part = format!("topics/{name}");
        let apart = parts.mark_of(&part);
        let known = known(disk.as_ref(), folder, (&part, apart.as_deref()), &parts)?;
        let log = Arc::new(recovery::open(&disk, folder, name, Access::Write, clock.now(), known)?);
        let marked = parts.mark_of(&groups::mark_name(&part));
        let noted = marked.as_deref().map(|apart| Noted { part: &part, apart });
        let groups = Groups::open(disk, folder, log.end(), Access::Write, noted)?;
        let committed = groups.committed();
        let appender = Appender::new(log.clone(), settings, clock, syncs)?;
        let failed = |error| refused("start the thread of", folder, &error);
        let records = Locked { work: appender, lock: lock.clone() };
        let commits = Locked { work: groups, lock };
        let writers = Writers {
            records: Committer::start(&format!("log {name}"), records).map_err(failed)?,
            commits: Committer::start(&format!("groups {name}"), commits).map_err(failed)?,
        };
        let place = File::open(folder).ok();
        let notes = contract::Notes::of(folder, &part, parts.marks.as_deref());
        Ok(Self(Arc::new(Inner { log, committed, writers: Some(writers), place, notes })))
    }

    /// Opens it as it is now, for looking at it while somebody else may be writing.
    /// What is damaged is refused, but for what `allowances` says, if they are given. `identity` is the one that others remember.
    pub(crate) fn open_for_reading(
        disk: &Arc<dyn Disk>,
        folder: &Path,
        name: &Str,
        allowances: Option<&Allowances>,
        identity: Option<u64>,
    ) -> Result<Self, Report> {
        // The instant counts only where something is made.
        let (now, known) = (Timestamp::UNIX_EPOCH, Known { identity, ..Known::default() });
        let log = Arc::new(match allowances {
            None => recovery::open(disk, folder, name, Access::Read, now, known)?,
            Some(allowed) => recovery::open_with(disk, (folder, name), Access::Read, now, known, allowed)?,
        });
        let committed = Groups::open(disk.clone(), folder, log.end(), Access::Read, None)?.committed();
        let notes = contract::Notes::of(folder, name, None);
        Ok(Self(Arc::new(Inner { log, committed, writers: None, place: None, notes })))
    }

    /// The name of the topic.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.0.log.name
    }

    /// The offset that the next record will get.
    pub(super) fn end(&self) -> u64 {
        self.0.log.end()
    }

    /// How many records are skipped as damaged. They are named in the log.
    pub(super) fn tell_skipped(&self) -> u64 {
        let skipped = self.0.log.skipped();
        let records = skipped.iter().map(|lost| lost.end - lost.start).sum();
        if records > 0 {
            let named: Vec<_> =
                skipped.iter().map(|lost| format!("{} to {}", lost.start, lost.end - 1)).collect();
            tracing::warn!(
                code = LOG_DAMAGED.id, topic = %self.0.log.name, records, offsets = %named.join(", "),
                "damaged records of a topic are skipped, as `tenon state skip` was told to"
            );
        }
        records
    }

    /// Finishes what is being written.
    pub(super) async fn close(&self) {
        if let Some(writers) = &self.0.writers {
            writers.records.close().await;
            writers.commits.close().await;
        }
    }

    fn source(&self, group: Option<Str>, from: u64) -> Result<Box<dyn Source>, Report> {
        let reader = Reader::new(self.0.log.clone(), from)?;
        Ok(Box::new(TopicSource { topic: self.clone(), group, reader }))
    }

    fn writers(&self) -> Result<&Writers, Report> {
        self.0.writers.as_ref().ok_or_else(|| {
            let error = std::io::Error::from(std::io::ErrorKind::ReadOnlyFilesystem);
            refused("write, having opened for reading only,", &self.0.log.folder, &error)
        })
    }
}

#[async_trait]
impl Topic for EmbeddedTopic {
    async fn publish(&self, records: Vec<Record>) -> Result<u64, Report> {
        let writers = self.writers()?;
        if records.is_empty() {
            return Ok(self.0.log.end());
        }
        let encoded = frame::encode(&records)?;
        drop(records);
        let weight = encoded.bytes.len();
        writers.records.call(encoded, weight).await
    }

    fn admits(&self, record: &Record) -> Result<(), Report> {
        frame::admits(record)
    }

    async fn subscribe(&self, group: &str) -> Result<Box<dyn Source>, Report> {
        if group.len() > MAX_GROUP_NAME {
            let message = format!("the name of a consumer group has {} bytes", group.len());
            return Err(Report::new(&TOO_LARGE, message).hint("give the consumer group a shorter name"));
        }
        let group = Str::from(group);
        let from = groups::lock(&self.0.committed).get(&group).copied();
        self.source(Some(group), from.unwrap_or_else(|| self.0.log.start()))
    }

    async fn read_from(&self, position: Position) -> Result<Box<dyn Source>, Report> {
        self.source(None, position.offset)
    }

    async fn produced(&self, producer: &str, since: u64) -> Result<Vec<(u64, u32)>, Report> {
        let end = self.0.log.end();
        let mut produced = Vec::new();
        let mut next = since;
        while next < end {
            let records = self.records(next, 4096).await?;
            let Some((last, _)) = records.last() else { break };
            next = last + 1;
            produced.extend(records.iter().filter_map(|(_, record)| {
                let from = record.producer.as_ref().filter(|from| from.name == producer)?;
                Some((from.sequence, from.part))
            }));
        }
        Ok(produced)
    }

    async fn follow(&self, followed: Followed) -> Result<(), Report> {
        let log = Arc::clone(&self.0.log);
        self.writers()?;
        let notes = self.0.notes.clone();
        blocking::run(move || notes.write(log.disk.as_ref(), &followed)).await?
    }

    async fn records(&self, from: u64, max: usize) -> Result<Vec<(u64, Record)>, Report> {
        let end = self.0.log.end();
        let mut records = Vec::new();
        if from >= end {
            return Ok(records);
        }
        let mut reader = Reader::new(self.0.log.clone(), from)?;
        while records.len() < max && reader.position().max(self.0.log.start()) < end {
            records.extend(reader.next(max - records.len()).await?);
        }
        Ok(records)
    }

    async fn status(&self) -> Result<TopicStatus, Report> {
        let committed = groups::lock(&self.0.committed).clone();
        let groups = committed.into_iter().collect();
        let log = &self.0.log;
        let identity = log.identity.clone();
        let skipped = log.skipped();
        let (start, end, bytes) = (log.start(), log.end(), log.bytes());
        Ok(TopicStatus { identity, start, end, bytes, groups, skipped, damaged: Vec::new() })
    }

    fn is_open(&self) -> Result<(), Report> {
        self.0.place.as_ref().map_or(Ok(()), |held| lock::still_there(held, &self.0.log.folder))
    }

    fn part(&self, folder: &str, seen: &Commits) -> Option<Part> {
        let log = &self.0.log;
        log.mark()?.join(mark::number(folder), seen);
        Some(Part { identity: log.identity.clone(), count: log.end() })
    }
}

/// What the state folder knows of the topic, which is called `part` in it and has a mark at `apart`, having found that it is
/// the one that belongs there.
pub(super) fn known<'k>(
    disk: &dyn Disk,
    folder: &Path,
    (part, apart): (&str, Option<&'k Path>),
    parts: &Parts,
) -> Result<Known<'k>, Report> {
    let marked = recovery::read_mark(disk, folder)?;
    let marked_apart = mark::read_apart(disk, apart)
        .map_err(|error| refused("read the mark that is kept apart from", folder, &error))?;
    // Where `tenon.db` is lost, nobody has said anything of this topic.
    let is_taken = parts.settled && parts.takes(part);
    let remembered = parts.known.get(part).filter(|_| !parts.takes(part));
    let mut remembered_identity = remembered_identity(parts, part, marked_apart);
    if is_taken && remembered_identity.is_none() {
        // The mark carries a check, which the file of the identity does not.
        remembered_identity = marked.map(|mark| mark.identity);
    }
    let identity = identity::settle(
        &identity::read(disk, folder)?,
        marked.map(|mark| mark.identity),
        remembered_identity,
    );
    let own = identity.map(|identity| Own {
        identity: mark::number(&identity),
        folder: marked.map_or(0, |mark| mark.folder),
        seen: marked.map_or(0, |mark| mark.seen),
    });
    parts::fit(parts, part, own, marked_apart)?;
    let counts = [remembered.map(|known| known.count), marked_apart.map(|apart| apart.end)];
    let count = counts.into_iter().flatten().max().unwrap_or(0);
    Ok(Known { identity: remembered_identity, count, apart, is_taken })
}

/// The identity of the topic `part` as others remember it: the engine's own state, or else the mark that is kept apart.
pub(crate) fn remembered_identity(parts: &Parts, part: &str, apart: Option<Mark>) -> Option<u64> {
    let remembered = parts.known.get(part).filter(|known| !parts.takes(part) && !known.identity.is_empty());
    remembered.map(|known| mark::number(&known.identity)).or(apart.map(|apart| apart.identity))
}

/// A topic as a source.
struct TopicSource {
    topic: EmbeddedTopic,
    group: Option<Str>,
    reader: Reader,
}

#[async_trait]
impl Source for TopicSource {
    async fn next(&mut self, max: usize) -> Result<Batch, Report> {
        let records = self.reader.next(max).await?;
        let name = &self.topic.0.log.name;
        let arrivals = records.into_iter().map(|(offset, record)| arrival(name, offset, record)).collect();
        Ok(Batch { arrivals, end: false })
    }

    async fn commit(&mut self, position: Position) -> Result<(), Report> {
        let Some(group) = &self.group else { return Ok(()) };
        // What is not there cannot be done.
        let offset = position.offset.min(self.topic.end());
        self.topic.writers()?.commits.call((group.clone(), offset), group.len()).await
    }

    fn lag(&self) -> Option<u64> {
        Some(self.reader.lag())
    }

    fn take_gone(&mut self) -> Option<Gone> {
        self.reader.take_gone()
    }

    fn progress(&self) -> Option<f64> {
        None
    }
}

fn arrival(topic: &Str, offset: u64, record: Record) -> Arrival {
    Arrival {
        origin: Origin { source: topic.clone(), position: Position { offset, line: 0, tail: 0 } },
        next: Position { offset: offset + 1, line: 0, tail: 0 },
        bytes: record.value.clone(),
        clipped: false,
        payload: Ok(Payload::of_bytes(record.value)),
        key: record.key,
        headers: record.headers,
        time: Some(record.time),
    }
}

impl<W: Work> Work for Locked<W> {
    type Request = W::Request;
    type Answer = W::Answer;

    fn commit(&mut self, requests: &mut Vec<W::Request>) -> Result<Vec<W::Answer>, Report> {
        self.work.commit(requests)
    }

    fn idle(&mut self) {
        self.work.idle();
    }

    fn end(&mut self) {
        self.work.end();
    }

    fn check(&self) -> Result<(), Report> {
        self.lock.check()?;
        self.work.check()
    }
}
