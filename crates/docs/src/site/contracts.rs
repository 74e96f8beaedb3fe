//! The contracts, field by field.

use std::sync::Arc;

use tenon_contracts::Contract;
use tenon_model::{
    Field, Kind, Sensitivity, Shape,
    shape::{FloatRange, IntRange, Length},
};
use tenon_plan::{OperationKind, Plan};

use super::{Entry, Section, contract_anchor, table};
use crate::html::{escape, markdown};

/// Records inside of records are shown down to this depth.
const DEPTH: usize = 6;

pub(super) fn section(plan: &Plan) -> Section {
    let mut shown = plan.contracts.clone();
    // What operations of other systems take and answer has no file of its own.
    for api in &plan.apis {
        for operation in &api.operations {
            if let OperationKind::Send { input, output, .. } = &operation.kind {
                for contract in [input, output] {
                    shown.entry(contract.reference.clone()).or_insert_with(|| Arc::clone(contract));
                }
            }
        }
    }
    let entries = shown.values().map(|contract| entry(contract)).collect();
    Section { anchor: "contracts", title: "Contracts", entries }
}

fn entry(contract: &Contract) -> Entry {
    let name = contract.reference.to_string();
    let mut body = format!("<h3>{}</h3>", escape(&name));
    if let Some(doc) = &contract.doc {
        body += &markdown(doc);
    }
    let mut rows = Vec::new();
    collect("", &contract.shape.resolved(), 0, &mut rows);
    body += &if rows.is_empty() {
        format!("<p>{}</p>", escape(&contract.shape.name()))
    } else {
        table(&name, &["field", "kind", "presence", "constraints", "meaning"], &rows)
    };
    Entry { anchor: contract_anchor(&contract.reference), name, body }
}

/// The fields of `shape` and of the records in it, by path.
fn collect(prefix: &str, shape: &Shape, depth: usize, rows: &mut Vec<[String; 5]>) {
    match &shape.kind {
        Kind::Record(record) if depth < DEPTH => {
            for field in record.fields() {
                let path = if prefix.is_empty() {
                    field.name.to_string()
                } else {
                    format!("{prefix}.{}", field.name)
                };
                rows.push(row(&path, field));
                collect(&path, &field.shape, depth + 1, rows);
            }
        }
        Kind::List(list) if !prefix.is_empty() => collect(&format!("{prefix}[]"), &list.item, depth, rows),
        Kind::Map(map) if !prefix.is_empty() => collect(&format!("{prefix}[]"), &map.value, depth, rows),
        // A definition refers to itself: it is shown where it stands first, by the name of its kind.
        _ => {}
    }
}

fn row(path: &str, field: &Field) -> [String; 5] {
    let mut presence = vec![if field.required { "required" } else { "optional" }];
    presence.extend(field.deprecated.then_some("deprecated"));
    presence.extend(field.sensitivity.map(|sensitivity| match sensitivity {
        Sensitivity::Personal => "personal",
        Sensitivity::Secret => "secret",
    }));
    let mut constraints = constraints(&field.shape);
    if let Some(default) = &field.default {
        constraints.push(format!("default <code>{}</code>", escape(&default.to_string())));
    }
    [
        format!("<code>{}</code>", escape(path)),
        escape(&kind(&field.shape)),
        presence.join(", "),
        constraints.join("; "),
        field.doc.as_deref().map(escape).unwrap_or_default(),
    ]
}

fn kind(shape: &Shape) -> String {
    match &shape.kind {
        Kind::Enum(_) if shape.nullable => "one of, or null".to_owned(),
        Kind::Enum(_) => "one of".to_owned(),
        _ => shape.name(),
    }
}

/// What the values of `shape` have to meet beyond their kind, as HTML.
fn constraints(shape: &Shape) -> Vec<String> {
    match &shape.kind {
        Kind::Int(range) => integers(range),
        Kind::Float(range) | Kind::Decimal(range) => numbers(range),
        Kind::String(text) => {
            let mut found = lengths(&text.length, "character");
            found.extend(text.pattern.iter().map(|it| format!("matches <code>{}</code>", escape(it))));
            found
        }
        Kind::Bytes(length) => lengths(length, "byte"),
        Kind::List(list) => {
            let mut found = lengths(&list.length, "item");
            found.extend(list.unique.then(|| "no two are equal".to_owned()));
            found.extend(constraints(&list.item).into_iter().map(|each| format!("each: {each}")));
            found
        }
        Kind::Map(map) => lengths(&map.length, "entry"),
        Kind::Enum(values) => {
            let values: Vec<_> =
                values.iter().map(|value| format!("<code>{}</code>", escape(&value.to_string()))).collect();
            vec![values.join(" ")]
        }
        _ => Vec::new(),
    }
}

fn integers(range: &IntRange) -> Vec<String> {
    let ends = [("≥", range.min), ("≤", range.max), ("a multiple of", range.multiple_of)];
    ends.iter().filter_map(|(word, end)| end.map(|end| format!("{word} {end}"))).collect()
}

fn numbers(range: &FloatRange) -> Vec<String> {
    let mut found = Vec::new();
    found.extend(
        range.min.as_ref().map(|it| format!("{} {}", if it.exclusive { "&gt;" } else { "≥" }, it.value)),
    );
    found.extend(
        range.max.as_ref().map(|it| format!("{} {}", if it.exclusive { "&lt;" } else { "≤" }, it.value)),
    );
    found.extend(range.multiple_of.as_ref().map(|unit| format!("a multiple of {unit}")));
    found
}

fn lengths(length: &Length, noun: &str) -> Vec<String> {
    let plural = |number: u64| match (number, noun) {
        (1, _) => format!("1 {noun}"),
        (_, "entry") => format!("{number} entries"),
        _ => format!("{number} {noun}s"),
    };
    match (length.min, length.max) {
        (Some(min), Some(max)) if min == max => vec![plural(min)],
        (Some(min), Some(max)) => vec![format!("{min} to {}", plural(max))],
        (Some(min), None) => vec![format!("at least {}", plural(min))],
        (None, Some(max)) => vec![format!("at most {}", plural(max))],
        (None, None) => Vec::new(),
    }
}
