//! What a contract calls personal stays out of logs and dead letters, also where an expression fails on it.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{fs, path::Path, process::Command};

const PROJECT: &str = r#"project: people
systems:
  files: { files: { folder: data } }
  db: { sql: { url: "sqlite://people.db" } }
tables:
  people: { in: db, contract: person, key: id }
flows:
  load:
    from: { file: { in: files, path: people.jsonl, format: jsonl, contract: row } }
    steps:
      - map: { to: person, fields: { id: row.id, number: int(row.number) } }
      - upsert: people
"#;
const ROW: &str = r#"{ "type": "object", "required": ["id", "number"], "additionalProperties": false, "properties": {
  "id": { "type": "integer" }, "number": { "type": "string", "x-sensitivity": "personal" } } }"#;

fn said(project: &Path, arguments: &[&str]) -> String {
    let output =
        Command::new(env!("CARGO_BIN_EXE_tenon")).current_dir(project).args(arguments).output().unwrap();
    let texts = [output.stdout, output.stderr];
    texts.map(|text| String::from_utf8_lossy(&text).into_owned()).concat()
}

#[test]
fn an_expression_that_fails_on_a_personal_field_does_not_show_it() {
    let project = tempfile::tempdir().unwrap();
    let write = |path: &str, text: &str| {
        let path = project.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    };
    write("tenon.yaml", PROJECT);
    write("contracts/row/1.json", ROW);
    write("contracts/person/1.json", &ROW.replace("string", "integer"));
    write("data/people.jsonl", "{ \"id\": 1, \"number\": \"123-45-6789\" }\n");
    let run = said(project.path(), &["run", "--dev", "--until-idle", "--listen", "127.0.0.1:0"]);
    let shown = said(project.path(), &["dead", "show"]);
    for text in [run, shown] {
        assert!(text.contains("M0007") && text.contains("row.number"), "{text}");
        assert!(!text.contains("6789"), "{text}");
    }
}

const ENCODED: &str = r#"project: people
systems:
  files: { files: { folder: data } }
  db: { sql: { url: "sqlite://people.db" } }
  bus: { broker: { url: embedded } }
tables:
  people: { in: db, contract: row, key: id }
topics:
  people: { in: bus, contract: person, encoding: protobuf }
flows:
  load:
    from: { file: { in: files, path: people.jsonl, format: jsonl, contract: row } }
    steps:
      - map: { to: person, fields: { id: row.id, number: row.number } }
      - publish: people
  keep:
    from: people
    steps:
      - reject: { when: person.id == 1, message: '"not this one"' }
      - map: { to: row, fields: { id: person.id, number: person.number } }
      - upsert: people
"#;
const PERSON: &str = "syntax = \"proto3\";\nmessage Person {\n  int64 id = 1;\n  string number = 2 [debug_redact = true];\n}\n";

#[test]
fn what_is_not_json_is_shown_as_json_and_masked_as_json_is() {
    let project = tempfile::tempdir().unwrap();
    let write = |path: &str, text: &str| {
        let path = project.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    };
    write("tenon.yaml", ENCODED);
    write("contracts/row/1.json", ROW);
    write("contracts/person/1.proto", PERSON);
    write("data/people.jsonl", "{ \"id\": 1, \"number\": \"123-45-6789\" }\n");
    said(project.path(), &["run", "--dev", "--until-idle"]);
    let topics = said(project.path(), &["topics", "people"]);
    assert!(topics.contains(r#"0  {"id":1,"number":"123-45-6789"}"#), "{topics}");
    let shown = said(project.path(), &["dead", "show"]);
    assert!(shown.contains(r#"bytes     {"id":1,"number":"***"}"#) && shown.contains("--reveal"), "{shown}");
    let revealed = said(project.path(), &["dead", "show", "--reveal"]);
    assert!(revealed.contains(r#"bytes     {"id":1,"number":"123-45-6789"}"#), "{revealed}");
    assert!(!revealed.contains("is masked"), "{revealed}");
    let machine = said(project.path(), &["topics", "people", "--format", "jsonl"]);
    assert!(machine.contains(r#""value":{"id":1,"number":"123-45-6789"}"#), "{machine}");

    // Without the version that a message says it follows, nobody can tell what it is.
    fs::rename(
        project.path().join("contracts/person/1.proto"),
        project.path().join("contracts/person/2.proto"),
    )
    .unwrap();
    let unreadable = said(project.path(), &["topics", "people"]);
    assert!(unreadable.contains("0  (15 bytes that cannot be read: [D0401] "), "{unreadable}");
    let hidden = said(project.path(), &["dead", "show"]);
    assert!(hidden.contains("bytes     ***") && !hidden.contains("6789"), "{hidden}");
}
