//! What the log says of callers who were refused: who, what and why, and no credentials.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod common;

use std::fs;

use common::Server;
use serde_json::Value;

const PROJECT: &str = "project: notes
systems:
  db: { sql: { url: 'sqlite://notes.db' } }
tables:
  notes: { in: db, contract: note, key: id }
apis:
  notes:
    auth:
      api_keys:
        ann-1: { owner: ann, key: '${secret:ANN}', scopes: [write] }
        ann-2: { owner: ann, key: '${secret:OLD}', scopes: [read], expires: '2020-01-01T00:00:00Z' }
    expose: { rest: /v1 }
    operations:
      list: { rest: GET /notes, table: notes, scope: read }
";

#[test]
fn every_refusal_says_who_what_and_why_and_shows_no_credentials() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir_all(folder.path().join("contracts/note")).unwrap();
    let contract = r#"{ "type": "object", "required": ["id"], "additionalProperties": false,
        "properties": { "id": { "type": "string" } } }"#;
    fs::write(folder.path().join("contracts/note/1.json"), contract).unwrap();
    fs::write(folder.path().join("tenon.yaml"), PROJECT).unwrap();
    let keys = ["the key of ann that is good", "the key of ann that is old", "the key of nobody at all"];
    let mut command = common::tenon(&["run", "--listen", "127.0.0.1:0", "--log-format", "json"]);
    command.current_dir(folder.path()).env("ANN", keys[0]).env("OLD", keys[1]).env_remove("TENON_LOG");
    let mut server = Server::start(command);
    let ask = |header: &str| common::ask(server.address, "GET", "/v1/notes", header, "").unwrap().status;
    let [good, old, wrong] = keys.map(|key| format!("x-api-key: {key}\r\n"));
    assert_eq!([ask(""), ask(&good), ask(&old), ask(&wrong)], [401, 403, 401, 401]);
    common::signal(&server.child, "TERM");
    let log = server.wait();
    let audited: Vec<Value> = log
        .lines()
        .filter_map(|line| serde_json::from_str(line).ok())
        .filter(|line: &Value| line["target"] == "tenon::audit")
        .collect();
    let field = |name: &str| audited.iter().map(|line| line[name].as_str().unwrap_or("")).collect::<Vec<_>>();
    assert_eq!(field("code"), ["S0001", "S0003", "S0002", "S0002"], "{log}");
    assert_eq!(field("principal"), ["", "ann", "", ""]);
    assert_eq!(field("credential"), ["", "ann-1", "", ""]);
    assert_eq!(field("route"), ["/v1/notes"; 4]);
    assert_eq!(field("client"), ["127.0.0.1"; 4]);
    let reasons = field("reason");
    assert!(reasons[1].contains("`ann` carries [write]"), "{reasons:?}");
    assert!(reasons[2].starts_with("the API key `ann-2` of `ann` expired at 2020-01-01"), "{reasons:?}");
    for key in keys {
        assert!(!log.contains(key), "{log}");
    }
}
