//! Rows under keys that are made anew: what comes again would make further rows, so it counts as what is added up does.

use crate::{DAY, NONE, Project};

/// `load` publishes each sale, `PUBLISHED` made of its store, and `keep` writes a row for it under `KEPT`.
const OVER_A_TOPIC: &str = r#"  load:
    from: { file: { in: here, path: "${FILE:day1.csv}", format: csv, contract: sale } }
    steps:
      - map: { to: sale, fields: { store: "PUBLISHED", amount: sale.amount } }
      - publish: sales
  keep:
    from: sales
    steps:
      - let: { key: "KEPT" }
      - map: { to: total, fields: { store: key, amount: sale.amount } }
      - upsert: totals
"#;

fn over_a_topic(published: &str, kept: &str) -> String {
    OVER_A_TOPIC.replace("PUBLISHED", published).replace("KEPT", kept)
}

/// Writes a row for each sale of a file.
fn from_a_file(key: &str) -> String {
    format!(
        r#"  keep:
    from: {{ file: {{ in: here, path: "${{FILE:day1.csv}}", format: csv, contract: sale }} }}
    steps:
      - map: {{ to: total, fields: {{ store: "{key}", amount: sale.amount, last: "timestamp('2026-01-01T00:00:00Z') < now() ? 1 : 0" }} }}
      - upsert: totals
"#
    )
}

impl Project {
    async fn rows(&self) -> usize {
        self.totals().await.split(' ').filter(|row| !row.is_empty()).count()
    }
}

#[tokio::test]
async fn a_file_that_was_changed_makes_no_further_rows_under_new_keys() {
    for (key, failed) in [
        ("string(uuid())", Some("F0020")),
        ("sale.store + string(uuid7())", Some("F0020")),
        ("sale.store + string(now())", Some("F0020")),
        ("sale.store", None),
        ("string(uuid5('url', sale.store))", None),
    ] {
        let project = Project::new(&from_a_file(key));
        project.file("day1.csv", DAY);
        assert!(project.run("day1.csv").await.is_empty(), "{key}");
        assert_eq!(project.rows().await, 2, "{key}");
        project.file("day1.csv", &DAY.replace("100", "70"));
        assert_eq!(project.run("day1.csv").await, Vec::from_iter(failed), "{key}");
        assert_eq!(project.rows().await, 2, "{key}");
        assert_eq!(project.rebuild("keep").await, NONE, "{key}");
        assert_eq!(project.rows().await, 2, "{key}");
        assert_eq!(project.restart("keep").await.err().as_deref(), failed, "{key}");
        project.file("day2.csv", DAY);
        assert!(project.run("day2.csv").await.is_empty(), "{key}: another name is another delivery");
        assert_eq!(project.rows().await, if failed.is_some() { 4 } else { 2 }, "{key}");
    }
}

#[tokio::test]
async fn what_is_published_again_makes_no_further_rows_under_new_keys() {
    let (anew, clock) = ("sale.store + string(uuid())", "sale.store + string(now())");
    // An id is drawn from the origin of a message, so that it is the same where that comes again from the same topic.
    for (published, kept, load, keep) in [
        (anew, "sale.store", Err("F0020"), Ok(())),
        (clock, "sale.store", Err("F0020"), Ok(())),
        ("sale.store", anew, Err("F0020"), Ok(())),
        ("sale.store", clock, Err("F0020"), Err("F0020")),
        ("sale.store", "sale.store", Ok(()), Ok(())),
    ] {
        let project = Project::new(&over_a_topic(published, kept));
        project.file("day1.csv", DAY);
        assert!(project.run("day1.csv").await.is_empty());
        assert_eq!(project.rows().await, 2);
        for (flow, expected) in [("load", load), ("keep", keep)] {
            let restarted = project.restart(flow).await;
            let code = restarted.as_ref().map(|_| ()).map_err(String::as_str);
            assert_eq!(code, expected, "{published} {kept} {flow}");
            assert_eq!(project.rows().await, 2, "{published} {kept} {flow}");
        }
        project.file("day1.csv", &DAY.replace("100", "70"));
        assert_eq!(project.run("day1.csv").await, Vec::from_iter(load.err()), "{published} {kept}");
        assert_eq!(project.rows().await, 2, "{published} {kept}");
    }
}

#[tokio::test]
async fn the_key_of_a_row_that_was_looked_up_is_not_made_anew() {
    let project = Project::new(&from_a_file("string(uuid())"));
    project.file("day1.csv", "store,amount\nS1,1\n");
    assert!(project.run("day1.csv").await.is_empty());
    let found = r#"  again:
    from: { file: { in: here, path: "${FILE:day1.csv}", format: csv, contract: sale } }
    steps:
      - lookup: { table: totals, key: sale.store, as: old, missing: none }
      - filter: old != null
      - map: { to: total, fields: { store: old.store, amount: sale.amount } }
      - upsert: totals
"#;
    project.flows(found);
    project.file("day2.csv", "store,amount\nS1,1\n");
    assert!(project.run("day2.csv").await.is_empty());
    assert_eq!(project.restart("again").await, NONE);
}
