//! Opening the systems of a plan.

use std::{
    collections::{HashMap, hash_map::Entry},
    os::unix::fs::PermissionsExt,
    path::Path,
    sync::Arc,
};

use tenon_connectors::{lock::FolderLock, state::SqliteState};
use tenon_contracts::sql::TableSchema;
use tenon_errors::{Report, catalogue::engine::IO_FAILED};
use tenon_flows::{Hand, World, replay::Turns};
use tenon_model::Str;
use tenon_monitoring::Metrics;
use tenon_plan::{Plan, System, Topic};
use tenon_ports::{Opened, Site};

use crate::{
    Options,
    measured::{MeasuredDatabase, MeasuredTopic},
};

/// The schemas of the tables that live in `system`.
#[must_use]
pub(crate) fn schemas_of(plan: &Plan, system: &System) -> Vec<Arc<TableSchema>> {
    let own = plan.tables.values().filter(|table| table.system.name == system.name);
    own.map(|table| Arc::clone(&table.schema)).collect()
}

fn topics_of<'p>(plan: &'p Plan, system: &System) -> impl Iterator<Item = &'p Arc<Topic>> {
    let name = system.name.clone();
    plan.topics.values().filter(move |topic| topic.system.name == name)
}

/// A connector's scheme and a location: what is open once, whatever systems of a project call it.
type Place = (&'static str, Str);

fn place(system: &System) -> Place {
    (system.connector.descriptor().scheme, system.location.clone())
}

/// Every system of a plan, open, and the lock of the state folder.
pub(crate) struct Systems {
    /// What flows reach the world through.
    pub(crate) world: World,
    site: Site,
    open: HashMap<Place, Opened>,
    _lock: FolderLock,
}

impl Systems {
    /// Opens the systems of `plan`: takes the lock of the state folder, creates missing tables and topics, and
    /// sets flows back to the end of topics that have lost messages, before anything is published to them.
    ///
    /// # Errors
    /// `Y0204` if another process holds the state; what the systems report otherwise.
    pub(crate) async fn open(plan: &Plan, options: &Options, metrics: Metrics) -> Result<Self, Report> {
        make_private(&options.state)?;
        let lock = FolderLock::acquire(&options.state)?;
        let world = World {
            files: HashMap::new(),
            databases: HashMap::new(),
            topics: HashMap::new(),
            state: Arc::new(SqliteState::open(&options.state)?),
            clock: Arc::clone(&options.clock),
            turns: Turns::default(),
            hand: Hand::default(),
            metrics: metrics.clone(),
        };
        let mut systems = Self { world, site: options.site(metrics), open: HashMap::new(), _lock: lock };
        systems.switch_to(plan).await?;
        for flow in &plan.flows {
            tenon_flows::set_back(flow, &systems.world).await?;
        }
        Ok(systems)
    }

    /// Opens what `plan` needs beyond what is open already, and lets go of what it does not need. What flows still use is
    /// closed when they end.
    ///
    /// # Errors
    /// What the systems report; then the world is what it was.
    pub(crate) async fn switch_to(&mut self, plan: &Plan) -> Result<(), Report> {
        let mut world = World {
            files: HashMap::new(),
            databases: HashMap::new(),
            topics: HashMap::new(),
            ..self.world.clone()
        };
        for system in plan.systems.values() {
            match self.opened(system).await? {
                Opened::Files(files) => {
                    world.files.insert(system.name.clone(), files);
                }
                Opened::Database(database) => {
                    database.prepare(&schemas_of(plan, system)).await?;
                    let scheme = system.connector.descriptor().scheme;
                    let measured = MeasuredDatabase::new(database, scheme, &self.site.metrics);
                    world.databases.insert(system.name.clone(), Arc::new(measured));
                }
                Opened::Broker(broker) => {
                    for topic in topics_of(plan, system) {
                        let opened = broker.topic(&topic.name, topic.retention).await?;
                        let measured = MeasuredTopic::new(opened, &topic.name, &self.site.metrics);
                        world.topics.insert(topic.name.clone(), Arc::new(measured));
                    }
                }
            }
        }
        self.open.retain(|open, _| plan.systems.values().any(|system| place(system) == *open));
        self.world = world;
        Ok(())
    }

    async fn opened(&mut self, system: &System) -> Result<Opened, Report> {
        match self.open.entry(place(system)) {
            Entry::Occupied(open) => Ok(open.get().clone()),
            Entry::Vacant(free) => {
                let opened = system.connector.open(&system.location, &self.site).await?;
                Ok(free.insert(opened).clone())
            }
        }
    }
}

/// Makes the state folder readable by its owner only: it holds data, dead letters and secrets.
fn make_private(state: &Path) -> Result<(), Report> {
    std::fs::create_dir_all(state)
        .and_then(|()| std::fs::set_permissions(state, std::fs::Permissions::from_mode(0o700)))
        .map_err(|error| Report::new(&IO_FAILED, format!("`{}`: {error}", state.display())))
}
