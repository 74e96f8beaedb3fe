//! Keeping key sets from URLs fresh while a service runs: at start, every few minutes, and soon after a token names a key
//! that is not known. Anybody can name made-up keys, so fetches keep a distance.

use std::{sync::Arc, time::Duration};

use tenon_plan::{KeySetLocation, Plan};
use tenon_security::authenticate::Authenticator;
use tokio::{task::JoinSet, time::Instant};

use crate::authentication::fetch_key_set;

/// The longest that a key set is used without looking for a newer one.
const MAX_AGE: Duration = Duration::from_secs(300);
/// The shortest time between two fetches.
const DISTANCE: Duration = Duration::from_secs(10);
/// How often unknown keys are looked for.
const POLL: Duration = Duration::from_secs(1);

/// Tasks that fetch the key sets of `plan`'s APIs into their authenticators until dropped.
#[must_use]
pub fn keep_fresh(plan: &Plan, authenticators: &[Arc<Authenticator>]) -> JoinSet<()> {
    let mut tasks = JoinSet::new();
    for (api, authenticator) in plan.apis.iter().zip(authenticators) {
        if let Some(KeySetLocation::Url(url)) = api.auth.jwt.as_ref().map(|jwt| &jwt.key_set) {
            tasks.spawn(follow(url.to_string(), Arc::clone(authenticator)));
        }
    }
    tasks
}

async fn follow(url: String, authenticator: Arc<Authenticator>) {
    let Some(verifier) = authenticator.verifier() else { return };
    loop {
        let fetched = Instant::now();
        match fetch_key_set(&url).await {
            Ok(keys) => verifier.replace(keys),
            Err(report) => tracing::warn!(code = report.code().id, %report, "a key set stays as it is"),
        }
        tokio::time::sleep_until(fetched + DISTANCE).await;
        while fetched.elapsed() < MAX_AGE && !verifier.take_unknown_key() {
            tokio::time::sleep(POLL).await;
        }
    }
}
