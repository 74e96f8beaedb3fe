//! `tenon contract convert`: a contract in another format, and what is lost: of its values, and of what only its own format says.

use std::{fs, path::Path};

use serde_json::{Value as Json, json};
use tenon_contracts::{format::Loss, graphql, sql};
use tenon_errors::{Report, catalogue::engine::IO_FAILED};

use super::{
    Problems,
    open::{contract_name, format_named, open_one},
};
use crate::{
    exit::{Exit, SUCCESS},
    output::Output,
};

pub fn run(contract: &str, to: &str, out: Option<&Path>, output: &Output) -> Result<Exit, Problems> {
    // A format that is written in several ways has a name for each.
    let dialect = sql::Dialect::named(to);
    let is_input = to.eq_ignore_ascii_case("graphql-input");
    let format = match (dialect, is_input) {
        (Some(_), _) => format_named("sql")?,
        (_, true) => format_named("graphql")?,
        _ => format_named(to)?,
    };
    let opened = open_one(contract)?;
    let given = opened.definition.name.as_str();
    let name = if given.is_empty() { contract_name(&opened.file) } else { given.to_owned() };
    let shape = &opened.definition.shape;
    let written = match dialect {
        Some(dialect) => sql::write_as(&name, shape, dialect)?,
        None if is_input => graphql::write_as(&name, shape, graphql::Position::Input)?,
        None => format.write(&name, shape)?,
    };
    let unsaid = opened.unsaid(format, &written.text, &name)?;
    if let Some(path) = out {
        fs::write(path, &written.text).map_err(|error| {
            Report::new(&IO_FAILED, format!("`{}` cannot be written: {error}", path.display()))
        })?;
    }
    let losses: Json = written
        .losses
        .iter()
        .map(|loss| json!({ "path": loss.path, "message": loss.message }))
        .chain(unsaid.iter().map(|it| {
            let (loss, place) = (&it.loss, &it.place);
            json!({ "path": loss.path, "message": loss.message, "file": *place.file, "line": place.line, "column": place.column })
        }))
        .collect();
    if output.is_json() {
        output.json(&json!({ "format": format.name(), "text": written.text, "losses": losses }));
        return Ok(SUCCESS);
    }
    if out.is_none() {
        output.line(written.text.trim_end());
    }
    let told = |loss: &Loss| {
        let path = if loss.path.is_empty() { "the whole" } else { &loss.path };
        format!("lost: {path} {}", loss.message)
    };
    written.losses.iter().for_each(|loss| output.note(told(loss)));
    unsaid.iter().for_each(|it| output.note(format!("{} ({})", told(&it.loss), it.place)));
    Ok(SUCCESS)
}
