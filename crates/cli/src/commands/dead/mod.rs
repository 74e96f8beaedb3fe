//! `tenon dead`: messages that failed.

mod masked;
mod selected;

use std::collections::BTreeSet;

use serde_json::{Value, json};
use tenon_engine::inspect;
use tenon_engine::replay;
use tenon_errors::{
    Report, Reports,
    catalogue::{delivery::MOVED_ON, engine::BAD_USAGE},
    clip, counted, render,
};
use tenon_flows::replay::Newer;
use tenon_ports::DeadLetter;
use tokio::runtime::Runtime;

use super::{plan, runtime};
use crate::{
    args::{self, Dead, Selection},
    exit::{Exit, FAILED, SUCCESS},
    output::{Output, columns},
};
use masked::Masks;
use selected::Selected;

/// The most characters of a message in the list.
const MAX_MESSAGE: usize = 160;
/// The most hints below the list.
const MAX_HINTS: usize = 10;

pub fn run(dead: Dead, output: &Output) -> Result<Exit, Reports> {
    let runtime = runtime()?;
    match dead {
        Dead::List { selection, limit, sight } => list(&runtime, selection, limit, sight.reveal, output),
        Dead::Show { selection, sight, limit } => show(&runtime, selection, limit, sight.reveal, output),
        Dead::Replay { selection, dry_run, newer } => run_again(&runtime, selection, dry_run, newer, output),
        Dead::Drop { selection, all } => drop_letters(&runtime, selection, all, output),
    }
}

fn list(
    runtime: &Runtime,
    selection: Selection,
    limit: usize,
    reveal: bool,
    output: &Output,
) -> Result<Exit, Reports> {
    let selected = Selected::new(runtime, selection)?;
    let letters = selected.letters(runtime, limit)?;
    if output.is_json() {
        let masks = Masks::new(&selected, reveal);
        output.json(&letters.iter().map(|letter| machine(letter, &masks)).collect::<Value>());
        return Ok(SUCCESS);
    }
    if letters.is_empty() {
        output.line("no dead letters");
        return Ok(SUCCESS);
    }
    let mut rows = vec![["ID", "ORIGIN", "STEP", "CODE", "MESSAGE"].map(str::to_owned).to_vec()];
    rows.extend(letters.iter().map(|letter| {
        vec![
            letter.id.to_string(),
            letter.origin.to_string(),
            letter.step.to_string(),
            letter.code.to_string(),
            message(letter),
        ]
    }));
    // Ids narrow the list, and not what is counted by cause.
    if selected.selection.ids.is_empty() {
        let causes = selected.causes();
        let mut groups = vec![["FLOW", "STEP", "CODE", "COUNT"].map(str::to_owned).to_vec()];
        groups.extend(causes.iter().map(|cause| {
            let count = cause.count.to_string();
            vec![cause.flow.to_string(), cause.step.to_string(), cause.code.to_string(), count]
        }));
        output.line(format!("{}\n", columns(&groups)));
        let total: u64 = causes.iter().map(|cause| cause.count).sum();
        if (letters.len() as u64) < total {
            output.note(format!("{} of {total} shown; see --limit, --flow and --code", letters.len()));
        }
    }
    output.line(columns(&rows));
    for (code, hint) in hints(&letters) {
        output.line(format!("  = help: [{code}] {hint}"));
    }
    Ok(SUCCESS)
}

/// What to do about the letters that are listed: each hint of their reports once, with its code.
fn hints(letters: &[DeadLetter]) -> BTreeSet<(String, String)> {
    let mut hints = BTreeSet::new();
    for letter in letters {
        let report: Value = serde_json::from_str(&letter.report).unwrap_or(Value::Null);
        let details = report["details"].as_array().map(Vec::as_slice).unwrap_or_default();
        let parts = std::iter::once(&report).chain(details);
        let mut own: Vec<(String, String)> = parts
            .filter_map(|part| Some((part["code"].as_str()?.to_owned(), part["hint"].as_str()?.to_owned())))
            .collect();
        if own.is_empty() {
            own.push((letter.code.to_string(), without_hint(&letter.code)));
        }
        for hint in own {
            if hints.len() < MAX_HINTS {
                hints.insert(hint);
            }
        }
    }
    hints
}

/// What to do where a report says only what is wrong.
fn without_hint(code: &str) -> String {
    format!(
        "correct the data where it comes from, or what the project makes of it, and run `tenon dead replay`; \
         `tenon explain {code}` says more"
    )
}

/// The report's message with the first of the problems that it sums up.
fn message(letter: &DeadLetter) -> String {
    let report: Value = serde_json::from_str(&letter.report).unwrap_or(Value::Null);
    let mut text = letter.message.to_string();
    if let Some(detail) = report.pointer("/details/0") {
        let part = |name: &str| detail[name].as_str().unwrap_or_default();
        let path = if part("path").is_empty() { String::new() } else { format!("{}: ", part("path")) };
        text = format!("{text}: {path}{}", part("message"));
    }
    clip(&text.replace('\n', " "), MAX_MESSAGE).into_owned()
}

