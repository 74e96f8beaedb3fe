//! Sources that are read again, replaced, renamed and made anew: what counts, and how often.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod bounds;
mod cycles;
mod fresh;

use std::{fs, path::Path};

use tenon_engine::{Options, Running, load};
use tenon_errors::Reports;
use tenon_flows::replay::Newer;
use tenon_model::Value;
use tenon_ports::{DeadLetterQuery, Query};

const CONTRACTS: [(&str, &str); 2] = [
    (
        "sale",
        r#"{ "type": "object", "required": ["store", "amount"], "additionalProperties": false, "properties": {
            "store": { "type": "string" }, "amount": { "type": "integer" } } }"#,
    ),
    (
        "total",
        r#"{ "type": "object", "required": ["store", "amount"], "additionalProperties": false, "properties": {
            "store": { "type": "string" }, "amount": { "type": "integer" }, "last": { "type": "integer" },
            "mean": { "type": "number", "format": "decimal" }, "rough": { "type": "number" } } }"#,
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
        self.column("amount").await
    }

    /// A column of the totals by store.
    async fn column(&self, name: &str) -> String {
        let options = self.options("day1.csv");
        let plan = load(&options).plan.unwrap_or_else(|reports| panic!("{reports:?}"));
        let table = plan.tables.values().find(|table| table.name.as_str() == "totals").unwrap();
        let database = tenon_engine::inspect::database(table, &options).await.unwrap();
        let page = database.list("totals", Query { limit: 5_000, ..Query::default() }).await.unwrap();
        let shown = |row: &Value| {
            format!(
                "{}={}",
                row.get("store").unwrap().as_str().unwrap(),
                row.get(name).unwrap_or(&Value::Null)
            )
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
    switch("sales");
    assert!(project.run("day1.csv").await.is_empty());
    switch("others");
    for _ in 0..2 {
        assert_eq!(project.run("day1.csv").await, ["F0020"], "it may hold the same");
        assert_eq!(project.totals().await, "S1=100 S2=200");
    }
    assert_eq!(project.as_new("sums").await, NONE);
    assert_eq!(project.totals().await, "S1=200 S2=400");
    for from in ["others", "sales"] {
        switch(from);
        assert!(project.run("day1.csv").await.is_empty(), "it is gone on with");
        assert_eq!(project.totals().await, "S1=200 S2=400", "{from}");
    }
    project.file("day1.csv", &format!("{DAY}S1,1\n"));
    assert!(project.run("day1.csv").await.is_empty());
    assert_eq!(project.totals().await, "S1=201 S2=400");
}

#[tokio::test]
async fn a_flow_that_comes_to_another_topic_counts_nothing_on_top() {
    let flows = |copy: &str, sums: &str| {
        format!(
            "  fill: {{ from: {{ file: {{ in: here, path: \"${{FILE:day1.csv}}\", format: csv, contract: sale }} }}, steps: [{{ publish: sales }}] }}
  copy: {{ from: {copy}, steps: [{{ publish: sales-v2 }}] }}
  sums:
    from: {sums}
    steps: [{{ aggregate: {{ into: totals, key: {{ store: sale.store }}, fields: {{ amount: {{ sum: sale.amount }} }} }} }}]
"
        )
    };
    let project = Project::new("");
    let switch = |copy: &str, sums: &str| {
        project.flows(&flows(copy, sums));
        let text = fs::read_to_string(project.path().join("tenon.yaml")).unwrap();
        let topics =
            "topics:\n  sales-v2: { in: bus, contract: sale }\n  sales-v3: { in: bus, contract: sale }\n";
        project.file("tenon.yaml", &text.replace("topics:\n", topics));
    };
    let file = "{ file: { in: here, path: day1.csv, format: csv, contract: sale } }";
    project.file("day1.csv", DAY);
    switch("sales", "sales");
    assert!(project.run("day1.csv").await.is_empty());
    switch("sales", "sales-v2");
    assert_eq!(project.run("day1.csv").await, ["F0020"]);
    switch("sales", file);
    assert_eq!(project.run("day1.csv").await, ["F0020"], "from a topic to a file");
    assert_eq!(project.totals().await, "S1=100 S2=200");
    switch("sales", "sales-v2");
    assert_eq!(project.rebuild("sums").await, NONE);
    assert_eq!(project.totals().await, "S1=100 S2=200");
    // What a flow publishes on top is counted by another one.
    switch("sales-v3", "sales-v2");
    assert_eq!(project.run("day1.csv").await, ["F0020"]);
    assert_eq!(project.as_new("copy").await, NONE);
    assert_eq!(project.totals().await, "S1=100 S2=200", "there is nothing in it");
}

/// Publishes a file, and sums what was published.
const THROUGH_A_TOPIC: &str = r#"  load:
    from: { file: { in: here, path: "${FILE:day1.csv}", format: csv, contract: sale } }
    steps: [{ publish: sales }]
  sums:
    from: sales
    steps: [{ aggregate: { into: totals, key: { store: sale.store }, fields: { amount: { sum: sale.amount } } } }]
"#;

impl Project {
    /// Takes the folder of a topic away, and says so.
    async fn loses(&self, topic: &str) {
        fs::remove_dir_all(self.path().join(".tenon/topics").join(topic)).unwrap();
        tenon_engine::state::accept(&self.options("day1.csv"), &format!("topics/{topic}")).await.unwrap();
    }

    async fn run_saying(&self, say: impl Fn(&mut Options)) -> Result<Vec<&'static str>, String> {
        let mut options = self.options("day1.csv");
        say(&mut options);
        let failed = self.run_with(options).await;
        failed.map_err(|reports| reports.iter().map(|it| it.code().id).collect::<Vec<_>>().join(" "))
    }

    /// The codes of what `tenon check` refuses.
    async fn checked(&self, say: impl Fn(&mut Options)) -> Vec<String> {
        let mut options = self.options("day1.csv");
        say(&mut options);
        let plan = load(&options).plan.unwrap_or_else(|reports| panic!("{reports:?}"));
        let findings = tenon_engine::reading::check(&plan, &options).await;
        findings.problems.iter().map(ToString::to_string).collect()
    }

    async fn rebuild(&self, flow: &str) -> Result<Vec<&'static str>, String> {
        self.run_saying(|options| options.rebuild = vec![flow.into()]).await
    }

    async fn restart(&self, flow: &str) -> Result<Vec<&'static str>, String> {
        self.run_saying(|options| options.restart_sources = vec![flow.into()]).await
    }

    async fn as_new(&self, flow: &str) -> Result<Vec<&'static str>, String> {
        self.run_saying(|options| options.as_new = vec![flow.into()]).await
    }
}

