//! The log and the list of dead letters, as those read them who look for what went wrong.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

use std::{
    fs,
    path::Path,
    process::{Command, Output},
};

use serde_json::Value;

const PROJECT: &str = "project: shop
systems:
  files: { files: {} }
  bus: { broker: { url: embedded } }
topics:
  orders: { in: bus, contract: order, key: order.id }
flows:
  load:
    from: { file: { in: files, path: orders.jsonl, format: jsonl, contract: order } }
    steps:
      - log: { message: '\"seen\"', level: warn, fields: { FIELDS } }
      - publish: orders
";
const ORDER: &str = r#"{ "type": "object", "required": ["id"], "additionalProperties": false,
  "properties": { "id": { "type": "string" }, "total": { "type": "number" } } }"#;

fn project(fields: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir_all(folder.path().join("contracts/order")).unwrap();
    let files = [
        ("tenon.yaml", PROJECT.replace("FIELDS", fields)),
        ("contracts/order/1.json", ORDER.to_owned()),
        ("orders.jsonl", "{\"id\":\"a\"}\n{\"id\":\"b\",\"totl\":2}\n".to_owned()),
    ];
    for (path, text) in files {
        fs::write(folder.path().join(path), text).unwrap();
    }
    folder
}

fn tenon(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_tenon"))
        .current_dir(folder)
        .args(arguments)
        .env_remove("TENON_LOG")
        .output()
        .unwrap()
}

fn run(folder: &Path) -> Vec<String> {
    let output = tenon(folder, &["run", "--until-idle", "--listen", "127.0.0.1:0", "--log-format", "json"]);
    String::from_utf8(output.stderr).unwrap().lines().map(str::to_owned).collect()
}

#[test]
fn the_fields_of_a_log_step_are_members_of_its_line() {
    let folder = project("id: order.id, exact: decimal(\"1.10\"), tags: '[order.id, \"x\"]'");
    let lines = run(folder.path());
    let line = lines.iter().find(|line| line.contains("\"message\":\"seen\"")).expect("the line of the step");
    let members: Value = serde_json::from_str(line).unwrap();
    for (name, value) in
        [("level", "WARN"), ("flow", "load"), ("step", "1:log"), ("origin", "orders.jsonl:1"), ("id", "a")]
    {
        assert_eq!(members[name], value, "{line}");
    }
    assert_eq!(members["tags"], serde_json::json!(["a", "x"]));
    assert!(line.contains("\"exact\":1.10"), "{line}");
    assert_eq!(members["trace_id"].as_str().unwrap().len(), 32, "{line}");
}

#[test]
fn a_field_of_a_log_step_cannot_be_called_like_what_every_line_has() {
    let folder = project("level: order.id");
    let output = tenon(folder.path(), &["check"]);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(said.contains("error[P0106]: every line of the log has a `level` of its own"), "{said}");
}

#[test]
fn a_dead_letter_is_logged_once_with_its_hint_and_listed_with_it() {
    let folder = project("id: order.id");
    let lines = run(folder.path());
    let about: Vec<_> = lines.iter().filter(|line| line.contains("totl")).collect();
    assert_eq!(about.len(), 1, "{lines:#?}");
    let output = tenon(folder.path(), &["dead", "list"]);
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(said.contains("= help: [D0003] use `total`, the nearest field of the contract"), "{said}");
}
