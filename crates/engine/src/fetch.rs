//! Fetching key sets over HTTP.

use std::{sync::Arc, time::Duration};

use http::{Method, Uri};
use tenon_client::{Breaker, Client, Endpoint, Reach, Request, Retry, Settings, Timeouts};
use tenon_connectors::clock::SystemClock;
use tenon_errors::{Report, catalogue::system::CANNOT_CONNECT};
use tenon_ports::Effect;
use tenon_security::jwt::{KeySet, MAX_KEY_SET_SIZE};
use tokio::sync::OnceCell;

/// How long fetching a key set may take.
const FETCH_TIMEOUT: Duration = Duration::from_secs(5);

/// Where a key set is fetched from. Its connection is kept.
#[derive(Default)]
pub(crate) struct KeySource(OnceCell<(Client, String)>);

impl KeySource {
    /// Fetches the key set at `url`, which is always the same. TLS trusts the system's roots, or those in `SSL_CERT_FILE`.
    ///
    /// # Errors
    /// What the client reports if it cannot be fetched, `Y0001` if the answer is not one, `S0103` if it is not a key set. One
    /// without usable keys is one: its issuer has withdrawn them.
    pub(crate) async fn fetch(&self, url: &str) -> Result<KeySet, Report> {
        let failed = |why: &Report| {
            let message = format!("the key set at {url} cannot be fetched: {}", why.message());
            Report::new(why.code(), message)
        };
        let (client, target) =
            self.0.get_or_try_init(|| async { client(url) }).await.map_err(|report| failed(&report))?;
        let request = Request::new(Method::GET, target.clone(), Effect::Safe);
        let response = client.send(request).await.map_err(|failure| failed(&failure.report))?;
        if !response.status.is_success() {
            let answer = Report::new(&CANNOT_CONNECT, format!("the answer is {}", response.status));
            return Err(failed(&answer));
        }
        let (keys, unusable) = KeySet::published(&response.body)?;
        if keys.is_empty() {
            let reasons: Vec<_> = unusable.iter().map(ToString::to_string).collect();
            tracing::warn!(
                url,
                reasons = reasons.join("; "),
                "an issuer publishes no key that can be used: its tokens are refused"
            );
        }
        Ok(keys)
    }
}

/// A client of the server at `url`, and what is asked of it.
fn client(url: &str) -> Result<(Client, String), Report> {
    let odd = |error: http::uri::InvalidUri| Report::new(&CANNOT_CONNECT, format!("its URL is odd: {error}"));
    let (server, target) = Endpoint::of_url(&url.parse::<Uri>().map_err(odd)?);
    let settings = Settings {
        timeouts: Timeouts { total: FETCH_TIMEOUT, read: FETCH_TIMEOUT, connect: FETCH_TIMEOUT },
        // Whoever asks for the keys asks again by itself, and not often.
        retry: Retry { attempts: 1, ..Retry::default() },
        breaker: Breaker::OFF,
        most: MAX_KEY_SET_SIZE,
        // Issuers are often inside.
        reach: Reach { private: true },
        ..Settings::new("the issuer", vec![server], Arc::new(SystemClock))
    };
    Ok((Client::new(settings)?, target))
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
        let report = KeySource::default().fetch(&format!("http://{closed}/jwks.json")).await.unwrap_err();
        assert_eq!((report.code().id, report.is_transient()), ("Y0001", true));
        assert!(report.message().contains("refused"), "{report}");
    }
}