const NONE: Result<Vec<&str>, String> = Ok(Vec::new());

#[tokio::test]
async fn a_file_that_was_changed_is_not_counted_on_top_and_is_counted_anew_where_that_is_said() {
    let (day, changed) = ("store,amount\nann,1\nann,2\n", "store,amount\nbob,1\nann,2\n");
    let project = Project::new(SUMS);
    project.file("day1.csv", day);
    assert!(project.run("day1.csv").await.is_empty());
    assert_eq!(project.checked(|_| {}).await, [""; 0]);
    project.file("day1.csv", changed);
    for _ in 0..2 {
        let refused = project.checked(|_| {}).await;
        assert!(
            matches!(&*refused, [only] if only.contains("[F0020] `day1.csv` is not what `sums` has read under this name")),
            "{refused:?}"
        );
        assert_eq!(project.run("day1.csv").await, ["F0020"]);
        assert_eq!(project.totals().await, "ann=3");
    }
    assert_eq!(project.rebuild("sums").await, NONE);
    assert_eq!(project.totals().await, "ann=2 bob=1");
    assert!(project.run("day1.csv").await.is_empty());
    assert_eq!(project.totals().await, "ann=2 bob=1");
    project.file("day1.csv", day);
    assert_eq!(project.as_new("sums").await, NONE);
    assert_eq!(project.totals().await, "ann=5 bob=1", "it is a delivery of its own");
    // What stands before the position has changed, and the beginning has not.
    project.file("day1.csv", "store,amount\nann,1\nann,4\n");
    assert_eq!(project.as_new("sums").await, NONE);
    assert_eq!(project.as_new("sums").await, NONE);
    assert_eq!(project.totals().await, "ann=10 bob=1");
}

#[tokio::test]
async fn a_restart_that_would_count_twice_is_refused_and_changes_nothing() {
    let project = Project::new(SUMS);
    project.file("day1.csv", DAY);
    assert!(project.run("day1.csv").await.is_empty());
    assert_eq!(project.restart("sums").await, Err("F0020".to_owned()));
    let project = Project::new(THROUGH_A_TOPIC);
    project.file("day1.csv", DAY);
    assert!(project.run("day1.csv").await.is_empty());
    for flow in ["sums", "load"] {
        assert_eq!(project.restart(flow).await, Err("F0020".to_owned()));
    }
    assert_eq!(
        project.rebuild("load").await,
        Err("F0021".to_owned()),
        "what was published cannot be taken back"
    );
    assert!(project.run("day1.csv").await.is_empty());
    assert_eq!(project.totals().await, "S1=100 S2=200");
    assert_eq!(project.rebuild("sums").await, NONE);
    assert_eq!(project.totals().await, "S1=100 S2=200");
    // A changed file would be published on top.
    project.file("day1.csv", "store,amount\nS1,101\nS2,200\n");
    assert_eq!(project.run("day1.csv").await, ["F0020"]);
    assert_eq!(project.totals().await, "S1=100 S2=200");
}

