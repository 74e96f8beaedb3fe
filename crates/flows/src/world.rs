//! The world that flows run in: open systems, time, and what the engine remembers between runs.

use std::{collections::HashMap, fmt, sync::Arc};

use futures_util::future::BoxFuture;
use tenon_errors::{Report, catalogue::engine::INTERNAL};
use tenon_model::Name;
use tenon_monitoring::Metrics;
use tenon_ports::{Changes, Checkpoint, Clock, Database, Files, OpenedSource, Remote, State, Topic};

use crate::{
    replay::Turns,
    request::{Hand, Tables},
    watched::Watched,
};

/// The open systems of a plan, and what else flows need of the world. Cheap to clone.
#[derive(Clone)]
pub struct World {
    /// Places of files, by the name of their system.
    pub files: HashMap<Name, Arc<dyn Files>>,
    /// Databases, by the name of their system.
    pub databases: HashMap<Name, Arc<dyn Database>>,
    /// Systems whose operations are called, by name.
    pub remotes: HashMap<Name, Arc<dyn Remote>>,
    /// Topics, by their own name.
    pub topics: HashMap<Name, Arc<dyn Topic>>,
    /// Positions and dead letters.
    pub state: Arc<dyn State>,
    /// What time it is, and how to wait.
    pub clock: Arc<dyn Clock>,
    /// Whose turn it is to replay.
    pub turns: Turns,
    /// The keys of requests that are in hand.
    pub hand: Hand,
    /// The tables that requests change.
    pub tables: Tables,
    /// What is changed in the tables that replies are kept of.
    pub changes: Changes,
    /// Which flows have dead letters.
    pub watched: Watched,
    /// Where flows count.
    pub metrics: Metrics,
}

impl World {
    /// The database of a system.
    pub(crate) fn database(&self, system: &Name) -> Result<Arc<dyn Database>, Report> {
        self.databases.get(system).cloned().ok_or_else(|| not_open("database", system))
    }

    /// The system of this name whose operations are called.
    pub(crate) fn remote(&self, system: &Name) -> Result<Arc<dyn Remote>, Report> {
        self.remotes.get(system).cloned().ok_or_else(|| not_open("system", system))
    }

    /// The topic of this name.
    pub(crate) fn topic(&self, name: &Name) -> Result<Arc<dyn Topic>, Report> {
        self.topics.get(name).cloned().ok_or_else(|| not_open("topic", name))
    }
}

impl fmt::Debug for World {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("World")
            .field("databases", &self.databases.keys())
            .field("topics", &self.topics.keys())
            .finish_non_exhaustive()
    }
}

fn not_open(what: &str, name: &Name) -> Report {
    Report::new(&INTERNAL, format!("the {what} `{name}` was not opened before the flows that use it"))
}

/// Opens the source of a flow, again after a failure if need be.
///
/// With a checkpoint it opens at that position, unless the content has another fingerprint: then at the start. Without
/// one a file opens at its start, and a topic where the consumer group named like the flow has committed.
pub type SourceFactory =
    Box<dyn Fn(Option<Checkpoint>) -> BoxFuture<'static, Result<OpenedSource, Report>> + Send + Sync>;
