//! The client of one system.

use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed},
    },
    time::Duration,
};

use bytes::Bytes;
use http::{HeaderValue, Method, header};
use tenon_errors::{
    Report,
    catalogue::system::{BAD_CLIENT, CALL_TIMED_OUT, REQUEST_UNSENDABLE, TOO_MANY_CALLS},
};
use tokio::{
    sync::{Semaphore, SemaphorePermit},
    time::Instant,
};

use crate::{
    EndpointStatus, Failure, Request, Response, Settings,
    connect::{Dial, Proxy},
    endpoint::Endpoint,
    exchange::{Answer, Asked, exchange},
    failure::Trouble,
    pool::Pool,
    target::Target,
};

/// Headers that the client sets, or that are about one connection (RFC 9110, section 7.6.1).
const OWN: &[header::HeaderName] = &[
    header::HOST,
    header::CONTENT_LENGTH,
    header::TRANSFER_ENCODING,
    header::CONNECTION,
    header::UPGRADE,
    header::TE,
    header::TRAILER,
];

/// The client of one system. Clones share its connections.
#[derive(Clone)]
pub struct Client(Arc<Body>);

struct Body {
    settings: Settings,
    endpoints: Vec<Endpoint>,
    places: Semaphore,
    waiting: AtomicUsize,
}

impl Client {
    /// Nothing is connected yet.
    ///
    /// # Errors
    /// `Y0410` if the settings contradict themselves, `S0104` if a certificate or key is not usable.
    pub fn new(settings: Settings) -> Result<Self, Report> {
        let endpoints = endpoints(&settings)?;
        if settings.at_most == 0 || settings.retry.attempts == 0 {
            let message =
                format!("`{}` may not be called: it gets no calls at once, or no attempts", settings.name);
            return Err(Report::new(&BAD_CLIENT, message).hint("allow one at least"));
        }
        let places = Semaphore::new(settings.at_most.min(Semaphore::MAX_PERMITS));
        Ok(Self(Arc::new(Body { settings, endpoints, places, waiting: AtomicUsize::new(0) })))
    }

    /// Sends `request`, and gives the answer whatever its status.
    ///
    /// Dropping the future ends the call: its connection is closed (HTTP/1.1) or its stream reset (HTTP/2).
    ///
    /// # Errors
    /// Why there is no answer, and whether the request may have been carried out all the same.
    pub async fn send(&self, request: Request) -> Result<Response, Failure> {
        let start = Instant::now();
        let body = &*self.0;
        let (end, is_callers) = body.end(&request, start);
        let late = || body.late(&request, start.elapsed(), is_callers, false);
        let _place = tokio::time::timeout_at(end, body.place()).await.map_err(|_| late())??;
        let is_sent = AtomicBool::new(false);
        let attempt = body.attempt(&request, &is_sent);
        let (answer, endpoint) = match tokio::time::timeout_at(end, attempt).await {
            Ok(outcome) => outcome?,
            Err(_) => return Err(body.late(&request, start.elapsed(), is_callers, is_sent.load(Relaxed))),
        };
        let Answer { status, headers, body } = answer;
        let endpoint = endpoint.target.url.clone();
        Ok(Response { status, headers, body, endpoint, attempts: 1, took: start.elapsed() })
    }

    /// How its endpoints are.
    #[must_use]
    pub fn endpoints(&self) -> Vec<EndpointStatus> {
        self.0.endpoints.iter().map(Endpoint::status).collect()
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("name", &self.0.settings.name).finish_non_exhaustive()
    }
}

/// The endpoints of `settings`, with nothing connected.
fn endpoints(settings: &Settings) -> Result<Vec<Endpoint>, Report> {
    let name = &settings.name;
    if settings.endpoints.is_empty() {
        return Err(Report::new(&BAD_CLIENT, format!("`{name}` has no endpoint")).hint("name its URL"));
    }
    let targets = settings.endpoints.iter().map(|endpoint| Target::of(name, &endpoint.url));
    let targets = targets.collect::<Result<Vec<_>, _>>()?;
    let is_tls = targets.iter().any(|target| target.is_tls);
    let tls = if is_tls { Some(settings.tls.config(name, settings.versions.protocols())?) } else { None };
    let proxy = match &settings.proxy {
        None => None,
        Some(url) => {
            let target = Arc::new(Target::of(name, url)?);
            Some(Arc::new(Proxy { url: target.url.clone(), target }))
        }
    };
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
            names: Arc::clone(&settings.names),
            reach: settings.reach,
        };
        let pool = Pool::new(dial, settings.versions, settings.timeouts.connect);
        Ok(Endpoint::new(target, endpoint.weight.max(1), pool))
    });
    made.collect()
}

