//! Calls that must not be made twice: noted before they are made, and with their reply after.

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use serde_json::{Value as Json, json};
use tenon_contracts::format::Answer;
use tenon_errors::{
    Report,
    catalogue::{engine::INTERNAL, system::CALL_IN_DOUBT},
};
use tenon_model::Str;
use tenon_plan::{Call, Flow, Input, OnRefusal};
use tenon_ports::{CallId, Noted, Received, Settled};

use super::{Asked, Came, refused, understand};
use crate::program::Calls;

/// What the calls of a message are noted under: the id of the dead letter that it is or would be; of a request, something that no
/// message is called.
pub(crate) fn message(flow: &Flow, id: &str) -> Str {
    match flow.input {
        Input::Request(_) => smol_str::format_smolstr!("{}{id}", requests(flow)),
        Input::File(_) | Input::Topic(_) => smol_str::format_smolstr!("{}-{id}", flow.name),
    }
}

/// What the names of all requests to a flow begin with.
pub(crate) fn requests(flow: &Flow) -> Str {
    smol_str::format_smolstr!("{}\nrequest\n", flow.name)
}

/// Asks once, or finds what came of asking before.
pub(super) async fn ask(call: &Call, calls: &Calls, again: bool, one: Asked) -> Came {
    let Asked { id, asking, .. } = one;
    let known = match calls.state.begin_call(id.clone(), again).await {
        Ok(known) => known,
        Err(report) => return of_state(report),
    };
    match known {
        Some(Noted::Answered(reply)) => {
            return match load(&reply) {
                Some(reply) => understand(call, &reply),
                None => Came::Failed(Report::new(&INTERNAL, "what was kept of a reply cannot be read")),
            };
        }
        Some(Noted::Doubted) => {
            return Came::Failed(in_doubt(call, "nothing is known of the call that was made"));
        }
        Some(Noted::Begun) => {
            let report = in_doubt(
                call,
                "what came of it was not recorded, since the process ended or its state failed",
            );
            return settle(calls, id, Settled::Doubted, Came::Failed(report)).await;
        }
        None => {}
    }
    let (settled, came) = match calls.remote.call(asking).await {
        Ok(reply) => of_reply(call, &reply),
        Err(unanswered) if unanswered.may_have_acted => {
            let report = in_doubt(call, "its answer did not come").with_details([unanswered.report]);
            (Settled::Doubted, Came::Failed(report))
        }
        Err(unanswered) => (Settled::Undone, refused::unanswered(unanswered)),
    };
    settle(calls, id, settled, came).await
}

/// What a reply means, and what is kept of it: what has acted is kept as it came, so that it can be read again by a description that was
/// corrected.
fn of_reply(call: &Call, reply: &Received) -> (Settled, Came) {
    let kept = || Settled::Answered(store(reply));
    match call.called.exchange.answer(&reply.incoming()) {
        Ok(Answer::Done(value)) => (kept(), Came::Answer(value)),
        Ok(Answer::Failed(refusal)) => match call.rule(&refusal) {
            // The project says what this means.
            Some(OnRefusal::Retry) => (Settled::Undone, understand(call, reply)),
            // A message that is rejected asks again when it is replayed, unless that may act twice.
            Some(OnRefusal::Reject { .. }) if !refusal.may_have_acted => {
                (Settled::Undone, Came::Refused(refusal))
            }
            Some(_) => (kept(), Came::Refused(refusal)),
            None if refusal.may_have_acted => {
                let answered = refused::report(call, &refusal);
                let report = in_doubt(call, "it failed").with_details([answered]);
                (Settled::Doubted, Came::Failed(report))
            }
            None => (Settled::Undone, understand(call, reply)),
        },
        Err(_) => (kept(), understand(call, reply)),
    }
}

async fn settle(calls: &Calls, id: CallId, settled: Settled, came: Came) -> Came {
    match calls.state.settle_call(id, settled).await {
        Ok(()) => came,
        // What cannot be noted is found as begun when the message comes again.
        Err(report) => of_state(report),
    }
}

fn of_state(report: Report) -> Came {
    if report.is_transient() { Came::Nobody(report) } else { Came::Failed(report) }
}

fn in_doubt(call: &Call, why: &str) -> Report {
    let message = format!("`{}` may have acted or not: {why}", call.called.name);
    Report::new(&CALL_IN_DOUBT, message).hint("look at the system, and replay the message if it did not act")
}

/// A reply as bytes: its head as JSON, with the fields after its body where there are any; a line break; and its body.
fn store(reply: &Received) -> Bytes {
    let field = |(name, value): (&HeaderName, &HeaderValue)| {
        json!([name.as_str(), String::from_utf8_lossy(value.as_bytes())])
    };
    let fields = |map: &HeaderMap| map.iter().map(field).collect::<Vec<Json>>();
    let head = match reply.trailers.is_empty() {
        true => json!([reply.status.as_u16(), fields(&reply.headers)]),
        false => json!([reply.status.as_u16(), fields(&reply.headers), fields(&reply.trailers)]),
    };
    let mut bytes = head.to_string().into_bytes();
    bytes.push(b'\n');
    bytes.extend_from_slice(&reply.body);
    bytes.into()
}

/// The reply of [`store`].
fn load(bytes: &Bytes) -> Option<Received> {
    let end = bytes.iter().position(|byte| *byte == b'\n')?;
    let mut head: Vec<Json> = serde_json::from_slice(&bytes[..end]).ok()?;
    // Replies without trailers are kept, and were always kept, as two parts.
    let trailers = if head.len() == 3 { fields(head.pop()?)? } else { HeaderMap::new() };
    let headers = fields(head.pop()?)?;
    let status: u16 = serde_json::from_value(head.pop()?).ok()?;
    let (status, body) = (StatusCode::from_u16(status).ok()?, bytes.slice(end + 1..));
    Some(Received { status, headers, body, trailers })
}

fn fields(pairs: Json) -> Option<HeaderMap> {
    let pairs: Vec<(String, String)> = serde_json::from_value(pairs).ok()?;
    let mut fields = HeaderMap::new();
    for (name, value) in pairs {
        fields.append(HeaderName::try_from(name).ok()?, HeaderValue::try_from(value).ok()?);
    }
    Some(fields)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reply_is_kept_as_it_came() {
        let mut headers = HeaderMap::new();
        headers.append("content-type", "application/json".parse().unwrap());
        headers.append("set-cookie", "a=1".parse().unwrap());
        headers.append("set-cookie", "b=2".parse().unwrap());
        let body = Bytes::from_static(b"{\n\0}\xff");
        let reply = Received { status: StatusCode::CREATED, headers, body, trailers: HeaderMap::new() };
        assert_eq!(load(&store(&reply)), Some(reply.clone()));
        let trailers =
            HeaderMap::from_iter([(HeaderName::from_static("grpc-status"), HeaderValue::from_static("0"))]);
        let reply = Received { trailers, ..reply };
        assert_eq!(load(&store(&reply)), Some(reply));
        assert_eq!(load(&Bytes::from_static(b"[201]")), None);
        assert_eq!(load(&Bytes::from_static(b"[201]\n")), None);
    }

    #[test]
    fn a_reply_that_was_kept_before_replies_had_trailers_is_read() {
        let kept = Bytes::from_static(b"[201,[[\"content-type\",\"application/json\"]]]\n{}");
        let reply = load(&kept).unwrap();
        assert_eq!((reply.status, reply.headers.len(), reply.trailers.len()), (StatusCode::CREATED, 1, 0));
        assert_eq!((&reply.body[..], store(&reply)), (&b"{}"[..], kept));
    }
}
