//! What a reply means: an answer, a status that says otherwise, or something that another party on the way says.

use tenon_errors::{Report, catalogue::system::UNEXPECTED_REPLY};
use tenon_model::Value;

use super::{ENCODING, GrpcExchange, ending::Ending, frame, refusal};
use crate::format::{Answer, Codec, Incoming, MediaType, beginning};

/// What `reply` to a message of `exchange` means.
pub(super) fn answer(exchange: &GrpcExchange, reply: &Incoming<'_>) -> Result<Answer, Report> {
    match Ending::of(reply) {
        Ending::Failed(code, fields) => {
            Ok(Answer::Failed(refusal::of_status(code, fields, &exchange.definitions)))
        }
        Ending::Foreign(code) => Ok(Answer::Failed(refusal::of_http(code, reply))),
        Ending::Unsaid => Err(unsaid(reply)),
        Ending::Done => value(exchange, reply).map(Answer::Done),
    }
}

/// What the messages of a reply say that ended well.
fn value(exchange: &GrpcExchange, reply: &Incoming<'_>) -> Result<Value, Report> {
    let encoding = reply.headers.get(ENCODING).and_then(|value| value.to_str().ok());
    let messages = frame::messages(reply.body, encoding)
        .map_err(|why| Report::new(&UNEXPECTED_REPLY, format!("the reply cannot be read: {why}")))?;
    let decoded = |message: &[u8]| {
        exchange.output.decode(message).map_err(|report| {
            let message = "the reply does not follow the description of the system";
            let details =
                if report.details().is_empty() { vec![report.clone()] } else { report.details().to_vec() };
            Report::new(&UNEXPECTED_REPLY, message).with_details(details)
        })
    };
    match &messages[..] {
        messages if exchange.is_many => {
            let values = messages.iter().map(|message| decoded(message));
            Ok(Value::list(values.collect::<Result<Vec<_>, _>>()?))
        }
        [message] => decoded(message),
        messages => {
            let count = messages.len();
            let message =
                format!("the reply has {count} messages and says that all is well: one is expected");
            Err(Report::new(&UNEXPECTED_REPLY, message))
        }
    }
}

/// The report of a reply that does not say how the call ended.
fn unsaid(reply: &Incoming<'_>) -> Report {
    let said = reply.headers.get(http::header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let essence = said.map(|said| MediaType::parse(said).essence.to_ascii_lowercase()).unwrap_or_default();
    if essence == "application/grpc" || essence.starts_with("application/grpc+") {
        let message = "the reply ends without a status (`grpc-status`)".to_owned();
        return Report::new(&UNEXPECTED_REPLY, message)
            .hint("look at what stands between: it may have cut the reply off, or not pass on trailers");
    }
    let what = if essence.is_empty() { String::new() } else { format!(", and says that it is `{essence}`") };
    Report::new(&UNEXPECTED_REPLY, format!("the reply is not one of gRPC{what}"))
        .because(beginning(reply.body))
        .hint("look at what answers: it may be a proxy that does not speak gRPC, or another system")
}
