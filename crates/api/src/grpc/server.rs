//! The methods of an API's service.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering::Relaxed},
};

use async_trait::async_trait;
use bytes::Bytes;
use http::{HeaderValue, Method as Verb, StatusCode};
use tenon_contracts::{
    format::{Answering, Exchange as _, Outgoing},
    protobuf::GrpcExchange,
};
use tenon_errors::{
    Report, Reports,
    catalogue::{api::REQUEST_TIMEOUT, engine::INTERNAL},
};
use tenon_plan::GrpcMethod;

use super::{faults::written, method::Does, said};
use crate::{
    http::{
        body,
        budget::SMALL_ANSWER,
        exchange::{Answer, Exchange, Failure, Handler, answer},
        router::{Mount, Template},
    },
    operation::{Caller, Served},
    protocols::{Mounted, Mounting, Protocol},
};

/// gRPC as one of the protocols. Browsers do not speak it, so that no page asks about its paths.
pub(crate) const PROTOCOL: Protocol = Protocol { base: |_| None, mount };

/// How much larger than its bytes a message may be in memory.
const DECODED: usize = 4;
/// How much larger than itself an answer is while it is made: its value, and its message.
const WHILE_MADE: usize = 3;

/// The methods of an API's service, and its description as text.
fn mount(mounting: &Mounting<'_>) -> Result<Mounted, Reports> {
    let Some(exposure) = &mounting.api.grpc else { return Ok(Mounted::default()) };
    let mut reports = Reports::new();
    let mut requests = Vec::new();
    for method in &exposure.methods {
        let served = mounting.served.iter().find(|served| served.definition.name == method.operation);
        // `check` has seen that there is such an operation.
        let Some(served) = served else { continue };
        let handler = reports.take(Endpoint::new(served, method));
        let path = Template::literal(&format!("/{}/{}", exposure.service, method.name));
        requests.extend(handler.map(|handler| Mount::new(Verb::POST, path, Arc::new(handler) as _)));
    }
    let text = Description(Bytes::copy_from_slice(exposure.text.as_bytes()));
    let documents = vec![Mount::at(Verb::GET, &format!("/{}.proto", exposure.service), Arc::new(text))];
    reports.finish(Mounted { requests, documents })
}

/// The `.proto`.
struct Description(Bytes);

#[async_trait]
impl Handler for Description {
    async fn handle(&self, _: Exchange<'_>) -> Result<Answer, Failure> {
        let media_type = HeaderValue::from_static("text/plain; charset=utf-8");
        Ok(answer(StatusCode::OK, media_type, self.0.clone()))
    }
}

/// A method.
struct Endpoint {
    served: Arc<Served>,
    exchange: Arc<GrpcExchange>,
    does: Does,
    /// The room that the largest answer so far took.
    expected: AtomicUsize,
}

impl Endpoint {
    fn new(served: &Arc<Served>, method: &GrpcMethod) -> Result<Self, Report> {
        Ok(Self {
            served: Arc::clone(served),
            exchange: Arc::clone(&method.exchange),
            does: Does::of(&served.definition.name, &served.definition.kind, method)?,
            expected: AtomicUsize::new(0),
        })
    }

    fn answering(&self) -> Result<&dyn Answering, Report> {
        self.exchange.answering().ok_or_else(|| Report::new(&INTERNAL, "the method cannot be answered"))
    }
}

#[async_trait]
impl Handler for Endpoint {
    async fn handle(&self, mut exchange: Exchange<'_>) -> Result<Answer, Failure> {
        let principal = self.served.identify(&mut exchange).await?;
        *exchange.principal = Some(Arc::clone(&principal));
        self.served.permit(&principal)?;
        said::require(exchange.head)?;
        let headers = &exchange.head.headers;
        let caller = Caller::new(&exchange, principal).with_idempotency_key(headers)?;
        let timeout = said::timeout(headers)?;
        if timeout.is_some_and(|left| left.is_zero()) {
            let report = Report::new(&REQUEST_TIMEOUT, "no time is left for the answer");
            return Err(report.hint("call with a longer deadline").into());
        }
        let caller = caller.within(timeout);
        let (headers, target) = (headers.clone(), exchange.head.uri.path().to_owned());
        let body = body::read(exchange.body, exchange.limits, exchange.room).await?;
        let length = body.len();
        exchange.room.reserve(SMALL_ANSWER.max(self.expected.load(Relaxed)) + DECODED * length).await?;
        let asked = tenon_compute::sized(length, || {
            let message = self.answering()?.asked(&Outgoing { method: Verb::POST, target, headers, body })?;
            self.does.asked(message, SMALL_ANSWER / WHILE_MADE)
        });
        let asked = asked.await?;
        exchange.room.release_body();
        let (reply, _) = self.served.call_with_age(asked.request.clone(), &caller).await?;
        let told = self.does.told(&asked, reply)?.ok_or_else(|| self.served.wrong_reply())?;
        let weight = told.weight();
        // The next answer of this size finds its room before it is made.
        self.expected.fetch_max(weight.saturating_mul(WHILE_MADE).min(exchange.limits.memory), Relaxed);
        let done = tenon_compute::sized(weight, || self.answering()?.done(&told)).await;
        Ok(written(done.map_err(|report| unsaid(&self.served, &report))?))
    }
}

/// What the project made is not what its messages hold: `check` cannot see it of every single value, such as an integer that is too large.
fn unsaid(served: &Served, report: &Report) -> Report {
    let message = format!("the answer of `{}` does not fit into its message", served.definition.name);
    let details = if report.details().is_empty() { vec![report.clone()] } else { report.details().to_vec() };
    Report::new(&INTERNAL, message).with_details(details)
}
