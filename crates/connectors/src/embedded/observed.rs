//! Topics that are looked at while somebody else may be writing them, whatever is damaged in them.

use std::{
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

use async_trait::async_trait;
use tenon_errors::{Report, catalogue::system::LOG_DAMAGED};
use tenon_model::{Name, Str};
use tenon_ports::{Broker, Parts, Position, Record, Retention, Source, Topic, TopicStatus};

use super::{
    disk::{Disk, SystemDisk},
    recovery::{self, Known},
    survey::{Damage, survey},
    topic::{self, EmbeddedTopic},
};
use crate::{blocking, memory::MemoryTopic, parts};

/// The topics in a folder that another process may be writing to. Records that are about to become durable may be
/// among those that are seen.
pub(crate) struct ObservedBroker {
    pub(crate) folder: PathBuf,
    /// What the state folder remembers of them.
    pub(crate) parts: Arc<Parts>,
}

#[async_trait]
impl Broker for ObservedBroker {
    async fn topic(&self, name: &Name, _: Retention) -> Result<Arc<dyn Topic>, Report> {
        let folder = self.folder.join(name.as_str());
        let text = Str::from(name.as_str());
        let parts = Arc::clone(&self.parts);
        let open = move || -> Result<Arc<dyn Topic>, Report> {
            // Before the records, of which there may be more meanwhile.
            let part = format!("topics/{text}");
            let apart = parts.mark_of(&part);
            let known = topic::known(&SystemDisk, &folder, (&part, apart.as_deref()), &parts)?;
            if !folder.exists() {
                return Ok(Arc::new(MemoryTopic::new(text)));
            }
            Ok(Arc::new(ObservedTopic::open(&folder, text, known)?))
        };
        blocking::run(open).await?
    }
}

/// A topic as it was when it was opened. What is damaged in it is left out, and is part of its status.
struct ObservedTopic {
    folder: PathBuf,
    name: Str,
    /// How many records it must have had, as the state folder remembers it.
    known: u64,
    /// Its identity, as the state folder remembers it.
    identity: Option<u64>,
    seen: Mutex<Seen>,
}

#[derive(Clone)]
struct Seen {
    topic: EmbeddedTopic,
    /// What was found where it was looked for.
    damaged: Option<Vec<Damage>>,
}

impl ObservedTopic {
    fn open(folder: &Path, name: Str, known: Known<'_>) -> Result<Self, Report> {
        let disk: Arc<dyn Disk> = Arc::new(SystemDisk);
        // Before the records, of which there may be more meanwhile.
        let marked = recovery::read_mark(disk.as_ref(), folder)?.map_or(0, |mark| mark.end);
        let seen = match EmbeddedTopic::open_for_reading(&disk, folder, &name, None, known.identity) {
            Ok(topic) if topic.end() >= marked => Seen { topic, damaged: None },
            Err(report) if report.code() != &LOG_DAMAGED => return Err(report),
            opened => {
                surveyed(folder, &name, known.identity).map_err(|report| opened.err().unwrap_or(report))?
            }
        };
        let Known { count, identity, .. } = known;
        Ok(Self { folder: folder.to_owned(), name, known: count, identity, seen: Mutex::new(seen) })
    }

    fn seen(&self) -> Seen {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// Looks at the whole topic for what is damaged, and opens it without that.
fn surveyed(folder: &Path, name: &Str, identity: Option<u64>) -> Result<Seen, Report> {
    let disk: Arc<dyn Disk> = Arc::new(SystemDisk);
    let survey = survey(disk.as_ref(), folder, 0)?;
    let topic = EmbeddedTopic::open_for_reading(&disk, folder, name, Some(&survey.allowances), identity)?;
    Ok(Seen { topic, damaged: Some(survey.found) })
}

#[async_trait]
impl Topic for ObservedTopic {
    async fn publish(&self, records: Vec<Record>) -> Result<u64, Report> {
        self.seen().topic.publish(records).await
    }

    async fn subscribe(&self, group: &str) -> Result<Box<dyn Source>, Report> {
        self.seen().topic.subscribe(group).await
    }

    async fn read_from(&self, position: Position) -> Result<Box<dyn Source>, Report> {
        self.seen().topic.read_from(position).await
    }

    async fn produced(&self, producer: &str, since: u64) -> Result<Vec<(u64, u32)>, Report> {
        self.seen().topic.produced(producer, since).await
    }

    async fn records(&self, from: u64, max: usize) -> Result<Vec<(u64, Record)>, Report> {
        let seen = self.seen();
        match seen.topic.records(from, max).await {
            Err(report) if report.code() == &LOG_DAMAGED && seen.damaged.is_none() => {
                let (folder, name, identity) = (self.folder.clone(), self.name.clone(), self.identity);
                let seen = blocking::run(move || surveyed(&folder, &name, identity)).await??;
                *self.seen.lock().unwrap_or_else(PoisonError::into_inner) = seen.clone();
                seen.topic.records(from, max).await
            }
            read => read,
        }
    }

    async fn status(&self) -> Result<TopicStatus, Report> {
        let Seen { topic, damaged } = self.seen();
        let damaged = damaged.unwrap_or_default();
        let mut status = topic.status().await?;
        // What is damaged is left out here, and nobody has said yet that it is to be skipped.
        status.skipped.retain(|lost| damaged.iter().all(|damage| damage.lost().as_ref() != Some(lost)));
        status.damaged = damaged.iter().map(Damage::report).collect();
        if status.damaged.is_empty() && status.end < self.known {
            status.damaged.push(parts::older(&format!("topics/{}", self.name), status.end, self.known));
        }
        Ok(status)
    }
}
