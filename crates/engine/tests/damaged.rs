//! A damaged database, or a topic that cannot be read, keeps only what uses it from running, and says so.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use std::{fmt::Write, fs, path::Path};

use tempfile::TempDir;
use tenon_engine::{Options, Running, inspect, load};
use tenon_flows::FlowState;

const PROJECT: &str = r#"project: two
systems:
  here: { files: { folder: in } }
  a: { sql: { url: "sqlite://a.db" } }
  b: { sql: { url: "sqlite://b.db" } }
tables:
  ta: { in: a, contract: row, key: id }
  tb: { in: b, contract: row, key: id }
flows:
  fa: { from: { file: { in: here, path: a.csv, contract: row } }, steps: [{ upsert: ta }] }
  fb: { from: { file: { in: here, path: b.csv, contract: row } }, steps: [{ upsert: tb }] }
"#;
const ROW: &str = r#"{ "type": "object", "required": ["id", "t"], "additionalProperties": false,
  "properties": { "id": { "type": "integer" }, "t": { "type": "string" } } }"#;
const ROWS: u64 = 2_000;

/// A project of this text, whose rows are written by [`deliver`].
fn project(text: &str) -> TempDir {
    let project = tempfile::tempdir().unwrap();
    fs::create_dir_all(project.path().join("contracts/row")).unwrap();
    fs::create_dir_all(project.path().join("in")).unwrap();
    fs::write(project.path().join("tenon.yaml"), text).unwrap();
    fs::write(project.path().join("contracts/row/1.json"), ROW).unwrap();
    project
}

/// Writes the rows of both files anew.
fn deliver(project: &Path, rows: &str) {
    for name in ["a", "b"] {
        fs::write(project.join(format!("in/{name}.csv")), format!("id,t\n{rows}")).unwrap();
    }
}

fn options(project: &Path) -> Options {
    Options::new(project.to_owned(), None, true)
}

/// Runs until nothing goes on; the flows that failed or are stalled, with their codes.
async fn run(project: &Path) -> Vec<(String, &'static str, bool)> {
    let options = options(project);
    let running = Running::start(load(&options).plan.unwrap(), options).await.unwrap();
    running.idle().await;
    let problem = |flow: &str, state| match state {
        FlowState::Failed(report) => Some((flow.to_owned(), report.code().id, true)),
        FlowState::Stalled(report) => Some((flow.to_owned(), report.code().id, false)),
        _ => None,
    };
    let states = running.progress().into_iter();
    let problems = states.filter_map(|(flow, progress)| problem(flow.name.as_str(), progress.state()));
    let problems = problems.collect();
    running.drain().await;
    problems
}

/// The number of rows of a table, as one who looks sees it, or the code of what keeps it from being seen.
async fn count(project: &Path, table: &str) -> Result<u64, &'static str> {
    let options = options(project);
    let plan = load(&options).plan.unwrap();
    let table = inspect::find(&plan.tables, table, "table").unwrap();
    let database = inspect::database(table, &options).await.map_err(|report| report.code().id)?;
    database.count(&table.name).await.map_err(|report| report.code().id)
}

#[tokio::test]
async fn a_damaged_database_keeps_only_its_flow_from_running() {
    type Damage = fn(&mut Vec<u8>);
    let half: Damage = |bytes| bytes.truncate(bytes.len() / 2);
    let byte: Damage = |bytes| bytes.truncate(bytes.len() - 1);
    let text: Damage = |bytes| bytes[..100].fill(b'x');
    // The first byte of a page says what it holds.
    let pages: Damage = |bytes| bytes.iter_mut().skip(4096).step_by(4096).for_each(|kind| *kind ^= 0x10);
    for (damage, checked, failed, seen) in [
        (half, Some("Y0205"), "Y0205", "Y0205"),
        (byte, Some("Y0205"), "Y0205", "Y0205"),
        (text, Some("Y0106"), "Y0106", "Y0106"),
        (pages, None, "Y0106", "Y0106"),
    ] {
        let project = project(PROJECT);
        let path = project.path();
        let mut rows = String::new();
        (0..ROWS).for_each(|id| writeln!(rows, "{id},{}", "x".repeat(60)).unwrap());
        deliver(path, &rows);
        assert_eq!(run(path).await, []);
        assert_eq!((count(path, "ta").await, count(path, "tb").await), (Ok(ROWS), Ok(ROWS)));
        let file = path.join(".tenon/a.db");
        let mut bytes = fs::read(&file).unwrap();
        damage(&mut bytes);
        fs::write(&file, bytes).unwrap();
        rows += "50000,new\n";
        deliver(path, &rows);
        let loaded = load(&options(path));
        assert!(loaded.plan.is_ok(), "{failed}");
        assert_eq!(loaded.warnings.iter().map(|it| it.code().id).next(), checked, "{:?}", loaded.warnings);
        assert_eq!(count(path, "ta").await, Err(seen));
        assert_eq!(run(path).await, [("fa".to_owned(), failed, true)]);
        assert_eq!((count(path, "ta").await, count(path, "tb").await), (Err(seen), Ok(ROWS + 1)));
    }
}

