//! What a reload changes, in words: the things of each kind that are new, gone, or not what they were.

use std::{collections::BTreeMap, fmt::Debug};

use tenon_errors::counted;
use tenon_plan::{Api, Operation, OperationKind, Plan};

/// How many names are listed of each kind.
const MOST_NAMES: usize = 10;

/// The things of one kind: what each is, by name.
type Things = BTreeMap<String, String>;

/// The things of a kind in a plan.
type Of = fn(&Plan) -> Things;

/// What is different in `new`, as in ``1 flow added (`a`), 2 operations changed (`shop.list`, `shop.get`)``.
#[must_use]
pub fn between(old: &Plan, new: &Plan) -> String {
    let mut parts = Vec::new();
    if text(&old.server) != text(&new.server) {
        parts.push("the server changed".to_owned());
    }
    let kinds: [(&str, Of); 7] = [
        ("contract", contracts),
        ("system", systems),
        ("table", tables),
        ("topic", topics),
        ("flow", flows),
        ("API", apis),
        ("operation", operations),
    ];
    for (kind, things) in kinds {
        let (before, after) = (things(old), things(new));
        let not_in = |these: &Things, those: &Things| -> Vec<String> {
            these.keys().filter(|name| !those.contains_key(*name)).cloned().collect()
        };
        let is_other = |(name, it): &(&String, &String)| before.get(*name).is_some_and(|was| was != *it);
        let changed: Vec<String> = after.iter().filter(is_other).map(|(name, _)| name.clone()).collect();
        for (names, word) in
            [(not_in(&after, &before), "added"), (not_in(&before, &after), "removed"), (changed, "changed")]
        {
            if !names.is_empty() {
                parts.push(format!("{} {word} ({})", counted(names.len(), kind), listed(&names)));
            }
        }
    }
    if parts.is_empty() { "nothing has changed".to_owned() } else { parts.join(", ") }
}

fn listed(names: &[String]) -> String {
    let shown: Vec<_> = names.iter().take(MOST_NAMES).map(|name| format!("`{name}`")).collect();
    let more = names.len().saturating_sub(MOST_NAMES);
    if more > 0 { format!("{} and {more} more", shown.join(", ")) } else { shown.join(", ") }
}

fn text(it: &impl Debug) -> String {
    format!("{it:?}")
}

fn contracts(plan: &Plan) -> Things {
    let shape = |it: &tenon_contracts::Contract| tenon_contracts::json_schema::write(&it.shape).to_string();
    plan.contracts.iter().map(|(reference, it)| (reference.to_string(), shape(it))).collect()
}

fn systems(plan: &Plan) -> Things {
    let what = |it: &tenon_plan::System| text(&(it.connector.descriptor().scheme, &it.location));
    plan.systems.iter().map(|(name, it)| (name.to_string(), what(it))).collect()
}

fn tables(plan: &Plan) -> Things {
    let what =
        |it: &tenon_plan::Table| text(&(&it.system.name, &it.contract.reference, &it.schema, &it.references));
    plan.tables.iter().map(|(name, it)| (name.to_string(), what(it))).collect()
}

fn topics(plan: &Plan) -> Things {
    let what = |it: &tenon_plan::Topic| {
        let key = it.key.as_ref().map(tenon_mapping::Expression::text);
        text(&(&it.system.name, &it.contract.reference, key, &it.retention))
    };
    plan.topics.iter().map(|(name, it)| (name.to_string(), what(it))).collect()
}

fn flows(plan: &Plan) -> Things {
    plan.flows.iter().map(|flow| (flow.name.to_string(), flow.fingerprint.to_string())).collect()
}

fn apis(plan: &Plan) -> Things {
    let what = |it: &Api| text(&(&it.auth, &it.cors, &it.rest, &it.graphql, &it.references));
    plan.apis.iter().map(|api| (api.name.to_string(), what(api))).collect()
}

fn operations(plan: &Plan) -> Things {
    let all = plan.apis.iter().flat_map(|api| api.operations.iter().map(move |operation| (api, operation)));
    all.map(|(api, operation)| (format!("{}.{}", api.name, operation.name), operation_text(operation)))
        .collect()
}

/// What an operation is, and not what the flow or the table behind it is.
fn operation_text(operation: &Operation) -> String {
    let Operation { name: _, doc, route, access, kind, limit, cache, timeout, status } = operation;
    let kind = match kind {
        OperationKind::Get { table } => text(&("get", &table.name)),
        OperationKind::List { table, filter, sort, page_size, max_page_size } => {
            text(&("list", &table.name, filter, sort, page_size, max_page_size))
        }
        OperationKind::Send { flow, input, output } => {
            text(&("send", &flow.name, &input.reference, &output.reference))
        }
    };
    text(&(doc, route, access, kind, limit, cache, timeout, status))
}
