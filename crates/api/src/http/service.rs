//! What a plan serves: every route of one generation, and what happens to each request around its handler.

use std::{
    any::Any,
    borrow::Cow,
    net::{IpAddr, SocketAddr},
    panic::AssertUnwindSafe,
    sync::Arc,
    time::{Duration, Instant},
};

use bytes::Bytes;
use futures_util::FutureExt;
use http::{
    HeaderMap, HeaderName, HeaderValue, Method, Request, StatusCode, Version, header, request::Parts,
};
use hyper::body::Incoming;
use smol_str::SmolStr;
use tenon_errors::{
    Report, Reports,
    catalogue::{
        api::{METHOD_NOT_ALLOWED, NO_ROUTE},
        engine::INTERNAL,
    },
};
use tenon_model::{Name, TraceContext};
use tenon_monitoring::Metrics;
use tenon_plan::{Api, Cors, Limits, Plan, Visibility};
use tenon_ports::{Clock, Operation};
use tenon_security::{ban::Bans, firewall::IpRules};
use tokio::sync::Semaphore;

use super::{
    brake::Brake,
    budget::{Account, Permit},
    compress::{self, Effort},
    cors,
    exchange::{Answer, Exchange, Failure, Handler, Told, answer, empty},
    faults,
    follow::Flaw,
    gate::Gate,
    head,
    health::{self, Probes},
    identity::Identities,
    keys::Authentication,
    log::Line,
    metadata,
    meter::Meter,
    pages::{self, StaticPage},
    peer::Peer,
    refused::{Refused, last_words},
    room::Room,
    router::{Mount, Route, Router, Taken},
    target, viewer,
};
use crate::{
    grpc,
    operation::Served,
    protocols::{Mounting, PROTOCOLS},
};

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");

/// Everything that one generation of a plan serves. Immutable: a reload makes another one and swaps it in.
pub struct Service {
    router: Router,
    meter: Meter,
    /// Where the APIs are that pages of other origins may call.
    bases: Vec<(String, Arc<Cors>)>,
    /// Whether it has a page that says what it serves.
    is_documented: bool,
    identities: Identities,
    brake: Brake,
    clock: Arc<dyn Clock>,
    firewall: IpRules,
    bans: Arc<Bans>,
    limits: Limits,
    slots: Arc<Semaphore>,
}

