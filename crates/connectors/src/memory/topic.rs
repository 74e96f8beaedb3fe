//! A topic in memory.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use async_trait::async_trait;
use tenon_errors::Report;
use tenon_model::{Payload, Str};
use tenon_ports::{Arrival, Batch, Origin, Position, Record, Source, Topic, TopicStatus};
use tokio::sync::watch;

/// A topic that keeps everything and forgets it when it is dropped. Its copies are the same topic.
#[derive(Debug, Clone)]
pub struct MemoryTopic(Arc<Shared>);

impl MemoryTopic {
    /// An empty topic.
    #[must_use]
    pub fn new(name: impl Into<Str>) -> Self {
        Self(Arc::new(Shared { name: name.into(), log: Mutex::default(), end: watch::Sender::new(0) }))
    }

    /// Makes the next calls of `publish` fail, one for each report, in order.
    pub fn fail_publish(&self, reports: impl IntoIterator<Item = Report>) {
        let mut reports: Vec<_> = reports.into_iter().collect();
        reports.reverse();
        self.0.log().failures = reports;
    }

    /// Everything that was published, in order.
    #[must_use]
    pub fn records(&self) -> Vec<Record> {
        self.0.log().records.clone()
    }

    fn reader(&self, offset: u64, group: Option<Str>) -> Box<dyn Source> {
        Box::new(Reader { shared: Arc::clone(&self.0), end: self.0.end.subscribe(), offset, group })
    }
}

#[async_trait]
impl Topic for MemoryTopic {
    async fn publish(&self, records: Vec<Record>) -> Result<u64, Report> {
        let mut log = self.0.log();
        if let Some(report) = log.failures.pop() {
            return Err(report);
        }
        let first = log.records.len() as u64;
        log.records.extend(records);
        self.0.end.send_replace(log.records.len() as u64);
        Ok(first)
    }

    async fn subscribe(&self, group: &str) -> Result<Box<dyn Source>, Report> {
        let offset = self.0.log().groups.get(group).copied().unwrap_or(0);
        Ok(self.reader(offset, Some(Str::new(group))))
    }

    async fn read_from(&self, position: Position) -> Result<Box<dyn Source>, Report> {
        Ok(self.reader(position.offset, None))
    }

    async fn produced(&self, producer: &str, since: u64) -> Result<Vec<(u64, u32)>, Report> {
        let since = usize::try_from(since).unwrap_or(usize::MAX);
        let log = self.0.log();
        let producers = log.records.iter().skip(since).filter_map(|record| record.producer.as_ref());
        let own = producers.filter(|candidate| candidate.name == producer);
        Ok(own.map(|producer| (producer.sequence, producer.part)).collect())
    }

    async fn records(&self, from: u64, max: usize) -> Result<Vec<(u64, Record)>, Report> {
        let skipped = usize::try_from(from).unwrap_or(usize::MAX);
        Ok((from..).zip(self.0.log().records.iter().skip(skipped).take(max).cloned()).collect())
    }

    async fn status(&self) -> Result<TopicStatus, Report> {
        let log = self.0.log();
        Ok(TopicStatus {
            identity: Str::default(),
            start: 0,
            end: log.records.len() as u64,
            bytes: log.records.iter().map(|record| record.value.len() as u64).sum(),
            groups: log.groups.iter().map(|(group, offset)| (group.clone(), *offset)).collect(),
            ..TopicStatus::default()
        })
    }
}

#[derive(Debug)]
struct Shared {
    name: Str,
    log: Mutex<Log>,
    end: watch::Sender<u64>,
}

#[derive(Debug, Default)]
struct Log {
    records: Vec<Record>,
    groups: BTreeMap<Str, u64>,
    failures: Vec<Report>,
}

impl Shared {
    fn log(&self) -> MutexGuard<'_, Log> {
        self.log.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

struct Reader {
    shared: Arc<Shared>,
    end: watch::Receiver<u64>,
    offset: u64,
    group: Option<Str>,
}

#[async_trait]
impl Source for Reader {
    async fn next(&mut self, max: usize) -> Result<Batch, Report> {
        let offset = self.offset;
        // The topic lives as long as this reader, so the wait cannot fail.
        let _ = self.end.wait_for(|end| *end > offset).await;
        let log = self.shared.log();
        let start = usize::try_from(offset).unwrap_or(usize::MAX);
        let records = log.records.iter().skip(start).take(max.max(1));
        let arrivals: Vec<_> = records
            .zip(offset..)
            .map(|(record, offset)| arrival(&self.shared.name, record, offset))
            .collect();
        self.offset += arrivals.len() as u64;
        Ok(Batch { arrivals, end: false })
    }

