//! The operations of every API.

use tenon_plan::{Api, Operation, OperationKind, Plan};
use tenon_security::authorize::Access;

use super::{Entry, Section, contract_link};
use crate::{html::escape, openapi::summary};

pub(super) fn section(plan: &Plan) -> Section {
    let entries = plan
        .apis
        .iter()
        .flat_map(|api| api.operations.iter().map(move |operation| entry(plan, api, operation)))
        .collect();
    Section { anchor: "operations", title: "Operations", entries }
}

fn entry(plan: &Plan, api: &Api, operation: &Operation) -> Entry {
    let mut body = format!("<h3>{}</h3>", escape(&operation.name));
    if let (Some(base), Some(route)) = (&api.rest, &operation.route) {
        body += &format!(
            "<p class=\"route\"><b class=\"method {0}\">{0}</b> <code>{1}</code></p>",
            escape(&route.method),
            escape(&format!("{base}{}", route.path)),
        );
    }
    body += &format!("<p>{}.</p><dl>", escape(&summary(operation)));
    body += &format!("<dt>Access</dt><dd>{}</dd>", access(operation));
    body += &kind(operation);
    if let Some(limit) = operation.limit {
        let scope = if limit.per_client { " per client" } else { "" };
        body += &format!("<dt>Limit</dt><dd>{} in {:?}{scope}</dd>", limit.rate.count, limit.rate.per);
    }
    if let Some(cache) = operation.cache {
        body += &format!("<dt>Cached</dt><dd>{cache:?}</dd>");
    }
    body += "</dl>";
    body += &example(plan, api, operation);
    Entry {
        anchor: format!("operation-{}-{}", api.name, operation.name),
        name: operation.name.to_string(),
        body,
    }
}

fn access(operation: &Operation) -> String {
    match &operation.access {
        Access::Open => "open to everybody".to_owned(),
        Access::Scope(scope) => format!("scope <code>{}</code>", escape(&scope.to_string())),
    }
}

fn kind(operation: &Operation) -> String {
    match &operation.kind {
        OperationKind::Get { table } => {
            format!("<dt>Answers</dt><dd>{}</dd>", contract_link(&table.contract.reference.name))
        }
        OperationKind::List { table, filter, sort, page_size, max_page_size } => format!(
            "<dt>Answers</dt><dd>pages of {}, {page_size} rows, at most {max_page_size}</dd>\
             <dt>Filter</dt><dd>{}</dd><dt>Sort</dt><dd>{}</dd>",
            contract_link(&table.contract.reference.name),
            codes(filter.iter().map(AsRef::as_ref)),
            codes(sort.iter().map(AsRef::as_ref)),
        ),
        OperationKind::Send { flow, input, output } => format!(
            "<dt>Takes</dt><dd>{}</dd><dt>Answers</dt><dd>{} with status {}</dd>\
             <dt>Flow</dt><dd><a href=\"#flow-{3}\">{3}</a></dd>",
            contract_link(&input.reference.name),
            contract_link(&output.reference.name),
            operation.status,
            escape(&flow.name),
        ),
    }
}

fn codes<'a>(words: impl Iterator<Item = &'a str>) -> String {
    let words: Vec<_> = words.map(|word| format!("<code>{}</code>", escape(word))).collect();
    if words.is_empty() { "—".to_owned() } else { words.join(" ") }
}

fn example(plan: &Plan, api: &Api, operation: &Operation) -> String {
    let (Some(base), Some(route)) = (&api.rest, &operation.route) else { return String::new() };
    let scheme = if plan.server.tls.is_some() { "https" } else { "http" };
    let mut lines = vec![format!("curl {scheme}://{}{base}{}", plan.server.listen, route.path)];
    if operation.access != Access::Open {
        lines.push("  -H \"X-Api-Key: $KEY\"".to_owned());
    }
    if matches!(operation.kind, OperationKind::Send { .. }) {
        lines.push(format!("  -X {} --json @message.json", route.method));
    }
    format!("<pre>{}</pre>", escape(&lines.join(" \\\n")))
}
