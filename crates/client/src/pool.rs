//! The connections of one endpoint, which are kept for the next request.

use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use hyper::client::conn::{http1, http2};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use tokio::time::Instant;

use crate::{
    Versions,
    connect::{
        Dial, Dialled, Proxy,
        wire::{Watch, Watched},
    },
    failure::{Trouble, chain},
    upload::Upload,
};

/// How long a connection that nobody needs is kept. Many servers close theirs after a minute.
const IDLE: Duration = Duration::from_secs(30);
/// The most idle connections that are kept.
const MOST_IDLE: usize = 64;
/// How long a connection has to be ready for the next request once an answer is read.
const READY: Duration = Duration::from_millis(20);
/// The most bytes and fields of the head of an answer.
pub(crate) const MOST_HEAD: usize = 64 << 10;
const MOST_FIELDS: usize = 128;
/// How often a connection of HTTP/2 with calls in hand is asked whether it is alive, and how long it has to answer.
const ALIVE: (Duration, Duration) = (Duration::from_secs(20), Duration::from_secs(10));

/// What sends one request.
pub(crate) enum Sender {
    /// HTTP/1.1: one request after the other.
    One(http1::SendRequest<Upload>),
    /// HTTP/2: many at once.
    Two(http2::SendRequest<Upload>),
}

/// A connection for one request.
pub(crate) struct Lease {
    pub(crate) sender: Sender,
    pub(crate) watch: Watch,
    era: u64,
}

/// The connections of one endpoint.
pub(crate) struct Pool {
    dial: Dial,
    versions: Versions,
    connect: Duration,
    kept: Mutex<Kept>,
    /// Held while a connection is made that others may be able to share.
    connecting: tokio::sync::Mutex<()>,
}

#[derive(Default)]
struct Kept {
    /// Connections of HTTP/1.1 without a request, the one used last at the end.
    idle: Vec<Idle>,
    /// The connection of HTTP/2.
    shared: Option<(http2::SendRequest<Upload>, Watch)>,
    /// Whether the server has spoken HTTP/1.1 before, so that there is nothing to share.
    is_one: bool,
    /// Connections of an earlier era are not kept.
    era: u64,
    /// How many connections could not be made, and why not the last one.
    failed: (u64, Option<Trouble>),
}

struct Idle {
    sender: http1::SendRequest<Upload>,
    watch: Watch,
    since: Instant,
}

impl Pool {
    /// Without connections.
    pub(crate) fn new(dial: Dial, versions: Versions, connect: Duration) -> Self {
        let is_one = versions == Versions::One || (versions == Versions::Agreed && dial.tls.is_none());
        let kept = Mutex::new(Kept { is_one, ..Kept::default() });
        Self { dial, versions, connect, kept, connecting: tokio::sync::Mutex::default() }
    }

    /// The proxy that reads requests, in their absolute form.
    pub(crate) fn forwarding(&self) -> Option<&Proxy> {
        self.dial.forwarding()
    }

    /// A connection: one that is kept, or a new one.
    pub(crate) async fn lease(&self) -> Result<Lease, Trouble> {
        let found = self.kept().look(None)?;
        let failures = match found {
            Found::Kept(lease) => return Ok(lease),
            Found::Unshared => return self.open().await,
            Found::Nothing { failures } => failures,
        };
        let turn = self.connecting.lock().await;
        // What has happened while this one waited for its turn.
        let found = self.kept().look(Some(failures))?;
        match found {
            Found::Kept(lease) => return Ok(lease),
            Found::Unshared => drop(turn),
            Found::Nothing { .. } => {
                let opened = self.open().await;
                if let Err(trouble) = &opened {
                    let mut kept = self.kept();
                    kept.failed = (kept.failed.0 + 1, Some(trouble.clone()));
                }
                return opened;
            }
        }
        self.open().await
    }

    /// Keeps the connection for the next request, once an answer was read whole.
    pub(crate) async fn give_back(&self, lease: Lease) {
        let Lease { sender, watch, era } = lease;
        let Sender::One(mut sender) = sender else { return };
        if !sender.is_ready() && !matches!(tokio::time::timeout(READY, sender.ready()).await, Ok(Ok(()))) {
            return;
        }
        let mut kept = self.kept();
        if kept.era == era && kept.idle.len() < MOST_IDLE {
            kept.idle.push(Idle { sender, watch, since: Instant::now() });
        }
    }

    /// Closes the connections that have no request, and the others when theirs is done.
    pub(crate) fn close(&self) {
        let mut kept = self.kept();
        kept.idle.clear();
        kept.shared = None;
        kept.era += 1;
    }

    async fn open(&self) -> Result<Lease, Trouble> {
        let era = self.kept().era;
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
            let mut kept = self.kept();
            if kept.era == era {
                kept.shared = Some((sender.clone(), watch.clone()));
            }
            return Ok(Lease { sender: Sender::Two(sender), watch, era });
        }
        let (sender, connection) = http1::Builder::new()
            .max_headers(MOST_FIELDS)
            .max_header_size(MOST_HEAD)
            .max_buf_size(MOST_HEAD)
            .handshake(TokioIo::new(wire))
            .await
            .map_err(failed)?;
        tokio::spawn(connection);
        self.kept().is_one = true;
        Ok(Lease { sender: Sender::One(sender), watch, era })
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What there is for a request.
enum Found {
    Kept(Lease),
    /// Nothing, and connections are not shared.
    Unshared,
    /// Nothing, after so many connections that could not be made.
    Nothing {
        failures: u64,
    },
}

impl Kept {
    /// What there is for a request; what a connection failed for since there were `failures` of them is the failure of all who
    /// have waited for it.
    fn look(&mut self, failures: Option<u64>) -> Result<Found, Trouble> {
        if let Some(lease) = self.take() {
            return Ok(Found::Kept(lease));
        }
        if self.is_one {
            return Ok(Found::Unshared);
        }
        match (&self.failed, failures) {
            ((count, Some(trouble)), Some(before)) if *count > before => Err(trouble.clone()),
            ((count, _), _) => Ok(Found::Nothing { failures: *count }),
        }
    }

    fn take(&mut self) -> Option<Lease> {
        let era = self.era;
        if let Some((sender, watch)) = &self.shared {
            if sender.is_ready() {
                let (sender, watch) = (Sender::Two(sender.clone()), watch.clone());
                return Some(Lease { sender, watch, era });
            }
            self.shared = None;
        }
        self.idle.retain(|it| it.since.elapsed() < IDLE && it.sender.is_ready());
        let Idle { sender, watch, .. } = self.idle.pop()?;
        Some(Lease { sender: Sender::One(sender), watch, era })
    }
}
