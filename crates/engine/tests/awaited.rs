//! Files that are not there yet, empty or of another form: only the flow that reads them is affected.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use std::{fs, path::Path};

use tenon_engine::{Options, Running, load};
use tenon_flows::FlowState;
use tenon_plan::DataFiles;
use tenon_ports::Query;

const PROJECT: &str = r#"project: sales
systems:
  here: { files: { folder: in } }
  db: { sql: { url: "sqlite://sales.db" } }
tables:
  days: { in: db, contract: sale, key: id }
  weeks: { in: db, contract: sale, key: id }
flows:
  load-days: { from: { file: { in: here, path: day.csv, contract: sale } }, steps: [{ upsert: days }] }
  load-weeks: { from: { file: { in: here, path: week.csv, contract: sale } }, steps: [{ upsert: weeks }] }
"#;

const SALE: &str = r#"{ "type": "object", "required": ["id"], "additionalProperties": false,
  "properties": { "id": { "type": "integer" } } }"#;

fn project(files: &[(&str, &str)]) -> tempfile::TempDir {
    let project = tempfile::tempdir().unwrap();
    let own = [("tenon.yaml", PROJECT), ("contracts/sale/1.json", SALE)];
    own.iter().chain(files).for_each(|(path, text)| write(project.path(), path, text));
    project
}

fn write(project: &Path, path: &str, text: &str) {
    let path = project.join(path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

fn options(project: &Path, data: DataFiles) -> Options {
    Options { data, ..Options::new(project.to_owned(), None, true) }
}

/// The codes of what a check with `data` says: problems, then warnings.
fn codes(project: &Path, data: DataFiles) -> (Vec<&'static str>, Vec<&'static str>) {
    let loaded = load(&options(project, data));
    let problems = loaded.plan.as_ref().err().into_iter().flat_map(|reports| reports.iter());
    let problems = problems.map(|report| report.code().id).collect();
    (problems, loaded.warnings.iter().map(|report| report.code().id).collect())
}

async fn rows(running: &Running, table: &str) -> usize {
    let plan = running.plan();
    let table = plan.tables.values().find(|it| it.name.as_str() == table).unwrap();
    let database = running.world().databases[&table.system.name].clone();
    database.list(&table.name, Query { limit: 10, ..Query::default() }).await.unwrap().rows.len()
}

/// What the flow of the days stalls on or fails by, once the project is idle.
async fn problem(running: &Running) -> Option<(&'static str, bool)> {
    running.idle().await;
    let state = running.progress().into_iter().find(|(flow, _)| flow.name.as_str() == "load-days").unwrap();
    match state.1.state() {
        FlowState::Stalled(report) => Some((report.code().id, true)),
        FlowState::Failed(report) => Some((report.code().id, false)),
        _ => None,
    }
}

#[tokio::test]
async fn a_file_that_is_not_there_or_empty_keeps_only_its_flow_waiting() {
    let week = ("in/week.csv", "id\n1\n2\n");
    for content in [None, Some(""), Some("\u{feff}")] {
        let project = project(&[week]);
        let path = project.path();
        content.iter().for_each(|text| write(path, "in/day.csv", text));
        assert_eq!(codes(path, DataFiles::Prove), (vec![], vec!["Y0302"]), "{content:?}");
        assert_eq!(codes(path, DataFiles::Ignore), (vec![], vec![]), "{content:?}");
        let options = options(path, DataFiles::Warn);
        let running = Running::start(load(&options).plan.unwrap(), options).await.unwrap();
        assert_eq!(problem(&running).await, Some(("Y0302", true)), "{content:?}");
        assert_eq!((rows(&running, "weeks").await, rows(&running, "days").await), (2, 0));
        let summary = running.summary();
        let waits = summary.flows.iter().find(|flow| flow.problem.is_some()).unwrap();
        assert_eq!(waits.flow, "load-days");
        // It comes under another name, and is renamed when it is complete.
        write(path, "in/day.part", "id\n7\n8\n9\n");
        fs::rename(path.join("in/day.part"), path.join("in/day.csv")).unwrap();
        while problem(&running).await.is_some() {
            tokio::task::yield_now().await;
        }
        running.idle().await;
        assert_eq!(rows(&running, "days").await, 3);
        running.drain().await;
    }
}

#[test]
fn a_check_says_of_every_format_that_a_file_is_empty() {
    let formats = ["csv", "csv, header: [id]", "json", "json, items: /days", "jsonl"];
    for (format, content) in formats.iter().flat_map(|format| [(format, ""), (format, "\u{feff} \n\n")]) {
        let project = project(&[("in/week.csv", "id\n1\n")]);
        let path = project.path();
        write(path, "tenon.yaml", &PROJECT.replace("day.csv,", &format!("day.csv, format: {format},")));
        write(path, "in/day.csv", content);
        assert_eq!(codes(path, DataFiles::Prove), (vec![], vec!["Y0302"]), "{format} {content:?}");
        write(path, "in/day.csv", "id\n[{\"id\": 1}]\n");
        assert!(codes(path, DataFiles::Prove).1.is_empty(), "{format}");
    }
}

#[tokio::test]
async fn a_folder_that_is_not_there_is_waited_for_as_well() {
    let project = project(&[]);
    assert_eq!(codes(project.path(), DataFiles::Prove), (vec![], vec!["Y0302"]));
    let options = options(project.path(), DataFiles::Warn);
    let running = Running::start(load(&options).plan.unwrap(), options).await.unwrap();
    assert_eq!(problem(&running).await, Some(("Y0302", true)));
    running.drain().await;
}

#[tokio::test]
async fn a_header_that_does_not_fit_is_found_by_a_check_and_fails_only_its_flow() {
    let project = project(&[("in/day.csv", "nr\n1\n"), ("in/week.csv", "id\n1\n")]);
    let path = project.path();
    assert_eq!(codes(path, DataFiles::Prove), (vec!["D0203"], vec![]));
    assert_eq!(codes(path, DataFiles::Warn), (vec![], vec!["D0203"]));
    assert_eq!(codes(path, DataFiles::Ignore), (vec![], vec![]));
    let options = options(path, DataFiles::Warn);
    let running = Running::start(load(&options).plan.unwrap(), options).await.unwrap();
    assert_eq!(problem(&running).await, Some(("D0203", false)));
    assert_eq!(rows(&running, "weeks").await, 1);
    running.drain().await;
}

#[cfg(unix)]
#[tokio::test]
async fn a_file_that_came_after_the_check_is_not_read_from_outside_of_the_project() {
    let project = project(&[("in/week.csv", "id\n1\n")]);
    let outside = tempfile::NamedTempFile::new().unwrap();
    fs::write(outside.path(), "id\n1\n").unwrap();
    let options = options(project.path(), DataFiles::Warn);
    let plan = load(&options).plan.unwrap();
    std::os::unix::fs::symlink(outside.path(), project.path().join("in/day.csv")).unwrap();
    let running = Running::start(plan, options).await.unwrap();
    assert_eq!(problem(&running).await, Some(("P0005", false)));
    running.drain().await;
}
