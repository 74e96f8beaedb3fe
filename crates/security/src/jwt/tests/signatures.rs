//! Who may have signed: algorithms, keys and the exact bytes of signatures.

use super::*;

#[test]
fn tokens_of_every_algorithm_hold() {
    for token in [
        token(r#"{"alg":"RS256","kid":"rsa","typ":"JWT"}"#, &claims().to_string(), sign_rsa),
        token(r#"{"alg":"ES256","kid":"ec","typ":"at+jwt"}"#, &claims().to_string(), sign_p256),
        token(
            r#"{"alg":"EdDSA","kid":"ed","typ":"application/AT+JWT"}"#,
            &claims().to_string(),
            sign_ed25519,
        ),
        headed(r#"{"alg":"Ed25519","kid":"ed"}"#),
        headed(r#"{"alg":"EdDSA","x-unknown":{"a":1}}"#),
        token(r#"{"alg":"RS256"}"#, &claims().to_string(), sign_rsa),
    ] {
        let principal = verifier().verify(&token, now()).unwrap();
        assert_eq!((principal.subject.as_str(), principal.method), ("ann", Method::Jwt));
        assert_eq!(principal.issuer.as_deref(), Some(ISSUER));
        assert!(principal.scopes.covers(&"read".into()) && principal.scopes.covers(&"write".into()));
        assert!(!principal.scopes.covers(&"admin".into()));
    }
}

#[test]
fn tokens_that_another_implementation_signed_hold() {
    use jsonwebtoken::{EncodingKey, Header, encode};
    let p256 = EncodingKey::from_ec_der(keys().p256.to_pkcs8v1().unwrap().as_ref());
    let ed25519 = EncodingKey::from_ed_der(keys().ed25519.to_pkcs8().unwrap().as_ref());
    for (algorithm, kid, key) in
        [(jsonwebtoken::Algorithm::ES256, "ec", p256), (jsonwebtoken::Algorithm::EdDSA, "ed", ed25519)]
    {
        let header = Header { kid: Some(kid.to_owned()), ..Header::new(algorithm) };
        let token = encode(&header, &claims(), &key).unwrap();
        assert_eq!(verifier().verify(&token, now()).unwrap().subject, "ann");
    }
}

#[test]
fn an_algorithm_that_was_not_asked_for_is_refused() {
    let jwks = jwks().to_string();
    let public = RsaPublicKeyComponents::<Vec<u8>>::from(keys().rsa.public_key()).n;
    let hmac_with = |secret: Vec<u8>| {
        let key = hmac::Key::new(hmac::HMAC_SHA256, &secret);
        move |signed: &[u8]| hmac::sign(&key, signed).as_ref().to_vec()
    };
    let usual = claims().to_string();
    for none in ["none", "None", "NONE", "nOnE", ""] {
        let header = format!(r#"{{"alg":"{none}","kid":"ed"}}"#);
        refused(&verifier(), &token(&header, &usual, |_| Vec::new()), "is not accepted");
        refused(&verifier(), &token(&header, &usual, sign_ed25519), "is not accepted");
    }
    let hs256 = r#"{"alg":"HS256","kid":"rsa"}"#;
    for secret in [public, jwks.into_bytes(), Vec::new()] {
        refused(&verifier(), &token(hs256, &usual, hmac_with(secret)), "`HS256` is not accepted");
    }
    for other in ["HS384", "HS512", "ES256K", "rs256", "EdDSA ", "Ed448", "RSA-OAEP", "dir"] {
        refused(&verifier(), &headed(&format!(r#"{{"alg":"{other}","kid":"ed"}}"#)), "is not accepted");
    }
    let settings = JwtSettings {
        algorithms: vec![Algorithm::Rs256],
        ..JwtSettings::new(ISSUER, "shop", Duration::ZERO)
    };
    refused(&Verifier::new(settings, key_set(&self::jwks())), &of(&claims()), "`EdDSA` is not accepted");
}

#[test]
fn a_key_is_used_for_its_own_algorithm_only() {
    refused(&verifier(), &headed(r#"{"alg":"EdDSA","kid":"rsa"}"#), "the key `rsa` is not one for EdDSA");
    refused(&verifier(), &headed(r#"{"alg":"RS256","kid":"ed"}"#), "the key `ed` is not one for RS256");
    refused(&verifier(), &headed(r#"{"alg":"RS256","kid":"for-encryption"}"#), "is not one for RS256");
    refused(&verifier(), &headed(r#"{"alg":"ES256"}"#), "the signature does not verify");
    refused(&verifier(), &headed(r#"{"alg":"EdDSA","kid":"new"}"#), "there is no key `new`");
    refused(&verifier(), &headed(r#"{"alg":"EdDSA","kid":"../../dev/null"}"#), "there is no key");
    refused(&verifier(), &headed(r#"{"alg":"EdDSA","kid":""}"#), "there is no key ``");
}

#[test]
fn a_key_that_the_token_brings_along_is_not_used() {
    let stranger = |signed: &[u8]| keys().stranger.sign(signed).as_ref().to_vec();
    let jwk = json!({ "kty": "OKP", "crv": "Ed25519", "x": b64(keys().stranger.public_key()) });
    for header in [
        json!({ "alg": "EdDSA", "kid": "ed", "jwk": jwk }),
        json!({ "alg": "EdDSA", "jwk": jwk }),
        json!({ "alg": "EdDSA", "kid": "ed", "jku": "https://evil.example/jwks" }),
        json!({ "alg": "EdDSA", "kid": "ed", "x5u": "https://evil.example/x5u" }),
    ] {
        let token = token(&header.to_string(), &claims().to_string(), stranger);
        refused(&verifier(), &token, "the signature does not verify");
    }
}

#[test]
fn a_signature_that_is_not_exactly_right_is_refused() {
    let usual = claims().to_string();
    let rsa = |change: fn(Vec<u8>) -> Vec<u8>| {
        token(r#"{"alg":"RS256","kid":"rsa"}"#, &usual, |signed| change(sign_rsa(signed)))
    };
    let p256 = |change: fn(Vec<u8>) -> Vec<u8>| {
        token(r#"{"alg":"ES256","kid":"ec"}"#, &usual, |signed| change(sign_p256(signed)))
    };
    let changes: [fn(Vec<u8>) -> Vec<u8>; 7] = [
        |_| Vec::new(),
        |signature| signature[..signature.len() - 1].to_vec(),
        |signature| signature[1..].to_vec(),
        |signature| [signature, vec![0]].concat(),
        |signature| [vec![0], signature].concat(),
        |signature| vec![0; signature.len()],
        |mut signature| {
            signature[7] ^= 1;
            signature
        },
    ];
    for change in changes {
        refused(&verifier(), &rsa(change), "the signature does not verify");
        refused(&verifier(), &p256(change), "the signature does not verify");
    }
    // The order of P-256: r and s have to be below it and not zero.
    let edges: [fn(Vec<u8>) -> Vec<u8>; 5] = [
        |signature| [&[0; 32], &signature[32..]].concat(),
        |signature| [&signature[..32], &[0; 32]].concat(),
        |signature| [&P256_ORDER, &signature[32..]].concat(),
        |signature| [&signature[..32], &P256_ORDER].concat(),
        |_| [P256_ORDER, P256_ORDER].concat(),
    ];
    for edge in edges {
        refused(&verifier(), &p256(edge), "the signature does not verify");
    }
}

const P256_ORDER: [u8; 32] = [
    0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xbc, 0xe6, 0xfa,
    0xad, 0xa7, 0x17, 0x9e, 0x84, 0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25, 0x51,
];

#[test]
fn what_is_signed_cannot_be_exchanged() {
    let good = of(&claims());
    let parts: Vec<&str> = good.split('.').collect();
    let [header, payload, signature] = parts[..] else { panic!("three parts") };
    let admin = b64(with("scope", json!("admin")).to_string());
    refused(&verifier(), &format!("{header}.{admin}.{signature}"), "the signature does not verify");
    let other_header = b64(r#"{"kid":"ed","alg":"EdDSA"}"#);
    refused(&verifier(), &format!("{other_header}.{payload}.{signature}"), "the signature does not verify");
    // 64 bytes leave four bits of the last character unused: they have to be zero, or one token has several texts.
    let mut loose = good.clone();
    let last = loose.pop().unwrap();
    loose.push(char::from(last as u8 + 1));
    refused(&verifier(), &loose, "the signature does not verify");
}

#[test]
fn every_algorithm_holds_with_its_own_key_and_none_other() {
    use aws_lc_rs::signature::{
        ECDSA_P384_SHA384_FIXED_SIGNING, ECDSA_P521_SHA512_FIXED_SIGNING, RSA_PKCS1_SHA384, RSA_PKCS1_SHA512,
        RSA_PSS_SHA256, RSA_PSS_SHA384, RSA_PSS_SHA512, RsaEncoding,
    };
    let random = SystemRandom::new();
    let curves =
        [("P-384", &ECDSA_P384_SHA384_FIXED_SIGNING, 48), ("P-521", &ECDSA_P521_SHA512_FIXED_SIGNING, 66)]
            .map(|(curve, algorithm, length)| (curve, EcdsaKeyPair::generate(algorithm).unwrap(), length));
    let mut set = jwks();
    // A key without an algorithm is for every one of its kind.
    set["keys"][0].as_object_mut().unwrap().remove("alg");
    for (curve, pair, length) in &curves {
        let point = pair.public_key().as_ref();
        let (x, y) = (b64(&point[1..=*length]), b64(&point[length + 1..]));
        let key = json!({ "kty": "EC", "kid": curve, "crv": curve, "x": x, "y": y });
        set["keys"].as_array_mut().unwrap().push(key);
    }
    let verifier = Verifier::new(JwtSettings::new(ISSUER, "shop", Duration::ZERO), key_set(&set));
    let usual = claims().to_string();
    let holds = |alg: &str, kid: &str, sign: &dyn Fn(&[u8]) -> Vec<u8>| {
        let token = token(&format!(r#"{{"alg":"{alg}","kid":"{kid}"}}"#), &usual, sign);
        verifier.verify(&token, now()).is_ok()
    };
    let encodings: [(&str, &'static dyn RsaEncoding); 5] = [
        ("RS384", &RSA_PKCS1_SHA384),
        ("RS512", &RSA_PKCS1_SHA512),
        ("PS256", &RSA_PSS_SHA256),
        ("PS384", &RSA_PSS_SHA384),
        ("PS512", &RSA_PSS_SHA512),
    ];
    for (alg, encoding) in encodings {
        let sign = |signed: &[u8]| {
            let mut signature = vec![0; keys().rsa.public_modulus_len()];
            keys().rsa.sign(encoding, &random, signed, &mut signature).unwrap();
            signature
        };
        for other in Algorithm::all().map(Algorithm::name) {
            assert_eq!(holds(other, "rsa", &sign), other == alg, "signed for {alg}, verified as {other}");
        }
    }
    for ((curve, pair, _), alg) in curves.iter().zip(["ES384", "ES512"]) {
        let sign = |signed: &[u8]| pair.sign(&random, signed).unwrap().as_ref().to_vec();
        for other in Algorithm::all().map(Algorithm::name) {
            assert_eq!(holds(other, curve, &sign), other == alg, "signed for {alg}, verified as {other}");
        }
    }
}
