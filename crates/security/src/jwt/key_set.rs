//! The public keys of an issuer: a JSON Web Key Set (RFC 7517).

use std::collections::BTreeSet;

use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED, ED25519, ParsedPublicKey};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::DecodingKey;
use serde::Deserialize;
use serde_json::Value;
use tenon_errors::{Report, catalogue::security::BAD_KEY_SET};
use tenon_model::Str;

use super::{Algorithm, clip};

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
}

/// One key.
#[derive(Debug, Clone)]
pub(super) struct Key {
    id: Option<Str>,
    algorithm: Algorithm,
    key: DecodingKey,
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

    /// Reads a key set. Keys of other kinds and uses are left out, as RFC 7517 asks for; every key that is kept is sound.
    ///
    /// # Errors
    /// `S0103` if it is not a key set, is too large, or has no usable key; then each key's detail says why it is not.
    pub fn parse(jwks_json: &[u8]) -> Result<Self, Report> {
        if jwks_json.len() > MAX_KEY_SET_SIZE {
            return Err(bad(format!(
                "the key set has {} bytes, more than {MAX_KEY_SET_SIZE}",
                jwks_json.len()
            )));
        }
        let document: Document = serde_json::from_slice(jwks_json)
            .map_err(|error| bad(format!("this is not a key set: {error}")))?;
        if document.keys.len() > MAX_KEYS {
            return Err(bad(format!("the key set has {} keys, more than {MAX_KEYS}", document.keys.len())));
        }
        let mut set = Self::empty();
        let mut unusable = Vec::new();
        for (position, jwk) in document.keys.into_iter().enumerate() {
            let id = jwk.get("kid").and_then(Value::as_str).map(Str::new);
            match read(jwk, id.clone()) {
                Ok(key) => set.keys.push(key),
                Err(why) => {
                    unusable.push(bad(format!("the key {why}")).path(format!("/keys/{position}")));
                    set.others.extend(id);
                }
            }
        }
        if set.keys.is_empty() {
            let message = format!("none of the {} keys in the key set can be used", unusable.len());
            return Err(bad(message)
                .hint("provide a public key for RS256, ES256 or EdDSA")
                .with_details(unusable));
        }
        Ok(set)
    }

    /// Whether there are no usable keys.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// Whether a key of this id is in the set, also if it is for another use.
    fn knows(&self, kid: &str) -> bool {
        self.others.contains(kid) || self.keys.iter().any(|key| key.id.as_deref() == Some(kid))
    }

