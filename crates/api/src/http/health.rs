//! How the server is doing: `/livez`, `/readyz` and `/metrics`.

use std::sync::Arc;

use async_trait::async_trait;
use futures_util::future::BoxFuture;
use http::{HeaderValue, Method, StatusCode, header};
use serde_json::{Value, json};
use tenon_errors::{Report, catalogue::system::FILE_AWAITED};
use tenon_model::Str;
use tenon_monitoring::{Metrics, prometheus};

use super::faults;
use super::{
    exchange::{Answer, Exchange, Failure, Handler, answer},
    router::Mount,
};

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
        let (status, word) = match unready.iter().all(|it| is_awaited(&it.report)) {
            true => (StatusCode::OK, "warn"),
            false => (StatusCode::SERVICE_UNAVAILABLE, "fail"),
        };
        Ok(health(status, &json!({ "status": word, "checks": { "readiness": checks } })))
    }

    fn is_probe(&self) -> bool {
        true
    }
}

/// Whether requests may be sent here.
pub(crate) fn is_ready(probes: &Probes) -> bool {
    (probes.ready)().iter().all(|it| is_awaited(&it.report))
}

fn is_awaited(report: &Report) -> bool {
    report.code() == &FILE_AWAITED
}

/// One entry of the answer: a problem, and all that has it.
struct Check<'u> {
    report: &'u Report,
    parts: Vec<&'u str>,
    flows: Vec<&'u str>,
}

/// What has one cause is one entry, as far as the answer tells causes apart.
fn together(unready: &[Unready]) -> Vec<Check<'_>> {
    let mut checks: Vec<Check<'_>> = Vec::new();
    for Unready { flow, part, report } in unready {
        let is_same = |it: &Check<'_>| {
            it.report.code() == report.code() && faults::detail(it.report) == faults::detail(report)
        };
        let at = checks.iter().position(is_same).unwrap_or_else(|| {
            checks.push(Check { report, parts: Vec::new(), flows: Vec::new() });
            checks.len() - 1
        });
        let Some(check) = checks.get_mut(at) else { continue };
        for (named, name) in [(&mut check.parts, part), (&mut check.flows, flow)] {
            if let Some(name) = name.as_deref().filter(|name| !named.contains(name)) {
                named.push(name);
            }
        }
    }
    checks
}

impl Check<'_> {
    /// What anybody may know about a problem: as with every answer, the details are for the log alone.
    fn json(&self) -> Value {
        let Self { report, parts, flows } = self;
        let code = report.code();
        let status = if is_awaited(report) { "warn" } else { "fail" };
        let parts_named = parts.iter().map(|part| format!("`{part}`"));
        let flows_named = flows.iter().map(|flow| format!("the flow `{flow}`"));
        let named: Vec<_> = parts_named.chain(flows_named).collect();
        let detail = faults::detail(report);
        let output =
            if named.is_empty() { detail.to_owned() } else { format!("{}: {detail}", named.join(", ")) };
        let mut check = json!({ "status": status, "code": code.id, "name": code.name, "output": output });
        if let [flow] = flows.as_slice() {
            check["componentType"] = "flow".into();
            check["componentId"] = (*flow).into();
        }
        for (key, names) in [("flows", flows), ("parts", parts)] {
            if !names.is_empty() {
                check[key] = names.clone().into();
            }
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

#[cfg(test)]
mod tests {
    use tenon_errors::catalogue::system::{FILE_AWAITED, STATE_MISMATCH, STATE_TAKEN_AWAY};

    use super::*;

    #[test]
    fn one_cause_is_one_entry_that_names_all_it_affects() {
        let report = |code| Report::new(code, "as the test wants it");
        let of_flow = |flow: &str, code| Unready { flow: Some(flow.into()), ..report(code).into() };
        let unready = [
            Unready::of_part("sales", report(&STATE_MISMATCH)),
            Unready::of_part("db", report(&STATE_TAKEN_AWAY)),
            of_flow("sum", &STATE_MISMATCH),
            Unready::of_part("sales", report(&STATE_MISMATCH)),
            of_flow("load", &FILE_AWAITED),
            of_flow("fill", &FILE_AWAITED),
        ];
        let checks = together(&unready);
        let seen: Vec<_> = checks.iter().map(|it| (it.report.code().id, &it.parts, &it.flows)).collect();
        assert_eq!(
            seen,
            [
                ("Y0205", &vec!["sales"], &vec!["sum"]),
                ("Y0207", &vec!["db"], &vec![]),
                ("Y0302", &vec![], &vec!["load", "fill"]),
            ]
        );
        let shown = checks[0].json();
        let output = "`sales`, the flow `sum`: A part of the state folder does not belong to the rest";
        assert_eq!((&shown["output"], &shown["componentId"]), (&json!(output), &json!("sum")));
        let shown = checks[2].json();
        assert_eq!((&shown["flows"], &shown["componentId"]), (&json!(["load", "fill"]), &Value::Null));
    }
}
