//! The socket that the APIs are served on, which outlives the plans that are served.

use std::{net::SocketAddr, sync::Arc};

use arc_swap::ArcSwap;
use tenon_api::http::{Listener, Service, Stop, serve};
use tenon_errors::Report;
use tenon_plan::{Limits, Plan};
use tokio::task::JoinHandle;

use crate::{
    Options,
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
}

impl Settings {
    fn of(plan: &Plan, options: &Options) -> Result<Self, Report> {
        let tls = plan.server.tls.as_ref();
        let identity = tls.map(|tls| tls::identity(tls, &options.project, &options.state)).transpose()?;
        Ok(Self { listen: plan.server.listen, identity, limits: plan.server.limits.clone() })
    }
}

/// What becomes of the server with the next plan, prepared so that nothing can go wrong any more.
pub(crate) enum Change {
    /// It goes on as it is.
    None,
    /// Connections are accepted by other settings, or from another socket.
    Accept(Box<Bound>, Option<Arc<rustls::ServerConfig>>),
    /// There is nothing to serve.
    Stop,
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
        if plan.apis.is_empty() {
            return Ok(if bound.is_some() { Self::Stop } else { Self::None });
        }
        let settings = Settings::of(plan, options)?;
        if bound.as_ref().is_some_and(|bound| bound.settings == settings) {
            return Ok(Self::None);
        }
        let tls = settings.identity.as_ref().map(Identity::server_config).transpose()?;
        let listener = match bound.filter(|bound| bound.settings.listen == settings.listen) {
            Some(bound) => bound.listener,
            None => Arc::new(Listener::bind(settings.listen).await?),
        };
        Ok(Self::Accept(Box::new(Bound { listener, settings }), tls))
    }

    /// Makes the change. Open connections stay; those of a server that stops are drained.
    pub(crate) fn make(self, server: &mut Option<Server>, services: &Arc<ArcSwap<Service>>) {
        match self {
            Self::None => {}
            Self::Stop => {
                if let Some(server) = server.take() {
                    tokio::spawn(server.drain());
                }
            }
            Self::Accept(bound, tls) => {
                let (stop, mut tasks) = match server.take() {
                    Some(before) => (before.stop.succeed(), before.tasks),
                    None => (Stop::new(), Vec::new()),
                };
                tasks.retain(|task| !task.is_finished());
                let (listener, limits) = (Arc::clone(&bound.listener), bound.settings.limits.clone());
                let serving = serve(listener, Arc::clone(services), tls, limits, stop.clone());
                tasks.push(tokio::spawn(serving));
                *server = Some(Server { bound: *bound, stop, tasks });
            }
        }
    }
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
