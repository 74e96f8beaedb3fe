//! Which flows have dead letters, and where those would write: what other flows write there is kept for them as well.
//!
//! While a flow has dead letters it keeps the keys that its own messages write (see [`Moves`]). In a table or topic that is not
//! its alone, other flows move keys on, and one that removes a row leaves nothing to see. So they keep their keys under the name of
//! the flow that has the letters, before they take effect. That costs one write of the state for a batch or a request, only while
//! there are letters, within the same bound. Marks of deletion beside the rows would cost as much and say less, and a source that
//! is read again does not tell what flows have made of it.
//!
//! What counts between flows is the time: what another flow writes after a message has failed is newer than its letter.

use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use jiff::Timestamp;
use tenon_errors::Report;
use tenon_model::Str;
use tenon_plan::{Flow, Plan, StepKind};
use tenon_ports::{Moves, input::digest};

use crate::{
    World,
    batch::Effect,
    counting::table_name,
    moves::{self, Written},
    program::Program,
};

/// Where flows that have dead letters write: tables as `system.table`, and topics. Its copies are the same.
#[derive(Debug, Clone, Default)]
pub struct Watched(Arc<Mutex<HashMap<Str, HashSet<Str>>>>);

/// Looks which flows of `plan`, and which that are no longer in it, have dead letters. Has to be called before anything writes.
///
/// # Errors
/// What the state reports.
pub async fn watch(plan: &Plan, world: &World) -> Result<(), Report> {
    let flows: HashSet<Str> =
        world.state.dead_letter_counts().await?.into_iter().map(|(flow, ..)| flow).collect();
    for name in flows {
        let read = world.state.checkpoints(Some(&name)).await?;
        let before = read.into_iter().flat_map(|(_, it)| {
            let topics = it.marks.into_iter().map(|(topic, _)| topic);
            it.tables.into_iter().chain(topics)
        });
        let now = plan.flow(&name).map(|flow| places(flow)).unwrap_or_default();
        world.watched.begins(&name, before.chain(now));
    }
    Ok(())
}

/// The tables and topics that `flow` writes.
pub(crate) fn places(flow: &Flow) -> HashSet<Str> {
    flow.steps.iter().filter_map(|step| place(&step.kind)).collect()
}

/// Which steps of `flow` write in one of `places`.
pub(crate) fn steps_in(flow: &Flow, places: &HashSet<Str>) -> Vec<bool> {
    let writes = |kind| place(kind).is_some_and(|place| places.contains(&place));
    flow.steps.iter().map(|step| writes(&step.kind)).collect()
}

fn place(kind: &StepKind) -> Option<Str> {
    match (kind.writes(), kind.publishes()) {
        (Some(table), _) => Some(table_name(table)),
        (None, Some(topic)) => Some(topic.name.as_str().into()),
        (None, None) => None,
    }
}

impl Watched {
    /// The flow has dead letters, or is about to.
    pub(crate) fn begins(&self, flow: &str, places: impl IntoIterator<Item = Str>) {
        self.flows().entry(Str::new(flow)).or_default().extend(places);
    }

    /// The flow has none.
    pub(crate) fn ends(&self, flow: &str) {
        self.flows().remove(flow);
    }

    /// The flows beside `flow` that have dead letters, and where they write.
    fn others(&self, flow: &str) -> Vec<(Str, HashSet<Str>)> {
        let flows = self.flows();
        flows.iter().filter(|(name, _)| *name != flow).map(|(name, it)| (name.clone(), it.clone())).collect()
    }

    fn flows(&self) -> MutexGuard<'_, HashMap<Str, HashSet<Str>>> {
        // A panic leaves the map whole.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Keeps what `flow` is about to write, for the flows beside it that have dead letters. `written` gives keys with the
/// offsets of their messages in a stream, which is that of a digest; what is not in the places that it is called with is not kept,
/// and may be left out. Has to be called before anything of it takes effect.
///
/// A replay of another flow either sees this, or has taken effect when this returns.
///
/// # Errors
/// What the state reports.
pub(crate) async fn note_for_others<I: Iterator<Item = (Written, u64)>>(
    flow: &str,
    world: &World,
    (stream, at): (u64, Timestamp),
    written: impl Fn(&HashSet<Str>) -> I,
) -> Result<(), Report> {
    for (other, places) in world.watched.others(flow) {
        let there = written(&places).filter(|((place, _), _)| places.contains(place));
        let keys: Vec<_> = there.map(|((_, key), offset)| (key, offset)).collect();
        if keys.is_empty() {
            continue;
        }
        let turn = world.turns.replaying(&other);
        let _turn = turn.lock().await;
        world.state.note_moves(&other, Moves { stream, at, keys }).await?;
    }
    Ok(())
}

/// The same for a request, which has no place in a stream.
///
/// # Errors
/// What the state reports.
pub(crate) async fn note_request<I: Iterator<Item = Written>>(
    flow: &str,
    world: &World,
    written: impl Fn() -> I,
) -> Result<(), Report> {
    let stream = digest(&format!("{flow} (requests)"));
    note_for_others(flow, world, (stream, world.clock.now()), |_| written().map(|it| (it, 0))).await
}

/// What effects of `program` write.
pub(crate) fn written<'a>(
    program: &'a Program,
    effects: impl Iterator<Item = &'a Effect> + 'a,
) -> impl Iterator<Item = Written> + 'a {
    effects.flat_map(|it| moves::written(&program.flow.steps[it.step].kind, &it.output))
}
