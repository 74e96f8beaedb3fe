//! A topic that goes on to a newer version of its contract, and what it holds of the older one.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use std::{fs, path::Path};

use tenon_engine::{Options, Running, inspect, load, replay::replay};
use tenon_flows::replay::Newer;
use tenon_ports::DeadLetterQuery;

const ONE: &str = r#"{ "type": "object", "required": ["id"], "additionalProperties": false,
  "properties": { "id": { "type": "string" }, "note": { "type": "string" } } }"#;
const TWO: &str = r#"{ "type": "object", "required": ["id"], "additionalProperties": false,
  "properties": { "id": { "type": "string" }, "note": { "type": "string" },
    "currency": { "type": "string", "default": "EUR" } } }"#;
const STRICT: &str = r#"{ "type": "object", "required": ["id", "note"], "additionalProperties": false,
  "properties": { "id": { "type": "string" }, "note": { "type": "string" },
    "currency": { "type": "string", "default": "EUR" } } }"#;
const KEPT: &str = r#"{ "type": "object", "required": ["id", "currency"], "additionalProperties": false,
  "properties": { "id": { "type": "string" }, "currency": { "type": "string" } } }"#;

/// Rows that are published by one flow, and kept by another one.
struct Project(tempfile::TempDir);

impl Project {
    fn new() -> Self {
        let project = Self(tempfile::tempdir().unwrap());
        project.file("contracts/order/1.json", ONE);
        project.file("contracts/kept/1.json", KEPT);
        project.file("orders.jsonl", "{ \"id\": \"a\" }\n{ \"id\": \"bad\" }\n");
        project.at("order@1", "", "steps: [{ reject: { when: order.id == \"bad\", message: '\"bad\"' } }, { map: { to: kept, fields: { id: order.id, currency: { value: CHF } } } }, { upsert: kept }]");
        project
    }

