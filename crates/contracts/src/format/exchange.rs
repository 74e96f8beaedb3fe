//! How operations are asked of other systems over HTTP, and what their answers mean.
//!
//! An exchange is pure: it says which request asks for what, and what a reply to it says. Addresses, credentials, time and repetition are
//! the business of whoever sends it.

use std::{fmt::Debug, sync::Arc, time::Duration};

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use tenon_errors::{Report, Reports};
use tenon_model::Value;

use super::{Refusal, refusal};

/// What a call does to the world, which says whether it may be made again (RFC 9110, section 9.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Effect {
    /// It only reads.
    Safe,
    /// Made twice, it does what it does once.
    Idempotent,
    /// Made twice, it may act twice.
    Acts,
}

/// An operation as it is asked for over HTTP.
pub trait Exchange: Send + Sync + Debug {
    /// What asking does.
    fn effect(&self) -> Effect;

    /// The request that asks for what `input` says; it follows the input of the operation.
    ///
    /// # Errors
    /// `D0001` for a value that the protocol has no way to write, with its path.
    fn request(&self, input: &Value) -> Result<Outgoing, Report>;

    /// What the reply to such a request means.
    ///
    /// # Errors
    /// `Y0420` for a reply that is not as the system is described, with what is wrong with it.
    fn answer(&self, reply: &Incoming<'_>) -> Result<Answer, Report>;

    /// What a reply means to whoever sends requests, where the protocol says it otherwise than by the status of HTTP.
    fn standing(&self, _reply: &Incoming<'_>) -> Option<Standing> {
        None
    }

    /// How a request says that its answer is wanted within this time, where the protocol has a header for it.
    fn deadline(&self, _left: Duration) -> Option<(HeaderName, HeaderValue)> {
        None
    }

    /// Whether fields after the body of a reply are a part of what it says, so that the request asks for them.
    fn reads_trailers(&self) -> bool {
        false
    }

    /// Whether an answer may refuse by this name, beside the failures that the operation declares.
    fn may_refuse_as(&self, name: &str) -> bool {
        refusal::is_of_statuses(name)
    }

    /// By what answers refuse beside the failures that the operation declares, for people.
    fn refuses_by(&self) -> RefusesBy {
        RefusesBy { kinds: "a status (`404`), a range (`4XX`)", names: &[] }
    }

    /// Whether an answer that refuses by the name of a declared failure always has its value: faults of SOAP are told apart by what they say,
    /// statuses of HTTP are not.
    fn refuses_with_values(&self) -> bool {
        false
    }

    /// Whether the input is a record of the parts of a request (`path`, `query`, `header`, `cookie`, `body`), and not of what is said in them.
    fn takes_parts(&self) -> bool {
        false
    }

    /// The side of whoever is asked, where the format has it.
    fn answering(&self) -> Option<&dyn Answering> {
        None
    }
}

/// The other side of an exchange: what whoever is asked reads of a request, and how it replies.
pub trait Answering: Send + Sync + Debug {
    /// What `request` asks for; it follows the input of the operation.
    ///
    /// # Errors
    /// `D0001` and what is said of the encoding, for a request that is not as it is described.
    fn asked(&self, request: &Outgoing) -> Result<Value, Report>;

    /// The reply that says `output`.
    ///
    /// # Errors
    /// `D0001` for what does not follow the output of the operation, with its path.
    fn done(&self, output: &Value) -> Result<Received, Report>;

    /// The reply that refuses by the name of a declared failure, with its value, or by another one that
    /// [answers may have](Exchange::may_refuse_as).
    ///
    /// # Errors
    /// `D0001` for names that answers do not have, and for values that do not follow the failure.
    fn refused(&self, name: &str, reason: &str, value: Option<&Value>) -> Result<Received, Report>;
}

/// Makes the exchanges of the operations of a file, when they are asked for: a project calls few of those that a description has.
pub trait Exchanges: Send + Sync + Debug {
    /// The exchange of the operation at this position of [`Schema::operations`](super::Schema::operations); `None` for one that is not
    /// called, such as a request that the system itself makes.
    ///
    /// # Errors
    /// Why it cannot be called, at its place.
    fn exchange(&self, position: usize) -> Result<Option<Arc<dyn Exchange>>, Reports>;
}

/// A request to be sent.
#[derive(Debug, Clone)]
pub struct Outgoing {
    /// The method.
    pub method: Method,
    /// Path and query, to be appended to the address of the system.
    pub target: String,
    /// What the operation itself sends as headers, `Content-Type` and `Accept` among them.
    pub headers: HeaderMap,
    /// The body; empty where there is none.
    pub body: Bytes,
}

/// A reply that was received as a whole.
#[derive(Debug, Clone, Copy)]
pub struct Incoming<'r> {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: &'r HeaderMap,
    /// The body, without any transfer or content coding.
    pub body: &'r [u8],
    /// The fields after the body.
    pub trailers: &'r HeaderMap,
}

/// A reply as it came, or as it is sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Received {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The body, without any coding.
    pub body: Bytes,
    /// The fields after the body; none in most protocols.
    pub trailers: HeaderMap,
}

impl Received {
    /// The reply, as an exchange reads it.
    #[must_use]
    pub fn incoming(&self) -> Incoming<'_> {
        let Self { status, headers, body, trailers } = self;
        Incoming { status: *status, headers, body, trailers }
    }
}

/// What a reply means to whoever sends requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// The status of HTTP that it stands for.
    pub status: StatusCode,
    /// Whether the system has certainly not begun with what it was asked, so that also what acts may be asked again.
    pub is_untouched: bool,
    /// What the system says about being asked again.
    pub again: Again,
}

/// What a system says about being asked again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Again {
    /// Nothing.
    Unsaid,
    /// Not before this time is over.
    After(Duration),
    /// Not at all.
    Never,
}

/// By what answers refuse, beside the failures that an operation declares.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RefusesBy {
    /// In words: `a status (404)`.
    pub kinds: &'static str,
    /// All names, where they are few.
    pub names: &'static [&'static str],
}

/// What a reply says.
#[derive(Debug, Clone, PartialEq)]
pub enum Answer {
    /// What was asked for, by the output of the operation.
    Done(Value),
    /// It was not done.
    Failed(Refusal),
}

/// The headers by which a connection is kept and a message found in it (RFC 9110, sections 7.2, 7.6.1, 8.6 and 10.1.1; RFC 9112, section 6.1).
const OF_CONNECTION: [&str; 12] = [
    "host",
    "content-length",
    "transfer-encoding",
    "connection",
    "keep-alive",
    "proxy-connection",
    "proxy-authorization",
    "te",
    "trailer",
    "upgrade",
    "expect",
    "http2-settings",
];

/// Whether the header `name`, in any letters, belongs to the connection, so that neither a description nor a project can set it.
#[must_use]
pub fn is_of_connection(name: &str) -> bool {
    OF_CONNECTION.iter().any(|other| name.eq_ignore_ascii_case(other))
}
