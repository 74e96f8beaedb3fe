//! What an operation answers, as a message.

use http::{HeaderValue, StatusCode};
use tenon_compute::sized;
use tenon_contracts::wsdl::{Envelope, SoapVersion};
use tenon_errors::{
    Report,
    catalogue::{api::NOT_FOUND, engine::INTERNAL},
};
use tenon_mapping::Frame;
use tenon_model::Value;
use tenon_plan::SoapServing;
use tenon_ports::{Page, Query, Reply, operation::Request};

use super::asked::Asking;
use crate::{
    http::{
        budget::SMALL_ANSWER,
        exchange::{Answer, Failure, answer, empty},
        room::Room,
    },
    operation::{Caller, Served},
    rest::query::ListSpec,
};

/// How much larger than its text an answer is while it is made: the value, what is made of it, the text.
const WHILE_MADE: usize = 4;
/// A page that is longer than this is read with the room of a large one.
const SMALL_PAGE: usize = SMALL_ANSWER / WHILE_MADE;
/// Where databases end pages.
const LARGE_PAGE: usize = 8 << 20;

/// What `served` answers to `request`.
pub(super) async fn called(
    served: &Served,
    asking: &Asking,
    request: Request,
    caller: &Caller,
    room: &mut Room,
) -> Result<Value, Report> {
    match (asking, request) {
        (Asking::List(spec), Request::List(query)) => page(served, spec, query, caller, room).await,
        (Asking::Get(_), request) => {
            room_for(room, SMALL_ANSWER).await?;
            match served.call(request, caller).await? {
                Reply::Rows(mut rows) => rows.pop().flatten().ok_or_else(|| {
                    Report::new(&NOT_FOUND, "there is no row with this key").hint("check the key")
                }),
                _ => Err(served.wrong_reply()),
            }
        }
        (_, request) => match served.call(request, caller).await? {
            Reply::Sent(reply) => Ok(reply),
            _ => Err(served.wrong_reply()),
        },
    }
}

async fn room_for(room: &mut Room, bytes: usize) -> Result<(), Report> {
    room.reserve(bytes).await.map_err(|failure| failure.report)
}

/// A page, read in room for a small one; if it does not end by itself within that, again in room for a large one.
async fn page(
    served: &Served,
    spec: &ListSpec,
    query: Query,
    caller: &Caller,
    room: &mut Room,
) -> Result<Value, Report> {
    room_for(room, SMALL_ANSWER).await?;
    let bounded = Query { bytes: Some(SMALL_PAGE), ..query.clone() };
    let mut page = rows(served, bounded, caller).await?;
    if page.next.is_some() && page.rows.len() < query.limit {
        drop(page);
        room_for(room, LARGE_PAGE * WHILE_MADE).await?;
        page = rows(served, query.clone(), caller).await?;
    }
    let next = page.next.as_ref().map(|next| ("next", Value::from(spec.next(&query, next))));
    Ok(Value::record([("items", Value::list(page.rows))].into_iter().chain(next)))
}

async fn rows(served: &Served, query: Query, caller: &Caller) -> Result<Page, Report> {
    match served.call(Request::List(query), caller).await? {
        Reply::Page(page) => Ok(page),
        _ => Err(served.wrong_reply()),
    }
}

/// The message that answers `value` to the request in `frame`; 202 where nothing is answered (WS-I R2714).
pub(super) async fn written(
    envelope: &Envelope,
    serving: &SoapServing,
    frame: &Frame,
    value: Value,
) -> Result<Answer, Failure> {
    let Some(reply) = &serving.reply else { return Ok(empty(StatusCode::ACCEPTED)) };
    let mut frame = frame.clone();
    frame.values.truncate(1);
    let weight = value.weight();
    frame.values.push(value);
    let body = sized(weight, move || {
        let value = reply.run(&frame)?;
        let mut body = Vec::with_capacity(1_024);
        // What the description promises and a value of the operation does not keep is not the caller's to mend.
        envelope.encode_reply(&value, &mut body).map_err(|report| {
            let message = "the answer does not follow the description of the service";
            Report::new(&INTERNAL, message).with_details([report])
        })?;
        Ok::<_, Report>(body)
    });
    let media_type = HeaderValue::from_static(match envelope.version() {
        SoapVersion::V11 => "text/xml; charset=utf-8",
        SoapVersion::V12 => "application/soap+xml; charset=utf-8",
    });
    Ok(answer(StatusCode::OK, media_type, body.await?))
}
