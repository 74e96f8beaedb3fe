//! Who sees what of the server itself: metrics, documentation, descriptions and schemas, under every setting.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use std::{fs, net::SocketAddr, time::Duration};

use tenon_engine::{Options, Running, load};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

const CONTRACT: &str = r#"{ "type": "object", "required": ["id"], "additionalProperties": false,
  "properties": { "id": { "type": "string" } } }"#;
const OPERATOR: &str = "operator-0123456789abcdef";
const READER: &str = "reader-0123456789abcdef";
/// What goes by `pages.docs`.
const DOCS: &[&str] = &["/docs", "/openapi.json", "/problems/A0104", "/graphql/schema.graphql"];

struct Project {
    folder: tempfile::TempDir,
    running: Running,
}

impl Project {
    /// A project with these `pages`, and this about GraphQL.
    async fn start(pages: &str, graphql: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir_all(folder.path().join("contracts/note/")).unwrap();
        fs::create_dir_all(folder.path().join("secrets")).unwrap();
        fs::write(folder.path().join("contracts/note/1.json"), CONTRACT).unwrap();
        fs::write(folder.path().join("secrets/OPERATOR_KEY"), OPERATOR).unwrap();
        fs::write(folder.path().join("secrets/READER_KEY"), READER).unwrap();
        let text = format!(
            "project: notes
server: {{ listen: '127.0.0.1:0', internal: '127.0.0.1:0', pages: {pages} }}
systems: {{ db: {{ sql: {{ url: 'sqlite://notes.db' }} }} }}
tables: {{ notes: {{ in: db, contract: note, key: id }} }}
apis:
  notes:
    auth:
      api_keys:
        operator: {{ key: '${{secret:OPERATOR_KEY}}', scopes: [read, operate] }}
        reader: {{ key: '${{secret:READER_KEY}}', scopes: [read] }}
    expose: {{ rest: /v1, graphql: {graphql} }}
    operations:
      notes: {{ rest: GET /notes, table: notes, scope: read }}
"
        );
        fs::write(folder.path().join("tenon.yaml"), text).unwrap();
        let options = Options::new(folder.path().to_owned(), None, false);
        let plan = load(&options).plan.unwrap_or_else(|reports| panic!("{reports:?}"));
        let running = Running::start(plan, options).await.unwrap_or_else(|reports| panic!("{reports:?}"));
        Self { folder, running }
    }

    /// The statuses for nobody, the reader and the operator, at the APIs' listener and at the internal one.
    async fn seen(&self, path: &str) -> ([u16; 3], [u16; 3]) {
        let mut seen = Vec::new();
        for address in [self.running.address().unwrap(), self.running.internal_address().unwrap()] {
            for key in ["", READER, OPERATOR] {
                seen.push(get(address, path, key).await.0);
            }
        }
        ([seen[0], seen[1], seen[2]], [seen[3], seen[4], seen[5]])
    }

    async fn end(self) {
        self.running.drain().await;
        drop(self.folder);
    }
}

async fn get(address: SocketAddr, path: &str, key: &str) -> (u16, String) {
    let key = if key.is_empty() { String::new() } else { format!("x-api-key: {key}\r\n") };
    let mut stream = TcpStream::connect(address).await.unwrap();
    let request = format!("GET {path} HTTP/1.1\r\nhost: test\r\nconnection: close\r\n{key}\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    tokio::time::timeout(Duration::from_secs(10), stream.read_to_string(&mut answer)).await.unwrap().unwrap();
    (answer[9..12].parse().unwrap(), answer)
}

#[tokio::test]
async fn each_page_is_seen_where_and_by_whom_the_project_says() {
    let nowhere = [404; 3];
    for (said, expected) in [
        ("public", ([200; 3], nowhere)),
        ("internal", (nowhere, [200; 3])),
        ("none", (nowhere, nowhere)),
        ("{ api: notes, scope: operate }", ([401, 403, 200], nowhere)),
    ] {
        // Each apart from the other.
        let metrics = Project::start(&format!("{{ metrics: {said}, docs: none }}"), "/graphql").await;
        assert_eq!(metrics.seen("/metrics").await, expected, "metrics: {said}");
        for path in DOCS {
            assert_eq!(metrics.seen(path).await, (nowhere, nowhere), "{path} beside metrics: {said}");
        }
        metrics.end().await;
        let docs = Project::start(&format!("{{ docs: {said}, metrics: none }}"), "/graphql").await;
        assert_eq!(docs.seen("/metrics").await, (nowhere, nowhere), "metrics beside docs: {said}");
        for path in DOCS {
            assert_eq!(docs.seen(path).await, expected, "{path} with docs: {said}");
        }
        assert_eq!(docs.seen("/livez").await, ([200; 3], [200; 3]));
        assert_eq!(docs.seen("/v1/notes").await, ([401, 200, 200], nowhere));
        docs.end().await;
    }
}

#[tokio::test]
async fn a_schema_is_told_to_those_who_may_do_something_and_to_nobody_where_that_is_switched_off() {
    const SCHEMA: &str = "/graphql?query=%7B__schema%7BqueryType%7Bname%7D%7D%7D";
    const TYPE: &str = "/graphql?query=%7B__type(name:%22Query%22)%7Bname%7D%7D";
    let open = Project::start("{ docs: public }", "/graphql").await;
    for path in [SCHEMA, TYPE] {
        assert_eq!(open.seen(path).await, ([401, 200, 200], [404; 3]), "{path}");
        let (_, answer) = get(open.running.address().unwrap(), path, READER).await;
        assert!(answer.contains("\"name\":\"Query\""), "{answer}");
    }
    open.end().await;
    let closed = Project::start("{ docs: public }", "{ path: /graphql, introspection: false }").await;
    let address = closed.running.address().unwrap();
    for path in [SCHEMA, TYPE] {
        let (_, answer) = get(address, path, OPERATOR).await;
        assert!(answer.contains("A0201") && !answer.contains("\"name\""), "{answer}");
    }
    assert_eq!(closed.seen("/graphql/schema.graphql").await, ([404; 3], [404; 3]));
    let (_, answer) =
        get(address, "/graphql?query=%7B__typename%20notes%7Bitems%7Bid%7D%7D%7D", READER).await;
    assert!(answer.ends_with("{\"data\":{\"__typename\":\"Query\",\"notes\":{\"items\":[]}}}"), "{answer}");
    closed.end().await;
}
