//! Accepting connections, and draining them at the end.

use std::{
    future::Future,
    net::SocketAddr,
    sync::{Arc, atomic::AtomicUsize},
    time::Duration,
};

use arc_swap::ArcSwap;
use rustls::ServerConfig;
use socket2::SockRef;
use tenon_plan::Limits;
use tokio::{net::TcpStream, time::timeout};
use tokio_rustls::TlsAcceptor;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::{
    Listener, Service,
    budget::Budget,
    connection::{Shared, run},
    door::Door,
    peer::Peer,
    pulse::Patience,
    wire::Protocol,
};

/// How long a connection stays open without a request.
const KEEP_ALIVE: Duration = Duration::from_secs(75);
/// The bytes of answers that wait in the system before the network has taken any of them: what a client does not read must
/// not lie there instead of here.
const UNSENT: u32 = 256 << 10;

/// How serving ends. Clones belong to the same server.
#[derive(Debug, Clone, Default)]
pub struct Stop {
    accepting: CancellationToken,
    serving: CancellationToken,
}

impl Stop {
    /// Nothing is stopped yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Stops accepting, and leaves the open connections to their clients until [`Stop::drain`]; returns the stop of
    /// whoever accepts from now on.
    #[must_use]
    pub fn succeed(&self) -> Self {
        self.accepting.cancel();
        Self { accepting: CancellationToken::new(), serving: self.serving.clone() }
    }

    /// Stops accepting, and drains the connections of this one and of those that it succeeded.
    pub fn drain(&self) {
        self.accepting.cancel();
        self.serving.cancel();
    }
}

/// Serves until `stop` says otherwise. Draining closes idle connections and finishes the requests in hand; what is not
/// finished after the longest time that a request may take is dropped.
///
/// Requests go to whatever `services` holds when they come. With `tls` the connection is encrypted and HTTP/2 is
/// negotiated by ALPN; without it HTTP/2 is spoken with clients that know (RFC 9113, section 3.3). When `limits.connections`
/// are open, one that does nothing makes place for another; if there is none, further ones wait in the operating system's
/// queue. Addresses that may not connect, and connections of one address beyond its bound, are closed as they come.
pub async fn serve(
    listener: Arc<Listener>,
    services: Arc<ArcSwap<Service>>,
    tls: Option<Arc<ServerConfig>>,
    limits: Limits,
    stop: Stop,
) {
    serve_with(listener, services, tls, limits, KEEP_ALIVE, stop).await;
}

pub(crate) async fn serve_with(
    listener: Arc<Listener>,
    services: Arc<ArcSwap<Service>>,
    tls: Option<Arc<ServerConfig>>,
    limits: Limits,
    keep_alive: Duration,
    stop: Stop,
) {
    let longest = limits.timeout + limits.read_timeout * 2;
    let budget = Budget::new(limits.memory, limits.concurrency);
    let patience = Patience::new(limits.read_timeout, keep_alive);
    let tls = tls.map(with_protocols);
    let (places_wanted, drain_signal) = (AtomicUsize::new(0), stop.serving.clone());
    let shared = Shared { services, limits, budget, patience, places_wanted, drain: drain_signal };
    let shared = Arc::new(shared);
    let (tracker, abandon) = (TaskTracker::new(), CancellationToken::new());
    let (budget, mut door) = (Arc::clone(&shared.budget), Door::new(listener, Arc::clone(&shared)));
    while let Some((stream, client, place)) = stop.accepting.run_until_cancelled(door.next()).await {
        let (shared, tls, abandon) = (Arc::clone(&shared), tls.clone(), abandon.clone());
        tracker.spawn(async move {
            let _place = place;
            tokio::select! {
                () = connect(stream, client, tls, &shared) => {}
                () = abandon.cancelled() => {}
            }
        });
    }
    drop(door);
    tracker.close();
    tokio::select! {
        () = tracker.wait() => return,
        () = stop.serving.cancelled() => budget.hurry(),
    }
    drain(&tracker, &abandon, longest).await;
}

async fn connect(stream: TcpStream, client: SocketAddr, tls: Option<TlsAcceptor>, shared: &Shared) {
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(target: "tenon::http", %client, %error, "small packets may be delayed");
    }
    if let Err(error) = SockRef::from(&stream).set_tcp_notsent_lowat(UNSENT) {
        tracing::debug!(target: "tenon::http", %client, %error, "unsent bytes are not bounded");
    }
    let Some(acceptor) = tls else { return run(stream, client.into(), None, shared).await };
    match shared.beginning(acceptor.accept(stream)).await {
        Ok(Ok(stream)) => {
            let http2 = stream.get_ref().1.alpn_protocol() == Some(b"h2");
            let protocol = if http2 { Protocol::Http2 } else { Protocol::Http1 };
            let peer = Peer::of_tls(client, stream.get_ref().1);
            run(stream, peer, Some(protocol), shared).await;
        }
        Ok(Err(error)) => tracing::debug!(target: "tenon::http", %client, %error, "the TLS handshake failed"),
        Err(reason) => {
            tracing::debug!(target: "tenon::http", %client, reason, "the TLS handshake was not finished");
        }
    }
}

fn with_protocols(config: Arc<ServerConfig>) -> TlsAcceptor {
    if !config.alpn_protocols.is_empty() {
        return TlsAcceptor::from(config);
    }
    let mut config = ServerConfig::clone(&config);
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    TlsAcceptor::from(Arc::new(config))
}

async fn drain(tracker: &TaskTracker, abandon: &CancellationToken, longest: Duration) {
    if within(longest, tracker.wait()).await {
        return;
    }
    tracing::warn!(target: "tenon::http", connections = tracker.len(), "connections were dropped at shutdown");
    abandon.cancel();
    tracker.wait().await;
}

async fn within(wait: Duration, work: impl Future<Output = ()>) -> bool {
    timeout(wait, work).await.is_ok()
}
