//! Looking at the state of a project from outside, while it runs or not.

use std::{borrow::Cow, collections::BTreeMap, sync::Arc};

use serde_json::Value;
use tenon_connectors::{http::HttpRemote, parts, state::SqliteState};
use tenon_contracts::Said;
use tenon_errors::{
    Report,
    catalogue::{
        engine::INTERNAL,
        project::UNKNOWN_NAME,
        system::{DATABASE_DAMAGED, LOG_DAMAGED},
    },
    counted, nearest,
};
use tenon_model::{Name, Str};
use tenon_monitoring::Metrics;
use tenon_plan::{Effects, Flow, Input, Plan, Remote, System, Table, Topic};
use tenon_ports::{Database, Opened, Position, Site, State, TopicStatus};

use crate::Options;

/// What was defined under `name`.
///
/// # Errors
/// `P0201` with the nearest name, or all that there are.
pub fn find<'a, T>(defined: &'a BTreeMap<Name, T>, name: &str, what: &str) -> Result<&'a T, Report> {
    defined.get(name).ok_or_else(|| {
        let report = Report::new(&UNKNOWN_NAME, format!("the project has no {what} `{name}`"));
        match nearest(name, defined.keys().map(Name::as_str)) {
            Some(near) => report.hint(format!("use `{near}`")),
            None if defined.is_empty() => report.hint(format!("the project has no {what}s")),
            None => {
                let names: Vec<_> = defined.keys().map(Name::as_str).collect();
                report.hint(format!("use one that exists: `{}`", names.join("`, `")))
            }
        }
    })
}

/// The engine's own state, to look at: dead letters and positions. Nothing is made where no run has been.
///
/// # Errors
/// What opening it reports.
pub fn state(options: &Options) -> Result<Arc<dyn State>, Report> {
    Ok(Arc::new(SqliteState::observe(&options.state)?))
}

/// The engine's own state, to change it: dead letters that are dropped. Nothing is made where no run has been.
///
/// # Errors
/// What opening it reports.
pub fn state_to_change(options: &Options) -> Result<Arc<dyn State>, Report> {
    let is_there = options.state.exists();
    Ok(Arc::new(if is_there { SqliteState::open(&options.state)? } else { SqliteState::in_memory()? }))
}

/// A system whose operations are called, as a run would reach it.
///
/// # Errors
/// What keeps it from being reached: secrets, files and certificates.
pub fn remote(remote: &Remote, options: &Options) -> Result<Arc<dyn tenon_ports::Remote>, Report> {
    let site = options.site(Metrics::new());
    Ok(Arc::new(HttpRemote::new(&remote.name, &remote.reaching, &site, options.secrets.as_ref())?))
}

/// The database of a table.
///
/// # Errors
/// What opening it reports.
pub async fn database(table: &Table, options: &Options) -> Result<Arc<dyn Database>, Report> {
    let Opened::Database(database) = observed(&table.system, options).await? else {
        return Err(misfit(&table.system, "tables"));
    };
    database.prepare(&[Arc::clone(&table.schema)]).await?;
    Ok(database)
}

/// What there is to know about a topic, with the consumers that keep their position in a database. A database that cannot be looked at
/// is among what is damaged.
///
/// # Errors
/// What reading the topic reports.
pub async fn topic_status(plan: &Plan, topic: &Topic, options: &Options) -> Result<TopicStatus, Report> {
    let mut status = self::topic(topic, options).await?.status().await?;
    for flow in &plan.flows {
        let consumes = matches!(&flow.input, Input::Topic(input) if input.name == topic.name);
        if let (true, Effects::Database(system)) = (consumes, &flow.effects) {
            match position(flow, system, &status.identity, options).await {
                Ok(position) => status.groups.push((flow.name.as_str().into(), position.offset)),
                Err(report) => status.damaged.push(report),
            }
        }
    }
    Ok(status)
}

/// How far `flow` has come in the topic of this identity, as the database says that its effects go to.
async fn position(flow: &Flow, system: &System, topic: &Str, options: &Options) -> Result<Position, Report> {
    let Opened::Database(database) = observed(system, options).await? else {
        return Err(misfit(system, "tables"));
    };
    database.prepare(&[]).await?;
    Ok(tenon_flows::position_in_topic(flow, topic, database.as_ref()).await?.unwrap_or_default())
}

