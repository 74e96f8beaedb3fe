//! TLS: who is trusted, and what is wrong with who is not.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering::SeqCst},
};

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa, KeyPair,
    date_time_ymd,
};
use rustls::{
    RootCertStore, ServerConfig,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
    server::WebPkiClientVerifier,
};
use tenon_client::{Client, Failure, Identity, Roots, Settings, Trust, Versions};
use tenon_security::SecretText;
use tokio::io::AsyncWriteExt;
use tokio_rustls::TlsAcceptor;

use crate::server::{Server, get, post, raw, reply, serve, settings};

static COUNT: AtomicUsize = AtomicUsize::new(0);

pub(crate) struct Authority(CertifiedIssuer<'static, KeyPair>);

impl Authority {
    pub(crate) fn new() -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        let name = format!("authority {}", COUNT.fetch_add(1, SeqCst));
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        Self(CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap())
    }

    pub(crate) fn trust(&self) -> Trust {
        Trust { roots: Roots::Pem(self.0.pem()), identity: None }
    }

    /// A certificate for `names`, and its key, as PEM.
    fn issue(&self, names: &[&str], change: impl FnOnce(&mut CertificateParams)) -> (String, String) {
        let names = names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        let mut params = CertificateParams::new(names).unwrap();
        change(&mut params);
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.0).unwrap();
        (certificate.pem(), key.serialize_pem())
    }

    /// What a client shows that this authority knows.
    pub(crate) fn identity(&self) -> Identity {
        let usage =
            |it: &mut CertificateParams| it.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        let (chain, key) = self.issue(&["tenon"], usage);
        Identity { chain, key: SecretText::new(key) }
    }

    /// TLS of a server with a certificate for `names`, which asks for a certificate of `clients`.
    pub(crate) fn acceptor(
        &self,
        names: &[&str],
        clients: Option<&Authority>,
        change: impl FnOnce(&mut CertificateParams),
    ) -> TlsAcceptor {
        let (chain, key) = self.issue(names, change);
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let builder = ServerConfig::builder_with_provider(Arc::clone(&provider));
        let builder = builder.with_safe_default_protocol_versions().unwrap();
        let builder = match clients {
            None => builder.with_no_client_auth(),
            Some(authority) => {
                let mut roots = RootCertStore::empty();
                roots.add(authority.0.der().clone()).unwrap();
                let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider);
                builder.with_client_cert_verifier(verifier.build().unwrap())
            }
        };
        let mut config = builder
            .with_single_cert(
                vec![CertificateDer::from_pem_slice(chain.as_bytes()).unwrap()],
                PrivateKeyDer::from_pem_slice(key.as_bytes()).unwrap(),
            )
            .unwrap();
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        TlsAcceptor::from(Arc::new(config))
    }

    /// A server with a certificate for `names`.
    pub(crate) async fn server(
        &self,
        names: &[&str],
        clients: Option<&Authority>,
        change: impl FnOnce(&mut CertificateParams),
    ) -> Server {
        let acceptor = self.acceptor(names, clients, change);
        let requests = Arc::new(AtomicUsize::new(0));
        raw(move |stream, _| {
            let (acceptor, requests) = (acceptor.clone(), Arc::clone(&requests));
            async move {
                let Ok(stream) = acceptor.accept(stream).await else { return };
                let answer = |request: http::Request<bytes::Bytes>, _| async move {
                    reply(200, format!("{:?}", request.version()))
                };
                serve(stream, answer, requests).await;
            }
        })
        .await
    }
}

fn client(host: &str, server: &Server, trust: Trust, versions: Versions) -> Client {
    let url = format!("https://{host}:{}", server.address.port());
    Client::new(Settings { tls: trust, versions, ..settings(&[&url]) }).unwrap()
}

async fn refused(client: Client) -> Failure {
    let failure = client.send(post("/", "")).await.unwrap_err();
    assert_eq!((failure.report.code().id, failure.report.is_transient()), ("Y0401", true), "{failure}");
    assert!(!failure.may_have_acted);
    failure
}

fn ends(failure: &Failure, with: &str) {
    assert!(failure.report.message().ends_with(with), "{failure}\n{with}");
}

