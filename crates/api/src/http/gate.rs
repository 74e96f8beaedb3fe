//! Who asks, and whether they may: the credentials of a request against what an operation requires.

use std::{sync::Arc, time::Duration};

use http::{HeaderMap, HeaderName, HeaderValue, header};
use jiff::Timestamp;
use tenon_errors::{Kind, Report, catalogue::security::BAD_CREDENTIALS};
use tenon_security::{
    Principal, Refusal,
    authenticate::{Authenticator, Credentials},
    authorize::{Access, authorize},
    jwt::keys_unavailable,
};
use tokio::{sync::Semaphore, time::timeout};

use super::{
    exchange::Failure,
    keys::{Authentication, KeyRefresh, LONGEST_WAIT},
    room::Room,
};

pub(super) const API_KEY: HeaderName = HeaderName::from_static("x-api-key");

/// Decides for the operations of one API.
pub(crate) struct Gate {
    authenticator: Arc<Authenticator>,
    keys: Arc<dyn KeyRefresh>,
    anonymous: Arc<Principal>,
    /// The requests that may wait for keys.
    waiting: Semaphore,
}

/// The most requests of an API that wait for newer keys at a time; others are told to come again.
const MOST_WAITING: usize = 64;

impl Gate {
    pub(crate) fn new(authentication: Authentication) -> Self {
        let Authentication { authenticator, keys } = authentication;
        let (anonymous, waiting) = (Arc::new(Principal::anonymous()), Semaphore::new(MOST_WAITING));
        Self { authenticator, keys, anonymous, waiting }
    }

    /// Who sent these headers; nobody in particular if they carry no credentials, or the API takes none. Credentials that
    /// do not hold are an error even where none are needed. Waits for newer keys where a token needs them, outside of the
    /// requests in hand: anybody can make up a token that has to wait.
    pub(crate) async fn identify(
        &self,
        headers: &HeaderMap,
        now: Timestamp,
        room: &mut Room,
    ) -> Result<Arc<Principal>, Failure> {
        if self.authenticator.is_open() {
            return Ok(Arc::clone(&self.anonymous));
        }
        let authorization = text(headers, &header::AUTHORIZATION);
        let api_key = text(headers, &API_KEY);
        let credentials = match (authorization, api_key) {
            (Ok(None), Ok(None)) => return Ok(Arc::clone(&self.anonymous)),
            (Ok(authorization), Ok(api_key)) => Credentials { authorization, api_key },
            _ => {
                let report = Report::new(&BAD_CREDENTIALS, "the credentials are not valid");
                return Err(self.refuse(report, &Access::Open));
            }
        };
        let authenticated = match self.authenticator.authenticate(credentials, now) {
            Err(Refusal::UnknownKey { issuer, .. }) => {
                let was_in_hand = room.leave();
                let authenticated = self.with_newer_keys(&issuer, credentials, now).await;
                if was_in_hand {
                    room.enter()?;
                }
                authenticated
            }
            known => known.map_err(Refusal::into_report),
        };
        authenticated.map(Arc::new).map_err(|report| self.refuse(report, &Access::Open))
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
        let Ok(_waiting) = self.waiting.try_acquire() else {
            return unavailable(format!("{MOST_WAITING} requests wait for keys already"), None);
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
    use tenon_security::{
        Scopes, SecretText,
        api_key::ApiKeys,
        jwt::{JwtSettings, KeySet, Verifier},
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
            let gate = Gate::new(Authentication { authenticator, keys: Arc::clone(&issuer) as _ });
            let mut headers = HeaderMap::new();
            headers.insert(header::AUTHORIZATION, token(&new).parse().unwrap());
            let outcome = gate.identify(&headers, Timestamp::from_second(NOW).unwrap(), &mut room()).await;
            let outcome = outcome.map(|principal| principal.subject.to_string()).map_err(|failure| {
                (failure.status.as_u16(), failure.report.code().id, failure.report.wait())
            });
            assert_eq!(outcome, expected.map(str::to_owned));
            assert_eq!(issuer.fetched.load(Relaxed), 1);
        }
    }

    #[tokio::test]
    async fn other_refusals_fetch_nothing() {
        let key = ("ann".into(), SecretText::new("0123456789abcdef"), Scopes::parse("read"));
        let keys = ApiKeys::new(vec![key]).unwrap();
        let authenticator = Arc::new(Authenticator::new("shop", keys, Vec::new()));
        let issuer = Arc::new(Issuer {
            authenticator: Arc::clone(&authenticator),
            fetch: Fetch::Fails,
            fetched: AtomicUsize::new(0),
        });
        let gate = Gate::new(Authentication { authenticator, keys: Arc::clone(&issuer) as _ });
        for value in ["Bearer a.b.c", "Bearer x", "Basic x"] {
            let mut headers = HeaderMap::new();
            headers.insert(header::AUTHORIZATION, value.parse().unwrap());
            assert!(gate.identify(&headers, Timestamp::UNIX_EPOCH, &mut room()).await.is_err(), "{value}");
        }
        assert_eq!(issuer.fetched.load(Relaxed), 0);
    }
}
