//! Who asks, and whether they may: the credentials of a request against what an operation requires.

use std::{
    num::NonZero,
    sync::{Arc, LazyLock},
    thread,
    time::Duration,
};

use http::{HeaderMap, HeaderName, HeaderValue, header};
use jiff::Timestamp;
use tenon_errors::{
    Kind, Report,
    catalogue::{
        api::OVERLOADED,
        security::{BAD_CREDENTIALS, ISSUER_UNAVAILABLE, MISSING_CREDENTIALS},
    },
};
use tenon_monitoring::Metrics;
use tenon_security::{
    Principal, Refusal,
    authenticate::{Authenticator, Credentials},
    authorize::{Access, authorize},
    ban::Bans,
    certificate::ClientCertificate,
    jwt::keys_unavailable,
};
use tokio::{sync::Semaphore, time::timeout};

use super::{
    exchange::{Exchange, Failure},
    keys::{Authentication, Introspect, KeyRefresh, LONGEST_WAIT},
    room::Room,
    uses::Uses,
};

pub(super) const API_KEY: HeaderName = HeaderName::from_static("x-api-key");

/// Decides for the operations of one API.
pub(crate) struct Gate {
    authenticator: Arc<Authenticator>,
    keys: Arc<dyn KeyRefresh>,
    issuers: Arc<dyn Introspect>,
    bans: Arc<Bans>,
    anonymous: Arc<Principal>,
    /// The requests that may wait for keys, or for a check of their password.
    waiting: Semaphore,
    uses: Uses,
}

/// The most requests of an API that wait at a time until it is found out who sent them; others are told to come again.
const MOST_WAITING: usize = 64;

/// Passwords that are checked at a time, whatever the number of APIs: half of the processors have other things to do.
static CHECKS: LazyLock<Semaphore> = LazyLock::new(|| {
    let processors = thread::available_parallelism().map_or(1, NonZero::get);
    Semaphore::new((processors / 2).max(1))
});

impl Gate {
    pub(crate) fn new(authentication: Authentication) -> Self {
        let Authentication { authenticator, keys, issuers, bans } = authentication;
        let (anonymous, waiting) = (Arc::new(Principal::anonymous()), Semaphore::new(MOST_WAITING));
        Self { authenticator, keys, issuers, bans, anonymous, waiting, uses: Uses::default() }
    }

    /// The same gate, which says in `metrics` when credentials of `api` were used last.
    pub(crate) fn counting(self, api: &str, metrics: &Metrics) -> Self {
        Self { uses: Uses::new(api, &self.authenticator, metrics), ..self }
    }

    /// Who sent these headers; nobody in particular if they carry no credentials, or the API takes none. Credentials that
    /// do not hold are an error even where none are needed. Waits for newer keys where a token needs them, outside of the
    /// requests in hand: anybody can make up a token that has to wait.
    pub(crate) async fn identify(&self, exchange: &mut Exchange<'_>) -> Result<Arc<Principal>, Failure> {
        let Exchange { head, peer, received, room, .. } = exchange;
        self.identify_by(&head.headers, peer.certificate.as_deref(), *received, room).await
    }

    async fn identify_by(
        &self,
        headers: &HeaderMap,
        certificate: Option<&ClientCertificate>,
        now: Timestamp,
        room: &mut Room,
    ) -> Result<Arc<Principal>, Failure> {
        if self.authenticator.is_open() {
            return Ok(Arc::clone(&self.anonymous));
        }
        let authorization = text(headers, &header::AUTHORIZATION);
        let api_key = text(headers, &API_KEY);
        let credentials = match (authorization, api_key) {
            (Ok(None), Ok(None)) if certificate.is_none() => return Ok(Arc::clone(&self.anonymous)),
            (Ok(authorization), Ok(api_key)) => Credentials { authorization, api_key, certificate },
            _ => {
                let report = Report::new(&BAD_CREDENTIALS, "the credentials are not valid");
                return Err(self.refuse(report, &Access::Open));
            }
        };
        let principal = match self.authenticator.authenticate(credentials, now) {
            Ok(principal) => Ok(principal),
            // Nobody's certificate: as good as none.
            Err(Refusal::Final(report))
                if report.code() == &MISSING_CREDENTIALS && credentials.is_silent() =>
            {
                return Ok(Arc::clone(&self.anonymous));
            }
            Err(Refusal::Final(report)) => Err(report),
            Err(Refusal::Opaque(issuers))
                if let Some(known) = self.known(&issuers, credentials, now).await =>
            {
                known
            }
            Err(pending) => {
                let was_in_hand = room.leave();
                let settled = self.settle(pending, credentials, now).await;
                if was_in_hand {
                    room.enter()?;
                }
                settled
            }
        };
        let bound = principal.and_then(|principal| {
            self.authenticator.require_bound(&principal, credentials).map(|()| principal)
        });
        let principal = bound.map_err(|report| self.refuse(report, &Access::Open))?;
        self.bans.admit(&principal, now)?;
        self.uses.note(&principal, now);
        Ok(Arc::new(principal))
    }

