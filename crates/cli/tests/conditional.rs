//! A conditional write whose answer is lost with the process, and which the client sends again with its key.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod common;

use std::{fs, path::Path};

use common::{Answer, Server};

const PROJECT: &str = "project: notes
systems: { db: { sql: { url: 'sqlite://notes.db' } } }
tables: { notes: { in: db, contract: note, key: id } }
apis:
  notes:
    auth: none
    expose: { rest: /v1 }
    operations:
      note: { rest: 'GET /notes/{id}', table: notes }
      put: { rest: 'PUT /notes/{id}', input: note, output: note, flow: write }
flows:
  write: { steps: [{ upsert: notes }], reply: { id: note.id, n: note.n } }
";
const CONTRACT: &str = r#"{ "type": "object", "required": ["id", "n"], "additionalProperties": false,
  "properties": { "id": { "type": "string" }, "n": { "type": "integer" } } }"#;

fn start(folder: &Path) -> Server {
    let mut command = common::tenon(&["run", "--listen", "127.0.0.1:0"]);
    command.current_dir(folder);
    Server::start(command)
}

fn put(server: &Server, headers: &str, n: u32) -> Answer {
    let body = format!("{{\"n\":{n}}}");
    common::ask(server.address, "PUT", "/v1/notes/a", headers, &body).unwrap()
}

#[test]
fn the_first_reply_is_given_again_after_a_kill_whatever_the_state_is_then() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir_all(folder.path().join("contracts/note")).unwrap();
    fs::write(folder.path().join("tenon.yaml"), PROJECT).unwrap();
    fs::write(folder.path().join("contracts/note/1.json"), CONTRACT).unwrap();
    let mut server = start(folder.path());
    let make = "if-none-match: *\r\nidempotency-key: make\r\n";
    let made = put(&server, make, 1);
    assert_eq!(made.status / 100, 2, "{made:?}");
    let read = server.get("/v1/notes/a").unwrap();
    let tag = read.head.lines().find_map(|line| line.strip_prefix("etag: ")).unwrap();
    let change = format!("if-match: {tag}\r\nidempotency-key: change\r\n");
    let changed = put(&server, &change, 2);
    assert_eq!(changed.status / 100, 2, "{changed:?}");
    for _ in 0..2 {
        server.child.kill().unwrap();
        server.child.wait().unwrap();
        server = start(folder.path());
        for (headers, n, first) in [(make, 1, &made), (&change, 2, &changed)] {
            let again = put(&server, headers, n);
            assert_eq!((again.status, &again.body), (first.status, &first.body), "{headers}");
        }
        let other = put(&server, &change.replace("change", "another"), 3);
        assert_eq!(other.status, 412, "{other:?}");
        assert!(server.get("/v1/notes/a").unwrap().body.contains("\"n\":2"));
    }
}
