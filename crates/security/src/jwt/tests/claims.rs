//! What a signed token has to say.

use super::*;

#[test]
fn claims_that_do_not_hold_are_refused() {
    for (claims, cause) in [
        (with("iss", Value::Null), "no `iss`"),
        (with("iss", json!("https://issuer.example/")), "the issuer is"),
        (with("iss", json!([ISSUER])), "`iss` is not text"),
        (with("aud", Value::Null), "no `aud`"),
        (with("aud", json!("SHOP")), "the audience"),
        (with("aud", json!(["a", "b"])), "the audience"),
        (with("aud", json!([["shop"]])), "the audience"),
        (with("aud", json!({ "shop": "shop" })), "the audience"),
        (with("exp", Value::Null), "no `exp`"),
        (with("exp", json!(NOW - 30)), "it expired at 2027-01-15T"),
        (with("exp", json!(0)), "it expired"),
        (with("exp", json!(-1)), "it expired"),
        (with("exp", json!((NOW + 60).to_string())), "`exp` is not a date"),
        (with("exp", json!(1e300)), "`exp` is not a date"),
        (with("exp", json!(u64::MAX)), "`exp` is not a date"),
        (with("exp", json!(true)), "`exp` is not a date"),
        (with("nbf", json!(NOW + 31)), "`nbf` is in the future"),
        (with("nbf", json!("now")), "`nbf` is not a date"),
        (with("iat", json!(NOW + 31)), "`iat` is in the future"),
        (with("sub", Value::Null), "no `sub`"),
        (with("sub", json!("")), "the subject"),
        (with("sub", json!(7)), "`sub` is not text"),
        (with("sub", json!("a\nb")), "the subject"),
        (with("sub", json!("x".repeat(256))), "the subject"),
        (with("scope", json!(7)), "the scopes"),
        (with("scope", json!(["read", 7])), "the scopes"),
    ] {
        refused(&verifier(), &of(&claims), cause);
    }
    let twice = claims().to_string().replacen('{', r#"{"sub":"eve","#, 1);
    refused(&verifier(), &token(r#"{"alg":"EdDSA","kid":"ed"}"#, &twice, sign_ed25519), "appears twice");
}

#[test]
fn claims_at_their_bounds_hold() {
    for claims in [
        with("exp", json!(NOW - 29)),
        with("exp", json!(NOW as f64 + 0.5)),
        with("exp", json!(NOW as f64 - 29.999)),
        with("nbf", json!(NOW + 30)),
        with("iat", json!(NOW + 30)),
        with("iat", Value::Null),
        with("aud", json!(["other", "shop"])),
        with("sub", json!("x".repeat(255))),
    ] {
        assert!(verifier().verify(&of(&claims), now()).is_ok(), "{claims}");
    }
}

#[test]
fn a_bound_on_the_age_needs_the_time_of_issue() {
    let settings = JwtSettings {
        max_age: Some(Duration::from_secs(60)),
        ..JwtSettings::new(ISSUER, "shop", Duration::from_secs(5))
    };
    let verifier = Verifier::new(settings, key_set(&jwks()));
    assert!(verifier.verify(&of(&with("iat", json!(NOW - 65))), now()).is_ok());
    refused(&verifier, &of(&with("iat", json!(NOW - 66))), "more than 60s ago");
    refused(&verifier, &of(&with("iat", Value::Null)), "no `iat`");
}

#[test]
fn declared_claims_are_kept_and_hold_what_is_declared() {
    let declared =
        |name: &str, claim: &str, kind| DeclaredClaim { name: name.into(), claim: claim.into(), kind };
    let settings = JwtSettings {
        claims: vec![
            declared("tenant", "https://shop.example/tenant", ClaimKind::Text),
            declared("roles", "realm_access.roles", ClaimKind::List),
            declared("level", "level", ClaimKind::Integer),
        ],
        ..JwtSettings::new(ISSUER, "shop", Duration::ZERO)
    };
    let verifier = Verifier::new(settings, key_set(&jwks()));
    let mut claims = with("https://shop.example/tenant", json!("t1"));
    claims["realm_access"] = json!({ "roles": ["admin"] });
    let principal = verifier.verify(&of(&claims), now()).unwrap();
    let caller = format!("{:?}", crate::caller::value(&principal));
    assert!(caller.contains(r#"claims: {tenant: "t1", roles: ["admin"]}"#), "{caller}");
    refused(
        &verifier,
        &of(&with("level", json!("high"))),
        "the claim `level` does not have its declared type",
    );
}

#[test]
fn scopes_and_clients_are_read_in_the_forms_that_issuers_use() {
    let list = with("scope", json!(["write", "read"]));
    let mut scp = with("scope", Value::Null);
    scp["scp"] = json!(["read", "write"]);
    scp["azp"] = json!("till");
    let mut service = with("sub", Value::Null);
    service["client_id"] = json!("cron");
    for (claims, subject, client) in
        [(list, "ann", None), (scp, "ann", Some("till")), (service, "cron", Some("cron"))]
    {
        let principal = verifier().verify(&of(&claims), now()).unwrap();
        assert_eq!(principal.scopes.to_string(), "read write");
        assert_eq!((principal.subject.as_str(), principal.client.as_deref()), (subject, client));
    }
    let mut roles = claims();
    roles["roles"] = json!(["admin"]);
    let settings = JwtSettings {
        scope_claims: vec!["roles".into()],
        ..JwtSettings::new(ISSUER, "shop", Duration::ZERO)
    };
    let principal = Verifier::new(settings, key_set(&jwks())).verify(&of(&roles), now()).unwrap();
    assert_eq!(principal.scopes.to_string(), "admin");
}

#[test]
fn scopes_add_up_from_the_claims_that_a_project_names() {
    let mut token = claims();
    token["permissions"] = json!(["orders:read"]);
    token["realm_access"] = json!({ "roles": ["admin", "orders:read"] });
    token["https://shop.example/roles"] = json!("till");
    let names =
        ["permissions", "realm_access.roles", "https://shop.example/roles", "absent.roles", "sub.roles"];
    let settings = JwtSettings {
        scope_claims: names.map(Str::new_static).to_vec(),
        audiences: vec!["other".into(), "shop".into()],
        ..JwtSettings::new(ISSUER, "", Duration::ZERO)
    };
    let verifier = Verifier::new(settings, key_set(&jwks()));
    let principal = verifier.verify(&of(&token), now()).unwrap();
    assert_eq!(principal.scopes.to_string(), "admin orders:read till");
    token["realm_access"]["roles"] = json!(["admin", 7]);
    refused(&verifier, &of(&token), "the scopes in `realm_access.roles`");
    refused(&verifier, &of(&with("aud", json!("third"))), "does not contain `other` or `shop`");
}

#[test]
fn a_token_is_held_against_the_keys_of_the_issuer_that_it_names() {
    use crate::{
        api_key::ApiKeys,
        authenticate::{Authenticator, Credentials},
    };
    let stranger = b64(keys().stranger.public_key());
    let other = json!({ "keys": [{ "kty": "OKP", "crv": "Ed25519", "kid": "ed", "x": stranger }] });
    let of_other = JwtSettings::new("https://other", "shop", Duration::ZERO);
    let verifiers = vec![verifier(), Verifier::new(of_other, key_set(&other))];
    let authenticator = Authenticator::new("shop", ApiKeys::default(), verifiers);
    let outcome = |token: &str| {
        let bearer = format!("Bearer {token}");
        let credentials = Credentials { authorization: Some(&bearer), ..Credentials::default() };
        authenticator.authenticate(credentials, now()).map(|principal| principal.issuer.unwrap().to_string())
    };
    let headers = r#"{"alg":"EdDSA","kid":"ed"}"#;
    let by_stranger = |signed: &[u8]| keys().stranger.sign(signed).as_ref().to_vec();
    let theirs = with("iss", json!("https://other")).to_string();
    assert_eq!(outcome(&of(&claims())).unwrap(), ISSUER);
    assert_eq!(outcome(&token(headers, &theirs, by_stranger)).unwrap(), "https://other");
    for forged in [
        token(headers, &theirs, sign_ed25519),
        token(headers, &claims().to_string(), by_stranger),
        of(&with("iss", json!("https://third"))),
        of(&with("iss", Value::Null)),
    ] {
        assert_eq!(outcome(&forged).unwrap_err().into_report().code(), &BAD_CREDENTIALS);
    }
}
