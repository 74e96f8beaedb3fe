//! The flows: where messages come from and the steps that they go through.

use tenon_plan::{Flow, Input, Missing, Plan, Step, StepKind};

use super::{Entry, Section, anchored, contract_link, lineage};
use crate::html::escape;

pub(super) fn section(plan: &Plan) -> Section {
    let entries = plan.flows.iter().map(|flow| entry(flow)).collect();
    Section { anchor: "flows", title: "Flows", entries }
}

fn entry(flow: &Flow) -> Entry {
    let mut body = format!(
        "<h3>{}</h3><p>Its messages come from {} and follow {}.</p>",
        escape(&flow.name),
        input(&flow.input),
        contract_link(&flow.contract.reference),
    );
    if !flow.steps.is_empty() {
        // Steps are named as metrics, logs and dead letters name them.
        let steps: String =
            flow.steps.iter().map(|step| format!("<li>{}</li>", describe(flow, step))).collect();
        body += &format!("<ul class=\"steps\">{steps}</ul>");
    }
    if !flow.after.is_empty() {
        let names: Vec<_> = flow.after.iter().map(|name| anchored("flow", name)).collect();
        body += &format!("<p>Starts after {}.</p>", names.join(", "));
    }
    body += &lineage::part(flow);
    Entry { anchor: format!("flow-{}", flow.name), name: flow.name.to_string(), body }
}

fn input(input: &Input) -> String {
    match input {
        Input::File(file) => format!("the file <code>{}</code>", escape(&file.shown())),
        Input::Topic(topic) => format!("the topic {}", anchored("topic", &topic.name)),
        Input::Request(_) => "requests".to_owned(),
    }
}

fn describe(flow: &Flow, step: &Step) -> String {
    let label = format!("<code>{}</code>", escape(&step.label));
    let name = |slot: usize| flow.variables.get(slot).map_or("", |name| name.as_str());
    let what = match &step.kind {
        StepKind::Lookup(lookup) => {
            let missing = match lookup.missing {
                Missing::Reject => "rejects the message where there is none",
                Missing::None => "null where there is none",
                Missing::Retry => "waits until there is one",
            };
            let (table, name) = (anchored("table", &lookup.table.name), escape(name(lookup.slot)));
            format!("the row of {table} as <code>{name}</code>; {missing}")
        }
        StepKind::Call(call) => {
            let operation = escape(&call.called.name);
            match call.slot {
                Some(slot) => format!("<code>{operation}</code> as <code>{}</code>", escape(name(slot))),
                None => format!("<code>{operation}</code>"),
            }
        }
        StepKind::Map { contract, .. } => format!("to {}", contract_link(&contract.reference)),
        StepKind::Filter(expression) => format!("<code>{}</code>", escape(expression.text())),
        StepKind::Reject(reject) => format!(
            "where <code>{}</code>, with <code>{}</code>",
            escape(reject.when.text()),
            escape(reject.message.text())
        ),
        StepKind::Each { list, slot } => format!(
            "item of <code>{}</code> as <code>{}</code>; the steps that follow are taken once for each",
            escape(list.text()),
            escape(name(*slot))
        ),
        StepKind::Delete(delete) => format!("from {}", anchored("table", &delete.table.name)),
        StepKind::Log(log) => format!("<code>{}</code>", escape(log.message.text())),
        StepKind::Publish { topic, .. } => format!("to {}", anchored("topic", &topic.name)),
        StepKind::Upsert { table, .. } => format!("into {}", anchored("table", &table.name)),
        StepKind::Aggregate(aggregate) => format!("into {}", anchored("table", &aggregate.table.name)),
        StepKind::Let(values) => {
            let value = |(slot, expression): &(usize, tenon_mapping::Expression)| {
                format!("<code>{}</code> = <code>{}</code>", escape(name(*slot)), escape(expression.text()))
            };
            values.iter().map(value).collect::<Vec<_>>().join(", ")
        }
    };
    format!("{label} {what}")
}
