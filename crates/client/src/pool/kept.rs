//! Connections that wait for their next request, or are shared by many.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
    time::Duration,
};

use hyper::client::conn::{http1, http2};
use tokio::time::Instant;

use crate::{connect::wire::Watch, failure::Trouble, upload::Upload};

/// How long a connection that nobody needs is kept. Many servers close theirs after a minute.
const IDLE: Duration = Duration::from_secs(30);
/// How long before a server closes a connection it is no longer used: a request takes its time to get there.
const MARGIN: Duration = Duration::from_secs(1);
/// How old a connection may become: the name may lead elsewhere meanwhile.
const OLDEST: Duration = Duration::from_secs(600);
/// The most idle connections that are kept.
const MOST: usize = 64;

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
    pub(super) opened: Instant,
    pub(super) era: u64,
}

#[cfg(test)]
impl Lease {
    /// A connection of no pool.
    pub(crate) fn new(sender: Sender, watch: Watch) -> Self {
        Self { sender, watch, opened: Instant::now(), era: 0 }
    }
}

/// Connections that are kept, and a task that closes those that nobody has needed for long.
pub(super) struct Keep(Arc<Mutex<Kept>>);

#[derive(Default)]
pub(super) struct Kept {
    /// Connections of HTTP/1.1 without a request, the one used last at the end.
    idle: Vec<Idle>,
    /// The connection of HTTP/2.
    shared: Option<Shared>,
    /// Whether the server has spoken HTTP/1.1 before, so that there is nothing to share.
    pub(super) is_one: bool,
    /// Connections of an earlier era are not kept.
    pub(super) era: u64,
    /// How many connections could not be made, and why not the last one.
    pub(super) failed: (u64, Option<Trouble>),
    is_tidied: bool,
}

/// A connection without a request.
pub(super) struct Idle {
    sender: http1::SendRequest<Upload>,
    watch: Watch,
    opened: Instant,
    until: Instant,
}

/// A connection of many requests.
pub(super) struct Shared {
    sender: http2::SendRequest<Upload>,
    watch: Watch,
    pub(super) opened: Instant,
    used: Instant,
}

/// What there is for a request.
pub(super) enum Found {
    Kept(Lease),
    /// Nothing, and connections are not shared.
    Unshared,
    /// Nothing, after so many connections that could not be made.
    Nothing {
        failures: u64,
    },
}

impl Idle {
    /// Kept from now, for no longer than the server is `told` to keep it.
    pub(super) fn new(
        sender: http1::SendRequest<Upload>,
        watch: Watch,
        opened: Instant,
        told: Option<Duration>,
    ) -> Self {
        let wait = told.map_or(IDLE, |told| told.saturating_sub(MARGIN).min(IDLE));
        let until = (Instant::now() + wait).min(opened + OLDEST);
        Self { sender, watch, opened, until }
    }

    fn is_good(&self) -> bool {
        self.until > Instant::now() && self.sender.is_ready()
    }
}

impl Shared {
    /// Open from now.
    pub(super) fn new(sender: http2::SendRequest<Upload>, watch: Watch) -> Self {
        let now = Instant::now();
        Self { sender, watch, opened: now, used: now }
    }

    fn is_good(&self) -> bool {
        self.sender.is_ready() && self.opened.elapsed() < OLDEST && self.used.elapsed() < IDLE
    }
}

impl Keep {
    /// Without connections.
    pub(super) fn new(is_one: bool) -> Self {
        Self(Arc::new(Mutex::new(Kept { is_one, ..Kept::default() })))
    }

    pub(super) fn now(&self) -> MutexGuard<'_, Kept> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Keeps a connection of this era.
    pub(super) fn keep(&self, idle: Idle, era: u64) {
        let mut kept = self.now();
        if kept.era == era && kept.idle.len() < MOST && idle.is_good() {
            kept.idle.push(idle);
            self.tidy(&mut kept);
        }
    }

    /// Shares a connection of this era.
    pub(super) fn share(&self, shared: Shared, era: u64) {
        let mut kept = self.now();
        if kept.era == era {
            kept.shared = Some(shared);
            self.tidy(&mut kept);
        }
    }

    /// Begins another era: connections without a request are closed, and the others when theirs is done.
    pub(super) fn close(&self) {
        let mut kept = self.now();
        kept.idle.clear();
        kept.shared = None;
        kept.era += 1;
    }

    fn tidy(&self, kept: &mut Kept) {
        if !kept.is_tidied {
            kept.is_tidied = true;
            tokio::spawn(tidied(Arc::downgrade(&self.0)));
        }
    }
}

/// Closes what nobody has needed for long, as long as there is something.
async fn tidied(kept: Weak<Mutex<Kept>>) {
    loop {
        tokio::time::sleep(IDLE).await;
        let Some(kept) = kept.upgrade() else { return };
        let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.let_go();
        if kept.idle.is_empty() && kept.shared.is_none() {
            kept.is_tidied = false;
            return;
        }
    }
}

impl Kept {
    /// What there is for a request; what a connection failed for since there were `failures` of them is the failure of all who
    /// have waited for it.
    pub(super) fn look(&mut self, failures: Option<u64>) -> Result<Found, Trouble> {
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
        self.let_go();
        let era = self.era;
        if let Some(shared) = &mut self.shared {
            shared.used = Instant::now();
            let (sender, watch) = (Sender::Two(shared.sender.clone()), shared.watch.clone());
            return Some(Lease { sender, watch, opened: shared.opened, era });
        }
        let Idle { sender, watch, opened, .. } = self.idle.pop()?;
        Some(Lease { sender: Sender::One(sender), watch, opened, era })
    }

    /// Closes what is too old, or was closed by the server.
    fn let_go(&mut self) {
        self.idle.retain(Idle::is_good);
        self.shared = self.shared.take().filter(Shared::is_good);
    }
}