fn show(
    runtime: &Runtime,
    selection: Selection,
    limit: usize,
    reveal: bool,
    output: &Output,
) -> Result<Exit, Reports> {
    let selected = Selected::new(runtime, selection)?;
    // One more tells whether there are more.
    let mut letters = selected.letters(runtime, limit.saturating_add(1))?;
    let has_more = letters.len() > limit;
    letters.truncate(limit);
    let masks = Masks::new(&selected, reveal);
    if output.is_json() {
        output.json(&letters.iter().map(|letter| machine(letter, &masks)).collect::<Value>());
        return Ok(SUCCESS);
    }
    if letters.is_empty() {
        output.line("no dead letters");
    }
    let mut hidden = false;
    for letter in &letters {
        let report: Value = serde_json::from_str(&letter.report).unwrap_or(Value::Null);
        let (bytes, is_masked) = masks.bytes(letter);
        hidden |= is_masked;
        output.line(format!(
            "{}\n  flow      {}\n  step      {}\n  origin    {}",
            letter.id, letter.flow, letter.step, letter.origin
        ));
        output.line(format!("  contract  {}\n  mapping   {}", letter.contract, letter.mapping));
        output.line(format!(
            "  failed    {}, first {}, last {}",
            counted(letter.attempts, "time"),
            letter.first_failed,
            letter.last_failed
        ));
        output.line(format!("  bytes     {bytes}"));
        output.line(format!(
            "  report    {}\n",
            serde_json::to_string_pretty(&report).unwrap_or_default().replace('\n', "\n  ")
        ));
    }
    if has_more {
        output.note(format!("the first {limit} are shown; see --limit, --flow and --code"));
    }
    if hidden {
        output.note("what the contract calls sensitive is masked; --reveal shows the bytes as they came");
    }
    Ok(SUCCESS)
}

fn run_again(
    runtime: &Runtime,
    selection: Selection,
    dry_run: bool,
    newer: args::Newer,
    output: &Output,
) -> Result<Exit, Reports> {
    let selected = Selected::new(runtime, selection)?;
    let ids = selected.ids(runtime)?;
    let Selected { options, .. } = selected;
    let newer = match newer {
        args::Newer::Ask => Newer::Ask,
        args::Newer::Keep => Newer::Keep,
        args::Newer::Overwrite => Newer::Overwrite,
    };
    if ids.is_empty() && !output.is_json() {
        output.line("no dead letters");
        return Ok(SUCCESS);
    }
    let plan = match plan(&options, output) {
        Ok(plan) => plan,
        Err(failed) => return Ok(failed.show(output)),
    };
    let outcomes = runtime.block_on(async {
        // Without the signal the replay cannot be stopped, except at once.
        let interrupted = async {
            if tokio::signal::ctrl_c().await.is_err() {
                std::future::pending::<()>().await;
            }
        };
        replay::replay(&plan, &options, ids, dry_run, newer, interrupted).await
    })?;
    let failed = outcomes.iter().filter(|outcome| outcome.failure.is_some()).count();
    let passed = outcomes.len() - failed;
    if output.is_json() {
        let object = |outcome: &tenon_flows::ReplayOutcome| json!({ "id": outcome.id.as_str(), "failure": outcome.failure.as_ref().map(render::json) });
        output.json(&json!({ "dry_run": dry_run, "passed": passed, "failed": failed, "letters": outcomes.iter().map(object).collect::<Value>() }));
    } else {
        for replay::Cause { code, count, message, hint } in replay::causes(&outcomes) {
            let verb = if code == MOVED_ON.id {
                if count == 1 { "was not replayed" } else { "were not replayed" }
            } else if count == 1 {
                "still fails"
            } else {
                "still fail"
            };
            let such_as = if count == 1 { "" } else { "such as: " };
            output.line(format!("{count} {verb}: [{code}] {such_as}{message}"));
            hint.iter().for_each(|hint| output.line(format!("  = help: {hint}")));
        }
        let verb = match (dry_run, passed) {
            (true, _) => "would pass",
            (false, 1) => "passed and was removed",
            (false, _) => "passed and were removed",
        };
        output.line(format!("{passed} {verb}, {failed} failed"));
    }
    Ok(if failed == 0 { SUCCESS } else { FAILED })
}

fn drop_letters(
    runtime: &Runtime,
    selection: Selection,
    all: bool,
    output: &Output,
) -> Result<Exit, Reports> {
    if !all && selection.ids.is_empty() && selection.flow.is_none() && selection.code.is_none() {
        let report = Report::new(&BAD_USAGE, "nothing says which dead letters to drop");
        return Err(report.hint("name ids, --flow or --code, or say --all").into());
    }
    let selected = Selected::new(runtime, selection)?;
    let ids = selected.ids(runtime)?;
    for id in &selected.selection.ids {
        // A beginning that is too short must not destroy more than was meant.
        let count = ids.iter().filter(|letter| letter.starts_with(id.as_str())).count();
        if count > 1 {
            let report = Report::new(&BAD_USAGE, format!("`{id}` is the beginning of {count} ids"));
            return Err(report.hint("write the id out, or drop by --flow or --code").into());
        }
    }
    let state = inspect::state_to_change(&selected.options)?;
    let dropped = runtime.block_on(state.drop_dead_letters(ids))?;
    if output.is_json() {
        output.json(&json!({ "dropped": dropped }));
    } else if dropped == 0 {
        output.line("no dead letters");
    } else {
        output.line(format!("{dropped} dropped"));
    }
    Ok(SUCCESS)
}

fn machine(letter: &DeadLetter, masks: &Masks) -> Value {
    json!({
        "id": letter.id.as_str(),
        "flow": letter.flow.as_str(),
        "step": letter.step.as_str(),
        "origin": letter.origin.to_string(),
        "contract": letter.contract.as_str(),
        "mapping": letter.mapping.as_str(),
        "code": letter.code.as_str(),
        "attempts": letter.attempts,
        "first_failed": letter.first_failed.to_string(),
        "last_failed": letter.last_failed.to_string(),
        "bytes": masks.bytes(letter).0,
        "report": serde_json::from_str::<Value>(&letter.report).unwrap_or(Value::Null),
    })
}
