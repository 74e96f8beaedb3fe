//! Opening the systems of a plan.

use std::{collections::HashMap, os::unix::fs::PermissionsExt, path::Path, sync::Arc};

use tenon_connectors::{
    embedded::{EmbeddedBroker, TopicSettings},
    sqlite::SqliteDatabase,
    state::SqliteState,
};
use tenon_contracts::sql::TableSchema;
use tenon_errors::{Report, catalogue::engine::IO_FAILED};
use tenon_flows::World;
use tenon_model::Name;
use tenon_monitoring::Metrics;
use tenon_plan::{Plan, System, SystemKind};
use tenon_ports::{Database, Topic};

use crate::Options;

/// The schemas of the tables that live in `system`.
#[must_use]
pub fn schemas_of(plan: &Plan, system: &System) -> Vec<Arc<TableSchema>> {
    plan.tables
        .values()
        .filter(|table| table.system.name == system.name)
        .map(|table| Arc::clone(&table.schema))
        .collect()
}

/// Every system of a plan, open.
pub struct Systems {
    /// What flows reach the world through.
    pub world: World,
    broker: Option<EmbeddedBroker>,
}

impl Systems {
    /// Opens the systems of `plan`: takes the lock of the state folder, creates missing tables and topics.
    ///
    /// # Errors
    /// `Y0204` if another process holds the state; what the systems report otherwise.
    pub async fn open(plan: &Plan, options: &Options, metrics: Metrics) -> Result<Self, Report> {
        make_private(&options.state)?;
        let broker = EmbeddedBroker::open(&options.state, Arc::clone(&options.clock), metrics.clone())?;
        let state = Arc::new(SqliteState::open(&options.state)?);
        let world = World {
            databases: HashMap::new(),
            topics: HashMap::new(),
            state,
            clock: Arc::clone(&options.clock),
            metrics,
        };
        let mut systems = Self { world, broker: Some(broker) };
        systems.extend(plan, options).await?;
        Ok(systems)
    }

    /// Opens what `plan` needs beyond what is open already.
    ///
    /// # Errors
    /// What the systems report.
    pub async fn extend(&mut self, plan: &Plan, options: &Options) -> Result<(), Report> {
        for system in plan.systems.values() {
            if let SystemKind::Sqlite { path } = &system.kind {
                let database = self.database(&system.name, path, options)?;
                database.prepare(&schemas_of(plan, system)).await?;
            }
        }
        for topic in plan.topics.values() {
            if let (SystemKind::EmbeddedBroker, Some(broker)) = (&topic.system.kind, &self.broker) {
                let retention = topic.retention;
                let settings = TopicSettings {
                    keep: retention.age,
                    keep_size: retention.size,
                    ..TopicSettings::default()
                };
                let opened: Arc<dyn Topic> = broker.topic(&topic.name, settings)?;
                self.world.topics.insert(topic.name.clone(), opened);
            }
        }
        Ok(())
    }

    fn database(&mut self, name: &Name, path: &str, options: &Options) -> Result<Arc<dyn Database>, Report> {
        if let Some(open) = self.world.databases.get(name) {
            return Ok(Arc::clone(open));
        }
        let opened: Arc<dyn Database> = Arc::new(SqliteDatabase::open(options.state.join(path))?);
        self.world.databases.insert(name.clone(), Arc::clone(&opened));
        Ok(opened)
    }
}

/// Makes the state folder readable by its owner only: it holds data, dead letters and secrets.
fn make_private(state: &Path) -> Result<(), Report> {
    std::fs::create_dir_all(state)
        .and_then(|()| std::fs::set_permissions(state, std::fs::Permissions::from_mode(0o700)))
        .map_err(|error| Report::new(&IO_FAILED, format!("`{}`: {error}", state.display())))
}
