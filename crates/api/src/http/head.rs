//! The head of a request: what it has to be before anything is done with it (RFC 9110, RFC 9112, RFC 9113).

use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, Version, header, request::Parts, uri::Authority};
use tenon_errors::{
    Report,
    catalogue::api::{BODY_TOO_LARGE, EXPECTATION_FAILED, MALFORMED_REQUEST, UNKNOWN_TRANSFER_CODING},
    clip,
};

use super::{exchange::Failure, follow::Flaw, refused::Refused, target};

/// Headers that a request has at most once: who reads another one than we do understands another request.
const SINGLE: &[HeaderName] =
    &[header::HOST, header::CONTENT_LENGTH, header::CONTENT_TYPE, header::AUTHORIZATION, header::RANGE];
/// What a header counts beside its name and value: the colon, blank and line end of HTTP/1.1, and what RFC 9113 says
/// (section 6.5.2).
const OVERHEAD: (usize, usize) = (4, 32);

/// Whether the head is sound. `flaw` is what the parser does not hand on.
///
/// # Errors
/// `A0113` if it is not, `A0102` for a tunnel, `A0115` if it is larger than `most` bytes, `A0118` for a transfer coding that is
/// not understood, `A0119` for what nobody can expect.
pub(super) fn check(head: &Parts, flaw: Option<Flaw>, most: usize) -> Result<(), Failure> {
    if let Some(flaw) = flaw {
        return Err(closing(flawed(flaw)));
    }
    if size(head) > most {
        let report = Refused::large(format!("the request head has more than {most} bytes"));
        return Err(Failure::with_status(report, StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE));
    }
    for name in SINGLE {
        if head.headers.get_all(name).iter().nth(1).is_some() {
            return Err(repeated(name));
        }
    }
    target::check(head)?;
    host(head)?;
    framing(head)?;
    expectation(&head.headers)
}

/// What is said of a head with a flaw.
pub(super) fn flawed(flaw: Flaw) -> Failure {
    match flaw {
        Flaw::TwoLengths => {
            malformed("the request has both `Content-Length` and `Transfer-Encoding`", "send one of them")
        }
        Flaw::Repeated => repeated(&header::CONTENT_LENGTH),
        Flaw::Endless => {
            let report = Report::new(&BODY_TOO_LARGE, "`Content-Length` is more than any body has");
            Failure::with_status(report.hint("send less at once"), StatusCode::PAYLOAD_TOO_LARGE)
        }
        Flaw::Fragment => malformed(
            "the request target has a fragment, which begins with `#`",
            "leave the fragment out, or write `%23` for a `#` that belongs to the path or query",
        ),
        Flaw::BareLineFeed => {
            malformed("a line of the request head ends with LF alone", "end each line with CR and LF")
        }
        Flaw::Unclear => malformed(
            "it is not clear where the body of the request before this one ends",
            "send chunks as RFC 9112, section 7.1, describes them",
        ),
    }
}

fn repeated(name: &HeaderName) -> Failure {
    malformed(format!("the request has several `{name}` headers"), "send it once")
}

fn size(head: &Parts) -> usize {
    let overhead = if head.version >= Version::HTTP_2 { OVERHEAD.1 } else { OVERHEAD.0 };
    let target = head.uri.path_and_query().map_or(0, |target| target.as_str().len());
    head.headers.iter().map(|(name, value)| name.as_str().len() + value.len() + overhead).sum::<usize>()
        + target
}

