//! The table at the end of the finite sources.

use std::time::Duration;

use serde_json::json;
use tenon_engine::{Options, Running, Summary, process, summary::FlowSummary};
use tenon_errors::{counted, render};
use tenon_plan::{KeyMaterial, OperationKind, Plan, Visibility};

use crate::output::{Output, columns};

/// Writes what the run has done and what to try next.
/// `goes_on` says whether the server is still there afterwards.
pub fn show(running: &Running, options: &Options, goes_on: bool, output: &Output) {
    let summary = running.summary();
    if output.is_json() {
        output.json(&machine(&summary, running));
        return;
    }
    if !summary.flows.is_empty() {
        output.line(format!("\n{}", columns(&flows(&summary))));
    }
    if !summary.steps.is_empty() {
        output.line(format!("\n{}", columns(&steps(&summary))));
    }
    for line in summary.flows.iter().filter_map(dead) {
        output.line(format!("\n{line}"));
    }
    for flow in summary.flows.iter().filter(|flow| flow.skipped > 0) {
        let count = counted(flow.skipped, "message");
        output.line(format!("\n{} did not see {count}: the topic's `keep` had let them go", flow.flow));
    }
    for flow in &summary.flows {
        if let Some(report) = &flow.problem {
            output.line(format!("\n{} stopped: {report}", flow.flow));
            report.advice().iter().for_each(|hint| output.line(format!("  = help: {hint}")));
        }
    }
    if let Some(step) = summary.busiest() {
        output.line(format!("\nbusiest step: {} {} ({} in all)", step.flow, step.step, brief(step.total)));
    }
    if let Some(numbers) = process::numbers() {
        output.line(format!("peak memory: {} MiB", numbers.peak >> 20));
    }
    if let Some(url) = running.url().filter(|_| goes_on) {
        let pages = &running.plan().server.pages;
        let mut lines = Vec::new();
        if let Some(place) = place(&pages.docs, running) {
            lines.push(format!("documentation  {place}/docs\nOpenAPI        {place}/openapi.json"));
        }
        if let Some(place) = place(&pages.metrics, running) {
            lines.push(format!("metrics        {place}/metrics"));
        }
        if !lines.is_empty() {
            output.line(format!("\n{}", lines.join("\n")));
        }
        if let Some(line) = try_this(&running.plan(), options, &url) {
            output.line(format!("\ntry: {line}"));
        }
    }
}

/// Where pages of this visibility are, as a URL; `None` for nowhere.
pub fn place(visibility: &Visibility, running: &Running) -> Option<String> {
    match visibility {
        Visibility::Public | Visibility::By { .. } => running.url(),
        Visibility::Internal => running.internal_address().map(|address| format!("http://{address}")),
        Visibility::Hidden => None,
    }
}

/// What a flow could not process, in words.
fn dead(flow: &FlowSummary) -> Option<String> {
    let count: u64 = flow.dead.iter().map(|(_, count)| count).sum();
    let became = if count == 1 { "became a dead letter" } else { "became dead letters" };
    let what = match count {
        0 => return None,
        1 => "1 message".to_owned(),
        all if all >= flow.read => format!("each of its {all} messages"),
        some => format!("{some} of {} messages", flow.read),
    };
    Some(format!("{}: {what} {became}; `tenon dead list --flow {}` says why", flow.flow, flow.flow))
}

fn flows(summary: &Summary) -> Vec<Vec<String>> {
    let head = ["FLOW", "READ", "PUBLISHED", "WRITTEN", "FILTERED", "RETRIED", "DEAD", "ROWS/S"];
    let mut rows = vec![head.map(str::to_owned).to_vec()];
    for flow in &summary.flows {
        let dead: Vec<_> = flow.dead.iter().map(|(code, count)| format!("{count} {code}")).collect();
        let rate = if flow.finite { format!("{:.0}", flow.rate()) } else { String::new() };
        let mut row = vec![flow.flow.to_string()];
        row.extend(
            [flow.read, flow.published, flow.written, flow.filtered, flow.retried].map(|n| n.to_string()),
        );
        row.extend([if dead.is_empty() { "0".to_owned() } else { dead.join(" ") }, rate]);
        rows.push(row);
    }
    rows
}

fn steps(summary: &Summary) -> Vec<Vec<String>> {
    let mut rows = vec![["STEP", "COUNT", "P50", "P99", "TOTAL"].map(str::to_owned).to_vec()];
    for step in &summary.steps {
        rows.push(vec![
            format!("{} {}", step.flow, step.step),
            step.count.to_string(),
            brief(step.p50),
            brief(step.p99),
            brief(step.total),
        ]);
    }
    rows
}

/// A duration with three significant digits.
fn brief(length: Duration) -> String {
    let seconds = length.as_secs_f64();
    match seconds {
        s if s >= 1.0 => format!("{s:.2}s"),
        s if s >= 1e-3 => format!("{:.1}ms", s * 1e3),
        s => format!("{:.1}us", s * 1e6),
    }
}

/// A command that shows the first list of the first API. The key is read from its file, never shown.
fn try_this(plan: &Plan, options: &Options, url: &str) -> Option<String> {
    let (api, operation, route) = plan.apis.iter().find_map(|api| {
        let list =
            |it: &&std::sync::Arc<tenon_plan::Operation>| matches!(it.kind, OperationKind::List { .. });
        let operation = api.operations.iter().find(list)?;
        Some((api, operation, operation.route.as_ref()?))
    })?;
    let base = api.rest.as_ref()?;
    let insecure = if url.starts_with("https") { " --insecure" } else { "" };
    let key = match &operation.access {
        tenon_security::authorize::Access::Open => String::new(),
        tenon_security::authorize::Access::Scope(scope) => {
            let secret = api.auth.api_keys.iter().find_map(|key| match &key.material {
                KeyMaterial::Secret(name) if key.scopes.iter().any(|own| *own == scope.to_string()) => {
                    Some(name)
                }
                // The key itself is known to its owner alone.
                _ => None,
            })?;
            match options.secrets.file_of(secret) {
                Some(file) => format!(" -H \"X-Api-Key: $(cat {})\"", file.display()),
                None => format!(" -H \"X-Api-Key: ${secret}\""),
            }
        }
    };
    Some(format!("curl -s{insecure}{key} '{url}{base}{}?limit=2'", route.path))
}

fn machine(summary: &Summary, running: &Running) -> serde_json::Value {
    let flow = |flow: &FlowSummary| {
        json!({
            "flow": flow.flow.as_str(),
            "read": flow.read,
            "published": flow.published,
            "written": flow.written,
            "filtered": flow.filtered,
            "skipped": flow.skipped,
            "retried": flow.retried,
            "dead": flow.dead.iter().map(|(code, count)| (code.to_string(), json!(count))).collect::<serde_json::Map<_, _>>(),
            "problem": flow.problem.as_ref().map(render::json),
            "seconds": flow.elapsed.as_secs_f64(),
            "rows_per_second": flow.rate(),
        })
    };
    let step = |step: &tenon_monitoring::snapshot::StepStats| {
        json!({
            "flow": step.flow.as_str(),
            "step": step.step.as_str(),
            "count": step.count,
            "p50_seconds": step.p50.as_secs_f64(),
            "p99_seconds": step.p99.as_secs_f64(),
            "total_seconds": step.total.as_secs_f64(),
        })
    };
    json!({
        "flows": summary.flows.iter().map(flow).collect::<Vec<_>>(),
        "steps": summary.steps.iter().map(step).collect::<Vec<_>>(),
        "peak_memory_bytes": process::numbers().map(|numbers| numbers.peak),
        "url": running.url(),
    })
}
