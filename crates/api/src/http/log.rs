//! The access log: one line per request, and what an answer does not tell the caller.

use std::{net::IpAddr, time::Duration};

use http::{Method, StatusCode};
use smol_str::SmolStr;
use tenon_errors::{Fault, Report, catalogue::api::REQUEST_TIMEOUT};
use tenon_model::TraceContext;
use tenon_security::Principal;

use crate::rest::faults;

/// A request that is answered.
pub(super) struct Line<'a> {
    pub(super) method: &'a Method,
    /// The template, never the raw path: paths and queries hold data.
    pub(super) route: &'a str,
    pub(super) status: StatusCode,
    pub(super) took: Duration,
    pub(super) bytes: usize,
    pub(super) trace: TraceContext,
    pub(super) id: &'a SmolStr,
    pub(super) client: IpAddr,
    pub(super) principal: Option<&'a Principal>,
    pub(super) report: Option<&'a Report>,
}

impl Line<'_> {
    /// Writes the line; and the full report where the fault is not the caller's.
    pub(super) fn write(&self) {
        if tracing::enabled!(target: "tenon::access", tracing::Level::INFO) {
            tracing::info!(
                target: "tenon::access",
                method = self.method.as_str(),
                route = self.route,
                status = self.status.as_u16(),
                duration_ms = milliseconds(self.took),
                bytes = self.bytes,
                trace_id = %format_args!("{:032x}", self.trace.trace_id),
                request_id = self.id.as_str(),
                client = %self.client,
                principal = self.principal.map_or("", |principal| principal.subject.as_str()),
                code = self.report.map_or("", |report| report.code().id),
                reason = self.report.and_then(Report::cause).unwrap_or_default(),
                "request"
            );
        }
        if let Some(report) = self.report.filter(|report| report.code().fault != Fault::Caller) {
            tracing::error!(
                target: "tenon::http",
                route = self.route,
                code = report.code().id,
                request_id = self.id.as_str(),
                trace_id = %format_args!("{:032x}", self.trace.trace_id),
                "{report}"
            );
        }
    }
}

/// The answer to a request whose head was not finished in time, as bytes: it has not become a request.
pub(super) fn slow_head() -> Vec<u8> {
    let report = Report::new(&REQUEST_TIMEOUT, "the request head was not finished in time")
        .hint("send the request faster");
    let body = faults::problem(&report, StatusCode::REQUEST_TIMEOUT, None);
    let mut answer = format!(
        "HTTP/1.1 408 Request Timeout\r\ncontent-type: {}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
        faults::MEDIA_TYPE,
        body.len()
    )
    .into_bytes();
    answer.extend_from_slice(&body);
    answer
}

/// To the microsecond, which is what reads well and is known.
#[expect(clippy::cast_precision_loss, reason = "exact for times of less than centuries")]
fn milliseconds(took: Duration) -> f64 {
    took.as_micros() as f64 / 1000.0
}
