//! `tenon dead`: messages that failed.

use std::sync::Arc;

use serde_json::{Value, json};
use tenon_engine::{Options, inspect, replay};
use tenon_errors::{
    Report, Reports, catalogue::delivery::DEAD_LETTER_NOT_FOUND, catalogue::engine::BAD_USAGE,
};
use tenon_ports::{DeadLetter, DeadLetterQuery, State};
use tokio::runtime::Runtime;

use super::{options, plan, runtime};
use crate::{
    args::{Dead, Selection},
    exit::{Exit, FAILED, SUCCESS},
    output::{Output, columns},
};

/// How many dead letters are fetched at a time.
const PAGE: usize = 1_000;

pub fn run(dead: Dead, output: &Output) -> Result<Exit, Reports> {
    let runtime = runtime()?;
    match dead {
        Dead::List { selection, limit } => list(&runtime, &selection, limit, output),
        Dead::Show { selection } => show(&runtime, &selection, output),
        Dead::Replay { selection, dry_run } => run_again(&runtime, &selection, dry_run, output),
        Dead::Drop { selection, all } => drop_letters(&runtime, &selection, all, output),
    }
}

fn list(runtime: &Runtime, selection: &Selection, limit: usize, output: &Output) -> Result<Exit, Reports> {
    let (_, state) = open(selection)?;
    let letters = select(runtime, state.as_ref(), selection, limit)?;
    if output.is_json() {
        output.json(&letters.iter().map(machine).collect::<Value>());
        return Ok(SUCCESS);
    }
    let counts = runtime.block_on(state.dead_letter_counts())?;
    if counts.is_empty() {
        output.line("no dead letters");
        return Ok(SUCCESS);
    }
    let mut groups = vec![vec!["FLOW".to_owned(), "CODE".to_owned(), "COUNT".to_owned()]];
    groups.extend(
        counts.iter().map(|(flow, code, count)| vec![flow.to_string(), code.to_string(), count.to_string()]),
    );
    output.line(columns(&groups));
    let mut rows = vec![["ID", "ORIGIN", "STEP", "CODE", "MESSAGE"].map(str::to_owned).to_vec()];
    rows.extend(letters.iter().map(|letter| {
        vec![
            letter.id.to_string(),
            letter.origin.to_string(),
            letter.step.to_string(),
            letter.code.to_string(),
            letter.message.chars().take(80).collect(),
        ]
    }));
    output.line(format!("\n{}", columns(&rows)));
    let total: u64 = counts.iter().map(|(_, _, count)| count).sum();
    if (letters.len() as u64) < total {
        output.note(format!("{} of {total} shown; see --limit, --flow and --code", letters.len()));
    }
    Ok(SUCCESS)
}

fn show(runtime: &Runtime, selection: &Selection, output: &Output) -> Result<Exit, Reports> {
    let (_, state) = open(selection)?;
    let letters = required(select(runtime, state.as_ref(), selection, PAGE)?, selection)?;
    if output.is_json() {
        output.json(&letters.iter().map(machine).collect::<Value>());
        return Ok(SUCCESS);
    }
    for letter in &letters {
        let report: Value = serde_json::from_str(&letter.report).unwrap_or(Value::Null);
        output.line(format!(
            "{}\n  flow      {}\n  step      {}\n  origin    {}",
            letter.id, letter.flow, letter.step, letter.origin
        ));
        output.line(format!("  contract  {}\n  mapping   {}", letter.contract, letter.mapping));
        output.line(format!(
            "  failed    {} times, first {}, last {}",
            letter.attempts, letter.first_failed, letter.last_failed
        ));
        output.line(format!("  bytes     {}", String::from_utf8_lossy(&letter.bytes).trim_end()));
        output.line(format!(
            "  report    {}\n",
            serde_json::to_string_pretty(&report).unwrap_or_default().replace('\n', "\n  ")
        ));
    }
    Ok(SUCCESS)
}

