//! `tenon contract show`: a contract in a readable form.

use serde_json::{Value as Json, json};
use tenon_contracts::{json_schema, parts::walk};
use tenon_errors::{clip, render};
use tenon_model::Shape;

use super::{Problems, open::open, parts};
use crate::{
    exit::{Exit, SUCCESS},
    output::{Output, columns},
};

/// The most characters of a description in the table.
const MAX_DOC: usize = 100;

pub fn run(contract: &str, output: &Output) -> Result<Exit, Problems> {
    let opened = open(contract)?;
    let definition = &opened.definition;
    if output.is_json() {
        output.json(&json!({
            "file": opened.file,
            "format": opened.format.name(),
            "name": definition.name.as_str(),
            "title": definition.title.as_deref(),
            "doc": definition.doc.as_deref(),
            "schema": json_schema::write(&definition.shape),
            "examples": definition.examples.len(),
            "notes": opened.notes.iter().map(render::json).collect::<Json>(),
        }));
        return Ok(SUCCESS);
    }
    let title = definition.title.as_deref().map(|title| format!(": {title}")).unwrap_or_default();
    output.line(format!("{} ({}){title}", opened.file, opened.format.name()));
    if let Some(doc) = &definition.doc {
        output.line(format!("\n{doc}"));
    }
    output.line(format!("\n{}", columns(&rows(&definition.shape))));
    let sources = opened.sources();
    opened.notes.iter().for_each(|note| output.warning(note, &sources));
    Ok(SUCCESS)
}

fn rows(shape: &Shape) -> Vec<Vec<String>> {
    let mut rows = vec![["PATH", "", "TYPE", "CONSTRAINTS", "DESCRIPTION"].map(str::to_owned).to_vec()];
    walk(shape, &mut |part| {
        let field = part.field;
        let path = if part.path.is_empty() { "(whole)" } else { &part.path };
        let presence = match field {
            Some(field) if field.required => "required".to_owned(),
            Some(field) => match &field.default {
                Some(default) => format!("default {default}"),
                None => "optional".to_owned(),
            },
            None => String::new(),
        };
        let doc = field.and_then(|field| field.doc.as_deref()).unwrap_or_default().replace('\n', " ");
        let deprecated = if field.is_some_and(|field| field.deprecated) { "deprecated. " } else { "" };
        rows.push(vec![
            path.to_owned(),
            presence,
            part.shape.name(),
            parts::constraints(part.shape),
            format!("{deprecated}{}", clip(&doc, MAX_DOC)),
        ]);
    });
    rows
}