    /// The keys that a token of this key id and algorithm may be signed with. Without an id there has to be one key only.
    pub(super) fn candidates(&self, kid: Option<&str>, algorithm: Algorithm) -> Result<Vec<&Key>, Miss> {
        let name = algorithm.name();
        let same_algorithm = self.keys.iter().filter(|key| key.algorithm == algorithm);
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

impl Key {
    /// Whether `signature`, in base64url, is one of `signed` by this key.
    pub(super) fn verifies(&self, signature: &str, signed: &[u8]) -> bool {
        jsonwebtoken::crypto::verify(signature, signed, &self.key, self.algorithm.primitive())
            .unwrap_or(false)
    }
}

#[derive(Deserialize)]
struct Document {
    keys: Vec<Value>,
}

/// The parameters of a key that count here (RFC 7517, section 4; RFC 7518, section 6; RFC 8037).
#[derive(Deserialize)]
struct Jwk {
    kty: String,
    #[serde(rename = "use")]
    usage: Option<String>,
    key_ops: Option<Vec<String>>,
    alg: Option<String>,
    crv: Option<String>,
    n: Option<String>,
    e: Option<String>,
    x: Option<String>,
    y: Option<String>,
}

/// The key, or why it cannot be used: the rest of a sentence that starts with "the key".
fn read(jwk: Value, id: Option<Str>) -> Result<Key, String> {
    let jwk: Jwk = serde_json::from_value(jwk).map_err(|error| format!("is malformed: {error}"))?;
    if let Some(usage) = jwk.usage.as_deref().filter(|usage| *usage != "sig") {
        return Err(format!("is for the use `{}`, not `sig`", clip(usage)));
    }
    if jwk.key_ops.as_ref().is_some_and(|operations| !operations.iter().any(|it| it == "verify")) {
        return Err("is not for the operation `verify`".to_owned());
    }
    let (algorithm, key) = match (jwk.kty.as_str(), jwk.crv.as_deref()) {
        ("RSA", _) => (Algorithm::Rs256, rsa(&jwk)?),
        ("EC", Some("P-256")) => (Algorithm::Es256, p256(&jwk)?),
        ("OKP", Some("Ed25519")) => (Algorithm::EdDsa, ed25519(&jwk)?),
        (kty, curve) => {
            return Err(format!("is of the kind `{} {}`", clip(kty), clip(curve.unwrap_or_default())));
        }
    };
    match &jwk.alg {
        Some(alg) if Algorithm::named(alg) != Some(algorithm) => {
            Err(format!("is for the algorithm `{}`, not {}", clip(alg), algorithm.name()))
        }
        _ => Ok(Key { id, algorithm, key }),
    }
}

fn rsa(jwk: &Jwk) -> Result<DecodingKey, String> {
    let (n, e) = (bytes(jwk.n.as_deref(), "n")?, bytes(jwk.e.as_deref(), "e")?);
    let (n, e) = (without_leading_zeros(&n), without_leading_zeros(&e));
    let bits = n.len() * 8 - n.first().map_or(0, |first| first.leading_zeros() as usize);
    if !(2048..=8192).contains(&bits) {
        return Err(format!("has {bits} bits, not 2048 to 8192"));
    }
    let is_even = |number: &[u8]| number.last().is_none_or(|last| last % 2 == 0);
    // With the exponent 1 everything is its own signature; real ones are 3 or 65537.
    if is_even(e) || e == [1] || e.len() > 5 {
        return Err("has an exponent that is even, 1, or beyond 5 bytes".to_owned());
    }
    if is_even(n) {
        return Err("has an even modulus".to_owned());
    }
    Ok(DecodingKey::from_rsa_raw_components(n, e))
}

/// Some issuers send leading zeros, against RFC 7518, section 6.3.1.1.
fn without_leading_zeros(number: &[u8]) -> &[u8] {
    let zeros = number.iter().take_while(|byte| **byte == 0).count();
    &number[zeros..]
}

fn p256(jwk: &Jwk) -> Result<DecodingKey, String> {
    let (x, y) = (bytes(jwk.x.as_deref(), "x")?, bytes(jwk.y.as_deref(), "y")?);
    if (x.len(), y.len()) != (32, 32) {
        return Err(format!("has coordinates of {} and {} bytes, not 32", x.len(), y.len()));
    }
    // The uncompressed form of SEC 1, section 2.3.3.
    let point = [&[4], x.as_slice(), y.as_slice()].concat();
    ParsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, &point)
        .map_err(|why| format!("is no point of P-256: {why}"))?;
    Ok(DecodingKey::from_ec_der(&point))
}

fn ed25519(jwk: &Jwk) -> Result<DecodingKey, String> {
    let x = bytes(jwk.x.as_deref(), "x")?;
    if x.len() != 32 {
        return Err(format!("has {} bytes, not 32", x.len()));
    }
    ParsedPublicKey::new(&ED25519, &x).map_err(|why| format!("is no point of Ed25519: {why}"))?;
    Ok(DecodingKey::from_ed_der(&x))
}

fn bytes(parameter: Option<&str>, name: &str) -> Result<Vec<u8>, String> {
    let text = parameter.ok_or_else(|| format!("has no `{name}`"))?;
    URL_SAFE_NO_PAD.decode(text).map_err(|error| format!("has an `{name}` that is not base64url: {error}"))
}

fn bad(message: String) -> Report {
    Report::new(&BAD_KEY_SET, message)
}
