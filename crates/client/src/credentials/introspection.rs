//! Asking an authorization server what a token is (RFC 7662, section 2.1).

use bytes::Bytes;
use http::{HeaderValue, Method, StatusCode, Uri, header};
use tenon_errors::{Report, catalogue::security::ISSUER_UNAVAILABLE};
use tenon_ports::Effect;
use tenon_security::SecretText;

use super::{Authentication, form::Form};
use crate::{Client, Endpoint, Redirects, Request, Settings};

/// An introspection endpoint.
pub struct Introspection {
    name: String,
    client: Client,
    target: String,
    authentication: Authentication,
}

impl Introspection {
    /// The endpoint at `url`, which is shown who asks by `authentication`.
    ///
    /// # Errors
    /// `Y0410`, `S0104` where no client can be made of the URL and the settings.
    pub fn new(settings: Settings, url: &Uri, authentication: Authentication) -> Result<Self, Report> {
        let (server, target) = Endpoint::of_url(url);
        let name = settings.name.to_string();
        // A redirect would hand the token to somebody else.
        let settings =
            Settings { endpoints: vec![server], credentials: None, redirects: Redirects::Answer, ..settings };
        Ok(Self { name, client: Client::new(settings)?, target, authentication })
    }

    /// What the server says of `token`: JSON, which is not looked at here.
    ///
    /// # Errors
    /// What the client reports where there is no answer, `S0007` where it is not one to the question.
    pub async fn ask(&self, token: &SecretText) -> Result<Bytes, Report> {
        let mut form = Form::default();
        form.add("token", token.expose());
        form.add("token_type_hint", "access_token");
        let mut request = Request::new(Method::POST, self.target.clone(), Effect::Safe);
        self.authentication.apply(&self.name, &mut request.headers, &mut form)?;
        request.headers.insert(header::ACCEPT, HeaderValue::from_static("application/json"));
        let urlencoded = HeaderValue::from_static("application/x-www-form-urlencoded");
        request.headers.insert(header::CONTENT_TYPE, urlencoded);
        request.body = form.into_bytes();
        let response = self.client.send(request).await.map_err(|failure| failure.report)?;
        if response.status == StatusCode::OK {
            return Ok(response.body);
        }
        let message = format!("{} answers {} when it is asked about a token", self.name, response.status);
        Err(Report::new(&ISSUER_UNAVAILABLE, message)
            .hint("compare the client and the secret under `introspection` with those that the server knows"))
    }
}
