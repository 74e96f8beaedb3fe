//! Tokens that hold and tokens that must not, after RFC 8725 and the JOSE vectors of Project Wycheproof.

mod claims;
mod forms;
mod key_sets;
mod signatures;

use std::{sync::OnceLock, time::Duration};

use aws_lc_rs::{
    hmac,
    rand::SystemRandom,
    rsa::KeySize,
    signature::{
        ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair, RSA_PKCS1_SHA256, RsaKeyPair,
        RsaPublicKeyComponents,
    },
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jiff::Timestamp;
use serde_json::{Value, json};
use tenon_errors::catalogue::security::{BAD_CREDENTIALS, BAD_KEY_SET, KEYS_UNAVAILABLE};

use super::*;
use crate::Method;

const NOW: i64 = 1_800_000_000;
const ISSUER: &str = "https://issuer.example";

/// The issuer's private keys, and one that is not in its key set.
struct Keys {
    rsa: RsaKeyPair,
    p256: EcdsaKeyPair,
    ed25519: Ed25519KeyPair,
    stranger: Ed25519KeyPair,
}

fn keys() -> &'static Keys {
    static KEYS: OnceLock<Keys> = OnceLock::new();
    KEYS.get_or_init(|| Keys {
        rsa: RsaKeyPair::generate(KeySize::Rsa2048).unwrap(),
        p256: EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap(),
        ed25519: Ed25519KeyPair::generate().unwrap(),
        stranger: Ed25519KeyPair::generate().unwrap(),
    })
}

fn b64(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

fn jwks() -> Value {
    let rsa = RsaPublicKeyComponents::<Vec<u8>>::from(keys().rsa.public_key());
    let point = keys().p256.public_key().as_ref();
    json!({ "keys": [
        { "kty": "RSA", "kid": "rsa", "use": "sig", "alg": "RS256", "n": b64(&rsa.n), "e": b64(&rsa.e) },
        { "kty": "EC", "kid": "ec", "crv": "P-256", "x": b64(&point[1..33]), "y": b64(&point[33..]) },
        { "kty": "OKP", "kid": "ed", "crv": "Ed25519", "key_ops": ["verify"], "x": b64(keys().ed25519.public_key()) },
        { "kty": "RSA", "kid": "for-encryption", "use": "enc", "n": b64(&rsa.n), "e": b64(&rsa.e) },
    ] })
}

fn key_set(jwks: &Value) -> KeySet {
    KeySet::parse(jwks.to_string().as_bytes()).unwrap()
}

fn verifier() -> Verifier {
    Verifier::new(JwtSettings::new(ISSUER, "shop", Duration::from_secs(30)), key_set(&jwks()))
}

fn now() -> Timestamp {
    Timestamp::from_second(NOW).unwrap()
}

fn claims() -> Value {
    json!({ "iss": ISSUER, "aud": "shop", "sub": "ann", "exp": NOW + 60, "iat": NOW - 60, "scope": "read write" })
}

/// The claims with `name` set to `value`, or removed where that is null.
fn with(name: &str, value: Value) -> Value {
    let mut claims = claims();
    let object = claims.as_object_mut().unwrap();
    object.remove(name);
    if !value.is_null() {
        object.insert(name.to_owned(), value);
    }
    claims
}

fn sign_rsa(signed: &[u8]) -> Vec<u8> {
    let mut signature = vec![0; keys().rsa.public_modulus_len()];
    keys().rsa.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), signed, &mut signature).unwrap();
    signature
}

fn sign_p256(signed: &[u8]) -> Vec<u8> {
    keys().p256.sign(&SystemRandom::new(), signed).unwrap().as_ref().to_vec()
}

fn sign_ed25519(signed: &[u8]) -> Vec<u8> {
    keys().ed25519.sign(signed).as_ref().to_vec()
}

fn token(header: &str, claims: &str, sign: impl Fn(&[u8]) -> Vec<u8>) -> String {
    let signed = format!("{}.{}", b64(header), b64(claims));
    format!("{signed}.{}", b64(sign(signed.as_bytes())))
}

/// A token of these claims by the Ed25519 key.
fn of(claims: &Value) -> String {
    token(r#"{"alg":"EdDSA","kid":"ed"}"#, &claims.to_string(), sign_ed25519)
}

/// A token of the usual claims with this header, by the Ed25519 key.
fn headed(header: &str) -> String {
    token(header, &claims().to_string(), sign_ed25519)
}

/// Holds that the token is refused for a cause that contains `cause`, and that the caller is told nothing of it.
fn refused(verifier: &Verifier, token: &str, cause: &str) {
    let report = verifier.verify(token, now()).expect_err(cause).into_report();
    assert_eq!(
        (report.code(), report.message()),
        (&BAD_CREDENTIALS, "the credentials are not valid"),
        "{cause}"
    );
    assert!(report.details().is_empty());
    assert!(report.cause().unwrap().contains(cause), "{:?} does not say {cause:?}", report.cause());
}
