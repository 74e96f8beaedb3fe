//! What is sent, and what comes back.

use std::{fmt, sync::Arc, time::Duration};

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use jiff::Timestamp;
use tenon_model::Str;
use tenon_ports::{
    Effect,
    remote::{Incoming, Standing},
};
use tenon_security::SecretText;

/// What a protocol says that is spoken over HTTP, by more than statuses.
pub trait Protocol: Send + Sync {
    /// Whether the server that gives an answer works, where the answer [means](Self::standing) that it fails: one that answers a fault of
    /// SOAP does. Then it is not left alone for it.
    fn works(&self, answer: &Incoming<'_>) -> bool;

    /// What an answer means, where the status of HTTP does not say it: gRPC answers everything by 200.
    fn standing(&self, _answer: &Incoming<'_>) -> Option<Standing> {
        None
    }

    /// The header that tells the server how long its answer is waited for.
    fn deadline(&self, _left: Duration) -> Option<(HeaderName, HeaderValue)> {
        None
    }

    /// Whether fields after the body are asked for (`te: trailers`; RFC 9110, section 10.1.4).
    fn reads_trailers(&self) -> bool {
        false
    }
}

/// A request to a system.
#[derive(Clone)]
pub struct Request {
    /// The method; `CONNECT` is not sent.
    pub method: Method,
    /// Path and query, escaped, appended to the base path of the endpoint: `/orders/7?full=true`, or nothing.
    pub target: String,
    /// The headers. Those of the connection (`host`, `content-length`, `connection` and the like) are the client's.
    pub headers: HeaderMap,
    /// The body.
    pub body: Bytes,
    /// What it does in the system, which says when it may be sent again.
    pub effect: Effect,
    /// When the answer is no longer wanted.
    pub deadline: Option<Timestamp>,
    /// The token of whoever the request is made for, where credentials are made of it (token exchange).
    pub subject: Option<SecretText>,
    /// What requests for the same endpoint have in common, for [`Balance::Hash`](crate::Balance::Hash).
    pub affinity: Option<Str>,
    /// The statuses after which a request that is [`Safe`](Effect::Safe) or [`Idempotent`](Effect::Idempotent) is sent again.
    pub retried: Vec<StatusCode>,
    /// What is spoken over HTTP. Without it, only a server that says 501 works, of those that say that they fail.
    pub protocol: Option<Arc<dyn Protocol>>,
}

impl Request {
    /// A request without headers and body, sent again after 429, 502, 503 and 504.
    #[must_use]
    pub fn new(method: Method, target: impl Into<String>, effect: Effect) -> Self {
        Self {
            method,
            target: target.into(),
            headers: HeaderMap::new(),
            body: Bytes::new(),
            effect,
            deadline: None,
            subject: None,
            affinity: None,
            retried: vec![
                StatusCode::TOO_MANY_REQUESTS,
                StatusCode::BAD_GATEWAY,
                StatusCode::SERVICE_UNAVAILABLE,
                StatusCode::GATEWAY_TIMEOUT,
            ],
            protocol: None,
        }
    }

    /// Method and path, as reports name the request: queries may hold secrets.
    pub(crate) fn place(&self) -> String {
        let path = self.target.split('?').next().unwrap_or_default();
        match path {
            // It goes to the address of the system as it stands.
            "" => self.method.to_string(),
            path => format!("{} {path}", self.method),
        }
    }
}

impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Headers, query and body may be secret.
        write!(f, "Request({}, {} bytes)", self.place(), self.body.len())
    }
}

/// An answer, whatever its status says.
#[derive(Clone)]
pub struct Response {
    /// The status.
    pub status: StatusCode,
    /// The headers; of a body that was decompressed, those of what it was before.
    pub headers: HeaderMap,
    /// The whole body, decompressed where it was compressed by gzip.
    pub body: Bytes,
    /// The fields after the body.
    pub trailers: HeaderMap,
    /// The URL of the endpoint that has answered.
    pub endpoint: Str,
    /// How many attempts there were; that credentials were renewed, or a redirect followed, is a part of one.
    pub attempts: u32,
    /// How long the call took, with waits and repeats.
    pub took: Duration,
}

impl fmt::Debug for Response {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Response({} of {}, {} bytes)", self.status, self.endpoint, self.body.len())
    }
}
