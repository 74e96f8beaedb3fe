//! Opening the systems of a plan.

use std::{
    collections::{HashMap, hash_map::Entry},
    os::unix::fs::PermissionsExt,
    path::Path,
    sync::{Arc, Weak},
    time::Duration,
};

use tenon_connectors::{
    http::HttpRemote,
    lock::{self, FolderLock},
    state::SqliteState,
};
use tenon_contracts::sql::TableSchema;
use tenon_errors::{
    Report,
    catalogue::{
        engine::{INTERNAL, IO_FAILED},
        system::STATE_LOCKED,
    },
};
use tenon_flows::{Hand, Tables, Watched, World, replay::Turns};
use tenon_model::{Name, Str};
use tenon_monitoring::Metrics;
use tenon_plan::{Plan, System, Topic};
use tenon_ports::{Broker, Changes, Database, Files, Opened, Remote, Role, Site, remote::Reaching};
use tokio::time::Instant;

use crate::{
    Options, Remotes,
    folder::{self, Folder},
    measured::{Health, MeasuredDatabase, MeasuredState, MeasuredTopic},
    secrets::ProjectSecrets,
    unopened::{Part, Unopened},
};

/// How long a system that was let go of may be in the last hands that work with it before it is opened anew.
const LAST_USE: Duration = Duration::from_secs(30);
/// How often that is looked at.
const LAST_USE_POLL: Duration = Duration::from_millis(20);

/// That no other process uses the state folder: said before anything is opened, such as a port that this process holds.
///
/// # Errors
/// `Y0204` if one does.
pub(crate) fn require_unused(state: &Path) -> Result<(), Report> {
    if lock::is_locked(state) { FolderLock::acquire(state).map(drop) } else { Ok(()) }
}

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
    /// The systems whose operations are called, with how they are reached.
    remotes: HashMap<Name, (Reaching, Arc<dyn Remote>)>,
    secrets: Arc<ProjectSecrets>,
    /// What stands for them, in tests.
    stand_ins: Option<Arc<dyn Remotes>>,
    /// What plans before had open.
    leaving: HashMap<Place, Leaving>,
    /// What the state folder remembers of the parts that are open.
    pub(crate) folder: Arc<Folder>,
    /// How effects on the systems come out.
    pub(crate) health: Arc<Health>,
    /// The lock of the state folder.
    pub(crate) lock: Arc<FolderLock>,
}

impl Systems {
    /// Opens the systems of `plan`: takes the lock of the state folder, creates missing tables and topics, and
    /// sets flows back to the end of topics that have lost messages, before anything is published to them.
    ///
    /// # Errors
    /// `Y0204` if another process holds the state, `Y0205` or `Y0206` if it was lost or is older than the rest of its
    /// folder; what the systems report otherwise.
    pub(crate) async fn open(plan: &Plan, options: &Options, metrics: Metrics) -> Result<Self, Report> {
        make_private(&options.state)?;
        let state = options.state.clone();
        let open = move || Ok((FolderLock::acquire(&state)?, SqliteState::open(&state)?));
        let (lock, state) =
            tokio::task::spawn_blocking(open).await.map_err(|error| interrupted(&error))??;
        let (lock, state) = (Arc::new(lock), Arc::new(state));
        let health = Arc::<Health>::default();
        if let Err(error) = health.probes(&options.state) {
            tracing::debug!(%error, "it is not tried whether the disk takes anything");
        }
        let world = World {
            files: HashMap::new(),
            databases: HashMap::new(),
            remotes: HashMap::new(),
            topics: HashMap::new(),
            state: Arc::new(MeasuredState::new(state.clone(), &health)),
            clock: Arc::clone(&options.clock),
            turns: Turns::default(),
            hand: Hand::default(),
            tables: Tables::default(),
            changes: Changes::default(),
            watched: Watched::default(),
            metrics: metrics.clone(),
        };
        let folder = Arc::new(Folder::new(state));
        let site = options.site(metrics);
        let (open, remotes, leaving) = (HashMap::new(), HashMap::new(), HashMap::new());
        let (secrets, stand_ins) = (Arc::clone(&options.secrets), options.remotes.clone());
        let mut systems =
            Self { world, site, open, remotes, secrets, stand_ins, leaving, folder, health, lock };
        systems.switch_to(plan).await?;
        let parts = Arc::clone(&systems.site.parts);
        if !parts.settled {
            folder::salvage_positions(plan, &systems.world, parts.accepted).await?;
            systems.folder.remember(plan, &systems.world).await?;
        }
        for flow in &plan.flows {
            match tenon_flows::set_back(flow, &systems.world).await {
                // The flow says so itself when it starts.
                Err(report) if !Unopened::concerns_a_part(&report) => return Err(report),
                Ok(()) | Err(_) => {}
            }
        }
        Ok(systems)
    }