#[tokio::test]
async fn a_source_is_read_again_where_its_rows_go_to_a_database() {
    let load = r#"  load:
    from: { file: { in: here, path: "${FILE:day1.csv}", format: csv, contract: sale } }
    steps: [{ map: { to: total, fields: { store: sale.store, amount: sale.amount } } }, { upsert: totals }]
"#;
    let through = r#"  load:
    from: { file: { in: here, path: "${FILE:day1.csv}", format: csv, contract: sale } }
    steps: [{ publish: sales }]
  keep:
    from: sales
    steps: [{ map: { to: total, fields: { store: sale.store, amount: sale.amount } } }, { upsert: totals }]
"#;
    let stores = |changed: usize| -> String {
        let row = |it: usize| format!("S{it:04},{}\n", if it == changed { 7 } else { 1 });
        format!("store,amount\n{}", (0..2_000).map(row).collect::<String>())
    };
    let project = Project::new(load);
    let shown = async |it: usize| {
        let (totals, wanted) = (project.totals().await, format!("S{it:04}="));
        totals.split(' ').find_map(|total| total.strip_prefix(&wanted).map(str::to_owned))
    };
    project.file("day1.csv", &stores(9_999));
    assert!(project.run("day1.csv").await.is_empty());
    // A correction of a row is not gone on over, and reading again takes it.
    project.file("day1.csv", &stores(1_990));
    assert_eq!(project.run("day1.csv").await, ["Y0301"]);
    assert_eq!(project.restart("load").await, NONE);
    assert_eq!(shown(1_990).await.as_deref(), Some("7"));
    assert!(project.run("day1.csv").await.is_empty());

    // What is read again comes even if the file is what it was, and once.
    for (flows, flow) in [(load, "load"), (through, "keep")] {
        let project = Project::new(flows);
        project.file("day1.csv", DAY);
        assert!(project.run("day1.csv").await.is_empty());
        project.flows(&flows.replace("amount: sale.amount", "amount: sale.amount + 1"));
        assert!(project.run("day1.csv").await.is_empty());
        assert_eq!(project.totals().await, "S1=100 S2=200");
        assert_eq!(project.restart(flow).await, NONE);
        assert_eq!(project.totals().await, "S1=101 S2=201", "{flow}");
        project.flows(flows);
        assert!(project.run("day1.csv").await.is_empty());
        assert_eq!(project.totals().await, "S1=101 S2=201", "{flow} is done");
    }
}

#[tokio::test]
async fn a_topic_that_was_made_anew_is_filled_and_counted_anew() {
    let project = Project::new(THROUGH_A_TOPIC);
    project.file("day1.csv", DAY);
    assert!(project.run("day1.csv").await.is_empty());
    project.loses("sales").await;
    let both = project.run_saying(|options| {
        options.restart_sources = vec!["load".into()];
        options.rebuild = vec!["sums".into()];
    });
    assert_eq!(both.await, NONE);
    assert_eq!(project.totals().await, "S1=100 S2=200");
    assert_eq!(project.checked(|_| {}).await, [""; 0]);
    project.loses("sales").await;
    for anew in ["not yet", "by a run"] {
        let refused = project.checked(|_| {}).await;
        assert!(
            matches!(&*refused, [only] if only.contains("[F0020] the topic `sales` was created again after `sums` read it")),
            "{anew}: {refused:?}"
        );
        for say in [
            |options: &mut Options| options.as_new = vec!["sums".into()],
            |options: &mut Options| options.rebuild = vec!["sums".into()],
        ] {
            assert_eq!(project.checked(say).await, [""; 0], "{anew}");
        }
        if anew == "not yet" {
            assert_eq!(project.restart("load").await, Ok(vec!["F0020"]), "what comes again was counted");
        }
        assert_eq!(project.run("day1.csv").await, ["F0020"]);
    }
    assert_eq!(project.totals().await, "S1=100 S2=200");
}

