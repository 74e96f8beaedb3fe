//! The side of whoever is asked: requests as values, answers and statuses as replies.

use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, StatusCode, header};
use tenon_errors::{
    Report,
    catalogue::data::{CONTRACT_VIOLATION, UNEXPECTED_FIELD, WRONG_KIND},
};
use tenon_model::Value;

use super::{
    CONTENT_TYPE, ENCODING, GrpcExchange,
    code::Code,
    details,
    ending::{BASE64, DETAILS, MESSAGE, STATUS, escaped},
    frame,
};
use crate::{
    format::{Answering, Codec, Outgoing, Received},
    protobuf::Definitions,
};

impl Answering for GrpcExchange {
    fn asked(&self, request: &Outgoing) -> Result<Value, Report> {
        let encoding = request.headers.get(ENCODING).and_then(|value| value.to_str().ok());
        let messages = frame::messages(&request.body, encoding)
            .map_err(|why| violation(format!("the request cannot be read: {why}")))?;
        match &messages[..] {
            [message] => self.input.decode(message),
            messages => {
                Err(violation(format!("the request has {} messages, and one is expected", messages.len())))
            }
        }
    }

    fn done(&self, output: &Value) -> Result<Received, Report> {
        let mut body = Vec::new();
        match output {
            Value::List(values) if self.is_many => {
                for value in values.iter() {
                    frame::write(&mut body, |out| self.output.encode(value, out))?;
                }
            }
            _ if self.is_many => {
                let report = Report::new(&WRONG_KIND, "a list of messages is expected");
                return Err(violation("the answer is not one of the method").with_details([report]));
            }
            value => frame::write(&mut body, |out| self.output.encode(value, out))?,
        }
        Ok(Received {
            status: StatusCode::OK,
            headers: HeaderMap::from_iter([(header::CONTENT_TYPE, CONTENT_TYPE)]),
            body: Bytes::from(body),
            trailers: HeaderMap::from_iter([(STATUS, HeaderValue::from_static("0"))]),
        })
    }

    fn refused(&self, name: &str, reason: &str, value: Option<&Value>) -> Result<Received, Report> {
        refused(name, reason, value, &self.definitions)
    }
}

/// The reply that refuses by a status, whatever was asked for, with details of the types that are in wide use.
///
/// # Errors
/// `D0001` for names that no status has, and for details that are not of their type.
pub fn refused_with(name: &str, reason: &str, value: Option<&Value>) -> Result<Received, Report> {
    refused(name, reason, value, &Arc::default())
}

/// A reply that has nothing but its head (Trailers-Only).
fn refused(
    name: &str,
    reason: &str,
    value: Option<&Value>,
    own: &Arc<Definitions>,
) -> Result<Received, Report> {
    let Some(code) = Code::of_name(name) else {
        let detail = Report::new(&UNEXPECTED_FIELD, format!("`{name}` is no status of gRPC that refuses"));
        return Err(violation("the status is not one of the method").with_details([detail]));
    };
    let mut headers = HeaderMap::from_iter([
        (header::CONTENT_TYPE, CONTENT_TYPE),
        (STATUS, HeaderValue::from(code.number())),
    ]);
    if let Ok(message) = HeaderValue::try_from(escaped(reason))
        && !reason.is_empty()
    {
        headers.insert(MESSAGE, message);
    }
    if let Some(bytes) = details::write(code, reason, value, own)?
        && let Ok(coded) = HeaderValue::try_from(base64::Engine::encode(&BASE64, bytes))
    {
        headers.insert(DETAILS, coded);
    }
    Ok(Received { status: StatusCode::OK, headers, body: Bytes::new(), trailers: HeaderMap::new() })
}

fn violation(message: impl Into<String>) -> Report {
    Report::new(&CONTRACT_VIOLATION, message.into())
}
