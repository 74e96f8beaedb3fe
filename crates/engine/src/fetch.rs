//! Fetching key sets over HTTP.

use std::{error::Error, fmt::Write as _, time::Duration};

use bytes::Bytes;
use http_body_util::{BodyExt, Empty, Limited};
use hyper_util::{client::legacy::Client, rt::TokioExecutor};
use tenon_errors::{Report, catalogue::system::CANNOT_CONNECT};
use tenon_security::jwt::{KeySet, MAX_KEY_SET_SIZE};

/// How long fetching a key set may take.
const FETCH_TIMEOUT: Duration = Duration::from_secs(5);

/// Fetches the key set at `url`. TLS trusts the system's roots, or those in `SSL_CERT_FILE`.
///
/// # Errors
/// `Y0001` if it cannot be fetched, `S0103` if it is not a key set. One without usable keys is one: its issuer has withdrawn
/// them.
pub(crate) async fn key_set(url: &str) -> Result<KeySet, Report> {
    let failed = |error: &str| {
        Report::new(&CANNOT_CONNECT, format!("the key set at {url} cannot be fetched: {error}"))
    };
    let provider = rustls::crypto::aws_lc_rs::default_provider();
    let connector = hyper_rustls::HttpsConnectorBuilder::new()
        .with_provider_and_native_roots(provider)
        .map_err(|error| failed(&chain(&error)))?
        .https_or_http()
        .enable_http1()
        .enable_http2()
        .build();
    let client: Client<_, Empty<Bytes>> = Client::builder(TokioExecutor::new()).build(connector);
    let exchange = async {
        let target = url.parse().map_err(|error| failed(&chain(&error)))?;
        let response = client.get(target).await.map_err(|error| failed(&chain(&error)))?;
        if !response.status().is_success() {
            return Err(failed(&format!("the answer is {}", response.status())));
        }
        let body = Limited::new(response.into_body(), MAX_KEY_SET_SIZE).collect().await;
        let body = body.map_err(|error| failed(&chain(error.as_ref())))?.to_bytes();
        let (keys, unusable) = KeySet::published(&body)?;
        if keys.is_empty() {
            let reasons: Vec<_> = unusable.iter().map(ToString::to_string).collect();
            tracing::warn!(
                url,
                reasons = reasons.join("; "),
                "an issuer publishes no key that can be used: its tokens are refused"
            );
        }
        Ok(keys)
    };
    let limit = FETCH_TIMEOUT.as_secs();
    tokio::time::timeout(FETCH_TIMEOUT, exchange)
        .await
        .map_err(|_| failed(&format!("no answer within {limit} s")))?
}

/// An error with what it came from, which is where the reason stands.
fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        // Writing into a String does not fail.
        let _ = write!(text, ": {error}");
        cause = error.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_key_set_that_cannot_be_fetched_is_a_transient_problem_with_its_reason() {
        let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let report = key_set(&format!("http://{closed}/jwks.json")).await.unwrap_err();
        assert_eq!((report.code().id, report.is_transient()), ("Y0001", true));
        assert!(report.message().contains("refused"), "{report}");
    }
}
