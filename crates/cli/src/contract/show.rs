//! `tenon contract show`: a contract in a readable form.

use serde_json::{Value as Json, json};
use tenon_contracts::{
    format::{Failure, Operation},
    json_schema,
    parts::walk,
};
use tenon_errors::{clip, render};
use tenon_model::{Field, Kind, Shape};

use super::{
    Problems,
    open::{Opened, open},
    parts,
};
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
            "types": opened.choices,
            "operations": operations(&opened).map(machine).collect::<Json>(),
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
    if operations(&opened).next().is_some() {
        output.line(format!("\n{}", columns(&operation_rows(operations(&opened)))));
    }
    if opened.choices.is_empty() {
        let is_description = definition.name.is_empty() && !opened.operations.is_empty();
        if !is_description {
            output.line(format!("\n{}", columns(&rows(&definition.shape))));
        }
    } else {
        output.line(format!("\nTYPES\n{}", opened.choices.join("\n")));
        let hint = format!("\n`tenon contract show {}#{}` shows one of them", opened.file, opened.choices[0]);
        output.line(hint);
    }
    let sources = opened.sources();
    opened.notes.iter().for_each(|note| output.warning(note, &sources));
    Ok(SUCCESS)
}

/// The operations of the file, unless one of its types was asked for.
fn operations(opened: &Opened) -> impl Iterator<Item = &Operation> {
    opened.operations.iter().filter(|_| !opened.is_named)
}

/// An operation for programs.
pub(crate) fn machine(operation: &Operation) -> Json {
    let failure = |failure: &Failure| json!({ "name": failure.name.as_str(), "schema": json_schema::write(&failure.shape), "doc": failure.doc.as_deref() });
    json!({
        "name": operation.name.as_str(),
        "address": operation.address.as_str(),
        "doc": operation.doc.as_deref(),
        "deprecated": operation.deprecated,
        "input": json_schema::write(&operation.input),
        "output": json_schema::write(&operation.output),
        "errors": operation.errors.iter().map(failure).collect::<Json>(),
        "line": operation.place.line,
    })
}

/// A table of operations, under a header.
pub(crate) fn operation_rows<'o>(operations: impl Iterator<Item = &'o Operation>) -> Vec<Vec<String>> {
    let mut rows = vec![
        ["OPERATION", "ADDRESS", "TAKES", "ANSWERS", "FAILS", "DESCRIPTION"].map(str::to_owned).to_vec(),
    ];
    for operation in operations {
        let first = |doc: &str| clip(doc.lines().next().unwrap_or_default(), MAX_DOC).to_string();
        let deprecated = if operation.deprecated { "deprecated. " } else { "" };
        let failures: Vec<&str> = operation.errors.iter().map(|failure| failure.name.as_str()).collect();
        rows.push(vec![
            operation.name.to_string(),
            operation.address.to_string(),
            takes(&operation.input),
            answers(&operation.output, operation.streams_output),
            failures.join(" "),
            format!("{deprecated}{}", operation.doc.as_deref().map(first).unwrap_or_default()),
        ]);
    }
    rows
}

/// The parts of what an operation takes, or what it is.
fn takes(shape: &Shape) -> String {
    match &shape.kind {
        Kind::Record(record) => {
            let part = |field: &Field| match field.required {
                true => field.name.to_string(),
                false => format!("{}?", field.name),
            };
            record.fields().iter().map(part).collect::<Vec<_>>().join(" ")
        }
        _ => answers(shape, false),
    }
}

fn answers(shape: &Shape, streams: bool) -> String {
    let resolved = shape.resolved();
    let name = match &resolved.kind {
        Kind::Record(record) => record.name.as_deref().map_or_else(|| shape.name(), str::to_owned),
        Kind::Enum(values) if values.iter().all(tenon_model::Value::is_null) => "nothing".to_owned(),
        _ => shape.name(),
    };
    if streams { format!("stream of {name}") } else { name }
}

/// A table of the parts of a shape, under a header.
pub(crate) fn rows(shape: &Shape) -> Vec<Vec<String>> {
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
