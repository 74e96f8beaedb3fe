//! What a running process does when it is told to read its project again, or to stop.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod common;

use std::{
    fs,
    io::Write as _,
    net::TcpStream,
    path::Path,
    time::{Duration, Instant},
};

use common::Server;

const PROJECT: &str = "project: notes
systems:
  bus: { broker: { url: embedded } }
  db: { sql: { url: 'sqlite://notes.db' } }
topics:
  notes: { in: bus, contract: note }
tables:
  kept: { in: db, contract: note, key: id }
apis:
  notes:
    auth: none
    expose: { rest: /v1 }
    operations:
      write: { rest: POST /notes, input: note, output: receipt, flow: write }
      list: { rest: GET /notes, table: kept }
flows:
  write: { steps: [{ publish: notes }], reply: { id: note.id } }
  keep: { from: notes, steps: [{ upsert: kept }] }
";
const CONTRACT: &str = r#"{ "type": "object", "required": ["id"], "additionalProperties": false,
  "properties": { "id": { "type": "string" }MORE } }"#;

/// Writes the contract, with a field that what is stored lacks, or as it was.
fn contract(folder: &Path, narrower: bool) {
    let text = match narrower {
        true => CONTRACT
            .replace("MORE", r#", "more": { "type": "string" }"#)
            .replace(r#"["id"]"#, r#"["id", "more"]"#),
        false => CONTRACT.replace("MORE", ""),
    };
    fs::write(folder.join("contracts/note/1.json"), text).unwrap();
}

fn start(arguments: &[&str]) -> (tempfile::TempDir, Server) {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir_all(folder.path().join("contracts/note")).unwrap();
    fs::write(folder.path().join("tenon.yaml"), PROJECT).unwrap();
    fs::create_dir_all(folder.path().join("contracts/receipt")).unwrap();
    fs::write(folder.path().join("contracts/receipt/1.json"), CONTRACT.replace("MORE", "")).unwrap();
    contract(folder.path(), false);
    let mut command =
        common::tenon(&[&["run", "--listen", "127.0.0.1:0", "--log-format", "text"], arguments].concat());
    command.current_dir(folder.path());
    (folder, Server::start(command))
}

/// Waits for something that comes.
#[track_caller]
fn until(what: &str, mut comes: impl FnMut() -> bool) {
    let began = Instant::now();
    while !comes() {
        assert!(began.elapsed() < common::LIMIT, "{what} does not come");
        common::pause(Duration::from_millis(20));
    }
}

/// What a metric says; 0 where it is not there.
fn metric(server: &Server, name: &str) -> u64 {
    let Some(answer) = server.get("/metrics") else { return 0 };
    let value = answer.body.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' ')?.parse().ok());
    value.unwrap_or(0)
}

fn post(server: &Server, body: &str) -> bool {
    common::ask(server.address, "POST", "/v1/notes", "", body).is_some_and(|answer| answer.status < 300)
}

/// A reload, asked for by a signal or by a change of a file.
fn reloads(by_signal: bool) {
    let (folder, mut server) = start(if by_signal { &[] } else { &["--watch"] });
    let ask = |server: &Server| {
        if by_signal {
            common::signal(&server.child, "HUP");
        }
    };
    assert!(post(&server, "{\"id\":\"one\"}"));
    until("the row", || server.get("/v1/notes").is_some_and(|answer| answer.body.contains("one")));

    // What is stored follows the contract as it was: the edit is refused, and the old plan goes on.
    let reloads = |server: &Server, result: &str| {
        metric(server, &format!("tenon_reloads_total{{result=\"{result}\"}}"))
    };
    contract(folder.path(), true);
    ask(&server);
    // One that is watched may be seen twice, while it is written and after.
    until("the refusal", || reloads(&server, "refused") > 0);
    assert_eq!((reloads(&server, "done"), metric(&server, "tenon_last_reload_successful")), (0, 0));
    assert!(post(&server, "{\"id\":\"two\"}"), "as before the edit");
    until("the row", || server.get("/v1/notes").is_some_and(|answer| answer.body.contains("two")));

    contract(folder.path(), false);
    fs::write(folder.path().join("tenon.yaml"), PROJECT.replace("GET /notes", "GET /all")).unwrap();
    ask(&server);
    until("the new plan", || server.get("/v1/all").is_some_and(|answer| answer.body.contains("two")));
    assert!(reloads(&server, "done") > 0);
    until("the end of the reload", || metric(&server, "tenon_last_reload_successful") == 1);
    common::signal(&server.child, "TERM");
    let text = server.wait();
    assert!(text.contains("C0201") && text.contains("keeping the previous plan"), "{text}");
}

#[test]
fn a_contract_that_is_edited_in_place_is_refused_by_a_reload_and_the_old_plan_serves_on() {
    reloads(true);
}

#[test]
fn a_contract_that_is_edited_in_place_is_refused_while_it_is_watched() {
    reloads(false);
}

/// A request whose body does not come, which holds up a stop.
fn unfinished(server: &Server) -> TcpStream {
    let mut stream = server.connect();
    let head =
        "POST /v1/notes HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: 90\r\n\r\n{";
    stream.write_all(head.as_bytes()).unwrap();
    // The request that asks is one itself.
    until("the request", || metric(server, "http_server_active_requests") == 2);
    stream
}

#[test]
fn a_second_signal_hurries_a_stop() {
    for name in ["TERM", "INT"] {
        let (_folder, mut server) = start(&[]);
        let _held = unfinished(&server);
        common::signal(&server.child, name);
        until("the refusal of new connections", || server.get("/livez").is_none());
        assert_eq!(server.has_ended(), None, "it waits for the request in hand");
        common::signal(&server.child, name);
        let text = server.wait();
        assert!(text.contains("stopped at once"), "{name}: {text}");
    }
}

#[test]
fn one_signal_stops_a_process_that_has_nothing_in_hand() {
    let (_folder, mut server) = start(&[]);
    common::signal(&server.child, "TERM");
    let text = server.wait();
    assert!(!text.contains("stopped at once") && !text.contains("not drained"), "{text}");
}
