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
