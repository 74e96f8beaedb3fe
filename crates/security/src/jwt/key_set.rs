//! The public keys of an issuer: a JSON Web Key Set (RFC 7517).

use std::collections::BTreeSet;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::Value;
use tenon_errors::{Report, catalogue::security::BAD_KEY_SET};
use tenon_model::Str;

use super::{
    Algorithm, clip, json,
    key::{Key, private_member},
    token::Token,
};
use crate::refusal::refuse;

/// The largest key set, in bytes.
pub const MAX_KEY_SET_SIZE: usize = 1 << 20;
/// The most keys of a set.
pub const MAX_KEYS: usize = 256;

/// The keys that an issuer's tokens are verified with.
#[derive(Debug, Clone, Default)]
pub struct KeySet {
    keys: Vec<Key>,
    /// The ids of keys that are not used here: for encryption, or of another kind.
    others: BTreeSet<Str>,
    is_known: bool,
}

/// Why a token's key is not found.
pub(super) struct Miss {
    pub(super) cause: String,
    /// Whether a newer key set may have it.
    pub(super) unknown: bool,
}

impl KeySet {
    /// No keys: those of the issuer are not fetched yet.
    #[must_use]
    pub fn empty() -> Self {
        Self::default()
    }

    /// Reads a key set that an issuer publishes. Keys of other kinds and uses are left out, as RFC 7517 asks for, and so are
    /// private ones, which anybody may have read by then; every key that is kept is sound. A set without any is a set: its issuer
    /// has withdrawn the keys.
    ///
    /// # Errors
    /// `S0103` if it is not a key set, or is too large.
    pub fn published(jwks_json: &[u8]) -> Result<(Self, Vec<Report>), Report> {
        let mut set = Self { is_known: true, ..Self::default() };
        let mut unusable = Vec::new();
        for (position, jwk) in keys(jwks_json)?.into_iter().enumerate() {
            let id = jwk.get("kid").and_then(Value::as_str).map(Str::new);
            match Key::read(jwk, id.clone()) {
                Ok(key) => set.keys.push(key),
                Err(why) => {
                    unusable.push(bad(format!("the key {why}")).path(format!("/keys/{position}")));
                    set.others.extend(id);
                }
            }
        }
        Ok((set, unusable))
    }

    /// Reads a key set that is a part of a project.
    ///
    /// # Errors
    /// `S0103` if it is not a key set, is too large, holds what only the owner of a key may know, or has no usable key; then
    /// each key's detail says why it is not.
    pub fn parse(jwks_json: &[u8]) -> Result<Self, Report> {
        for (position, jwk) in keys(jwks_json)?.iter().enumerate() {
            if let Some(member) = private_member(jwk) {
                let message = format!("the key set has the private part `{member}` of a key");
                return Err(bad(message).path(format!("/keys/{position}/{member}")).hint(
                    "keep the private key with the issuer, make a new one since this one was shown, and publish its public part here",
                ));
            }
        }
        let (set, unusable) = Self::published(jwks_json)?;
        if set.keys.is_empty() {
            let message = format!("none of the {} keys in the key set can be used", unusable.len());
            let names: Vec<_> = Algorithm::all().map(Algorithm::name).collect();
            return Err(bad(message)
                .hint(format!("provide a public key for one of {}", names.join(", ")))
                .with_details(unusable));
        }
        Ok(set)
    }

    /// Whether the issuer's keys are known, be it that there are none.
    #[must_use]
    pub fn is_known(&self) -> bool {
        self.is_known
    }

    /// How many usable keys there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.keys.len()
    }

    /// Whether there are no usable keys.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// Whether `signature` is one of `signed` by a key of the set.
    #[must_use]
    pub fn verifies(&self, algorithm: Algorithm, signed: &[u8], signature: &[u8]) -> bool {
        self.keys.iter().any(|key| key.verifies(algorithm, signature, signed))
    }

    /// Whether `token` is signed by a key of the set, whatever it says.
    ///
    /// # Errors
    /// `S0002` if it is not.
    pub fn signed(&self, token: &str) -> Result<(), Report> {
        let token = Token::parse(token).map_err(refuse)?;
        let algorithm = Algorithm::named(&token.algorithm)
            .ok_or_else(|| refuse(format!("the algorithm `{}` is not accepted", clip(&token.algorithm))))?;
        self.require_signature(&token, algorithm).map_err(|miss| refuse(miss.cause))
    }

    /// That the token is signed by the key that it names.
    pub(super) fn require_signature(&self, token: &Token<'_>, algorithm: Algorithm) -> Result<(), Miss> {
        let candidates = self.candidates(token.key_id.as_deref(), algorithm)?;
        let signature = URL_SAFE_NO_PAD.decode(token.signature).unwrap_or_default();
        let verified = candidates.iter().any(|key| key.verifies(algorithm, &signature, token.signed));
        verified
            .then_some(())
            .ok_or_else(|| Miss { cause: "the signature does not verify".to_owned(), unknown: false })
    }

    /// Whether a key of this id is in the set, also if it is for another use.
    fn knows(&self, kid: &str) -> bool {
        self.others.contains(kid) || self.keys.iter().any(|key| key.id.as_deref() == Some(kid))
    }

    /// The keys that a token of this key id and algorithm may be signed with. Without an id there has to be one key only.
    fn candidates(&self, kid: Option<&str>, algorithm: Algorithm) -> Result<Vec<&Key>, Miss> {
        let name = algorithm.name();
        let same_algorithm = self.keys.iter().filter(|key| key.is_for(algorithm));
        let found: Vec<&Key> = match kid {
            Some(kid) => same_algorithm.filter(|key| key.id.as_deref() == Some(kid)).collect(),
            None => same_algorithm.collect(),
        };
        match (found.len(), kid) {
            (1.., Some(_)) | (1, None) => Ok(found),
            (0, Some(kid)) if self.knows(kid) => {
                Err(Miss { cause: format!("the key `{}` is not one for {name}", clip(kid)), unknown: false })
            }
            (0, Some(kid)) => Err(Miss { cause: format!("there is no key `{}`", clip(kid)), unknown: true }),
            (0, None) => Err(Miss { cause: format!("there is no key for {name}"), unknown: true }),
            (several, None) => {
                let cause = format!("the token names no key, and there are {several} for {name}");
                Err(Miss { cause, unknown: false })
            }
        }
    }
}

/// The keys of a set, not looked at yet.
fn keys(jwks_json: &[u8]) -> Result<Vec<Value>, Report> {
    if jwks_json.len() > MAX_KEY_SET_SIZE {
        return Err(bad(format!("the key set has {} bytes, more than {MAX_KEY_SET_SIZE}", jwks_json.len())));
    }
    let other =
        |what: String| bad(format!("this is not a key set: {what}")).hint("write `{ \"keys\": [...] }`");
    let document = serde_json::from_slice::<Value>(jwks_json).map_err(|error| other(error.to_string()))?;
    if !document.is_object() {
        return Err(other(format!("it is {}, not an object", kind(&document))));
    }
    let mut document = json::object(jwks_json).map_err(other)?;
    let keys = match document.remove("keys") {
        Some(Value::Array(keys)) => keys,
        Some(keys) => return Err(other(format!("`keys` is {}, not a list", kind(&keys)))),
        None => return Err(other("it has no `keys`".to_owned())),
    };
    if keys.len() > MAX_KEYS {
        return Err(bad(format!("the key set has {} keys, more than {MAX_KEYS}", keys.len())));
    }
    Ok(keys)
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

fn bad(message: String) -> Report {
    Report::new(&BAD_KEY_SET, message)
}
