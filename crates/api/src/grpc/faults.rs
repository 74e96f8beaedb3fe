//! Reports as statuses of gRPC: the code, and the details that say more (`google.rpc.Status`).

use http::{HeaderMap, HeaderName, StatusCode};
use tenon_contracts::{format::Received, protobuf};
use tenon_errors::{Report, catalogue::api::NO_ROUTE, clip};
use tenon_model::Value;

use crate::http::{
    exchange::{Answer, Failure, empty},
    faults,
};

/// The headers of a failure that are told as well: how often a caller may ask.
const TOLD: [HeaderName; 2] =
    [HeaderName::from_static("ratelimit"), HeaderName::from_static("ratelimit-policy")];
/// The most fields that one answer names, since they stand in a header.
const MOST_FIELDS: usize = 20;
/// The most characters of a text in a header.
const LONGEST: usize = 400;

/// The answer that tells of a failure: a status of gRPC in place of one of HTTP.
pub(crate) fn refusal(failure: &Failure, request: &str) -> Answer {
    let Failure { report, status, headers, .. } = failure;
    let name = name(report, *status);
    let detail = clip(faults::detail(report), LONGEST);
    let details = Value::record([("details", Value::list(details(report, *status, request)))]);
    let said = protobuf::refused_with(name, &detail, Some(&details))
        .or_else(|_| protobuf::refused_with(name, &detail, None));
    let mut answer = said.map_or_else(|_| empty(StatusCode::INTERNAL_SERVER_ERROR), written);
    for (name, value) in headers.iter().filter(|(name, _)| TOLD.contains(name)) {
        answer.headers_mut().append(name, value.clone());
    }
    answer
}

/// A reply as it is sent.
pub(super) fn written(received: Received) -> Answer {
    let Received { status, headers, body, trailers } = received;
    let mut answer = empty(status);
    *answer.headers_mut() = headers;
    *answer.body_mut() = body;
    if !trailers.is_empty() {
        answer.extensions_mut().insert(trailing(trailers));
    }
    answer
}

fn trailing(trailers: HeaderMap) -> crate::http::held::Trailers {
    crate::http::held::Trailers(trailers)
}

/// The code of a failure: that of its report, but where the failure is not the caller's, what it means to the caller, as the status of
/// HTTP has it.
fn name(report: &Report, status: StatusCode) -> &'static str {
    match status {
        _ if report.code() == &NO_ROUTE => "UNIMPLEMENTED",
        StatusCode::SERVICE_UNAVAILABLE => "UNAVAILABLE",
        StatusCode::GATEWAY_TIMEOUT | StatusCode::REQUEST_TIMEOUT => "DEADLINE_EXCEEDED",
        status if status.is_server_error() && status != StatusCode::NOT_IMPLEMENTED => "INTERNAL",
        _ => report.kind().name(),
    }
}

fn details(report: &Report, status: StatusCode, request: &str) -> Vec<Value> {
    let of = |name: &str| ("@type", Value::from(format!("type.googleapis.com/google.rpc.{name}").as_str()));
    let text = |text: &str| Value::from(text);
    let code = report.code();
    let reason = code.name.to_ascii_uppercase().replace('-', "_");
    let mut metadata = vec![("code", text(code.id))];
    let hint = faults::hint(report).map(|hint| clip(hint, LONGEST));
    metadata.extend(hint.as_deref().map(|hint| ("hint", text(hint))));
    let mut details = vec![Value::record([
        of("ErrorInfo"),
        ("reason", text(&reason)),
        ("domain", text("tenon")),
        ("metadata", Value::record(metadata)),
    ])];
    let fields: Vec<Value> = faults::violations(report)
        .take(MOST_FIELDS)
        .map(|(field, report)| {
            Value::record([
                ("field", text(&field)),
                ("description", text(&clip(report.message(), LONGEST))),
                ("reason", text(&report.code().name.to_ascii_uppercase().replace('-', "_"))),
            ])
        })
        .collect();
    if !fields.is_empty() {
        details.push(Value::record([of("BadRequest"), ("field_violations", Value::list(fields))]));
    }
    if let Some(wait) = faults::retry_after(report, status) {
        let wait = jiff::SignedDuration::from_secs(i64::try_from(wait).unwrap_or(i64::MAX));
        details.push(Value::record([of("RetryInfo"), ("retry_delay", Value::Duration(wait))]));
    }
    details.push(Value::record([of("RequestInfo"), ("request_id", text(request))]));
    details
}
