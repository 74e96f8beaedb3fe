//! A world in memory that can break: every call to a port passes a gate, at which the process can be made to end.

mod clock;
mod database;
mod gate;
mod log;
mod plans;
mod source;
mod state;
mod topic;

pub(crate) use clock::TestClock;
pub(crate) use database::TestDatabase;
pub(crate) use gate::Gate;
pub(crate) use log::Logged;
pub(crate) use plans::{FlowBuilder, name, row};
pub(crate) use source::{Rows, arrival, broken};
pub(crate) use state::TestState;
pub(crate) use topic::TestTopic;

use std::{collections::HashMap, sync::Arc};

use tenon_monitoring::Metrics;
use tenon_ports::Changes;

use crate::{Hand, Tables, Watched, World, replay::Turns};

/// Everything that outlives a process.
pub(crate) struct Durable {
    pub(crate) gate: Gate,
    pub(crate) database: Arc<TestDatabase>,
    /// That of tables whose name begins with `second`.
    pub(crate) second: Arc<TestDatabase>,
    pub(crate) input: Arc<TestTopic>,
    pub(crate) output: Arc<TestTopic>,
    pub(crate) state: Arc<TestState>,
    /// Of the process that runs now.
    pub(crate) hand: Hand,
    pub(crate) watched: Watched,
}

impl Durable {
    pub(crate) fn new() -> Self {
        let gate = Gate::open();
        Self {
            database: Arc::new(TestDatabase::new(gate.clone())),
            second: Arc::new(TestDatabase::new(gate.clone())),
            input: Arc::new(TestTopic::new(gate.clone())),
            output: Arc::new(TestTopic::new(gate.clone())),
            state: Arc::new(TestState::new(gate.clone())),
            hand: Hand::default(),
            watched: Watched::default(),
            gate,
        }
    }

    /// The world as a new process opens it.
    pub(crate) fn world(&self) -> World {
        World {
            files: HashMap::new(),
            databases: HashMap::from([
                (name("db"), Arc::clone(&self.database) as Arc<_>),
                (name("second"), Arc::clone(&self.second) as Arc<_>),
            ]),
            remotes: HashMap::new(),
            topics: HashMap::from([
                (name("input"), Arc::clone(&self.input) as Arc<_>),
                (name("output"), Arc::clone(&self.output) as Arc<_>),
            ]),
            state: Arc::clone(&self.state) as Arc<_>,
            clock: Arc::new(TestClock),
            turns: Turns::default(),
            hand: self.hand.clone(),
            tables: Tables::default(),
            changes: Changes::default(),
            watched: self.watched.clone(),
            metrics: Metrics::new(),
        }
    }
}
