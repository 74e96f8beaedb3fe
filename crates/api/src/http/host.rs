//! The `Host` of a request: exactly one, and well-formed (RFC 9112, section 3.2).

use http::{HeaderValue, Version, header, request::Parts, uri::Authority};
use tenon_errors::{Report, catalogue::api::MALFORMED_REQUEST};

use super::exchange::Failure;

/// Whether the request says which host it is for in the one way that its version of HTTP allows.
pub(super) fn is_sound(head: &Parts) -> bool {
    let mut hosts = head.headers.get_all(header::HOST).iter();
    match (hosts.next(), hosts.next()) {
        (Some(host), None) => is_authority(host),
        // Only HTTP/1.1 requires the header: HTTP/2 has `:authority` for it, and HTTP/1.0 is older than it.
        (None, _) => head.version != Version::HTTP_11,
        (Some(_), Some(_)) => false,
    }
}

/// The answer to a request that does not.
pub(super) fn refuse() -> Failure {
    let report = Report::new(&MALFORMED_REQUEST, "the request does not have exactly one valid `Host` header");
    report.hint("send one `Host` header with the name and port of the server").into()
}

/// Whether this is `uri-host [":" port]`; empty where the target has no authority.
fn is_authority(host: &HeaderValue) -> bool {
    let bytes = host.as_bytes();
    bytes.is_empty() || (!bytes.contains(&b'@') && Authority::try_from(bytes).is_ok())
}
