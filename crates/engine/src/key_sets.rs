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

use crate::fetch;

/// The longest that a key set is used without looking for a newer one.
const MAX_AGE: Duration = Duration::from_secs(300);
/// How often a key set that could not be fetched is tried again.
const AGAIN: Duration = Duration::from_secs(10);
/// At most this many fetches of one key set in [`WINDOW`]: a new key is found at once, and made-up ones cost the issuer little.
const FETCHES: usize = 3;
const WINDOW: Duration = Duration::from_secs(30);
/// How long a start waits for key sets, so that the first request can be answered.
const FIRST_FETCH: Duration = Duration::from_secs(3);

/// The issuers that were heard of since the process started, by the URL of their key set.
#[derive(Default)]
pub(crate) struct KeySets(Mutex<HashMap<Str, Arc<Issuer>>>);

/// One issuer, and the keys that are known of it.
pub(crate) struct Issuer {
    url: Str,
    /// The keys, or why there are none yet.
    keys: Mutex<Result<KeySet, Report>>,
    /// Who verifies with the keys: every one gets those that any of them has asked for.
    verifiers: Mutex<Vec<Weak<Authenticator>>>,
    /// When the last fetches ended. Held while one is under way, so that one answers all who wait.
    fetched: tokio::sync::Mutex<VecDeque<Instant>>,
}

impl KeySets {
    /// The keys that are known of the issuer at `url`: none until they were fetched.
    pub(crate) fn of(&self, url: &Str) -> KeySet {
        self.issuer(url).keys().clone().unwrap_or_default()
    }

    /// The issuers of `plan` whose keys are not there, so that no token can be verified.
    pub(crate) fn problems(&self, plan: &Plan) -> Vec<Report> {
        let issuers = urls(plan).map(|(_, url)| self.issuer(&url));
        issuers.filter_map(|issuer| issuer.keys().as_ref().err().cloned()).collect()
    }

    /// Fetches the key sets of `plan` that are not known yet, for as long as a start may take.
    pub(crate) async fn fetch_missing(&self, plan: &Plan) {
        let missing: Vec<_> = urls(plan)
            .map(|(_, url)| self.issuer(&url))
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
        for (position, url) in urls(plan) {
            if let Some(authentication) = authentications.get_mut(position) {
                let issuer = self.issuer(&url);
                issuer.supply(&authentication.authenticator);
                tasks.spawn(Arc::clone(&issuer).follow());
                authentication.keys = Arc::new(Keys(issuer));
            }
        }
        (authentications, tasks)
    }

    fn issuer(&self, url: &Str) -> Arc<Issuer> {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let issuer = known.entry(url.clone()).or_insert_with(|| {
            let missing = keys_unavailable().because(format!("the key set at {url} is not fetched yet"));
            let (keys, fetched) = (Mutex::new(Err(missing)), tokio::sync::Mutex::default());
            Arc::new(Issuer { url: url.clone(), keys, verifiers: Mutex::default(), fetched })
        });
        Arc::clone(issuer)
    }
}

/// The position of each API whose keys are fetched, and from where.
fn urls(plan: &Plan) -> impl Iterator<Item = (usize, Str)> + '_ {
    plan.apis.iter().enumerate().filter_map(|(position, api)| match &api.auth.jwt.as_ref()?.key_set {
        KeySetLocation::Url(url) => Some((position, url.clone())),
        KeySetLocation::File(_) => None,
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
        match fetch::key_set(&self.url).await {
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
                verifiers.retain(|verifier| verifier.strong_count() > 0);
                for authenticator in verifiers.iter().filter_map(Weak::upgrade) {
                    replace(&authenticator, fetched.clone());
                }
                Ok(())
            }
        }
    }

    /// Gives `authenticator` the keys that are known, and those that come.
    fn supply(&self, authenticator: &Arc<Authenticator>) {
        self.verifiers().push(Arc::downgrade(authenticator));
        if let Ok(keys) = &*self.keys() {
            replace(authenticator, keys.clone());
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

    fn verifiers(&self) -> MutexGuard<'_, Vec<Weak<Authenticator>>> {
        self.verifiers.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn keys(&self) -> MutexGuard<'_, Result<KeySet, Report>> {
        self.keys.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn replace(authenticator: &Authenticator, keys: KeySet) {
    if let Some(verifier) = authenticator.verifier() {
        verifier.replace(keys);
    }
}

/// The keys of one API.
struct Keys(Arc<Issuer>);

#[async_trait]
impl KeyRefresh for Keys {
    async fn refresh(&self) -> Result<(), Report> {
        Arc::clone(&self.0).newer_than(Instant::now()).await
    }
}
