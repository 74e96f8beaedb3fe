//! Sums that several flows keep by hand, one looking up and another one writing what comes back: they count as an aggregate does.

use tenon_engine::{Running, load};
use tenon_errors::Report;

use crate::{DAY, NONE, Project};

/// `number` looks the total up and publishes the next one, and `keep` writes it.
const SPLIT: &str = r#"  number:
    from: { file: { in: here, path: "${FILE:day1.csv}", format: csv, contract: sale } }
    steps:
      - lookup: { table: totals, key: sale.store, as: old, missing: none }
      - let: { before: old.?amount.orValue(0) }
      - map: { to: sale, fields: { store: sale.store, amount: before + sale.amount } }
      - publish: sales
  keep:
    from: sales
    steps:
      - map: { to: total, fields: { store: sale.store, amount: sale.amount } }
      - upsert: totals
"#;

const TABLES: &str = "tables:\n";
const TOPICS: &str = "topics:\n";

impl Project {
    /// The reports of a start that reads the source of `restart` again and rebuilds `rebuild`.
    async fn refused(&self, restart: &[&str], rebuild: &[&str]) -> Vec<Report> {
        let mut options = self.options("day1.csv");
        options.restart_sources = restart.iter().map(|it| (*it).to_owned()).collect();
        options.rebuild = rebuild.iter().map(|it| (*it).to_owned()).collect();
        let plan = load(&options).plan.unwrap_or_else(|reports| panic!("{reports:?}"));
        match Running::start(plan, options).await {
            Err(reports) => reports.iter().cloned().collect(),
            Ok(running) => {
                running.idle().await;
                running.drain().await;
                Vec::new()
            }
        }
    }

    /// Adds tables and topics to what every project here has.
    fn extend(&self, tables: &str, topics: &str) {
        let text = std::fs::read_to_string(self.path().join("tenon.yaml")).unwrap();
        let text = text.replace(TABLES, &format!("{TABLES}{tables}"));
        self.file("tenon.yaml", &text.replace(TOPICS, &format!("{TOPICS}{topics}")));
    }
}

#[tokio::test]
async fn a_sum_that_two_flows_keep_over_a_topic_is_not_counted_again() {
    let project = Project::new(SPLIT);
    project.file("day1.csv", DAY);
    assert!(project.run("day1.csv").await.is_empty());
    project.file("day2.csv", "store,amount\nS1,1\n");
    assert!(project.run("day2.csv").await.is_empty());
    assert_eq!(project.totals().await, "S1=101 S2=200");

    let cycle = "table `totals` → flow `number` → topic `sales` → flow `keep` → table `totals`";
    for flow in ["number", "keep"] {
        let reports = project.refused(&[flow], &[]).await;
        assert_eq!(reports[0].code().id, "F0020", "{flow}");
        assert!(reports[0].message().contains(cycle), "{}", reports[0].message());
        let hint = reports.last().unwrap().advice().unwrap().to_owned();
        assert!(hint.contains("--restart-source number") && hint.contains("--rebuild keep"), "{hint}");
    }
    let reports = project.refused(&[], &["keep"]).await;
    assert_eq!(reports[0].code().id, "F0021");
    assert!(reports[0].message().contains(cycle), "{}", reports[0].message());
    assert_eq!(project.totals().await, "S1=101 S2=200");

    // A file that was changed is refused as well.
    project.file("day1.csv", "store,amount\nS1,70\nS2,200\n");
    assert_eq!(project.run("day1.csv").await, ["F0020"]);
    assert_eq!(project.totals().await, "S1=101 S2=200");

    // All of it is made anew together.
    project.loses("sales").await;
    assert_eq!(project.refused(&["number"], &[]).await[0].code().id, "F0020");
    assert!(project.refused(&["number"], &["keep"]).await.is_empty());
    assert_eq!(project.totals().await, "S1=70 S2=200");
}

