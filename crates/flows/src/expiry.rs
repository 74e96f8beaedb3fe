//! Letting go of dead letters that are older than their flow keeps them.

use tenon_errors::Report;
use tenon_monitoring::metrics::DEAD_LETTERS_DROPPED;
use tenon_plan::Flow;

use crate::{World, runner::tell_dropped};

/// Lets go of the dead letters of `flow` that are too old by now. They are counted, and named in the log.
///
/// # Errors
/// What the state reports.
pub async fn expire_dead_letters(flow: &Flow, world: &World) -> Result<(), Report> {
    let Some(before) = flow.dead_letters.age.and_then(|age| world.clock.now().checked_sub(age).ok()) else {
        return Ok(());
    };
    loop {
        let gone = world.state.expire_dead_letters(&flow.name, before).await?;
        if gone.count == 0 {
            return Ok(());
        }
        world.metrics.counter(&DEAD_LETTERS_DROPPED, &[&flow.name]).add(gone.count);
        tell_dropped(&flow.name, &gone);
    }
}
