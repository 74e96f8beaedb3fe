//! Which pages of other origins may call an API from a browser (the Fetch standard, section 3.2): none unless the project
//! names them.
//!
//! Callers prove who they are by headers, never by cookies, so answers do not allow credentials in the standard's sense.

use http::{HeaderMap, HeaderName, HeaderValue, Method, header, request::Parts};
use tenon_plan::Cors;

/// What a page may send beyond what it always may.
const SENT: HeaderValue = HeaderValue::from_static(
    "accept, authorization, content-type, idempotency-key, if-match, if-none-match, if-unmodified-since, traceparent, tracestate, x-api-key",
);
/// What a page may read beyond what it always may.
const READ: HeaderValue = HeaderValue::from_static(
    "age, etag, link, ratelimit, ratelimit-policy, retry-after, traceparent, www-authenticate, x-request-id",
);
const ANY: &str = "*";

/// The method that a preflight asks about.
pub(super) fn asked_for(head: &Parts) -> Option<Method> {
    if head.method != Method::OPTIONS || !head.headers.contains_key(header::ORIGIN) {
        return None;
    }
    let method = head.headers.get(header::ACCESS_CONTROL_REQUEST_METHOD)?;
    Method::from_bytes(method.as_bytes()).ok()
}

/// Adds what a browser asks before it sends a request of `method`.
pub(super) fn allow(cors: &Cors, method: &Method, request: &HeaderMap, answer: &mut HeaderMap) {
    if !share(cors, request, answer) {
        return;
    }
    answer.remove(header::ACCESS_CONTROL_EXPOSE_HEADERS);
    if let Ok(method) = HeaderValue::from_str(method.as_str()) {
        answer.insert(header::ACCESS_CONTROL_ALLOW_METHODS, method);
    }
    answer.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, SENT);
    answer.insert(header::ACCESS_CONTROL_MAX_AGE, HeaderValue::from(cors.max_age.as_secs()));
}

/// Adds what lets the page that sent the request read its answer; whether it may.
pub(super) fn share(cors: &Cors, request: &HeaderMap, answer: &mut HeaderMap) -> bool {
    let everybody = cors.origins.iter().any(|origin| origin == ANY);
    if !everybody {
        // Also without an origin: a cache must not give the answer to a page that may not read it, or the other way.
        answer.append(header::VARY, HeaderValue::from_name(HeaderName::from_static("origin")));
    }
    let Some(origin) = request.get(header::ORIGIN) else { return false };
    let known = cors.origins.iter().any(|known| known.as_bytes() == origin.as_bytes());
    if !everybody && !known {
        return false;
    }
    let allowed = if everybody { HeaderValue::from_static(ANY) } else { origin.clone() };
    answer.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, allowed);
    answer.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, READ);
    true
}