#[tokio::test]
async fn a_flow_under_another_name_does_not_count_what_it_has_counted() {
    let project = Project::new(SUMS);
    project.file("day1.csv", DAY);
    project.file("day2.csv", DAY);
    assert!(project.run("day1.csv").await.is_empty());
    project.flows(&SUMS.replace("sums:", "adds:"));
    assert_eq!(project.run("day1.csv").await, ["F0020"]);
    assert!(project.run("day2.csv").await.is_empty(), "which no flow has read");
    assert_eq!(project.totals().await, "S1=200 S2=400");
    assert_eq!(project.run("day1.csv").await, ["F0020"]);
    project.flows(SUMS);
    assert!(project.run("day1.csv").await.is_empty());
    assert_eq!(project.totals().await, "S1=200 S2=400");

    let project = Project::new(THROUGH_A_TOPIC);
    project.file("day1.csv", DAY);
    assert!(project.run("day1.csv").await.is_empty());
    project.flows(&THROUGH_A_TOPIC.replace("sums:", "adds:").replace("load:", "fill:"));
    assert_eq!(project.run("day1.csv").await, ["F0020", "F0020"]);
    assert_eq!(project.totals().await, "S1=100 S2=200");
    project.flows(&THROUGH_A_TOPIC.replace("sums:", "adds:"));
    assert_eq!(project.rebuild("adds").await, NONE);
    assert_eq!(project.totals().await, "S1=100 S2=200");
    // Another flow that fills an empty table begins at the start.
    let other = "  also:
    from: sales
    steps: [{ aggregate: { into: others, key: { store: sale.store }, fields: { amount: { sum: sale.amount } } } }]
";
    project.flows(&format!("{THROUGH_A_TOPIC}{other}").replace("sums:", "adds:"));
    let text = fs::read_to_string(project.path().join("tenon.yaml")).unwrap();
    project.file(
        "tenon.yaml",
        &text.replace("tables:\n", "tables:\n  others: { in: db, contract: total, key: store }\n"),
    );
    assert!(project.run("day1.csv").await.is_empty());
}

#[tokio::test]
async fn flows_that_exchange_names_or_sources_count_nothing_twice() {
    let read = |name: &str, file: &str, then: &str| {
        format!(
            "  {name}:\n    from: {{ file: {{ in: here, path: {file}, format: csv, contract: sale }} }}\n    steps: [{then}]\n"
        )
    };
    let add = "{ aggregate: { into: totals, key: { store: sale.store }, fields: { amount: { sum: sale.amount } } } }";
    let sums = format!("  sums:\n    from: sales\n    steps: [{add}]\n");
    for (then, sums, failed) in [(add, "", 2), ("{ publish: sales }", sums.as_str(), 2)] {
        let project =
            Project::new(&format!("{}{}{sums}", read("f", "day1.csv", then), read("g", "day2.csv", then)));
        project.file("day1.csv", DAY);
        project.file("day2.csv", DAY);
        assert!(project.run("day1.csv").await.is_empty());
        assert_eq!(project.totals().await, "S1=200 S2=400");
        project.flows(&format!("{}{}{sums}", read("g", "day1.csv", then), read("f", "day2.csv", then)));
        assert_eq!(project.run("day1.csv").await, vec!["F0020"; failed], "{then}");
        assert_eq!(project.totals().await, "S1=200 S2=400", "{then}");
        project.flows(&format!("{}{}{sums}", read("f", "day1.csv", then), read("g", "day2.csv", then)));
        assert!(project.run("day1.csv").await.is_empty(), "{then}");
        // A second flow that counts the same on purpose is as it says.
        project.flows(&format!(
            "{}{}{}{sums}",
            read("f", "day1.csv", then),
            read("g", "day2.csv", then),
            read("h", "day1.csv", then)
        ));
        assert!(project.run("day1.csv").await.is_empty(), "{then}");
        assert_eq!(project.totals().await, "S1=300 S2=600", "{then}");
    }
}

#[tokio::test]
async fn a_table_that_is_not_the_flows_alone_is_not_rebuilt() {
    let project = Project::new(SUMS);
    project.file("day1.csv", DAY);
    assert!(project.run("day1.csv").await.is_empty());
    let other = SUMS.replace("sums:", "more:").replace("${FILE:day1.csv}", "day2.csv");
    project.file("day2.csv", DAY);
    project.flows(&format!("{SUMS}{other}"));
    assert!(project.run("day1.csv").await.is_empty());
    assert_eq!(project.rebuild("sums").await, Err("F0021".to_owned()));
    project.flows(SUMS);
    assert_eq!(
        project.rebuild("sums").await,
        Err("F0021".to_owned()),
        "nothing would make the rows of the other again"
    );
    assert_eq!(project.totals().await, "S1=200 S2=400");
}

