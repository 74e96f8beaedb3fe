//! The operations of every API.

use serde_json::Value;
use tenon_contracts::sample;
use tenon_plan::{Api, Operation, OperationKind, Plan, RateLimit, SoapServing, Tls};
use tenon_security::authorize::Access;

use super::{Entry, Section, anchored, contract_link, lineage};
use crate::{
    address,
    html::{escape, markdown},
    openapi::{self, summary},
    units::{count, duration},
};

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
    body += &soap(api, operation);
    body += &format!("<p>{}.</p>", escape(&summary(operation)));
    body += &operation.default_order().map(|order| markdown(&order)).unwrap_or_default();
    body += "<dl>";
    body += &format!("<dt>Access</dt><dd>{}</dd>", access(operation));
    body += &kind(operation);
    if let Some(limit) = operation.limit {
        body += &format!("<dt>Limit</dt><dd>{}</dd>", rate(limit));
    }
    if let Some(cache) = operation.cache {
        body += &format!("<dt>Cached</dt><dd>for {}</dd>", duration(cache));
    }
    body += "</dl>";
    body += &example(plan, api, operation);
    if let OperationKind::Send { flow, .. } = &operation.kind
        && flow.stands_for.is_some()
    {
        body += &lineage::part(flow);
    }
    Entry {
        anchor: format!("operation-{}.{}", api.name, operation.name),
        name: operation.name.to_string(),
        body,
    }
}

/// Where it is served as SOAP, what it is called there, and the faults that are declared for it.
fn soap(api: &Api, operation: &Operation) -> String {
    let Some(soap) = &api.soap else { return String::new() };
    let is_served = |serving: &&SoapServing| {
        api.operations.get(serving.operation).is_some_and(|served| served.name == operation.name)
    };
    let found: Vec<_> = soap
        .operations
        .iter()
        .filter(|it| it.serves.as_ref().filter(is_served).is_some())
        .map(|it| &it.envelope)
        .collect();
    let Some(first) = found.first().map(|envelope| envelope.operation()) else { return String::new() };
    let versions: Vec<_> = found.iter().map(|envelope| envelope.version().name()).collect();
    let faults = match &first.faults[..] {
        [] => String::new(),
        faults => format!("; faults {}", codes(faults.iter().map(|fault| fault.name.as_str()))),
    };
    format!(
        "<p class=\"route\"><b class=\"method SOAP\">SOAP</b> <code>{}</code> <code>{}</code> ({}{faults})</p>",
        escape(&soap.path),
        escape(&first.name),
        versions.join(", "),
    )
}

fn access(operation: &Operation) -> String {
    match &operation.access {
        Access::Open => "open to everybody".to_owned(),
        Access::Scope(scope) => format!("scope <code>{}</code>", escape(&scope.to_string())),
    }
}

fn rate(limit: RateLimit) -> String {
    let whose = if limit.per_client { " for each client" } else { " for all clients together" };
    format!("{} in {}{whose}", count(limit.rate.count as usize, "call"), duration(limit.rate.per))
}

fn kind(operation: &Operation) -> String {
    match &operation.kind {
        OperationKind::Get { table } => {
            format!("<dt>Answers</dt><dd>{}</dd>", contract_link(&table.contract.reference))
        }
        OperationKind::List { table, filter, sort, page_size, max_page_size } => format!(
            "<dt>Answers</dt><dd>pages of {}, {} unless asked otherwise, at most {max_page_size}</dd>\
             <dt>Filter</dt><dd>{}</dd><dt>Sort</dt><dd>{}</dd>",
            contract_link(&table.contract.reference),
            count(*page_size, "row"),
            codes(filter.iter().map(AsRef::as_ref)),
            codes(sort.iter().map(AsRef::as_ref)),
        ),
        OperationKind::Send { flow, input, output } => {
            let by = match &flow.stands_for {
                Some(called) => format!("<dt>Asks</dt><dd><code>{}</code></dd>", escape(&called.name)),
                None => format!("<dt>Flow</dt><dd>{}</dd>", anchored("flow", &flow.name)),
            };
            format!(
                "<dt>Takes</dt><dd>{}</dd><dt>Answers</dt><dd>{} with status {}</dd>{by}",
                contract_link(&input.reference),
                contract_link(&output.reference),
                operation.status,
            )
        }
    }
}

fn codes<'a>(words: impl Iterator<Item = &'a str>) -> String {
    let words: Vec<_> = words.map(|word| format!("<code>{}</code>", escape(word))).collect();
    if words.is_empty() { "none".to_owned() } else { words.join(" ") }
}

fn example(plan: &Plan, api: &Api, operation: &Operation) -> String {
    let (Some(base), Some(route)) = (&api.rest, &operation.route) else { return String::new() };
    // Braces are patterns to curl unless it is told otherwise.
    let globs = if route.path.contains('{') { " --globoff" } else { "" };
    let trust = if plan.server.tls == Some(Tls::Development) { " --insecure" } else { "" };
    let mut lines = vec![format!("curl{globs}{trust} '{}{base}{}'", address::of(plan), route.path)];
    if operation.access != Access::Open {
        let auth = &api.auth;
        let tokens = !auth.jwt.is_empty() || !auth.introspection.is_empty();
        lines.push(match (auth.api_keys.is_empty(), !tokens, auth.basic.is_empty()) {
            (false, ..) => "  --header \"X-Api-Key: $KEY\"".to_owned(),
            (true, true, false) => "  --user \"$USER:$PASSWORD\"".to_owned(),
            (true, ..) => "  --header \"Authorization: Bearer $TOKEN\"".to_owned(),
        });
    }
    if let OperationKind::Send { input, .. } = &operation.kind {
        let body = sample::of(input).map_or("@message.json".to_owned(), |body| {
            // A quote ends the text of a shell, so it is written outside of it.
            format!("'{}'", pretty(&body).replace('\'', "'\\''"))
        });
        lines.push(format!("  --request {} --json {body}", route.method));
    }
    let request = format!("<pre tabindex=\"0\">{}</pre>", escape(&lines.join(" \\\n")));
    let answer = openapi::example(operation)
        .map(|body| format!("<p>Answers such as</p><pre tabindex=\"0\">{}</pre>", escape(&pretty(&body))));
    request + &answer.unwrap_or_default()
}

fn pretty(value: &Value) -> String {
    serde_json::to_string_pretty(value).unwrap_or_default()
}
