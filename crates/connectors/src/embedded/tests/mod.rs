//! Tests of the log on a disk that can be made to fail, tear and forget.

mod crash;
mod failure;
mod format;
mod parts;
mod retention;
mod sim;
mod skips;
mod slow;
mod topic;

use std::{path::Path, sync::Arc, sync::Mutex, time::Duration};

use bytes::Bytes;
use jiff::Timestamp;
use tenon_errors::Report;
use tenon_model::{Headers, Str};
use tenon_monitoring::Histogram;
use tenon_ports::{Clock, Parts, Record, topic::Producer};

use self::sim::SimDisk;
use super::{
    EmbeddedTopic, Surroundings, TopicSettings,
    appender::Appender,
    committer::Work,
    disk::Disk,
    frame,
    log::Log,
    reader::Reader,
    recovery::{self, Access},
};
use crate::lock::FolderLock;

const FOLDER: &str = "/state/topics/t";
const MARKS: &str = "/state/marks";

/// A clock that stands still until it is moved.
struct StillClock(Mutex<Timestamp>);

impl StillClock {
    fn new() -> Arc<Self> {
        Arc::new(Self(Mutex::new(Timestamp::UNIX_EPOCH)))
    }

    fn advance(&self, by: Duration) {
        let mut now = self.0.lock().unwrap();
        *now = now.checked_add(by).unwrap();
    }
}

#[async_trait::async_trait]
impl Clock for StillClock {
    fn now(&self) -> Timestamp {
        *self.0.lock().unwrap()
    }

    async fn sleep(&self, _: Duration) {
        std::future::pending::<()>().await;
    }
}

fn record(value: impl Into<Bytes>) -> Record {
    Record {
        key: None,
        value: value.into(),
        headers: Headers::new(),
        time: Timestamp::UNIX_EPOCH,
        producer: None,
    }
}

fn produced_record(value: &str, producer: &str, sequence: u64, part: u32) -> Record {
    let producer = Producer { name: Str::from(producer), sequence, part };
    Record { producer: Some(producer), ..record(value.to_owned()) }
}

/// The writer of a topic without its thread.
struct Writer {
    log: Arc<Log>,
    appender: Appender,
}

impl Writer {
    fn open(disk: &SimDisk, settings: TopicSettings, clock: &Arc<StillClock>) -> Result<Self, Report> {
        let disk: Arc<dyn Disk> = Arc::new(disk.clone());
        let (name, folder) = (Str::from("t"), Path::new(FOLDER));
        let parts = Parts { marks: Some(MARKS.into()), ..Parts::default() };
        let apart = parts.mark_of("topics/t");
        let known = super::topic::known(disk.as_ref(), folder, ("topics/t", apart.as_deref()), &parts)?;
        let log = Arc::new(recovery::open(&disk, folder, &name, Access::Write, clock.now(), known)?);
        let appender = Appender::new(log.clone(), settings, clock.clone(), Histogram::new(&[1.0]))?;
        Ok(Self { log, appender })
    }

    /// Publishes the values of each call, all calls as one group.
    fn publish(&mut self, calls: &[&[&str]]) -> Result<Vec<u64>, Report> {
        let encode = |call: &&[&str]| {
            let records: Vec<_> = call.iter().map(|value| record((*value).to_owned())).collect();
            frame::encode(&records).unwrap()
        };
        self.appender.commit(&mut calls.iter().map(encode).collect())
    }

    /// Writes the values of one call as the process does that is killed before its sync, or after one that failed.
    fn dies_writing(self, disk: &SimDisk, values: &[&str], sync_failed: bool) {
        let records: Vec<_> = values.iter().map(|value| record((*value).to_owned())).collect();
        let mut encoded = frame::encode(&records).unwrap();
        let active = self.log.segment_of(u64::MAX).unwrap();
        encoded.number(active.header.salt, active.end(), active.end());
        let file = disk.open(&active.path).unwrap();
        file.write_at(&encoded.bytes, active.length()).unwrap();
        if sync_failed {
            disk.inject(sim::Faults { syncs: 1, ..sim::Faults::default() });
            file.sync().unwrap_err();
        }
    }
}

/// All records that are kept, with their offsets.
fn read_all(log: &Arc<Log>) -> Result<Vec<(u64, Record)>, Report> {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(async {
        let mut records = Vec::new();
        let mut reader = Reader::new(log.clone(), log.start())?;
        while reader.position() < log.end() {
            records.extend(reader.next(7).await?);
        }
        Ok(records)
    })
}

fn texts(records: &[(u64, Record)]) -> Vec<String> {
    records.iter().map(|(_, record)| String::from_utf8(record.value.to_vec()).unwrap()).collect()
}

/// A topic with its threads on a disk of memory.
struct Fixture {
    disk: SimDisk,
    lock: Arc<FolderLock>,
    _folder: tempfile::TempDir,
}

impl Fixture {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let lock = Arc::new(FolderLock::acquire(folder.path()).unwrap());
        Self { disk: SimDisk::default(), lock, _folder: folder }
    }

    fn topic(&self) -> EmbeddedTopic {
        let disk = Arc::new(self.disk.clone());
        let (clock, syncs) = (StillClock::new(), Histogram::new(&[1.0]));
        let surroundings = Surroundings { disk, clock, syncs, parts: Arc::default() };
        let (name, settings) = (Str::from("t"), TopicSettings::default());
        EmbeddedTopic::open(Path::new(FOLDER), &name, settings, surroundings, self.lock.clone()).unwrap()
    }
}