/// The request says which host it is for, in the one way that its version of HTTP allows, and nobody else's credentials.
fn host(head: &Parts) -> Result<(), Failure> {
    let refuse = |message: &str| {
        Err(malformed(message, "send one `Host` header with the name and port of the server"))
    };
    let host = head.headers.get(header::HOST);
    let authority = head.uri.authority();
    if authority.is_some_and(|authority| authority.as_str().contains('@')) {
        return refuse("the request target names a user");
    }
    if authority.is_some_and(|authority| !has_digits_as_port(authority)) {
        return refuse("the port in the request target is not a number");
    }
    match host {
        Some(host) if !is_authority(host) => refuse("the `Host` header is not a name and a port"),
        // There the two say the same (RFC 9113, section 8.3.1); in HTTP/1.1 the target wins.
        Some(host) if head.version >= Version::HTTP_2 && differs(host, authority) => {
            refuse("the `Host` header is not what `:authority` says")
        }
        None if head.version == Version::HTTP_11 => refuse("the request has no `Host` header"),
        _ => Ok(()),
    }
}

fn differs(host: &HeaderValue, authority: Option<&Authority>) -> bool {
    authority.is_some_and(|authority| !host.as_bytes().eq_ignore_ascii_case(authority.as_str().as_bytes()))
}

/// Whether this is `uri-host [":" port]`; empty where the target has no authority.
fn is_authority(host: &HeaderValue) -> bool {
    let bytes = host.as_bytes();
    let is_one = |authority: Authority| has_digits_as_port(&authority);
    bytes.is_empty() || (!bytes.contains(&b'@') && Authority::try_from(bytes).is_ok_and(is_one))
}

/// The port is digits, or none (RFC 3986, section 3.2.3), which reading an authority does not see to.
fn has_digits_as_port(authority: &Authority) -> bool {
    let port = authority.as_str().rsplit_once('@').map_or(authority.as_str(), |(_, host)| host);
    let port = port.strip_prefix(authority.host()).unwrap_or_default();
    port.strip_prefix(':').is_none_or(|port| port.bytes().all(|byte| byte.is_ascii_digit()))
}

/// The body ends where its coding says (RFC 9112, section 6).
fn framing(head: &Parts) -> Result<(), Failure> {
    let mut codings = list(&head.headers, &header::TRANSFER_ENCODING).peekable();
    if codings.peek().is_none() {
        return Ok(());
    }
    let mut chunked = 0;
    let mut unknown = None;
    for coding in codings {
        if coding.eq_ignore_ascii_case("chunked") {
            chunked += 1;
        } else {
            unknown.get_or_insert(coding);
        }
    }
    let hint = "send the body as it is, with `Content-Length` or `Transfer-Encoding: chunked`";
    if chunked > 1 {
        return Err(closing(malformed("the body is chunked more than once", hint)));
    }
    let Some(coding) = unknown else { return Ok(()) };
    let coding = clip(coding, 40);
    let report =
        Report::new(&UNKNOWN_TRANSFER_CODING, format!("the transfer coding `{coding}` is not understood"))
            .hint(hint);
    Err(closing(Failure::with_status(report, StatusCode::NOT_IMPLEMENTED)))
}

/// `100-continue` is all that can be expected (RFC 9110, section 10.1.1).
fn expectation(headers: &HeaderMap) -> Result<(), Failure> {
    if list(headers, &header::EXPECT).all(|expected| expected.eq_ignore_ascii_case("100-continue")) {
        return Ok(());
    }
    let report =
        Report::new(&EXPECTATION_FAILED, "the `Expect` header asks for something other than `100-continue`");
    Err(Failure::with_status(report.hint("leave it out"), StatusCode::EXPECTATION_FAILED))
}

/// The members of a list header, over all its lines (RFC 9110, section 5.6.1); what is not text is no member that anybody knows.
pub(super) fn list<'h>(headers: &'h HeaderMap, name: &HeaderName) -> impl Iterator<Item = &'h str> {
    let values = headers.get_all(name).iter().map(|value| value.to_str().unwrap_or("?"));
    values
        .flat_map(|value| value.split(','))
        .map(|member| member.trim_matches([' ', '\t']))
        .filter(|it| !it.is_empty())
}

fn malformed(message: impl Into<String>, hint: &str) -> Failure {
    Report::new(&MALFORMED_REQUEST, message).hint(hint).into()
}

/// What follows on the connection cannot be told from the body.
fn closing(failure: Failure) -> Failure {
    failure.header(header::CONNECTION, HeaderValue::from_static("close"))
}

