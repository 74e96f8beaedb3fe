//! A user and a password in each request (RFC 7617).

use async_trait::async_trait;
use bytes::Bytes;
use http::{HeaderValue, header};
use tenon_errors::{Report, catalogue::system::BAD_CLIENT};
use tenon_security::SecretText;

use crate::Credentials;

/// `Authorization: Basic …`.
pub struct Basic(HeaderValue);

impl Basic {
    /// The user and password for `system`.
    ///
    /// # Errors
    /// `Y0410` for a user with a colon, which would be taken for the end of it, and for control characters in either.
    pub fn new(system: &str, user: &str, password: &SecretText) -> Result<Self, Report> {
        let odd = |what: &str| Report::new(&BAD_CLIENT, format!("the user of `{system}` {what}"));
        if user.contains(':') {
            return Err(odd("has a colon, which ends users").hint("use another user"));
        }
        if user.chars().chain(password.expose().chars()).any(char::is_control) {
            let hint = "look for a line break at the end of the password";
            return Err(odd("or its password has control characters").hint(hint));
        }
        let pair = SecretText::new(format!("{user}:{}", password.expose()));
        let text = SecretText::new(format!("Basic {}", super::encoded(pair.expose()).expose()));
        Ok(Self(super::header(system, text.expose())?))
    }
}

#[async_trait]
impl Credentials for Basic {
    async fn apply(&self, request: &mut http::Request<Bytes>) -> Result<(), Report> {
        request.headers_mut().insert(header::AUTHORIZATION, self.0.clone());
        Ok(())
    }
}
