//! What issuers know: their newer keys, so that a token that is signed by one is not refused until they happen to come, and whether a
//! token holds that only they can read.

use std::{fmt, sync::Arc, time::Duration};

use async_trait::async_trait;
use jiff::Timestamp;
use tenon_errors::{Report, catalogue::security::ISSUER_UNAVAILABLE};
use tenon_security::{authenticate::Authenticator, ban::Bans, introspection::Introspected};

/// The longest that one request waits for an issuer.
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

/// Asks the issuers of an API's tokens about those that only they can read.
///
/// # Protocol
/// Whoever sends requests decides how often this is asked: so what was answered is kept for a while, also that a token does not hold, within a
/// bound of entries and bytes and never beyond the end of the token; one question answers all who wait for it, and is finished if they
/// leave. A report other than `S0002` means that it is not known whether the token holds, and the caller is told to come again.
#[async_trait]
pub trait Introspect: Send + Sync {
    /// What is known already of `token` from the issuer at this position.
    async fn known(&self, issuer: usize, token: &str, now: Timestamp) -> Option<Introspected>;

    /// Who sent `token`, as the issuer at this position says.
    async fn ask(&self, issuer: usize, token: &str, now: Timestamp) -> Result<Introspected, Report>;
}

/// Nobody is asked.
struct Nobody;

#[async_trait]
impl Introspect for Nobody {
    async fn known(&self, _: usize, _: &str, _: Timestamp) -> Option<Introspected> {
        None
    }

    async fn ask(&self, _: usize, _: &str, _: Timestamp) -> Result<Introspected, Report> {
        Err(Report::new(&ISSUER_UNAVAILABLE, "there is no issuer to be asked"))
    }
}

/// How one API authenticates its callers.
#[derive(Clone)]
pub struct Authentication {
    /// Checks credentials.
    pub authenticator: Arc<Authenticator>,
    /// Gets newer keys for its verifiers.
    pub keys: Arc<dyn KeyRefresh>,
    /// Asks its issuers.
    pub issuers: Arc<dyn Introspect>,
    /// Who is refused, whatever they prove.
    pub bans: Arc<Bans>,
}

impl From<Arc<Authenticator>> for Authentication {
    /// With keys that do not change, and nobody to ask.
    fn from(authenticator: Arc<Authenticator>) -> Self {
        Self { authenticator, keys: Arc::new(Unchanging), issuers: Arc::new(Nobody), bans: Arc::default() }
    }
}

impl fmt::Debug for Authentication {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Authentication({:?})", self.authenticator)
    }
}
