//! How operations are asked of other systems over HTTP, and what their answers mean.
//!
//! An exchange is pure: it says which request asks for what, and what a reply to it says. Addresses, credentials, time and repetition are
//! the business of whoever sends it.

use std::{fmt::Debug, sync::Arc};

use bytes::Bytes;
use http::{HeaderMap, Method, StatusCode};
use tenon_errors::{
    Kind, Report, Reports,
    catalogue::system::{CALL_FAILED, CALL_FOUND_NOTHING, CALL_REFUSED, CALL_UNAUTHORIZED},
};
use tenon_model::{Str, Value};

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
}

/// What a reply says.
#[derive(Debug, Clone, PartialEq)]
pub enum Answer {
    /// What was asked for, by the output of the operation.
    Done(Value),
    /// It was not done.
    Failed(Refusal),
}

impl Refusal {
    /// The report of it, where the project says nothing else: `operation` has refused.
    #[must_use]
    pub fn report(&self, operation: &str) -> Report {
        let code = match self.kind {
            Kind::Unauthenticated => &CALL_UNAUTHORIZED,
            Kind::NotFound => &CALL_FOUND_NOTHING,
            Kind::ResourceExhausted | Kind::Unavailable | Kind::DeadlineExceeded | Kind::Internal => {
                &CALL_FAILED
            }
            _ => &CALL_REFUSED,
        };
        let report = Report::new(code, format!("`{operation}` answered {}", self.name));
        match self.detail.is_empty() {
            true => report,
            false => report.with_details([Report::new(code, format!("it says: {}", self.detail))]),
        }
    }
}

/// An answer that what was asked for was not done.
#[derive(Debug, Clone, PartialEq)]
pub struct Refusal {
    /// What the system says: `404`, or the name of a fault.
    pub name: Str,
    /// Which of the failures of the operation it is, by its position; `None` for one that is not described.
    pub declared: Option<usize>,
    /// What that means to whoever asked.
    pub kind: Kind,
    /// Whether the system may have done what it was asked, nevertheless.
    pub may_have_acted: bool,
    /// What the system answers beside it, by the shape of the failure; `None` where it answers nothing, or not what is described.
    pub value: Option<Value>,
    /// The beginning of what it answers, for people.
    pub detail: String,
}
