//! What tokens are asked for with.

use tenon_errors::Report;
use tenon_ports::Effect;
use tenon_security::SecretText;

use super::{Exchange, Refresh, form::Form, token::Token};

/// What tokens are asked for with.
pub enum Grant {
    /// The client's own credentials (RFC 6749, section 4.4).
    ClientCredentials,
    /// A refresh token (RFC 6749, section 6).
    Refresh(Refresh),
    /// The token of somebody else (RFC 8693).
    Exchange(Exchange),
}

impl Grant {
    /// Whether tokens are those of whoever requests are made for.
    pub(super) fn is_for_others(&self) -> bool {
        matches!(self, Self::Exchange(exchange) if exchange.is_for_others())
    }

    /// What it does to ask twice: a server that gives new refresh tokens takes the old one, used again, for a stolen one.
    pub(super) fn effect(&self) -> Effect {
        match self {
            Self::Refresh(_) => Effect::Acts,
            Self::ClientCredentials | Self::Exchange(_) => Effect::Idempotent,
        }
    }

    /// Adds it to the form.
    pub(super) fn fill(
        &self,
        form: &mut Form,
        system: &str,
        subject: Option<&SecretText>,
    ) -> Result<(), Report> {
        match self {
            Self::ClientCredentials => form.add("grant_type", "client_credentials"),
            Self::Refresh(refresh) => refresh.fill(form),
            Self::Exchange(exchange) => exchange.fill(form, system, subject)?,
        }
        Ok(())
    }

    /// Looks for what came since.
    pub(super) async fn recall(&self) -> Result<(), Report> {
        match self {
            Self::Refresh(refresh) => refresh.recall().await,
            Self::ClientCredentials | Self::Exchange(_) => Ok(()),
        }
    }

    /// Keeps what came with the token.
    pub(super) async fn keep(&self, token: &Token) -> Result<(), Report> {
        match (self, &token.refresh) {
            (Self::Refresh(refresh), Some(next)) => refresh.keep(next).await,
            _ => Ok(()),
        }
    }
}
