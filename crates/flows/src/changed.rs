//! What a project has changed about a flow that has run before: it reads another topic, or writes to another place. Neither
//! shows by itself, so both are said.

use std::collections::HashSet;

use tenon_errors::{
    Report,
    catalogue::delivery::{NEW_TO_FLOW, WOULD_COUNT_AGAIN},
};
use tenon_model::Str;
use tenon_plan::{Flow, Input, Step, StepKind};
use tenon_ports::{Checkpoint, Database, Position};

use crate::{
    counting::{Surroundings, table_name},
    stream::{self, Stream, source_of},
};

/// What was read before and put where a flow that begins to read a source would put the same again, on top.
#[derive(Debug, Clone)]
pub struct CountedBefore {
    /// The flow that has read it, if it is another one.
    other: Option<Str>,
    /// Whether the project has that one no more.
    is_gone: bool,
    /// What it has read.
    source: Str,
    /// Where that went: tables as `system.table`, and topics.
    pub places: Vec<Str>,
}

impl CountedBefore {
    /// What was counted before, by the checkpoints in `read`, if `flow` begins to read its source: the same flow has read another
    /// topic, or a flow that is gone has read the same, or another topic. `identity` is that of the topic that the flow
    /// reads; where it is not known, one of the same name counts as the same.
    #[must_use]
    pub fn all(
        flow: &Flow,
        around: &Surroundings,
        read: &[(Str, Checkpoint)],
        identity: Option<&Str>,
    ) -> Vec<Self> {
        let (now, is_topic) = (source_of(flow), matches!(flow.input, Input::Topic(_)));
        let is_known = own(flow, read).any(|it| it.source.is_empty() || it.source == now);
        if is_known || !around.counts() || around.takes_as_new() {
            return Vec::new();
        }
        let of = |(name, it): &(Str, Checkpoint)| {
            let is_own = *name == flow.name.as_str();
            let is_same = it.source == now;
            let is_meant = match is_same {
                true => !is_topic || identity.is_none_or(|identity| *identity == it.fingerprint),
                // A file under another name is another delivery.
                false => (is_own || !around.has_flow(name)) && (is_topic || is_in_topic(it)),
            };
            let was_put = |place: &&Str| {
                // What it does not read any more, this flow may have taken over from it.
                around.is_counted(place) && (is_own || !around.is_maker(place, name, &it.source))
            };
            let places: Vec<Str> = places(it).filter(was_put).cloned().collect();
            let other = (!is_own).then(|| name.clone());
            (is_meant && !places.is_empty()).then(|| Self {
                other,
                is_gone: !around.has_flow(name),
                source: it.source.clone(),
                places,
            })
        };
        read.iter().filter_map(of).collect()
    }

    /// The refusal to go on, where `place` still holds what was put there.
    #[must_use]
    pub fn refusal(&self, flow: &Flow, place: &str, around: &Surroundings) -> Report {
        let (name, before, now) = (&flow.name, &self.source, source_of(flow));
        let into = place.rsplit_once('.').map_or(place, |(_, table)| table);
        let (did, does) = if place.contains('.') { ("counted", "count") } else { ("published", "publish") };
        let again = match (&self.other, *before == now) {
            (_, true) => format!("`{name}` would {does} it again"),
            (None, false) => format!("would now {does} `{now}`, which may hold the same"),
            (Some(_), false) => format!("`{name}` would {does} `{now}`, which may hold the same"),
        };
        let who = match &self.other {
            None => format!("`{name}`"),
            Some(other) if self.is_gone => format!("`{other}`, no longer in the project,"),
            Some(other) => format!("`{other}`"),
        };
        let message = format!("{who} already {did} `{before}` into `{into}`, and {again}");
        let as_new = format!("`--as-new {name}`");
        let (back, only_if) = match (&self.other, *before == now) {
            (None, _) => (
                format!("let the flow read `{before}` again"),
                format!(" if nothing of `{now}` was counted before"),
            ),
            (Some(_), true) => {
                ("give the flow its old name back".to_owned(), " to count it on top".to_owned())
            }
            (Some(_), false) => (
                format!("give the flow its old name back and let it read `{before}`"),
                format!(" if nothing of `{now}` was counted before"),
            ),
        };
        // What a flow that is gone has made of something else would not come again.
        let can_rebuild = around.can_rebuild(flow) && (self.other.is_none() || *before == now);
        let rebuild = if can_rebuild {
            format!("say `--rebuild {name}` to rebuild its tables from `{now}` alone, or ")
        } else {
            String::new()
        };
        Report::new(&WOULD_COUNT_AGAIN, message).hint(format!("{rebuild}say {as_new}{only_if}, or {back}"))
    }
}

