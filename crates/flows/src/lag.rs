//! How far a flow is behind the topic that it reads.

use tenon_errors::Report;
use tenon_plan::{Effects, Flow, Input};

use crate::{
    Progress, World,
    lost::is_of,
    stream::{self, position_in_topic, source_of},
};

/// How many messages of the topic that `flow` reads it has not settled, now; nothing of a flow that reads no topic. Of one that
/// has not started, what is remembered tells.
///
/// # Errors
/// What the topic, the database or the state report.
pub async fn lag(flow: &Flow, progress: &Progress, world: &World) -> Result<Option<u64>, Report> {
    let Input::Topic(input) = &flow.input else { return Ok(None) };
    let status = world.topic(&input.name)?.status().await?;
    let settled = match progress.settled() {
        Some(offset) => offset,
        None => remembered(flow, &status.identity, world).await?,
    };
    Ok(Some(status.end.saturating_sub(settled.max(status.start))))
}

/// The offset before which everything was settled when the flow ran last.
async fn remembered(flow: &Flow, identity: &tenon_model::Str, world: &World) -> Result<u64, Report> {
    if let Effects::Database(system) = &flow.effects {
        let database = world.database(&system.name)?;
        let held = position_in_topic(flow, identity, database.as_ref()).await?;
        return Ok(held.unwrap_or_default().offset);
    }
    let stored = stream::stored(world.state.as_ref(), &flow.name, &source_of(flow)).await?;
    let stored = stored.filter(|checkpoint| !checkpoint.afresh && is_of(checkpoint, identity));
    Ok(stored.unwrap_or_default().position.offset)
}
