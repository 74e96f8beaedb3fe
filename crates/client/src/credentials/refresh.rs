//! A refresh token, which may be a new one each time (RFC 6749, section 6; RFC 9700, section 4.14).

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use tenon_errors::Report;
use tenon_security::SecretText;

use super::form::Form;

/// The refresh token of a client.
pub struct Refresh {
    known: Mutex<Known>,
    keeps: Option<Arc<dyn Keeps>>,
}

struct Known {
    token: SecretText,
    /// What is kept, as far as it was seen: a token that could not be kept is newer.
    kept: Option<SecretText>,
}

/// Keeps a refresh token beyond the end of the process, and from one process to another.
///
/// # Protocol
/// A server that gives new refresh tokens no longer takes the one before: the new one is kept before the token that came with it
/// is used.
#[async_trait]
pub trait Keeps: Send + Sync {
    /// The token that was kept last, by whomever; nothing if none was.
    async fn newest(&self) -> Result<Option<SecretText>, Report>;

    /// Keeps `token` in place of the one before. An error ends the call that needs it.
    async fn keep(&self, token: &SecretText) -> Result<(), Report>;
}

impl Refresh {
    /// `token` is the first one; one that was kept comes before it. `keeps` is given those that come in its place.
    #[must_use]
    pub fn new(token: SecretText, keeps: Option<Arc<dyn Keeps>>) -> Self {
        Self { known: Mutex::new(Known { token, kept: None }), keeps }
    }

    /// Takes what was kept since, also by another process: a server that is shown the one before takes it for stolen.
    pub(super) async fn recall(&self) -> Result<(), Report> {
        let Some(keeps) = &self.keeps else { return Ok(()) };
        let Some(newest) = keeps.newest().await? else { return Ok(()) };
        let mut known = self.known();
        if known.kept.as_ref().is_none_or(|kept| kept.expose() != newest.expose()) {
            *known = Known { token: newest.clone(), kept: Some(newest) };
        }
        Ok(())
    }

    pub(super) fn fill(&self, form: &mut Form) {
        form.add("grant_type", "refresh_token");
        form.add("refresh_token", self.known().token.expose());
    }

    pub(super) async fn keep(&self, next: &SecretText) -> Result<(), Report> {
        if self.known().token.expose() == next.expose() {
            return Ok(());
        }
        self.known().token = next.clone();
        if let Some(keeps) = &self.keeps {
            keeps.keep(next).await?;
            self.known().kept = Some(next.clone());
        }
        Ok(())
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
