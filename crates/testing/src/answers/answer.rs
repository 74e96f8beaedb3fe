//! What a fence says that a system answers.

use base64::{Engine, prelude::BASE64_STANDARD};
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use tenon_errors::{Report, catalogue::engine::BAD_TEST};
use tenon_ports::Received;

/// What a system answers.
#[derive(Debug, Clone)]
pub(super) enum Answer {
    Reply(Received),
    /// What an operation says, to be written as its messages are.
    Said(Said),
    /// The connection ends before there is an answer.
    Closed,
    /// There is no connection.
    Unreachable,
}

/// What an operation says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Said {
    /// A value in JSON; nothing where it answers nothing.
    Value(String),
    /// A fault by its name, with the reason and, in JSON, what else it says.
    Fault { name: String, reason: String, value: Option<String> },
}

impl Said {
    /// `reply`, or `fault NAME` and perhaps `: ` and a reason, followed by a value.
    fn parse(first: &str, body: &str) -> Option<Self> {
        let body = body.trim();
        if first == "reply" {
            return Some(Self::Value(body.to_owned()));
        }
        let rest = first.strip_prefix("fault ")?;
        // The namespace of a code has colons, too.
        let (name, reason) = rest.split_once(": ").unwrap_or((rest, ""));
        let value = (!body.is_empty()).then(|| body.to_owned());
        Some(Self::Fault { name: name.trim().to_owned(), reason: reason.trim().to_owned(), value })
    }
}

impl Answer {
    pub(super) fn parse(text: &str) -> Result<Self, Report> {
        let (head, body) = text.split_once("\n\n").unwrap_or((text, ""));
        let mut lines = head.trim().lines();
        let first = lines.next().unwrap_or_default().trim();
        if let Some(said) = Said::parse(first, body) {
            return Ok(Self::Said(said));
        }
        let status = match first {
            "closed" => return Ok(Self::Closed),
            "unreachable" => return Ok(Self::Unreachable),
            status => status.parse().ok().filter(|it: &StatusCode| (100..600).contains(&it.as_u16())).ok_or_else(|| {
                let report = Report::new(&BAD_TEST, format!("`{status}` is not a status"));
                report.hint("write a status such as `200`; `reply` or `fault NAME` for an operation of SOAP or gRPC; or `closed` for a connection that ends without an answer, or `unreachable`")
            })?,
        };
        let mut headers = HeaderMap::new();
        for line in lines {
            let header = line.split_once(':').and_then(|(name, value)| {
                Some((HeaderName::try_from(name.trim()).ok()?, HeaderValue::try_from(value.trim()).ok()?))
            });
            let (name, value) =
                header.ok_or_else(|| Report::new(&BAD_TEST, format!("`{line}` is not a header")))?;
            headers.append(name, value);
        }
        let body = body.trim();
        let body = match body.strip_prefix("<base64>") {
            Some(coded) => BASE64_STANDARD
                .decode(coded.trim())
                .map_err(|error| Report::new(&BAD_TEST, format!("the body is not base64: {error}")))?,
            None => body.as_bytes().to_vec(),
        };
        if !body.is_empty() {
            headers.entry(header::CONTENT_TYPE).or_insert(HeaderValue::from_static("application/json"));
        }
        Ok(Self::Reply(Received { status, headers, body: Bytes::from(body), trailers: HeaderMap::new() }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_operation_says_has_its_words() {
        let fault = |name: &str, reason: &str, value: Option<&str>| Said::Fault {
            name: name.to_owned(),
            reason: reason.to_owned(),
            value: value.map(str::to_owned),
        };
        for (text, expected) in [
            ("reply\n\n{\"a\":1}\n", Said::Value("{\"a\":1}".to_owned())),
            ("reply", Said::Value(String::new())),
            ("fault Lost: no order: 7\n\n{}", fault("Lost", "no order: 7", Some("{}"))),
            ("fault {urn:shop}Late", fault("{urn:shop}Late", "", None)),
        ] {
            let Answer::Said(said) = Answer::parse(text).unwrap() else { panic!("{text}") };
            assert_eq!(said, expected, "{text}");
        }
        assert!(matches!(Answer::parse("502\n\n<h1>x</h1>").unwrap(), Answer::Reply(_)));
        assert!(Answer::parse("replied").unwrap_err().advice().unwrap().contains("`reply`"));
    }
}
