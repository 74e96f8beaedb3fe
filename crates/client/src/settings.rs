//! What a client is told about the system that it reaches.

use std::{fmt, ops::Range, sync::Arc, time::Duration};

use http::{Uri, uri::PathAndQuery};
use tenon_model::Str;
use tenon_monitoring::Metrics;
use tenon_ports::Clock;
use tenon_security::SecretText;

use crate::{Credentials, Names, Reach, SystemNames, Trust};

/// A system and how it is called. [`Settings::new`] has the defaults.
#[derive(Clone)]
pub struct Settings {
    /// The system, as reports and metrics name it.
    pub name: Str,
    /// Where it is: at least one.
    pub endpoints: Vec<Endpoint>,
    /// How calls are spread over the endpoints.
    pub balance: Balance,
    /// How long calls may take.
    pub timeouts: Timeouts,
    /// When a call is made again.
    pub retry: Retry,
    /// After how long what only reads is asked once more, at another endpoint where there is one; the first answer counts. A good
    /// value is what all but a few of a hundred calls take.
    pub hedge: Option<Duration>,
    /// When a failing endpoint is left alone.
    pub breaker: Breaker,
    /// When an endpoint that fails, while others do not, is left out.
    pub ejection: Ejection,
    /// How endpoints are asked whether they are well, beside the calls.
    pub health: Option<HealthCheck>,
    /// So many calls are in hand at once, also while they wait for their next attempt.
    pub at_most: usize,
    /// So many more wait for their turn; what comes beyond is refused.
    pub queue: usize,
    /// The most bytes of an answer's body, also once it is decompressed.
    pub most: usize,
    /// Which servers are trusted, and what the client shows them.
    pub tls: Trust,
    /// The proxy that everything goes through: `CONNECT` for `https`, the absolute form for `http` (RFC 9112, section 3.2.2).
    pub proxy: Option<Uri>,
    /// The user and password that it asks for (RFC 9110, section 11.7).
    pub proxy_user: Option<(Str, SecretText)>,
    /// Which addresses names may lead to.
    pub reach: Reach,
    /// Which versions of HTTP are spoken.
    pub versions: Versions,
    /// Whether a redirect is followed.
    pub redirects: Redirects,
    /// What proves who is calling.
    pub credentials: Option<Arc<dyn Credentials>>,
    /// Where names lead to.
    pub names: Arc<dyn Names>,
    /// What deadlines and dates are compared with.
    pub clock: Arc<dyn Clock>,
    /// Where calls are counted.
    pub metrics: Metrics,
}

impl Settings {
    /// The defaults for the system `name` at these endpoints.
    #[must_use]
    pub fn new(name: impl Into<Str>, endpoints: Vec<Endpoint>, clock: Arc<dyn Clock>) -> Self {
        Self {
            name: name.into(),
            endpoints,
            balance: Balance::default(),
            timeouts: Timeouts::default(),
            retry: Retry::default(),
            hedge: None,
            breaker: Breaker::default(),
            ejection: Ejection::default(),
            health: None,
            at_most: 64,
            queue: 256,
            most: 16 << 20,
            tls: Trust::default(),
            proxy: None,
            proxy_user: None,
            reach: Reach::default(),
            versions: Versions::default(),
            redirects: Redirects::default(),
            credentials: None,
            names: Arc::new(SystemNames),
            clock,
            metrics: Metrics::new(),
        }
    }
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // What is behind the rest may be secret.
        f.debug_struct("Settings").field("name", &self.name).finish_non_exhaustive()
    }
}

/// One place where a system is.
#[derive(Debug, Clone)]
pub struct Endpoint {
    /// Scheme (`http` or `https`), host, port and base path; without user and password.
    pub url: Uri,
    /// How much of the calls it gets, relative to the others: from 1.
    pub weight: u32,
}

impl Endpoint {
    /// The server of `url`, and the path and query that are asked of it.
    #[must_use]
    pub fn of_url(url: &Uri) -> (Self, String) {
        let target = url.path_and_query().map_or("/", PathAndQuery::as_str).to_owned();
        let mut parts = url.clone().into_parts();
        parts.path_and_query = parts.path_and_query.map(|_| PathAndQuery::from_static("/"));
        // With a path as before, it is as whole as before.
        (Self::from(Uri::from_parts(parts).unwrap_or_else(|_| url.clone())), target)
    }
}

