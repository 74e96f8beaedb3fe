//! A token that is kept: fetched once for all who wait for it, renewed before it ends, dropped when it is refused.

use std::{
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::Duration,
};

use http::HeaderValue;
use tenon_errors::{Report, catalogue::system::CREDENTIALS_REFUSED};
use tenon_model::Str;
use tenon_security::SecretText;
use tokio::time::Instant;

use super::token::Token;
use crate::{random, secret};

/// How long a token is taken to last whose server does not say so.
const UNSAID: Duration = Duration::from_secs(300);
/// A token is used no longer than this before its end: a request takes its time.
const MARGIN: Duration = Duration::from_secs(5);
/// A token that was fetched so shortly ago, and is refused, would not be better for being fetched again.
const YOUNG: Duration = Duration::from_secs(5);
/// How long a failure to get a token is the failure of all who ask for one.
const AGAIN: Duration = Duration::from_secs(1);

/// One token.
#[derive(Default)]
pub(super) struct Held {
    kept: Mutex<Kept>,
    /// Held while a token is fetched.
    fetching: Arc<tokio::sync::Mutex<()>>,
    /// How many fetches have ended.
    ended: AtomicU64,
}

#[derive(Default)]
struct Kept {
    token: Option<Current>,
    failed: Option<(Instant, Report)>,
}

#[derive(Clone)]
struct Current {
    header: HeaderValue,
    since: Instant,
    /// From then on, a new one is fetched while this one is still good.
    renew: Instant,
    until: Instant,
}

impl Held {
    /// The token as a header, fetched where there is none that is good. A fetch that has begun ends also if nobody waits for it any
    /// more: what it brings may not come twice.
    pub(super) async fn get<F, T>(self: &Arc<Self>, system: &Str, fetch: F) -> Result<HeaderValue, Report>
    where
        F: FnOnce() -> T + Send + 'static,
        T: Future<Output = Result<Token, Report>> + Send,
    {
        let ended = self.ended.load(Relaxed);
        let (held, system) = (Arc::clone(self), system.clone());
        if let Some(current) = self.good() {
            let is_due = current.renew <= Instant::now();
            if let (true, Ok(turn)) = (is_due, Arc::clone(&self.fetching).try_lock_owned()) {
                tokio::spawn(async move {
                    // What fails is logged, and the token that is there is used.
                    let _ = held.renew(&system, fetch).await;
                    drop(turn);
                });
            }
            return Ok(current.header);
        }
        let fetched = tokio::spawn(async move {
            let _turn = held.fetching.lock().await;
            match held.known_since(ended) {
                Some(outcome) => outcome,
                None => held.renew(&system, fetch).await,
            }
        });
        fetched.await.unwrap_or_else(|_| {
            Err(Report::new(&CREDENTIALS_REFUSED, "a token is not fetched any more: the process ends"))
        })
    }

    /// What was fetched while others waited: a good token, or a failure of a moment ago.
    fn known_since(&self, ended: u64) -> Option<Result<HeaderValue, Report>> {
        if let Some(current) = self.good() {
            return Some(Ok(current.header));
        }
        let (at, report) = self.kept().failed.clone()?;
        let is_recent = self.ended.load(Relaxed) > ended || at.elapsed() < AGAIN;
        is_recent.then_some(Err(report))
    }

    /// Drops the token where it is the one that was refused. Whether another one may be better; nothing, if it is none of these.
    pub(super) fn refuse(&self, sent: &HeaderValue) -> Option<bool> {
        let mut kept = self.kept();
        let current = kept.token.as_ref().filter(|current| current.header == sent)?;
        if current.since.elapsed() < YOUNG {
            return Some(false);
        }
        kept.token = None;
        Some(true)
    }

    /// Fetches a token and keeps it.
    async fn renew<F, T>(&self, system: &str, fetch: F) -> Result<HeaderValue, Report>
    where
        F: FnOnce() -> T,
        T: Future<Output = Result<Token, Report>>,
    {
        // Its life begins somewhere between this and its answer.
        let now = Instant::now();
        let current = fetch().await.and_then(|token| Current::new(system, &token, now));
        self.ended.fetch_add(1, Relaxed);
        let mut kept = self.kept();
        match current {
            Ok(current) => {
                let header = current.header.clone();
                *kept = Kept { token: Some(current), failed: None };
                Ok(header)
            }
            Err(report) => {
                tracing::warn!(code = report.code().id, system, %report, "a token was not renewed");
                let now = Instant::now();
                if let Some(current) = &mut kept.token {
                    // Not with each call.
                    current.renew = now + current.until.saturating_duration_since(now) / 4;
                }
                kept.failed = Some((now, report.clone()));
                Err(report)
            }
        }
    }

    fn good(&self) -> Option<Current> {
        self.kept().token.clone().filter(|current| current.until > Instant::now())
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Current {
    fn new(system: &str, token: &Token, now: Instant) -> Result<Self, Report> {
        let text = SecretText::new(format!("Bearer {}", token.value.expose()));
        let header = secret::header(system, text.expose())?;
        let lifetime = token.lifetime.unwrap_or(UNSAID);
        let usable = lifetime.saturating_sub(MARGIN.min(lifetime / 2));
        // Not all processes at once.
        let early = usable.mul_f64(0.75 + 0.15 * random::unit());
        Ok(Self { header, since: now, renew: now + early, until: now + usable })
    }
}
