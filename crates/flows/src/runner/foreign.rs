//! What another flow has read before, or what lies beside what a flow has read: whether it may be counted.

use std::collections::HashSet;

use tenon_errors::Report;
use tenon_model::Str;
use tenon_ports::Position;

use crate::{
    World,
    changed::{self, CountedBefore},
    counting::{Surroundings, table_name},
    program::{Lane, Program},
    stream::Stream,
};

/// The flow begins to read this. It may have read another topic before, and a flow that is gone may have read the same: most
/// likely the same one, before it got another name.
///
/// # Errors
/// `F0020` where it would be counted on top of what was counted.
pub(super) async fn counted_before(
    program: &Program,
    world: &World,
    stream: &Stream,
    around: &Surroundings,
) -> Result<(), Report> {
    let flow = &program.flow;
    let read = world.state.checkpoints(None).await?;
    for before in CountedBefore::all(flow, around, &read, Some(&stream.fingerprint)) {
        if let Some(place) = filled(program, world, &before.places, around).await? {
            return Err(before.refusal(flow, &place, around));
        }
    }
    Ok(())
}

/// The first of these places that holds anything.
async fn filled(
    program: &Program,
    world: &World,
    places: &[Str],
    around: &Surroundings,
) -> Result<Option<Str>, Report> {
    for table in program.flow.steps.iter().filter_map(|step| step.kind.writes()) {
        let place = table_name(table);
        if around.is_counted(&place)
            && places.contains(&place)
            && world.database(&table.system.name)?.count(&table.name).await? > 0
        {
            return Ok(Some(place));
        }
    }
    for lane in &program.lanes {
        if let Lane::Topic(name, topic) = lane
            && places.contains(name)
            && topic.status().await?.end > 0
        {
            return Ok(Some(name.clone()));
        }
    }
    Ok(None)
}

/// Says where the flow writes what it had not when it read what it has read. `applied` is what its databases hold of what it
/// reads now.
pub(super) async fn tell_new_places(
    program: &Program,
    world: &World,
    around: &Surroundings,
    applied: &[Option<Position>],
) -> Result<(), Report> {
    let flow = &program.flow;
    let read = world.state.checkpoints(Some(&flow.name)).await?;
    let has_read = |position: &Position| *position > Position::default();
    if !read.iter().any(|(_, it)| has_read(&it.position)) && !applied.iter().flatten().any(has_read) {
        return Ok(());
    }
    let mut empty = HashSet::new();
    let are_known = read.iter().any(|(_, it)| !it.tables.is_empty());
    for table in flow.steps.iter().filter_map(|step| step.kind.writes()).filter(|_| !are_known) {
        if world.database(&table.system.name)?.count(&table.name).await? == 0 {
            empty.insert(table_name(table));
        }
    }
    for report in changed::new_places(flow, around, &read, &|table| empty.contains(table)) {
        let hint = report.advice().unwrap_or_default();
        tracing::warn!(flow = %flow.name, code = report.code().id, %report, hint, "a flow writes to a new place");
    }
    Ok(())
}
