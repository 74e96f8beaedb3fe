//! Who has sent a message, by what it says itself (WS-Security 1.1.1, UsernameToken Profile 1.1.1).
//!
//! The name is that of the owner of an API key, and the password the key as text. A digest cannot be held against anything: of keys, only
//! hashes are kept.

use std::sync::Arc;

use jiff::Timestamp;
use tenon_contracts::wsdl::{Password, Peek};
use tenon_security::Principal;

use crate::http::{exchange::Failure, gate::Gate};

/// Who has sent it; `None` where it does not say.
///
/// # Errors
/// `S0002` for what does not hold, or holds no more.
pub(super) fn sender(gate: &Gate, peek: &Peek, now: Timestamp) -> Result<Option<Arc<Principal>>, Failure> {
    let Some(security) = &peek.security else { return Ok(None) };
    if let Some(expires) = &security.expires
        && expires.parse::<Timestamp>().ok().is_none_or(|until| until < now)
    {
        return Err(gate.refuse_credentials("the message has expired, or does not say when it does"));
    }
    let Some(token) = &security.token else { return Ok(None) };
    match &token.password {
        Password::Text(key) => gate.identify_owner(&token.name, key, now).map(Some),
        Password::Digest => {
            Err(gate.refuse_credentials("the password is a digest, and only hashes of keys are kept"))
        }
        Password::None => Err(gate.refuse_credentials("the token has no password")),
    }
}

/// Whether a message says who has sent it.
pub(super) fn is_there(peek: &Peek) -> bool {
    peek.security.as_ref().is_some_and(|security| security.token.is_some())
}