fn run_again(
    runtime: &Runtime,
    selection: &Selection,
    dry_run: bool,
    output: &Output,
) -> Result<Exit, Reports> {
    let (options, state) = open(selection)?;
    let plan = match plan(&options, output) {
        Ok(plan) => plan,
        Err(failed) => return Ok(failed.show(output)),
    };
    let letters = required(select(runtime, state.as_ref(), selection, usize::MAX)?, selection)?;
    drop(state);
    let outcomes = runtime.block_on(replay::replay(&plan, &options, letters, dry_run))?;
    let failed = outcomes.iter().filter(|outcome| outcome.failure.is_some()).count();
    let passed = outcomes.len() - failed;
    if output.is_json() {
        let object = |outcome: &tenon_flows::ReplayOutcome| json!({ "id": outcome.id.as_str(), "failure": outcome.failure.as_ref().map(tenon_errors::render::json) });
        output.json(&json!({ "dry_run": dry_run, "passed": passed, "failed": failed, "letters": outcomes.iter().map(object).collect::<Value>() }));
    } else {
        for (cause, count) in replay::causes(&outcomes) {
            output.line(format!("{count} still fail: {cause}"));
        }
        let verb = if dry_run { "would pass" } else { "passed and were removed" };
        output.line(format!("{passed} {verb}, {failed} failed"));
    }
    Ok(if failed == 0 { SUCCESS } else { FAILED })
}

fn drop_letters(
    runtime: &Runtime,
    selection: &Selection,
    all: bool,
    output: &Output,
) -> Result<Exit, Reports> {
    if !all && selection.ids.is_empty() && selection.flow.is_none() && selection.code.is_none() {
        let report = Report::new(&BAD_USAGE, "nothing says which dead letters to drop");
        return Err(report.hint("name ids, --flow or --code, or say --all").into());
    }
    let (_, state) = open(selection)?;
    let letters = required(select(runtime, state.as_ref(), selection, usize::MAX)?, selection)?;
    for id in &selection.ids {
        // A beginning that is too short must not destroy more than was meant.
        let count = letters.iter().filter(|letter| letter.id.starts_with(id.as_str())).count();
        if count != 1 {
            let report = Report::new(&BAD_USAGE, format!("`{id}` is the beginning of {count} ids"));
            return Err(report.hint("write the id out, or drop by --flow or --code").into());
        }
    }
    let ids = letters.into_iter().map(|letter| letter.id).collect();
    let dropped = runtime.block_on(state.drop_dead_letters(ids))?;
    if output.is_json() {
        output.json(&json!({ "dropped": dropped }));
    } else {
        output.line(format!("{dropped} dropped"));
    }
    Ok(SUCCESS)
}

fn open(selection: &Selection) -> Result<(Options, Arc<dyn State>), Reports> {
    if selection.ids.iter().any(String::is_empty) {
        let report = Report::new(&BAD_USAGE, "an id is empty");
        return Err(report.hint("name the id, or leave it out").into());
    }
    let options = options(selection.project.clone().into());
    let state = inspect::state(&options)?;
    Ok((options, state))
}

/// The dead letters that are meant, fetched page by page.
fn select(
    runtime: &Runtime,
    state: &dyn State,
    selection: &Selection,
    limit: usize,
) -> Result<Vec<DeadLetter>, Report> {
    let prefixes: Vec<_> = if selection.ids.is_empty() {
        vec![None]
    } else {
        selection.ids.iter().map(|id| Some(id.as_str().into())).collect()
    };
    let mut found: Vec<DeadLetter> = Vec::new();
    for id in prefixes {
        let mut after = None;
        while found.len() < limit {
            let query = DeadLetterQuery {
                flow: selection.flow.as_deref().map(Into::into),
                code: selection.code.as_deref().map(Into::into),
                id: id.clone(),
                after: after.take(),
                limit: PAGE.min(limit - found.len()),
            };
            let page = runtime.block_on(state.dead_letters(query))?;
            let Some(last) = page.last() else { break };
            after = Some(last.id.clone());
            found.extend(page);
        }
    }
    Ok(found)
}

fn required(letters: Vec<DeadLetter>, selection: &Selection) -> Result<Vec<DeadLetter>, Report> {
    if letters.is_empty() {
        let named = [&selection.flow, &selection.code].into_iter().flatten().chain(&selection.ids);
        let named: Vec<_> = named.map(|name| format!("`{name}`")).collect();
        let message = format!("there is no dead letter {}", named.join(" "));
        return Err(Report::new(&DEAD_LETTER_NOT_FOUND, message).hint("list them with `tenon dead list`"));
    }
    Ok(letters)
}

fn machine(letter: &DeadLetter) -> Value {
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
        "bytes": String::from_utf8_lossy(&letter.bytes),
        "report": serde_json::from_str::<Value>(&letter.report).unwrap_or(Value::Null),
    })
}