impl From<Uri> for Endpoint {
    fn from(url: Uri) -> Self {
        Self { url, weight: 1 }
    }
}

/// How calls are spread over endpoints, by their weights.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Balance {
    /// One after the other.
    RoundRobin,
    /// Of two by chance, the one with fewer calls in hand.
    #[default]
    LeastLoaded,
    /// Calls of the same [`affinity`](crate::Request::affinity) go to the same endpoint (rendezvous hashing).
    Hash,
}

/// How long things may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timeouts {
    /// To find and reach the server, with TLS and proxy.
    pub connect: Duration,
    /// From one byte to the next: also to the first of the answer.
    pub read: Duration,
    /// The whole call with its repeats.
    pub total: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        let seconds = Duration::from_secs;
        Self { connect: seconds(5), read: seconds(15), total: seconds(30) }
    }
}

/// When a call is made again.
#[derive(Debug, Clone, PartialEq)]
pub struct Retry {
    /// The most attempts, with the first one: from 1.
    pub attempts: u32,
    /// The wait before the second attempt is by chance up to the first, doubles each time, and is never above the second.
    pub wait: Range<Duration>,
    /// Repeats may be this share of the calls, from 0 to 1, so that a system in need does not get a multiple of its load.
    pub budget: f64,
}

impl Default for Retry {
    fn default() -> Self {
        Self { attempts: 3, wait: Duration::from_millis(100)..Duration::from_secs(5), budget: 0.2 }
    }
}

/// When an endpoint that fails is left alone.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Breaker {
    /// After so many failures in a row.
    pub failures: u32,
    /// Or when so large a share of the calls of the window failed, from 0 to 1.
    pub share: f64,
    /// How far back calls count.
    pub window: Duration,
    /// In a window of fewer calls the share says nothing.
    pub least: u32,
    /// After this wait, a single call tries whether it is back.
    pub wait: Duration,
}

impl Breaker {
    /// None at all.
    pub const OFF: Self = Self {
        failures: u32::MAX,
        share: 1.0,
        window: Duration::ZERO,
        least: u32::MAX,
        wait: Duration::ZERO,
    };
}

impl Default for Breaker {
    fn default() -> Self {
        let seconds = Duration::from_secs;
        Self { failures: 5, share: 0.5, window: seconds(10), least: 20, wait: seconds(5) }
    }
}

/// When an endpoint that fails, while others do not, is left out. The last one never is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ejection {
    /// After so many failures in a row.
    pub failures: u32,
    /// For so long, and as much longer each time.
    pub wait: Duration,
}

impl Default for Ejection {
    fn default() -> Self {
        Self { failures: 3, wait: Duration::from_secs(30) }
    }
}

/// How endpoints are asked whether they are well. One that is not gets no calls as long as there is another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HealthCheck {
    /// Path and query, below the base path of the endpoint; asked by `GET` without credentials. A status below 400 is good.
    pub target: String,
    /// How often.
    pub every: Duration,
    /// How long an answer may take.
    pub timeout: Duration,
    /// After so many bad answers in a row it is not well.
    pub bad: u32,
    /// After so many good ones it is well again.
    pub good: u32,
}

impl HealthCheck {
    /// Asks `target` every ten seconds, and believes the second bad or good answer.
    #[must_use]
    pub fn new(target: impl Into<String>) -> Self {
        let seconds = Duration::from_secs;
        Self { target: target.into(), every: seconds(10), timeout: seconds(2), bad: 2, good: 2 }
    }
}

/// Which versions of HTTP are spoken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Versions {
    /// HTTP/2 where the server takes it in the TLS handshake (ALPN), else HTTP/1.1.
    #[default]
    Agreed,
    /// HTTP/1.1 alone.
    One,
    /// HTTP/2 alone: without TLS, by prior knowledge (RFC 9113, section 3.3).
    Two,
}

impl Versions {
    /// What is offered in the TLS handshake.
    pub(crate) fn protocols(self) -> &'static [&'static [u8]] {
        match self {
            Self::Agreed => &[b"h2", b"http/1.1"],
            Self::One => &[b"http/1.1"],
            Self::Two => &[b"h2"],
        }
    }
}

/// Whether redirects are followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Redirects {
    /// A redirect is the answer.
    #[default]
    Answer,
    /// `GET` and `HEAD` are sent to the new place where that is on the same scheme, host and port, at most five times.
    SameHost,
}
