//! Systems whose operations are called: how they are reached, and what came of a call.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use jiff::Timestamp;
pub use tenon_contracts::format::Received;
use tenon_contracts::format::{Effect, Exchange, Outgoing};
use tenon_errors::Report;
use tenon_model::{Str, TraceContext};

/// How a system is reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reaching {
    /// The addresses of its instances, each with what stands before every path.
    pub urls: Vec<Str>,
    /// Which instance a call goes to.
    pub balance: Balance,
    /// The longest wait for a connection.
    pub connect_timeout: Duration,
    /// The longest wait for an answer, with everything that is tried again.
    pub timeout: Duration,
    /// How often a call is tried in all, at least 1, where trying again cannot act twice.
    pub attempts: u32,
    /// The wait after the first failure, which doubles, and the longest one.
    pub backoff: (Duration, Duration),
    /// How many failures in a row keep calls from an instance, and for how long.
    pub breaker: (u32, Duration),
    /// How many calls are under way at the same time.
    pub at_most: usize,
    /// The largest answer, in bytes.
    pub max_reply: usize,
    /// Whether names may lead to private addresses.
    pub private: bool,
    /// The header in which the system takes the key of a request, and recognises one that is repeated.
    pub idempotency_key: Option<Str>,
    /// How it is proved who is calling.
    pub auth: Option<Credential>,
    /// The certificates that are trusted, as a file of the project; those of the machine otherwise.
    pub authorities: Option<Str>,
    /// What the process shows of itself: the certificates, as a file of the project, and the name of the secret that is their key.
    pub certificate: Option<(Str, Str)>,
    /// What stands between: calls go through this proxy.
    pub proxy: Option<Str>,
}

/// Which instance of a system a call goes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Balance {
    /// The one with fewer calls under way, of two that are chosen at random.
    #[default]
    LeastLoaded,
    /// One after another.
    RoundRobin,
}

/// How it is proved who is calling. Secrets are named, never held.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Credential {
    /// A name and a password (RFC 7617).
    Basic {
        /// The name.
        user: Str,
        /// The name of the secret.
        password: Str,
    },
    /// A token that stays the same (RFC 6750).
    Bearer {
        /// The name of the secret.
        token: Str,
    },
    /// A key in a header.
    Header {
        /// The name of the header.
        name: Str,
        /// The name of the secret.
        key: Str,
    },
    /// A key in the query.
    Query {
        /// The name of the parameter.
        name: Str,
        /// The name of the secret.
        key: Str,
    },
    /// Tokens of an authorization server for the project itself (RFC 6749, section 4.4).
    OAuth2 {
        /// Where tokens are given out.
        token_url: Str,
        /// The name of the client.
        client: Str,
        /// How it proves that it is the client.
        proof: ClientProof,
        /// What is asked for.
        scopes: Vec<Str>,
        /// Whom the tokens are for, where the server asks.
        audience: Option<Str>,
    },
    /// A signature of the request as AWS asks for (Signature Version 4).
    Aws {
        /// The region.
        region: Str,
        /// The service.
        service: Str,
        /// The id of the access key.
        key_id: Str,
        /// The name of the secret with the access key.
        key: Str,
    },
    /// A header of WS-Security in each message of SOAP.
    WsSecurity {
        /// Who is calling, where it says that.
        user: Option<UsernameToken>,
        /// How long a message holds, where it says that.
        timestamp: Option<Duration>,
        /// What signs both and the body: a certificate, as a file of the project, and the name of the secret that is its key.
        signature: Option<(Str, Str)>,
    },
}

/// A name and a password in a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UsernameToken {
    /// The name.
    pub user: Str,
    /// The name of the secret with the password.
    pub password: Str,
    /// Whether only a digest of the password is sent.
    pub is_digest: bool,
}

/// How a client proves itself to the server that gives out tokens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ClientProof {
    /// By a secret of this name, in a header (`client_secret_basic`).
    SecretInHeader(Str),
    /// By a secret of this name, in the form (`client_secret_post`).
    SecretInForm(Str),
    /// By a token that it signs with the private key in the secret of this name (`private_key_jwt`, RFC 7523).
    Key(Str),
    /// By its certificate (RFC 8705), which the system is called with, too.
    Certificate,
}

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
