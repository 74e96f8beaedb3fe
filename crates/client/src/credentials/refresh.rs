//! A refresh token, which may be a new one each time (RFC 6749, section 6; RFC 9700, section 4.14).

use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use tenon_errors::Report;
use tenon_security::SecretText;

use super::form::Form;

/// The refresh token of a client.
pub struct Refresh {
    token: Mutex<SecretText>,
    keeps: Option<Arc<dyn Keeps>>,
}

/// Keeps a refresh token beyond the end of the process.
///
/// # Protocol
/// A server that gives new refresh tokens no longer takes the one before: the new one is kept before the token that came with it
/// is used.
#[async_trait]
pub trait Keeps: Send + Sync {
    /// Keeps `token` in place of the one before. An error ends the call that needs it.
    async fn keep(&self, token: &SecretText) -> Result<(), Report>;
}

impl Refresh {
    /// `token` is the newest one that is known; `keeps` is given those that come in its place.
    #[must_use]
    pub fn new(token: SecretText, keeps: Option<Arc<dyn Keeps>>) -> Self {
        Self { token: Mutex::new(token), keeps }
    }

    pub(super) fn fill(&self, form: &mut Form) {
        form.add("grant_type", "refresh_token");
        form.add("refresh_token", self.token.lock().unwrap_or_else(PoisonError::into_inner).expose());
    }

    pub(super) async fn keep(&self, next: &SecretText) -> Result<(), Report> {
        let is_same = {
            let mut token = self.token.lock().unwrap_or_else(PoisonError::into_inner);
            let is_same = token.expose() == next.expose();
            *token = next.clone();
            is_same
        };
        match &self.keeps {
            Some(keeps) if !is_same => keeps.keep(next).await,
            _ => Ok(()),
        }
    }
}
