//! Sources that are read again, replaced, renamed and made anew: what counts, and how often.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use std::{fs, path::Path};

use tenon_engine::{Options, Running, load};
use tenon_errors::Reports;
use tenon_model::Value;
use tenon_ports::Query;

const CONTRACTS: [(&str, &str); 2] = [
    (
        "sale",
        r#"{ "type": "object", "required": ["store", "amount"], "additionalProperties": false, "properties": {
            "store": { "type": "string" }, "amount": { "type": "integer" } } }"#,
    ),
    (
        "total",
        r#"{ "type": "object", "required": ["store", "amount"], "additionalProperties": false, "properties": {
            "store": { "type": "string" }, "amount": { "type": "integer" }, "last": { "type": "integer" } } }"#,
    ),
];

/// Sums the amounts of a file by store.
const SUMS: &str = r#"  sums:
    from: { file: { in: here, path: "${FILE:day1.csv}", format: csv, contract: sale } }
    steps: [{ aggregate: { into: totals, key: { store: sale.store }, fields: { amount: { sum: sale.amount } } } }]
"#;

/// A project in a folder of its own, run until it is idle as often as wanted.
struct Project(tempfile::TempDir);

impl Project {
    fn new(flows: &str) -> Self {
        let project = Self(tempfile::tempdir().unwrap());
        for (name, contract) in CONTRACTS {
            project.file(&format!("contracts/{name}/1.json"), contract);
        }
        project.flows(flows);
        project
    }

    fn flows(&self, flows: &str) {
        let text = format!(
            "project: sales
systems:
  here: {{ files: {{}} }}
  db: {{ sql: {{ url: \"sqlite://sales.db\" }} }}
  bus: {{ broker: {{ url: embedded }} }}
tables:
  totals: {{ in: db, contract: total, key: store }}
topics:
  sales: {{ in: bus, contract: sale, key: sale.store }}
flows:
{flows}"
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

    fn options(&self, file: &str) -> Options {
        let mut options = Options::new(self.path().to_owned(), None, true);
        options.environment.insert("FILE".into(), file.into());
        options
    }

    /// Runs until idle with this file; returns the codes of flows that failed.
    async fn run(&self, file: &str) -> Vec<&'static str> {
        self.run_with(self.options(file)).await.unwrap_or_else(|reports| panic!("{reports:?}"))
    }

    async fn run_with(&self, options: Options) -> Result<Vec<&'static str>, Reports> {
        let plan = load(&options).plan.unwrap_or_else(|reports| panic!("{reports:?}"));
        let running = Running::start(plan, options).await?;
        running.idle().await;
        let failed = running.progress().into_iter().filter_map(|(_, progress)| match progress.state() {
            tenon_flows::FlowState::Failed(report) => Some(report.code().id),
            _ => None,
        });
        let failed = failed.collect();
        running.drain().await;
        Ok(failed)
    }

    /// The totals by store, as `S1=100 S2=200`.
    async fn totals(&self) -> String {
        let options = self.options("day1.csv");
        let plan = load(&options).plan.unwrap_or_else(|reports| panic!("{reports:?}"));
        let table = plan.tables.values().find(|table| table.name.as_str() == "totals").unwrap();
        let database = tenon_engine::inspect::database(table, &options).await.unwrap();
        let page = database.list("totals", Query { limit: 100, ..Query::default() }).await.unwrap();
        let shown = |row: &Value| {
            format!("{}={}", row.get("store").unwrap().as_str().unwrap(), row.get("amount").unwrap())
        };
        page.rows.iter().map(shown).collect::<Vec<_>>().join(" ")
    }
}

const DAY: &str = "store,amount\nS1,100\nS2,200\n";

#[tokio::test]
async fn a_file_under_another_name_is_another_delivery_whatever_it_holds() {
    let project = Project::new(SUMS);
    project.file("day1.csv", DAY);
    project.file("day2.csv", DAY);
    project.file("day3.csv", &format!("{DAY}S3,5\n"));
    for (file, totals) in [
        ("day1.csv", "S1=100 S2=200"),
        ("day2.csv", "S1=200 S2=400"),
        ("day3.csv", "S1=300 S2=600 S3=5"),
        // What was delivered does not count again when its name comes back.
        ("day1.csv", "S1=300 S2=600 S3=5"),
        ("day2.csv", "S1=300 S2=600 S3=5"),
    ] {
        assert!(project.run(file).await.is_empty());
        assert_eq!(project.totals().await, totals, "{file}");
    }
    project.file("day1.csv", &format!("{DAY}S1,1\n"));
    assert!(project.run("day1.csv").await.is_empty());
    assert_eq!(project.totals().await, "S1=301 S2=600 S3=5", "a file that has grown is gone on with");
}

#[tokio::test]
async fn a_flow_that_comes_back_to_a_topic_goes_on_where_it_was() {
    let flows = |from: &str| {
        format!(
            "  fill: {{ from: {{ file: {{ in: here, path: \"${{FILE:day1.csv}}\", format: csv, contract: sale }} }},
    steps: [{{ publish: sales }}, {{ publish: others }}] }}
  sums:
    from: {from}
    steps: [{{ aggregate: {{ into: totals, key: {{ store: sale.store }}, fields: {{ amount: {{ sum: sale.amount }} }} }} }}]
"
        )
    };
    let project = Project::new("");
    let switch = |from: &str| {
        project.flows(&flows(from));
        let text = fs::read_to_string(project.path().join("tenon.yaml")).unwrap();
        let topics = "topics:\n  others: { in: bus, contract: sale, key: sale.store }\n";
        project.file("tenon.yaml", &text.replace("topics:\n", topics));
    };
    project.file("day1.csv", DAY);
    for (from, totals) in
        [("sales", "S1=100 S2=200"), ("others", "S1=200 S2=400"), ("sales", "S1=200 S2=400")]
    {
        switch(from);
        assert!(project.run("day1.csv").await.is_empty());
        assert_eq!(project.totals().await, totals, "{from}");
    }
    project.file("day1.csv", &format!("{DAY}S1,1\n"));
    assert!(project.run("day1.csv").await.is_empty());
    assert_eq!(project.totals().await, "S1=201 S2=400");
}
