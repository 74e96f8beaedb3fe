//! How a client proves itself to a token endpoint.

use std::sync::{Arc, Mutex};

use aws_lc_rs::{
    digest::{SHA256, digest},
    signature::{
        ECDSA_P256_SHA256_FIXED, ECDSA_P384_SHA384_FIXED, ED25519, RSA_PKCS1_2048_8192_SHA256,
        UnparsedPublicKey, VerificationAlgorithm,
    },
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use http::header;
use rcgen::{KeyPair, PublicKeyData};
use serde_json::{Value, json};
use tenon_client::{
    Client, Identity, Settings, Trust,
    credentials::{Assertion, Authentication, Grant, OAuth, SigningKey, TokenEndpoint},
};
use tenon_ports::Clock;
use tenon_security::SecretText;

use crate::{
    certificates::Authority,
    oauth::{Form, endpoint, form},
    server::{RuntimeClock, Server, answering, get, raw, reply, serve, settings},
};

/// The form that a token is asked for with, and whether there is an `authorization`.
async fn asked(authentication: Authentication) -> (Form, bool) {
    let asked = Arc::new(Mutex::new((Form::new(), false)));
    let seen = Arc::clone(&asked);
    let issuer = answering(move |request: http::Request<bytes::Bytes>, _| {
        let is_proved = request.headers().contains_key(header::AUTHORIZATION);
        *seen.lock().unwrap() = (form(request.body()), is_proved);
        async { reply(200, json!({ "access_token": "a", "token_type": "Bearer" }).to_string()) }
    })
    .await;
    let system = answering(|_, _| async { reply(200, "") }).await;
    let settings = settings(&[&system.url()]);
    let endpoint = endpoint(&issuer, authentication);
    let oauth = OAuth::new(settings.clone(), endpoint, Grant::ClientCredentials).unwrap();
    let client = Client::new(Settings { credentials: Some(Arc::new(oauth)), ..settings }).unwrap();
    assert_eq!(client.send(get("/")).await.unwrap().status, 200);
    let asked = asked.lock().unwrap();
    asked.clone()
}

#[tokio::test]
async fn an_id_and_a_secret_may_stand_in_the_form() {
    let post = Authentication::Post { id: "tenon".into(), secret: SecretText::new("a&b") };
    let (form, is_proved) = asked(post).await;
    assert_eq!(
        (form["client_id"].as_str(), form["client_secret"].as_str(), is_proved),
        ("tenon", "a&b", false)
    );
    let (form, is_proved) = asked(Authentication::Public { id: "tenon".into() }).await;
    assert_eq!(
        (form["client_id"].as_str(), form.contains_key("client_secret"), is_proved),
        ("tenon", false, false)
    );
}

fn part(text: &str) -> Value {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(text).unwrap()).unwrap()
}

#[tokio::test(start_paused = true)]
async fn a_client_signs_who_it_is_by_each_kind_of_key() {
    let table: [(&rcgen::SignatureAlgorithm, &str, &dyn VerificationAlgorithm); 4] = [
        (&rcgen::PKCS_ECDSA_P256_SHA256, "ES256", &ECDSA_P256_SHA256_FIXED),
        (&rcgen::PKCS_ECDSA_P384_SHA384, "ES384", &ECDSA_P384_SHA384_FIXED),
        (&rcgen::PKCS_ED25519, "EdDSA", &ED25519),
        (&rcgen::PKCS_RSA_SHA256, "RS256", &RSA_PKCS1_2048_8192_SHA256),
    ];
    for (kind, name, verification) in table {
        let pair = KeyPair::generate_for(kind).unwrap();
        let clock = RuntimeClock::new();
        let assertion = Assertion {
            client: "tenon".into(),
            audience: "https://idp.example/token".into(),
            key_id: Some("k1".into()),
            key: SigningKey::from_pem("erp", &SecretText::new(pair.serialize_pem())).unwrap(),
            clock: Arc::clone(&clock) as _,
        };
        let now = clock.now().as_second();
        let (form, is_proved) = asked(Authentication::Assertion(assertion)).await;
        assert!(!is_proved && !form.contains_key("client_secret"));
        assert_eq!(form["client_id"], "tenon");
        assert_eq!(form["client_assertion_type"], "urn:ietf:params:oauth:client-assertion-type:jwt-bearer");
        let (text, signature) = form["client_assertion"].rsplit_once('.').unwrap();
        let (head, claims) = text.split_once('.').unwrap();
        assert_eq!(part(head), json!({ "alg": name, "typ": "JWT", "kid": "k1" }));
        let claims = part(claims);
        let expected = json!({
            "iss": "tenon", "sub": "tenon", "aud": "https://idp.example/token", "iat": now, "exp": now + 60,
            "jti": claims["jti"],
        });
        assert_eq!(claims, expected);
        let signature = URL_SAFE_NO_PAD.decode(signature).unwrap();
        let key = UnparsedPublicKey::new(verification, pair.der_bytes());
        key.verify(text.as_bytes(), &signature).unwrap();
    }
}

