//! What a client is told about the system that it reaches.

use std::{fmt, sync::Arc, time::Duration};

use http::{Uri, uri::PathAndQuery};
use tenon_model::Str;
use tenon_monitoring::Metrics;
use tenon_ports::Clock;
pub use tenon_ports::remote::{
    Balance, Breaker, Ejection, FailedShare, HealthCheck, Redirects, Retry, Timeouts, Versions,
};
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
