//! What never becomes a request: a head that cannot be read, is too large, or is not finished in time.

use http::{StatusCode, header};
use tenon_errors::{
    Report,
    catalogue::api::{HEAD_TOO_LARGE, MALFORMED_REQUEST, REQUEST_TIMEOUT},
};

use super::{
    exchange::{Answer, Failure},
    follow::Flaw,
    head,
};

/// A refusal, and why.
#[derive(Debug)]
pub(super) struct Refused {
    pub(super) status: StatusCode,
    pub(super) report: Report,
}

impl Refused {
    /// A head that was not finished in time.
    pub(super) fn slow() -> Self {
        let report = Report::new(&REQUEST_TIMEOUT, "the request head was not finished in time")
            .hint("send the request faster");
        Self { status: StatusCode::REQUEST_TIMEOUT, report }
    }

    /// What the parser refused, though not for what is wrong with it.
    pub(super) fn flawed(flaw: Flaw) -> Self {
        let Failure { status, report, .. } = head::flawed(flaw);
        Self { status, report }
    }

    /// What the parser refused with `status`, for `reason`.
    pub(super) fn unreadable(status: StatusCode, reason: &str) -> Self {
        let report = match status {
            StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE => Self::large("the request head is too large"),
            StatusCode::URI_TOO_LONG => Self::large("the request target is too long"),
            _ => Report::new(&MALFORMED_REQUEST, format!("the request cannot be read: {}", words(reason)))
                .hint("send a request as RFC 9112 describes it"),
        };
        Self { status, report }
    }

    /// The report of a head that is too large.
    pub(super) fn large(message: impl Into<String>) -> Report {
        Report::new(&HEAD_TOO_LARGE, message).hint("send fewer and shorter headers, and data in the body")
    }
}

/// What the parser says, and how it is told.
const WORDS: &[(&str, &str)] = &[
    ("invalid HTTP method parsed", "its method has a character that no method may have"),
    ("invalid HTTP version parsed", "its first line does not end with `HTTP/1.1` or `HTTP/1.0`"),
    ("invalid URI", "its target is not a path or a URL"),
    ("invalid HTTP header parsed", "a header is not a name, a colon and a value of allowed characters"),
    ("invalid content-length parsed", "`Content-Length` is not one number"),
    ("invalid transfer-encoding parsed", "the last coding of `Transfer-Encoding` is not `chunked`"),
    ("unexpected transfer-encoding parsed", "HTTP/1.0 has no `Transfer-Encoding`"),
];

fn words(reason: &str) -> &'static str {
    let known = WORDS.iter().find(|(said, _)| *said == reason);
    known.map_or("its head is not valid HTTP/1.1", |(_, words)| words)
}

/// An answer as HTTP/1.1 writes it, after which the connection ends.
pub(super) fn last_words(answer: &Answer) -> Vec<u8> {
    let (status, body) = (answer.status(), answer.body());
    let reason = status.canonical_reason().unwrap_or("");
    let mut bytes = format!("HTTP/1.1 {} {reason}\r\n", status.as_u16()).into_bytes();
    for (name, value) in answer.headers() {
        if *name != header::CONNECTION {
            bytes.extend_from_slice(name.as_str().as_bytes());
            bytes.extend_from_slice(b": ");
            bytes.extend_from_slice(value.as_bytes());
            bytes.extend_from_slice(b"\r\n");
        }
    }
    bytes
        .extend_from_slice(format!("content-length: {}\r\nconnection: close\r\n\r\n", body.len()).as_bytes());
    bytes.extend_from_slice(body);
    bytes
}