#[tokio::test]
async fn a_last_row_that_was_counted_and_goes_on_is_not_counted_twice() {
    let project = Project::new(SUMS);
    project.file("day1.csv", "store,amount\nS1,1\nS2,2");
    assert!(project.run("day1.csv").await.is_empty());
    project.file("day1.csv", "store,amount\nS1,1\nS2,2\nS1,5\nS2");
    assert!(project.run("day1.csv").await.is_empty());
    assert_eq!(project.totals().await, "S1=6 S2=2");
    // What became a dead letter was not counted.
    project.file("day1.csv", "store,amount\nS1,1\nS2,2\nS1,5\nS2,7");
    assert!(project.run("day1.csv").await.is_empty());
    assert_eq!(project.totals().await, "S1=6 S2=9");
    project.file("day1.csv", "store,amount\nS1,1\nS2,2\nS1,5\nS2,75\n");
    assert_eq!(project.run("day1.csv").await, ["F0020"]);
    assert_eq!(project.rebuild("sums").await, NONE);
    assert_eq!(project.totals().await, "S1=6 S2=77");
}

#[tokio::test]
async fn a_row_that_was_caught_within_its_quotes_leaves_no_letter_once_it_is_whole() {
    let keep = r#"  keep:
    from: { file: { in: here, path: "${FILE:day1.csv}", format: csv, contract: total } }
    steps: [{ upsert: totals }]
"#;
    for flows in [SUMS, keep] {
        let project = Project::new(flows);
        project.file("day1.csv", "store,amount\nS1,1\n\"S2");
        assert!(project.run("day1.csv").await.is_empty());
        assert_eq!((project.totals().await.as_str(), project.letters().await), ("S1=1", 1));
        // It has gone on, and is still not whole: one letter is of all of it.
        project.file("day1.csv", "store,amount\nS1,1\n\"S2 and");
        assert!(project.run("day1.csv").await.is_empty());
        assert_eq!((project.totals().await.as_str(), project.letters().await), ("S1=1", 1));
        project.file("day1.csv", "store,amount\nS1,1\n\"S2 and S3\",2\n");
        assert!(project.run("day1.csv").await.is_empty());
        assert_eq!((project.totals().await.as_str(), project.letters().await), ("S1=1 S2 and S3=2", 0));
    }
}

impl Project {
    /// How many dead letters there are.
    async fn letters(&self) -> usize {
        let query = DeadLetterQuery { limit: 100, ..DeadLetterQuery::default() };
        let state = tenon_engine::inspect::state(&self.options("day1.csv")).unwrap();
        state.dead_letters(query).await.unwrap().len()
    }

    /// Replays every dead letter; returns the codes of those that stay.
    async fn replay(&self, newer: Newer) -> Vec<&'static str> {
        let options = self.options("day1.csv");
        let plan = load(&options).plan.unwrap_or_else(|reports| panic!("{reports:?}"));
        let query = DeadLetterQuery { limit: 100, ..DeadLetterQuery::default() };
        let letters = tenon_engine::inspect::state(&options).unwrap().dead_letters(query).await.unwrap();
        let ids = letters.into_iter().map(|letter| letter.id).collect();
        let outcomes =
            tenon_engine::replay::replay(&plan, &options, ids, false, newer, std::future::pending())
                .await
                .unwrap();
        outcomes.iter().filter_map(|it| it.failure.as_ref()).map(|report| report.code().id).collect()
    }
}

