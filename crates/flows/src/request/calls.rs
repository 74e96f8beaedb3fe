//! What is noted of the calls that a request has made.

use jiff::SignedDuration;
use tenon_errors::Report;
use tenon_model::Str;
use tenon_plan::Flow;
use tenon_ports::CallsDone;

use super::Bound;
use crate::{World, batch::Batch, steps::call::noted};

/// For how long the calls of a request are remembered that its client may send again: twice as long as its key.
const KEPT: SignedDuration = SignedDuration::from_hours(48);

/// Names the calls of the request in `batch`, if they are noted.
pub(super) fn of(bound: &Bound, batch: &Batch) -> Option<Str> {
    let item = batch.items.first().filter(|_| bound.program.notes_calls())?;
    Some(noted::message(&bound.program.flow, &item.frame.message.id))
}

/// Forgets the calls of a request: nobody asks for them any more. Where that fails they are forgotten when they are old.
pub(super) async fn forget(bound: &Bound, calls: Option<Str>) {
    let Some(message) = calls else { return };
    if let Err(report) = bound.world.state.forget_calls(CallsDone::Of(message)).await {
        let flow = &bound.program.flow.name;
        tracing::warn!(code = report.code().id, %flow, %report, "the calls of a request stay noted");
    }
}

/// Forgets the calls of requests to `flow` that are too old to be sent again.
pub(super) async fn forget_old(flow: &Flow, world: &World) -> Result<(), Report> {
    if !flow.steps.iter().any(|step| step.kind.calls().is_some()) {
        return Ok(());
    }
    let now = world.clock.now();
    let before = now.checked_sub(KEPT).unwrap_or(now);
    world.state.forget_calls(CallsDone::Older { prefix: noted::requests(flow), before }).await
}