#[test]
fn a_key_that_cannot_sign_is_refused_without_being_shown() {
    let p521 = KeyPair::generate_for(&rcgen::PKCS_ECDSA_P521_SHA512).unwrap().serialize_pem();
    let table = [
        ("hunter2", "there is none in its PEM text"),
        (p521.as_str(), "it is none of RSA, P-256, P-384 and Ed25519"),
    ];
    for (pem, why) in table {
        let report = SigningKey::from_pem("erp", &SecretText::new(pem)).err().unwrap();
        let said = format!("the private key of `erp` cannot be used: {why}");
        assert_eq!((report.code().id, report.message()), ("S0104", said.as_str()));
    }
}

/// A server that asks for a certificate of `clients`, and answers by the request and the thumbprint of the certificate.
async fn knows(
    authority: &Authority,
    clients: &Authority,
    answer: fn(&http::Request<bytes::Bytes>, &str) -> (u16, String),
) -> Server {
    let acceptor = authority.acceptor(&["localhost"], Some(clients), |_| {});
    raw(move |stream, _| {
        let acceptor = acceptor.clone();
        async move {
            let Ok(stream) = acceptor.accept(stream).await else { return };
            let certificate = stream.get_ref().1.peer_certificates().unwrap()[0].clone();
            let thumbprint = URL_SAFE_NO_PAD.encode(digest(&SHA256, &certificate));
            let answer = move |request: http::Request<bytes::Bytes>, _| {
                let (status, body) = answer(&request, &thumbprint);
                async move { reply(status, body) }
            };
            serve(stream, answer, Arc::default()).await;
        }
    })
    .await
}

#[tokio::test]
async fn a_token_that_is_bound_to_a_certificate_is_shown_with_it() {
    // As RFC 8705 has it, but for the token, which says its thumbprint itself.
    fn issues(request: &http::Request<bytes::Bytes>, thumbprint: &str) -> (u16, String) {
        assert_eq!(form(request.body())["client_id"], "tenon");
        (200, json!({ "access_token": thumbprint, "token_type": "Bearer", "expires_in": 60 }).to_string())
    }
    fn takes(request: &http::Request<bytes::Bytes>, thumbprint: &str) -> (u16, String) {
        let token = request.headers()[header::AUTHORIZATION].to_str().unwrap();
        (if token == format!("Bearer {thumbprint}") { 200 } else { 401 }, String::new())
    }
    let (authority, clients) = (Authority::new(), Authority::new());
    let (issuer, system) =
        (knows(&authority, &clients, issues).await, knows(&authority, &clients, takes).await);
    let url = |server: &Server| format!("https://localhost:{}", server.address.port());
    let with = |identity: Identity| {
        let tls = Trust { identity: Some(identity), ..authority.trust() };
        Settings { tls, ..settings(&[&url(&system)]) }
    };
    let oauth = |settings: Settings| {
        let endpoint = TokenEndpoint {
            url: url(&issuer).parse().unwrap(),
            authentication: Authentication::Certificate { id: "tenon".into() },
            scope: None,
            parameters: Vec::new(),
        };
        Some(Arc::new(OAuth::new(settings, endpoint, Grant::ClientCredentials).unwrap()) as _)
    };
    let (one, other) = (clients.identity(), clients.identity());
    for (identity, status) in [(one.clone(), 200), (other, 401)] {
        let settings = with(identity);
        let client = Client::new(Settings { credentials: oauth(with(one.clone())), ..settings }).unwrap();
        assert_eq!(client.send(get("/")).await.unwrap().status, status);
    }
}
