//! JSON Web Tokens of an issuer whose keys are found by its metadata, and which are bound to certificates.

use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};

use crate::{
    issuer::Issuer,
    support::{self, Project, start},
};

/// Who signs tokens.
pub(crate) struct Signer(Ed25519KeyPair);

impl Signer {
    pub(crate) fn new() -> Self {
        Self(Ed25519KeyPair::generate().unwrap())
    }

    pub(crate) fn jwks(&self) -> String {
        let x = URL_SAFE_NO_PAD.encode(self.0.public_key().as_ref());
        json!({ "keys": [{ "kty": "OKP", "crv": "Ed25519", "kid": "k", "x": x }] }).to_string()
    }

    pub(crate) fn sign(&self, typ: &str, claims: &Value) -> String {
        let header = json!({ "alg": "EdDSA", "kid": "k", "typ": typ });
        let signed = [&header, claims].map(|part| URL_SAFE_NO_PAD.encode(part.to_string())).join(".");
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(self.0.sign(signed.as_bytes())))
    }
}

/// The claims of an access token by RFC 9068.
pub(crate) fn claims(issuer: &str) -> Value {
    let now = jiff::Timestamp::now().as_second();
    json!({ "iss": issuer, "aud": "notes", "sub": "ann", "client_id": "app", "jti": "1", "iat": now, "exp": now + 600,
            "scope": "read" })
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_are_found_by_the_metadata_of_their_issuer_and_the_api_says_who_that_is() {
    let signer = Signer::new();
    let jwks = signer.jwks();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/tenant", listener.local_addr().unwrap());
    let named = url.clone();
    // An issuer of OAuth alone: its metadata stand before its path, and not where those of OpenID Connect would.
    let issuer = Issuer::on(listener, move |asked| match asked.target.as_str() {
        "/.well-known/oauth-authorization-server/tenant" => {
            let keys = named.replace("/tenant", "/keys");
            (200, json!({ "issuer": named, "jwks_uri": keys }).to_string())
        }
        "/keys" => (200, jwks.clone()),
        _ => (404, String::new()),
    });
    let project = Project::new(&format!(
        "{{ jwt: {{ issuer: \"{url}\", audience: notes, type: at+jwt }}, resource: \"https://api.example/v1\" }}"
    ));
    let (running, _) = start(&project).await;
    let mut bare = claims(&url);
    bare.as_object_mut().unwrap().remove("jti");
    for (token, status) in [
        (signer.sign("at+jwt", &claims(&url)), 200),
        (signer.sign("application/at+jwt", &claims(&url)), 200),
        (signer.sign("JWT", &claims(&url)), 401),
        (signer.sign("at+jwt", &bare), 401),
        (Signer::new().sign("at+jwt", &claims(&url)), 401),
    ] {
        let answer = support::get(&running, "/v1/notes", &[&format!("authorization: Bearer {token}")]).await;
        assert_eq!(answer.status, status, "{answer:?}");
    }
    assert!(issuer.asked().iter().any(|asked| asked.target == "/keys"));
    let refused = support::get(&running, "/v1/notes", &[]).await;
    let place = "https://api.example/.well-known/oauth-protected-resource/v1";
    let challenge = format!(r#"Bearer realm="notes", scope="read", resource_metadata="{place}""#);
    assert_eq!(refused.all("www-authenticate"), [challenge]);
    let metadata = support::get(&running, place.trim_start_matches("https://api.example"), &[]).await;
    let said: Value = serde_json::from_str(&metadata.body).unwrap();
    assert_eq!((metadata.status, &said["resource"]), (200, &json!("https://api.example/v1")));
    assert_eq!(
        (&said["authorization_servers"], &said["scopes_supported"]),
        (&json!([url]), &json!(["read"]))
    );
    running.drain().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn metadata_of_another_issuer_give_no_keys() {
    let signer = Signer::new();
    let jwks = signer.jwks();
    let issuer = Issuer::start(move |asked| match asked.target.as_str() {
        "/keys" => (200, jwks.clone()),
        _ => (200, json!({ "issuer": "https://other", "jwks_uri": "https://other/keys" }).to_string()),
    })
    .await;
    let project = Project::new(&format!("{{ jwt: {{ issuer: \"{}\", audience: notes }} }}", issuer.url("")));
    let (running, _) = start(&project).await;
    let bearer = format!("authorization: Bearer {}", signer.sign("JWT", &claims(&issuer.url(""))));
    let answer = support::get(&running, "/v1/notes", &[&bearer]).await;
    assert_eq!((answer.status, answer.body.contains("S0005")), (503, true), "{answer:?}");
    assert!(issuer.asked().iter().all(|asked| asked.target != "/keys"));
    running.drain().await;
}
