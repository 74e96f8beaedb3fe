//! How many messages go into a topic and come out of it.

use std::sync::Arc;

use async_trait::async_trait;
use tenon_errors::Report;
use tenon_model::Name;
use tenon_monitoring::{
    Counter, Metrics,
    metrics::{MESSAGING_CLIENT_CONSUMED_MESSAGES, MESSAGING_CLIENT_SENT_MESSAGES},
};
use tenon_ports::{Batch, Commits, Followed, Gone, Part, Position, Record, Source, Topic, TopicStatus};

use super::Health;

/// A topic whose messages are counted.
pub(crate) struct MeasuredTopic {
    inner: Arc<dyn Topic>,
    name: Name,
    sent: Counter,
    health: Arc<Health>,
}

impl MeasuredTopic {
    pub(crate) fn new(inner: Arc<dyn Topic>, name: &Name, metrics: &Metrics, health: &Arc<Health>) -> Self {
        let sent = metrics.counter(&MESSAGING_CLIENT_SENT_MESSAGES, &[name]);
        Self { inner, name: name.clone(), sent, health: Arc::clone(health) }
    }
}

#[async_trait]
impl Topic for MeasuredTopic {
    async fn publish(&self, records: Vec<Record>) -> Result<u64, Report> {
        let count = records.len() as u64;
        let first = self.health.note(&self.name, self.inner.publish(records).await)?;
        self.sent.add(count);
        Ok(first)
    }

    fn admits(&self, record: &Record) -> Result<(), Report> {
        self.inner.admits(record)
    }

    async fn subscribe(&self, group: &str) -> Result<Box<dyn Source>, Report> {
        self.inner.subscribe(group).await
    }

    async fn read_from(&self, position: Position) -> Result<Box<dyn Source>, Report> {
        self.inner.read_from(position).await
    }

    async fn produced(&self, producer: &str, since: u64) -> Result<Vec<(u64, u32)>, Report> {
        self.inner.produced(producer, since).await
    }

    async fn records(&self, from: u64, max: usize) -> Result<Vec<(u64, Record)>, Report> {
        self.inner.records(from, max).await
    }

    async fn status(&self) -> Result<TopicStatus, Report> {
        self.inner.status().await
    }

    fn is_open(&self) -> Result<(), Report> {
        self.inner.is_open()
    }

    async fn follow(&self, followed: Followed) -> Result<(), Report> {
        self.inner.follow(followed).await
    }

    fn part(&self, folder: &str, seen: &Commits) -> Option<Part> {
        self.inner.part(folder, seen)
    }
}

/// A topic as a flow consumes it, counted for its group.
pub(crate) struct MeasuredSource {
    inner: Box<dyn Source>,
    consumed: Counter,
}

impl MeasuredSource {
    pub(crate) fn boxed(
        inner: Box<dyn Source>,
        topic: &Name,
        group: &Name,
        metrics: &Metrics,
    ) -> Box<dyn Source> {
        let consumed = metrics.counter(&MESSAGING_CLIENT_CONSUMED_MESSAGES, &[topic, group]);
        Box::new(Self { inner, consumed })
    }
}

#[async_trait]
impl Source for MeasuredSource {
    async fn next(&mut self, max: usize) -> Result<Batch, Report> {
        let batch = self.inner.next(max).await?;
        self.consumed.add(batch.arrivals.len() as u64);
        Ok(batch)
    }

    async fn commit(&mut self, position: Position) -> Result<(), Report> {
        self.inner.commit(position).await
    }

    fn lag(&self) -> Option<u64> {
        self.inner.lag()
    }

    fn take_gone(&mut self) -> Option<Gone> {
        self.inner.take_gone()
    }

    fn progress(&self) -> Option<f64> {
        self.inner.progress()
    }
}