impl Body {
    /// When the call ends at the latest, and whether that is the caller's deadline.
    fn end(&self, request: &Request, start: Instant) -> (Instant, bool) {
        let total = self.settings.timeouts.total;
        let left = request.deadline.map(|deadline| {
            Duration::try_from(deadline.duration_since(self.settings.clock.now())).unwrap_or_default()
        });
        match left {
            Some(left) if left < total => (start + left, true),
            _ => (start + total, false),
        }
    }

    /// A place among the calls in hand.
    async fn place(&self) -> Result<SemaphorePermit<'_>, Failure> {
        if let Ok(place) = self.places.try_acquire() {
            return Ok(place);
        }
        let refused = || {
            let (name, most) = (&self.settings.name, self.settings.at_most);
            let message = format!(
                "`{name}` has {} in hand, and {} wait: no more are taken",
                tenon_errors::counted(most, "call"),
                self.settings.queue
            );
            Failure::unsent(Report::new(&TOO_MANY_CALLS, message).hint("try again later"))
        };
        let _waiting = Waiting::among(&self.waiting, self.settings.queue).ok_or_else(refused)?;
        // The places are never closed.
        self.places.acquire().await.map_err(|_| refused())
    }

    async fn attempt(&self, request: &Request, is_sent: &AtomicBool) -> Result<(Answer, &Endpoint), Trouble> {
        let endpoint = self.choose();
        let _in_hand = endpoint.begin();
        let mut message =
            self.message(request, endpoint).map_err(|report| Trouble::unsent(report).lasting())?;
        if let Some(credentials) = &self.settings.credentials {
            credentials.apply(&mut message).await.map_err(|report| Trouble::unsent(report).lasting())?;
        }
        let lease = endpoint.pool.lease().await?;
        let place = request.place();
        let asked = Asked {
            system: &self.settings.name,
            url: &endpoint.target.url,
            place: &place,
            authority: &endpoint.target.authority,
            read: self.settings.timeouts.read,
            most: self.settings.most,
            is_sent,
        };
        let answer = exchange(&asked, &endpoint.pool, lease, message).await?;
        Ok((answer, endpoint))
    }

    fn choose(&self) -> &Endpoint {
        let load = |endpoint: &&Endpoint| (endpoint.in_flight() + 1) * 1_000 / endpoint.weight as usize;
        let fewest = self.endpoints.iter().min_by_key(load);
        // There is one at least.
        fewest.unwrap_or(&self.endpoints[0])
    }

    /// The request as it is sent to `endpoint`, without credentials.
    fn message(&self, request: &Request, endpoint: &Endpoint) -> Result<http::Request<Bytes>, Report> {
        let odd = |what: String| Report::new(&REQUEST_UNSENDABLE, what);
        if request.method == Method::CONNECT {
            return Err(odd("the method `CONNECT` is for proxies, and is not sent".to_owned()));
        }
        if let Some(name) = OWN.iter().find(|name| request.headers.contains_key(*name)) {
            return Err(odd(format!("the header `{name}` is set by the client, and may not be set")));
        }
        let mut message = http::Request::new(request.body.clone());
        *message.method_mut() = request.method.clone();
        *message.uri_mut() = endpoint.target.at(&request.target)?;
        *message.headers_mut() = request.headers.clone();
        let headers = message.headers_mut();
        if !headers.contains_key(header::ACCEPT_ENCODING) {
            headers.insert(header::ACCEPT_ENCODING, HeaderValue::from_static("gzip"));
        }
        Ok(message)
    }

    /// The time of a call is over.
    fn late(&self, request: &Request, after: Duration, is_callers: bool, may_have_acted: bool) -> Failure {
        let whose = if is_callers { "the caller's deadline" } else { "the time for a call" };
        let sent = if may_have_acted { "the request may have been carried out" } else { "nothing was sent" };
        let message = format!(
            "`{}` did not answer `{}` within {} ms, {whose}: {sent}",
            self.settings.name,
            request.place(),
            after.as_millis()
        );
        Failure { report: Report::new(&CALL_TIMED_OUT, message), may_have_acted }
    }
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
