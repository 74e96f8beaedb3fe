//! The key sets of issuers, fetched from their URLs: at start, every few minutes, and when a token names a key that is not
//! known. Anybody can name made-up keys, so fetches are bounded. Key sets outlive the plan that they were fetched for,
//! so that a reload does not lock callers out while an issuer is away.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
    time::Duration,
};

use async_trait::async_trait;
use tenon_api::http::{Authentication, KeyRefresh};
use tenon_errors::Report;
use tenon_model::Str;
use tenon_plan::{KeySetLocation, Plan};
use tenon_security::{
    authenticate::Authenticator,
    jwt::{KeySet, keys_unavailable},
};
use tokio::{
    task::JoinSet,
    time::{Instant, timeout},
};

use crate::fetch::{KeySource, Origin};

/// The longest that a key set is used without looking for a newer one.
const MAX_AGE: Duration = Duration::from_secs(300);
/// How often a key set that could not be fetched is tried again.
const AGAIN: Duration = Duration::from_secs(10);
/// At most this many fetches of one key set in [`WINDOW`]: a new key is found at once, and made-up ones cost the issuer little.
const FETCHES: usize = 3;
const WINDOW: Duration = Duration::from_secs(30);
/// How long a start waits for key sets, so that the first request can be answered.
const FIRST_FETCH: Duration = Duration::from_secs(3);

/// The issuers that were heard of since the process started, by where their key set is.
#[derive(Default)]
pub(crate) struct KeySets(Mutex<HashMap<Origin, Arc<Issuer>>>);

/// One issuer, and the keys that are known of it.
pub(crate) struct Issuer {
    origin: Origin,
    source: KeySource,
    /// The keys, or why there are none yet.
    keys: Mutex<Result<KeySet, Report>>,
    /// Who verifies with the keys: every one gets those that any of them has asked for.
    verifiers: Mutex<Vec<Verifying>>,
    /// When the last fetches ended. Held while one is under way, so that one answers all who wait.
    fetched: tokio::sync::Mutex<VecDeque<Instant>>,
}

/// One of the verifiers of an authenticator.
struct Verifying {
    authenticator: Weak<Authenticator>,
    position: usize,
}

impl KeySets {
    /// The keys that are known at `origin`: none until they were fetched.
    pub(crate) fn of(&self, origin: &Origin) -> KeySet {
        self.issuer(origin).keys().clone().unwrap_or_default()
    }

    /// The issuers of `plan` whose keys are not there, so that no token can be verified.
    pub(crate) fn problems(&self, plan: &Plan) -> Vec<Report> {
        let issuers = urls(plan).map(|of| self.issuer(&of.origin));
        issuers.filter_map(|issuer| issuer.keys().as_ref().err().cloned()).collect()
    }

    /// Fetches the key sets of `plan` that are not known yet, for as long as a start may take.
    pub(crate) async fn fetch_missing(&self, plan: &Plan) {
        let missing: Vec<_> = urls(plan)
            .map(|of| self.issuer(&of.origin))
            .filter(|issuer| issuer.keys().is_err())
            .map(|issuer| issuer.newer_than(Instant::now()))
            .collect();
        // What does not come in time goes on by itself, and is a problem of `/readyz` until then.
        let _ = timeout(FIRST_FETCH, futures_util::future::join_all(missing)).await;
    }

    /// How the APIs of `plan` authenticate, by their authenticators in order; and tasks that keep the keys of those fresh
    /// until they are dropped.
    pub(crate) fn keep_fresh(
        &self,
        plan: &Plan,
        authenticators: Vec<Arc<Authenticator>>,
    ) -> (Vec<Authentication>, JoinSet<()>) {
        let mut tasks = JoinSet::new();
        let mut authentications: Vec<_> = authenticators.into_iter().map(Authentication::from).collect();
        for (api, authentication) in authentications.iter_mut().enumerate() {
            let mut keys = Keys(Vec::new());
            for of in urls(plan).filter(|of| of.api == api) {
                let issuer = self.issuer(&of.origin);
                issuer.supply(&authentication.authenticator, of.position);
                tasks.spawn(Arc::clone(&issuer).follow());
                keys.0.push((of.issuer.clone(), issuer));
            }
            authentication.keys = Arc::new(keys);
        }
        (authentications, tasks)
    }

    fn issuer(&self, origin: &Origin) -> Arc<Issuer> {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let issuer = known.entry(origin.clone()).or_insert_with(|| {
            let missing = keys_unavailable().because(format!("the key set at {origin} is not fetched yet"));
            let (keys, fetched) = (Mutex::new(Err(missing)), tokio::sync::Mutex::default());
            let (origin, source, verifiers) = (origin.clone(), KeySource::default(), Mutex::default());
            Arc::new(Issuer { origin, source, keys, verifiers, fetched })
        });
        Arc::clone(issuer)
    }
}

