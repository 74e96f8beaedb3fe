//! What a protocol handler is given and what it gives back.

use std::{net::IpAddr, sync::Arc};

use async_trait::async_trait;
use bytes::Bytes;
use http::{HeaderName, HeaderValue, Response, StatusCode, header, request::Parts};
use hyper::body::Incoming;
use jiff::Timestamp;
use smol_str::SmolStr;
use tenon_errors::Report;
use tenon_model::{Str, TraceContext};
use tenon_plan::Limits;
use tenon_security::Principal;

use super::faults;
use super::{peer::Peer, room::Room};

/// Answers the requests of one route and method.
#[async_trait]
pub(crate) trait Handler: Send + Sync {
    /// Answers one request.
    async fn handle(&self, exchange: Exchange<'_>) -> Result<Answer, Failure>;

    /// A request that failed, in the words of the protocol; as it is where the words are those of every protocol (RFC 9457).
    fn tell(&self, failure: Failure, _head: &Parts, _id: &str) -> Failure {
        failure
    }

    /// Whether this tells how the server is doing: such requests are answered even when it is overloaded.
    fn is_probe(&self) -> bool {
        false
    }
}

/// A request on its way through a handler.
pub(crate) struct Exchange<'a> {
    /// The request's head.
    pub(crate) head: &'a Parts,
    /// Its body, not read yet.
    pub(crate) body: Incoming,
    /// What the parameters of the route's path matched, in order, still percent-encoded.
    pub(crate) parameters: matchit::Params<'a, 'a>,
    /// Where it came from.
    pub(crate) client: IpAddr,
    /// Who is at the other end of the connection, as far as that has shown.
    pub(crate) peer: &'a Peer,
    /// The span of this request.
    pub(crate) trace: TraceContext,
    /// What other systems note about its trace.
    pub(crate) trace_state: Option<Str>,
    /// The id of this request; unique, not chosen by the client.
    pub(crate) id: &'a SmolStr,
    /// When it came.
    pub(crate) received: Timestamp,
    /// What it may take.
    pub(crate) limits: &'a Limits,
    /// What it has taken.
    pub(crate) room: &'a mut Room,
    /// Who asks, once that is known; for the access log.
    pub(crate) principal: &'a mut Option<Arc<Principal>>,
}

/// A response whose body is complete.
pub(crate) type Answer = Response<Bytes>;

/// A response with a body of this media type.
pub(crate) fn answer(status: StatusCode, media_type: HeaderValue, body: impl Into<Bytes>) -> Answer {
    let mut response = Response::new(body.into());
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, media_type);
    response
}

/// A response without a body.
pub(crate) fn empty(status: StatusCode) -> Answer {
    let mut response = Response::new(Bytes::new());
    *response.status_mut() = status;
    response
}

/// A request that failed: the report, and what HTTP says about it.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) report: Report,
    pub(crate) status: StatusCode,
    pub(crate) headers: Vec<(HeaderName, HeaderValue)>,
    /// How the protocol of the request tells it.
    pub(crate) told: Option<Told>,
}

/// The body of the answer to a request that failed.
#[derive(Debug)]
pub(crate) struct Told {
    pub(crate) media_type: HeaderValue,
    pub(crate) body: Bytes,
}

impl Failure {
    /// A failure with another status than its kind maps to: only for what HTTP itself defines.
    pub(crate) fn with_status(report: Report, status: StatusCode) -> Self {
        Self { report, status, headers: Vec::new(), told: None }
    }

    /// Adds a header to the answer.
    #[must_use]
    pub(crate) fn header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.push((name, value));
        self
    }
}

impl From<Report> for Failure {
    fn from(report: Report) -> Self {
        let status = faults::status(&report);
        Self::with_status(report, status)
    }
}
