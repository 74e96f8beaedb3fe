//! How the server is doing: `/livez`, `/readyz` and `/metrics`.

use std::sync::Arc;

use async_trait::async_trait;
use futures_util::future::BoxFuture;
use http::{HeaderValue, Method, StatusCode, header};
use serde_json::{Value, json};
use tenon_errors::{Report, catalogue::system::FILE_AWAITED};
use tenon_model::Str;
use tenon_monitoring::{Metrics, prometheus};

use super::{
    exchange::{Answer, Exchange, Failure, Handler, answer},
    router::Mount,
};
use crate::rest::faults;

/// How the server finds out how it is doing, when it is asked.
#[derive(Clone)]
pub struct Probes {
    /// What keeps it from being ready; empty when it is.
    pub ready: Arc<dyn Fn() -> Vec<Unready> + Send + Sync>,
    /// Measures what nobody counts, before metrics are shown.
    pub measure: Arc<dyn Fn() -> BoxFuture<'static, ()> + Send + Sync>,
}

impl Probes {
    /// Those of a server that is always ready, and measures nothing.
    #[must_use]
    pub fn none() -> Self {
        Self { ready: Arc::new(Vec::new), measure: Arc::new(|| Box::pin(std::future::ready(()))) }
    }
}

/// Something that keeps the server from being ready.
#[derive(Debug, Clone)]
pub struct Unready {
    /// The flow that does not go on, if it is one.
    pub flow: Option<Str>,
    /// The part of the state that cannot be used, if it is one: a topic, a database or a file.
    pub part: Option<Str>,
    /// Why.
    pub report: Report,
}

impl Unready {
    /// This part of the state cannot be used.
    pub fn of_part(part: impl Into<Str>, report: Report) -> Self {
        Self { part: Some(part.into()), ..Self::from(report) }
    }
}

impl From<Report> for Unready {
    fn from(report: Report) -> Self {
        Self { flow: None, part: None, report }
    }
}

/// The media type of health checks (draft-inadarei-api-health-check).
const HEALTH: HeaderValue = HeaderValue::from_static("application/health+json");
/// The text format of Prometheus, version 0.0.4.
const PROMETHEUS: HeaderValue = HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8");

pub(super) fn mount(probes: &Probes) -> Vec<Mount> {
    vec![
        Mount::at(Method::GET, "/livez", Arc::new(Live)),
        Mount::at(Method::GET, "/readyz", Arc::new(Ready(probes.clone()))),
    ]
}

pub(super) fn metrics(metrics: Metrics, probes: Probes) -> Mount {
    Mount::at(Method::GET, "/metrics", Arc::new(Exposition(metrics, probes)))
}

/// Alive is whoever answers.
struct Live;

#[async_trait]
impl Handler for Live {
    async fn handle(&self, _: Exchange<'_>) -> Result<Answer, Failure> {
        Ok(health(StatusCode::OK, &json!({ "status": "pass" })))
    }

    fn is_probe(&self) -> bool {
        true
    }
}

struct Ready(Probes);

#[async_trait]
impl Handler for Ready {
    async fn handle(&self, _: Exchange<'_>) -> Result<Answer, Failure> {
        let unready = (self.0.ready)();
        if unready.is_empty() {
            return Ok(health(StatusCode::OK, &json!({ "status": "pass" })));
        }
        let checks: Vec<Value> = together(&unready).iter().map(Check::json).collect();
        // What waits for a delivery is no reason to send requests elsewhere.
        let (status, word) = match unready.iter().all(is_awaited) {
            true => (StatusCode::OK, "warn"),
            false => (StatusCode::SERVICE_UNAVAILABLE, "fail"),
        };
        Ok(health(status, &json!({ "status": word, "checks": { "readiness": checks } })))
    }

    fn is_probe(&self) -> bool {
        true
    }
}

fn is_awaited(unready: &Unready) -> bool {
    unready.report.code() == &FILE_AWAITED
}

/// One entry of the answer: a problem, and the parts that have it.
struct Check<'u> {
    of: &'u Unready,
    parts: Vec<&'u str>,
}

/// Parts that cannot be used for one reason are one entry.
fn together(unready: &[Unready]) -> Vec<Check<'_>> {
    let mut checks: Vec<Check<'_>> = Vec::new();
    for of in unready {
        let reason = |it: &Unready| (it.report.code(), faults::detail(&it.report).to_owned());
        let same = |it: &&mut Check<'_>| !it.parts.is_empty() && reason(it.of) == reason(of);
        match (&of.part, checks.iter_mut().find(same)) {
            (Some(part), Some(check)) => check.parts.push(part),
            (part, _) => checks.push(Check { of, parts: part.as_deref().into_iter().collect() }),
        }
    }
    checks
}

impl Check<'_> {
    /// What anybody may know about a problem: as with every answer, the details are for the log alone.
    fn json(&self) -> Value {
        let Unready { flow, report, .. } = self.of;
        let code = report.code();
        let status = if is_awaited(self.of) { "warn" } else { "fail" };
        let detail = faults::detail(report);
        let output = match flow {
            Some(flow) => format!("the flow `{flow}`: {detail}"),
            None if self.parts.is_empty() => detail.to_owned(),
            None => format!("`{}`: {detail}", self.parts.join("`, `")),
        };
        let mut check = json!({ "status": status, "code": code.id, "name": code.name, "output": output });
        if let Some(flow) = flow {
            check["componentType"] = "flow".into();
            check["componentId"] = flow.as_str().into();
        }
        if !self.parts.is_empty() {
            check["parts"] = self.parts.clone().into();
        }
        check
    }
}

fn health(status: StatusCode, body: &Value) -> Answer {
    let mut answer = answer(status, HEALTH, body.to_string());
    answer.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    answer
}

struct Exposition(Metrics, Probes);

#[async_trait]
impl Handler for Exposition {
    async fn handle(&self, _: Exchange<'_>) -> Result<Answer, Failure> {
        (self.1.measure)().await;
        let mut answer = answer(StatusCode::OK, PROMETHEUS, prometheus::encode(&self.0));
        answer.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        Ok(answer)
    }

    fn is_probe(&self) -> bool {
        true
    }
}
