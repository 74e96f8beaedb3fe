//! What the errors of an answer mean to whoever asked.

use tenon_errors::Kind;
use tenon_model::{Str, Value};

use crate::format::{Refusal, shown};

/// What errors are called that have no code.
const ERRORS: &str = "errors";
/// The longest name of a code, in bytes.
const LONGEST: usize = 80;

/// What codes mean that many services share (`extensions.code`), as Apollo Server and others have them.
const CODES: &[(&str, Kind)] = &[
    ("GRAPHQL_PARSE_FAILED", Kind::InvalidArgument),
    ("GRAPHQL_VALIDATION_FAILED", Kind::InvalidArgument),
    ("BAD_USER_INPUT", Kind::InvalidArgument),
    ("BAD_REQUEST", Kind::InvalidArgument),
    ("OPERATION_RESOLUTION_FAILURE", Kind::InvalidArgument),
    ("UNAUTHENTICATED", Kind::Unauthenticated),
    ("FORBIDDEN", Kind::PermissionDenied),
    ("NOT_FOUND", Kind::NotFound),
    ("CONFLICT", Kind::Aborted),
    ("RATE_LIMITED", Kind::ResourceExhausted),
    ("THROTTLED", Kind::ResourceExhausted),
    ("TOO_MANY_REQUESTS", Kind::ResourceExhausted),
    ("SERVICE_UNAVAILABLE", Kind::Unavailable),
    ("TIMEOUT", Kind::DeadlineExceeded),
    ("INTERNAL_SERVER_ERROR", Kind::Internal),
];

/// Whether errors may be called so.
pub(super) fn is_name(name: &str) -> bool {
    name == ERRORS
        || name.len() <= LONGEST
            && name.starts_with(|c: char| c.is_ascii_alphabetic())
            && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"_-.".contains(&b))
}

/// The refusal that errors are: data beside them is not the whole answer. An operation that acts has begun where there is data, also if
/// that is null (specification, section 7.1).
pub(super) fn of(first: &Value, rest: &[Value], said: &Value, acts: bool) -> Refusal {
    let code = first.get("extensions").and_then(|extensions| extensions.get("code"));
    let code = code.and_then(Value::as_str).filter(|code| is_name(code));
    let message = |error: &Value| error.get("message").and_then(Value::as_str).map(shown).unwrap_or_default();
    let known = CODES.iter().find(|(name, _)| Some(*name) == code);
    let broader = if code.is_some() { vec![Str::new_static(ERRORS)] } else { Vec::new() };
    Refusal {
        name: code.map_or(Str::new_static(ERRORS), Str::new),
        broader,
        declared: None,
        kind: known.map_or(Kind::FailedPrecondition, |(_, kind)| *kind),
        may_have_acted: acts && said.get("data").is_some(),
        wait: None,
        value: said.get("errors").cloned(),
        detail: message(first),
        notes: rest.iter().take(5).map(|error| format!("and: {}", message(error))).collect(),
    }
}
