//! Waiting for the newer keys of an issuer, so that a token that is signed by one is not refused until they happen to come.

use std::{fmt, sync::Arc, time::Duration};

use async_trait::async_trait;
use tenon_errors::Report;
use tenon_security::authenticate::Authenticator;

/// The longest that one request waits for newer keys.
pub(super) const LONGEST_WAIT: Duration = Duration::from_secs(2);

/// Gets the keys of an API's issuers again.
///
/// # Protocol
/// [`KeyRefresh::refresh`] is called when a token is signed by a key that the verifier of `issuer` does not know, by many
/// requests at the same time and as often as anybody cares to send such tokens: so one fetch answers all who wait, and fetches keep a
/// distance. `Ok` means that the verifier has the newest keys that there are: the token is verified once more, and that is
/// the answer. An error means that they cannot be got now; the request is answered with it (`S0005`, with the time until
/// the next fetch as its wait). A caller that has waited for two seconds drops the future; a fetch that is under way should
/// be finished all the same, for the next one.
#[async_trait]
pub trait KeyRefresh: Send + Sync {
    /// Waits until the verifier of `issuer` has the newest keys.
    async fn refresh(&self, issuer: &str) -> Result<(), Report>;
}

/// Keys that do not change while a plan is served.
struct Unchanging;

#[async_trait]
impl KeyRefresh for Unchanging {
    async fn refresh(&self, _: &str) -> Result<(), Report> {
        Ok(())
    }
}

/// How one API authenticates its callers.
#[derive(Clone)]
pub struct Authentication {
    /// Checks credentials.
    pub authenticator: Arc<Authenticator>,
    /// Gets newer keys for its verifiers.
    pub keys: Arc<dyn KeyRefresh>,
}

impl From<Arc<Authenticator>> for Authentication {
    /// With keys that do not change.
    fn from(authenticator: Arc<Authenticator>) -> Self {
        Self { authenticator, keys: Arc::new(Unchanging) }
    }
}

impl fmt::Debug for Authentication {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Authentication({:?})", self.authenticator)
    }
}
