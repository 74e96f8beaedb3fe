//! Reports as HTTP answers: the status by kind, and the problem document (RFC 9457).

use http::StatusCode;
use serde_json::{Map, Value, json};
use tenon_errors::{
    Code, Fault, Kind, Report, Retry,
    catalogue::{
        api::{BAD_CURSOR, BAD_PARAMETER},
        data::NOT_LIFTED,
        delivery::{LOOKUP_MISSED, RETRIES_EXHAUSTED},
        system::{CALL_IN_DOUBT, CALLED},
    },
};

/// The media type of problems.
pub(crate) const MEDIA_TYPE: &str = "application/problem+json";
/// The seconds after which to try again where the report does not know better.
const RETRY_AFTER: u64 = 1;

/// The status of a report: that of its code, but where it only says that a system has failed, what that was about. One that did not
/// answer in time is 504 (RFC 9110, section 15.6.5), also where it was asked more than once, or may have acted.
pub(crate) fn status(report: &Report) -> StatusCode {
    let sums_up = [&RETRIES_EXHAUSTED, &CALL_IN_DOUBT].contains(&report.code());
    let is_late = |of: &Report| CALLED.contains(&of.code()) && of.kind() == Kind::DeadlineExceeded;
    match sums_up && report.details().iter().any(is_late) {
        true => StatusCode::GATEWAY_TIMEOUT,
        false => of_code(report.code()),
    }
}

/// The status of a code, by its kind as `google/rpc/code.proto` maps them, with three exceptions. A precondition that a
/// request does not meet is 422. Only what the caller can mend is 4xx: what is missing, wrong or too much on our side
/// is 500, or 503 if the same request may succeed later. And what a system answers that we call is to its caller that of a bad
/// gateway, unless it is one of waiting (RFC 9110, section 15.6.3).
fn of_code(code: &Code) -> StatusCode {
    match code.kind {
        Kind::Unimplemented => StatusCode::NOT_IMPLEMENTED,
        Kind::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        Kind::DeadlineExceeded => StatusCode::GATEWAY_TIMEOUT,
        _ if CALLED.iter().any(|called| called.id == code.id) => StatusCode::BAD_GATEWAY,
        Kind::Cancelled | Kind::Unknown | Kind::Internal | Kind::DataLoss => {
            StatusCode::INTERNAL_SERVER_ERROR
        }
        _ if code.fault != Fault::Caller => match code.retry {
            Retry::Backoff => StatusCode::SERVICE_UNAVAILABLE,
            Retry::Never => StatusCode::INTERNAL_SERVER_ERROR,
        },
        Kind::InvalidArgument | Kind::OutOfRange => StatusCode::BAD_REQUEST,
        // Well-formed and by its contract, but not in this state of things (RFC 9110, section 15.5.21).
        Kind::FailedPrecondition => StatusCode::UNPROCESSABLE_ENTITY,
        Kind::Unauthenticated => StatusCode::UNAUTHORIZED,
        Kind::PermissionDenied => StatusCode::FORBIDDEN,
        Kind::NotFound => StatusCode::NOT_FOUND,
        Kind::AlreadyExists | Kind::Aborted => StatusCode::CONFLICT,
        // Too much at once fails again; too often does not.
        Kind::ResourceExhausted => match code.retry {
            Retry::Never => StatusCode::PAYLOAD_TOO_LARGE,
            Retry::Backoff => StatusCode::TOO_MANY_REQUESTS,
        },
    }
}

/// Whether the report's message is for the caller. Of what others have to mend, callers learn the code and no more.
fn is_public(report: &Report) -> bool {
    report.code().fault == Fault::Caller
}

/// The kind that the caller is told: of what others have to mend, whether waiting helps and no more.
pub(crate) fn kind(report: &Report) -> Kind {
    match report.kind() {
        _ if status(report) == StatusCode::GATEWAY_TIMEOUT => Kind::DeadlineExceeded,
        kind if is_public(report) => kind,
        kind @ (Kind::Unavailable | Kind::Unimplemented | Kind::Cancelled) => kind,
        _ => Kind::Internal,
    }
}

/// What the caller is told happened.
pub(crate) fn detail(report: &Report) -> &str {
    if is_public(report) { report.message() } else { report.code().title }
}

/// What the caller is told to do. A report's own hint is for whoever can follow it: the caller, but the owner of the
/// project where a row is missing, or a version does not read what another one allows.
pub(crate) fn hint(report: &Report) -> Option<&str> {
    match is_public(report) {
        true if [&LOOKUP_MISSED, &NOT_LIFTED].contains(&report.code()) => {
            Some("change the request, or ask the owner of the API")
        }
        true => report.advice(),
        // What has failed on each attempt of ours may succeed on one of theirs.
        false if report.is_transient() || report.kind() == Kind::Unavailable => Some("try again later"),
        false => Some("tell the owner of the API, with the request id"),
    }
}