/// Where `flow` writes or publishes what it had not when it read what it has read, by its checkpoints among `read`. Where those
/// are of an earlier Tenon and name no tables, `is_empty` tells whether a table, given as `system.table`, holds nothing.
#[must_use]
pub fn new_places(
    flow: &Flow,
    around: &Surroundings,
    read: &[(Str, Checkpoint)],
    is_empty: &dyn Fn(&Str) -> bool,
) -> Vec<Report> {
    let Some(before) = own(flow, read).next().map(|it| it.source.clone()) else { return Vec::new() };
    let known: HashSet<&Str> = own(flow, read).flat_map(places).collect();
    // An earlier Tenon kept only the tables that are aggregated into.
    let knows_tables = own(flow, read).any(|it| !it.tables.is_empty());
    let mut seen = HashSet::new();
    let mut reports = Vec::new();
    for (what, name, place) in flow.steps.iter().filter_map(place) {
        let is_known = known.contains(&place) || what == "table" && !knows_tables && !is_empty(&place);
        if is_known || !seen.insert(place) {
            continue;
        }
        let message = format!(
            "the {what} `{name}` is new to the flow `{}`, which has read `{before}` already: what was read before is not in it",
            flow.name
        );
        reports.push(Report::new(&NEW_TO_FLOW, message).hint(advice(flow, around)));
    }
    reports
}

fn advice(flow: &Flow, around: &Surroundings) -> String {
    let name = &flow.name;
    match (around.can_rebuild(flow), around.counts()) {
        (true, _) => {
            format!("run `tenon run --rebuild {name}` to have its tables made from everything that it reads")
        }
        (false, false) => format!("run `tenon run --restart-source {name}` to have its source read again"),
        (false, true) => "let a flow of its own fill it, which reads the source from the start".to_owned(),
    }
}

/// Whether `database` holds a position of `flow` in what this checkpoint is of.
///
/// # Errors
/// What the database reports.
pub async fn has_read(flow: &Flow, checkpoint: &Checkpoint, database: &dyn Database) -> Result<bool, Report> {
    let stream = Stream::new(&checkpoint.source, &checkpoint.fingerprint);
    let held = stream::position(database, &[stream.consumer(&flow.name)]).await?;
    Ok(held.is_some_and(|position| position > Position::default()))
}

/// The checkpoints of `flow`.
pub fn own<'c>(flow: &'c Flow, read: &'c [(Str, Checkpoint)]) -> impl Iterator<Item = &'c Checkpoint> {
    read.iter().filter(|(name, _)| *name == flow.name.as_str()).map(|(_, checkpoint)| checkpoint)
}

/// Where everything went that was read up to a checkpoint.
fn places(checkpoint: &Checkpoint) -> impl Iterator<Item = &Str> {
    checkpoint.tables.iter().chain(checkpoint.marks.iter().map(|(topic, _)| topic))
}

/// Where a step puts messages: what that is, its name, and how checkpoints name it.
fn place(step: &Step) -> Option<(&'static str, Str, Str)> {
    if let StepKind::Upsert { table, .. } = &step.kind {
        return Some(("table", table.name.as_str().into(), table_name(table)));
    }
    if let StepKind::Aggregate(aggregate) = &step.kind {
        return Some(("table", aggregate.table.name.as_str().into(), table_name(&aggregate.table)));
    }
    let topic: Str = step.kind.publishes()?.name.as_str().into();
    Some(("topic", topic.clone(), topic))
}

/// The tables that `flow` fills, as checkpoints name them.
pub(crate) fn tables(flow: &Flow) -> Vec<Str> {
    let mut tables: Vec<Str> = Vec::new();
    for (_, _, place) in flow.steps.iter().filter_map(place).filter(|(what, ..)| *what == "table") {
        if !tables.contains(&place) {
            tables.push(place);
        }
    }
    tables
}

/// Whether a checkpoint is one in a topic: what tells files apart has parts.
fn is_in_topic(checkpoint: &Checkpoint) -> bool {
    !checkpoint.fingerprint.contains('-')
}
