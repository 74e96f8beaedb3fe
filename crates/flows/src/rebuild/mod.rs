//! Making what a flow has made anew: its tables are emptied, and its source is read from the start.
//!
//! A note is kept from before anything is emptied until everything is ready for the flow to start, so that a rebuild that
//! was interrupted is gone on with by the next start. Each of its parts can be repeated.

#[cfg(test)]
mod tests;

use std::{collections::BTreeSet, sync::Arc};

use tenon_errors::{Report, catalogue::delivery::CANNOT_REBUILD};
use tenon_model::{Name, Str};
use tenon_plan::{Flow, Input, Plan};
use tenon_ports::{Checkpoint, DeadLetterQuery};

use crate::{
    Counting, World,
    program::{Lane, Program},
    stream::source_of,
};

/// How many dead letters are looked at a time.
const PAGE: usize = 1_000;

/// The flows of `plan` whose rebuild was begun and not finished.
///
/// # Errors
/// What the state reports.
pub async fn interrupted(plan: &Plan, world: &World) -> Result<Vec<Arc<Flow>>, Report> {
    let noted = world.state.checkpoints(None).await?;
    let is_noted = |flow: &&Arc<Flow>| noted.iter().any(|(name, _)| *name == note(&flow.name));
    Ok(plan.flows.iter().filter(is_noted).cloned().collect())
}

/// Refuses what would lose something or cannot be done. Changes nothing.
///
/// # Errors
/// `F0021`, or what the systems report.
pub async fn check(plan: &Plan, flow: &Flow, world: &World) -> Result<(), Report> {
    let refused =
        |why: String| Err(Report::new(&CANNOT_REBUILD, format!("`{}` cannot be rebuilt: {why}", flow.name)));
    if let Some(topic) = flow.steps.iter().find_map(|step| step.kind.publishes()) {
        let why = format!("it publishes to `{}`, and what was published cannot be taken back", topic.name);
        return refused(why).map_err(|report| {
            report.hint("rebuild the flows that consume the topic; `tenon explain F0020` says how the topic is created again")
        });
    }
    for table in flow.steps.iter().filter_map(|step| step.kind.writes()) {
        let writes = |other: &Arc<Flow>| {
            other.steps.iter().filter_map(|step| step.kind.writes()).any(|it| it.name == table.name)
        };
        let other = plan.flows.iter().find(|other| other.name != flow.name && writes(other));
        if let Some(other) = other {
            let why = format!("`{}` also writes the table `{}`", other.name, table.name);
            return refused(why).map_err(|report| report.hint("give each flow a table of its own"));
        }
    }
    if let Some((other, checkpoint)) = made_from_elsewhere(&Counting::of(plan), flow, world).await? {
        let why = format!(
            "its table holds what `{other}`, no longer in the project, made from `{}`, and nothing would make that again",
            checkpoint.source
        );
        return refused(why)
            .map_err(|report| report.hint("empty the table by hand if that is no longer needed"));
    }
    if let Input::Topic(topic) = &flow.input {
        let start = world.topic(&topic.name)?.status().await?.start;
        if start > 0 {
            let why = format!(
                "the topic `{}` no longer holds its first {start} messages, so what they have made would be lost",
                topic.name
            );
            return refused(why)
                .map_err(|report| report.hint("let the topic keep everything that is to be counted"));
        }
    }
    Ok(())
}

/// A flow that is not this one, and what it read, whose rows in a table of this flow would not come back.
async fn made_from_elsewhere(
    counting: &Counting<'_>,
    flow: &Flow,
    world: &World,
) -> Result<Option<(Str, Checkpoint)>, Report> {
    let source = source_of(flow);
    let tables: BTreeSet<Str> = counting.counted_tables(flow).collect();
    let lost = |(other, it): &(Str, Checkpoint)| {
        *other != flow.name.as_str()
            && it.source != source
            && it.tables.iter().any(|table| tables.contains(table))
    };
    Ok(world.state.checkpoints(None).await?.into_iter().find(lost))
}

/// Empties the tables of `flow` and forgets what it has read, so that it begins at the start of its source. Has to be checked
/// before; can be repeated after an interruption.
///
/// # Errors
/// What the systems report.
pub async fn rebuild(flow: &Arc<Flow>, world: &World) -> Result<(), Report> {
    let (name, state) = (&flow.name, &world.state);
    let source = source_of(flow);
    let read = state.checkpoints(Some(name)).await?;
    state.record(&note(name), Vec::new(), Some(Checkpoint::default())).await?;
    let program = Program::bind(Arc::clone(flow), world)?;
    for (lane, port) in program.lanes.iter().enumerate() {
        let Lane::Database(database) = port else { continue };
        let written = flow.steps.iter().zip(&program.bindings).filter(|(_, it)| it.lane() == Some(lane));
        let tables: BTreeSet<Str> =
            written.filter_map(|(step, _)| step.kind.writes()).map(|it| Str::new(it.name.as_str())).collect();
        database.clear(tables.into_iter().collect(), name).await?;
    }
    let dropped = drop_letters(flow, &source, world).await?;
    state.reset(&format!("{name} (replay)")).await?;
    state.reset(name).await?;
    state.reset(&note(name)).await?;
    tracing::info!(flow = %name, dead_letters = dropped, "the tables of the flow are empty, and its source is read from the start");
    for (_, checkpoint) in read.iter().filter(|(_, it)| !it.source.is_empty() && it.source != source) {
        tracing::warn!(
            flow = %name,
            source = %checkpoint.source,
            "the flow also read another source before, and its contents are no longer counted: point `from` at it once more to include them"
        );
    }
    Ok(())
}

/// Drops the dead letters whose messages come again.
async fn drop_letters(flow: &Flow, source: &Str, world: &World) -> Result<u64, Report> {
    let oldest = match &flow.input {
        Input::Topic(topic) => world.topic(&topic.name)?.status().await?.start,
        Input::File(_) | Input::Request(_) => 0,
    };
    let (mut after, mut dropped) = (None, 0);
    loop {
        let of_flow = Some(Str::new(flow.name.as_str()));
        let query =
            DeadLetterQuery { flow: of_flow, after: after.clone(), limit: PAGE, ..Default::default() };
        let page = world.state.dead_letters(query).await?;
        let Some(last) = page.last() else { return Ok(dropped) };
        after = Some(last.id.clone());
        let comes_again = page
            .iter()
            .filter(|letter| letter.origin.source == *source && letter.origin.position.offset >= oldest);
        let ids: Vec<_> = comes_again.map(|letter| letter.id.clone()).collect();
        if !ids.is_empty() {
            dropped += world.state.drop_dead_letters(ids).await?;
        }
    }
}

/// Under this name the state keeps that a rebuild was begun. No flow is called so.
fn note(flow: &Name) -> String {
    format!("{flow} (rebuild)")
}
