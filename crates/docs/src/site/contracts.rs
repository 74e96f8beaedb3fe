//! The contracts, field by field.

use tenon_contracts::Contract;
use tenon_model::Field;
use tenon_plan::Plan;

use super::{Entry, Section};
use crate::html::{escape, markdown};

pub(super) fn section(plan: &Plan) -> Section {
    let entries = plan.contracts.values().map(|contract| entry(contract)).collect();
    Section { anchor: "contracts", title: "Contracts", entries }
}

fn entry(contract: &Contract) -> Entry {
    let name = contract.reference.to_string();
    let mut body = format!("<h3 id=\"contract-{}\">{}</h3>", escape(&contract.reference.name), escape(&name));
    if let Some(doc) = &contract.doc {
        body += &markdown(doc);
    }
    body += &match contract.shape.as_record() {
        Some(record) => {
            let rows: String = record.fields().iter().map(row).collect();
            format!("<table><tr><th>field</th><th>kind</th><th></th><th>meaning</th></tr>{rows}</table>")
        }
        None => format!("<p>{}</p>", escape(&contract.shape.name())),
    };
    Entry {
        anchor: format!("contract-{}-{}", contract.reference.name, contract.reference.version),
        name,
        body,
    }
}

fn row(field: &Field) -> String {
    let mut marks = Vec::new();
    if !field.required {
        marks.push("optional");
    }
    if field.deprecated {
        marks.push("deprecated");
    }
    if field.sensitivity.is_some() {
        marks.push("sensitive");
    }
    format!(
        "<tr><td><code>{}</code></td><td>{}</td><td>{}</td><td>{}</td></tr>",
        escape(&field.name),
        escape(&field.shape.name()),
        marks.join(" "),
        escape(field.doc.as_deref().unwrap_or_default()),
    )
}