/// For how many seconds to wait, for the statuses that mean waiting.
pub(crate) fn retry_after(report: &Report, status: StatusCode) -> Option<u64> {
    let waits = matches!(status, StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE);
    waits.then(|| wait(report))
}

/// The seconds after which the same request may succeed, at least one.
pub(crate) fn wait(report: &Report) -> u64 {
    let seconds =
        report.wait().map_or(RETRY_AFTER, |wait| wait.as_secs() + u64::from(wait.subsec_nanos() > 0));
    seconds.max(1)
}

/// The problem document. `request` is the id of the request, a UUID: as a URI (RFC 9562, section 4) it is the `instance`.
pub(crate) fn problem(report: &Report, status: StatusCode, request: Option<&str>) -> Vec<u8> {
    let code = report.code();
    let mut object = Map::new();
    object.insert("type".into(), format!("/problems/{}", code.id).into());
    object.insert("title".into(), code.title.into());
    object.insert("status".into(), status.as_u16().into());
    object.insert("detail".into(), detail(report).into());
    if let Some(request) = request {
        object.insert("instance".into(), format!("urn:uuid:{request}").into());
    }
    object.insert("code".into(), code.id.into());
    if let Some(hint) = hint(report) {
        object.insert("hint".into(), hint.into());
    }
    let errors = errors(report);
    if !errors.is_empty() {
        object.insert("errors".into(), Value::Array(errors));
    }
    Value::Object(object).to_string().into_bytes()
}

/// The single problems that the report sums up; the report itself where it names a place in the request. Each has a
/// `detail` and a `code`; a `pointer` into the body or the name of a `parameter` where it is about one; and a `hint`.
pub(crate) fn errors(report: &Report) -> Vec<Value> {
    single(report).map(error).collect()
}

/// The problems that [`errors`] has, which callers may see.
fn single(report: &Report) -> impl Iterator<Item = &Report> {
    let is_single = report.details().is_empty() && report.data_path().is_some();
    let all = if is_single { std::slice::from_ref(report) } else { report.details() };
    all.iter().filter(|detail| is_public(report) && is_public(detail))
}

/// The problems that are each about a field of what was sent, with its name as paths in messages have it: `lines[0].price`.
pub(crate) fn violations(report: &Report) -> impl Iterator<Item = (String, &Report)> {
    single(report).filter_map(|report| Some((dotted(report.data_path()?), report)))
}

/// A JSON Pointer as names with points and positions in brackets.
fn dotted(pointer: &str) -> String {
    let mut path = String::with_capacity(pointer.len());
    for part in pointer.split('/').skip(1) {
        let name = part.replace("~1", "/").replace("~0", "~");
        if !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_digit()) {
            path.push_str(&format!("[{name}]"));
        } else {
            path.push_str(if path.is_empty() { "" } else { "." });
            path.push_str(&name);
        }
    }
    path
}

fn error(report: &Report) -> Value {
    let mut object = Map::new();
    object.insert("detail".into(), report.message().into());
    object.insert("code".into(), report.code().id.into());
    if let Some(path) = report.data_path() {
        if [&BAD_PARAMETER, &BAD_CURSOR].contains(&report.code()) {
            object.insert("parameter".into(), path.trim_start_matches('/').into());
        } else {
            object.insert("pointer".into(), fragment(path).into());
        }
    }
    if let Some(hint) = hint(report) {
        object.insert("hint".into(), json!(hint));
    }
    Value::Object(object)
}

