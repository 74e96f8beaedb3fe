//! Reading a request's body within its bounds.

use bytes::{Bytes, BytesMut};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use http_body_util::BodyExt;
use hyper::body::{Body, Incoming};
use tenon_errors::{
    Report,
    catalogue::api::{BODY_TOO_LARGE, MALFORMED_REQUEST, REQUEST_TIMEOUT, UNSUPPORTED_MEDIA_TYPE},
};
use tenon_plan::Limits;
use tokio::time::timeout;

use super::{accept::is_json, exchange::Failure};

/// The whole body, if it is no larger and no slower than allowed. One whose length is announced to be too large is
/// refused without reading it.
pub(crate) async fn read(body: Incoming, limits: &Limits) -> Result<Bytes, Failure> {
    let announced = body.size_hint().lower();
    if announced > limits.body as u64 {
        return Err(too_large(format!("the body has {announced} bytes"), limits));
    }
    match timeout(limits.read_timeout, collect(body, limits)).await {
        Ok(read) => read,
        Err(_) => Err(too_slow(limits)),
    }
}

/// Checks that the body is JSON and not compressed.
pub(crate) fn require_json(headers: &HeaderMap) -> Result<(), Failure> {
    let unsupported = |message: String, hint: &str| {
        let report = Report::new(&UNSUPPORTED_MEDIA_TYPE, message).hint(hint);
        Failure::with_status(report, StatusCode::UNSUPPORTED_MEDIA_TYPE)
    };
    if let Some(encoding) = headers.get(header::CONTENT_ENCODING).filter(|encoding| *encoding != "identity") {
        let failure = unsupported(format!("the body is encoded as {encoding:?}"), "send the body as it is");
        return Err(failure.header(header::ACCEPT_ENCODING, HeaderValue::from_static("identity")));
    }
    let hint = "send JSON with `Content-Type: application/json`";
    match headers.get(header::CONTENT_TYPE) {
        Some(media_type) if is_json(media_type) => Ok(()),
        Some(media_type) => Err(unsupported(format!("the body is {media_type:?}"), hint)),
        None => Err(unsupported("the body has no `Content-Type`".to_owned(), hint)),
    }
}

async fn collect(mut body: Incoming, limits: &Limits) -> Result<Bytes, Failure> {
    let mut first = Bytes::new();
    let mut all = BytesMut::new();
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|error| torn(&error))?;
        let Ok(data) = frame.into_data() else { continue };
        let length = first.len() + all.len();
        if length + data.len() > limits.body {
            return Err(too_large(format!("the body has more than {} bytes", limits.body), limits));
        }
        // Most bodies are one frame, which is handed on without a copy.
        if length == 0 {
            first = data;
            continue;
        }
        all.extend_from_slice(&std::mem::take(&mut first));
        all.extend_from_slice(&data);
    }
    Ok(if all.is_empty() { first } else { all.freeze() })
}

fn too_large(message: String, limits: &Limits) -> Failure {
    let report =
        Report::new(&BODY_TOO_LARGE, message).hint(format!("send at most {} bytes at once", limits.body));
    Failure::with_status(report, StatusCode::PAYLOAD_TOO_LARGE)
}

fn too_slow(limits: &Limits) -> Failure {
    let message = format!("the body was not complete after {} ms", limits.read_timeout.as_millis());
    let report = Report::new(&REQUEST_TIMEOUT, message).hint("send the body faster, or less of it");
    Failure::with_status(report, StatusCode::REQUEST_TIMEOUT)
        .header(header::CONNECTION, HeaderValue::from_static("close"))
}

fn torn(error: &hyper::Error) -> Failure {
    Failure::from(Report::new(&MALFORMED_REQUEST, format!("the body cannot be read: {error}")))
}
