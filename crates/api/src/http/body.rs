//! Reading a request's body within its bounds.

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::{HeaderValue, Method, StatusCode, header};
use http_body_util::BodyExt;
use hyper::body::{Body, Frame, Incoming};
use tenon_errors::{
    Report,
    catalogue::api::{BODY_TOO_LARGE, MALFORMED_REQUEST, REQUEST_TIMEOUT},
};
use tenon_plan::Limits;
use tokio::time::{Instant, timeout, timeout_at};

use super::{exchange::Failure, room::Room};

/// The room that a body without an announced length gets first.
const FIRST: usize = 64 << 10;
/// While others wait for room, a body brings at least so much in this time.
const LEAST: usize = 4 << 10;
const PACE: Duration = Duration::from_millis(300);

/// The whole body, if it is no larger and no slower than allowed, for which it takes room first. One whose length is
/// announced to be too large is refused without reading it.
pub(crate) async fn read(body: Incoming, limits: &Limits, room: &mut Room) -> Result<Bytes, Failure> {
    let announced = body.size_hint();
    if announced.lower() > limits.body as u64 {
        return Err(too_large(format!("the body has {} bytes", announced.lower()), limits));
    }
    if body.is_end_stream() {
        return Ok(Bytes::new());
    }
    let expected = announced.exact().and_then(|bytes| usize::try_from(bytes).ok());
    room.reserve_body(expected.unwrap_or(FIRST).min(limits.body)).await?;
    match timeout(limits.read_timeout, collect(body, limits, room)).await {
        Ok(read) => read,
        Err(_) => Err(too_slow(limits)),
    }
}

/// Refuses a body of a request that has a meaning without one alone, as those of GET have (RFC 9110, section 9.3.1): what it says
/// would be ignored in silence. A body without a byte is none.
pub(crate) async fn none(
    body: Incoming,
    method: &Method,
    limits: &Limits,
    room: &mut Room,
) -> Result<(), Failure> {
    let is_none = match body.size_hint().lower() {
        0 => read(body, limits, room).await?.is_empty(),
        _ => false,
    };
    if is_none {
        room.release_body();
        return Ok(());
    }
    let report = Report::new(&MALFORMED_REQUEST, format!("a {method} request takes no body here"));
    Err(report.hint("leave the body out; what is asked for is in the path and the query").into())
}

async fn collect(mut body: Incoming, limits: &Limits, room: &mut Room) -> Result<Bytes, Failure> {
    let mut first = Bytes::new();
    let mut all = BytesMut::new();
    let mut pace = Pace::new();
    while let Some(frame) = pace.next(&mut body, room, limits).await? {
        let frame = frame.map_err(|error| torn(&error))?;
        let Ok(data) = frame.into_data() else { continue };
        let length = first.len() + all.len();
        if length + data.len() > limits.body {
            return Err(too_large(format!("the body has more than {} bytes", limits.body), limits));
        }
        // A body without an announced length gets all that there may be once it turns out not to be small.
        if length + data.len() > room.body() {
            room.reserve_body(limits.body - room.body()).await?;
        }
        // Most bodies are one frame, which is handed on without a copy.
        if length == 0 {
            first = data;
            continue;
        }
        if all.is_empty() {
            all.reserve(room.body().min(limits.body));
        }
        all.extend_from_slice(&std::mem::take(&mut first));
        all.extend_from_slice(&data);
    }
    Ok(if all.is_empty() { first } else { all.freeze() })
}

/// How fast a body comes, which matters while others wait for the room that it has.
struct Pace {
    until: Instant,
    bytes: usize,
}

impl Pace {
    fn new() -> Self {
        Self { until: Instant::now() + PACE, bytes: 0 }
    }

    /// The next frame; an error if others wait and less came than has to.
    async fn next(
        &mut self,
        body: &mut Incoming,
        room: &Room,
        limits: &Limits,
    ) -> Result<Option<Result<Frame<Bytes>, hyper::Error>>, Failure> {
        loop {
            match timeout_at(self.until, body.frame()).await {
                Ok(frame) => {
                    let data = frame.as_ref().and_then(|frame| frame.as_ref().ok()?.data_ref());
                    self.bytes += data.map_or(0, Bytes::len);
                    return Ok(frame);
                }
                Err(_) if room.is_pressed() && self.bytes < LEAST => return Err(too_slow(limits)),
                Err(_) => *self = Self::new(),
            }
        }
    }
}

fn too_large(message: String, limits: &Limits) -> Failure {
    let report =
        Report::new(&BODY_TOO_LARGE, message).hint(format!("send at most {} bytes at once", limits.body));
    Failure::with_status(report, StatusCode::PAYLOAD_TOO_LARGE)
}

fn too_slow(limits: &Limits) -> Failure {
    let message = format!("the body was sent too slowly, or not within {:?}", limits.read_timeout);
    let report = Report::new(&REQUEST_TIMEOUT, message).hint("send the body faster, or less of it");
    Failure::with_status(report, StatusCode::REQUEST_TIMEOUT)
        .header(header::CONNECTION, HeaderValue::from_static("close"))
}

fn torn(error: &hyper::Error) -> Failure {
    Failure::from(Report::new(&MALFORMED_REQUEST, format!("the body cannot be read: {error}")))
}
