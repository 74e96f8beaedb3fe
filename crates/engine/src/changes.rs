//! What a reload changes, in words: the things of each kind that are new, gone, or not what they were.

use std::{collections::BTreeMap, sync::Arc};

use tenon_contracts::Contract;
use tenon_errors::counted;
use tenon_model::{ContractRef, Name, Str};
use tenon_plan::{Operation, OperationKind, Plan, System, Table, Topic};

/// How many names are listed of each kind.
const MOST_NAMES: usize = 10;

/// What is different in `new`, as in ``1 flow added (`a`), 2 operations changed (`shop.list`, `shop.get`)``.
#[must_use]
pub fn between(old: &Plan, new: &Plan) -> String {
    let mut parts = Vec::new();
    if old.server != new.server {
        parts.push("the server changed".to_owned());
    }
    parts.extend(of_kind("contract", &contracts(old), &contracts(new)));
    parts.extend(of_kind("system", &systems(old), &systems(new)));
    parts.extend(of_kind("table", &tables(old), &tables(new)));
    parts.extend(of_kind("topic", &topics(old), &topics(new)));
    parts.extend(of_kind("flow", &flows(old), &flows(new)));
    parts.extend(of_kind("API", &apis(old), &apis(new)));
    parts.extend(of_kind("operation", &operations(old), &operations(new)));
    if parts.is_empty() { "nothing has changed".to_owned() } else { parts.join(", ") }
}

/// What is different among the things of one kind, each by its name and what it is.
fn of_kind<T: PartialEq>(
    kind: &str,
    before: &BTreeMap<String, T>,
    after: &BTreeMap<String, T>,
) -> impl Iterator<Item = String> + use<T> {
    let not_in = |these: &BTreeMap<String, T>, those: &BTreeMap<String, T>| -> Vec<String> {
        these.keys().filter(|name| !those.contains_key(*name)).cloned().collect()
    };
    let is_other = |(name, it): &(&String, &T)| before.get(*name).is_some_and(|was| was != *it);
    let changed: Vec<String> = after.iter().filter(is_other).map(|(name, _)| name.clone()).collect();
    let found = [(not_in(after, before), "added"), (not_in(before, after), "removed"), (changed, "changed")];
    let kind = kind.to_owned();
    found
        .into_iter()
        .filter(|(names, _)| !names.is_empty())
        .map(move |(names, word)| format!("{} {word} ({})", counted(names.len(), &kind), listed(&names)))
}

fn listed(names: &[String]) -> String {
    let shown: Vec<_> = names.iter().take(MOST_NAMES).map(|name| format!("`{name}`")).collect();
    let more = names.len().saturating_sub(MOST_NAMES);
    if more > 0 { format!("{} and {more} more", shown.join(", ")) } else { shown.join(", ") }
}

/// The things of a kind, each by its name.
fn named<'p, K: ToString + 'p, V: 'p, T>(
    things: impl IntoIterator<Item = (K, V)>,
    what: impl Fn(V) -> T,
) -> BTreeMap<String, T> {
    things.into_iter().map(|(name, it)| (name.to_string(), what(it))).collect()
}

fn contracts(plan: &Plan) -> BTreeMap<String, impl PartialEq> {
    named(&plan.contracts, |it: &Arc<Contract>| (&it.shape, &it.title, &it.doc, &it.examples))
}

fn systems(plan: &Plan) -> BTreeMap<String, impl PartialEq> {
    named(&plan.systems, |it: &Arc<System>| (it.connector.descriptor().scheme, &it.location))
}

fn tables(plan: &Plan) -> BTreeMap<String, impl PartialEq> {
    named(&plan.tables, |it: &Arc<Table>| {
        (&it.system.name, &it.contract.reference, &it.schema, &it.references)
    })
}

fn topics(plan: &Plan) -> BTreeMap<String, impl PartialEq> {
    named(&plan.topics, |it: &Arc<Topic>| {
        let key = it.key.as_ref().map(tenon_mapping::Expression::text);
        (&it.system.name, &it.contract.reference, key, &it.retention)
    })
}

fn flows(plan: &Plan) -> BTreeMap<String, impl PartialEq> {
    named(plan.flows.iter().map(|flow| (&flow.name, flow)), |flow| &flow.fingerprint)
}

fn apis(plan: &Plan) -> BTreeMap<String, impl PartialEq> {
    named(plan.apis.iter().map(|api| (&api.name, api)), |it| {
        (&it.auth, &it.cors, &it.rest, &it.graphql, &it.soap, &it.references)
    })
}

fn operations(plan: &Plan) -> BTreeMap<String, impl PartialEq> {
    let all = plan.apis.iter().flat_map(|api| api.operations.iter().map(move |it| (api, it.as_ref())));
    named(all.map(|(api, it)| (format!("{}.{}", api.name, it.name), it)), |it: &Operation| {
        let Operation { name: _, doc, route, access, kind, limit, cache, timeout, status } = it;
        (doc, route, access, Does::of(kind), limit, cache, timeout, status)
    })
}

/// What an operation does, and not what the flow or the table behind it is.
#[derive(PartialEq)]
enum Does<'p> {
    Get { table: &'p Name },
    List { table: &'p Name, filter: &'p [Str], sort: &'p [Str], page_sizes: (usize, usize) },
    Send { flow: &'p Name, contracts: [&'p ContractRef; 2] },
    Ask { fingerprint: &'p Str },
}

impl<'p> Does<'p> {
    fn of(kind: &'p OperationKind) -> Self {
        match kind {
            OperationKind::Get { table } => Self::Get { table: &table.name },
            OperationKind::List { table, filter, sort, page_size, max_page_size } => {
                Self::List { table: &table.name, filter, sort, page_sizes: (*page_size, *max_page_size) }
            }
            OperationKind::Send { flow, .. } if flow.stands_for.is_some() => {
                Self::Ask { fingerprint: &flow.fingerprint }
            }
            OperationKind::Send { flow, input, output } => {
                Self::Send { flow: &flow.name, contracts: [&input.reference, &output.reference] }
            }
        }
    }
}