#[tokio::test]
async fn the_version_of_http_is_agreed_on_with_tls() {
    let authority = Authority::new();
    let server = authority.server(&["localhost"], None, |_| {}).await;
    for (versions, said) in
        [(Versions::Agreed, "HTTP/2.0"), (Versions::One, "HTTP/1.1"), (Versions::Two, "HTTP/2.0")]
    {
        let client = client("localhost", &server, authority.trust(), versions);
        let before = server.connections();
        for _ in 0..3 {
            assert_eq!(client.send(get("/")).await.unwrap().body, said);
        }
        assert_eq!(server.connections(), before + 1);
    }
}

#[tokio::test]
async fn calls_at_once_share_a_connection_of_http_2() {
    let authority = Authority::new();
    let server = authority.server(&["localhost"], None, |_| {}).await;
    let client = client("localhost", &server, authority.trust(), Versions::Agreed);
    let calls = (0..20).map(|_| client.send(get("/")));
    for answer in futures_util::future::join_all(calls).await {
        assert_eq!(answer.unwrap().body, "HTTP/2.0");
    }
    assert_eq!(server.connections(), 1);
}

#[tokio::test]
async fn a_certificate_that_is_not_valid_is_refused_in_plain_words() {
    let (authority, other) = (Authority::new(), Authority::new());
    let agreed = Versions::Agreed;
    let server = authority.server(&["erp.example", "www.erp.example"], None, |_| {}).await;
    let failure = refused(client("localhost", &server, authority.trust(), agreed)).await;
    ends(&failure, "its certificate is for `erp.example`, `www.erp.example`, not for `localhost`");

    let server = authority.server(&["localhost"], None, |it| it.not_after = date_time_ymd(2020, 2, 3)).await;
    let failure = refused(client("localhost", &server, authority.trust(), agreed)).await;
    ends(&failure, "its certificate expired on 2020-02-03");

    let server = authority.server(&["localhost"], None, |it| it.not_before = date_time_ymd(2090, 2, 3)).await;
    let failure = refused(client("localhost", &server, authority.trust(), agreed)).await;
    ends(&failure, "its certificate is not valid before 2090-02-03");

    let server = authority.server(&["localhost"], None, |_| {}).await;
    let failure = refused(client("localhost", &server, other.trust(), agreed)).await;
    ends(&failure, "its certificate is of an issuer that is not trusted");
}

#[tokio::test]
async fn a_server_without_tls_is_said_to_have_none() {
    let server = raw(|mut stream, _| async move {
        stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await.unwrap();
    })
    .await;
    let failure = refused(client("localhost", &server, Authority::new().trust(), Versions::Agreed)).await;
    ends(&failure, "it does not speak TLS on this port");
}

#[tokio::test]
async fn a_server_gets_the_certificate_that_it_asks_for() {
    let (authority, clients) = (Authority::new(), Authority::new());
    let server = authority.server(&["localhost"], Some(&clients), |_| {}).await;
    let with = |authority: &Authority| Some(authority.identity());
    let trust = |identity| Trust { identity, ..authority.trust() };
    let call = |identity| client("localhost", &server, trust(identity), Versions::Agreed);
    assert_eq!(call(with(&clients)).send(get("/")).await.unwrap().status, 200);
    let failure = refused(call(None)).await;
    ends(&failure, "it asks for a client certificate, and gets none");
    let failure = refused(call(with(&authority))).await;
    ends(&failure, "the client certificate");
}

#[tokio::test]
async fn pem_that_is_not_usable_is_told_without_the_key() {
    let (chain, key) = Authority::new().issue(&["a"], |_| {});
    let (_, other) = Authority::new().issue(&["a"], |_| {});
    let report = |trust: Trust| {
        let settings = Settings { tls: trust, ..settings(&["https://localhost"]) };
        Client::new(settings).unwrap_err()
    };
    let roots = Trust { roots: Roots::Pem("none".to_owned()), identity: None };
    let said = "the CA certificates of `erp` cannot be used: there is no certificate in its PEM text";
    assert_eq!((report(roots.clone()).code().id, report(roots).message()), ("S0104", said));
    for (chain, key) in [("", key.as_str()), (&chain, "hunter2"), (&chain, &other)] {
        let identity = Identity { chain: chain.to_owned(), key: SecretText::new(key) };
        let report = report(Trust { roots: Authority::new().trust().roots, identity: Some(identity) });
        assert_eq!(report.code().id, "S0104");
        let told = report.to_string();
        assert!(!told.contains("hunter2") && !told.contains("PRIVATE"), "{told}");
    }
}
