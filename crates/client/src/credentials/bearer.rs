//! A token that stays the same (RFC 6750, section 2.1).

use async_trait::async_trait;
use bytes::Bytes;
use http::{HeaderValue, header};
use tenon_errors::Report;
use tenon_security::SecretText;

use crate::{Credentials, secret};

/// `Authorization: Bearer …`.
pub struct Bearer(HeaderValue);

impl Bearer {
    /// The token for `system`.
    ///
    /// # Errors
    /// `Y0410` if it has characters that no header may have.
    pub fn new(system: &str, token: &SecretText) -> Result<Self, Report> {
        let text = SecretText::new(format!("Bearer {}", token.expose()));
        Ok(Self(secret::header(system, text.expose())?))
    }
}

#[async_trait]
impl Credentials for Bearer {
    async fn apply(&self, request: &mut http::Request<Bytes>) -> Result<(), Report> {
        request.headers_mut().insert(header::AUTHORIZATION, self.0.clone());
        Ok(())
    }
}
