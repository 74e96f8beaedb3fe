//! How the server is doing: `/livez`, `/readyz` and `/metrics`.

use std::sync::Arc;

use async_trait::async_trait;
use http::{HeaderValue, Method, StatusCode, header};
use serde_json::{Value, json};
use tenon_errors::{Report, catalogue::system::FILE_AWAITED};
use tenon_monitoring::{Metrics, prometheus};

use super::{
    exchange::{Answer, Exchange, Failure, Handler, answer},
    router::Mount,
};
use crate::rest::faults;

/// What keeps the server from being ready; empty when it is.
pub type Readiness = Arc<dyn Fn() -> Vec<Report> + Send + Sync>;

/// The media type of health checks (draft-inadarei-api-health-check).
const HEALTH: HeaderValue = HeaderValue::from_static("application/health+json");
/// The text format of Prometheus, version 0.0.4.
const PROMETHEUS: HeaderValue = HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8");

pub(super) fn mount(readiness: Readiness) -> Vec<Mount> {
    vec![
        Mount::at(Method::GET, "/livez", Arc::new(Live)),
        Mount::at(Method::GET, "/readyz", Arc::new(Ready(readiness))),
    ]
}

pub(super) fn metrics(metrics: Metrics) -> Mount {
    Mount::at(Method::GET, "/metrics", Arc::new(Exposition(metrics)))
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

struct Ready(Readiness);

#[async_trait]
impl Handler for Ready {
    async fn handle(&self, _: Exchange<'_>) -> Result<Answer, Failure> {
        let reports = (self.0)();
        if reports.is_empty() {
            return Ok(health(StatusCode::OK, &json!({ "status": "pass" })));
        }
        let checks: Vec<Value> = reports.iter().map(check).collect();
        // What waits for a delivery is no reason to send requests elsewhere.
        let (status, word) = match reports.iter().all(is_awaited) {
            true => (StatusCode::OK, "warn"),
            false => (StatusCode::SERVICE_UNAVAILABLE, "fail"),
        };
        Ok(health(status, &json!({ "status": word, "checks": { "readiness": checks } })))
    }

    fn is_probe(&self) -> bool {
        true
    }
}

fn is_awaited(report: &Report) -> bool {
    report.code() == &FILE_AWAITED
}

/// What anybody may know about a problem: as with every answer, the details are for the log alone.
fn check(report: &Report) -> Value {
    let code = report.code();
    let status = if is_awaited(report) { "warn" } else { "fail" };
    json!({ "status": status, "code": code.id, "name": code.name, "output": faults::detail(report) })
}

fn health(status: StatusCode, body: &Value) -> Answer {
    let mut answer = answer(status, HEALTH, body.to_string());
    answer.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    answer
}

struct Exposition(Metrics);

#[async_trait]
impl Handler for Exposition {
    async fn handle(&self, _: Exchange<'_>) -> Result<Answer, Failure> {
        let mut answer = answer(StatusCode::OK, PROMETHEUS, prometheus::encode(&self.0));
        answer.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        Ok(answer)
    }

    fn is_probe(&self) -> bool {
        true
    }
}