/// Keys that are fetched.
struct Fetched<'p> {
    /// The position of the API.
    api: usize,
    /// The position among its issuers.
    position: usize,
    issuer: &'p Str,
    origin: Origin,
}

/// All keys that are fetched.
fn urls(plan: &Plan) -> impl Iterator<Item = Fetched<'_>> {
    plan.apis.iter().enumerate().flat_map(|(api, planned)| {
        planned.auth.jwt.iter().enumerate().filter_map(move |(position, jwt)| {
            let origin = match &jwt.key_set {
                KeySetLocation::Url(url) => Origin::Url(url.clone()),
                KeySetLocation::Discovered => Origin::Issuer(jwt.issuer.clone()),
                KeySetLocation::File(_) => return None,
            };
            Some(Fetched { api, position, issuer: &jwt.issuer, origin })
        })
    })
}

impl Issuer {
    /// Gets keys that were asked for after `asked`. One fetch answers all who wait for it; it is finished even if nobody does.
    /// Where there were enough fetches, keys that came with one of them are taken for the newest.
    ///
    /// # Errors
    /// `S0005` with the time until the next fetch where there are no keys; what fetching reports.
    async fn newer_than(self: Arc<Self>, asked: Instant) -> Result<(), Report> {
        let fetching = tokio::spawn(async move {
            let mut fetched = self.fetched.lock().await;
            if fetched.back().is_some_and(|last| *last >= asked) {
                // Somebody else has fetched them while this one waited.
                return self.outcome();
            }
            fetched.retain(|at| at.elapsed() < WINDOW);
            if let (Some(oldest), true) = (fetched.front(), fetched.len() >= FETCHES) {
                if self.keys().is_ok() {
                    return Ok(());
                }
                let wait = WINDOW.saturating_sub(oldest.elapsed());
                return Err(keys_unavailable().retry_after(wait.max(Duration::from_secs(1))));
            }
            let result = self.fetch().await;
            fetched.push_back(Instant::now());
            result
        });
        fetching.await.unwrap_or_else(|_| Err(keys_unavailable().because("fetching the keys panicked")))
    }

    /// Keys that were fetched before stay when this fails.
    async fn fetch(&self) -> Result<(), Report> {
        match self.source.fetch(&self.origin).await {
            Err(report) => {
                tracing::warn!(code = report.code().id, %report, "a key set was not fetched");
                let mut keys = self.keys();
                if keys.is_err() {
                    *keys = Err(report.clone());
                }
                Err(report)
            }
            Ok(fetched) => {
                *self.keys() = Ok(fetched.clone());
                let mut verifiers = self.verifiers();
                verifiers.retain(|it| it.authenticator.strong_count() > 0);
                for Verifying { authenticator, position } in verifiers.iter() {
                    if let Some(authenticator) = authenticator.upgrade() {
                        replace(&authenticator, *position, fetched.clone());
                    }
                }
                Ok(())
            }
        }
    }

    /// Gives the verifier of `authenticator` at `position` the keys that are known, and those that come.
    fn supply(&self, authenticator: &Arc<Authenticator>, position: usize) {
        self.verifiers().push(Verifying { authenticator: Arc::downgrade(authenticator), position });
        if let Ok(keys) = &*self.keys() {
            replace(authenticator, position, keys.clone());
        }
    }

    /// Looks for newer keys now and then.
    async fn follow(self: Arc<Self>) {
        loop {
            let age = if self.keys().is_ok() { MAX_AGE } else { AGAIN };
            tokio::time::sleep(age).await;
            // What fails is logged where it is fetched, and tried again.
            let _ = Arc::clone(&self).newer_than(Instant::now()).await;
        }
    }

    fn outcome(&self) -> Result<(), Report> {
        self.keys().as_ref().map(|_| ()).map_err(Clone::clone)
    }

    fn verifiers(&self) -> MutexGuard<'_, Vec<Verifying>> {
        self.verifiers.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn keys(&self) -> MutexGuard<'_, Result<KeySet, Report>> {
        self.keys.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn replace(authenticator: &Authenticator, position: usize, keys: KeySet) {
    if let Some(verifier) = authenticator.verifiers().get(position) {
        verifier.replace(keys);
    }
}

/// The keys of one API, by the name of their issuer.
struct Keys(Vec<(Str, Arc<Issuer>)>);

#[async_trait]
impl KeyRefresh for Keys {
    async fn refresh(&self, issuer: &str) -> Result<(), Report> {
        match self.0.iter().find(|(name, _)| name == issuer) {
            Some((_, issuer)) => Arc::clone(issuer).newer_than(Instant::now()).await,
            // Its keys are a file, which does not change while a plan is served.
            None => Ok(()),
        }
    }
}