    async fn commit(&mut self, position: Position) -> Result<(), Report> {
        if let Some(group) = &self.group {
            let mut log = self.shared.log();
            let committed = log.groups.entry(group.clone()).or_insert(0);
            *committed = position.offset.max(*committed);
        }
        Ok(())
    }

    fn lag(&self) -> Option<u64> {
        Some(self.end.borrow().saturating_sub(self.offset))
    }

    fn progress(&self) -> Option<f64> {
        None
    }
}

fn arrival(topic: &Str, record: &Record, offset: u64) -> Arrival {
    Arrival {
        origin: Origin { source: topic.clone(), position: Position { offset, line: 0, tail: 0 } },
        next: Position { offset: offset + 1, line: 0, tail: 0 },
        bytes: record.value.clone(),
        clipped: false,
        payload: Ok(Payload::of_bytes(record.value.clone())),
        key: record.key.clone(),
        headers: record.headers.clone(),
        time: Some(record.time),
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use jiff::Timestamp;
    use tenon_errors::catalogue::system::LOG_FULL;
    use tenon_model::Headers;
    use tenon_ports::topic::Producer;

    use super::*;

    fn record(text: &'static str, sequence: u64) -> Record {
        Record {
            key: None,
            value: Bytes::from_static(text.as_bytes()),
            headers: Headers::new(),
            time: Timestamp::UNIX_EPOCH,
            producer: Some(Producer { name: "flow".into(), sequence, part: 0 }),
        }
    }

    fn texts(batch: &Batch) -> Vec<String> {
        let text = |arrival: &Arrival| String::from_utf8_lossy(&arrival.bytes).into_owned();
        batch.arrivals.iter().map(text).collect()
    }

    #[tokio::test]
    async fn a_reader_goes_on_where_its_group_has_committed() {
        let topic = MemoryTopic::new("flights");
        topic.publish(vec![record("a", 1), record("b", 2), record("c", 3)]).await.unwrap();
        let mut source = topic.subscribe("group").await.unwrap();
        let batch = source.next(2).await.unwrap();
        assert_eq!((texts(&batch), source.lag()), (vec!["a".into(), "b".into()], Some(1)));
        source.commit(batch.arrivals[1].next).await.unwrap();
        source.commit(batch.arrivals[0].next).await.unwrap();
        let mut again = topic.subscribe("group").await.unwrap();
        assert_eq!(texts(&again.next(9).await.unwrap()), ["c"]);
        let mut other = topic.read_from(Position { offset: 1, line: 0, tail: 0 }).await.unwrap();
        assert_eq!(texts(&other.next(9).await.unwrap()), ["b", "c"]);
        assert_eq!(topic.status().await.unwrap().groups, [("group".into(), 2)]);
        assert_eq!(topic.produced("flow", 1).await.unwrap(), [(2, 0), (3, 0)]);
    }

    #[tokio::test]
    async fn a_waiting_reader_sees_what_is_published_later_and_a_dropped_wait_loses_nothing() {
        let topic = MemoryTopic::new("flights");
        let mut source = topic.subscribe("group").await.unwrap();
        let waited = tokio::time::timeout(std::time::Duration::ZERO, source.next(9)).await;
        assert!(waited.is_err());
        let (batch, published) = tokio::join!(source.next(9), topic.publish(vec![record("a", 1)]));
        assert_eq!((texts(&batch.unwrap()), published.unwrap()), (vec!["a".into()], 0));
    }

    #[tokio::test]
    async fn failures_happen_in_the_order_asked_for_and_publish_nothing() {
        let topic = MemoryTopic::new("flights");
        topic.fail_publish([Report::new(&LOG_FULL, "first"), Report::new(&LOG_FULL, "second")]);
        for expected in ["first", "second"] {
            let report = topic.publish(vec![record("a", 1)]).await.unwrap_err();
            assert_eq!(report.message(), expected);
        }
        assert!(topic.records().is_empty());
        assert_eq!(topic.publish(vec![record("a", 1)]).await.unwrap(), 0);
    }
}
