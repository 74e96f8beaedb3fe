//! What the head of a request says: whether it is one of gRPC, and for how long its answer is wanted.

use std::time::Duration;

use http::{HeaderMap, StatusCode, Version, header, request::Parts};
use tenon_errors::{
    Report,
    catalogue::api::{MALFORMED_REQUEST, UNSUPPORTED_MEDIA_TYPE},
    clip,
};

use crate::http::exchange::Failure;

/// Whether a request is one of gRPC, so that it is answered by a status of it.
pub(crate) fn is_spoken(head: &Parts) -> bool {
    essence(&head.headers)
        .is_some_and(|essence| essence == "application/grpc" || essence.starts_with("application/grpc+"))
}

/// That a request is one whose messages are of Protobuf, over a version of HTTP that has what follows a body.
///
/// # Errors
/// `A0107` if it is in something else, `A0113` for HTTP/1.
pub(super) fn require(head: &Parts) -> Result<(), Failure> {
    let essence = essence(&head.headers).unwrap_or_default();
    if !matches!(essence.as_str(), "application/grpc" | "application/grpc+proto") {
        let message =
            format!("the body is `{}`, and a method of gRPC takes `application/grpc`", clip(&essence, 60));
        let report =
            Report::new(&UNSUPPORTED_MEDIA_TYPE, message).hint("call the method by a client of gRPC");
        return Err(Failure::with_status(report, StatusCode::UNSUPPORTED_MEDIA_TYPE));
    }
    if head.version < Version::HTTP_2 {
        let report = Report::new(&MALFORMED_REQUEST, "gRPC is spoken over HTTP/2, and this is HTTP/1");
        return Err(report.hint("have what stands between pass HTTP/2 on").into());
    }
    Ok(())
}

fn essence(headers: &HeaderMap) -> Option<String> {
    let text = headers.get(header::CONTENT_TYPE)?.to_str().ok()?;
    Some(text.split(';').next().unwrap_or_default().trim().to_ascii_lowercase())
}

/// For how long the answer is wanted (`grpc-timeout`): up to eight digits and a unit.
///
/// # Errors
/// `A0113` for what is none.
pub(super) fn timeout(headers: &HeaderMap) -> Result<Option<Duration>, Report> {
    let Some(value) = headers.get("grpc-timeout") else { return Ok(None) };
    let text = value.to_str().unwrap_or_default();
    let read = || {
        let (digits, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
        let is_number = (1..=8).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit());
        let number: u64 = digits.parse().ok().filter(|_| is_number)?;
        Some(match unit {
            "H" => Duration::from_secs(number * 3600),
            "M" => Duration::from_secs(number * 60),
            "S" => Duration::from_secs(number),
            "m" => Duration::from_millis(number),
            "u" => Duration::from_micros(number),
            "n" => Duration::from_nanos(number),
            _ => return None,
        })
    };
    read().map(Some).ok_or_else(|| {
        let message = format!("`grpc-timeout` is `{}`, which is no time", clip(text, 40));
        Report::new(&MALFORMED_REQUEST, message).hint("write up to eight digits and a unit, as in `500m`")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_timeout_is_digits_and_a_unit() {
        let millis = Duration::from_millis;
        for (text, expected) in [
            ("1H", Some(millis(3_600_000))),
            ("2M", Some(millis(120_000))),
            ("3S", Some(millis(3_000))),
            ("99999999m", Some(millis(99_999_999))),
            ("5000u", Some(millis(5))),
            ("0n", Some(millis(0))),
            ("123456789m", None),
            ("m", None),
            ("", None),
            ("-1m", None),
            ("+1m", None),
            ("1s", None),
            ("1€", None),
        ] {
            let headers = HeaderMap::from_iter([(
                http::HeaderName::from_static("grpc-timeout"),
                text.parse().unwrap(),
            )]);
            assert_eq!(timeout(&headers).ok().flatten(), expected, "{text}");
        }
        assert_eq!(timeout(&HeaderMap::new()).unwrap(), None);
    }
}
