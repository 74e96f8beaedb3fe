//! What a token endpoint answers (RFC 6749, sections 5.1 and 5.2).

use std::time::Duration;

use serde_json::{Map, Value};
use tenon_errors::clip;
use tenon_security::SecretText;

use crate::Response;

/// The longest that a token is taken to last, whatever its server says.
const LONGEST: u64 = 30 * 24 * 60 * 60;

/// A token.
pub(super) struct Token {
    pub(super) value: SecretText,
    /// From when it was asked for.
    pub(super) lifetime: Option<Duration>,
    /// What the next one is to be asked for with, where that changes.
    pub(super) refresh: Option<SecretText>,
}

/// The token of an answer, or why there is none, in words.
pub(super) fn read(response: &Response) -> Result<Token, String> {
    let status = response.status;
    let fields = match serde_json::from_slice(&response.body) {
        Ok(Value::Object(fields)) => fields,
        _ if status.is_success() => return Err("its answer is not a JSON object".to_owned()),
        _ => return Err(format!("it answers with the status {status}")),
    };
    if !status.is_success() {
        return Err(refusal(&fields).unwrap_or_else(|| format!("it answers with the status {status}")));
    }
    let text = |name: &str| fields.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
    let kind = text("token_type").unwrap_or("Bearer");
    // `N_A` is what an exchange says of what is no access token (RFC 8693, section 2.2.1).
    if !["bearer", "n_a"].iter().any(|known| kind.eq_ignore_ascii_case(known)) {
        return Err(format!("its token is of the type `{}`, where `Bearer` is expected", plain(kind)));
    }
    let value = text("access_token").ok_or("its answer has no `access_token`")?;
    let refresh = text("refresh_token").map(SecretText::new);
    Ok(Token { value: SecretText::new(value), lifetime: lifetime(&fields), refresh })
}

/// Some servers write the number as text.
fn lifetime(fields: &Map<String, Value>) -> Option<Duration> {
    let seconds = match fields.get("expires_in")? {
        Value::Number(number) => number.as_f64()?,
        Value::String(text) => text.trim().parse().ok()?,
        _ => return None,
    };
    #[allow(clippy::cast_precision_loss, reason = "a number of seconds")]
    let bounded = seconds.clamp(0.0, LONGEST as f64);
    bounded.is_finite().then(|| Duration::from_secs_f64(bounded))
}

/// An error, in words where its code is one that is defined (RFC 6749, section 5.2; RFC 8693, section 2.2.2).
fn refusal(fields: &Map<String, Value>) -> Option<String> {
    let code = fields.get("error")?.as_str()?;
    let meaning = match code {
        "invalid_request" => "something is missing in the request, or is wrong in it",
        "invalid_client" => "the client is not known, or does not prove itself as it should",
        "invalid_grant" => "what the token is asked for with is not valid, has expired or was revoked",
        "unauthorized_client" => "the client may not get tokens in this way",
        "unsupported_grant_type" => "it gives no tokens in this way",
        "invalid_scope" => "the scope is not known, or is more than the client may have",
        "invalid_target" => "it gives no tokens for this audience or resource",
        "temporarily_unavailable" | "server_error" => "it cannot give tokens at the moment",
        _ => "",
    };
    let mut text = format!("`{}`", plain(code));
    if !meaning.is_empty() {
        text.push_str(&format!(", {meaning}"));
    }
    if let Some(description) = fields.get("error_description").and_then(Value::as_str) {
        text.push_str(&format!(" ({})", plain(description)));
    }
    Some(text)
}

/// What a server says, on one line and not too long.
fn plain(text: &str) -> String {
    let line: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    clip(line.trim(), 200).into_owned()
}