    /// Finds out what takes a while.
    async fn settle(
        &self,
        pending: Refusal,
        credentials: Credentials<'_>,
        now: Timestamp,
    ) -> Result<Principal, Report> {
        let Ok(_waiting) = self.waiting.try_acquire() else {
            let message = format!("{MOST_WAITING} requests wait already until it is known who sent them");
            return Err(Report::new(&OVERLOADED, message).hint("try again later").retry_after(LONGEST_WAIT));
        };
        match pending {
            Refusal::Final(report) => Err(report),
            Refusal::UnknownKey { issuer, .. } => self.with_newer_keys(&issuer, credentials, now).await,
            Refusal::Opaque(issuers) => self.ask(&issuers, credentials, now).await,
            Refusal::Password(check) => {
                // It is never closed.
                let _turn = CHECKS.acquire().await;
                tenon_compute::timed(check.effort(), || check.run()).await
            }
        }
    }

    /// What is known of a token without asking anybody.
    async fn known(
        &self,
        issuers: &[usize],
        credentials: Credentials<'_>,
        now: Timestamp,
    ) -> Option<Result<Principal, Report>> {
        let (token, mut last) = (self.authenticator.token(credentials), None);
        for issuer in issuers {
            match self.issuers.known(*issuer, token, now).await? {
                Ok(active) => return Some(Ok(active.principal)),
                Err(refused) => last = Some(Err(refused)),
            }
        }
        last
    }

    /// Asks one issuer after the other until one knows the token. Where one cannot be asked, it is not known whether it holds.
    async fn ask(
        &self,
        issuers: &[usize],
        credentials: Credentials<'_>,
        now: Timestamp,
    ) -> Result<Principal, Report> {
        let (token, mut refused, mut unknown) = (self.authenticator.token(credentials), None, None);
        for issuer in issuers {
            match timeout(LONGEST_WAIT, self.issuers.ask(*issuer, token, now)).await {
                Ok(Ok(Ok(active))) => return Ok(active.principal),
                Ok(Ok(Err(report))) => refused = Some(report),
                Ok(Err(report)) => unknown = Some((report.to_string(), report.wait())),
                Err(_) => unknown = Some(("the issuer did not answer in time".to_owned(), None)),
            }
        }
        match (unknown, refused) {
            (None, Some(report)) => Err(report),
            (unknown, _) => {
                let (why, wait) = unknown.unwrap_or_default();
                let report =
                    Report::new(&ISSUER_UNAVAILABLE, "it cannot be found out now whether the token holds");
                let wait = wait.unwrap_or(LONGEST_WAIT).max(Duration::from_secs(1));
                Err(report.because(why).hint("try again later").retry_after(wait))
            }
        }
    }

    /// Who is called `name` and has this key: for protocols whose messages have credentials.
    ///
    /// # Errors
    /// `S0002` if the key is not one, or that of another owner.
    pub(crate) fn identify_owner(
        &self,
        name: &str,
        key: &str,
        now: Timestamp,
    ) -> Result<Arc<Principal>, Failure> {
        let credentials = Credentials { authorization: None, api_key: Some(key), certificate: None };
        let known = self.authenticator.authenticate(credentials, now).map_err(Refusal::into_report);
        match known {
            Ok(principal) if *principal.subject == *name => {
                self.bans.admit(&principal, now)?;
                self.uses.note(&principal, now);
                Ok(Arc::new(principal))
            }
            Ok(_) => Err(self.refuse_credentials("the key is not that of who is named")),
            Err(report) => Err(self.refuse(report, &Access::Open)),
        }
    }

    /// The refusal of credentials for this reason, which callers are not told.
    pub(crate) fn refuse_credentials(&self, why: &str) -> Failure {
        let report = Report::new(&BAD_CREDENTIALS, "the credentials are not valid").because(why.to_owned());
        self.refuse(report, &Access::Open)
    }

