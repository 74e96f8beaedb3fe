//! Operations: what an API offers, independent of the protocol that a request came by.

use std::{fmt, net::IpAddr, sync::Arc, time::Duration};

use async_trait::async_trait;
use jiff::Timestamp;
pub use tenon_contracts::format::Effect;
use tenon_errors::Report;
use tenon_model::{Name, Str, TraceContext, Value};
use tenon_security::Principal;

use crate::{Page, Query};

/// A request to an operation, authenticated and decoded.
#[derive(Debug, Clone)]
pub struct Call {
    /// What is asked for.
    pub request: Request,
    /// Who asks.
    pub principal: Arc<Principal>,
    /// The address that the request came from, where there is one: what anonymous callers are told apart by.
    pub client: Option<IpAddr>,
    /// The trace that the request belongs to.
    pub trace: TraceContext,
    /// What other systems note about that trace (W3C Trace Context, section 3.3): passed on with every message made of it.
    pub trace_state: Option<Str>,
    /// The request's id: the idempotency key where the client sent one.
    pub id: Str,
    /// The key that the client sent to have the request recognised when it sends it again.
    pub idempotency_key: Option<IdempotencyKey>,
    /// When the work is no longer wanted.
    pub deadline: Timestamp,
    /// Whether an answer that was kept before will not do.
    pub fresh: bool,
    /// What has to hold when a message begins to act.
    pub condition: Option<Arc<dyn Condition>>,
}

/// What a request that acts asks of the state of things. It is asked when the request begins to act: one that is recognised as
/// a repeat has acted already, and gets its first reply whatever holds now.
#[async_trait]
pub trait Condition: fmt::Debug + Send + Sync {
    /// The table whose rows it is about: while it is held, and until the request is done, no other request changes them.
    fn table(&self) -> &Name;

    /// An error if it does not hold.
    async fn hold(&self) -> Result<(), Report>;
}

/// The key of a request that its client may send again (draft-ietf-httpapi-idempotency-key-header).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdempotencyKey {
    /// Who has sent it.
    pub caller: Str,
    /// The client's key, within which the caller is: no two callers share one.
    pub key: Str,
}

/// What a [`Call`] asks for.
#[derive(Debug, Clone, PartialEq)]
pub enum Request {
    /// The rows of these keys, in order.
    Get(Vec<Vec<Value>>),
    /// A page of rows.
    List(Query),
    /// A message for a flow, decoded by the operation's input contract.
    Send(Value),
}

/// The answer to a [`Call`]; the variant is that of the request, also inside of [`Reply::Kept`].
#[derive(Debug, Clone, PartialEq)]
pub enum Reply {
    /// A row for each key asked for, or none.
    Rows(Vec<Option<Value>>),
    /// A page of rows.
    Page(Page),
    /// What the flow replies, by the operation's output contract.
    Sent(Value),
    /// A reply that was made for an equal call before.
    Kept {
        /// The reply.
        reply: Box<Reply>,
        /// How long ago it was made.
        age: Duration,
    },
}

impl Reply {
    /// The reply itself, and how old it is where it was kept.
    #[must_use]
    pub fn into_parts(self) -> (Self, Option<Duration>) {
        match self {
            Self::Kept { reply, age } => (*reply, Some(age)),
            reply => (reply, None),
        }
    }
}

/// Something that can be called. Policies (rate limit, cache, timeout) wrap one in another.
///
/// # Protocol
/// Calls may run at the same time. Whether the caller may was decided around the call. Dropping the future
/// cancels a read; a message that was accepted by a flow is processed all the same.
#[async_trait]
pub trait Operation: Send + Sync {
    /// Performs the call.
    async fn call(&self, call: Call) -> Result<Reply, Report>;
}
