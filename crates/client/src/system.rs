//! What all clones of a client share: the settings, the endpoints, the places for calls.

use std::{
    sync::{
        Arc, Once,
        atomic::{AtomicUsize, Ordering::Relaxed},
    },
    time::Duration,
};

use http::Uri;
use tenon_errors::{
    Report,
    catalogue::system::{BAD_CLIENT, TOO_MANY_CALLS},
    counted,
};
use tokio::{
    sync::{Semaphore, SemaphorePermit},
    time::Instant,
};

use crate::{
    Failure, Request, Settings, Versions,
    budget::Budget,
    connect::{Dial, Proxy},
    endpoint::{Endpoint, Endpoints},
    measures::{Counted, EndpointMeasures, Measures},
    pool::Pool,
    secret,
    target::Target,
};

/// A system that is called.
pub(crate) struct System {
    pub(crate) settings: Settings,
    pub(crate) endpoints: Endpoints,
    pub(crate) budget: Budget,
    pub(crate) measures: Measures,
    /// Whether endpoints are asked whether they are well.
    pub(crate) watched: Once,
    places: Semaphore,
    waiting: AtomicUsize,
}

/// When a call ends at the latest.
#[derive(Debug, Clone, Copy)]
pub(crate) struct End {
    pub(crate) start: Instant,
    pub(crate) at: Instant,
    /// Whether that is the caller's deadline, and not the time that calls may take.
    pub(crate) is_callers: bool,
}

impl System {
    /// Nothing is connected yet.
    pub(crate) fn new(settings: Settings) -> Result<Self, Report> {
        let name = &settings.name;
        let odd = |what: &str| Report::new(&BAD_CLIENT, format!("`{name}` {what}"));
        if settings.endpoints.is_empty() {
            return Err(odd("has no endpoint").hint("name its URL"));
        }
        if settings.at_most == 0 || settings.retry.attempts == 0 {
            return Err(
                odd("may not be called: it gets no calls at once, or no attempts").hint("allow one at least")
            );
        }
        let endpoints = Endpoints::new(endpoints(&settings)?, settings.balance);
        let places = Semaphore::new(settings.at_most.min(Semaphore::MAX_PERMITS));
        let budget = Budget::new(settings.retry.budget, Instant::now());
        let measures = Measures::new(&settings.metrics, &settings.name);
        Ok(Self {
            settings,
            endpoints,
            budget,
            measures,
            watched: Once::new(),
            places,
            waiting: AtomicUsize::new(0),
        })
    }

    /// When a call of `request` that begins now ends at the latest.
    pub(crate) fn end(&self, request: &Request) -> End {
        let (start, total) = (Instant::now(), self.settings.timeouts.total);
        let left = request.deadline.map(|deadline| {
            Duration::try_from(deadline.duration_since(self.settings.clock.now())).unwrap_or_default()
        });
        match left {
            Some(left) if left < total => End { start, at: start + left, is_callers: true },
            _ => End { start, at: start + total, is_callers: false },
        }
    }

    /// A place among the calls in hand.
    pub(crate) async fn place(&self) -> Result<SemaphorePermit<'_>, Failure> {
        if let Ok(place) = self.places.try_acquire() {
            return Ok(place);
        }
        let refused = || {
            let Settings { name, at_most, queue, .. } = &self.settings;
            let in_hand = counted(at_most, "call");
            let message = format!("`{name}` has {in_hand} in hand, and {queue} wait: no more are taken");
            Failure::unsent(Report::new(&TOO_MANY_CALLS, message).hint("try again later"))
        };
        let _waiting = Waiting::among(&self.waiting, self.settings.queue).ok_or_else(refused)?;
        let _counted = Counted::in_gauge(&self.measures.waiting);
        // The places are never closed.
        self.places.acquire().await.map_err(|_| refused())
    }
}

/// The endpoints of `settings`, with nothing connected.
fn endpoints(settings: &Settings) -> Result<Vec<Endpoint>, Report> {
    let name = &settings.name;
    let targets = settings.endpoints.iter().map(|endpoint| Target::of(name, &endpoint.url));
    let targets = targets.collect::<Result<Vec<_>, _>>()?;
    let is_tls = targets.iter().any(|target| target.is_tls);
    let protocols = offered(settings.versions);
    let tls = if is_tls { Some(settings.tls.config(name, protocols)?) } else { None };
    let proxy = settings.proxy.as_ref().map(|url| proxy(settings, url)).transpose()?.map(Arc::new);
    let made = targets.into_iter().zip(&settings.endpoints).map(|(target, endpoint)| {
        let target = Arc::new(target);
        let tls = match &tls {
            Some(config) if target.is_tls => Some((Arc::clone(config), target.server_name()?)),
            _ => None,
        };
        let dial = Dial {
            system: name.clone(),
            target: Arc::clone(&target),
            tls,
            proxy: proxy.clone(),
            is_two: settings.versions == Versions::Two,
            names: Arc::clone(&settings.names),
            reach: settings.reach,
        };
        let pool = Pool::new(dial, settings.versions, settings.timeouts.connect);
        let measures = EndpointMeasures::new(&settings.metrics, name, &target.url);
        let rules = (settings.breaker, settings.ejection);
        Ok(Endpoint::new(target, endpoint.weight, pool, rules, measures))
    });
    made.collect()
}

/// What is offered in the TLS handshake (ALPN, RFC 7301).
fn offered(versions: Versions) -> &'static [&'static [u8]] {
    match versions {
        Versions::Agreed => &[b"h2", b"http/1.1"],
        Versions::One => &[b"http/1.1"],
        Versions::Two => &[b"h2"],
    }
}

/// The proxy at `url`.
fn proxy(settings: &Settings, url: &Uri) -> Result<Proxy, Report> {
    let name = &settings.name;
    let target = Target::of(name, url)?;
    if target.is_tls {
        let message = format!("the proxy of `{name}` is reached by `https`, which is not supported");
        return Err(Report::new(&BAD_CLIENT, message).hint("name its `http` address"));
    }
    let authorization = match &settings.proxy_user {
        None => None,
        Some((user, password)) => Some(secret::basic(name, user, password)?),
    };
    Ok(Proxy { target, authorization })
}

/// One of those that wait for a place.
struct Waiting<'w>(&'w AtomicUsize);

impl<'w> Waiting<'w> {
    fn among(waiting: &'w AtomicUsize, most: usize) -> Option<Self> {
        let enter = |count: usize| (count < most).then_some(count + 1);
        waiting.fetch_update(Relaxed, Relaxed, enter).ok().map(|_| Self(waiting))
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Relaxed);
    }
}
