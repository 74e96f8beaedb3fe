//! One public key of an issuer (RFC 7517, section 4; RFC 7518, section 6; RFC 8037), and what it verifies.

use std::fmt;

use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P384_SHA384_FIXED, ECDSA_P521_SHA512_FIXED, ED25519,
    EcdsaVerificationAlgorithm, ParsedPublicKey, RsaPublicKeyComponents,
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::Deserialize;
use serde_json::Value;
use tenon_model::Str;

use super::{Algorithm, algorithm::Family, clip};

/// The members that only private and shared keys have (RFC 7518, sections 6.2.2, 6.3.2 and 6.4; RFC 8037).
const PRIVATE: [&str; 8] = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"];

/// One key.
#[derive(Clone)]
pub(super) struct Key {
    pub(super) id: Option<Str>,
    family: Family,
    /// The only algorithm that the issuer uses it for, where it says so.
    algorithm: Option<Algorithm>,
    material: Material,
}

#[derive(Clone)]
enum Material {
    Rsa(RsaPublicKeyComponents<Vec<u8>>),
    Curve(ParsedPublicKey),
}

/// The parameters of a key that count here.
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

/// The member of `jwk` that must stay with its owner, if there is one.
pub(super) fn private_member(jwk: &Value) -> Option<&'static str> {
    PRIVATE.into_iter().find(|member| jwk.get(member).is_some())
}

impl Key {
    /// Reads a key. An error is the rest of a sentence that starts with "the key".
    pub(super) fn read(jwk: Value, id: Option<Str>) -> Result<Self, String> {
        if let Some(member) = private_member(&jwk) {
            return Err(format!("has `{member}`, which only its owner may know"));
        }
        if !jwk.is_object() {
            return Err("is not an object".to_owned());
        }
        let jwk: Jwk = serde_json::from_value(jwk).map_err(|error| format!("is malformed: {error}"))?;
        if let Some(usage) = jwk.usage.as_deref().filter(|usage| *usage != "sig") {
            return Err(format!("is for the use `{}`, not `sig`", clip(usage)));
        }
        if jwk.key_ops.as_ref().is_some_and(|operations| !operations.iter().any(|it| it == "verify")) {
            return Err("is not for the operation `verify`".to_owned());
        }
        let (family, material) = match (jwk.kty.as_str(), jwk.crv.as_deref()) {
            ("RSA", _) => (Family::Rsa, rsa(&jwk)?),
            ("EC", Some("P-256")) => (Family::P256, point(&jwk, &ECDSA_P256_SHA256_FIXED, 32)?),
            ("EC", Some("P-384")) => (Family::P384, point(&jwk, &ECDSA_P384_SHA384_FIXED, 48)?),
            ("EC", Some("P-521")) => (Family::P521, point(&jwk, &ECDSA_P521_SHA512_FIXED, 66)?),
            ("OKP", Some("Ed25519")) => (Family::Ed25519, ed25519(&jwk)?),
            (kty, curve) => {
                return Err(format!("is of the kind `{} {}`", clip(kty), clip(curve.unwrap_or_default())));
            }
        };
        let algorithm = match &jwk.alg {
            None => None,
            Some(name) => match Algorithm::named(name).filter(|it| it.family() == family) {
                Some(algorithm) => Some(algorithm),
                None => return Err(format!("is not one for its algorithm `{}`", clip(name))),
            },
        };
        Ok(Self { id, family, algorithm, material })
    }

    /// Whether tokens of this algorithm may be signed by it.
    pub(super) fn is_for(&self, algorithm: Algorithm) -> bool {
        self.family == algorithm.family() && self.algorithm.is_none_or(|only| only == algorithm)
    }

    /// Whether `signature` is one of `signed` by this key.
    pub(super) fn verifies(&self, algorithm: Algorithm, signature: &[u8], signed: &[u8]) -> bool {
        self.is_for(algorithm)
            && match (&self.material, algorithm.rsa()) {
                (Material::Rsa(key), Some(parameters)) => key.verify(parameters, signed, signature).is_ok(),
                (Material::Curve(key), None) => key.verify_sig(signed, signature).is_ok(),
                _ => false,
            }
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Key").field("id", &self.id).field("family", &self.family).finish_non_exhaustive()
    }
}

fn rsa(jwk: &Jwk) -> Result<Material, String> {
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
    Ok(Material::Rsa(RsaPublicKeyComponents { n: n.to_vec(), e: e.to_vec() }))
}

/// Some issuers send leading zeros, against RFC 7518, section 6.3.1.1.
fn without_leading_zeros(number: &[u8]) -> &[u8] {
    let zeros = number.iter().take_while(|byte| **byte == 0).count();
    &number[zeros..]
}

/// A point of a curve whose coordinates have this many bytes.
fn point(jwk: &Jwk, of: &'static EcdsaVerificationAlgorithm, length: usize) -> Result<Material, String> {
    let (x, y) = (bytes(jwk.x.as_deref(), "x")?, bytes(jwk.y.as_deref(), "y")?);
    if (x.len(), y.len()) != (length, length) {
        return Err(format!("has coordinates of {} and {} bytes, not {length}", x.len(), y.len()));
    }
    // The uncompressed form of SEC 1, section 2.3.3.
    let point = [&[4], x.as_slice(), y.as_slice()].concat();
    let curve = jwk.crv.as_deref().unwrap_or_default();
    let parsed =
        ParsedPublicKey::new(of, &point).map_err(|why| format!("is not a point of {curve}: {why}"))?;
    Ok(Material::Curve(parsed))
}

fn ed25519(jwk: &Jwk) -> Result<Material, String> {
    let x = bytes(jwk.x.as_deref(), "x")?;
    if x.len() != 32 {
        return Err(format!("has {} bytes, not 32", x.len()));
    }
    ParsedPublicKey::new(&ED25519, &x)
        .map(Material::Curve)
        .map_err(|why| format!("is not a point of Ed25519: {why}"))
}

fn bytes(parameter: Option<&str>, name: &str) -> Result<Vec<u8>, String> {
    let text = parameter.ok_or_else(|| format!("has no `{name}`"))?;
    URL_SAFE_NO_PAD.decode(text).map_err(|error| format!("has an `{name}` that is not base64url: {error}"))
}
