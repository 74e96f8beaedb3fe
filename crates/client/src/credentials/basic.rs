//! A user and a password in each request (RFC 7617).

use async_trait::async_trait;
use bytes::Bytes;
use http::{HeaderValue, header};
use tenon_errors::Report;
use tenon_security::SecretText;

use crate::{Credentials, secret};

/// `Authorization: Basic …`.
pub struct Basic(HeaderValue);

impl Basic {
    /// The user and password for `system`.
    ///
    /// # Errors
    /// `Y0410` for a user with a colon, which would be taken for the end of it, and for control characters in either.
    pub fn new(system: &str, user: &str, password: &SecretText) -> Result<Self, Report> {
        Ok(Self(secret::basic(system, user, password)?))
    }
}

#[async_trait]
impl Credentials for Basic {
    async fn apply(&self, request: &mut http::Request<Bytes>) -> Result<(), Report> {
        request.headers_mut().insert(header::AUTHORIZATION, self.0.clone());
        Ok(())
    }
}
