//! Fetching key sets over HTTP, from where they are or where an issuer says that they are.

use std::{fmt, sync::Arc, time::Duration};

use bytes::Bytes;
use http::{Method, Uri};
use tenon_client::{Breaker, Client, Endpoint, Reach, Request, Retry, Settings, Timeouts};
use tenon_connectors::clock::SystemClock;
use tenon_errors::{
    Report,
    catalogue::{security::BAD_KEY_SET, system::CANNOT_CONNECT},
    clip,
};
use tenon_model::Str;
use tenon_ports::Effect;
use tenon_security::jwt::{KeySet, MAX_KEY_SET_SIZE};
use tokio::sync::OnceCell;

/// How long fetching a key set may take.
const FETCH_TIMEOUT: Duration = Duration::from_secs(5);

/// The largest metadata of an issuer, in bytes.
const MAX_METADATA: usize = 64 << 10;

/// Where a key set is.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Origin {
    /// At this URL.
    Url(Str),
    /// Where the metadata of this issuer say.
    Issuer(Str),
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Url(url) => f.write_str(url),
            Self::Issuer(issuer) => write!(f, "{issuer} (by its metadata)"),
        }
    }
}

/// What a key set is fetched by. The connection to a URL is kept; metadata are read anew each time, since they say where keys are from then on.
#[derive(Default)]
pub(crate) struct KeySource(OnceCell<Source>);

impl KeySource {
    /// Fetches the key set at `origin`, which is always the same. TLS trusts the system's roots, or those in `SSL_CERT_FILE`.
    ///
    /// # Errors
    /// What the client reports if it cannot be fetched, `Y0001` if the answer is not one, `S0103` if it is not a key set, or the metadata are
    /// not those of the issuer. A set without usable keys is one: its issuer has withdrawn them.
    pub(crate) async fn fetch(&self, origin: &Origin) -> Result<KeySet, Report> {
        let failed = |why: Report| {
            let message = format!("the key set at {origin} cannot be fetched: {}", why.message());
            Report::new(why.code(), message)
        };
        let body = match origin {
            Origin::Url(url) => {
                let source = self.0.get_or_try_init(|| async { Source::new(url, MAX_KEY_SET_SIZE) }).await;
                source.map_err(failed)?.get().await.map_err(failed)?
            }
            Origin::Issuer(issuer) => {
                let url = discovered(issuer).await.map_err(failed)?;
                Source::new(&url, MAX_KEY_SET_SIZE).map_err(failed)?.get().await.map_err(failed)?
            }
        };
        let (keys, unusable) = KeySet::published(&body)?;
        if keys.is_empty() {
            let reasons: Vec<_> = unusable.iter().map(ToString::to_string).collect();
            tracing::warn!(
                %origin,
                reasons = reasons.join("; "),
                "an issuer publishes no key that can be used: its tokens are refused"
            );
        }
        Ok(keys)
    }
}

/// Where the keys of `issuer` are, as it says itself (OpenID Connect Discovery 1.0, section 4; RFC 8414, section 3).
async fn discovered(issuer: &str) -> Result<String, Report> {
    let mut last = None;
    for url in metadata_urls(issuer) {
        let answer = match Source::new(&url, MAX_METADATA) {
            Ok(source) => source.get().await,
            Err(report) => Err(report),
        };
        match answer {
            Ok(body) => return jwks_uri(issuer, &url, &body),
            Err(report) => last = Some(report),
        }
    }
    Err(last.unwrap_or_else(|| bad(format!("`{issuer}` is not a URL"))))
}

/// Where the metadata of an issuer are: after its path for OpenID Connect, and before it for OAuth alone.
fn metadata_urls(issuer: &str) -> [String; 2] {
    let issuer = issuer.trim_end_matches('/');
    let after_scheme = issuer.find("://").map_or(0, |at| at + 3);
    let path = issuer[after_scheme..].find('/').map_or(issuer.len(), |at| after_scheme + at);
    let (host, path) = issuer.split_at(path);
    [
        format!("{issuer}/.well-known/openid-configuration"),
        format!("{host}/.well-known/oauth-authorization-server{path}"),
    ]
}

