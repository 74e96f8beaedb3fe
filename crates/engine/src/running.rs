//! A plan that runs: systems open, flows moving, APIs served.

use std::{
    net::SocketAddr,
    sync::{Arc, MutexGuard, PoisonError},
    time::Duration,
};

use arc_swap::ArcSwap;
use futures_util::future::BoxFuture;
use serde_json::Value;
use tenon_api::http::Service;
use tenon_errors::{Report, Reports, catalogue::engine::INTERNAL};
use tenon_flows::{Progress, World};
use tenon_monitoring::{
    Metrics,
    metrics::{RELOAD_SUCCESSFUL, RELOADS},
};
use tenon_plan::{Flow, Plan};
use tokio::{sync::Mutex, task::JoinHandle};
use tokio_util::sync::CancellationToken;

use crate::{
    Options, Summary, again,
    bans::Kept,
    callers,
    control::{self, Asked, Guarding},
    folder,
    generation::Generation,
    key_sets::KeySets,
    observe, process,
    readiness::Readiness,
    replay,
    server::{Change, Server},
    service::{self, Built},
    systems::{self, Systems},
};

/// How often idleness is looked for.
const IDLE_POLL: Duration = Duration::from_millis(20);

/// A running project.
pub struct Running {
    options: Options,
    metrics: Metrics,
    systems: Mutex<Systems>,
    key_sets: Arc<KeySets>,
    bans: Arc<Kept>,
    readiness: Arc<Readiness>,
    generation: Arc<ArcSwap<Generation>>,
    service: Arc<ArcSwap<Service>>,
    server: std::sync::Mutex<Option<Server>>,
    /// What is not for the callers of the APIs, and where it is served.
    internal_service: Arc<ArcSwap<Service>>,
    internal: std::sync::Mutex<Option<Server>>,
    /// Replays for other processes, looks at numbers, and remembers how far the parts of the state have come.
    tasks: [JoinHandle<()>; 3],
}

impl Running {
    /// Opens the systems, starts the flows and serves the APIs; without any, health and metrics alone.
    ///
    /// # Errors
    /// Every problem that keeps the plan from running. What was opened is closed again.
    pub async fn start(plan: Arc<Plan>, options: Options) -> Result<Self, Reports> {
        let metrics = Metrics::new();
        process::raise_file_limit();
        again::require(&plan, &options)?;
        systems::require_unused(&options.state)?;
        let change = Change::prepare(None, &plan, &options).await?;
        let internal_change = Change::prepare_internal(None, &plan).await?;
        let systems = Systems::open(&plan, &options, metrics.clone()).await?;
        let world = systems.world.clone();
        systems.folder.follow(&plan, &systems.world).await?;
        again::prepare(&plan, &options, &world).await?;
        for flow in plan.programs() {
            tenon_flows::finish_requests(flow, &world).await?;
        }
        tenon_flows::forget_transactions(&world).await?;
        let key_sets = Arc::new(KeySets::default());
        let bans = Arc::new(Kept::open(&options)?);
        let readiness = Arc::new(Readiness::new(
            Arc::clone(&key_sets),
            Arc::clone(&systems.lock),
            Arc::clone(&systems.health),
        ));
        let Built { service, internal: internal_service, refresh } =
            service::build(&plan, &world, &options, (&key_sets, &bans.bans), &readiness, change.address())
                .await?;
        let generation = Arc::new(Generation::start(plan, world, refresh, &options.as_new));
        readiness.look_at(Arc::clone(&generation));
        let generation = Arc::new(ArcSwap::new(generation));
        let control = control::listen(&options.state, answer(&generation, &bans, options.development))?;
        let observer = observe::keep_looking(&generation, &metrics);
        let current = Arc::clone(&generation);
        let current = move || {
            let generation = current.load();
            (Arc::clone(&generation.plan), generation.world.clone())
        };
        let keeper = tokio::spawn(folder::keep_remembering(
            Arc::clone(&systems.folder),
            (Arc::clone(&systems.health), Arc::clone(&systems.lock)),
            current,
        ));
        let service = Arc::new(ArcSwap::from_pointee(service));
        let mut server = None;
        change.make(&mut server, &service);
        let internal_service = Arc::new(ArcSwap::from_pointee(internal_service));
        let mut internal = None;
        if let Some(change) = internal_change {
            change.make(&mut internal, &internal_service);
        }
        metrics.gauge(&RELOAD_SUCCESSFUL, &[]).set(1);
        Ok(Self {
            options,
            metrics,
            systems: Mutex::new(systems),
            key_sets,
            bans,
            readiness,
            generation,
            service,
            server: std::sync::Mutex::new(server),
            internal_service,
            internal: std::sync::Mutex::new(internal),
            tasks: [control, observer, keeper],
        })
    }

    /// Where the APIs are served.
    #[must_use]
    pub fn address(&self) -> Option<SocketAddr> {
        self.server().as_ref().map(Server::address)
    }

    /// The address as a URL, `http` or `https`.
    #[must_use]
    pub fn url(&self) -> Option<String> {
        self.server().as_ref().map(Server::url)
    }

    /// Where pages are served that are not for the callers of the APIs.
    #[must_use]
    pub fn internal_address(&self) -> Option<SocketAddr> {
        self.internal().as_ref().map(Server::address)
    }

