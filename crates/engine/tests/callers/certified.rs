//! Callers with certificates, and tokens that are bound to those.

use std::{fs, path::Path, sync::Arc};

use aws_lc_rs::digest::{SHA256, digest};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer as Authority, KeyPair};
use rustls::{
    ClientConfig, RootCertStore,
    pki_types::{CertificateDer, PrivateKeyDer, ServerName, pem::PemObject},
};
use serde_json::json;
use tenon_engine::Running;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};
use tokio_rustls::TlsConnector;

use crate::{
    support::{Answer, Project, request, start},
    tokens::{Signer, claims},
};

/// Somebody who issues certificates.
struct Issues(Authority<'static, KeyPair>, String);

/// A certificate and its key.
type Shown = (CertificateDer<'static>, PrivateKeyDer<'static>);

impl Issues {
    fn new() -> Self {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.distinguished_name.push(DnType::CommonName, "the authority");
        let pem = params.self_signed(&key).unwrap().pem();
        Self(Authority::new(params, key), pem)
    }

    fn to(&self, name: &str) -> Shown {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(vec![format!("{name}.example")]).unwrap();
        params.distinguished_name = rcgen::DistinguishedName::new();
        params.distinguished_name.push(DnType::CommonName, name);
        let made = params.signed_by(&key, &self.0).unwrap();
        (made.der().clone(), PrivateKeyDer::try_from(key.serialize_der()).unwrap())
    }
}

async fn get(running: &Running, state: &Path, shown: Option<&Shown>, headers: &[&str]) -> Option<Answer> {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_file(state.join("tls/localhost.pem")).unwrap()).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let builder =
        ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let builder = builder.with_root_certificates(roots);
    let config = match shown {
        Some((der, key)) => builder.with_client_auth_cert(vec![der.clone()], key.clone_key()).unwrap(),
        None => builder.with_no_client_auth(),
    };
    let stream = TcpStream::connect(running.address().unwrap()).await.unwrap();
    let name = ServerName::try_from("localhost").unwrap();
    // With TLS 1.3 the client learns of a refusal when it reads.
    let mut stream = TlsConnector::from(Arc::new(config)).connect(name, stream).await.ok()?;
    stream.write_all(request("/v1/notes", headers).as_bytes()).await.ok()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.ok()?;
    (!answer.is_empty()).then(|| Answer::parse(&answer))
}

fn project(authority: &Issues, required: bool, auth: &str) -> Project {
    let tls = format!(
        "server: {{ tls: {{ development: true, clients: {{ authorities: ca.pem, required: {required} }} }} }}"
    );
    let project = Project::with(&tls, auth);
    fs::write(project.folder().join("ca.pem"), &authority.1).unwrap();
    project
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_means_whoever_the_project_says() {
    let authority = Issues::new();
    let auth = "{ certificates: { ann: { subject: \"CN=ann\", scopes: [read] }, bob: { dns: bob.example, scopes: [] } } }";
    for required in [false, true] {
        let project = project(&authority, required, auth);
        let (running, options) = start(&project).await;
        let status = async |shown: Option<&Shown>, headers: &[&str]| {
            get(&running, &options.state, shown, headers).await.map(|answer| answer.status)
        };
        assert_eq!(status(Some(&authority.to("ann")), &[]).await, Some(200));
        assert_eq!(status(Some(&authority.to("bob")), &[]).await, Some(403));
        assert_eq!(status(Some(&authority.to("eve")), &[]).await, Some(401));
        assert_eq!(status(Some(&Issues::new().to("ann")), &[]).await, None, "another authority's");
        assert_eq!(status(None, &[]).await, (!required).then_some(401));
        running.drain().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bound_token_is_of_no_use_without_its_certificate() {
    let (authority, signer) = (Issues::new(), Signer::new());
    let auth = "{ jwt: { issuer: \"https://i\", audience: notes, jwks: jwks.json } }";
    let project = project(&authority, false, auth);
    fs::write(project.folder().join("jwks.json"), signer.jwks()).unwrap();
    let (running, options) = start(&project).await;
    let (own, other) = (authority.to("ann"), authority.to("ann"));
    let thumbprint = URL_SAFE_NO_PAD.encode(digest(&SHA256, &own.0));
    for (confirmation, of_own, of_other, of_none) in [
        (json!({ "x5t#S256": thumbprint }), 200, 401, 401),
        (json!({ "jkt": thumbprint }), 401, 401, 401),
        (json!({ "x5t#S256": thumbprint, "jkt": thumbprint }), 401, 401, 401),
        (json!("x"), 401, 401, 401),
    ] {
        let mut claims = claims("https://i");
        claims["cnf"] = confirmation.clone();
        let bearer = format!("authorization: Bearer {}", signer.sign("at+jwt", &claims));
        for (shown, expected) in [(Some(&own), of_own), (Some(&other), of_other), (None, of_none)] {
            let answer = get(&running, &options.state, shown, &[&bearer]).await.unwrap();
            assert_eq!(answer.status, expected, "{confirmation} {answer:?}");
        }
    }
    running.drain().await;
}