    async fn with_newer_keys(
        &self,
        issuer: &str,
        credentials: Credentials<'_>,
        now: Timestamp,
    ) -> Result<Principal, Report> {
        let unavailable = |why: String, wait: Option<Duration>| {
            Err(keys_unavailable().because(why).retry_after(wait.unwrap_or(LONGEST_WAIT)))
        };
        match timeout(LONGEST_WAIT, self.keys.refresh(issuer)).await {
            Ok(Ok(())) => {}
            // Whatever kept them from being fetched, the caller only has to wait.
            Ok(Err(report)) => return unavailable(report.to_string(), report.wait()),
            Err(_) => return unavailable("newer keys were not fetched in time".to_owned(), None),
        }
        self.authenticator.authenticate(credentials, now).map_err(Refusal::into_report)
    }

    /// Whether `principal` may do what requires `access`.
    pub(crate) fn permit(&self, principal: &Principal, access: &Access) -> Result<(), Failure> {
        authorize(principal, access).map_err(|report| self.refuse(report, access))
    }

    /// A refusal with the challenges of RFC 9110, section 11.6.1, where the caller could do better.
    fn refuse(&self, report: Report, access: &Access) -> Failure {
        let challenge = matches!(report.kind(), Kind::Unauthenticated | Kind::PermissionDenied);
        let mut failure = Failure::from(report);
        if challenge {
            for challenge in self.authenticator.challenges(&failure.report, access) {
                if let Ok(value) = HeaderValue::from_str(&challenge) {
                    failure.headers.push((header::WWW_AUTHENTICATE, value));
                }
            }
        }
        failure
    }
}

