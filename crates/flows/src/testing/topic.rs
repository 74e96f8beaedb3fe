//! A topic.

use std::{
    collections::{BTreeMap, VecDeque},
    ops::Range,
    sync::{Arc, Mutex},
};

use async_trait::async_trait;
use tenon_errors::{Report, catalogue::data::TOO_LARGE};
use tenon_model::{Payload, Str};
use tenon_ports::{Arrival, Batch, Gone, Origin, Position, Record, Source, Topic, TopicStatus};
use tokio::sync::Notify;

use super::Gate;

pub(crate) struct TestTopic {
    gate: Gate,
    log: Arc<Log>,
    pub(crate) identity: Mutex<Str>,
    /// What the next calls of `publish` report, and how many records become durable all the same.
    pub(crate) failures: Mutex<VecDeque<(Report, usize)>>,
}

#[derive(Default)]
struct Log {
    records: Mutex<Vec<Record>>,
    /// Records before it were removed.
    start: Mutex<u64>,
    groups: Mutex<BTreeMap<Str, u64>>,
    appended: Notify,
}

struct Reading {
    gate: Gate,
    log: Arc<Log>,
    at: u64,
    gone: Option<Range<u64>>,
    group: Option<Str>,
}

impl TestTopic {
    pub(crate) fn new(gate: Gate) -> Self {
        Self { gate, log: Arc::default(), identity: Mutex::default(), failures: Mutex::default() }
    }

    pub(crate) fn records(&self) -> Vec<Record> {
        self.log.records.lock().unwrap().clone()
    }

    /// Appends a record without passing a gate: what others publish.
    pub(crate) fn append(&self, record: Record) {
        self.log.records.lock().unwrap().push(record);
        self.log.appended.notify_waiters();
    }

    /// Removes the records before `start`, as the retention of a topic does.
    pub(crate) fn remove_before(&self, start: u64) {
        *self.log.start.lock().unwrap() = start;
    }

    /// Keeps only the records before `end`, as a disk does that loses what it confirmed. The groups are set back when the
    /// topic is opened again.
    pub(crate) fn loses_from(&self, end: u64) {
        self.log.records.lock().unwrap().truncate(usize::try_from(end).unwrap());
        self.log.groups.lock().unwrap().values_mut().for_each(|at| *at = end.min(*at));
    }

    /// Puts another, empty topic in its place.
    pub(crate) fn replace(&self, identity: &str) {
        self.log.records.lock().unwrap().clear();
        self.log.groups.lock().unwrap().clear();
        *self.identity.lock().unwrap() = identity.into();
    }

    pub(crate) fn end(&self) -> u64 {
        self.log.records.lock().unwrap().len() as u64
    }
}

#[async_trait]
impl Topic for TestTopic {
    /// A row whose `n` is 998 is too large, as anybody can say before.
    fn admits(&self, record: &Record) -> Result<(), Report> {
        match record.value.ends_with(b":998}") {
            true => Err(Report::new(&TOO_LARGE, "a record is too large")),
            false => Ok(()),
        }
    }

    /// A row whose `n` is 999 is too large. Record by record, so that the process can end with only some of them durable.
    async fn publish(&self, records: Vec<Record>) -> Result<u64, Report> {
        self.gate.point().await;
        if records.iter().any(|record| record.value.ends_with(b":999}")) {
            return Err(Report::new(&TOO_LARGE, "a record is too large"));
        }
        let first = self.end();
        let failure = self.failures.lock().unwrap().pop_front();
        let durable = failure.as_ref().map_or(records.len(), |(_, durable)| *durable);
        for record in records.into_iter().take(durable) {
            self.append(record);
            self.gate.point().await;
        }
        match failure {
            Some((report, _)) => Err(report),
            None => Ok(first),
        }
    }

    async fn subscribe(&self, group: &str) -> Result<Box<dyn Source>, Report> {
        self.gate.point().await;
        let at = self.log.groups.lock().unwrap().get(group).copied().unwrap_or(0);
        Ok(Box::new(Reading {
            gate: self.gate.clone(),
            log: Arc::clone(&self.log),
            at,
            gone: None,
            group: Some(Str::new(group)),
        }))
    }

    async fn read_from(&self, position: Position) -> Result<Box<dyn Source>, Report> {
        self.gate.point().await;
        let log = Arc::clone(&self.log);
        Ok(Box::new(Reading { gate: self.gate.clone(), log, at: position.offset, gone: None, group: None }))
    }

    async fn produced(&self, producer: &str, since: u64) -> Result<Vec<(u64, u32)>, Report> {
        self.gate.point().await;
        let records = self.records();
        let producers =
            records.iter().skip(usize::try_from(since).unwrap()).filter_map(|it| it.producer.as_ref());
        Ok(producers.filter(|it| it.name == producer).map(|it| (it.sequence, it.part)).collect())
    }

    async fn records(&self, from: u64, max: usize) -> Result<Vec<(u64, Record)>, Report> {
        self.gate.point().await;
        Ok((from..).zip(self.records().into_iter().skip(usize::try_from(from).unwrap()).take(max)).collect())
    }

    async fn status(&self) -> Result<TopicStatus, Report> {
        self.gate.point().await;
        let groups = self.log.groups.lock().unwrap().iter().map(|(name, at)| (name.clone(), *at)).collect();
        let start = *self.log.start.lock().unwrap();
        let identity = self.identity.lock().unwrap().clone();
        Ok(TopicStatus { identity, start, end: self.end(), bytes: 0, groups, ..TopicStatus::default() })
    }
}

#[async_trait]
impl Source for Reading {
    async fn next(&mut self, max: usize) -> Result<Batch, Report> {
        self.gate.point().await;
        loop {
            let appended = self.log.appended.notified();
            let start = *self.log.start.lock().unwrap();
            if self.at < start {
                self.gone = Some(self.at..start);
                self.at = start;
            }
            let arrivals: Vec<_> = {
                let records = self.log.records.lock().unwrap();
                let from = usize::try_from(self.at).unwrap();
                let some = records.iter().enumerate().skip(from).take(max);
                some.map(|(offset, record)| arrival(offset as u64, record)).collect()
            };
            if !arrivals.is_empty() {
                self.at += arrivals.len() as u64;
                return Ok(Batch { arrivals, end: false });
            }
            appended.await;
        }
    }

    async fn commit(&mut self, position: Position) -> Result<(), Report> {
        self.gate.point().await;
        if let Some(group) = &self.group {
            let mut groups = self.log.groups.lock().unwrap();
            let held = groups.entry(group.clone()).or_default();
            *held = position.offset.max(*held);
        }
        self.gate.point().await;
        Ok(())
    }

    fn take_gone(&mut self) -> Option<Gone> {
        self.gone.take().map(|offsets| Gone { offsets, damaged: false })
    }

    fn lag(&self) -> Option<u64> {
        Some(self.log.records.lock().unwrap().len() as u64 - self.at)
    }

    fn progress(&self) -> Option<f64> {
        None
    }
}

fn arrival(offset: u64, record: &Record) -> Arrival {
    Arrival {
        origin: Origin { source: "input".into(), position: Position { offset, line: 0, tail: 0 } },
        next: Position { offset: offset + 1, line: 0, tail: 0 },
        bytes: record.value.clone(),
        clipped: false,
        payload: Ok(Payload::of_bytes(record.value.clone())),
        key: record.key.clone(),
        headers: record.headers.clone(),
        time: Some(record.time),
    }
}