fn jwks_uri(issuer: &str, url: &str, body: &[u8]) -> Result<String, Report> {
    let metadata: serde_json::Value = serde_json::from_slice(body)
        .map_err(|error| bad(format!("the metadata at {url} are not JSON: {error}")))?;
    let text = |name: &str| metadata.get(name).and_then(serde_json::Value::as_str);
    if text("issuer") != Some(issuer) {
        let named = text("issuer").unwrap_or_default();
        return Err(bad(format!("the metadata at {url} are those of `{}`", clip(named, 200))));
    }
    let keys = text("jwks_uri").ok_or_else(|| bad(format!("the metadata at {url} name no `jwks_uri`")))?;
    // Whoever may be reached in the clear is named in the project in the clear.
    if keys.starts_with("https://") || issuer.starts_with("http://") {
        return Ok(keys.to_owned());
    }
    Err(bad(format!("the metadata at {url} name keys at `{}`, which is not `https://`", clip(keys, 200))))
}

fn bad(message: String) -> Report {
    Report::new(&BAD_KEY_SET, message).hint("name the `jwks` of the issuer, or correct its metadata")
}

/// A document that an issuer publishes.
struct Source {
    client: Client,
    target: String,
}

impl Source {
    /// The document at `url`, of at most so many bytes.
    fn new(url: &str, most: usize) -> Result<Self, Report> {
        let odd =
            |error: http::uri::InvalidUri| Report::new(&CANNOT_CONNECT, format!("its URL is odd: {error}"));
        let (server, target) = Endpoint::of_url(&url.parse::<Uri>().map_err(odd)?);
        let settings = Settings {
            timeouts: Timeouts { total: FETCH_TIMEOUT, read: FETCH_TIMEOUT, connect: FETCH_TIMEOUT },
            // Whoever asks for the keys asks again by itself, and not often.
            retry: Retry { attempts: 1, ..Retry::default() },
            breaker: Breaker::OFF,
            most,
            // Issuers are often inside.
            reach: Reach { private: true },
            ..Settings::new("the issuer", vec![server], Arc::new(SystemClock))
        };
        Ok(Self { client: Client::new(settings)?, target })
    }

    async fn get(&self) -> Result<Bytes, Report> {
        let request = Request::new(Method::GET, self.target.clone(), Effect::Safe);
        let response = self.client.send(request).await.map_err(|failure| failure.report)?;
        if response.status.is_success() {
            return Ok(response.body);
        }
        Err(Report::new(&CANNOT_CONNECT, format!("the answer is {}", response.status)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_key_set_that_cannot_be_fetched_is_a_transient_problem_with_its_reason() {
        // Its port is taken, and nobody listens.
        let socket = tokio::net::TcpSocket::new_v4().unwrap();
        socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
        let closed = socket.local_addr().unwrap();
        let report = KeySource::default()
            .fetch(&Origin::Url(format!("http://{closed}/jwks.json").into()))
            .await
            .unwrap_err();
        assert_eq!((report.code().id, report.is_transient()), ("Y0001", true));
        assert!(report.message().contains("refused"), "{report}");
    }

    #[test]
    fn metadata_are_those_of_the_issuer_that_was_asked() {
        let [oidc, oauth] = metadata_urls("https://i.example/tenant/");
        assert_eq!(oidc, "https://i.example/tenant/.well-known/openid-configuration");
        assert_eq!(oauth, "https://i.example/.well-known/oauth-authorization-server/tenant");
        assert_eq!(
            metadata_urls("https://i.example")[1],
            "https://i.example/.well-known/oauth-authorization-server"
        );
        let found =
            |issuer: &str, body: &str| jwks_uri(issuer, "URL", body.as_bytes()).map_err(|it| it.code().id);
        let own = r#"{ "issuer": "https://i.example", "jwks_uri": "https://keys.example/jwks" }"#;
        assert_eq!(found("https://i.example", own), Ok("https://keys.example/jwks".to_owned()));
        assert_eq!(found("https://j.example", own), Err("S0103"));
        let clear = r#"{ "issuer": "https://i.example", "jwks_uri": "http://keys.example/jwks" }"#;
        for body in [clear, r#"{ "issuer": "https://i.example" }"#, "[]", ""] {
            assert_eq!(found("https://i.example", body), Err("S0103"), "{body}");
        }
    }
}
