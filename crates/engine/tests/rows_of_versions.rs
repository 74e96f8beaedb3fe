//! Rows that follow an older version of the contract that their table has now: lifted as they are read, or refused with both versions.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use std::{fs, path::Path};

use tenon_engine::{Options, Running, inspect, load};

const ONE: &str = r#"{ "type": "object", "required": ["id", "size"], "additionalProperties": false, "properties": {
  "id": { "type": "string" },
  "size": { "type": "object", "required": ["n"], "additionalProperties": false, "properties": { "n": { "type": "integer" } } } } }"#;
/// Further fields, of the row and of what is nested in it, have a value where they are absent.
const LIFTED: &str = r#"{ "type": "object", "required": ["id", "size"], "additionalProperties": false, "properties": {
  "id": { "type": "string" },
  "state": { "type": "string", "default": "open" },
  "size": { "type": "object", "required": ["n"], "additionalProperties": false,
    "properties": { "n": { "type": "integer" }, "unit": { "type": "string", "default": "kg" } } } } }"#;

struct Project(tempfile::TempDir);

impl Project {
    /// One row of version 1.
    async fn new() -> Self {
        let project = Self(tempfile::tempdir().unwrap());
        project.file("contracts/kept/1.json", ONE);
        project.file("rows.jsonl", "{ \"id\": \"a\", \"size\": { \"n\": 1 } }\n");
        project.at(1);
        project.rows().await.unwrap();
        project
    }

    /// The table at this version.
    fn at(&self, version: u32) {
        let text = format!(
            "project: shop
systems:
  here: {{ files: {{}} }}
  db: {{ sql: {{ url: \"sqlite://shop.db\" }} }}
tables:
  kept: {{ in: db, contract: kept@{version}, key: id }}
flows:
  load:
    from: {{ file: {{ in: here, path: rows.jsonl, format: jsonl, contract: kept@{version} }} }}
    steps: [{{ upsert: kept }}]
"
        );
        self.file("tenon.yaml", &text);
    }

    fn file(&self, path: &str, text: &str) {
        let path = self.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    /// The rows after a run, or why there is none.
    async fn rows(&self) -> Result<Vec<String>, Vec<String>> {
        let said = |reports: tenon_errors::Reports| {
            reports.iter().map(|it| format!("{it} {}", it.advice().unwrap_or_default())).collect::<Vec<_>>()
        };
        let options = Options::new(self.path().to_owned(), None, true);
        let plan = load(&options).plan.map_err(said)?;
        let running = Running::start(plan, options).await.map_err(said)?;
        running.idle().await;
        let planned = inspect::find(&running.plan().tables, "kept", "table").unwrap().clone();
        let database = running.world().databases.get(&planned.system.name).unwrap().clone();
        let query = tenon_ports::Query { limit: 100, ..tenon_ports::Query::default() };
        let page = database.list(&planned.name, query).await.unwrap();
        running.drain().await;
        Ok(page.rows.iter().map(tenon_contracts::json::to_string).collect())
    }
}

#[tokio::test]
async fn a_row_of_an_older_version_is_read_as_the_version_of_today() {
    let project = Project::new().await;
    project.file("contracts/kept/2.json", LIFTED);
    project.at(2);
    let said = project.rows().await.unwrap_err();
    assert!(said[0].contains("Y0101") && said[0].contains("ADD COLUMN \"state\" TEXT"), "{said:?}");
    let connection = rusqlite::Connection::open(project.path().join(".tenon/shop.db")).unwrap();
    connection.execute("ALTER TABLE \"kept\" ADD COLUMN \"state\" TEXT", []).unwrap();
    drop(connection);
    let row = r#"{"id":"a","state":"open","size":{"n":1,"unit":"kg"}}"#;
    assert_eq!(project.rows().await.unwrap(), [row]);
}

#[tokio::test]
async fn rows_that_the_version_of_today_does_not_read_are_refused_with_both_versions() {
    let project = Project::new().await;
    project.at(2);
    for (from, to) in [
        (r#""required": ["id", "size"]"#, r#""required": ["id", "size", "state"]"#),
        (
            r#""properties": { "n": { "type": "integer" }"#,
            r#""properties": { "n": { "type": "integer", "maximum": 0 }"#,
        ),
        (r#""required": ["n"]"#, r#""required": ["n", "unit"]"#),
        (r#""n": { "type": "integer" }"#, r#""n": { "type": "string" }"#),
    ] {
        let text = LIFTED.replace(", \"default\": \"open\"", "").replace(", \"default\": \"kg\"", "");
        assert!(text.contains(from));
        project.file("contracts/kept/2.json", &text.replace(from, to));
        let said = project.rows().await.unwrap_err();
        let wanted = "the rows of the table `kept` follow `kept@1`, and `kept@2` does not read all of them";
        assert!(said.iter().any(|it| it.contains("C0201") && it.contains(wanted)), "{to}: {said:?}");
    }
}
