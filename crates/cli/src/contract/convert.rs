//! `tenon contract convert`: a contract in another format, and what is lost.

use std::{fs, path::Path};

use serde_json::{Value as Json, json};
use tenon_contracts::{FORMATS, format};
use tenon_errors::{
    Report,
    catalogue::engine::{BAD_USAGE, IO_FAILED},
    nearest,
};

use super::{
    Problems,
    open::{contract_name, endings, open_one},
};
use crate::{
    exit::{Exit, SUCCESS},
    output::Output,
};

pub fn run(contract: &str, to: &str, out: Option<&Path>, output: &Output) -> Result<Exit, Problems> {
    let wanted = to.trim_start_matches('.').to_lowercase();
    let plain = |name: &str| name.to_lowercase().replace([' ', '-', '_'], "");
    let by_name = || FORMATS.iter().copied().find(|format| plain(format.name()) == plain(&wanted));
    let Some(format) = format::of_ending(&wanted).or_else(by_name) else {
        let report = Report::new(&BAD_USAGE, format!("there is no contract format `{to}`"));
        let known = nearest(&wanted, FORMATS.iter().flat_map(|format| format.endings()).copied());
        let hint =
            known.map_or_else(|| format!("the endings are {}", endings()), |it| format!("write `--to {it}`"));
        return Err(report.hint(hint).into());
    };
    let opened = open_one(contract)?;
    let given = opened.definition.name.as_str();
    let name = if given.is_empty() { contract_name(&opened.file) } else { given.to_owned() };
    let written = format.write(&name, &opened.definition.shape)?;
    if let Some(path) = out {
        fs::write(path, &written.text).map_err(|error| {
            Report::new(&IO_FAILED, format!("`{}` cannot be written: {error}", path.display()))
        })?;
    }
    let losses: Json =
        written.losses.iter().map(|loss| json!({ "path": loss.path, "message": loss.message })).collect();
    if output.is_json() {
        output.json(&json!({ "format": format.name(), "text": written.text, "losses": losses }));
        return Ok(SUCCESS);
    }
    if out.is_none() {
        output.line(written.text.trim_end());
    }
    for loss in &written.losses {
        let path = if loss.path.is_empty() { "the whole" } else { &loss.path };
        output.note(format!("lost: {path} {}", loss.message));
    }
    Ok(SUCCESS)
}
