//! The flows: where messages come from and the steps that they go through.

use tenon_plan::{Flow, Input, Plan, Step, StepKind};

use super::{Entry, Section, contract_link};
use crate::html::escape;

pub(super) fn section(plan: &Plan) -> Section {
    let entries = plan.flows.iter().map(|flow| entry(flow)).collect();
    Section { anchor: "flows", title: "Flows", entries }
}

fn entry(flow: &Flow) -> Entry {
    let steps: String = flow.steps.iter().map(|step| format!("<li>{}</li>", describe(step))).collect();
    let mut body = format!(
        "<h3>{}</h3><ol class=\"steps\"><li>{} follows {}</li>{steps}</ol>",
        escape(&flow.name),
        input(&flow.input),
        contract_link(&flow.contract.reference.name),
    );
    if !flow.after.is_empty() {
        let names: Vec<_> =
            flow.after.iter().map(|name| format!("<a href=\"#flow-{0}\">{0}</a>", escape(name))).collect();
        body += &format!("<p>Starts after {}.</p>", names.join(", "));
    }
    body += &lineage(flow);
    Entry { anchor: format!("flow-{}", flow.name), name: flow.name.to_string(), body }
}

fn input(input: &Input) -> String {
    match input {
        Input::File(file) => format!("the file <code>{}</code>", escape(&file.shown())),
        Input::Topic(topic) => format!("the topic <a href=\"#topic-{0}\">{0}</a>", escape(&topic.name)),
        Input::Request(_) => "a request".to_owned(),
    }
}

fn describe(step: &Step) -> String {
    let word = step.kind.word();
    match &step.kind {
        StepKind::Lookup(lookup) => {
            format!("{word} in <a href=\"#table-{0}\">{0}</a>", escape(&lookup.table.name))
        }
        StepKind::Map { contract, .. } => format!("{word} to {}", contract_link(&contract.reference.name)),
        StepKind::Filter(expression) => format!("{word} <code>{}</code>", escape(expression.text())),
        StepKind::Publish { topic, .. } => {
            format!("{word} to <a href=\"#topic-{0}\">{0}</a>", escape(&topic.name))
        }
        StepKind::Upsert { table, .. } => {
            format!("{word} into <a href=\"#table-{0}\">{0}</a>", escape(&table.name))
        }
        StepKind::Aggregate(aggregate) => {
            format!("{word} into <a href=\"#table-{0}\">{0}</a>", escape(&aggregate.table.name))
        }
        StepKind::Let(names) => format!("{word} {} values", names.len()),
    }
}

fn lineage(flow: &Flow) -> String {
    let rows: String = flow
        .steps
        .iter()
        .filter_map(|step| if let StepKind::Map { mapping, .. } = &step.kind { Some(mapping) } else { None })
        .flat_map(tenon_mapping::Mapping::lineage)
        .map(|line| {
            let sources: Vec<_> = line
                .sources
                .iter()
                .map(|source| format!("<code>{}</code>", escape(&source.to_string())))
                .collect();
            format!(
                "<tr><td><code>{}</code></td><td>{}</td></tr>",
                escape(&line.target.to_string()),
                sources.join(" ")
            )
        })
        .collect();
    if rows.is_empty() {
        return String::new();
    }
    format!(
        "<details><summary>Lineage</summary><table><tr><th>field</th><th>made from</th></tr>{rows}</table></details>"
    )
}