impl Service {
    /// Mounts the operations of the plan, the pages, and the health and metrics endpoints: what the APIs' listener serves, and
    /// what the internal one does.
    ///
    /// `operations` gives what performs an operation, wrapped in its policies; `authenticators` are those of the plan's
    /// APIs, in order, each with what gets it newer keys; `probes` find out how the server is doing.
    ///
    /// # Errors
    /// `A0001` for each route that another one takes already, and what the protocols report about an API.
    pub fn new(
        plan: &Plan,
        operations: &dyn Fn(&Api, &tenon_plan::Operation) -> Arc<dyn Operation>,
        authenticators: Vec<impl Into<Authentication>>,
        metrics: &Metrics,
        clock: &Arc<dyn Clock>,
        pages: Vec<StaticPage>,
        probes: &Probes,
    ) -> Result<(Self, Self), Reports> {
        let mut reports = Reports::new();
        let mut bases = Vec::new();
        let mut mounts = health::mount(probes);
        let mut documents = pages::mount(pages);
        let mut gates: Vec<(&Name, Arc<Gate>)> = Vec::new();
        for (api, authenticator) in plan.apis.iter().zip(authenticators) {
            let gate = Gate::new(authenticator.into()).counting(&api.name, metrics);
            let gate = Arc::new(gate);
            gates.push((&api.name, Arc::clone(&gate)));
            let serve = |definition: Arc<tenon_plan::Operation>| {
                let target = operations(api, &definition);
                Arc::new(Served::new(definition, Arc::clone(&gate), target))
            };
            let served: Vec<_> = api.operations.iter().cloned().map(serve).collect();
            let performer = |definition: tenon_plan::Operation| serve(Arc::new(definition));
            let cors = api.cors.clone().map(Arc::new);
            let shared = |mount| Mount { cors: cors.clone(), ..mount };
            let mounting = Mounting { plan, api, served: &served, gate: &gate, performer: &performer };
            mounts.extend(metadata::page(api).map(pages::single).map(shared));
            for protocol in PROTOCOLS {
                let mounted = reports.take_all((protocol.mount)(&mounting)).unwrap_or_default();
                mounts.extend(mounted.requests.into_iter().map(shared));
                documents.extend(mounted.documents.into_iter().map(shared));
                if let (Some(cors), Some(base)) = (&cors, (protocol.base)(api)) {
                    bases.push((target::encoded(base.trim_end_matches('/')), Arc::clone(cors)));
                }
            }
        }
        if plan.apis.iter().any(|api| api.grpc.is_some()) {
            mounts.extend(reports.take_all(grpc::health(plan, probes)).into_iter().flatten());
            documents.extend(reports.take_all(grpc::reflection(plan)).into_iter().flatten());
        }
        let mut internal = health::mount(probes);
        let shown = [
            (&plan.server.pages.docs, documents),
            (&plan.server.pages.metrics, vec![health::metrics(metrics.clone(), probes.clone())]),
        ];
        for (visibility, pages) in shown {
            match visibility {
                Visibility::Public => mounts.extend(pages),
                Visibility::Internal => internal.extend(pages),
                Visibility::Hidden => {}
                Visibility::By { api, access } => {
                    // `check` has seen that there is such an API.
                    let Some((_, gate)) = gates.iter().find(|(name, _)| *name == api) else { continue };
                    mounts.extend(pages.into_iter().map(|page| viewer::guarded(page, gate, access)));
                }
            }
        }
        let internal = reports.take_all(Router::new(internal));
        let router = reports.take_all(Router::new(mounts));
        let (Some(router), Some(internal)) = (router, internal) else { return Err(reports) };
        reports.finish(())?;
        let limits = &plan.server.limits;
        let service = |router: Router, bases| Self {
            meter: Meter::new(metrics.clone(), &router),
            is_documented: router.find("/docs").is_some(),
            router,
            bases,
            identities: Identities::new(),
            brake: Brake::new(),
            clock: Arc::clone(clock),
            firewall: plan.server.firewall.clone(),
            bans: Arc::default(),
            slots: Arc::new(Semaphore::new(limits.concurrency.clamp(1, Semaphore::MAX_PERMITS))),
            limits: limits.clone(),
        };
        Ok((service(router, bases), service(internal, Vec::new())))
    }

    /// Answers one request, with the room that the answer holds. `flaw` is what HTTP/1 said and the parser did not hand on. Every
    /// request gets an answer: what goes wrong becomes a problem (RFC 9457).
    pub(super) async fn answer(
        &self,
        request: Request<Incoming>,
        flaw: Option<Flaw>,
        peer: &Peer,
        account: &Arc<Account>,
    ) -> (Answer, Option<Permit>) {
        let began = Instant::now();
        // A listener on `[::]` sees IPv4 clients as mapped addresses.
        let client: IpAddr = peer.address.ip().to_canonical();
        let _active = self.meter.begin();
        let received = self.clock.now();
        let (head, body) = request.into_parts();
        let trace = self.identities.trace(&head.headers);
        let id = self.identities.request(received);
        let mut principal = None;
        let mut room = Room::new(account, &self.slots, self.limits.timeout);
        let path = target::normalised(head.uri.path());
        let found = self.router.find(&path);
        let shown = self.brake.shown(&head.headers);
        let sound = head::check(&head, flaw, self.limits.head);
        let sound =
            sound.and_then(|()| shown.map_or(Ok(()), |shown| self.brake.admit(client, shown, received)));
        let outcome = match &found {
            _ if sound.is_err() => Err(sound.err().unwrap_or_else(|| self.no_route(&head))),
            // About the server as a whole (RFC 9110, section 9.3.7).
            _ if head.method == Method::OPTIONS && head.uri.path() == "*" => {
                Ok(empty(StatusCode::NO_CONTENT))
            }
            // So that the page may send the request, and read that nothing is here.
            None if cors::asked_for(&head).is_some() && self.pages_at(&path).is_some() => {
                Ok(empty(StatusCode::NO_CONTENT))
            }
            None => Err(self.no_route(&head)),
            Some((_, route, parameters)) => {
                let exchange = Exchange {
                    head: &head,
                    body,
                    parameters: parameters.clone(),
                    client,
                    peer,
                    trace,
                    trace_state: Identities::trace_state(&head.headers),
                    id: &id,
                    received,
                    limits: &self.limits,
                    room: &mut room,
                    principal: &mut principal,
                };
                self.dispatch(route, exchange).await
            }
        };
        let (status, (mut response, report)) = match outcome {
            Ok(answer) => (answer.status(), (answer, None)),
            Err(failure) => (failure.status, refusal(failure, &head, &id)),
        };
        if let Some(shown) = shown {
            if status == StatusCode::UNAUTHORIZED {
                self.brake.was_wrong(client, received);
            } else if principal.is_some() {
                self.brake.held(shown);
            }
        }
        self.share(found.as_ref().map(|(_, route, _)| *route), &path, &head, &mut response);
        finish(&mut response, &head, trace, &id).await;
        let took = began.elapsed();
        let route = found.as_ref().map(|(position, route, _)| (*position, route.template.as_str()));
        self.meter.record(route.map(|(position, _)| position), &head.method, status, took);
        let line = Line {
            method: head.method.as_str(),
            route: route.map_or("", |(_, template)| template),
            status,
            took,
            bytes: response.body().len(),
            trace,
            id: &id,
            client,
            principal: principal.as_deref(),
            report: report.as_ref(),
        };
        line.write();
        let bytes = response.body().len();
        (response, room.settle(bytes))
    }

