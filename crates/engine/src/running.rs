//! A plan that runs: systems open, flows moving, APIs served.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use arc_swap::ArcSwap;
use futures_util::future::BoxFuture;
use tenon_api::http::{Listener, Service, serve};
use tenon_errors::{Report, Reports};
use tenon_flows::{FlowState, Progress, World};
use tenon_monitoring::Metrics;
use tenon_plan::{Flow, Input, Plan};
use tenon_ports::DeadLetterQuery;
use tokio::{
    sync::Mutex,
    task::{JoinHandle, JoinSet},
};
use tokio_util::sync::CancellationToken;

use crate::{
    Options, Summary,
    control::{self, ReplayRequest},
    readiness,
    replay::{self, Outcome},
    service::{self, Built},
    supervisor::Supervisor,
    systems::Systems,
    tls,
};

/// How often idleness is looked for.
const IDLE_POLL: Duration = Duration::from_millis(20);

/// A running project.
pub struct Running {
    options: Options,
    systems: Mutex<Systems>,
    supervisor: Arc<ArcSwap<Supervised>>,
    service: Arc<ArcSwap<Service>>,
    refresh: Mutex<JoinSet<()>>,
    control: JoinHandle<()>,
    server: Option<Server>,
    world: World,
}

/// The flows of the current generation. The supervisor is taken out when it is drained.
struct Supervised {
    plan: Arc<Plan>,
    progress: Vec<(Arc<Flow>, Arc<Progress>)>,
    supervisor: Mutex<Option<Supervisor>>,
}

struct Server {
    address: SocketAddr,
    secure: bool,
    stop: CancellationToken,
    task: JoinHandle<()>,
}

impl Running {
    /// Opens the systems, starts the flows and, where there are APIs, serves them.
    ///
    /// # Errors
    /// Every problem that keeps the plan from running. What was opened is closed again.
    pub async fn start(plan: Arc<Plan>, options: Options) -> Result<Self, Reports> {
        let metrics = Metrics::new();
        let listener = match plan.apis.is_empty() {
            true => None,
            false => Some(Listener::bind(plan.server.listen).await?),
        };
        let secure = match &plan.server.tls {
            Some(tls) => Some(tls::server_config(tls, &options.project, &options.state)?),
            None => None,
        };
        let systems = Systems::open(&plan, &options, metrics).await?;
        let world = systems.world.clone();
        let supervisor = Arc::new(ArcSwap::from_pointee(Supervised::start(&plan, &world)));
        let Built { service, refresh } = service::build(&plan, &world, &options, ready(&supervisor))?;
        let service = Arc::new(ArcSwap::from_pointee(service));
        let control = control::listen(&options.state, answer(&supervisor, &world))?;
        let server = match listener {
            None => None,
            Some(listener) => Some(Server::start(listener, &service, secure, &plan)?),
        };
        Ok(Self {
            options,
            systems: Mutex::new(systems),
            supervisor,
            service,
            refresh: Mutex::new(refresh),
            control,
            server,
            world,
        })
    }

    /// Where the APIs are served.
    #[must_use]
    pub fn address(&self) -> Option<SocketAddr> {
        self.server.as_ref().map(|server| server.address)
    }

    /// The address as a URL, `http` or `https`.
    #[must_use]
    pub fn url(&self) -> Option<String> {
        self.server
            .as_ref()
            .map(|server| format!("{}://{}", if server.secure { "https" } else { "http" }, server.address))
    }

    /// Each flow and how far it is.
    #[must_use]
    pub fn progress(&self) -> Vec<(Arc<Flow>, Arc<Progress>)> {
        self.supervisor.load().progress.clone()
    }

    /// What flows reach the world through: for tests and tools that look inside.
    #[must_use]
    pub fn world(&self) -> &World {
        &self.world
    }

    /// The plan that runs now.
    #[must_use]
    pub fn plan(&self) -> Arc<Plan> {
        Arc::clone(&self.supervisor.load().plan)
    }

    /// The numbers of the run so far.
    #[must_use]
    pub fn summary(&self) -> Summary {
        Summary::of(&self.progress(), &self.world.metrics)
    }

    /// Returns when every finite source is drained and every topic is consumed to its end, or when a flow has failed.
    pub async fn idle(&self) {
        let mut quiet = 0;
        while quiet < 2 {
            quiet = if self.is_idle().await { quiet + 1 } else { 0 };
            tokio::time::sleep(IDLE_POLL).await;
        }
    }

