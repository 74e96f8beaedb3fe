//! Running projects, asked over real connections and changed meanwhile.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use std::{
    fs,
    net::SocketAddr,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    time::Duration,
};

use tenon_engine::{Options, Running, load};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

const CONTRACT: &str = r#"{ "type": "object", "required": ["id"], "additionalProperties": false,
  "properties": { "id": { "type": "string" }, "n": { "type": "integer" } } }"#;

/// A project in a folder of its own. Its API is open and keeps notes.
struct Project(tempfile::TempDir);

impl Project {
    fn new(server: &str, rest: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir_all(folder.path().join("contracts/note")).unwrap();
        fs::write(folder.path().join("contracts/note/1.json"), CONTRACT).unwrap();
        let project = Self(folder);
        project.write(server, "notes.db", rest);
        project
    }

    fn write(&self, server: &str, database: &str, rest: &str) {
        let text = format!(
            "project: notes
server: {server}
systems:
  db: {{ sql: {{ url: \"sqlite://{database}\" }} }}
  bus: {{ broker: {{ url: embedded }} }}
tables:
  notes: {{ in: db, contract: note, key: id }}
apis:
  notes:
    auth: none
    expose: {{ rest: /v1 }}
    operations:
      write: {{ rest: POST /notes, input: note, output: note, flow: write }}
      list: {{ rest: GET /notes, table: notes }}
flows:
  write: {{ steps: [{{ upsert: notes }}], reply: {{ id: note.id }} }}
{rest}"
        );
        fs::write(self.0.path().join("tenon.yaml"), text).unwrap();
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn options(&self) -> Options {
        Options::new(self.path().to_owned(), None, true)
    }

    async fn start(&self) -> Running {
        let plan = load(&self.options()).plan.unwrap_or_else(|reports| panic!("{reports:?}"));
        Running::start(plan, self.options()).await.unwrap_or_else(|reports| panic!("{reports:?}"))
    }

    async fn reload(&self, running: &Running) {
        let plan = load(&self.options()).plan.unwrap_or_else(|reports| panic!("{reports:?}"));
        running.reload(plan).await.unwrap_or_else(|reports| panic!("{reports:?}"));
    }
}

const ANYWHERE: &str = "{ listen: \"127.0.0.1:0\" }";

/// Sends a request on an open connection, and reads the answer that is there then.
async fn ask(stream: &mut TcpStream, request: &str) -> String {
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = vec![0; 64 << 10];
    let read = tokio::time::timeout(Duration::from_secs(5), stream.read(&mut answer)).await.unwrap().unwrap();
    String::from_utf8_lossy(&answer[..read]).into_owned()
}

async fn get(address: SocketAddr, path: &str, headers: &str) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    ask(&mut stream, &format!("GET {path} HTTP/1.1\r\nhost: test\r\n{headers}\r\n")).await
}

async fn post(address: SocketAddr, id: &str) -> String {
    let (body, mut stream) = (format!("{{\"id\":\"{id}\"}}"), TcpStream::connect(address).await.unwrap());
    let head = format!(
        "POST /v1/notes HTTP/1.1\r\nhost: test\r\ncontent-type: application/json\r\ncontent-length: {}\r\n",
        body.len()
    );
    ask(&mut stream, &format!("{head}\r\n{body}")).await
}

#[tokio::test]
async fn an_open_connection_goes_on_while_the_address_changes() {
    let project = Project::new(ANYWHERE, "");
    let running = project.start().await;
    let before = running.address().unwrap();
    let mut open = TcpStream::connect(before).await.unwrap();
    let list = "GET /v1/notes HTTP/1.1\r\nhost: test\r\n\r\n";
    assert!(ask(&mut open, list).await.starts_with("HTTP/1.1 200"));

    project.write("{ listen: \"127.0.0.2:0\" }", "notes.db", "");
    project.reload(&running).await;
    let after = running.address().unwrap();
    assert_eq!(after.ip().to_string(), "127.0.0.2");
    assert!(get(after, "/v1/notes", "").await.starts_with("HTTP/1.1 200"));
    assert!(ask(&mut open, list).await.starts_with("HTTP/1.1 200"), "the connection was dropped");
    drop(open);
    running.drain().await;
}

#[tokio::test]
async fn an_api_that_takes_no_credentials_does_not_mind_those_of_a_proxy() {
    let project = Project::new(ANYWHERE, "");
    let running = project.start().await;
    let answer = get(running.address().unwrap(), "/v1/notes", "authorization: Basic dTpw\r\n").await;
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    running.drain().await;
}

#[tokio::test]
async fn the_socket_stays_when_only_limits_change_and_the_limits_count_from_then_on() {
    let project = Project::new(ANYWHERE, "");
    let running = project.start().await;
    let address = running.address().unwrap();
    assert!(get(address, "/v1/notes", &large_head()).await.starts_with("HTTP/1.1 200"));
    project.write("{ listen: \"127.0.0.1:0\", limits: { head: 8KiB } }", "notes.db", "");
    project.reload(&running).await;
    assert_eq!(running.address().unwrap(), address);
    assert!(get(address, "/v1/notes", &large_head()).await.starts_with("HTTP/1.1 431"));
    running.drain().await;
}

fn large_head() -> String {
    format!("x-large: {}\r\n", "x".repeat(20_000))
}

#[tokio::test]
async fn tls_is_switched_on_and_its_certificate_renewed() {
    let project = Project::new(ANYWHERE, "");
    let running = project.start().await;
    assert!(running.url().unwrap().starts_with("http://"));
    project.write("{ listen: \"127.0.0.1:0\", tls: { development: true } }", "notes.db", "");
    project.reload(&running).await;
    assert!(running.url().unwrap().starts_with("https://"));
    let address = running.address().unwrap();
    let first = certificate(address).await;
    project.reload(&running).await;
    assert_eq!(certificate(address).await, first);

    fs::remove_dir_all(project.path().join(".tenon/tls")).unwrap();
    project.reload(&running).await;
    assert_eq!(running.address().unwrap(), address);
    assert_ne!(certificate(address).await, first);
    running.drain().await;
}

/// The certificate that a server shows.
async fn certificate(address: SocketAddr) -> Vec<u8> {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let mut config = rustls::ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(rustls::RootCertStore::empty())
        .with_no_client_auth();
    config.dangerous().set_certificate_verifier(Arc::new(Anybody(provider)));
    let stream = TcpStream::connect(address).await.unwrap();
    let connector = tokio_rustls::TlsConnector::from(Arc::new(config));
    let name = rustls::pki_types::ServerName::try_from("localhost").unwrap();
    let stream = connector.connect(name, stream).await.unwrap();
    stream.get_ref().1.peer_certificates().unwrap()[0].to_vec()
}

#[derive(Debug)]
struct Anybody(Arc<rustls::crypto::CryptoProvider>);

impl rustls::client::danger::ServerCertVerifier for Anybody {
    fn verify_server_cert(
        &self,
        _: &rustls::pki_types::CertificateDer<'_>,
        _: &[rustls::pki_types::CertificateDer<'_>],
        _: &rustls::pki_types::ServerName<'_>,
        _: &[u8],
        _: rustls::pki_types::UnixTime,
    ) -> Result<rustls::client::danger::ServerCertVerified, rustls::Error> {
        Ok(rustls::client::danger::ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &rustls::pki_types::CertificateDer<'_>,
        dss: &rustls::DigitallySignedStruct,
    ) -> Result<rustls::client::danger::HandshakeSignatureValid, rustls::Error> {
        rustls::crypto::verify_tls12_signature(message, cert, dss, &self.0.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &rustls::pki_types::CertificateDer<'_>,
        dss: &rustls::DigitallySignedStruct,
    ) -> Result<rustls::client::danger::HandshakeSignatureValid, rustls::Error> {
        rustls::crypto::verify_tls13_signature(message, cert, dss, &self.0.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<rustls::SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}

#[tokio::test]
async fn a_system_that_moves_is_opened_at_its_new_place() {
    let project = Project::new(ANYWHERE, "");
    let running = project.start().await;
    let address = running.address().unwrap();
    assert!(post(address, "a").await.starts_with("HTTP/1.1 200"));
    project.write(ANYWHERE, "other.db", "");
    project.reload(&running).await;
    assert!(post(address, "b").await.starts_with("HTTP/1.1 200"));
    let page = get(address, "/v1/notes", "").await;
    assert!(page.contains("\"b\"") && !page.contains("\"a\""), "{page}");
    project.write(ANYWHERE, "notes.db", "");
    project.reload(&running).await;
    let page = get(address, "/v1/notes", "").await;
    assert!(page.contains("\"a\"") && !page.contains("\"b\""), "{page}");
    running.drain().await;
}

#[tokio::test]
async fn a_topic_that_comes_with_a_reload_is_there_for_flows_replays_and_idleness() {
    let project = Project::new(ANYWHERE, "");
    let running = project.start().await;
    running.idle().await;
    fs::write(project.path().join("notes.jsonl"), "{\"id\":\"c\"}\n{\"id\":7}\n").unwrap();
    let rest = "  load:
    from: { file: { in: here, path: notes.jsonl, format: jsonl, contract: note } }
    steps: [{ publish: changes }]
  keep: { from: changes, steps: [{ upsert: notes }] }
topics:
  changes: { in: bus, contract: note, key: note.id }
";
    project.write(ANYWHERE, "notes.db", rest);
    let text = fs::read_to_string(project.path().join("tenon.yaml")).unwrap();
    let text = text.replace("systems:\n", "systems:\n  here: { files: {} }\n");
    fs::write(project.path().join("tenon.yaml"), text).unwrap();
    project.reload(&running).await;
    running.idle().await;
    let page = get(running.address().unwrap(), "/v1/notes", "").await;
    assert!(page.contains("\"c\""), "{page}");

    let state = running.world().state;
    let query = tenon_ports::DeadLetterQuery { limit: 10, ..tenon_ports::DeadLetterQuery::default() };
    let letters = state.dead_letters(query).await.unwrap();
    assert_eq!(letters.len(), 1);
    let plan = running.plan();
    let outcomes = tenon_engine::replay::replay(
        &plan,
        &project.options(),
        letters.into_iter().map(|letter| letter.id).collect(),
        true,
        tenon_flows::replay::Newer::Ask,
        std::future::pending(),
    )
    .await
    .unwrap();
    assert_eq!(outcomes[0].failure.as_ref().unwrap().code().id, "F0004", "{outcomes:?}");
    running.drain().await;
}

/// An issuer that can go away.
struct Issuer {
    url: String,
    away: Arc<AtomicBool>,
    /// What it publishes.
    body: Arc<std::sync::Mutex<String>>,
}

impl Issuer {
    async fn start() -> Self {
        const KEYS: &str = r#"{"keys":[{"kty":"OKP","crv":"Ed25519","kid":"a","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]}"#;
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/jwks.json", listener.local_addr().unwrap());
        let away = Arc::new(AtomicBool::new(false));
        let gone = Arc::clone(&away);
        let body = Arc::new(std::sync::Mutex::new(KEYS.to_owned()));
        let published = Arc::clone(&body);
        tokio::spawn(async move {
            loop {
                let (mut stream, _) = listener.accept().await.unwrap();
                if gone.load(Relaxed) {
                    continue;
                }
                let mut request = [0; 4096];
                let _ = stream.read(&mut request).await.unwrap();
                let keys = published.lock().unwrap().clone();
                let answer = format!(
                    "HTTP/1.1 200 OK\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{keys}",
                    keys.len()
                );
                stream.write_all(answer.as_bytes()).await.unwrap();
            }
        });
        Self { url, away, body }
    }
}

/// A token of an unknown signature: refused with 401 where keys are known, and with 503 where they are not.
const TOKEN: &str = "authorization: Bearer eyJhbGciOiJFZERTQSIsImtpZCI6ImEifQ.e30.AAAA\r\n";

fn with_tokens(project: &Project, url: &str) {
    let text = fs::read_to_string(project.path().join("tenon.yaml")).unwrap();
    let auth = format!("auth: {{ jwt: {{ issuer: \"https://issuer\", audience: notes, jwks: \"{url}\" }} }}");
    let text = text.replace("auth: none", &auth).replace("table: notes }", "table: notes, scope: read }");
    let text = text.replace("flow: write }", "flow: write, scope: write }");
    fs::write(project.path().join("tenon.yaml"), text).unwrap();
}

#[tokio::test]
async fn the_first_request_finds_keys_and_a_reload_keeps_them_while_the_issuer_is_away() {
    let (issuer, project) = (Issuer::start().await, Project::new(ANYWHERE, ""));
    with_tokens(&project, &issuer.url);
    let running = project.start().await;
    let address = running.address().unwrap();
    assert!(get(address, "/v1/notes", TOKEN).await.starts_with("HTTP/1.1 401"));
    assert!(get(address, "/readyz", "").await.starts_with("HTTP/1.1 200"));
    issuer.away.store(true, Relaxed);
    project.reload(&running).await;
    assert!(get(address, "/v1/notes", TOKEN).await.starts_with("HTTP/1.1 401"));
    running.drain().await;
}

#[tokio::test]
async fn an_issuer_that_withdraws_its_keys_or_talks_nonsense_never_makes_a_500() {
    for (body, status) in
        [(r#"{"keys":[]}"#, "401"), (r#"{"keys":[{"kty":"oct","k":"AA"}]}"#, "401"), ("<html>", "503")]
    {
        let (issuer, project) = (Issuer::start().await, Project::new(ANYWHERE, ""));
        issuer.body.lock().unwrap().clear();
        issuer.body.lock().unwrap().push_str(body);
        with_tokens(&project, &issuer.url);
        let running = project.start().await;
        let answer = get(running.address().unwrap(), "/v1/notes", TOKEN).await;
        assert!(answer.starts_with(&format!("HTTP/1.1 {status}")), "{body}: {answer}");
        assert_eq!(answer.to_ascii_lowercase().contains("\nretry-after:"), status == "503", "{answer}");
        running.drain().await;
    }
}

#[tokio::test]
async fn pages_are_shown_to_whom_the_project_says() {
    let (issuer, project) = (Issuer::start().await, Project::new(ANYWHERE, ""));
    with_tokens(&project, &issuer.url);
    let text = fs::read_to_string(project.path().join("tenon.yaml")).unwrap();
    let pages = |metrics: &str, docs: &str| {
        let server = format!(
            "server: {{ listen: \"127.0.0.1:0\", internal: \"127.0.0.1:0\", pages: {{ metrics: {metrics}, docs: {docs} }} }}"
        );
        let lines = text
            .lines()
            .map(|line| if line.starts_with("server:") { server.clone() } else { line.to_owned() });
        fs::write(project.path().join("tenon.yaml"), lines.collect::<Vec<_>>().join("\n") + "\n").unwrap();
    };
    pages("internal", "{ api: notes, scope: read }");
    let running = project.start().await;
    let (public, internal) = (running.address().unwrap(), running.internal_address().unwrap());
    let status = async |address, path| get(address, path, "").await[9..12].to_owned();
    assert_eq!(status(public, "/metrics").await, "404");
    assert_eq!(status(internal, "/metrics").await, "200");
    assert_eq!(status(internal, "/readyz").await, "200");
    assert_eq!(status(internal, "/v1/notes").await, "404");
    assert_eq!(
        (status(public, "/docs").await, status(internal, "/docs").await),
        ("401".into(), "404".into())
    );
    pages("none", "public");
    project.reload(&running).await;
    assert_eq!(running.internal_address(), Some(internal), "the listener stays");
    assert_eq!(
        (status(public, "/metrics").await, status(internal, "/metrics").await),
        ("404".into(), "404".into())
    );
    assert_eq!(status(public, "/docs").await, "200");
    running.drain().await;
}

#[tokio::test]
async fn a_project_whose_issuer_is_away_from_the_start_is_not_ready() {
    let (issuer, project) = (Issuer::start().await, Project::new(ANYWHERE, ""));
    issuer.away.store(true, Relaxed);
    with_tokens(&project, &issuer.url);
    let running = project.start().await;
    let address = running.address().unwrap();
    assert!(get(address, "/v1/notes", TOKEN).await.starts_with("HTTP/1.1 503"));
    let ready = get(address, "/readyz", "").await;
    assert!(ready.starts_with("HTTP/1.1 503") && ready.contains("Y0403"), "{ready}");
    running.drain().await;
}

#[tokio::test]
async fn a_request_that_is_sent_again_gets_the_first_reply_and_has_one_effect() {
    let project = Project::new(ANYWHERE, "topics:\n  changes: { in: bus, contract: note, key: note.id }\n");
    let text = fs::read_to_string(project.path().join("tenon.yaml")).unwrap();
    fs::write(project.path().join("tenon.yaml"), text.replace("{ upsert: notes }", "{ publish: changes }"))
        .unwrap();
    let running = project.start().await;
    let address = running.address().unwrap();
    let send = async |id: &str, key: &str| {
        let body = format!("{{\"id\":\"{id}\"}}");
        let head = format!(
            "POST /v1/notes HTTP/1.1\r\nhost: test\r\ncontent-type: application/json\r\nidempotency-key: {key}\r\ncontent-length: {}",
            body.len()
        );
        ask(&mut TcpStream::connect(address).await.unwrap(), &format!("{head}\r\n\r\n{body}")).await
    };
    for _ in 0..2 {
        let answer = send("a", "k-1").await;
        assert!(answer.starts_with("HTTP/1.1 200") && answer.ends_with("{\"id\":\"a\"}"), "{answer}");
    }
    let other = send("b", "k-1").await;
    assert!(other.starts_with("HTTP/1.1 422") && other.contains("F0011"), "{other}");
    assert!(send("b", "k-2").await.starts_with("HTTP/1.1 200"));
    let topic = running.world().topics.into_values().next().unwrap();
    assert_eq!(topic.status().await.unwrap().end, 2);
    running.drain().await;
}

#[tokio::test]
async fn what_is_published_after_a_topic_lost_messages_or_was_lost_is_consumed() {
    let rest = "  keep: { from: changes, steps: [{ upsert: notes }] }
topics:
  changes: { in: bus, contract: note, key: note.id }
";
    let project = Project::new(ANYWHERE, rest);
    let text = fs::read_to_string(project.path().join("tenon.yaml")).unwrap();
    let text = text.replacen("{ upsert: notes }", "{ publish: changes }", 1);
    fs::write(project.path().join("tenon.yaml"), text).unwrap();
    let publish = async |ids: std::ops::Range<u32>| {
        let running = project.start().await;
        for id in ids {
            assert!(post(running.address().unwrap(), &format!("{id:03}")).await.starts_with("HTTP/1.1 20"));
        }
        running.idle().await;
        let database = running.world().databases.into_values().next().unwrap();
        let count = database.count("notes").await.unwrap();
        running.drain().await;
        count
    };
    assert_eq!(publish(0..20).await, 20);
    let topics = project.path().join(".tenon/topics");
    let segment = topics.join("changes/00000000000000000000.log");
    let length = fs::metadata(&segment).unwrap().len();
    fs::OpenOptions::new().write(true).open(&segment).unwrap().set_len(length - 5).unwrap();
    // As after the restoring of an older copy that somebody wants: nothing claims that there was more.
    fs::remove_file(topics.join("changes/mark")).unwrap();
    tenon_engine::state::accept(&project.options(), "topics/changes").await.unwrap();
    assert_eq!(publish(20..23).await, 23, "the message with the offset of the lost one is not skipped");
    fs::remove_dir_all(&topics).unwrap();
    tenon_engine::state::accept(&project.options(), "topics/changes").await.unwrap();
    assert_eq!(publish(100..125).await, 48, "a new topic begins at its start");
    assert_eq!(publish(125..126).await, 49);
}