    /// Each flow and how far it is.
    #[must_use]
    pub fn progress(&self) -> Vec<(Arc<Flow>, Arc<Progress>)> {
        self.generation.load().progress.clone()
    }

    /// What the flows that run now reach the world through: for tests and tools that look inside.
    #[must_use]
    pub fn world(&self) -> World {
        self.generation.load().world.clone()
    }

    /// The plan that runs now.
    #[must_use]
    pub fn plan(&self) -> Arc<Plan> {
        Arc::clone(&self.generation.load().plan)
    }

    /// The numbers of the run so far.
    #[must_use]
    pub fn summary(&self) -> Summary {
        Summary::of(&self.progress(), &self.metrics)
    }

    /// Returns when every finite source is drained and every topic is consumed to its end, or when a flow has failed.
    pub async fn idle(&self) {
        let mut quiet = 0;
        while quiet < 2 {
            quiet = if self.generation.load_full().is_idle().await { quiet + 1 } else { 0 };
            tokio::time::sleep(IDLE_POLL).await;
        }
    }

    /// Replaces the plan. Connections stay open; requests in hand finish with the old plan; flows finish what they have
    /// in hand and go on with the new one from the same positions. Another address, certificate or limit counts for the
    /// connections that come from now on.
    ///
    /// # Errors
    /// Every problem that keeps the new plan from running; the old one goes on.
    pub async fn reload(&self, plan: Arc<Plan>) -> Result<(), Reports> {
        // Also keeps reloads from overtaking each other.
        let mut systems = self.systems.lock().await;
        let bound = self.server().as_ref().map(Server::bound);
        let change = Change::prepare(bound, &plan, &self.options).await?;
        let bound = self.internal().as_ref().map(Server::bound);
        let internal_change = Change::prepare_internal(bound, &plan).await?;
        systems.switch_to(&plan).await?;
        let world = systems.world.clone();
        let Built { service, internal, refresh } = service::build(
            &plan,
            &world,
            &self.options,
            (&self.key_sets, &self.bans.bans),
            &self.readiness,
            change.address(),
        )
        .await?;
        self.generation.load_full().drain().await;
        systems.folder.follow(&plan, &systems.world).await?;
        let generation = Arc::new(Generation::start(plan, world, refresh, &[]));
        self.readiness.look_at(Arc::clone(&generation));
        self.generation.store(generation);
        self.service.store(Arc::new(service));
        change.make(&mut self.server(), &self.service);
        self.internal_service.store(Arc::new(internal));
        match internal_change {
            Some(change) => change.make(&mut self.internal(), &self.internal_service),
            None => drop(self.internal().take().map(|server| tokio::spawn(server.drain()))),
        }
        systems.let_go(&self.plan());
        self.has_reloaded(true);
        Ok(())
    }

    /// Counts a reload that was done, or one that was refused before or by [`Running::reload`].
    pub fn has_reloaded(&self, done: bool) {
        self.metrics.counter(&RELOADS, &[if done { "done" } else { "refused" }]).inc();
        self.metrics.gauge(&RELOAD_SUCCESSFUL, &[]).set(i64::from(done));
    }

    /// Stops: refuses new connections, finishes requests and messages in hand, commits.
    pub async fn drain(mut self) {
        for task in &mut self.tasks {
            task.abort();
            // It holds systems until it has ended.
            let _ = task.await;
        }
        let servers = [self.server().take(), self.internal().take()];
        let generation = self.generation.load_full();
        let serving = async {
            let drained = servers.into_iter().flatten().map(Server::drain);
            futures_util::future::join_all(drained).await;
        };
        tokio::join!(serving, generation.drain());
        let systems = self.systems.lock().await;
        if let Err(report) = systems.folder.remember(&generation.plan, &generation.world).await {
            tracing::warn!(%report, "cannot remember how far the parts of the state have come");
        }
        systems.close().await;
    }

    fn internal(&self) -> MutexGuard<'_, Option<Server>> {
        self.internal.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Stays usable after a panic elsewhere: every change of it is one assignment.
    fn server(&self) -> MutexGuard<'_, Option<Server>> {
        self.server.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Answers the requests of the control socket, by the plan that runs then.
fn answer(
    generation: &Arc<ArcSwap<Generation>>,
    bans: &Arc<Kept>,
    development: bool,
) -> impl Fn(Asked) -> BoxFuture<'static, Result<Value, Report>> + Send + Sync + use<> {
    let (generation, bans) = (Arc::clone(generation), Arc::clone(bans));
    move |asked| {
        let (generation, bans) = (generation.load_full(), Arc::clone(&bans));
        Box::pin(async move {
            let (plan, world) = (&generation.plan, &generation.world);
            match asked {
                Asked::Replay(request) => {
                    let outcomes =
                        replay::replay_in(plan, world, &request, &CancellationToken::new()).await?;
                    Ok(control::outcomes(&outcomes))
                }
                Asked::Guarding(Guarding::Uses) => Ok(callers::uses(plan, &world.metrics)),
                Asked::Guarding(Guarding::Ban(change)) => {
                    let now = world.clock.now();
                    let changing = tokio::task::spawn_blocking(move || bans.change(&change, now)).await;
                    let changed = changing.map_err(|error| Report::new(&INTERNAL, error.to_string()))?;
                    changed.map(Value::Bool)
                }
                Asked::Guarding(Guarding::Development) => Ok(Value::Bool(development)),
            }
        })
    }
}
