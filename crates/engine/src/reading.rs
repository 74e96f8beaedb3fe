//! What flows have read, as the state remembers it, held against what the project has them read and write now.

use std::collections::HashSet;

use tenon_connectors::state::SqliteState;
use tenon_errors::Report;
use tenon_flows::{
    Counting, Surroundings,
    changed::{self, CountedBefore},
    counting::table_name,
    standing,
};
use tenon_model::Str;
use tenon_monitoring::Metrics;
use tenon_plan::{Effects, Flow, Input, Plan};
use tenon_ports::{Checkpoint, Opened, Position, Site};

use crate::{Options, inspect};

/// What the flows of a project would do in a run.
#[derive(Debug, Default)]
pub struct Findings {
    /// What they would refuse.
    pub problems: Vec<Report>,
    /// What they would do, and what is most likely not meant.
    pub warnings: Vec<Report>,
}

/// Holds the flows of `plan` against what the state remembers of them. Nothing is changed.
pub async fn check(plan: &Plan, options: &Options) -> Findings {
    let mut findings = Findings::default();
    // Whatever keeps it from being read is said by whoever opens it to use it.
    let Ok(read) = SqliteState::checkpoints_in(&options.state) else { return findings };
    let site = options.site(Metrics::new());
    let counting = Counting::of(plan);
    for flow in plan.flows.iter().filter(|flow| !matches!(flow.input, Input::Request(_))) {
        let is_named = |names: &[String]| names.iter().any(|name| *name == flow.name.as_str());
        if is_named(&options.rebuild) {
            continue;
        }
        let around = Surroundings::of(&counting, flow, is_named(&options.as_new));
        let filled = filled(flow, &site);
        let identity = match identity(flow, &read, options).await {
            Ok(identity) => identity,
            // Another one is not told from the same then.
            Err(report) => {
                findings.warnings.push(report);
                continue;
            }
        };
        let other = identity.as_ref().filter(|_| !is_named(&options.restart_sources));
        let other = other.and_then(|identity| standing::refused(flow, &around, &read, identity));
        let before = CountedBefore::all(flow, &around, &read, identity.as_ref());
        let before = before.iter().find_map(|before| {
            let place = before.places.iter().find(|place| filled.contains(*place))?;
            Some(before.refusal(flow, place, &around))
        });
        let refused = other.or(before);
        let is_empty = |table: &Str| !filled.contains(table);
        match has_read(flow, &read, options).await {
            Ok(true) if refused.is_none() => {
                findings.warnings.extend(changed::new_places(flow, &around, &read, &is_empty));
            }
            Ok(_) => {}
            Err(report) => findings.warnings.push(report),
        }
        findings.problems.extend(refused);
    }
    findings
}

/// What tells the content of what `flow` reads from others under its name; `None` for a file of which nothing was read, or which is
/// not there to be looked at, as whoever reads it says.
async fn identity(flow: &Flow, read: &[(Str, Checkpoint)], options: &Options) -> Result<Option<Str>, Report> {
    match &flow.input {
        Input::Topic(topic) => inspect::topic_identity(topic, options).await.map(Some),
        Input::File(file) => {
            let Some(known) = standing::known(flow, read) else { return Ok(None) };
            let Opened::Files(files) = inspect::observed(&file.system, options).await? else {
                return Ok(None);
            };
            Ok(files.fingerprint(&file.path, &file.format, Some(known.clone())).await.ok())
        }
        Input::Request(_) => Ok(None),
    }
}

/// The tables, as `system.table`, and topics that `flow` writes to and that hold anything.
fn filled(flow: &Flow, site: &Site) -> HashSet<Str> {
    let tables = flow.steps.iter().filter_map(|step| step.kind.writes()).filter_map(|table| {
        let system = &table.system;
        system.connector.holds(&system.location, site, &table.name).then(|| table_name(table))
    });
    let topics = flow.steps.iter().filter_map(|step| step.kind.publishes()).filter_map(|topic| {
        let system = &topic.system;
        system.connector.holds(&system.location, site, &topic.name).then(|| topic.name.as_str().into())
    });
    tables.chain(topics).collect()
}

/// Whether `flow` has read anything.
async fn has_read(flow: &Flow, read: &[(Str, Checkpoint)], options: &Options) -> Result<bool, Report> {
    let own: Vec<&Checkpoint> = changed::own(flow, read).collect();
    if own.iter().any(|it| it.position > Position::default()) {
        return Ok(true);
    }
    let Effects::Database(system) = &flow.effects else { return Ok(false) };
    let Opened::Database(database) = inspect::observed(system, options).await? else { return Ok(false) };
    database.prepare(&[]).await?;
    for checkpoint in own {
        if changed::has_read(flow, checkpoint, database.as_ref()).await? {
            return Ok(true);
        }
    }
    Ok(false)
}
