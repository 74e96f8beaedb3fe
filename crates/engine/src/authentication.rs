//! Authenticators from the plan: API keys from secrets, key sets from files and URLs.

use std::{fs, time::Duration};

use bytes::Bytes;
use http_body_util::{BodyExt, Empty, Limited};
use hyper_util::{client::legacy::Client, rt::TokioExecutor};
use tenon_errors::{
    Report,
    catalogue::{
        project::UNREADABLE_FILE,
        security::{BAD_KEY_SET, MISSING_SECRET},
        system::CANNOT_CONNECT,
    },
};
use tenon_plan::{Api, KeySetLocation};
use tenon_ports::Secrets;
use tenon_security::{
    Scopes,
    api_key::ApiKeys,
    authenticate::Authenticator,
    jwt::{JwtSettings, KeySet, Verifier},
};

use crate::Options;

/// How long fetching a key set may take.
const FETCH_TIMEOUT: Duration = Duration::from_secs(5);
/// The largest key set.
const MAX_KEY_SET: usize = 1 << 20;

/// The authenticator of an API. Key sets behind URLs start empty and are fetched by [`fetch_key_set`].
///
/// # Errors
/// `S0101`, `S0103` and `S0105` for secrets and key sets that cannot be used.
pub fn authenticator(api: &Api, options: &Options) -> Result<Authenticator, Report> {
    let mut keys = Vec::new();
    for key in &api.auth.api_keys {
        let secret = options.secrets.get(&key.secret).ok_or_else(|| {
            Report::new(&MISSING_SECRET, format!("the secret `{}` is not provided", key.secret))
                .hint(format!("set the environment variable {0}, or write it into secrets/{0}", key.secret))
        })?;
        keys.push((key.owner.to_string().into(), secret, Scopes::new(key.scopes.iter().cloned())));
    }
    let keys = ApiKeys::new(keys).map_err(first)?;
    let verifier = match &api.auth.jwt {
        None => None,
        Some(jwt) => {
            let key_set = match &jwt.key_set {
                KeySetLocation::File(path) => KeySet::parse(&read(options, path)?)?,
                KeySetLocation::Url(_) => KeySet::empty(),
            };
            let settings = JwtSettings::new(jwt.issuer.clone(), jwt.audience.clone(), jwt.leeway);
            Some(Verifier::new(settings, key_set))
        }
    };
    Ok(Authenticator::new(api.name.as_str(), keys, verifier))
}

fn first(reports: tenon_errors::Reports) -> Report {
    let mut reports = reports.into_iter();
    let report = reports.next().unwrap_or_else(|| Report::new(&BAD_KEY_SET, "the keys cannot be used"));
    report.with_details(reports)
}

fn read(options: &Options, path: &str) -> Result<Vec<u8>, Report> {
    fs::read(options.project.join(path))
        .map_err(|error| Report::new(&UNREADABLE_FILE, format!("`{path}` cannot be read: {error}")))
}

/// Fetches the key set at `url`, over TLS with the system's roots unless the URL is loopback `http`.
///
/// # Errors
/// `Y0001` if it cannot be fetched, `S0103` if it is not a usable key set.
pub async fn fetch_key_set(url: &str) -> Result<KeySet, Report> {
    let failed = |error: &dyn std::fmt::Display| {
        Report::new(&CANNOT_CONNECT, format!("the key set at {url} cannot be fetched: {error}"))
    };
    let provider = rustls::crypto::aws_lc_rs::default_provider();
    let connector = hyper_rustls::HttpsConnectorBuilder::new()
        .with_provider_and_native_roots(provider)
        .map_err(|error| failed(&error))?
        .https_or_http()
        .enable_http1()
        .enable_http2()
        .build();
    let client: Client<_, Empty<Bytes>> = Client::builder(TokioExecutor::new()).build(connector);
    let exchange = async {
        let response =
            client.get(url.parse().map_err(|error| failed(&error))?).await.map_err(|error| failed(&error))?;
        if !response.status().is_success() {
            return Err(failed(&format_args!("status {}", response.status())));
        }
        let body = Limited::new(response.into_body(), MAX_KEY_SET).collect().await;
        KeySet::parse(&body.map_err(|error| failed(&error))?.to_bytes())
    };
    tokio::time::timeout(FETCH_TIMEOUT, exchange).await.map_err(|_| failed(&"no answer within 5 s"))?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_key_set_that_cannot_be_fetched_is_a_transient_problem() {
        let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let report = fetch_key_set(&format!("http://{closed}/jwks.json")).await.unwrap_err();
        assert_eq!((report.code().id, report.is_transient()), ("Y0001", true));
    }
}
