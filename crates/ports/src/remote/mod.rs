//! Systems whose operations are called: how they are reached, and what came of a call.

mod credential;
mod reaching;
mod resilience;
mod signature;

use std::sync::Arc;

use async_trait::async_trait;
use jiff::Timestamp;
pub use tenon_contracts::format::{Again, Incoming, Received, Standing};
use tenon_contracts::format::{Effect, Exchange, Outgoing};
use tenon_errors::Report;
use tenon_model::{Str, TraceContext};

pub use self::{
    credential::{ClientProof, Credential, Grant, UsernameToken},
    reaching::{Instance, Proxy, Reaching},
    resilience::{
        Balance, Breaker, Ejection, FailedShare, HealthCheck, Redirects, Resilience, Retry, Timeouts,
        Versions,
    },
    signature::{DateForm, Encoding, Hash, Signature, SignedPart},
};

/// A request of an operation.
#[derive(Debug, Clone)]
pub struct Asking {
    /// The operation, as reports name it: `crm.getCustomer`.
    pub operation: Str,
    /// What is sent.
    pub outgoing: Outgoing,
    /// Says what a reply to it means.
    pub exchange: Arc<dyn Exchange>,
    /// What that does.
    pub effect: Effect,
    /// By which the system recognises that a call is repeated: calls of equal key are one.
    pub key: Str,
    /// When the answer is no longer wanted, where that is sooner than the system's own limit.
    pub deadline: Option<Timestamp>,
    /// The trace that the call belongs to.
    pub trace: TraceContext,
}

/// Why there is no reply.
#[derive(Debug, Clone)]
pub struct Unanswered {
    /// What happened.
    pub report: Report,
    /// Whether the system may have done what it was asked.
    pub may_have_acted: bool,
    /// Whether the same would happen to every call.
    pub concerns_all: bool,
}

/// A system whose operations are called.
///
/// # Protocol
/// Calls may run at the same time; more than the system takes wait. A call that only reads, or that may be repeated, is tried again by itself
/// within its time. Dropping the future gives up the answer, and not what was asked for.
#[async_trait]
pub trait Remote: Send + Sync {
    /// Makes the call.
    ///
    /// # Errors
    /// Why there is no reply. One that says that the system refuses is a reply.
    async fn call(&self, asking: Asking) -> Result<Received, Unanswered>;

    /// Whether the system takes a repeated call for one, by its key.
    fn recognises_repeats(&self) -> bool;

    /// An error while no instance of the system gets calls, since all have failed too often.
    fn is_up(&self) -> Result<(), Report> {
        Ok(())
    }
}
