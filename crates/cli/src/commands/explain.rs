//! `tenon explain`: what a code means and what to do about it.

use serde_json::json;
use tenon_docs::explain::{self, Topic};
use tenon_errors::{Report, Reports, catalogue, catalogue::engine::BAD_USAGE};

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
    let found = explain::find(wanted, tenon_connectors::ALL);
    if found.is_empty() {
        let report = Report::new(&BAD_USAGE, format!("there is nothing called `{wanted}`"));
        return Err(match explain::suggest(wanted, tenon_connectors::ALL) {
            Some(near) => report.hint(format!("try `tenon explain {near}`")),
            None => report.hint("see `tenon explain --list`"),
        }
        .into());
    }
    for topic in found {
        if !output.is_json() {
            output.line(topic.markdown().trim_end());
        } else if let Topic::Code(code) = topic {
            output.json(&json!({ "code": code.id, "name": code.name, "kind": code.kind.name(), "title": code.title, "page": code.page.trim() }));
        } else {
            output.json(&json!({ "name": topic.name(), "is": topic.kind(), "title": topic.title(), "page": topic.markdown().trim() }));
        }
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
