//! The socket that the APIs are served on, which outlives the plans that are served.

use std::{net::SocketAddr, sync::Arc};

use arc_swap::ArcSwap;
use tenon_api::http::{Listener, Service, Stop, serve};
use tenon_errors::{Report, catalogue::engine::FILES_RUN_OUT};
use tenon_plan::{Limits, Plan};
use tokio::task::JoinHandle;

use crate::{
    Options, process,
    tls::{self, Identity},
};

/// A socket and those who accept connections from it.
pub(crate) struct Server {
    bound: Bound,
    stop: Stop,
    tasks: Vec<JoinHandle<()>>,
}

/// A socket, and what connections from it are accepted by.
#[derive(Clone)]
pub(crate) struct Bound {
    listener: Arc<Listener>,
    settings: Settings,
}

/// What connections are accepted by. Those that are open keep what they were accepted by.
#[derive(Clone, PartialEq)]
struct Settings {
    listen: SocketAddr,
    identity: Option<Identity>,
    limits: Limits,
    /// The files that the project needs beside connections.
    reserve: u64,
}

impl Settings {
    /// Those of the internal listener, where there is one.
    fn internal(plan: &Plan) -> Option<Self> {
        let (identity, limits) = (None, plan.server.limits.clone());
        plan.server.internal.map(|listen| Self { listen, identity, limits, reserve: reserve(plan) })
    }

    fn of(plan: &Plan, options: &Options) -> Result<Self, Report> {
        let tls = plan.server.tls.as_ref();
        let clients = plan.server.clients.as_ref();
        let identity =
            tls.map(|tls| tls::identity(tls, clients, &options.project, &options.state)).transpose()?;
        Ok(Self {
            listen: plan.server.listen,
            identity,
            limits: plan.server.limits.clone(),
            reserve: reserve(plan),
        })
    }
}

/// What becomes of the server with the next plan, prepared so that nothing can go wrong any more.
pub(crate) enum Change {
    /// It goes on as it is.
    None(Bound),
    /// Connections are accepted by other settings, or from another socket.
    Accept(Bound, Option<Arc<rustls::ServerConfig>>),
}

impl Change {
    /// What has to change for `plan`.
    ///
    /// # Errors
    /// `P0302` if the port is taken, `S0104` if the certificate cannot be used.
    pub(crate) async fn prepare(
        bound: Option<Bound>,
        plan: &Plan,
        options: &Options,
    ) -> Result<Self, Report> {
        let any = plan.apis.is_empty() && !plan.server.listen_is_given;
        Self::to(bound, Settings::of(plan, options)?, any).await
    }

    /// What has to change for the internal listener of `plan`; `None` where there is none.
    ///
    /// # Errors
    /// `P0302` if the port is taken.
    pub(crate) async fn prepare_internal(bound: Option<Bound>, plan: &Plan) -> Result<Option<Self>, Report> {
        match Settings::internal(plan) {
            Some(settings) => Self::to(bound, settings, false).await.map(Some).map_err(internal_taken),
            None => Ok(None),
        }
    }

    async fn to(bound: Option<Bound>, settings: Settings, any: bool) -> Result<Self, Report> {
        let bound = match bound {
            Some(bound) if bound.settings == settings => return Ok(Self::None(bound)),
            bound => bound,
        };
        let tls = settings.identity.as_ref().map(Identity::server_config).transpose()?;
        let listener = match bound.filter(|bound| bound.settings.listen == settings.listen) {
            Some(bound) => bound.listener,
            None => Arc::new(bind(settings.listen, any).await?),
        };
        Ok(Self::Accept(Bound { listener, settings }, tls))
    }

    /// Where the server will listen.
    pub(crate) fn address(&self) -> SocketAddr {
        let (Self::None(bound) | Self::Accept(bound, _)) = self;
        bound.listener.local_addr()
    }

    /// Makes the change. Open connections stay.
    pub(crate) fn make(self, server: &mut Option<Server>, services: &Arc<ArcSwap<Service>>) {
        let Self::Accept(bound, tls) = self else { return };
        let (stop, mut tasks) = match server.take() {
            Some(before) => (before.stop.succeed(), before.tasks),
            None => (Stop::new(), Vec::new()),
        };
        tasks.retain(|task| !task.is_finished());
        let (listener, limits) = (Arc::clone(&bound.listener), bound.settings.limits.clone());
        let limits = fitted(limits, bound.settings.reserve, process::file_limit());
        let serving = serve(listener, Arc::clone(services), tls, limits, stop.clone());
        tasks.push(tokio::spawn(serving));
        *server = Some(Server { bound, stop, tasks });
    }
}

/// What to do where the port of the internal listener is taken.
pub(crate) fn internal_taken(report: Report) -> Report {
    report.hint(
        "name a free address of this machine with `server.internal`, or stop the process that uses this one",
    )
}

/// Listens where the plan says. Health and metrics alone take `any` free port where nobody has said which one they are
/// expected at, so that projects without APIs run side by side.
async fn bind(listen: SocketAddr, any: bool) -> Result<Listener, Report> {
    match Listener::bind(listen).await {
        Err(report) if any => {
            let free = SocketAddr::new(listen.ip(), 0);
            tracing::info!(%listen, reason = report.message(), "health and metrics are served on a free port");
            Listener::bind(free).await
        }
        bound => bound,
    }
}

/// The files that a project has open beside its connections, at the most, about.
fn reserve(plan: &Plan) -> u64 {
    const PROCESS: usize = 32;
    const SYSTEM: usize = 16;
    const TOPIC: usize = 8;
    const FLOW: usize = 4;
    let files = PROCESS + SYSTEM * plan.systems.len() + TOPIC * plan.topics.len() + FLOW * plan.flows.len();
    files as u64
}

/// Limits under which connections leave files to everything else: what the project needs, and an eighth of all.
fn fitted(limits: Limits, reserve: u64, files: Option<u64>) -> Limits {
    let Some(files) = files else { return limits };
    let room = files.saturating_sub(reserve + files / 8).max(1);
    let connections = usize::try_from(room).unwrap_or(usize::MAX).min(limits.connections);
    if connections < limits.connections {
        tracing::warn!(
            code = FILES_RUN_OUT.id,
            connections,
            wanted = limits.connections,
            files,
            "fewer connections are taken than the project allows: the process may not open as many files"
        );
    }
    Limits { connections, ..limits }
}

impl Server {
    /// Its socket, which the next plan may go on with.
    pub(crate) fn bound(&self) -> Bound {
        self.bound.clone()
    }

    /// Where it listens.
    pub(crate) fn address(&self) -> SocketAddr {
        self.bound.listener.local_addr()
    }

    /// Where it listens, as a URL.
    pub(crate) fn url(&self) -> String {
        let scheme = if self.bound.settings.identity.is_some() { "https" } else { "http" };
        format!("{scheme}://{}", self.address())
    }

    /// Refuses new connections and returns when the requests in hand are answered.
    pub(crate) async fn drain(self) {
        self.stop.drain();
        for task in self.tasks {
            if let Err(error) = task.await {
                tracing::error!(%error, "serving has ended unexpectedly");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn connections_leave_files_to_everything_else() {
        for (files, expected) in [(None, 10_000), (Some(1024), 796), (Some(65_536), 10_000), (Some(64), 1)] {
            assert_eq!(fitted(Limits::default(), 100, files).connections, expected, "{files:?}");
        }
    }
}
