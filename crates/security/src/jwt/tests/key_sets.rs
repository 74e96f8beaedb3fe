//! Which keys are taken from a key set, and which key a token is verified with.

use super::*;

#[test]
fn a_new_key_set_is_asked_for_when_a_key_is_unknown_and_used_once_it_is_there() {
    let verifier = Verifier::new(JwtSettings::new(ISSUER, "shop", Duration::ZERO), KeySet::empty());
    let refusal = verifier.verify(&of(&claims()), now()).unwrap_err();
    let Refusal::UnknownKey { report, .. } = refusal else { panic!("{refusal:?}") };
    assert_eq!(report.code(), &KEYS_UNAVAILABLE);
    verifier.replace(key_set(&jwks()));
    assert!(verifier.verify(&of(&claims()), now()).is_ok());
    refused(&verifier, &headed(r#"{"alg":"RS256","kid":"for-encryption"}"#), "is not one for RS256");
    refused(&verifier, &headed(r#"{"alg":"EdDSA","kid":"new"}"#), "there is no key `new`");
}

#[test]
fn only_a_token_whose_key_is_unknown_is_worth_newer_keys() {
    let unknown = |token: &str| {
        let refusal = verifier().verify(token, now()).unwrap_err();
        matches!(refusal, Refusal::UnknownKey { report, .. } if report.code() == &BAD_CREDENTIALS)
    };
    assert!(unknown(&headed(r#"{"alg":"EdDSA","kid":"new"}"#)));
    for final_one in [
        headed(r#"{"alg":"RS256","kid":"for-encryption"}"#),
        headed(r#"{"alg":"none","kid":"new"}"#),
        of(&with("exp", json!(NOW - 3600))),
        "not a token".to_owned(),
    ] {
        assert!(!unknown(&final_one), "{final_one}");
    }
}

#[test]
fn a_token_without_a_key_id_needs_a_single_key() {
    let mut two = jwks();
    two["keys"][3] = json!({ "kty": "OKP", "crv": "Ed25519", "x": b64(keys().stranger.public_key()) });
    let verifier = Verifier::new(JwtSettings::new(ISSUER, "shop", Duration::ZERO), key_set(&two));
    refused(&verifier, &headed(r#"{"alg":"EdDSA"}"#), "the token names no key, and there are 2 for EdDSA");
    assert!(verifier.verify(&of(&claims()), now()).is_ok());
}

#[test]
fn what_is_not_a_usable_key_set_is_reported_key_by_key() {
    let n = b64([0xff; 256]);
    let even = b64([0xfe; 256]);
    let small = b64([0xff; 128]);
    let point = keys().p256.public_key().as_ref().to_vec();
    let (x, y) = (b64(&point[1..33]), b64(&point[33..]));
    for (key, cause) in [
        (json!({ "kty": "oct" }), "kind `oct `"),
        (json!({ "kty": "oct", "k": "c2VjcmV0" }), "private part `k`"),
        (json!({ "kty": "RSA", "n": n, "e": "AQAB", "d": "AQAB" }), "private part `d`"),
        (json!({ "kty": "OKP", "crv": "Ed25519", "x": x, "d": x }), "private part `d`"),
        (json!({ "kty": "RSA", "n": small, "e": "AQAB" }), "1024 bits"),
        (json!({ "kty": "RSA", "n": n, "e": "AQ" }), "exponent"),
        (json!({ "kty": "RSA", "n": n, "e": "AAE" }), "exponent"),
        (json!({ "kty": "RSA", "n": n, "e": "AQAA" }), "exponent"),
        (json!({ "kty": "RSA", "n": n, "e": "" }), "exponent"),
        (json!({ "kty": "RSA", "n": n, "e": "AQAAAAAB" }), "exponent"),
        (json!({ "kty": "RSA", "n": even, "e": "AQAB" }), "even modulus"),
        (json!({ "kty": "RSA", "n": "+/", "e": "AQAB" }), "not base64url"),
        (json!({ "kty": "RSA", "e": "AQAB" }), "no `n`"),
        (json!({ "kty": "RSA", "n": n, "e": "AQAB", "alg": "ES512" }), "algorithm `ES512`"),
        (json!({ "kty": "RSA", "n": n, "e": "AQAB", "use": "enc" }), "use `enc`"),
        (json!({ "kty": "RSA", "n": n, "e": "AQAB", "key_ops": ["encrypt"] }), "operation `verify`"),
        (json!({ "kty": "EC", "crv": "secp256k1", "x": x, "y": y }), "kind `EC secp256k1`"),
        (json!({ "kty": "EC", "crv": "P-384", "x": x, "y": y }), "32 and 32 bytes, not 48"),
        (json!({ "kty": "EC", "crv": "P-256", "x": y, "y": x }), "not a point of P-256"),
        (json!({ "kty": "EC", "crv": "P-256", "x": x, "y": "AA" }), "1 bytes"),
        (json!({ "kty": "OKP", "crv": "Ed25519", "x": "AA" }), "1 bytes"),
        (json!({ "kty": "OKP", "crv": "X25519", "x": x }), "kind `OKP X25519`"),
        (json!({ "kid": "no kind" }), "malformed"),
        (json!([]), "is not an object"),
        (json!("key"), "is not an object"),
    ] {
        let report = KeySet::parse(json!({ "keys": [key] }).to_string().as_bytes()).unwrap_err();
        assert_eq!(report.code(), &BAD_KEY_SET);
        assert!(report.to_string().contains(cause), "{report} does not say {cause:?}");
    }
    let many = json!({ "keys": vec![json!({}); MAX_KEYS + 1] }).to_string();
    for text in
        ["", "{}", "[]", "null", r#"{"keys":{}}"#, r#"{"keys":[]}"#, &many, &" ".repeat(MAX_KEY_SET_SIZE + 1)]
    {
        assert_eq!(KeySet::parse(text.as_bytes()).unwrap_err().code(), &BAD_KEY_SET);
    }
}

#[test]
fn what_is_no_key_set_is_said_in_words() {
    for (text, cause) in [
        ("[]", "it is a list, not an object"),
        (r#"[{"keys":[]}]"#, "it is a list, not an object"),
        ("null", "it is null, not an object"),
        (r#"{"kty":"RSA"}"#, "it has no `keys`"),
        (r#"{"keys":{}}"#, "`keys` is an object, not a list"),
        (r#"{"keys":[],"keys":[]}"#, "a name appears twice"),
    ] {
        let report = KeySet::parse(text.as_bytes()).unwrap_err();
        assert!(report.message().starts_with(&format!("this is not a key set: {cause}")), "{text}: {report}");
    }
}

#[test]
fn keys_that_an_issuer_has_withdrawn_are_withdrawn() {
    let published = |set: &Value| KeySet::published(set.to_string().as_bytes()).unwrap().0;
    let only_others = json!({ "keys": [jwks()["keys"][3], { "kty": "oct", "k": "c2VjcmV0" }] });
    for set in [json!({ "keys": [] }), only_others] {
        let verifier = verifier();
        assert!(verifier.verify(&of(&claims()), now()).is_ok());
        verifier.replace(published(&set));
        refused(&verifier, &of(&claims()), "there is no key `ed`");
    }
    let mut shown = jwks();
    shown["keys"][2]["d"] = json!("AA");
    let verifier = Verifier::new(JwtSettings::new(ISSUER, "shop", Duration::ZERO), published(&shown));
    refused(&verifier, &of(&claims()), "the key `ed` is not one for EdDSA");
}