    /// The last words to a client that did not manage to send a request: counted and logged like every answer.
    pub(super) fn refuse(&self, refused: &Refused, client: SocketAddr) -> Vec<u8> {
        let none = HeaderMap::new();
        let (trace, id) = (self.identities.trace(&none), self.identities.request(self.clock.now()));
        let failure = Failure::with_status(refused.report.clone(), refused.status);
        let (mut answer, report) = problem(failure, &id);
        identify(answer.headers_mut(), trace, &id);
        self.meter.record_refused(refused.status);
        let line = Line {
            method: "",
            route: "",
            status: refused.status,
            took: Duration::ZERO,
            bytes: answer.body().len(),
            trace,
            id: &id,
            client: client.ip().to_canonical(),
            principal: None,
            report: Some(&report),
        };
        line.write();
        last_words(&answer)
    }

    async fn dispatch(&self, route: &Route, exchange: Exchange<'_>) -> Result<Answer, Failure> {
        self.admit(exchange.client)?;
        let Some(Taken { handler, .. }) = route.taken(&exchange.head.method) else {
            return other_method(route, &exchange.head.method);
        };
        let (head, id) = (exchange.head, exchange.id);
        handled(&**handler, exchange).await.map_err(|failure| handler.tell(failure, head, id))
    }
}

async fn handled(handler: &dyn Handler, exchange: Exchange<'_>) -> Result<Answer, Failure> {
    if !handler.is_probe() {
        exchange.room.enter()?;
    }
    let handled = AssertUnwindSafe(handler.handle(exchange)).catch_unwind().await;
    handled.unwrap_or_else(|panic| Err(panicked(&*panic)))
}

impl Service {
    /// Refuses whoever is banned, from their connection on.
    #[must_use]
    pub fn banning(self, bans: Arc<Bans>) -> Self {
        Self { bans, ..self }
    }

    /// Whether this address may connect.
    pub(super) fn admit(&self, address: IpAddr) -> Result<(), Report> {
        self.firewall.decide(address)?;
        self.bans.admit_address(address, self.clock.now())
    }

    /// Where it counts.
    pub(super) fn metrics(&self) -> &Metrics {
        self.meter.metrics()
    }

    /// Adds what a browser asks for where the request comes from a page of another origin. Whether the caller may is another
    /// question, which a preflight cannot answer because it carries no credentials. Below the base of an API also what is
    /// not served is answered so, and asked before: a page has to be able to read that it is not.
    fn share(&self, route: Option<&Route>, path: &str, head: &Parts, response: &mut Answer) {
        let asked = cors::asked_for(head);
        let taken = route.and_then(|route| route.taken(asked.as_ref().unwrap_or(&head.method)));
        let cors = match taken {
            Some(taken) => taken.cors.as_deref(),
            None => self.pages_at(path),
        };
        let Some(cors) = cors else { return };
        match &asked {
            Some(method) => cors::allow(cors, method, &head.headers, response.headers_mut()),
            None => drop(cors::share(cors, &head.headers, response.headers_mut())),
        }
    }

