//! The access log: one line per request, and what an answer does not tell the caller.

use std::{
    net::IpAddr,
    time::{Duration, Instant},
};

use http::StatusCode;
use smol_str::SmolStr;
use tenon_errors::{
    Code, Fault, Report,
    catalogue::security::{
        BAD_CREDENTIALS, BANNED, INSUFFICIENT_SCOPE, IP_REFUSED, MISSING_CREDENTIALS,
        TOO_MANY_WRONG_CREDENTIALS,
    },
    clip,
};
use tenon_model::TraceContext;
use tenon_security::Principal;

use super::thinned::Thinned;

/// Faults that were written of late.
static FAULTS: Thinned = Thinned::new();

/// A request that is answered.
pub(super) struct Line<'a> {
    /// As the client spelled it, and a client may spell it at any length; empty if it is not known.
    pub(super) method: &'a str,
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
                method = &*clip(self.method, MOST),
                route = self.route,
                status = self.status.as_u16(),
                duration_ms = milliseconds(self.took),
                bytes = self.bytes,
                trace_id = %format_args!("{:032x}", self.trace.trace_id),
                request_id = self.id.as_str(),
                client = %self.client,
                principal = &*clip(self.principal.map_or("", |principal| principal.subject.as_str()), MOST),
                code = self.report.map_or("", |report| report.code().id),
                reason = &*clip(self.report.and_then(Report::cause).unwrap_or_default(), MOST),
                "request"
            );
        }
        if let Some(report) = self.report.filter(|report| AUDITED.contains(&report.code())) {
            self.audit(report);
        }
        if let Some(report) = self.report.filter(|report| report.code().fault != Fault::Caller)
            && let Some(suppressed) = FAULTS.admits(report.code().id, Instant::now())
        {
            tracing::error!(
                target: "tenon::http",
                suppressed,
                route = self.route,
                code = report.code().id,
                request_id = self.id.as_str(),
                trace_id = %format_args!("{:032x}", self.trace.trace_id),
                "{report}"
            );
        }
    }
}

/// Refusals of callers, which are told apart from what else goes wrong.
const AUDITED: &[&Code] = &[
    &MISSING_CREDENTIALS,
    &BAD_CREDENTIALS,
    &INSUFFICIENT_SCOPE,
    &IP_REFUSED,
    &TOO_MANY_WRONG_CREDENTIALS,
    &BANNED,
];

impl Line<'_> {
    /// Says who was refused what, and why. Credentials are in none of it: causes name keys and claims, and hold no secrets.
    fn audit(&self, report: &Report) {
        let principal = self.principal.filter(|principal| !principal.is_anonymous());
        let credential = principal.and_then(|principal| principal.credential.as_deref());
        tracing::info!(
            target: "tenon::audit",
            decision = "refused",
            code = report.code().id,
            method = &*clip(self.method, MOST),
            route = self.route,
            client = %self.client,
            principal = &*clip(principal.map_or("", |principal| principal.subject.as_str()), MOST),
            kind = principal.map_or("", |principal| principal.method.name()),
            credential = &*clip(credential.unwrap_or_default(), MOST),
            reason = &*clip(report.cause().unwrap_or(report.message()), MOST),
            request_id = self.id.as_str(),
            "a caller was refused"
        );
    }
}

/// No field of a line has more letters of what a client sends.
const MOST: usize = 200;

/// To the microsecond, which is what reads well and is known.
#[expect(clippy::cast_precision_loss, reason = "exact for times of less than centuries")]
fn milliseconds(took: Duration) -> f64 {
    took.as_micros() as f64 / 1000.0
}
