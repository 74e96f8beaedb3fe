//! Paths in one spelling, so that all that are the same (RFC 3986, section 6.2.2) reach the same route.

use std::borrow::Cow;

use http::{HeaderValue, Method, StatusCode, header, request::Parts};
use tenon_errors::{
    Report,
    catalogue::api::{MALFORMED_REQUEST, METHOD_NOT_ALLOWED},
};

use super::{exchange::Failure, service::clip};

const HEX: &[u8; 16] = b"0123456789ABCDEF";

/// Whether the target of a request is one that something could be served at (RFC 9112, section 3.2).
///
/// # Errors
/// `A0113` if it is not, `A0102` for a tunnel.
pub(super) fn check(head: &Parts) -> Result<(), Failure> {
    let uri = &head.uri;
    let refuse =
        |message: String, hint: &str| Err(Failure::from(Report::new(&MALFORMED_REQUEST, message).hint(hint)));
    if head.method == Method::CONNECT {
        let report = Report::new(&METHOD_NOT_ALLOWED, "CONNECT asks for a tunnel, and none is opened here")
            .hint("send the request itself to this server");
        let failure = Failure::with_status(report, StatusCode::METHOD_NOT_ALLOWED);
        return Err(failure.header(header::ALLOW, HeaderValue::from_static("")));
    }
    match (uri.scheme_str(), uri.path()) {
        (Some(scheme), _) if !["http", "https"].iter().any(|known| scheme.eq_ignore_ascii_case(known)) => {
            refuse(
                format!("the request target has the scheme `{}`", clip(scheme)),
                "ask for a path, or a URL of `http` or `https`",
            )
        }
        (_, "*") if head.method != Method::OPTIONS => {
            refuse("the request target `*` is for OPTIONS alone".to_owned(), "ask for a path")
        }
        (_, path) if path != "*" && !path.starts_with('/') => refuse(
            format!("the request target `{}` is not a path", clip(&uri.to_string())),
            "ask for a path that begins with `/`",
        ),
        _ => Ok(()),
    }
}

/// A path as it came, with what needs no encoding decoded and all other encodings in capitals: an encoded slash stays data.
pub(super) fn normalised(path: &str) -> Cow<'_, str> {
    if !path.contains('%') {
        return Cow::Borrowed(path);
    }
    let mut text = String::with_capacity(path.len());
    let mut rest = path;
    while let Some(at) = rest.find('%') {
        text.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        let digits = rest.get(..2).and_then(|digits| u8::from_str_radix(digits, 16).ok());
        match digits.filter(|_| rest.as_bytes()[0] != b'+') {
            Some(byte) => {
                push(&mut text, byte);
                rest = &rest[2..];
            }
            // Not an encoding: whoever reads the parameter says so.
            None => text.push('%'),
        }
    }
    text.push_str(rest);
    Cow::Owned(text)
}

/// A piece of a path as the project spells it, in the spelling that requests have.
pub(super) fn encoded(literal: &str) -> String {
    let mut text = String::with_capacity(literal.len());
    for byte in literal.bytes() {
        if byte.is_ascii() && !byte.is_ascii_control() && !b" \"<>\\^`{|}".contains(&byte) {
            text.push(char::from(byte));
        } else {
            push(&mut text, byte);
        }
    }
    normalised(&text).into_owned()
}

fn push(text: &mut String, byte: u8) {
    if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
        text.push(char::from(byte));
    } else {
        text.push('%');
        text.push(char::from(HEX[usize::from(byte >> 4)]));
        text.push(char::from(HEX[usize::from(byte & 15)]));
    }
}

#[cfg(test)]
mod tests {
    use http::Request;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_target_is_a_path_or_a_url_of_http() {
        for (method, target, expected) in [
            ("GET", "/", None),
            ("GET", "http://a", None),
            ("GET", "HTTPS://a/b?c", None),
            ("OPTIONS", "*", None),
            ("GET", "ftp://a/b", Some((400, "the request target has the scheme `ftp`"))),
            ("GET", "a:80", Some((400, "the request target `a:80` is not a path"))),
            ("GET", "*", Some((400, "the request target `*` is for OPTIONS alone"))),
            ("CONNECT", "a:80", Some((405, "CONNECT asks for a tunnel, and none is opened here"))),
        ] {
            let request = Request::builder().method(method).uri(target).body(()).unwrap();
            let failure = check(&request.into_parts().0).err();
            let seen = failure.as_ref().map(|it| (it.status.as_u16(), it.report.message()));
            assert_eq!(seen, expected, "{method} {target}");
        }
    }

    #[test]
    fn what_needs_no_encoding_is_decoded_and_the_rest_stays_data() {
        for (path, expected) in [
            ("/v1/flights", "/v1/flights"),
            ("/%761/fl%69ghts/%7Ea%2d%2E%5f", "/v1/flights/~a-._"),
            ("/a%2fb%2Fc", "/a%2Fb%2Fc"),
            ("/a%3ab", "/a%3Ab"),
            ("/caf%c3%a9", "/caf%C3%A9"),
            ("/%", "/%"),
            ("/%zz%4", "/%zz%4"),
            ("/%+1", "/%+1"),
            ("/%2541", "/%2541"),
            ("/%é1", "/%é1"),
        ] {
            assert_eq!(normalised(path), expected, "{path}");
        }
        assert_eq!(encoded("/café/{a} b"), "/caf%C3%A9/%7Ba%7D%20b");
        assert_eq!(encoded("/a%41"), "/aA");
    }

    proptest! {
        #[test]
        fn one_spelling_is_its_own(path in "(/[a-zA-Z0-9%.~é+-]{0,8}){0,4}") {
            let once = normalised(&path).into_owned();
            // `%%41` becomes `%A`, which is no encoding, and so on: nothing is ever decoded twice.
            prop_assert!(once.len() <= path.len());
        }
    }
}