    /// Which pages may call the API that `path` belongs to.
    fn pages_at(&self, path: &str) -> Option<&Cors> {
        let below = |base: &str| {
            path.strip_prefix(base)
                .is_some_and(|rest| rest.is_empty() || base.is_empty() || rest.starts_with('/'))
        };
        let bases = self.bases.iter().filter(|(base, _)| below(base));
        bases.max_by_key(|(base, _)| base.len()).map(|(_, cors)| &**cors)
    }

    fn no_route(&self, head: &Parts) -> Failure {
        let report = Report::new(&NO_ROUTE, format!("nothing is served at `{}`", clip(head.uri.path())));
        let hint = if self.is_documented { "see `/docs` for what is served" } else { "correct the path" };
        report.hint(hint).into()
    }
}

fn other_method(route: &Route, method: &Method) -> Result<Answer, Failure> {
    if method == Method::OPTIONS {
        let mut options = empty(StatusCode::NO_CONTENT);
        options.headers_mut().insert(header::ALLOW, route.allow.clone());
        return Ok(options);
    }
    let allowed = route.allow.to_str().unwrap_or("");
    let message = format!("`{}` does not take {}", route.template, clip(method.as_str()));
    let report = Report::new(&METHOD_NOT_ALLOWED, message).hint(format!("use one of {allowed}"));
    let failure = Failure::with_status(report, StatusCode::METHOD_NOT_ALLOWED);
    Err(failure.header(header::ALLOW, route.allow.clone()))
}

/// A panic is a defect, but one request's alone.
fn panicked(panic: &(dyn Any + Send)) -> Failure {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    let text = text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_default();
    Failure::from(Report::new(&INTERNAL, format!("the handler panicked: {text}")))
}

/// What whoever asked is told of a failure, in the words of what it speaks.
fn refusal(failure: Failure, head: &Parts, id: &SmolStr) -> (Answer, Option<Report>) {
    if grpc::is_spoken(head) {
        return (grpc::refusal(&failure, id), Some(failure.report));
    }
    let (answer, report) = problem(failure, id);
    (answer, Some(report))
}

fn problem(failure: Failure, id: &SmolStr) -> (Answer, Report) {
    let Failure { report, status, headers, told } = failure;
    let mut response = match told {
        Some(Told { media_type, body }) => answer(status, media_type, body),
        None => {
            let body = faults::problem(&report, status, Some(id));
            answer(status, HeaderValue::from_static(faults::MEDIA_TYPE), body)
        }
    };
    let map = response.headers_mut();
    map.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if let Some(wait) = faults::retry_after(&report, status) {
        map.insert(header::RETRY_AFTER, HeaderValue::from(wait));
    }
    for (name, value) in headers {
        map.append(name, value);
    }
    (response, report)
}

/// Adds what every answer carries.
async fn finish(response: &mut Answer, head: &Parts, trace: TraceContext, id: &SmolStr) {
    compress::compress(response, &head.headers, Effort::Now).await;
    if head.method == Method::HEAD {
        let length = response.body().len();
        *response.body_mut() = Bytes::new();
        if response.status() != StatusCode::NOT_MODIFIED {
            response.headers_mut().insert(header::CONTENT_LENGTH, HeaderValue::from(length));
        }
    }
    let headers = response.headers_mut();
    if head.version >= Version::HTTP_2 {
        // Connection-specific headers do not exist there (RFC 9113, section 8.2.2).
        headers.remove(header::CONNECTION);
    }
    identify(headers, trace, id);
}

/// Adds what every answer is recognised by.
fn identify(headers: &mut HeaderMap, trace: TraceContext, id: &SmolStr) {
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    for (name, text) in [(REQUEST_ID, id.as_str()), (TRACEPARENT, &trace.to_string())] {
        if let Ok(value) = HeaderValue::from_str(text) {
            headers.insert(name, value);
        }
    }
}

/// A part of a request as messages show it.
pub(super) fn clip(text: &str) -> Cow<'_, str> {
    tenon_errors::clip(text, 100)
}