/// The only value of a header; an error if it is not text or there are several.
fn text<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Result<Option<&'a str>, ()> {
    let mut values = headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (None, _) => Ok(None),
        (Some(value), None) => value.to_str().map(Some).map_err(|_| ()),
        (Some(_), Some(_)) => Err(()),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

    use async_trait::async_trait;
    use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
    use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
    use tenon_errors::catalogue::security::BAD_KEY_SET;
    use tenon_monitoring::metrics::CREDENTIAL_LAST_USED;
    use tenon_security::{
        Scopes, SecretText,
        api_key::{ApiKey, ApiKeys, KeyHash},
        jwt::{JwtSettings, KeySet, Verifier},
        password::{PasswordHash, User, Users},
    };

    use super::*;
    use crate::http::budget::{Account, Budget};

    const NOW: i64 = 1_700_000_000;

    fn room() -> Room {
        let account = Account::new(&Budget::new(1 << 20, 1), [127, 0, 0, 1].into());
        Room::new(&account, &Arc::new(Semaphore::new(1)), Duration::from_secs(1))
    }

    /// What a fetch of the key set comes to.
    enum Fetch {
        Brings(KeySet),
        BringsNothing,
        Fails,
        Broken,
        Hangs,
    }

    struct Issuer {
        authenticator: Arc<Authenticator>,
        fetch: Fetch,
        fetched: AtomicUsize,
    }

    #[async_trait]
    impl KeyRefresh for Issuer {
        async fn refresh(&self, _: &str) -> Result<(), Report> {
            self.fetched.fetch_add(1, Relaxed);
            match &self.fetch {
                Fetch::Brings(keys) => self.authenticator.verifiers()[0].replace(keys.clone()),
                Fetch::BringsNothing => {}
                Fetch::Fails => return Err(keys_unavailable().retry_after(Duration::from_secs(7))),
                Fetch::Broken => return Err(Report::new(&BAD_KEY_SET, "this is not a key set")),
                Fetch::Hangs => std::future::pending().await,
            }
            Ok(())
        }
    }

    fn keys(id: &str, pair: &Ed25519KeyPair) -> KeySet {
        let x = URL_SAFE_NO_PAD.encode(pair.public_key().as_ref());
        let set = format!(r#"{{"keys":[{{"kty":"OKP","crv":"Ed25519","kid":"{id}","x":"{x}"}}]}}"#);
        KeySet::parse(set.as_bytes()).unwrap()
    }

    fn token(pair: &Ed25519KeyPair) -> String {
        let claims = format!(r#"{{"iss":"https://i","aud":"shop","sub":"ann","exp":{}}}"#, NOW + 60);
        let [header, claims] =
            [r#"{"alg":"EdDSA","kid":"new"}"#, &claims].map(|part| URL_SAFE_NO_PAD.encode(part));
        let signed = format!("{header}.{claims}");
        format!("Bearer {signed}.{}", URL_SAFE_NO_PAD.encode(pair.sign(signed.as_bytes())))
    }

    #[tokio::test(start_paused = true)]
    async fn a_token_by_a_newer_key_waits_for_that_key() {
        let (old, new) = (Ed25519KeyPair::generate().unwrap(), Ed25519KeyPair::generate().unwrap());
        for (fetch, expected) in [
            (Fetch::Brings(keys("new", &new)), Ok("ann")),
            (Fetch::BringsNothing, Err((401, "S0002", None))),
            (Fetch::Fails, Err((503, "S0005", Some(Duration::from_secs(7))))),
            (Fetch::Broken, Err((503, "S0005", Some(LONGEST_WAIT)))),
            (Fetch::Hangs, Err((503, "S0005", Some(LONGEST_WAIT)))),
        ] {
            let settings = JwtSettings::new("https://i", "shop", Duration::ZERO);
            let verifier = Verifier::new(settings, keys("old", &old));
            let authenticator = Arc::new(Authenticator::new("shop", ApiKeys::default(), vec![verifier]));
            let issuer = Arc::new(Issuer {
                authenticator: Arc::clone(&authenticator),
                fetch,
                fetched: AtomicUsize::new(0),
            });
            let gate = Gate::new(Authentication { keys: Arc::clone(&issuer) as _, ..authenticator.into() });
            let mut headers = HeaderMap::new();
            headers.insert(header::AUTHORIZATION, token(&new).parse().unwrap());
            let outcome =
                gate.identify_by(&headers, None, Timestamp::from_second(NOW).unwrap(), &mut room()).await;
            let outcome = outcome.map(|principal| principal.subject.to_string()).map_err(|failure| {
                (failure.status.as_u16(), failure.report.code().id, failure.report.wait())
            });
            assert_eq!(outcome, expected.map(str::to_owned));
            assert_eq!(issuer.fetched.load(Relaxed), 1);
        }
    }

    fn key() -> ApiKey {
        let hash = KeyHash::of("ann", &SecretText::new("0123456789abcdef")).unwrap();
        let (name, owner) = ("ann-1".into(), "ann".into());
        ApiKey { name, owner, hash, scopes: Scopes::parse("read"), expires: None }
    }

    #[tokio::test]
    async fn what_was_used_is_known_by_name_and_time() {
        let hash =
            PasswordHash::parse("$2y$08$abcdefghijklmnopqrstuubAvJmxpQuyV3jn7x.SUSPxe.DearCPe").unwrap();
        let user = User { name: "bob".into(), hash, scopes: Scopes::parse("read"), expires: None };
        let users = Users::new(vec![user], &[0; 32]).unwrap();
        let authenticator = Authenticator::new("shop", ApiKeys::new(vec![key()]).unwrap(), Vec::new());
        let (metrics, now) = (Metrics::new(), Timestamp::from_second(NOW).unwrap());
        let gate = Gate::new(Arc::new(authenticator.with_users(users)).into()).counting("shop", &metrics);
        let used = |kind, name| metrics.gauge(&CREDENTIAL_LAST_USED, &["shop", kind, name]).get();
        for (value, expected) in [
            ("Basic Ym9iOndyb25nIGhvcnNl", (0, 0)),
            ("Bearer 0123456789abcdef", (NOW, 0)),
            ("Basic Ym9iOmNvcnJlY3QgaG9yc2U=", (NOW, NOW)),
        ] {
            let headers = [(header::AUTHORIZATION, value.parse().unwrap())].into_iter().collect();
            let known = gate.identify_by(&headers, None, now, &mut room()).await;
            assert_eq!(known.is_ok(), expected != (0, 0), "{value}");
            assert_eq!((used("api-key", "ann-1"), used("basic", "bob")), expected, "{value}");
        }
    }

    #[tokio::test]
    async fn other_refusals_fetch_nothing() {
        let keys = ApiKeys::new(vec![key()]).unwrap();
        let authenticator = Arc::new(Authenticator::new("shop", keys, Vec::new()));
        let issuer = Arc::new(Issuer {
            authenticator: Arc::clone(&authenticator),
            fetch: Fetch::Fails,
            fetched: AtomicUsize::new(0),
        });
        let gate = Gate::new(Authentication { keys: Arc::clone(&issuer) as _, ..authenticator.into() });
        for value in ["Bearer a.b.c", "Bearer x", "Basic x"] {
            let mut headers = HeaderMap::new();
            headers.insert(header::AUTHORIZATION, value.parse().unwrap());
            assert!(
                gate.identify_by(&headers, None, Timestamp::UNIX_EPOCH, &mut room()).await.is_err(),
                "{value}"
            );
        }
        assert_eq!(issuer.fetched.load(Relaxed), 0);
    }
}