#[tokio::test]
async fn a_replay_does_not_put_back_what_is_old_also_where_the_newer_came_in_another_file() {
    let flow = |reject: &str| {
        format!(
            "  keep:
    from: {{ file: {{ in: here, path: \"${{FILE:day1.csv}}\", format: csv, contract: total }} }}
    steps: [{reject}{{ upsert: totals }}]
"
        )
    };
    let rejecting = flow("{ reject: { when: \"total.amount < 3\", message: \"'too little'\" } }, ");
    let project = Project::new(&rejecting);
    project.file("day1.csv", "store,amount\nS1,9\nS1,1\nS2,9\nS2,2\nS1,5\n");
    assert!(project.run("day1.csv").await.is_empty());
    project.file("day2.csv", "store,amount\nS3,7\n");
    assert!(project.run("day2.csv").await.is_empty());
    project.flows(&flow(""));
    assert_eq!(project.replay(Newer::Ask).await, ["F0022"], "a later row has written S1");
    assert_eq!(project.totals().await, "S1=5 S2=2 S3=7");
    assert_eq!(project.replay(Newer::Overwrite).await, NONE.unwrap());
    assert_eq!(project.totals().await, "S1=1 S2=2 S3=7");

    project.flows(&rejecting);
    project.file("day3.csv", "store,amount\nS2,1\n");
    project.file("day4.csv", "store,amount\nS2,8\n");
    assert!(project.run("day3.csv").await.is_empty());
    assert!(project.run("day4.csv").await.is_empty());
    project.flows(&flow(""));
    assert_eq!(project.replay(Newer::Ask).await, ["F0022"], "the file of the next day has");
    assert_eq!(project.replay(Newer::Keep).await, NONE.unwrap());
    assert_eq!(project.totals().await, "S1=1 S2=8 S3=7");
}

#[tokio::test]
async fn a_replay_does_not_bring_back_a_row_that_another_flow_has_removed() {
    let keep = |reject: &str| {
        format!(
            "  keep:
    from: {{ file: {{ in: here, path: \"${{FILE:day1.csv}}\", format: csv, contract: total }} }}
    steps: [{reject}{{ upsert: totals }}]
"
        )
    };
    let rejecting = keep("{ reject: { when: \"total.amount < 3\", message: \"'too little'\" } }, ");
    let remove = "  remove:
    from: { file: { in: here, path: gone.csv, format: csv, contract: sale } }
    steps: [{ delete: { from: totals, key: sale.store } }]
";
    let project = Project::new(&rejecting);
    project.file("day1.csv", "store,amount\nS1,9\nS1,1\nS2,2\nS3,9\n");
    assert!(project.run("day1.csv").await.is_empty());
    // Another process, and a flow that has no dead letters of its own.
    project.flows(&format!("{rejecting}{remove}"));
    project.file("gone.csv", "store,amount\nS1,0\n");
    assert!(project.run("day1.csv").await.is_empty());
    assert_eq!(project.totals().await, "S3=9");
    // Nothing has come to S2 since, so that letter passes.
    project.flows(&format!("{}{remove}", keep("")));
    assert_eq!(project.replay(Newer::Ask).await, ["F0022"]);
    assert_eq!(project.totals().await, "S2=2 S3=9");
    // Who keeps the moves does not count: the flow that has removed the row may be gone.
    project.flows(&keep(""));
    assert_eq!(project.replay(Newer::Ask).await, ["F0022"]);
    assert_eq!(project.replay(Newer::Overwrite).await, NONE.unwrap());
    assert_eq!(project.totals().await, "S1=1 S2=2 S3=9");
}

#[tokio::test]
async fn a_replay_of_a_measure_brings_no_part_of_a_row_back_that_was_removed() {
    let sums = |reject: &str| SUMS.replace("steps: [", &format!("steps: [{reject}"));
    let rejecting = sums("{ reject: { when: \"sale.amount > 900\", message: \"'too much'\" } }, ");
    let remove = "  remove:
    from: { file: { in: here, path: gone.csv, format: csv, contract: sale } }
    steps: [{ delete: { from: totals, key: sale.store } }]
";
    let project = Project::new(&rejecting);
    project.file("day1.csv", "store,amount\nS1,9\nS1,1000\nS2,1000\nS3,9\nS3,1000\nS4,1\nS4,1000\n");
    project.file("day2.csv", "store,amount\nS3,5\nS4,5\n");
    assert!(project.run("day1.csv").await.is_empty());
    project.flows(&format!("{rejecting}{remove}"));
    project.file("gone.csv", "store,amount\nS1,0\nS3,0\n");
    assert!(project.run("day1.csv").await.is_empty());
    assert_eq!(project.totals().await, "S4=1");
    // One of the rows is made again, and another one was never removed.
    assert!(project.run("day2.csv").await.is_empty());
    assert_eq!(project.totals().await, "S3=5 S4=6");
    project.flows(&sums(""));
    assert_eq!(project.replay(Newer::Ask).await, ["F0022", "F0022"]);
    assert_eq!(project.totals().await, "S2=1000 S3=5 S4=1006");
    assert_eq!(project.replay(Newer::Keep).await, NONE.unwrap());
    assert_eq!(project.totals().await, "S2=1000 S3=5 S4=1006");
    assert_eq!(project.letters().await, 0);
}

/// Sums the amounts of a file by store, by hand.
const BY_HAND: &str = r#"  sums:
    from: { file: { in: here, path: "${FILE:day1.csv}", format: csv, contract: sale } }
    steps:
      - reject: { when: "sale.amount > 900", message: "'too much'" }
      - lookup: { table: totals, key: sale.store, as: old, missing: none }
      - let: { before: old.?amount.orValue(0) }
      - map: { to: total, fields: { store: sale.store, amount: before + sale.amount } }
      - upsert: totals
"#;

#[tokio::test]
async fn what_is_added_up_by_hand_counts_as_an_aggregate_does() {
    let project = Project::new(BY_HAND);
    project.file("day1.csv", "store,amount\nS1,100\nS1,1000\nS2,200\nS1,1\n");
    assert!(project.run("day1.csv").await.is_empty());
    assert_eq!(project.totals().await, "S1=101 S2=200");
    assert_eq!(project.restart("sums").await, Err("F0020".to_owned()));
    assert_eq!(project.totals().await, "S1=101 S2=200");
    project.file("day1.csv", "store,amount\nS1,70\nS1,1000\nS2,200\nS1,1\n");
    assert_eq!(project.run("day1.csv").await, ["F0020"]);
    assert_eq!(project.rebuild("sums").await, NONE);
    assert_eq!(project.totals().await, "S1=71 S2=200");
    // A letter is added to what the row holds now, where that is said.
    project.flows(&BY_HAND.replace("> 900", "> 9000"));
    assert_eq!(project.replay(Newer::Ask).await, ["F0022"]);
    assert_eq!(project.replay(Newer::Overwrite).await, NONE.unwrap());
    assert_eq!(project.totals().await, "S1=1071 S2=200");
    // A row of which a column is only carried over is the same however often.
    let carried = BY_HAND
        .replace("before + sale.amount", "sale.amount")
        .replace("before: old.?amount.orValue(0)", "before: '1'");
    let project = Project::new(&carried);
    project.file("day1.csv", DAY);
    assert!(project.run("day1.csv").await.is_empty());
    assert_eq!(project.restart("sums").await, NONE);
}

#[tokio::test]
async fn a_dead_letter_whose_message_comes_again_and_passes_is_gone() {
    let flow = |reject: &str| SUMS.replace("steps: [", &format!("steps: [{reject}"));
    let rejecting = flow("{ reject: { when: \"sale.amount < 3\", message: \"'too little'\" } }, ");
    let project = Project::new(&rejecting);
    project.file("day1.csv", "store,amount\nS1,9\nS1,1\n");
    project.file("day2.csv", "store,amount\nS2,2\nS2,8\n");
    assert!(project.run("day1.csv").await.is_empty());
    assert!(project.run("day2.csv").await.is_empty());
    assert_eq!(project.totals().await, "S1=9 S2=8");
    project.flows(&flow(""));
    assert_eq!(project.rebuild("sums").await, NONE);
    assert!(project.run("day2.csv").await.is_empty());
    assert_eq!(project.totals().await, "S1=10 S2=10");
    assert_eq!(project.replay(Newer::Ask).await, NONE.unwrap());
    assert_eq!(project.totals().await, "S1=10 S2=10", "nothing is left to be counted twice");
}

#[tokio::test]
async fn a_last_row_that_was_cut_is_corrected_where_it_is_a_row_and_not_counted_where_it_is_counted() {
    let file = "from: { file: { in: here, path: \"${FILE:day1.csv}\", format: csv, contract: sale } }";
    let keep = format!(
        "  keep: {{ {file}, steps: [{{ map: {{ to: total, fields: {{ store: sale.store, amount: sale.amount }} }} }}, {{ upsert: totals }}] }}\n"
    );
    let published =
        SUMS.replace(&SUMS[SUMS.find("from").unwrap()..SUMS.find("    steps").unwrap()], "from: sales\n");
    let published = format!("  fill: {{ {file}, steps: [{{ publish: sales }}] }}\n{published}");
    for (flows, failed, total) in
        [(keep.as_str(), None, 100), (SUMS, Some("F0020"), 10), (&published, Some("F0020"), 10)]
    {
        let project = Project::new(flows);
        project.file("day1.csv", "store,amount\nS2,1\nS1,10");
        let path = project.path().join("day1.csv");
        fs::File::options().write(true).open(path).unwrap().set_modified(std::time::UNIX_EPOCH).unwrap();
        assert!(project.run("day1.csv").await.is_empty());
        assert_eq!(project.totals().await, "S1=10 S2=1");
        project.file("day1.csv", "store,amount\nS2,1\nS1,100\n");
        assert_eq!(project.run("day1.csv").await, Vec::from_iter(failed), "{flows}");
        assert_eq!(project.totals().await, format!("S1={total} S2=1"), "{flows}");
    }
}

/// Averages the amounts of a file by store, exactly and as doubles.
const AVERAGES: &str = r#"  averages:
    from: { file: { in: here, path: "${FILE:day1.csv}", format: csv, contract: sale } }
    steps:
      - reject: { when: "sale.amount > 900", message: "'too much'" }
      - aggregate:
          into: totals
          key: { store: sale.store }
          fields: { amount: { sum: sale.amount }, mean: { avg: "sale.store == 'none' ? optional.none() : optional.of(sale.amount)" }, rough: { avg: sale.amount } }
"#;

#[tokio::test]
async fn an_average_is_that_of_every_message_also_after_replays_and_rebuilds() {
    let project = Project::new(AVERAGES);
    project.file("day1.csv", "store,amount\nS1,1\nS1,2\nS2,7\nS1,1000\nnone,5\n");
    project.file("day2.csv", "store,amount\nS1,2\nnone,6\n");
    assert!(project.run("day1.csv").await.is_empty());
    assert_eq!(project.column("mean").await, "S1=1.5 S2=7 none=null");
    for _ in 0..2 {
        assert!(project.run("day2.csv").await.is_empty());
        assert_eq!(project.column("mean").await, "S1=1.66666666666666666667 S2=7 none=null");
        assert_eq!(project.column("rough").await, "S1=1.6666666666666667 S2=7.0 none=5.5");
    }
    project.flows(&AVERAGES.replace("> 900", "> 9000"));
    assert_eq!(project.replay(Newer::Ask).await, NONE.unwrap());
    assert_eq!(project.column("mean").await, "S1=251.25 S2=7 none=null");
    // A rebuild begins from nothing, and the file that is there is counted once.
    assert_eq!(project.rebuild("averages").await, NONE);
    assert_eq!(project.column("mean").await, "S1=334.33333333333333333333 S2=7 none=null");
    assert_eq!(project.column("rough").await, "S1=334.3333333333333 S2=7.0 none=5.0");
}

#[tokio::test]
async fn an_average_that_something_else_has_written_is_not_gone_on_with() {
    let project =
        Project::new(&AVERAGES.replace("rough: { avg: sale.amount }", "rough: { last: sale.amount }"));
    project.file("day1.csv", "store,amount\nS1,1\nS2,7\n");
    project.file("day2.csv", "store,amount\nS1,4\nS3,5\n");
    assert!(project.run("day1.csv").await.is_empty());
    // `rough` is the last amount, and not known to be an average of anything.
    project.flows(AVERAGES);
    assert!(project.run("day2.csv").await.is_empty());
    assert_eq!(project.column("rough").await, "S1=1.0 S2=7.0 S3=5.0");
    assert_eq!(project.replay(Newer::Ask).await, ["F0004"]);
    let query = DeadLetterQuery { limit: 100, ..DeadLetterQuery::default() };
    let state = tenon_engine::inspect::state(&project.options("day1.csv")).unwrap();
    let letters = state.dead_letters(query).await.unwrap();
    let codes: Vec<_> = letters.iter().map(|letter| letter.code.as_str()).collect();
    assert_eq!(codes, ["F0024"]);
    drop(state);
    assert_eq!(project.rebuild("averages").await, NONE);
    assert!(project.run("day2.csv").await.is_empty());
    assert_eq!(project.column("rough").await, "S1=2.5 S2=7.0 S3=5.0");
}

#[tokio::test]
async fn a_topic_that_was_made_anew_keeps_the_dead_letters_of_the_first() {
    let flow = "  keep: { from: sales, steps: [{ reject: { when: \"true\", message: sale.store } }, { publish: others }] }
  fill:
    from: { file: { in: here, path: \"${FILE:day1.csv}\", format: csv, contract: sale } }
    steps: [{ publish: sales }]
";
    let project = Project::new(flow);
    let text = fs::read_to_string(project.path().join("tenon.yaml")).unwrap();
    let topics = "topics:\n  others: { in: bus, contract: sale, key: sale.store }\n";
    project.file("tenon.yaml", &text.replace("topics:\n", topics));
    for (file, row) in [("day1.csv", "first,1"), ("day2.csv", "second,2")] {
        project.file(file, &format!("store,amount\n{row}\n"));
        assert!(project.run(file).await.is_empty());
        project.loses("sales").await;
    }
    let query = DeadLetterQuery { limit: 100, ..DeadLetterQuery::default() };
    let letters =
        tenon_engine::inspect::state(&project.options("")).unwrap().dead_letters(query).await.unwrap();
    let mut kept: Vec<_> = letters.iter().map(|it| String::from_utf8_lossy(&it.bytes).into_owned()).collect();
    kept.sort();
    assert_eq!(kept.len(), 2);
    assert!(kept[0].contains("first") && kept[1].contains("second"), "{kept:?}");
    assert_eq!(letters[0].origin.position.offset, letters[1].origin.position.offset);
}