    async fn is_idle(&self) -> bool {
        for (flow, progress) in self.progress() {
            let idle = match (&flow.input, progress.state()) {
                (_, FlowState::Failed(_) | FlowState::Drained) => true,
                (Input::Topic(topic), FlowState::Running) => match self.world.topics.get(&topic.name) {
                    Some(open) => open.status().await.is_ok_and(|it| progress.committed() >= it.end),
                    None => true,
                },
                (Input::File(_), FlowState::Waiting) => self.a_flow_before_has_failed(&flow),
                _ => false,
            };
            if !idle {
                return false;
            }
        }
        true
    }

    fn a_flow_before_has_failed(&self, flow: &Flow) -> bool {
        self.progress().iter().any(|(other, progress)| {
            flow.after.contains(&other.name)
                && (matches!(progress.state(), FlowState::Failed(_)) || self.a_flow_before_has_failed(other))
        })
    }

    /// Replaces the plan. Connections stay open; requests in hand finish with the old plan; flows finish what they have
    /// in hand and go on with the new one from the same positions.
    ///
    /// # Errors
    /// Every problem that keeps the new plan from running; the old one goes on.
    pub async fn reload(&self, plan: Arc<Plan>) -> Result<(), Reports> {
        let mut systems = self.systems.lock().await;
        systems.switch_to(&plan).await?;
        let world = systems.world.clone();
        let Built { service, refresh } =
            service::build(&plan, &world, &self.options, ready(&self.supervisor))?;
        self.supervisor.load().drain().await;
        self.supervisor.store(Arc::new(Supervised::start(&plan, &world)));
        self.service.store(Arc::new(service));
        *self.refresh.lock().await = refresh;
        Ok(())
    }

    /// Stops: refuses new connections, finishes requests and messages in hand, commits.
    pub async fn drain(self) {
        self.control.abort();
        if let Some(server) = self.server {
            server.stop.cancel();
            let _ = server.task.await;
        }
        self.supervisor.load().drain().await;
    }
}

impl Supervised {
    fn start(plan: &Arc<Plan>, world: &World) -> Self {
        let supervisor = Supervisor::start(plan, world);
        let progress = supervisor.progress().to_vec();
        Self { plan: Arc::clone(plan), progress, supervisor: Mutex::new(Some(supervisor)) }
    }

    async fn drain(&self) {
        let supervisor = self.supervisor.lock().await.take();
        if let Some(supervisor) = supervisor {
            supervisor.drain().await;
        }
    }
}

impl Server {
    fn start(
        listener: Listener,
        service: &Arc<ArcSwap<Service>>,
        secure: Option<Arc<rustls::ServerConfig>>,
        plan: &Plan,
    ) -> Result<Self, Report> {
        let (address, stop) = (listener.local_addr(), CancellationToken::new());
        let is_secure = secure.is_some();
        let serving = serve(listener, Arc::clone(service), secure, plan.server.limits.clone(), stop.clone());
        Ok(Self { address, secure: is_secure, stop, task: tokio::spawn(serving) })
    }
}

fn ready(supervisor: &Arc<ArcSwap<Supervised>>) -> Arc<dyn Fn() -> Vec<Report> + Send + Sync> {
    let supervisor = Arc::clone(supervisor);
    Arc::new(move || readiness::problems(&supervisor.load().progress))
}

/// Answers the requests of the control socket: dead letters are replayed by the plan that runs now.
fn answer(
    supervisor: &Arc<ArcSwap<Supervised>>,
    world: &World,
) -> impl Fn(ReplayRequest) -> BoxFuture<'static, Result<Vec<Outcome>, Report>> + Send + Sync + use<> {
    let (supervisor, world) = (Arc::clone(supervisor), world.clone());
    move |request| {
        let (plan, world) = (Arc::clone(&supervisor.load().plan), world.clone());
        Box::pin(async move {
            let mut letters = Vec::new();
            for id in request.ids {
                let query = DeadLetterQuery { id: Some(id), limit: 1, ..DeadLetterQuery::default() };
                letters.extend(world.state.dead_letters(query).await?);
            }
            replay::replay_in(&plan, &world, letters, request.dry_run).await
        })
    }
}
