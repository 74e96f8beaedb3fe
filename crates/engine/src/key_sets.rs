//! The key sets of issuers, fetched from their URLs: at start, every few minutes, and soon after a token names a key that
//! is not known. Anybody can name made-up keys, so fetches keep a distance. They outlive the plan that they were fetched
//! for, so that a reload does not lock callers out while an issuer is away.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tenon_errors::{Report, catalogue::security::KEYS_UNAVAILABLE};
use tenon_model::Str;
use tenon_plan::{KeySetLocation, Plan};
use tenon_security::{authenticate::Authenticator, jwt::KeySet};
use tokio::{
    task::JoinSet,
    time::{Instant, timeout},
};

use crate::fetch;

/// The longest that a key set is used without looking for a newer one.
const MAX_AGE: Duration = Duration::from_secs(300);
/// The shortest time between two fetches.
const DISTANCE: Duration = Duration::from_secs(10);
/// How often unknown keys are looked for.
const POLL: Duration = Duration::from_millis(250);
/// How long a start waits for key sets, so that the first request can be answered.
const FIRST_FETCH: Duration = Duration::from_secs(3);

/// What was fetched last from each URL, or why there is nothing yet.
#[derive(Default)]
pub(crate) struct KeySets(Mutex<HashMap<Str, Result<KeySet, Report>>>);

impl KeySets {
    /// The keys that are known of the issuer at `url`: none until they were fetched.
    pub(crate) fn of(&self, url: &str) -> KeySet {
        match self.known().get(url) {
            Some(Ok(keys)) => keys.clone(),
            Some(Err(_)) | None => KeySet::empty(),
        }
    }

    /// The issuers of `plan` whose keys are not there, so that no token can be verified.
    pub(crate) fn problems(&self, plan: &Plan) -> Vec<Report> {
        let known = self.known();
        let missing = |url: &Str| match known.get(url) {
            Some(Ok(_)) => None,
            Some(Err(report)) => Some(report.clone()),
            None => Some(Report::new(&KEYS_UNAVAILABLE, format!("the key set at {url} is not fetched yet"))),
        };
        urls(plan).filter_map(|(_, url)| missing(&url)).collect()
    }

    /// Fetches the key sets of `plan` that are not known yet, for as long as a start may take.
    pub(crate) async fn fetch_missing(&self, plan: &Plan) {
        let missing = urls(plan).filter(|(_, url)| self.of(url).is_empty());
        let fetches = missing.map(|(_, url)| async move { self.refresh(&url).await });
        // What does not come in time is fetched while the service runs, and is a problem of `/readyz` until then.
        let _ = timeout(FIRST_FETCH, futures_util::future::join_all(fetches)).await;
    }

    /// Fetches the key set at `url`. One that was fetched before stays when this fails.
    async fn refresh(&self, url: &Str) -> Result<KeySet, Report> {
        let fetched = fetch::key_set(url).await;
        let mut known = self.known();
        match &fetched {
            Ok(keys) => {
                known.insert(url.clone(), Ok(keys.clone()));
            }
            Err(report) => {
                tracing::warn!(code = report.code().id, %report, "a key set was not fetched");
                if !matches!(known.get(url), Some(Ok(_))) {
                    known.insert(url.clone(), Err(report.clone()));
                }
            }
        }
        fetched
    }

    fn known(&self) -> MutexGuard<'_, HashMap<Str, Result<KeySet, Report>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Tasks that fetch the key sets of `plan`'s APIs into their authenticators until dropped.
pub(crate) fn keep_fresh(
    key_sets: &Arc<KeySets>,
    plan: &Plan,
    authenticators: &[Arc<Authenticator>],
) -> JoinSet<()> {
    let mut tasks = JoinSet::new();
    for (position, url) in urls(plan) {
        if let Some(authenticator) = authenticators.get(position) {
            tasks.spawn(follow(Arc::clone(key_sets), url, Arc::clone(authenticator)));
        }
    }
    tasks
}

/// The position of each API whose keys are fetched, and from where.
fn urls(plan: &Plan) -> impl Iterator<Item = (usize, Str)> + '_ {
    plan.apis.iter().enumerate().filter_map(|(position, api)| match &api.auth.jwt.as_ref()?.key_set {
        KeySetLocation::Url(url) => Some((position, url.clone())),
        KeySetLocation::File(_) => None,
    })
}

async fn follow(key_sets: Arc<KeySets>, url: Str, authenticator: Arc<Authenticator>) {
    let Some(verifier) = authenticator.verifier() else { return };
    loop {
        // The keys came with the authenticator, unless the issuer was away.
        let fetched = Instant::now();
        tokio::time::sleep_until(fetched + DISTANCE).await;
        while fetched.elapsed() < MAX_AGE && !verifier.take_unknown_key() {
            tokio::time::sleep(POLL).await;
        }
        if let Ok(keys) = key_sets.refresh(&url).await {
            verifier.replace(keys);
        }
    }
}
