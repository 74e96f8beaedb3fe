//! `tenon test`: run the test documents of the project.

use std::fs;

use serde_json::json;
use tenon_errors::{Report, Reports, catalogue::engine::IO_FAILED};
use tenon_testing::{Outcome, Settings, junit};

use super::{around, runtime};
use crate::{
    args::Test,
    exit::{Exit, FAILED, SUCCESS},
    output::Output,
};

pub fn run(test: Test, output: &Output) -> Result<Exit, Reports> {
    let update = std::env::var("UPDATE").is_ok_and(|value| value == "1");
    let path = match (test.project, test.path) {
        (Some(project), Some(path)) => project.join(path),
        (Some(path), None) | (None, Some(path)) => path,
        (None, None) => around(),
    };
    let settings = Settings { path, filter: test.filter, update };
    let show = |outcome: &Outcome| {
        if !output.is_json() {
            show(outcome, output);
        }
    };
    let outcomes = runtime()?.block_on(tenon_testing::run(&settings, &show))?;
    if let Some(path) = test.junit {
        fs::write(&path, junit::xml(&outcomes)).map_err(|error| {
            Report::new(&IO_FAILED, format!("`{}` cannot be written: {error}", path.display()))
        })?;
    }
    let failed = outcomes.iter().filter(|outcome| outcome.failure.is_some()).count();
    let passed = outcomes.len() - failed;
    if output.is_json() {
        output.json(&outcomes.iter().map(machine).collect());
    } else {
        output.line(format!("\n{passed} passed, {failed} failed"));
    }
    Ok(if failed == 0 { SUCCESS } else { FAILED })
}

fn show(outcome: &Outcome, output: &Output) {
    let mark = match (&outcome.failure, outcome.updated) {
        (None, false) => "ok",
        (None, true) => "updated",
        (Some(_), _) => "FAILED",
    };
    output.line(format!("{mark:>7}  {}:{}  {}", outcome.document, outcome.line, outcome.case));
    if let Some(failure) = &outcome.failure {
        output.line(failure);
    }
}

fn machine(outcome: &Outcome) -> serde_json::Value {
    json!({
        "document": outcome.document,
        "line": outcome.line,
        "case": outcome.case,
        "seconds": outcome.duration.as_secs_f64(),
        "failure": outcome.failure,
        "updated": outcome.updated,
    })
}
