//! A server on a free port, and requests to it.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use arc_swap::ArcSwap;
use bytes::Bytes;
use tenon_errors::Report;
use tenon_model::Str;
use tenon_monitoring::Metrics;
use tenon_plan::{Api, Limits, Operation, OperationKind, Plan};
use tenon_security::{
    Scopes, SecretText,
    api_key::{ApiKey, ApiKeys, KeyHash},
    authenticate::Authenticator,
};
use tokio::{io::AsyncWriteExt, net::TcpStream, task::JoinHandle};

use super::{Answer, Backend, Fake, FixedClock, plan};
use crate::http::{Listener, Probes, Service, StaticPage, Stop, Unready, gate::Gate, serve_with};

/// May read.
pub(crate) const READER: &str = "reader-key-0123456789";
/// May read and write.
pub(crate) const EDITOR: &str = "editor-key-0123456789";

/// The service of `plan` over `backend`.
pub(crate) fn service(plan: &Plan, backend: &Arc<Backend>, unready: Vec<Report>) -> Service {
    let operation = |_: &Api, definition: &Operation| -> Arc<dyn tenon_ports::Operation> {
        let table = match &definition.kind {
            OperationKind::Get { table } | OperationKind::List { table, .. } => Some(Arc::clone(table)),
            OperationKind::Send { .. } => None,
        };
        Arc::new(Fake { name: definition.name.to_string(), table, backend: Arc::clone(backend) })
    };
    let authenticators = vec![authenticator()];
    let page = |path, body: &'static str| {
        StaticPage::new(path, "text/html; charset=utf-8", Bytes::from_static(body.as_bytes()))
    };
    let pages = vec![page("/docs", "<h1>flights</h1>"), page("/problems/A0104", "<h1>A0104</h1>")];
    let ready = Arc::new(move || unready.iter().cloned().map(Unready::from).collect());
    let probes = Probes { ready, ..Probes::none() };
    let clock: Arc<dyn tenon_ports::Clock> = Arc::new(FixedClock);
    Service::new(plan, &operation, authenticators, &Metrics::new(), &clock, pages, &probes)
        .map(|(service, _)| service)
        .unwrap()
}

/// The gate of the API.
pub(crate) fn gate() -> Arc<Gate> {
    Arc::new(Gate::new(authenticator().into()))
}

fn authenticator() -> Arc<Authenticator> {
    let key = |owner: &str, key: &str, scopes: &[&str]| ApiKey {
        name: owner.into(),
        owner: owner.into(),
        hash: KeyHash::of(owner, &SecretText::new(key)).unwrap(),
        scopes: Scopes::new(scopes.iter().map(Str::new)),
        expires: None,
    };
    let keys = ApiKeys::new(vec![
        key("reader", READER, &["flights:read"]),
        key("editor", EDITOR, &["flights:read", "flights:write"]),
    ])
    .unwrap();
    Arc::new(Authenticator::new("flights", keys, Vec::new()))
}

/// A server that runs until it is drained.
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    pub(crate) backend: Arc<Backend>,
    pub(crate) services: Arc<ArcSwap<Service>>,
    pub(crate) shutdown: Stop,
    pub(crate) task: JoinHandle<()>,
}

/// Limits under which everything times out at once.
pub(crate) fn tight() -> Limits {
    Limits {
        body: 1024,
        head: 8 << 10,
        read_timeout: Duration::from_millis(80),
        timeout: Duration::from_millis(500),
        memory: 8 << 20,
        connections: 64,
        connections_per_address: None,
        concurrency: 2,
    }
}

impl Server {
    pub(crate) async fn start() -> Self {
        Self::with(Limits::default(), Duration::from_secs(60), None).await
    }

    pub(crate) async fn with(
        limits: Limits,
        keep_alive: Duration,
        tls: Option<Arc<rustls::ServerConfig>>,
    ) -> Self {
        let backend = Arc::new(Backend::default());
        let service = service(&plan(limits.clone()), &backend, Vec::new());
        let services = Arc::new(ArcSwap::from_pointee(service));
        let listener = Listener::bind(SocketAddr::from(([127, 0, 0, 1], 0))).await.unwrap();
        let (address, shutdown) = (listener.local_addr(), Stop::new());
        let serving =
            serve_with(Arc::new(listener), Arc::clone(&services), tls, limits, keep_alive, shutdown.clone());
        Self { address, backend, services, shutdown, task: tokio::spawn(serving) }
    }

    /// Sends `request` as it is, and reads until the server closes or the answer is complete.
    pub(crate) async fn raw(&self, request: &[u8]) -> Answer {
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        // A server that refuses early may have closed before everything was written.
        let _ = stream.write_all(request).await;
        Answer::read(&mut stream).await
    }

    /// Sends a request with the reader's key.
    pub(crate) async fn get(&self, target: &str) -> Answer {
        self.send("GET", target, &[("x-api-key", READER)], "").await
    }

    pub(crate) async fn send(
        &self,
        method: &str,
        target: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> Answer {
        let mut request = format!("{method} {target} HTTP/1.1\r\nhost: localhost\r\n");
        for (name, value) in headers {
            request.push_str(&format!("{name}: {value}\r\n"));
        }
        if !body.is_empty() {
            request.push_str(&format!("content-length: {}\r\n", body.len()));
        }
        request.push_str("connection: close\r\n\r\n");
        request.push_str(body);
        self.raw(request.as_bytes()).await
    }
}
