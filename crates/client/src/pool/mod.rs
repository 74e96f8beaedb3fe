//! The connections of one endpoint, which are kept for the next request.

mod kept;

use std::time::Duration;

use hyper::client::conn::{http1, http2};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use tokio::time::Instant;

use self::kept::{Found, Idle, Keep, Shared};
pub(crate) use self::kept::{Lease, Sender};

use crate::{
    Versions,
    connect::{Dial, Dialled, Proxy, wire::Watched},
    failure::{Trouble, chain},
};

/// How long a connection has to be ready for the next request once an answer is read.
const READY: Duration = Duration::from_millis(20);
/// The most bytes and fields of the head of an answer.
pub(crate) const MOST_HEAD: usize = 64 << 10;
const MOST_FIELDS: usize = 128;
/// How often a connection of HTTP/2 with calls in hand is asked whether it is alive, and how long it has to answer.
const ALIVE: (Duration, Duration) = (Duration::from_secs(20), Duration::from_secs(10));

/// The connections of one endpoint.
pub(crate) struct Pool {
    dial: Dial,
    versions: Versions,
    connect: Duration,
    kept: Keep,
    /// Held while a connection is made that others may be able to share.
    connecting: tokio::sync::Mutex<()>,
}

impl Pool {
    /// Without connections.
    pub(crate) fn new(dial: Dial, versions: Versions, connect: Duration) -> Self {
        let is_one = versions == Versions::One || (versions == Versions::Agreed && dial.tls.is_none());
        let kept = Keep::new(is_one);
        Self { dial, versions, connect, kept, connecting: tokio::sync::Mutex::default() }
    }

    /// The proxy that reads requests, in their absolute form.
    pub(crate) fn forwarding(&self) -> Option<&Proxy> {
        self.dial.forwarding()
    }

    /// A connection: one that is kept, or a new one.
    pub(crate) async fn lease(&self) -> Result<Lease, Trouble> {
        let found = self.kept.now().look(None)?;
        let failures = match found {
            Found::Kept(lease) => return Ok(lease),
            Found::Unshared => return self.open().await,
            Found::Nothing { failures } => failures,
        };
        let turn = self.connecting.lock().await;
        // What has happened while this one waited for its turn.
        let found = self.kept.now().look(Some(failures))?;
        match found {
            Found::Kept(lease) => return Ok(lease),
            Found::Unshared => drop(turn),
            Found::Nothing { .. } => {
                let opened = self.open().await;
                if let Err(trouble) = &opened {
                    let mut kept = self.kept.now();
                    kept.failed = (kept.failed.0 + 1, Some(trouble.clone()));
                }
                return opened;
            }
        }
        self.open().await
    }

    /// Keeps the connection for the next request, once an answer was read whole; for no longer than `told`, where the server says how
    /// long it keeps it itself.
    pub(crate) async fn give_back(&self, lease: Lease, told: Option<Duration>) {
        let Sender::One(mut sender) = lease.sender else { return };
        if sender.is_ready() || matches!(tokio::time::timeout(READY, sender.ready()).await, Ok(Ok(()))) {
            self.kept.keep(Idle::new(sender, lease.watch, lease.opened, told), lease.era);
        }
    }

    /// Closes the connections that have no request, and the others when theirs is done.
    pub(crate) fn close(&self) {
        self.kept.close();
    }

    async fn open(&self) -> Result<Lease, Trouble> {
        let era = self.kept.now().era;
        match tokio::time::timeout(self.connect, self.dial_and_greet(era)).await {
            Ok(outcome) => outcome,
            Err(_) => {
                let why = format!("there is no connection within {} ms", self.connect.as_millis());
                Err(self.dial.failed(&why))
            }
        }
    }

    async fn dial_and_greet(&self, era: u64) -> Result<Lease, Trouble> {
        let Dialled { wire, is_two } = self.dial.connect().await?;
        let (wire, watch) = Watched::new(wire);
        let failed = |error: hyper::Error| self.dial.failed(&chain(&error));
        if is_two || self.versions == Versions::Two {
            let (sender, connection) = http2::Builder::new(TokioExecutor::new())
                .timer(TokioTimer::new())
                .keep_alive_interval(ALIVE.0)
                .keep_alive_timeout(ALIVE.1)
                .max_header_list_size(u32::try_from(MOST_HEAD).unwrap_or(u32::MAX))
                .handshake(TokioIo::new(wire))
                .await
                .map_err(failed)?;
            // It ends with its last sender and request; what ends it sooner is told to each request.
            tokio::spawn(connection);
            let shared = Shared::new(sender.clone(), watch.clone());
            let opened = shared.opened;
            self.kept.share(shared, era);
            return Ok(Lease { sender: Sender::Two(sender), watch, opened, era });
        }
        let (sender, connection) = http1::Builder::new()
            .max_headers(MOST_FIELDS)
            .max_header_size(MOST_HEAD)
            .max_buf_size(MOST_HEAD)
            .handshake(TokioIo::new(wire))
            .await
            .map_err(failed)?;
        tokio::spawn(connection);
        self.kept.now().is_one = true;
        Ok(Lease { sender: Sender::One(sender), watch, opened: Instant::now(), era })
    }
}
