//! Tokens of an OAuth 2 server (RFC 6749): fetched when they are needed, once for all who wait, kept, and renewed before they end.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use aws_lc_rs::digest::{SHA256, digest};
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, Uri, header};
use moka::sync::Cache;
use tenon_errors::{Report, catalogue::system::CREDENTIALS_REFUSED};
use tenon_model::Str;
use tenon_security::SecretText;

use super::{
    Authentication, Grant,
    form::Form,
    held::Held,
    token::{self, Token},
};
use crate::{Client, Credentials, Endpoint, Redirects, Request, Settings, caller::Subject};

/// The most bytes of an answer of a token endpoint.
const MOST: usize = 64 << 10;
/// So many tokens that were exchanged for those of others are kept, each for so long after it was last used.
const SUBJECTS: (u64, Duration) = (1_000, Duration::from_secs(3_600));

/// The tokens of one client of an OAuth 2 server.
pub struct OAuth {
    asks: Arc<Asks>,
    /// The token of the client itself.
    held: Arc<Held>,
    /// Those that were exchanged for the tokens of others, by the hash of these.
    of_others: Cache<[u8; 32], Arc<Held>>,
}

/// Where and how tokens are asked for.
pub struct TokenEndpoint {
    /// Its URL.
    pub url: Uri,
    /// How the client proves itself there.
    pub authentication: Authentication,
    /// What tokens are wanted for, as the server names it, with spaces in between.
    pub scope: Option<Str>,
    /// Other parameters of its form, such as `audience` or `resource` (RFC 8707).
    pub parameters: Vec<(Str, Str)>,
}

struct Asks {
    system: Str,
    client: Client,
    target: String,
    endpoint: TokenEndpoint,
    grant: Grant,
}

impl OAuth {
    /// Tokens that `grant` gets. `settings` says how the endpoint is reached: name, timeouts, trust, a proxy; what it says of
    /// endpoints, credentials and redirects is not used.
    ///
    /// # Errors
    /// `Y0410`, `S0104` where no client can be made of the URL and the settings.
    pub fn new(settings: Settings, endpoint: TokenEndpoint, grant: Grant) -> Result<Self, Report> {
        let (server, target) = Endpoint::of_url(&endpoint.url);
        let system = settings.name.clone();
        let client = Client::new(Settings {
            endpoints: vec![server],
            credentials: None,
            redirects: Redirects::Answer,
            most: MOST,
            ..settings
        })?;
        let of_others = Cache::builder().max_capacity(SUBJECTS.0).time_to_idle(SUBJECTS.1).build();
        let asks = Arc::new(Asks { system, client, target, endpoint, grant });
        Ok(Self { asks, held: Arc::default(), of_others })
    }

    /// The token for whoever the request is made for, and their own one.
    fn held(&self, request: &http::Request<Bytes>) -> (Arc<Held>, Option<SecretText>) {
        let subject = request.extensions().get::<Subject>().filter(|_| self.asks.grant.is_for_others());
        let Some(Subject(subject)) = subject else { return (Arc::clone(&self.held), None) };
        let mut hash = [0; 32];
        hash.copy_from_slice(digest(&SHA256, subject.expose().as_bytes()).as_ref());
        (self.of_others.get_with(hash, Arc::default), Some(subject.clone()))
    }
}

#[async_trait]
impl Credentials for OAuth {
    async fn apply(&self, request: &mut http::Request<Bytes>) -> Result<(), Report> {
        let (held, subject) = self.held(request);
        let asks = Arc::clone(&self.asks);
        let fetch = async move || asks.token(subject.as_ref()).await;
        let token = held.get(&self.asks.system, fetch).await?;
        request.headers_mut().insert(header::AUTHORIZATION, token);
        Ok(())
    }

    async fn refused(&self, sent: &HeaderMap) -> bool {
        let Some(sent) = sent.get(header::AUTHORIZATION) else { return false };
        if let Some(again) = self.held.refuse(sent) {
            return again;
        }
        self.of_others.iter().find_map(|(_, held)| held.refuse(sent)).unwrap_or(true)
    }
}

impl Asks {
    /// A new token.
    async fn token(&self, subject: Option<&SecretText>) -> Result<Token, Report> {
        let TokenEndpoint { authentication, scope, parameters, .. } = &self.endpoint;
        let mut form = Form::default();
        self.grant.recall().await?;
        self.grant.fill(&mut form, &self.system, subject)?;
        if let Some(scope) = scope {
            form.add("scope", scope);
        }
        for (name, value) in parameters {
            form.add(name, value);
        }
        let mut request = Request::new(Method::POST, self.target.clone(), self.grant.effect());
        authentication.apply(&self.system, &mut request.headers, &mut form)?;
        request.headers.insert(header::ACCEPT, HeaderValue::from_static("application/json"));
        let urlencoded = HeaderValue::from_static("application/x-www-form-urlencoded");
        request.headers.insert(header::CONTENT_TYPE, urlencoded);
        request.body = form.into_bytes();
        let response =
            self.client.send(request).await.map_err(|failure| self.without_token(&failure.report))?;
        let token =
            token::read(&response).map_err(|why| self.refused(&why, response.status.is_server_error()))?;
        self.grant.keep(&token).await?;
        Ok(token)
    }

    /// The endpoint was not reached, or did not answer.
    fn without_token(&self, why: &Report) -> Report {
        let message = format!("`{}` is not called without a token: {}", self.system, why.message());
        let report = Report::new(why.code(), message);
        match why.wait() {
            Some(wait) => report.retry_after(wait),
            None => report,
        }
    }

    /// The endpoint gives no token.
    fn refused(&self, why: &str, is_servers: bool) -> Report {
        let Self { system, client, .. } = self;
        let url = client.endpoints().first().map(|endpoint| endpoint.url.clone()).unwrap_or_default();
        let message = format!("`{system}` gets no token from {url}: {why}");
        let report = Report::new(&CREDENTIALS_REFUSED, message);
        if is_servers {
            report
        } else {
            report.hint("compare the credentials of the system with those that the server knows")
        }
    }
}