    /// The topic at this version, with further keys, and what its consumer does.
    fn at(&self, version: &str, keys: &str, steps: &str) {
        self.file(
            "tenon.yaml",
            &format!(
                "project: shop
systems:
  here: {{ files: {{}} }}
  db: {{ sql: {{ url: \"sqlite://shop.db\" }} }}
  bus: {{ broker: {{ url: embedded }} }}
tables:
  kept: {{ in: db, contract: kept, key: id }}
topics:
  orders: {{ in: bus, contract: {version}, key: order.id{keys} }}
flows:
  load:
    from: {{ file: {{ in: here, path: orders.jsonl, format: jsonl, contract: {version} }} }}
    steps: [{{ publish: orders }}]
  keep:
    from: orders
    {steps}
"
            ),
        );
    }

    fn file(&self, path: &str, text: &str) {
        let path = self.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn options(&self) -> Options {
        Options::new(self.path().to_owned(), None, true)
    }

    async fn run(&self) {
        let plan = load(&self.options()).plan.unwrap_or_else(|reports| panic!("{reports:?}"));
        let started = Running::start(plan, self.options()).await;
        let running = started.unwrap_or_else(|reports| panic!("{reports:?}"));
        running.idle().await;
        running.drain().await;
    }

    /// The rows that are kept.
    async fn kept(&self) -> Vec<String> {
        let plan = load(&self.options()).plan.unwrap();
        let started = Running::start(plan, self.options()).await.unwrap();
        let rows = rows_of(&started).await;
        started.drain().await;
        rows
    }

    /// Flow, contract and code of each dead letter.
    async fn dead(&self) -> Vec<(String, String, String)> {
        let state = inspect::state(&self.options()).unwrap();
        let letters = state.dead_letters(DeadLetterQuery { limit: 10, ..DeadLetterQuery::default() });
        let letters = letters.await.unwrap().into_iter();
        letters.map(|it| (it.flow.to_string(), it.contract.to_string(), it.code.to_string())).collect()
    }

    /// Runs every dead letter again; the codes of those that failed, with what is behind them.
    async fn replay(&self) -> Vec<String> {
        let options = self.options();
        let plan = load(&options).plan.unwrap_or_else(|reports| panic!("{reports:?}"));
        let state = inspect::state(&options).unwrap();
        let letters = state.dead_letters(DeadLetterQuery { limit: 10, ..DeadLetterQuery::default() });
        let ids = letters.await.unwrap().into_iter().map(|letter| letter.id).collect();
        drop(state);
        let outcomes = replay(&plan, &options, ids, false, Newer::Ask, std::future::pending()).await.unwrap();
        let failures = outcomes.into_iter().filter_map(|outcome| outcome.failure);
        failures
            .map(|report| report.details().first().map_or_else(|| report.to_string(), ToString::to_string))
            .collect()
    }
}

async fn rows_of(running: &Running) -> Vec<String> {
    let plan = running.plan();
    let planned = inspect::find(&plan.tables, "kept", "table").unwrap();
    let database = running.world().databases.get(&planned.system.name).unwrap().clone();
    let query = tenon_ports::Query { limit: 100, ..tenon_ports::Query::default() };
    let page = database.list(&planned.name, query).await.unwrap();
    page.rows.iter().map(tenon_contracts::json::to_string).collect()
}

const KEEP: &str =
    "steps: [{ map: { to: kept, fields: { id: order.id, currency: order.currency } } }, { upsert: kept }]";

#[tokio::test]
async fn a_topic_goes_on_to_a_newer_version_and_its_older_messages_are_read_as_what_they_are() {
    let project = Project::new();
    project.run().await;
    assert_eq!(project.kept().await, [r#"{"id":"a","currency":"CHF"}"#]);
    let letter = |code: &str| vec![("keep".to_owned(), "order@1".to_owned(), code.to_owned())];
    assert_eq!(project.dead().await, letter("F0040"));

    // The newer version reads what the older one allows; the letter of the older one is lifted.
    project.file("contracts/order/2.json", TWO);
    project.at("order@2", "", KEEP);
    assert_eq!(project.replay().await, Vec::<String>::new());
    assert_eq!(project.dead().await, []);
    project.run().await;
    let kept = project.kept().await;
    assert_eq!(kept, [r#"{"id":"a","currency":"CHF"}"#, r#"{"id":"bad","currency":"EUR"}"#]);
}

#[tokio::test]
async fn a_version_that_does_not_read_what_a_topic_holds_is_refused_with_both_versions() {
    let project = Project::new();
    project.run().await;
    project.file("contracts/order/2.json", STRICT);
    project.at("order@2", "", KEEP);
    let reports = load(&project.options()).plan.unwrap_err();
    let said: Vec<String> = reports.iter().map(ToString::to_string).collect();
    assert!(
        said.iter().any(|it| it.contains("`order@1`, and `order@2` does not read all of them")),
        "{said:?}"
    );
}

#[tokio::test]
async fn a_letter_of_a_version_that_the_project_no_longer_has_says_so() {
    let project = Project::new();
    project.run().await;
    project.file("contracts/order/2.json", TWO);
    fs::remove_file(project.path().join("contracts/order/1.json")).unwrap();
    project.at("order@2", "", KEEP);
    let failures = project.replay().await;
    assert_eq!(failures.len(), 1, "{failures:?}");
    assert!(failures[0].contains("`order@1`, and what is known here is `order@2`"), "{failures:?}");
}

#[tokio::test]
async fn what_was_written_in_one_encoding_is_read_in_it_when_the_topic_has_another() {
    let project = Project::new();
    fs::remove_file(project.path().join("contracts/order/1.json")).unwrap();
    let avro = r#"{ "type": "record", "name": "Order", "fields": [{ "name": "id", "type": "string" }] }"#;
    project.file("contracts/order/1.avsc", avro);
    let to_kept = "map: { to: kept, fields: { id: order.id, currency: { value: CHF } } }";
    let refusing = format!(
        "steps: [{{ reject: {{ when: order.id == \"bad\", message: '\"bad\"' }} }}, {{ {to_kept} }}, {{ upsert: kept }}]"
    );
    project.at("order@1", ", encoding: avro, schema_ids: { order@1: 7 }", &refusing);
    project.run().await;
    assert_eq!(project.kept().await, [r#"{"id":"a","currency":"CHF"}"#]);
    assert_eq!(project.dead().await.len(), 1);
    let plan = load(&project.options()).plan.unwrap();
    let (shown, _) = inspect::messages(&plan.topics["orders"], &project.options(), 0, 10).await.unwrap();
    assert_eq!(
        shown.iter().map(inspect::ShownMessage::text).collect::<Vec<_>>(),
        [r#"{"id":"a"}"#, r#"{"id":"bad"}"#]
    );
    assert!(shown.iter().all(|message| message.bytes < 10), "they are Avro in a frame");

    // JSON from now on, and the registry is gone.
    project.at("order@1", "", &format!("steps: [{{ {to_kept} }}, {{ upsert: kept }}]"));
    assert_eq!(project.replay().await, Vec::<String>::new());
    let kept = project.kept().await;
    assert_eq!(kept, [r#"{"id":"a","currency":"CHF"}"#, r#"{"id":"bad","currency":"CHF"}"#]);
}