/// A JSON Pointer as a URI fragment (RFC 6901, section 6), as RFC 9457's examples write it.
fn fragment(pointer: &str) -> String {
    let mut text = String::with_capacity(pointer.len() + 1);
    text.push('#');
    for byte in pointer.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'-' | b'_' | b'.' | b'~' => {
                text.push(byte.into());
            }
            _ => text.push_str(&format!("%{byte:02X}")),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use tenon_errors::catalogue::{self, api, data, delivery, engine, expression, project, security, system};

    use super::*;

    #[test]
    fn the_status_follows_from_the_kind() {
        for (code, expected) in [
            (&data::CONTRACT_VIOLATION, 400),
            (&data::OUT_OF_BOUNDS, 400),
            (&data::TOO_DEEP, 413),
            (&security::MISSING_CREDENTIALS, 401),
            (&security::INSUFFICIENT_SCOPE, 403),
            (&api::NOT_FOUND, 404),
            (&LOOKUP_MISSED, 422),
            (&delivery::FILTERED, 422),
            (&api::RATE_LIMITED, 429),
            (&api::OVERLOADED, 503),
            (&api::REQUEST_TIMEOUT, 504),
            (&system::LOG_FULL, 503),
            (&expression::EXPRESSION_LIMIT, 500),
            (&project::UNKNOWN_NAME, 500),
            (&RETRIES_EXHAUSTED, 503),
            (&system::TABLE_MISMATCH, 500),
            (&system::DATABASE_FAILED, 500),
            (&system::UNEXPECTED_REPLY, 502),
            (&system::CALL_REFUSED, 502),
            (&system::CALL_FOUND_NOTHING, 502),
            (&CALL_IN_DOUBT, 502),
            (&system::RESPONSE_TOO_LARGE, 502),
            (&system::CALL_UNAUTHORIZED, 503),
            (&system::CANNOT_CONNECT, 503),
            (&system::BREAKER_OPEN, 503),
            (&system::CALL_TIMED_OUT, 504),
            (&engine::INTERNAL, 500),
        ] {
            assert_eq!(of_code(code), expected, "{}", code.id);
        }
        for code in catalogue::all() {
            let (status, id) = (of_code(code).as_u16(), code.id);
            assert!(status >= 400);
            // Whose fault it is, and whether trying again helps, are what clients read from a status.
            if code.fault != Fault::Caller {
                assert!(status >= 500, "{id}: {status}");
            }
            if code.retry == Retry::Backoff {
                assert!([409, 429, 503, 504].contains(&status), "{id}: {status}");
            } else if !matches!(code.kind, Kind::Unavailable) {
                assert!(![429, 503].contains(&status), "{id}: {status}");
            }
        }
    }

    #[test]
    fn what_was_late_is_late_for_the_caller() {
        for (outer, expected) in [(&RETRIES_EXHAUSTED, 503), (&CALL_IN_DOUBT, 502)] {
            let of = |inner| Report::new(outer, "it failed").with_details([Report::new(inner, "why")]);
            assert_eq!(status(&of(&system::CONNECTION_BROKE)), expected);
            assert_eq!(status(&of(&system::CALL_TIMED_OUT)), 504);
        }
        // Of a request that summed up what is wrong with it, the first part is no status.
        let late = Report::new(&system::CALL_TIMED_OUT, "late");
        assert_eq!(status(&Report::new(&data::CONTRACT_VIOLATION, "bad").with_details([late])), 400);
    }

    #[test]
    fn what_is_not_the_callers_fault_is_not_told() {
        let report = Report::new(&system::DATABASE_FAILED, "no such table: secrets")
            .hint("look at /var/lib")
            .with_details([Report::new(&engine::INTERNAL, "inner")]);
        let text = String::from_utf8(problem(&report, status(&report), Some("id-1"))).unwrap();
        for leak in ["secrets", "/var/lib", "inner"] {
            assert!(!text.contains(leak), "{text}");
        }
        assert!(text.contains("Y0102") && text.contains("id-1"), "{text}");
    }

    #[test]
    fn hints_for_the_owner_of_the_project_do_not_reach_callers() {
        let report =
            |code| Report::new(code, "`airlines` has no row with carrier ZZ").hint("say `missing: none`");
        assert_eq!(hint(&report(&data::CONTRACT_VIOLATION)), Some("say `missing: none`"));
        let tried = Report::new(&RETRIES_EXHAUSTED, "failed on each of 5 attempts");
        assert_eq!(hint(&tried), Some("try again later"));
        let missed = report(&LOOKUP_MISSED);
        assert_eq!(hint(&missed), Some("change the request, or ask the owner of the API"));
        let outer = Report::new(&data::CONTRACT_VIOLATION, "1 problem").with_details([missed]);
        let text = String::from_utf8(problem(&outer, StatusCode::BAD_REQUEST, None)).unwrap();
        assert!(text.contains("carrier ZZ") && !text.contains("missing: none"), "{text}");
    }

    #[test]
    fn details_carry_a_pointer_into_the_body() {
        let details = [Report::new(&data::WRONG_KIND, "`number` is text").path("/lines/0/a b")];
        let report = Report::new(&data::CONTRACT_VIOLATION, "1 field").with_details(details);
        let body: Value = serde_json::from_slice(&problem(&report, StatusCode::BAD_REQUEST, None)).unwrap();
        assert_eq!(body["type"], "/problems/D0001");
        assert_eq!(body["errors"][0]["pointer"], "#/lines/0/a%20b");
        assert_eq!(body["errors"][0]["code"], "D0004");
    }
}
