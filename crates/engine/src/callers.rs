//! The callers that a project lists by name, and what a running one knows of them.

use jiff::Timestamp;
use serde_json::{Value, json};
use tenon_errors::Report;
use tenon_model::{Name, Str};
use tenon_monitoring::{Metrics, metrics::CREDENTIAL_LAST_USED};
use tenon_plan::Plan;
use tenon_security::Method;

use crate::{
    Options,
    control::{self, Asked, Guarding},
};

/// A key, a password or a certificate of the project.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Credential {
    /// The API that accepts it.
    pub api: Name,
    /// What it is: an API key, a password, or a certificate.
    pub kind: Method,
    /// What it is called.
    pub name: Name,
    /// Whose it is.
    pub owner: Name,
    /// What it allows.
    pub scopes: Vec<Str>,
    /// From when on it is refused.
    pub expires: Option<Timestamp>,
    /// When it was accepted last since the project started; `None` if it was not.
    pub last_used: Option<Timestamp>,
}

/// Credentials that end so soon are spoken of at a start.
const SOON: i64 = 14 * 24 * 60 * 60;

/// The keys and passwords of `plan`, in its order.
fn listed(plan: &Plan) -> impl Iterator<Item = Credential> {
    plan.apis.iter().flat_map(|api| {
        let keys = api.auth.api_keys.iter().map(|key| {
            (Method::ApiKey, key.name.clone(), key.owner.clone(), key.scopes.clone(), key.expires)
        });
        let users = api.auth.basic.iter().map(|user| {
            (Method::Basic, user.name.clone(), user.name.clone(), user.scopes.clone(), user.expires)
        });
        let bearers = api.auth.certificates.iter().map(|user| {
            (Method::Certificate, user.name.clone(), user.name.clone(), user.scopes.clone(), user.expires)
        });
        keys.chain(users).chain(bearers).map(|(kind, name, owner, scopes, expires)| {
            let api = api.name.clone();
            Credential { api, kind, name, owner, scopes, expires, last_used: None }
        })
    })
}

/// The keys and passwords of `plan`, and whether the project runs, so that it is known when they were used.
///
/// # Errors
/// What the running project reports.
pub fn credentials(plan: &Plan, options: &Options) -> Result<(Vec<Credential>, bool), Report> {
    let mut credentials: Vec<_> = listed(plan).collect();
    let Some(uses) = control::ask(&options.state, &Asked::Guarding(Guarding::Uses))? else {
        return Ok((credentials, false));
    };
    for credential in &mut credentials {
        let is_it = |entry: &&Value| {
            let says = |key: &str, text: &str| entry.get(key).and_then(Value::as_str) == Some(text);
            says("api", &credential.api)
                && says("kind", credential.kind.name())
                && says("name", &credential.name)
        };
        let entry = uses.as_array().into_iter().flatten().find(is_it);
        let second = entry.and_then(|entry| entry.get("last_used")?.as_i64());
        credential.last_used = second.and_then(|second| Timestamp::from_second(second).ok());
    }
    Ok((credentials, true))
}

/// When the keys and passwords of `plan` were used last, as it is answered.
pub(crate) fn uses(plan: &Plan, metrics: &Metrics) -> Value {
    let entry = |it: Credential| {
        let gauge = metrics.gauge(&CREDENTIAL_LAST_USED, &[&it.api, it.kind.name(), &it.name]);
        let last_used = Some(gauge.get()).filter(|second| *second > 0);
        json!({ "api": it.api.as_str(), "kind": it.kind.name(), "name": it.name.as_str(), "last_used": last_used })
    };
    listed(plan).map(entry).collect()
}

/// Says which keys and passwords have expired, or will within two weeks.
pub(crate) fn warn_of_expiry(plan: &Plan, now: Timestamp) {
    for Credential { api, kind, name, owner, expires, .. } in listed(plan) {
        let Some(expires) = expires.filter(|at| at.as_second() - now.as_second() < SOON) else { continue };
        let state = if now >= expires { "credentials have expired" } else { "credentials expire soon" };
        tracing::warn!(%api, kind = kind.name(), credential = %name, %owner, %expires, "{state}");
    }
}
