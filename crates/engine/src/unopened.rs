//! What stands in for a topic or a database that cannot be opened: whoever uses it is told why, and the rest runs.

use std::sync::Arc;

use async_trait::async_trait;
use tenon_contracts::sql::TableSchema;
use tenon_errors::{
    Report,
    catalogue::system::{DATABASE_DAMAGED, DATABASE_UNUSABLE, LOG_DAMAGED, STATE_MISMATCH, STATE_NEWER},
};
use tenon_model::{Str, Value};
use tenon_ports::{Database, Page, Position, Query, Record, Source, Topic, TopicStatus, Transaction};

/// A topic or a database that cannot be opened, for this reason.
pub(crate) struct Unopened(Report);

impl Unopened {
    /// What stands in for something that was refused with `report`, if that concerns this part of the state only.
    ///
    /// # Errors
    /// `report`, if it keeps everything from running.
    pub(crate) fn instead(report: Report, what: &str) -> Result<Arc<Self>, Report> {
        if !Self::concerns_a_part(&report) {
            return Err(report);
        }
        let code = report.code().id;
        tracing::error!(code, %report, part = what, "a part of the state cannot be used; everything else runs");
        Ok(Arc::new(Self(report)))
    }

    /// Whether a report concerns only what uses a part of the state.
    pub(crate) fn concerns_a_part(report: &Report) -> bool {
        [&LOG_DAMAGED, &STATE_MISMATCH, &STATE_NEWER, &DATABASE_UNUSABLE, &DATABASE_DAMAGED]
            .contains(&report.code())
    }

    fn refuse<T>(&self) -> Result<T, Report> {
        Err(self.0.clone())
    }
}

#[async_trait]
impl Topic for Unopened {
    async fn publish(&self, _: Vec<Record>) -> Result<u64, Report> {
        self.refuse()
    }

    async fn subscribe(&self, _: &str) -> Result<Box<dyn Source>, Report> {
        self.refuse()
    }

    async fn read_from(&self, _: Position) -> Result<Box<dyn Source>, Report> {
        self.refuse()
    }

    async fn produced(&self, _: &str, _: u64) -> Result<Vec<(u64, u32)>, Report> {
        self.refuse()
    }

    async fn records(&self, _: u64, _: usize) -> Result<Vec<(u64, Record)>, Report> {
        self.refuse()
    }

    async fn status(&self) -> Result<TopicStatus, Report> {
        self.refuse()
    }

    fn is_open(&self) -> Result<(), Report> {
        self.refuse()
    }
}

#[async_trait]
impl Database for Unopened {
    async fn prepare(&self, _: &[Arc<TableSchema>]) -> Result<(), Report> {
        self.refuse()
    }

    async fn get(&self, _: &str, _: Vec<Vec<Value>>) -> Result<Vec<Option<Value>>, Report> {
        self.refuse()
    }

    async fn list(&self, _: &str, _: Query) -> Result<Page, Report> {
        self.refuse()
    }

    async fn count(&self, _: &str) -> Result<u64, Report> {
        self.refuse()
    }

    async fn apply(&self, _: Transaction) -> Result<(), Report> {
        self.refuse()
    }

    async fn clear(&self, _: Vec<Str>, _: &str) -> Result<(), Report> {
        self.refuse()
    }

    async fn position(&self, _: &str) -> Result<Option<Position>, Report> {
        self.refuse()
    }

    fn is_open(&self) -> Result<(), Report> {
        self.refuse()
    }
}
