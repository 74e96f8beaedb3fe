//! The parts of a token, in the JWS compact serialization (RFC 7515, section 7.1).

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Map, Value};

use super::{clip, json};

/// The largest token, in bytes.
pub const MAX_TOKEN_SIZE: usize = 16 << 10;

/// A token, taken apart. Nothing about it is verified yet.
pub(super) struct Token<'a> {
    /// The `alg` header.
    pub(super) algorithm: String,
    /// The `kid` header.
    pub(super) key_id: Option<String>,
    /// Whether its type says that it is an access token (RFC 9068).
    pub(super) is_access_token: bool,
    /// What is signed: the header and the claims as they came.
    pub(super) signed: &'a [u8],
    /// The signature, in base64url.
    pub(super) signature: &'a str,
    claims: &'a str,
}

impl<'a> Token<'a> {
    /// Takes `text` apart and reads the header.
    ///
    /// # Errors
    /// Says what is not as it has to be.
    pub(super) fn parse(text: &'a str) -> Result<Self, String> {
        if text.len() > MAX_TOKEN_SIZE {
            return Err(format!("the token has {} bytes, more than {MAX_TOKEN_SIZE}", text.len()));
        }
        let (signed, signature) = text.rsplit_once('.').ok_or("the token has no dots")?;
        let (header, claims) = signed.split_once('.').ok_or("the token has one dot")?;
        if claims.contains('.') {
            return Err("the token has more than two dots".to_owned());
        }
        let mut header = decode(header).map_err(|why| format!("the header cannot be read: {why}"))?;
        if header.contains_key("crit") {
            return Err("the header has `crit`, and no extension is understood".to_owned());
        }
        let is_access_token = check_type(header.get("typ"))?;
        let algorithm = text_of(&mut header, "alg")?.ok_or("the header has no `alg`")?;
        let key_id = text_of(&mut header, "kid")?;
        Ok(Self { algorithm, key_id, is_access_token, signed: signed.as_bytes(), signature, claims })
    }

    /// Reads the claims; nothing of them holds before the signature is verified.
    ///
    /// # Errors
    /// Says why they cannot be read.
    pub(super) fn claims(&self) -> Result<Map<String, Value>, String> {
        decode(self.claims).map_err(|why| format!("the claims cannot be read: {why}"))
    }
}

fn decode(part: &str) -> Result<Map<String, Value>, String> {
    let bytes = URL_SAFE_NO_PAD.decode(part).map_err(|error| error.to_string())?;
    json::object(&bytes)
}

/// `JWT`, or `at+jwt` for access tokens (RFC 9068), with or without `application/`. Tokens of other types, such as logout
/// tokens, are signed with the same keys and prove something else (RFC 8725, section 3.11).
fn check_type(typ: Option<&Value>) -> Result<bool, String> {
    let Some(typ) = typ else { return Ok(false) };
    let lower = typ.as_str().unwrap_or_default().to_ascii_lowercase();
    match lower.strip_prefix("application/").unwrap_or(&lower) {
        "jwt" => Ok(false),
        "at+jwt" => Ok(true),
        _ => Err(format!("the type {} is not that of an access token", clip(&typ.to_string()))),
    }
}

fn text_of(header: &mut Map<String, Value>, name: &str) -> Result<Option<String>, String> {
    match header.remove(name) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(format!("the header's `{name}` is not text")),
    }
}
