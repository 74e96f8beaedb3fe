//! What the handlers of all kinds of operations share: who may ask, in what form, and what every answer carries.

use std::{sync::Arc, time::Duration};

use http::{HeaderMap, HeaderValue, StatusCode, header};
use tenon_errors::{Report, catalogue::api::RATE_LIMITED};
use tenon_plan::{Operation, OperationKind};
use tenon_ports::{Reply, operation::Request};
use tenon_security::{Principal, authorize::Access};

use super::{
    form::{Chosen, Forms},
    made::Made,
};
use crate::{
    http::{
        conditional::conditional,
        exchange::{Answer, Exchange, Failure, answer, empty},
        faults,
    },
    operation::{Caller, Served},
};

/// What an answer is expected to take as long as nothing else is known.
pub(super) const LEAST_ANSWER: usize = 16 << 10;

/// What the handlers of all kinds of operations share.
pub(super) struct Common {
    pub(super) served: Arc<Served>,
    /// How long clients may keep an answer, and whether shared caches may.
    cache_control: HeaderValue,
    /// The limit, as clients are told it (draft-ietf-httpapi-ratelimit-headers).
    policy: Option<HeaderValue>,
    /// In what it answers.
    forms: Forms,
    /// What answers depend on beside the target (RFC 9110, section 12.5.5).
    vary: Option<HeaderValue>,
}

impl Common {
    pub(super) fn new(served: &Arc<Served>) -> Self {
        let definition = &served.definition;
        let forms = match &definition.kind {
            OperationKind::Get { table } => Forms::of(&table.contract),
            OperationKind::List { table, .. } => Forms::of_rows(&table.contract),
            OperationKind::Send { output, .. } => Forms::of(output),
        };
        Self {
            vary: vary(definition, &forms),
            forms,
            cache_control: cache_control(definition),
            policy: policy(definition),
            served: Arc::clone(served),
        }
    }

    /// Who asks, if they may, and in what form they are answered.
    pub(super) async fn admit(
        &self,
        exchange: &mut Exchange<'_>,
    ) -> Result<(Arc<Principal>, Chosen<'_>), Failure> {
        let principal = self.served.identify(exchange).await?;
        *exchange.principal = Some(Arc::clone(&principal));
        self.served.permit(&principal)?;
        Ok((principal, self.forms.choose(&exchange.head.headers)?))
    }

    pub(super) async fn call(
        &self,
        request: Request,
        caller: &Caller,
    ) -> Result<(Reply, Option<Duration>), Failure> {
        self.served.call_with_age(request, caller).await.map_err(|report| self.failed(report))
    }

    /// A success with what every answer of the operation carries.
    pub(super) fn finish(&self, mut body: Vec<u8>, chosen: Chosen<'_>) -> Answer {
        // A body may wait long for its client: not with memory that it does not fill.
        if body.capacity() - body.len() > LEAST_ANSWER {
            body.shrink_to_fit();
        }
        let status = StatusCode::from_u16(self.served.definition.status).unwrap_or(StatusCode::OK);
        // Such an answer has no body, and so no type of one (RFC 9110, section 15.3.5).
        let mut answer = match status {
            StatusCode::NO_CONTENT | StatusCode::RESET_CONTENT => empty(status),
            _ => answer(status, chosen.content_type(), body),
        };
        if let Some(vary) = &self.vary {
            answer.headers_mut().insert(header::VARY, vary.clone());
        }
        if let Some(policy) = &self.policy {
            answer.headers_mut().insert("ratelimit-policy", policy.clone());
        }
        answer
    }

    /// A success that clients may keep, for as long as remains of its time (RFC 9111, section 4.2).
    pub(super) fn cacheable(
        &self,
        request: &HeaderMap,
        (Made { text, tag }, chosen): (Made, Chosen<'_>),
        age: Option<Duration>,
    ) -> Result<Answer, Failure> {
        let mut answer = self.finish(text, chosen);
        let headers = answer.headers_mut();
        if let Some(age) = age {
            headers.insert(header::AGE, HeaderValue::from(age.as_secs()));
        }
        headers.insert(header::CACHE_CONTROL, self.cache_control.clone());
        conditional(request, answer, tag)
    }

    fn failed(&self, report: Report) -> Failure {
        let limited = std::ptr::eq(report.code(), &RATE_LIMITED);
        let wait = faults::wait(&report);
        let failure = Failure::from(report);
        match &self.policy {
            Some(policy) if limited => {
                let state =
                    HeaderValue::from_str(&format!("\"{}\";r=0;t={wait}", self.served.definition.name));
                let failure =
                    failure.header(http::HeaderName::from_static("ratelimit-policy"), policy.clone());
                match state {
                    Ok(state) => failure.header(http::HeaderName::from_static("ratelimit"), state),
                    Err(_) => failure,
                }
            }
            _ => failure,
        }
    }
}

fn cache_control(definition: &Operation) -> HeaderValue {
    let scope = if definition.access == Access::Open { "public" } else { "private" };
    let text = match definition.cache {
        Some(age) => format!("{scope}, max-age={}", age.as_secs()),
        None => format!("{scope}, no-cache"),
    };
    HeaderValue::from_str(&text).unwrap_or(HeaderValue::from_static("no-store"))
}

/// Answers that clients may keep differ by who asks; those in several forms by what is accepted.
fn vary(definition: &Operation, forms: &Forms) -> Option<HeaderValue> {
    let reads = definition.route.as_ref().is_some_and(|route| route.method == "GET");
    let is_private = reads && definition.access != Access::Open;
    Some(HeaderValue::from_static(match (is_private, forms.are_several()) {
        (true, true) => "authorization, x-api-key, accept",
        (true, false) => "authorization, x-api-key",
        (false, true) => "accept",
        (false, false) => return None,
    }))
}

fn policy(definition: &Operation) -> Option<HeaderValue> {
    let limit = definition.limit?;
    let window = limit.rate.per.as_secs().max(1);
    HeaderValue::from_str(&format!("\"{}\";q={};w={window}", definition.name, limit.rate.count)).ok()
}