const TOPICS: &str = r#"project: two
systems:
  here: { files: { folder: in } }
  a: { sql: { url: "sqlite://a.db" } }
  bus: { broker: { url: embedded } }
tables:
  ta: { in: a, contract: row, key: id }
  tb: { in: a, contract: row, key: id }
topics:
  xa: { in: bus, contract: row }
  xb: { in: bus, contract: row }
flows:
  fa: { from: { file: { in: here, path: a.csv, contract: row } }, steps: [{ publish: xa }] }
  fb: { from: { file: { in: here, path: b.csv, contract: row } }, steps: [{ publish: xb }] }
  ga: { from: xa, steps: [{ upsert: ta }] }
  gb: { from: xb, steps: [{ upsert: tb }] }
"#;

/// Has what is at `path` be unreadable, as a bad sector or a lack of permission does, also for root.
fn hide(path: &Path) {
    fs::rename(path, path.with_extension("kept")).unwrap();
    fs::create_dir(path).unwrap();
}

fn show(path: &Path) {
    fs::remove_dir(path).unwrap();
    fs::rename(path.with_extension("kept"), path).unwrap();
}

#[tokio::test]
async fn a_topic_that_cannot_be_read_keeps_only_its_flows_from_running_until_a_reload_finds_it_mended() {
    // Which contract a topic follows is noted elsewhere, too.
    for (file, code) in [
        ("00000000000000000000.log", Some("Y0203")),
        ("mark", Some("Y0203")),
        ("identity", Some("Y0203")),
        ("contract.json", None),
    ] {
        let project = project(TOPICS);
        let path = project.path();
        deliver(path, "0,x\n1,x\n");
        assert_eq!(run(path).await, []);
        let file = path.join(".tenon/topics/xa").join(file);
        hide(&file);
        deliver(path, "0,x\n1,x\n2,x\n");
        let plan = load(&options(path)).plan.unwrap();
        let running = Running::start(plan, options(path)).await.unwrap();
        running.idle().await;
        let stalled = |flow: &str| {
            let (_, progress) =
                running.progress().into_iter().find(|(it, _)| it.name.as_str() == flow).unwrap();
            match progress.state() {
                FlowState::Stalled(report) | FlowState::Failed(report) => Some(report.code().id),
                _ => None,
            }
        };
        assert_eq!(["fa", "fb", "ga", "gb"].map(stalled), [code, None, code, None], "{file:?}");
        let of_a = if code.is_some() { 2 } else { 3 };
        assert_eq!((count(path, "ta").await, count(path, "tb").await), (Ok(of_a), Ok(3)), "{file:?}");
        show(&file);
        running
            .reload(load(&options(path)).plan.unwrap())
            .await
            .unwrap_or_else(|reports| panic!("{reports:?}"));
        running.idle().await;
        assert_eq!((count(path, "ta").await, count(path, "tb").await), (Ok(3), Ok(3)), "{file:?}");
        running.drain().await;
    }
}

#[tokio::test]
async fn nobody_waits_for_a_database_that_cannot_be_opened() {
    let project = project(PROJECT);
    let path = project.path();
    deliver(path, "1,x\n");
    assert_eq!(run(path).await, []);
    let file = path.join(".tenon/a.db");
    hide(&file);
    deliver(path, "1,x\n2,x\n");
    assert_eq!(run(path).await, [("fa".to_owned(), "Y0105", false)]);
    assert_eq!(count(path, "tb").await, Ok(2));
    show(&file);
    assert_eq!(run(path).await, []);
    assert_eq!((count(path, "ta").await, count(path, "tb").await), (Ok(2), Ok(2)));
}
