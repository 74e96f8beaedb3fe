//! Every project in `examples/broken` holds one mistake, and is refused with exactly the reports that are expected.
//! `UPDATE=1` rewrites the expectations.

use std::{fs, path::PathBuf};

use crate::support;

fn projects() -> Vec<PathBuf> {
    let mut folders: Vec<_> = fs::read_dir(support::examples().join("broken"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    folders.retain(|folder| folder.is_dir());
    folders.sort();
    folders
}

#[test]
fn every_mistake_is_reported_as_expected() {
    let mut differing = Vec::new();
    for folder in projects() {
        let mut files = support::files(&folder);
        files.retain(|(path, _)| path != "expected.txt");
        let rendered = support::rendered(&support::check(files));
        let expected = folder.join("expected.txt");
        if std::env::var_os("UPDATE").is_some() {
            fs::write(&expected, &rendered).unwrap();
        }
        let held = fs::read_to_string(&expected).unwrap_or_default();
        if held != rendered {
            differing.push(format!("--- {}\nexpected:\n{held}\ngot:\n{rendered}", folder.display()));
        }
    }
    assert!(differing.is_empty(), "run with UPDATE=1 if these are right:\n{}", differing.join("\n"));
}

#[test]
fn every_project_has_one_mistake() {
    for folder in projects() {
        let mut files = support::files(&folder);
        files.retain(|(path, _)| path != "expected.txt");
        let outcome = support::check(files);
        let problems = outcome.plan.as_ref().err().map_or(0, tenon_errors::Reports::len);
        let count = problems + outcome.warnings.len();
        assert_eq!(count, 1, "{}:\n{}", folder.display(), support::rendered(&outcome));
    }
}

#[test]
fn there_are_enough_of_them() {
    assert!(projects().len() >= 50, "{} broken projects", projects().len());
}

#[test]
fn all_mistakes_are_reported_in_one_run_in_the_order_of_the_files() {
    let main = "project: shop\nsystems:\n  db: { sql: { url: \"mysql://x\" } }\ntables:\n  a: { in: bd, contract: nil, kee: id }\n  b: { in: db, contract: a@7, key: id }\nserver: { listen: here }\n";
    let more =
        "flows:\n  f: { from: nowhere, steps: [{ publish: x }, { upsert: z }], retry: { attempts: no } }\n";
    let contract = "{ \"type\": \"objekt\", \"minimum\": \"1\" }";
    let files = [("tenon.yaml", main), ("more.yaml", more), ("contracts/a/1.json", contract)];
    let outcome =
        support::check(files.map(|(path, text)| (path.to_owned(), text.as_bytes().to_vec())).to_vec());
    let reports = outcome.plan.unwrap_err();
    let seen: Vec<_> =
        reports.iter().map(|report| (report.code().id, report.places()[0].to_string())).collect();
    let places: Vec<_> = seen.iter().map(|(_, place)| place.split(':').next().unwrap()).collect();
    assert!(places.is_sorted(), "{seen:#?}");
    for code in ["Y0002", "P0201", "P0101", "P0102", "C0003", "P0301", "P0103", "C0001"] {
        assert!(seen.iter().any(|(id, _)| *id == code), "{code} is missing in {seen:#?}");
    }
    assert!(seen.len() >= 12, "{seen:#?}");
}

/// Codes that only a machine (ports, certificates, existing tables), a message or a request can meet, what serves the plan, or who
/// writes a contract in another format.
const NOT_FROM_A_CHECK: &[&str] = &["P0302", "M0007", "S0104", "S0105", "C0008", "C0201", "C0202", "A0005"];

#[test]
fn every_code_that_a_check_can_give_has_a_broken_project() {
    let expected: String = projects()
        .iter()
        .map(|folder| fs::read_to_string(folder.join("expected.txt")).unwrap_or_default())
        .collect();
    let missing: Vec<_> = tenon_errors::catalogue::all()
        .filter(|code| {
            code.id.starts_with(['P', 'C', 'M'])
                || ["A00", "S01"].iter().any(|area| code.id.starts_with(area))
        })
        .filter(|code| !NOT_FROM_A_CHECK.contains(&code.id) && !expected.contains(&format!("[{}]", code.id)))
        .map(|code| format!("{} {}", code.id, code.name))
        .collect();
    assert!(missing.is_empty(), "no broken project for {missing:?}");
}