    /// Opens what `plan` needs beyond what is open already. What it does not need stays open until [`Systems::let_go`]: if
    /// the plan cannot run after all, the one before it goes on.
    ///
    /// # Errors
    /// What the systems report; then the world is what it was.
    pub(crate) async fn switch_to(&mut self, plan: &Plan) -> Result<(), Report> {
        let mut world = World {
            files: HashMap::new(),
            databases: HashMap::new(),
            remotes: self.remotes_of(plan)?,
            topics: HashMap::new(),
            ..self.world.clone()
        };
        self.site.parts = Arc::new(self.folder.parts().await?);
        for system in plan.systems.values() {
            match self.opened(system).await {
                Ok(Opened::Files(files)) => {
                    world.files.insert(system.name.clone(), files);
                }
                Ok(Opened::Database(database)) => {
                    let database = self.prepared(plan, system, database).await?;
                    world.databases.insert(system.name.clone(), database);
                }
                Ok(Opened::Broker(broker)) => {
                    for topic in topics_of(plan, system) {
                        let opened = match broker.topic(&topic.name, topic.retention).await {
                            Ok(opened) => opened,
                            Err(report) => Unopened::instead(report, Part::Topic(&topic.name), plan)?,
                        };
                        let measured =
                            MeasuredTopic::new(opened, &topic.name, &self.site.metrics, &self.health);
                        world.topics.insert(topic.name.clone(), Arc::new(measured));
                    }
                }
                Err(report) if system.connector.descriptor().role == Role::Sql => {
                    let unopened = Unopened::instead(report, Part::Database(&system.name), plan)?;
                    world.databases.insert(system.name.clone(), self.measured(system, unopened));
                }
                Err(report) => return Err(report),
            }
        }
        self.refuse_outdated(plan, &mut world).await?;
        if self.site.parts.settled {
            self.folder.remember(plan, &world).await?;
        }
        tenon_flows::watch(plan, &world).await?;
        self.world = world;
        Ok(())
    }

    /// The systems whose operations `plan` calls. One that is reached as before stays connected.
    fn remotes_of(&mut self, plan: &Plan) -> Result<HashMap<Name, Arc<dyn Remote>>, Report> {
        let mut remotes = HashMap::new();
        for (name, planned) in &plan.remotes {
            let known = self.remotes.get(name).filter(|(reaching, _)| *reaching == planned.reaching);
            let remote = match known {
                Some((_, remote)) => Arc::clone(remote),
                None => match &self.stand_ins {
                    Some(stand_ins) => stand_ins.remote(planned),
                    None => {
                        let secrets = self.secrets.as_ref();
                        Arc::new(HttpRemote::new(name, &planned.reaching, &self.site, secrets)?)
                    }
                },
            };
            remotes.insert(name.clone(), (planned.reaching.clone(), remote));
        }
        self.remotes = remotes;
        Ok(self.remotes.iter().map(|(name, (_, remote))| (name.clone(), Arc::clone(remote))).collect())
    }

    /// Has topics stand for nothing that end before a flow has come to, unless somebody has accepted them.
    async fn refuse_outdated(&self, plan: &Plan, world: &mut World) -> Result<(), Report> {
        for flow in &plan.flows {
            let (topic, report) = match tenon_flows::outdated_topic(flow, world).await {
                Ok(Some(found)) => found,
                Ok(None) => continue,
                // The flow says so itself when it starts.
                Err(report) if Unopened::concerns_a_part(&report) => continue,
                Err(report) => return Err(report),
            };
            if !self.site.parts.takes(&format!("topics/{topic}"))
                && let Some((_, open)) = world.topics.iter_mut().find(|(name, _)| name.as_str() == topic)
            {
                *open = Unopened::instead(report, Part::Topic(&topic), plan)?;
            }
        }
        Ok(())
    }