#[tokio::test]
async fn a_sum_that_goes_through_other_tables_and_topics_is_not_counted_again() {
    let project = Project::new(
        r#"  first:
    from: { file: { in: here, path: "${FILE:day1.csv}", format: csv, contract: sale } }
    steps:
      - lookup: { table: totals, key: sale.store, as: old, missing: none }
      - map: { to: sale, fields: { store: sale.store, amount: old.?amount.orValue(0) + sale.amount } }
      - publish: sales
  second: { from: sales, steps: [{ upsert: between }] }
  third:
    from: { file: { in: here, path: "tick.csv", format: csv, contract: sale } }
    steps:
      - lookup: { table: between, key: sale.store, as: found }
      - map: { to: sale, fields: { store: found.store, amount: found.amount } }
      - publish: back
  fourth:
    from: back
    steps: [{ map: { to: total, fields: { store: sale.store, amount: sale.amount } } }, { upsert: totals }]
"#,
    );
    project.extend(
        "  between: { in: db, contract: sale, key: store }\n",
        "  back: { in: bus, contract: sale, key: sale.store }\n",
    );
    project.file("day1.csv", DAY);
    project.file("tick.csv", "store,amount\n");
    assert!(project.run("day1.csv").await.is_empty());
    let way = [
        "→ flow `first` → topic `sales` → flow `second` → table `between`",
        "→ flow `third` → topic `back` → flow `fourth` → table `totals`",
    ];
    for flow in ["first", "second", "third", "fourth"] {
        let reports = project.refused(&[flow], &[]).await;
        assert_eq!(reports.first().map(|report| report.code().id), Some("F0020"), "{flow}");
        let message = reports[0].message();
        // It goes round, so it may be told from either table on.
        assert!(way.iter().all(|part| message.contains(part)), "{flow}: {message}");
    }
}

#[tokio::test]
async fn what_is_looked_up_and_does_not_come_back_changed_is_read_again() {
    // It goes to another table.
    let elsewhere = SPLIT.replace("upsert: totals", "upsert: sums");
    // It comes back as it was, beside what the message says.
    let carried = SPLIT
        .replace("as: old, missing: none", "as: old")
        .replace("      - let: { before: old.?amount.orValue(0) }\n", "")
        .replace("store: sale.store, amount: before + sale.amount", "store: old.store, amount: sale.amount");
    // Only another field of the topic is made of the row.
    let beside = SPLIT.replace(
        "fields: { store: sale.store, amount: sale.amount }",
        "fields: { store: sale.store, amount: 1 }",
    );
    for (flows, lost) in [(elsewhere, 0), (carried, 2), (beside, 0)] {
        let project = Project::new(&flows);
        project.extend("  sums: { in: db, contract: total, key: store }\n", "");
        project.file("day1.csv", DAY);
        assert!(project.run("day1.csv").await.is_empty(), "{flows}");
        let letters = tenon_engine::inspect::state(&project.options("day1.csv")).unwrap();
        let counts = letters.dead_letter_counts().await.unwrap();
        assert_eq!(counts.iter().map(|(_, _, count)| *count).sum::<u64>(), lost, "{flows}");
        drop(letters);
        for flow in ["number", "keep"] {
            assert_eq!(project.restart(flow).await, NONE, "{flow} of {flows}");
        }
    }
}

#[tokio::test]
async fn a_sum_that_two_flows_keep_in_the_tables_of_each_other_is_made_anew_by_both() {
    let flow = |name: &str, from: &str, to: &str, file: &str| {
        format!(
            "  {name}:
    from: {{ file: {{ in: here, path: {file}, format: csv, contract: sale }} }}
    steps:
      - lookup: {{ table: {from}, key: sale.store, as: old, missing: none }}
      - map: {{ to: total, fields: {{ store: sale.store, amount: old.?amount.orValue(0) + sale.amount }} }}
      - upsert: {to}
"
        )
    };
    let flows = flow("there", "totals", "sums", "day1.csv") + &flow("back", "sums", "totals", "day2.csv");
    let project = Project::new(&flows.replace("  back:\n", "  back:\n    after: [there]\n"));
    project.extend("  sums: { in: db, contract: total, key: store }\n", "");
    project.file("day1.csv", DAY);
    project.file("day2.csv", "store,amount\nS1,1\n");
    assert!(project.run("day1.csv").await.is_empty());
    assert_eq!(project.totals().await, "S1=101");
    for flow in ["there", "back"] {
        let reports = project.refused(&[flow], &[]).await;
        assert_eq!(reports[0].code().id, "F0020");
        let hint = reports[0].advice().unwrap();
        assert!(hint.contains("--rebuild there") && hint.contains("--rebuild back"), "{hint}");
        assert_eq!(project.refused(&[], &[flow]).await[0].code().id, "F0021");
    }
    assert!(project.refused(&[], &["there", "back"]).await.is_empty());
    assert_eq!(project.totals().await, "S1=101");
}
