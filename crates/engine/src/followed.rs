//! Contracts that stored data follows: what the state remembers of them, held against what the project says now.

use std::sync::Arc;

use tenon_connectors::state::SqliteState;
use tenon_contracts::{Contract, evolve, json_schema};
use tenon_errors::{Place, Report, catalogue::contract::STORED_DATA_MISREAD};
use tenon_model::{Shape, Str};
use tenon_monitoring::Metrics;
use tenon_plan::{Input, Plan, System};
use tenon_ports::{Followed, Holder};

use crate::Options;

/// Something of the plan that stores data, and what that follows from now on.
struct Store<'p> {
    holder: Holder,
    name: &'p str,
    contract: &'p Arc<Contract>,
    system: Option<&'p Arc<System>>,
}

fn stores(plan: &Plan) -> impl Iterator<Item = Store<'_>> {
    let topics = plan.topics.values().map(|topic| Store {
        holder: Holder::Topic,
        name: topic.name.as_str(),
        contract: &topic.contract,
        system: Some(&topic.system),
    });
    let tables = plan.tables.values().map(|table| Store {
        holder: Holder::Table,
        name: table.name.as_str(),
        contract: &table.contract,
        system: Some(&table.system),
    });
    let flows = plan.flows.iter().filter(|flow| !matches!(flow.input, Input::Request(_))).map(|flow| Store {
        holder: Holder::Flow,
        name: flow.name.as_str(),
        contract: &flow.contract,
        system: None,
    });
    topics.chain(tables).chain(flows)
}

/// What the data that the plan stores follows.
pub(crate) fn of(plan: &Plan) -> Vec<Followed> {
    let followed = |store: Store<'_>| Followed {
        holder: store.holder,
        name: Str::new(store.name),
        contract: store.contract.reference.to_string().into(),
        text: json_schema::write(&store.contract.shape).to_string(),
    };
    stores(plan).map(followed).collect()
}

/// A problem for each topic, table and flow that holds data which its contract does not read any more.
pub(crate) fn check(plan: &Plan, options: &Options) -> Vec<Report> {
    // Whatever keeps it from being read is said by whoever opens it to use it.
    let Ok(remembered) = SqliteState::followed(&options.state) else { return Vec::new() };
    let site = options.site(Metrics::new());
    let mut problems = Vec::new();
    for store in stores(plan) {
        let same = |it: &&Followed| it.holder == store.holder && it.name == store.name;
        let Some(before) = remembered.iter().find(same) else { continue };
        if before.text == json_schema::write(&store.contract.shape) {
            continue;
        }
        let holds =
            store.system.is_none_or(|system| system.connector.holds(&system.location, &site, store.name));
        if holds {
            problems.extend(compared(before, &store));
        }
    }
    problems
}

fn compared(before: &Followed, store: &Store<'_>) -> Option<Report> {
    let changes = match shape(&before.text) {
        Some(old) => evolve::changes(&old, &store.contract.shape),
        None => vec![evolve::Change { path: String::new(), message: "cannot be compared".to_owned() }],
    };
    let first = changes.first()?;
    let (name, contract) = (store.name, &before.contract);
    let data = match store.holder {
        Holder::Topic => format!("the messages of the topic `{name}`"),
        Holder::Table => format!("the rows of the table `{name}`"),
        Holder::Flow => format!("the dead letters of the flow `{name}`"),
    };
    let now = &store.contract.reference;
    let what = if now.to_string() == contract.as_str() {
        format!("{data} follow `{contract}` as it was, and it no longer reads all of them")
    } else {
        format!("{data} follow `{contract}`, and `{now}` does not read all of them")
    };
    let said = |change: &evolve::Change| match change.path.as_str() {
        "" => format!("a value {}", change.message),
        path => format!("`{path}` {}", change.message),
    };
    let hint = if now.to_string() == contract.as_str() {
        format!(
            "undo the change and make a new version of it: `contracts/{}/{}.json`",
            now.name,
            now.version + 1
        )
    } else {
        format!("keep `contract: {contract}` there, or use a new {}", store.holder.name())
    };
    let details = changes.iter().map(|change| Report::new(&STORED_DATA_MISREAD, said(change)));
    let report = Report::new(&STORED_DATA_MISREAD, format!("{what}: {}", said(first)))
        .at(Place::file(Arc::clone(&store.contract.file)))
        .hint(hint);
    Some(if changes.len() > 1 { report.with_details(details.collect::<Vec<_>>()) } else { report })
}

fn shape(text: &str) -> Option<Shape> {
    let node = tenon_document::parse("contract.json", text).ok()?;
    json_schema::read(&node).ok()?.into_only().map(|definition| definition.shape)
}