#[cfg(test)]
mod tests {
    use http::Request;

    use super::*;

    fn checked(version: Version, target: &str, headers: &[(&str, &str)]) -> Result<(), (u16, &'static str)> {
        let mut request = Request::builder().version(version).uri(target);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let (head, ()) = request.body(()).unwrap().into_parts();
        check(&head, None, 1000).map_err(|failure| (failure.status.as_u16(), failure.report.code().id))
    }

    #[test]
    fn a_body_ends_where_everybody_says_it_does() {
        let host = ("host", "a");
        for (headers, expected) in [
            (&[("transfer-encoding", "chunked")][..], Ok(())),
            (&[("transfer-encoding", " Chunked ,")], Ok(())),
            (&[("transfer-encoding", "gzip, chunked")], Err((501, "A0118"))),
            (&[("transfer-encoding", "gzip"), ("transfer-encoding", "chunked")], Err((501, "A0118"))),
            (&[("transfer-encoding", "identity, chunked")], Err((501, "A0118"))),
            (&[("transfer-encoding", "chunked, chunked")], Err((400, "A0113"))),
            (&[("transfer-encoding", "chunked"), ("transfer-encoding", "chunked")], Err((400, "A0113"))),
            (&[("content-length", "3"), ("content-length", "3")], Err((400, "A0113"))),
            (&[("content-type", "a/b"), ("content-type", "c/d")], Err((400, "A0113"))),
            (&[("authorization", "Bearer a"), ("authorization", "Bearer b")], Err((400, "A0113"))),
            (&[("expect", "100-Continue")], Ok(())),
            (&[("expect", "200-maybe")], Err((417, "A0119"))),
        ] {
            let headers: Vec<_> = headers.iter().copied().chain([host]).collect();
            assert_eq!(checked(Version::HTTP_11, "/", &headers), expected, "{headers:?}");
        }
    }

    #[test]
    fn a_request_is_for_one_host_and_names_no_user() {
        for (version, target, headers, expected) in [
            (Version::HTTP_11, "http://a/", &[("host", "a")][..], true),
            (Version::HTTP_11, "http://b/", &[("host", "a")], true),
            (Version::HTTP_11, "http://user@a/", &[("host", "a")], false),
            (Version::HTTP_11, "http://user:password@a/", &[("host", "a")], false),
            (Version::HTTP_11, "/", &[("host", "user@a")], false),
            (Version::HTTP_11, "/", &[("host", "a:")], true),
            (Version::HTTP_11, "/", &[("host", "[::1]:80")], true),
            (Version::HTTP_11, "/", &[("host", "a:b")], false),
            (Version::HTTP_11, "/", &[("host", "[::1]:8o")], false),
            (Version::HTTP_11, "http://a:b/", &[("host", "a")], false),
            (Version::HTTP_2, "http://a:+1/", &[], false),
            (Version::HTTP_11, "/", &[], false),
            (Version::HTTP_10, "/", &[], true),
            (Version::HTTP_2, "http://a/", &[], true),
            (Version::HTTP_2, "http://a/", &[("host", "A")], true),
            (Version::HTTP_2, "http://a/", &[("host", "b")], false),
            (Version::HTTP_2, "http://user@a/", &[], false),
        ] {
            assert_eq!(
                checked(version, target, headers).is_ok(),
                expected,
                "{version:?} {target} {headers:?}"
            );
        }
    }

    #[test]
    fn a_large_head_is_refused_whatever_the_version() {
        let long = "a".repeat(1000);
        assert_eq!(checked(Version::HTTP_2, "http://a/", &[("x", &long)]), Err((431, "A0115")));
        assert_eq!(checked(Version::HTTP_2, "http://a/", &[("x", &long[..900])]), Ok(()));
        assert_eq!(checked(Version::HTTP_11, "/", &[("host", "a"), ("x", &long)]), Err((431, "A0115")));
    }
}
