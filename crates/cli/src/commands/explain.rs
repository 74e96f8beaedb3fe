//! `tenon explain`: what a code means and what to do about it.

use serde_json::json;
use tenon_errors::{Report, Reports, catalogue, catalogue::engine::BAD_USAGE, nearest};

use crate::{
    exit::{Exit, SUCCESS},
    output::{Output, columns},
};

pub fn run(code: Option<&str>, list: bool, output: &Output) -> Result<Exit, Reports> {
    if list {
        self::list(output);
        return Ok(SUCCESS);
    }
    let wanted = code.unwrap_or_default();
    let Some(code) = catalogue::find(wanted) else {
        let names = catalogue::all().flat_map(|code| [code.id, code.name]);
        let report = Report::new(&BAD_USAGE, format!("`{wanted}` is not a code"));
        return Err(match nearest(wanted, names) {
            Some(near) => report.hint(format!("try `tenon explain {near}`")),
            None => report.hint("see `tenon explain --list`"),
        }
        .into());
    };
    if output.is_json() {
        output.json(&json!({ "code": code.id, "name": code.name, "kind": code.kind.name(), "title": code.title, "page": code.page.trim() }));
    } else {
        output.line(tenon_docs::explain::markdown(code).trim_end());
    }
    Ok(SUCCESS)
}

fn list(output: &Output) {
    if output.is_json() {
        let codes =
            catalogue::all().map(|code| json!({ "code": code.id, "name": code.name, "title": code.title }));
        output.json(&codes.collect());
        return;
    }
    for area in catalogue::AREAS {
        let rows: Vec<_> = area
            .codes
            .iter()
            .map(|code| vec![code.id.to_owned(), code.name.to_owned(), code.title.to_owned()])
            .collect();
        output.line(format!("{}\n{}\n", area.title, columns(&rows)));
    }
}
