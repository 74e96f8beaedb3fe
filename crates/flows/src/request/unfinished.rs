//! Requests that were begun when their process ended: what had happened in part is finished before others are served.

use tenon_errors::Report;
use tenon_plan::{Flow, Input};
use tenon_ports::{Claim, ClaimId};

use super::{
    calls,
    carry::{Claimed, Found},
    due::Due,
    keyed::close,
    stored,
};
use crate::World;

/// How many are looked at together.
const PAGE: usize = 64;

/// Finishes the requests of `flow` that have happened in part, and forgets those of which nothing has: if such a request
/// is sent again, it is new. Has to be called before the flow takes requests. What cannot be finished now is left, and
/// the log says so.
///
/// # Errors
/// What the state reports.
pub async fn finish_requests(flow: &Flow, world: &World) -> Result<(), Report> {
    if !matches!(flow.input, Input::Request(_)) {
        return Ok(());
    }
    calls::forget_old(flow, world).await?;
    let mut after = None;
    loop {
        let open = world.state.open_claims(&flow.name, after, PAGE, world.clock.now()).await?;
        let Some((_, last)) = open.last() else { return Ok(()) };
        after = Some(last.number);
        let (mut claims, mut dues) = (Vec::with_capacity(open.len()), Vec::with_capacity(open.len()));
        for (id, claim) in open {
            match stored::load(claim.due.as_deref().unwrap_or_default(), flow, claim.number) {
                Ok(due) => {
                    claims.push((id, claim));
                    dues.push(due);
                }
                Err(report) => tell(flow, &report),
            }
        }
        let found = match Found::look(flow, world, &dues).await {
            Ok(found) => found,
            Err(report) => {
                tell(flow, &report);
                continue;
            }
        };
        for ((id, claim), due) in claims.iter().zip(&dues) {
            if let Err(report) = settle(flow, world, (id, claim), due, &found).await {
                tell(flow, &report);
            }
        }
    }
}

async fn settle(
    flow: &Flow,
    world: &World,
    (id, claim): (&ClaimId, &Claim),
    due: &Due,
    found: &Found,
) -> Result<(), Report> {
    let claimed = Claimed { flow, world, id, number: claim.number, until: claim.until };
    if claimed.is_not_begun(due, found) {
        return world.state.release(claim.number).await;
    }
    claimed.finish(due, found).await?;
    close(world, id, claim.number, claimed.transactions(due)).await
}

fn tell(flow: &Flow, report: &Report) {
    tracing::warn!(code = report.code().id, flow = %flow.name, %report, "a request that was begun is not finished; it may be sent again");
}
