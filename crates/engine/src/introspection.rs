//! Asking issuers about tokens that only they can read. What they say is kept for a while, within bounds, and never beyond the end of the
//! token; one question answers all who wait for it.

use std::{sync::Arc, time::Duration, time::Instant};

use async_trait::async_trait;
use aws_lc_rs::digest::{SHA256, digest};
use jiff::Timestamp;
use moka::{Expiry, future::Cache};
use tenon_api::http::Introspect;
use tenon_client::{
    Settings, Timeouts,
    credentials::{Authentication, Introspection},
};
use tenon_errors::{Report, catalogue::security::ISSUER_UNAVAILABLE};
use tenon_monitoring::Metrics;
use tenon_plan::{Api, IntrospectionAuth};
use tenon_ports::Secrets;
use tenon_security::{
    SecretText,
    introspection::{self, Introspected, MAX_ANSWER_SIZE},
    jwt::JwtSettings,
};

use crate::{Options, authentication::missing};

/// The most answers of an issuer that are kept, and the bytes that they take, about.
const MOST: (u64, u64) = (10_000, 16 << 20);
/// How long it is remembered at most that a token does not hold: it may have been sent too early.
const NEGATIVE: Duration = Duration::from_secs(5);
/// How long one question may take.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(5);

/// The issuers of one API, in the order of the project.
pub(crate) struct Issuers(Vec<Arc<Issuer>>);

struct Issuer {
    client: Introspection,
    settings: JwtSettings,
    kept: Cache<[u8; 32], Kept>,
}

/// What was answered, and for how long it counts.
#[derive(Clone)]
struct Kept {
    outcome: Introspected,
    age: Duration,
}

impl Kept {
    /// About what it takes in memory; never less than the part of the bytes that one of the most entries has.
    fn weight(&self) -> u32 {
        let said = match &self.outcome {
            Ok(active) => {
                let scopes = active.principal.scopes.iter().map(|scope| scope.as_str().len() + 32);
                let claims =
                    active.principal.claims.iter().map(|(name, claim)| name.len() + claim.size() + 64);
                512 + active.principal.subject.len() + scopes.sum::<usize>() + claims.sum::<usize>()
            }
            Err(report) => 512 + report.cause().map_or(0, str::len),
        };
        u32::try_from((said as u64).max(MOST.1 / MOST.0)).unwrap_or(u32::MAX)
    }
}

struct ByAge;

impl Expiry<[u8; 32], Kept> for ByAge {
    fn expire_after_create(&self, _: &[u8; 32], kept: &Kept, _: Instant) -> Option<Duration> {
        Some(kept.age)
    }
}

impl Issuers {
    /// The issuers of `api`; `None` if none is asked, or the project is only looked at.
    ///
    /// # Errors
    /// `S0101` for a secret that is not set, what the client reports for a URL that cannot be asked.
    pub(crate) fn new(api: &Api, options: &Options, metrics: &Metrics) -> Result<Option<Self>, Report> {
        if api.auth.introspection.is_empty() || options.only_looks {
            return Ok(None);
        }
        let issuers =
            api.auth.introspection.iter().map(|auth| Issuer::new(auth, options, metrics).map(Arc::new));
        issuers.collect::<Result<_, Report>>().map(Self).map(Some)
    }
}

impl Issuer {
    fn new(auth: &IntrospectionAuth, options: &Options, metrics: &Metrics) -> Result<Self, Report> {
        let secret = options.secrets.get(&auth.secret).ok_or_else(|| missing(&auth.secret))?;
        let odd = |error: http::uri::InvalidUri| {
            let message = format!("the URL `{}` cannot be asked: {error}", auth.url);
            Report::new(&ISSUER_UNAVAILABLE, message).hint("correct `introspection.url`")
        };
        let url = auth.url.parse().map_err(odd)?;
        let name = format!("the issuer {}", auth.issuer);
        let settings = Settings {
            timeouts: Timeouts { total: ANSWER_TIMEOUT, read: ANSWER_TIMEOUT, connect: ANSWER_TIMEOUT },
            most: MAX_ANSWER_SIZE,
            // Issuers are often inside.
            reach: tenon_client::Reach { private: true },
            metrics: metrics.clone(),
            ..Settings::new(name, Vec::new(), Arc::clone(&options.clock))
        };
        let authentication = Authentication::Basic { id: auth.client.clone(), secret };
        let settings_of_tokens = JwtSettings {
            audiences: auth.audiences.clone(),
            scope_claims: auth.scope_claims.clone(),
            claims: auth.claims.clone(),
            ..JwtSettings::new(auth.issuer.clone(), "", auth.leeway)
        };
        let kept = Cache::builder()
            .max_capacity(MOST.1)
            .weigher(|_, kept: &Kept| kept.weight())
            .time_to_live(auth.cache)
            .expire_after(ByAge)
            .build();
        Ok(Self {
            client: Introspection::new(settings, &url, authentication)?,
            settings: settings_of_tokens,
            kept,
        })
    }

    /// What the issuer says now.
    async fn asked(&self, token: &SecretText, now: Timestamp) -> Result<Kept, Report> {
        let answer = self.client.ask(token).await?;
        let outcome = introspection::read(&answer, &self.settings, now)?;
        let age = match &outcome {
            Ok(active) => active.expires.map_or(Duration::MAX, |at| at.duration_since(now).unsigned_abs()),
            Err(_) => NEGATIVE,
        };
        Ok(Kept { outcome, age })
    }
}

#[async_trait]
impl Introspect for Issuers {
    async fn known(&self, issuer: usize, token: &str, now: Timestamp) -> Option<Introspected> {
        let (issuer, key) = (self.0.get(issuer)?, key(token));
        let Kept { outcome, .. } = issuer.kept.get(&key).await?;
        // The clock of the project may be another one than that of the cache.
        if matches!(&outcome, Ok(active) if active.expires.is_some_and(|at| now >= at)) {
            issuer.kept.invalidate(&key).await;
            return None;
        }
        Some(outcome)
    }

    async fn ask(&self, issuer: usize, token: &str, now: Timestamp) -> Result<Introspected, Report> {
        let Some(issuer) = self.0.get(issuer) else {
            return Err(Report::new(&ISSUER_UNAVAILABLE, "there is no such issuer"));
        };
        let (asked, token) = (Arc::clone(issuer), SecretText::new(token));
        let key = key(token.expose());
        // It is finished also if whoever waits for it leaves: others wait, too, and the answer is kept.
        let question = tokio::spawn(async move {
            let whom = Arc::clone(&asked);
            asked.kept.try_get_with(key, async move { whom.asked(&token, now).await }).await
        });
        let kept = question.await.map_err(|error| Report::new(&ISSUER_UNAVAILABLE, error.to_string()))?;
        match kept {
            Ok(kept) => Ok(kept.outcome),
            Err(report) => {
                tracing::warn!(code = report.code().id, %report, "an issuer was not asked about a token");
                Err(Report::clone(&report))
            }
        }
    }
}

/// Tokens are not kept themselves.
fn key(token: &str) -> [u8; 32] {
    let mut key = [0; 32];
    key.copy_from_slice(digest(&SHA256, token.as_bytes()).as_ref());
    key
}
