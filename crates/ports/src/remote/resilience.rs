//! How calls of a system are spread, timed, repeated and kept from where they fail.

use std::{ops::Range, time::Duration};

/// All of it, for one system.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Resilience {
    /// Which instance a call goes to.
    pub balance: Balance,
    /// How long calls may take.
    pub timeouts: Timeouts,
    /// When a call is made again, where that cannot act twice.
    pub retry: Retry,
    /// After how long what only reads is asked once more, at another instance where there is one; the first answer counts. A good
    /// value is what all but a few of a hundred calls take.
    pub hedge: Option<Duration>,
    /// When a failing instance gets no calls.
    pub breaker: Breaker,
    /// When an instance that fails, while others do not, gets no calls.
    pub ejection: Ejection,
    /// How instances are asked whether they are well, beside the calls.
    pub health: Option<HealthCheck>,
    /// Whether redirects are followed.
    pub redirects: Redirects,
}

/// How calls are spread over endpoints, by their weights.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Balance {
    /// One after the other.
    RoundRobin,
    /// Of two by chance, the one with fewer calls in hand.
    #[default]
    LeastLoaded,
    /// Calls of the same affinity go to the same endpoint (rendezvous hashing).
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

/// When an endpoint that fails is left alone (circuit breaker).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Breaker {
    /// After so many failures in a row.
    pub failures: Option<u32>,
    /// Or when a share of its calls failed.
    pub share: Option<FailedShare>,
    /// After this wait, a single call tries whether it is back.
    pub wait: Duration,
}

impl Breaker {
    /// None at all.
    pub const OFF: Self = Self { failures: None, share: None, wait: Duration::ZERO };
}

impl Default for Breaker {
    fn default() -> Self {
        Self { failures: Some(5), share: Some(FailedShare::default()), wait: Duration::from_secs(10) }
    }
}

/// A share of the calls of a while that failed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FailedShare {
    /// From 0 to 1.
    pub share: f64,
    /// Of fewer calls than these, it says nothing.
    pub calls: u32,
    /// How far back calls count.
    pub window: Duration,
}

impl Default for FailedShare {
    fn default() -> Self {
        Self { share: 0.5, calls: 20, window: Duration::from_secs(10) }
    }
}

/// When an endpoint that fails, while others do not, is left out. The last one never is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ejection {
    /// After so many failures in a row; never without it.
    pub failures: Option<u32>,
    /// For so long, and as much longer each time.
    pub wait: Duration,
}

impl Ejection {
    /// None at all.
    pub const OFF: Self = Self { failures: None, wait: Duration::ZERO };
}

impl Default for Ejection {
    fn default() -> Self {
        Self { failures: Some(3), wait: Duration::from_secs(30) }
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

/// Whether redirects are followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Redirects {
    /// A redirect is the answer.
    #[default]
    Answer,
    /// `GET` and `HEAD` are sent to the new place where that is on the same scheme, host and port, at most five times.
    SameHost,
}