    /// Lets go of what `plan`, which runs now, does not need. What flows and requests still use is closed when they end.
    pub(crate) fn let_go(&mut self, plan: &Plan) {
        let needed = |open: &Place| plan.systems.values().any(|system| place(system) == *open);
        let leaving = self.open.extract_if(|open, _| !needed(open));
        let leaving: Vec<_> = leaving.map(|(place, opened)| (place, Leaving::from(&opened))).collect();
        self.leaving.extend(leaving);
    }

    /// Finishes what is being written, and closes everything. Whoever still holds a part of it finds it closed.
    pub(crate) async fn close(&self) {
        let left = self.leaving.values().filter_map(Leaving::back);
        for opened in self.open.values().cloned().chain(left) {
            match opened {
                Opened::Files(_) => {}
                Opened::Database(database) => database.close().await,
                Opened::Broker(broker) => broker.close().await,
            }
        }
        self.folder.close().await;
    }

    async fn prepared(
        &self,
        plan: &Plan,
        system: &System,
        database: Arc<dyn Database>,
    ) -> Result<Arc<dyn Database>, Report> {
        if let Err(report) = database.prepare(&schemas_of(plan, system)).await {
            return Ok(self.measured(system, Unopened::instead(report, Part::Database(&system.name), plan)?));
        }
        Ok(self.measured(system, database))
    }

    fn measured(&self, system: &System, database: Arc<dyn Database>) -> Arc<dyn Database> {
        let called = (system.connector.descriptor().scheme, &system.name);
        Arc::new(MeasuredDatabase::new(
            database,
            called,
            &self.site.metrics,
            &self.health,
            &self.world.changes,
        ))
    }

    async fn opened(&mut self, system: &System) -> Result<Opened, Report> {
        match self.open.entry(place(system)) {
            Entry::Occupied(open) => Ok(open.get().clone()),
            Entry::Vacant(free) => {
                let left = self.leaving.remove(free.key());
                // A plan that takes back what the one before let go of finds it in the hands of who still works with it.
                let opened = match left.as_ref().and_then(Leaving::back) {
                    Some(opened) => opened,
                    None => open(system, &self.site, left.is_some()).await?,
                };
                Ok(free.insert(opened).clone())
            }
        }
    }
}

/// Opens `system`; waits for its lock where this process `had` it and is about to give it back.
async fn open(system: &System, site: &Site, had: bool) -> Result<Opened, Report> {
    let opening = || system.connector.open(&system.location, site);
    let patience = Instant::now() + LAST_USE;
    loop {
        match opening().await {
            Err(report) if had && report.code() == &STATE_LOCKED && Instant::now() < patience => {
                tokio::time::sleep(LAST_USE_POLL).await;
            }
            opened => return opened,
        }
    }
}

/// A system that was let go of, as long as somebody works with it.
enum Leaving {
    Files(Weak<dyn Files>),
    Database(Weak<dyn Database>),
    Broker(Weak<dyn Broker>),
}

impl From<&Opened> for Leaving {
    fn from(opened: &Opened) -> Self {
        match opened {
            Opened::Files(files) => Self::Files(Arc::downgrade(files)),
            Opened::Database(database) => Self::Database(Arc::downgrade(database)),
            Opened::Broker(broker) => Self::Broker(Arc::downgrade(broker)),
        }
    }
}

impl Leaving {
    fn back(&self) -> Option<Opened> {
        Some(match self {
            Self::Files(files) => Opened::Files(files.upgrade()?),
            Self::Database(database) => Opened::Database(database.upgrade()?),
            Self::Broker(broker) => Opened::Broker(broker.upgrade()?),
        })
    }
}

/// The name of a database among the parts of the state folder.
pub(crate) fn part_of(system: &System) -> Str {
    system.location.clone()
}

fn interrupted(error: &tokio::task::JoinError) -> Report {
    Report::new(&INTERNAL, format!("opening the state was interrupted: {error}"))
}

/// Makes the state folder readable by its owner only: it holds data, dead letters and secrets.
fn make_private(state: &Path) -> Result<(), Report> {
    std::fs::create_dir_all(state)
        .and_then(|()| std::fs::set_permissions(state, std::fs::Permissions::from_mode(0o700)))
        .map_err(|error| Report::new(&IO_FAILED, format!("`{}`: {error}", state.display())))
}
