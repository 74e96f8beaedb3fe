//! `tenon state`: looking after the state folder.

use serde_json::json;
use tenon_engine::state::{self, Copied};
use tenon_errors::{Reports, Sources, counted};

use super::{runtime, serving_nothing};
use crate::{
    args::State,
    exit::{self, Exit, SUCCESS},
    output::Output,
};

pub fn run(command: State, output: &Output) -> Result<Exit, Reports> {
    let runtime = runtime()?;
    match command {
        State::Accept { part, project } => {
            let given_up = runtime.block_on(state::accept(&serving_nothing(project.into()), &part))?;
            if output.is_json() {
                output.json(&json!({ "part": part, "given_up": given_up }));
            } else {
                given_up.iter().for_each(|what| output.line(format!("given up: {what}")));
            }
            output.note(format!("the next start takes `{part}` as it is found"));
        }
        State::Skip { part, project } => {
            let skipped = runtime.block_on(state::skip(&serving_nothing(project.into()), &part))?;
            if output.is_json() {
                output.json(&skipped.iter().map(tenon_errors::render::json).collect());
            } else if skipped.is_empty() {
                output.line("nothing is damaged");
            } else {
                skipped.iter().for_each(|report| output.line(report.message()));
                output.note(format!("the next start skips it; the bytes are kept in `{part}/damaged`"));
            }
        }
        State::Backup { folder, project } => {
            let copied = runtime.block_on(state::backup(&serving_nothing(project.into()), &folder))?;
            show(&copied, output);
        }
        State::Restore { folder, project } => {
            let copied = runtime.block_on(state::restore(&serving_nothing(project.into()), &folder))?;
            show(&copied, output);
        }
        State::Verify { folder, project } => {
            let found = runtime.block_on(state::verify(&serving_nothing(project.into()), folder))?;
            let mut problems = Reports::new();
            found.into_iter().for_each(|report| problems.push(report));
            if !problems.is_empty() {
                output.reports(&problems, &Sources::new());
                return Ok(exit::code_of(&problems));
            }
            if output.is_json() {
                output.json(&json!([]));
            } else {
                output.line("sound");
            }
        }
    }
    Ok(SUCCESS)
}

fn show(copied: &Copied, output: &Output) {
    let Copied { files, bytes } = copied;
    if output.is_json() {
        output.json(&json!({ "files": files, "bytes": bytes }));
    } else {
        output.line(format!("{} copied, {bytes} bytes", counted(*files, "file")));
    }
}
