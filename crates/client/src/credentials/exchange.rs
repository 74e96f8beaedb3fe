//! Tokens in exchange for those of others (RFC 8693): a system is called on behalf of whoever has called.

use tenon_errors::{Report, catalogue::system::CREDENTIALS_REFUSED};
use tenon_model::Str;
use tenon_security::SecretText;

use super::form::Form;

/// What kind of token is meant where nothing else is said.
const ACCESS_TOKEN: Str = Str::new_static("urn:ietf:params:oauth:token-type:access_token");

/// An exchange.
pub struct Exchange {
    /// Whose token it is for.
    pub subject: Subject,
    /// What kind of token that is: a URI (RFC 8693, section 3).
    pub subject_type: Str,
    /// What kind of token is wanted, where the server has several.
    pub requested_type: Option<Str>,
    /// The token of who acts for the subject, and its kind.
    pub actor: Option<(SecretText, Str)>,
}

/// Whose token is exchanged.
pub enum Subject {
    /// Of whoever the request is made for (`Request::subject`).
    Caller,
    /// Always the same one.
    Fixed(SecretText),
}

impl Exchange {
    /// For an access token of `subject`.
    #[must_use]
    pub fn new(subject: Subject) -> Self {
        Self { subject, subject_type: ACCESS_TOKEN, requested_type: None, actor: None }
    }

    pub(super) fn is_for_others(&self) -> bool {
        matches!(self.subject, Subject::Caller)
    }

    pub(super) fn fill(
        &self,
        form: &mut Form,
        system: &str,
        caller: Option<&SecretText>,
    ) -> Result<(), Report> {
        let subject = match &self.subject {
            Subject::Fixed(token) => token,
            Subject::Caller => caller.ok_or_else(|| {
                let message = format!("`{system}` is called on behalf of callers, and this one has no token");
                Report::new(&CREDENTIALS_REFUSED, message).hint("call with a token, not with a key")
            })?,
        };
        form.add("grant_type", "urn:ietf:params:oauth:grant-type:token-exchange");
        form.add("subject_token", subject.expose());
        form.add("subject_token_type", &self.subject_type);
        if let Some(kind) = &self.requested_type {
            form.add("requested_token_type", kind);
        }
        if let Some((token, kind)) = &self.actor {
            form.add("actor_token", token.expose());
            form.add("actor_token_type", kind);
        }
        Ok(())
    }
}
