//! Headers that hold secrets.

use base64::{Engine, engine::general_purpose::STANDARD};
use http::HeaderValue;
use tenon_errors::{Report, catalogue::system::BAD_CLIENT};
use tenon_security::SecretText;

/// The value of a header that holds a secret: logs and compression tables of HTTP/2 leave it out.
///
/// # Errors
/// `Y0410` if it has bytes that no header may have.
pub(crate) fn header(system: &str, text: &str) -> Result<HeaderValue, Report> {
    let mut value = HeaderValue::from_str(text).map_err(|_| {
        let message = format!("a secret of `{system}` has characters that no header may have");
        Report::new(&BAD_CLIENT, message).hint("look for a line break at its end")
    })?;
    value.set_sensitive(true);
    Ok(value)
}

/// A user and a password as RFC 7617 writes them.
///
/// # Errors
/// `Y0410` for a user with a colon, which would be taken for the end of it, and for control characters in either.
pub(crate) fn basic(system: &str, user: &str, password: &SecretText) -> Result<HeaderValue, Report> {
    let odd = |what: &str| Report::new(&BAD_CLIENT, format!("the user of `{system}` {what}"));
    if user.contains(':') {
        return Err(odd("has a colon, which ends users").hint("use another user"));
    }
    if user.chars().chain(password.expose().chars()).any(char::is_control) {
        let hint = "look for a line break at the end of the password";
        return Err(odd("or its password has control characters").hint(hint));
    }
    let pair = SecretText::new(format!("{user}:{}", password.expose()));
    let pair = SecretText::new(STANDARD.encode(pair.expose()));
    header(system, SecretText::new(format!("Basic {}", pair.expose())).expose())
}
