//! Contracts that stored data follows: what it says itself or the state remembers of them, held against what the project says
//! now.

use std::sync::Arc;

use tenon_connectors::state::SqliteState;
use tenon_contracts::{
    Contract,
    format::{self, Files, NoFiles, Sought, Source},
    json_schema,
    relate::{Change, Relation, relate},
};
use tenon_errors::{Place, Report, Sources, catalogue::contract::STORED_DATA_MISREAD};
use tenon_model::{ContractRef, Name, Shape, Str};
use tenon_monitoring::Metrics;
use tenon_plan::{Input, Plan, System};
use tenon_ports::{Followed, Holder, Site};

use crate::Options;

/// Something of the plan that stores data, and what that follows from now on.
struct Store<'p> {
    holder: Holder,
    name: &'p str,
    contract: &'p Arc<Contract>,
    system: Option<&'p Arc<System>>,
}

impl Store<'_> {
    /// What the data says itself. A database that cannot be read says so when it is inspected.
    fn kept_with_data(&self, site: &Site) -> Result<Option<Followed>, Report> {
        let Some(system) = self.system else { return Ok(None) };
        let found = system.connector.followed(&system.location, site, self.name);
        match found {
            Err(_) if self.holder == Holder::Table => Ok(None),
            found => found,
        }
    }
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
        text: store.contract.kept_text(),
    };
    stores(plan).map(followed).collect()
}

/// A problem for each topic, table and flow that holds data which its contract does not read any more.
pub(crate) fn check(plan: &Plan, options: &Options, sources: &Sources) -> Vec<Report> {
    // Whatever keeps it from being read is said by whoever opens it to use it.
    let remembered = SqliteState::followed(&options.state).unwrap_or_default();
    let site = options.site(Metrics::new());
    let mut problems = Vec::new();
    for store in stores(plan) {
        let before = before(&store, &site, &remembered);
        if matches!(&before, Ok(None))
            || matches!(&before, Ok(Some(it)) if it.text == store.contract.kept_text())
        {
            continue;
        }
        let holds =
            store.system.is_none_or(|system| system.connector.holds(&system.location, &site, store.name));
        if holds {
            problems.extend(before.map_or_else(Some, |before| compared(&before?, &store, sources)));
        }
    }
    problems
}

/// What the data of a store follows: what is kept with it, or else what the state remembers, which stands in for what is damaged.
///
/// # Errors
/// That it is damaged, and nothing remembers it.
fn before(store: &Store<'_>, site: &Site, remembered: &[Followed]) -> Result<Option<Followed>, Report> {
    let is_sound = |it: &Followed| it.text == store.contract.kept_text() || shape(it).is_some();
    let elsewhere = remembered.iter().find(|it| it.holder == store.holder && it.name == store.name);
    let why = match store.kept_with_data(site) {
        Ok(Some(kept)) if is_sound(&kept) => return Ok(Some(kept)),
        Ok(None) if elsewhere.is_none() => return Ok(None),
        Ok(_) => unknown(store),
        Err(report) => report,
    };
    elsewhere.filter(|it| is_sound(it)).cloned().map(Some).ok_or(why)
}

fn unknown(store: &Store<'_>) -> Report {
    let (contract, data) = (&store.contract, data(store));
    let message = format!(
        "the note of which contract {data} follow is damaged, so it is not known whether `{}` reads them",
        contract.reference
    );
    Report::new(&STORED_DATA_MISREAD, message)
        .at(Place::file(Arc::clone(&contract.file)))
        .hint("restore the state folder from a copy with `tenon state restore`")
}

fn compared(before: &Followed, store: &Store<'_>, sources: &Sources) -> Option<Report> {
    let old = shape(before)?;
    let changes = relate(&old, &store.contract.shape, Relation::STORED).changes;
    let first = changes.first()?;
    let contract = &before.contract;
    let data = data(store);
    let now = &store.contract.reference;
    let what = if now.to_string() == contract.as_str() {
        format!("{data} follow `{contract}` as it was, and it no longer reads all of them")
    } else {
        format!("{data} follow `{contract}`, and `{now}` does not read all of them")
    };
    let hint = if now.to_string() == contract.as_str() {
        let ending = store.contract.file.rsplit('.').next().unwrap_or("json");
        format!(
            "undo the change and make a new version of it: `contracts/{}/{}.{ending}`",
            now.name,
            now.version + 1
        )
    } else {
        format!("keep `contract: {contract}` there, or use a new {}", store.holder.name())
    };
    let file = &store.contract.file;
    let files = ReadBefore(sources);
    let described = sources.get(file).and_then(|text| {
        let source = Source { file, text, files: &files };
        let format = format::of(file, text)?;
        let schema = format.read(&source).ok()?;
        let name = schema.of_name(&store.contract.reference.name).ok()?.name.clone();
        Some((format, source, name))
    });
    let place = |change: &Change| {
        let located = described
            .as_ref()
            .and_then(|(format, source, name)| format.locate(source, name, &change.path, Sought::of(change)));
        located.unwrap_or_else(|| Place::file(Arc::clone(file)))
    };
    let others = changes.iter().skip(1);
    let details = others.map(|change| Report::new(&STORED_DATA_MISREAD, said(change)).at(place(change)));
    let report = Report::new(&STORED_DATA_MISREAD, format!("{what}: {}", said(first)));
    Some(report.at(place(first)).hint(hint).with_details(details))
}

/// The files of the project as they were read when it was checked.
struct ReadBefore<'s>(&'s Sources);

impl Files for ReadBefore<'_> {
    fn read(&self, path: &str) -> Result<format::Text, Report> {
        self.0.get(path).map_or_else(|| NoFiles.read(path), |text| Ok(text.into()))
    }
}

/// The data that a store holds, as the subject of a sentence.
fn data(store: &Store<'_>) -> String {
    let name = store.name;
    match store.holder {
        Holder::Topic => format!("the messages of the topic `{name}`"),
        Holder::Table => format!("the rows of the table `{name}`"),
        Holder::Flow => format!("the dead letters of the flow `{name}`"),
    }
}

/// What has changed, with a value that shows it.
fn said(change: &Change) -> String {
    let subject = match change.path.as_str() {
        "" => "a value".to_owned(),
        path => format!("`{path}`"),
    };
    let example = match &change.witness {
        Some(witness) => format!("for example, {} {}", witness.value, witness.told()),
        None => "it could not be shown by an example".to_owned(),
    };
    format!("{subject} {}; {example}", change.message)
}

/// What the data followed; an earlier Tenon kept that as JSON Schema.
fn shape(before: &Followed) -> Option<Shape> {
    let (name, version) = before.contract.rsplit_once('@')?;
    let reference = ContractRef { name: Name::new(name)?, version: version.parse().ok()? };
    Contract::shape_of(&reference, &before.text).or_else(|| {
        let node = tenon_document::parse("contract.json", &before.text).ok()?;
        json_schema::read(&node).ok()?.into_only().map(|definition| definition.shape)
    })
}