/// What tells the topic from another one of the same name.
///
/// # Errors
/// What reading it reports.
pub(crate) async fn topic_identity(topic: &Topic, options: &Options) -> Result<Str, Report> {
    Ok(self::topic(topic, options).await?.status().await?.identity)
}

async fn topic(topic: &Topic, options: &Options) -> Result<Arc<dyn tenon_ports::Topic>, Report> {
    let Opened::Broker(broker) = observed(&topic.system, options).await? else {
        return Err(misfit(&topic.system, "topics"));
    };
    broker.topic(&topic.name, topic.retention).await
}

pub(crate) async fn observed(system: &System, options: &Options) -> Result<Opened, Report> {
    let state = options.state.clone();
    let parts = tokio::task::spawn_blocking(move || SqliteState::parts_seen_in(&state)).await;
    let parts = parts.map_err(|error| Report::new(&INTERNAL, error.to_string()))?;
    let site = Site { parts: Arc::new(parts), ..options.site(Metrics::new()) };
    system.connector.observe(&system.location, &site).await
}

/// In a word what is the matter with a part of the state that cannot be shown, and the code of the report that says more.
#[must_use]
pub fn condition(report: &Report) -> String {
    let code = report.code();
    let word = match code {
        _ if parts::is_missing(report) => "missing",
        _ if [&LOG_DAMAGED, &DATABASE_DAMAGED].contains(&code) => "damaged",
        _ => "unusable",
    };
    format!("{word} ({})", code.id)
}

fn misfit(system: &System, what: &str) -> Report {
    Report::new(&INTERNAL, format!("the system {} holds no {what}", system.name))
}

/// A message of a topic as it is shown.
pub struct ShownMessage {
    /// Its offset.
    pub offset: u64,
    /// Its key.
    pub key: Option<String>,
    /// When it came into being.
    pub time: jiff::Timestamp,
    /// Its payload as JSON, whatever its encoding is.
    pub value: Result<String, Report>,
    /// How many bytes that is in its topic.
    pub bytes: usize,
}

impl ShownMessage {
    /// The payload as text.
    #[must_use]
    pub fn text(&self) -> String {
        match &self.value {
            Ok(text) => text.clone(),
            Err(report) => unreadable(self.bytes, report),
        }
    }

    /// The payload as JSON, or as text where it is none.
    #[must_use]
    pub fn json(&self) -> Value {
        let text = self.text();
        serde_json::from_str(&text).unwrap_or(Value::String(text))
    }
}

/// What is shown in place of so many bytes that cannot be read.
#[must_use]
pub fn unreadable(bytes: usize, report: &Report) -> String {
    format!("({} that cannot be read: [{}] {})", counted(bytes, "byte"), report.code().id, report.message())
}

/// Messages of a topic from an offset on, without what is damaged, and that.
///
/// # Errors
/// What reading them reports.
pub async fn messages(
    of: &Topic,
    options: &Options,
    from: u64,
    limit: usize,
) -> Result<(Vec<ShownMessage>, Vec<Report>), Report> {
    let topic = topic(of, options).await?;
    let records = topic.records(from, limit).await?;
    let damaged = topic.status().await?.damaged;
    let shown = |(offset, record): (u64, tenon_ports::Record)| ShownMessage {
        offset,
        key: record.key.map(|key| key.to_string()),
        time: record.time,
        value: of.reader.show(&record.value, Said::of(&record.headers)).map(Cow::into_owned),
        bytes: record.value.len(),
    };
    Ok((records.into_iter().map(shown).collect(), damaged))
}

/// That each of `flows` is one of the plan's and has a source.
///
/// # Errors
/// `P0201` with the nearest name.
pub fn require_sources(plan: &Plan, flows: &[String]) -> Result<(), Report> {
    let with_source = plan.flows.iter().filter(|flow| !matches!(flow.input, Input::Request(_)));
    let known: BTreeMap<Name, ()> = with_source.map(|flow| (flow.name.clone(), ())).collect();
    flows.iter().try_for_each(|flow| find(&known, flow, "flow with a source").map(drop))
}
