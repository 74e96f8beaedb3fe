//! A project whose rows only callers with a scope may read, and requests to it.

use std::{fs, path::Path, time::Duration};

use tenon_engine::{Options, Running, load};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

const CONTRACT: &str = r#"{ "type": "object", "required": ["id"], "additionalProperties": false,
  "properties": { "id": { "type": "string" } } }"#;

/// A project folder.
pub(crate) struct Project(tempfile::TempDir);

impl Project {
    /// One whose API is guarded by `auth`.
    pub(crate) fn new(auth: &str) -> Self {
        Self::with("", auth)
    }

    /// The same with more at the top, such as `server`.
    pub(crate) fn with(more: &str, auth: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir_all(folder.path().join("contracts/note/")).unwrap();
        fs::write(folder.path().join("contracts/note/1.json"), CONTRACT).unwrap();
        let text = format!(
            "project: notes\n{more}
systems:
  db: {{ sql: {{ url: \"sqlite://notes.db\" }} }}
tables:
  notes: {{ in: db, contract: note, key: id }}
apis:
  notes:
    auth: {auth}
    expose: {{ rest: /v1 }}
    operations:
      notes: {{ rest: GET /notes, table: notes, scope: read }}
"
        );
        fs::write(folder.path().join("tenon.yaml"), text).unwrap();
        Self(folder)
    }

    pub(crate) fn folder(&self) -> &Path {
        self.0.path()
    }

    /// How it is run in a test: on any free port of loopback.
    pub(crate) fn options(&self, development: bool) -> Options {
        let listen = Some(([127, 0, 0, 1], 0).into());
        Options { listen, ..Options::new(self.folder().to_owned(), None, development) }
    }
}

pub(crate) async fn start(project: &Project) -> (Running, Options) {
    start_with(project.options(false)).await
}

pub(crate) async fn start_with(options: Options) -> (Running, Options) {
    let plan = load(&options).plan.unwrap_or_else(|reports| panic!("{reports:?}"));
    let running = Running::start(plan, options.clone()).await.unwrap_or_else(|reports| panic!("{reports:?}"));
    (running, options)
}

/// What was answered.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) fn all(&self, name: &str) -> Vec<&str> {
        self.headers.iter().filter(|(it, _)| it == name).map(|(_, value)| value.as_str()).collect()
    }

    /// Of what has come over a connection until its end.
    pub(crate) fn parse(text: &str) -> Self {
        let (head, body) = text.split_once("\r\n\r\n").unwrap_or_else(|| panic!("no head: {text:?}"));
        let mut lines = head.lines();
        let status = lines.next().unwrap().split(' ').nth(1).unwrap().parse().unwrap();
        let header = |line: &str| {
            let (name, value) = line.split_once(':').unwrap();
            (name.to_ascii_lowercase(), value.trim().to_owned())
        };
        Self { status, headers: lines.map(header).collect(), body: body.to_owned() }
    }
}

/// The bytes of a request, after which the connection ends.
pub(crate) fn request(path: &str, headers: &[&str]) -> String {
    let headers: String = headers.iter().map(|header| format!("{header}\r\n")).collect();
    format!("GET {path} HTTP/1.1\r\nhost: test\r\nconnection: close\r\n{headers}\r\n")
}

pub(crate) async fn get(running: &Running, path: &str, headers: &[&str]) -> Answer {
    let mut stream = TcpStream::connect(running.address().unwrap()).await.unwrap();
    stream.write_all(request(path, headers).as_bytes()).await.unwrap();
    let mut answer = String::new();
    let read = stream.read_to_string(&mut answer);
    tokio::time::timeout(Duration::from_secs(30), read).await.unwrap().unwrap();
    Answer::parse(&answer)
}
