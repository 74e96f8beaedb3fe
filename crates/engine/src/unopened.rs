//! What stands in for a topic or a database that cannot be opened: whoever uses it is told why, and the rest runs.

use std::sync::Arc;

use async_trait::async_trait;
use tenon_contracts::sql::TableSchema;
use tenon_errors::{
    Report,
    catalogue::system::{
        DATABASE_DAMAGED, DATABASE_UNUSABLE, LOG_DAMAGED, LOG_IO, STATE_MISMATCH, STATE_NEWER,
    },
};
use tenon_flows::World;
use tenon_model::{Str, Value};
use tenon_plan::{Flow, Input, Plan};
use tenon_ports::{Database, Page, Position, Query, Record, Source, Topic, TopicStatus, Transaction};

/// What cannot be opened.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Part<'p> {
    Topic(&'p str),
    /// The database of this system.
    Database(&'p str),
}

impl<'p> Part<'p> {
    fn name(self) -> &'p str {
        let (Self::Topic(name) | Self::Database(name)) = self;
        name
    }

    /// The flows of `plan` that read or write it.
    fn users(self, plan: &Plan) -> String {
        let uses = |flow: &&Arc<Flow>| match self {
            Self::Topic(name) => {
                matches!(&flow.input, Input::Topic(topic) if topic.name.as_str() == name)
                    || flow
                        .steps
                        .iter()
                        .any(|step| step.kind.publishes().is_some_and(|it| it.name.as_str() == name))
            }
            Self::Database(name) => flow
                .steps
                .iter()
                .filter_map(|step| step.kind.reads().or_else(|| step.kind.writes()))
                .any(|table| table.system.name.as_str() == name),
        };
        plan.flows.iter().filter(uses).map(|flow| flow.name.as_str()).collect::<Vec<_>>().join(", ")
    }
}

const WHEN_MENDED: &str = "mend what the message says, and reload the project (SIGHUP) or start it again";

/// A topic or a database that cannot be opened, for this reason.
pub(crate) struct Unopened(Report);

impl Unopened {
    /// What stands in for the part `what`, which was refused with `report`, if that concerns this part of the state only. The log
    /// says it once, with the flows of `plan` that use it and do not run.
    ///
    /// # Errors
    /// `report`, if it keeps everything from running.
    pub(crate) fn instead(report: Report, what: Part<'_>, plan: &Plan) -> Result<Arc<Self>, Report> {
        if !Self::concerns_a_part(&report) {
            return Err(report);
        }
        // What passes is tried again where it is open; here nobody tries before the part is opened anew.
        let report = if report.is_transient() { report.hint(WHEN_MENDED) } else { report };
        let (code, name, flows) = (report.code().id, what.name(), what.users(plan));
        let hint = report.advice();
        tracing::error!(code, %report, part = name, %flows, hint, "a part of the state cannot be used; everything else runs");
        Ok(Arc::new(Self(report)))
    }

    /// Whether `report` is why something of `world` could not be opened, which the log has said then.
    pub(crate) fn has_said(report: &Report, world: &World) -> bool {
        let is_why = |open: Result<(), Report>| {
            open.is_err_and(|why| why.code() == report.code() && why.message() == report.message())
        };
        Self::concerns_a_part(report)
            && (world.topics.values().any(|topic| is_why(topic.is_open()))
                || world.databases.values().any(|database| is_why(database.is_open())))
    }

    /// Whether a report concerns only what uses a part of the state.
    pub(crate) fn concerns_a_part(report: &Report) -> bool {
        [&LOG_DAMAGED, &LOG_IO, &STATE_MISMATCH, &STATE_NEWER, &DATABASE_UNUSABLE, &DATABASE_DAMAGED]
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
