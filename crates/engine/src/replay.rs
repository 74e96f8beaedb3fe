//! Running the current flow on the original bytes of dead letters.

use std::collections::BTreeMap;

use tenon_errors::Report;
use tenon_flows::{ReplayOutcome, World, replay as flow_replay};
use tenon_model::Str;
use tenon_monitoring::Metrics;
use tenon_plan::Plan;
use tenon_ports::DeadLetter;
use tokio_util::sync::CancellationToken;

use crate::{
    Options,
    control::{self, ReplayRequest},
    inspect,
    systems::Systems,
};

/// Replays `letters` through the flows of the project: by the process that runs it, or here if none does. Those that
/// pass are removed; the others stay with their new report. A dry run stops before effects and changes nothing.
/// When `stop` returns, the letter in hand is finished, if it is this process that replays.
///
/// # Errors
/// What the systems of the project report.
pub async fn replay(
    plan: &Plan,
    options: &Options,
    letters: Vec<DeadLetter>,
    dry_run: bool,
    stop: impl Future<Output = ()>,
) -> Result<Vec<ReplayOutcome>, Report> {
    let ids = letters.iter().map(|letter| letter.id.clone()).collect();
    let request = ReplayRequest { ids, dry_run };
    let state = options.state.clone();
    let asked = tokio::task::spawn_blocking(move || control::replay(&state, &request)).await;
    match asked {
        Ok(Ok(Some(outcomes))) => Ok(outcomes),
        Ok(Err(report)) => Err(report),
        Ok(Ok(None)) | Err(_) => {
            let systems = Systems::open(plan, options, Metrics::new()).await?;
            let stopped = CancellationToken::new();
            let mut run = std::pin::pin!(replay_in(plan, &systems.world, letters, dry_run, &stopped));
            tokio::select! {
                outcomes = &mut run => outcomes,
                () = stop => {
                    stopped.cancel();
                    run.await
                }
            }
        }
    }
}

/// Replays `letters` in an open world.
///
/// # Errors
/// What the systems of the project report.
pub async fn replay_in(
    plan: &Plan,
    world: &World,
    letters: Vec<DeadLetter>,
    dry_run: bool,
    stop: &CancellationToken,
) -> Result<Vec<ReplayOutcome>, Report> {
    let mut by_flow: BTreeMap<Str, Vec<DeadLetter>> = BTreeMap::new();
    for letter in letters {
        by_flow.entry(letter.flow.clone()).or_default().push(letter);
    }
    let mut outcomes = Vec::new();
    for (name, letters) in by_flow {
        let Some(flow) = plan.flow(&name) else {
            let gone = inspect::find(&flow_names(plan), &name, "flow").err();
            outcomes.extend(
                letters.into_iter().map(|letter| ReplayOutcome { id: letter.id, failure: gone.clone() }),
            );
            continue;
        };
        outcomes.extend(flow_replay(flow, world, letters, dry_run, stop).await?);
    }
    Ok(outcomes)
}

fn flow_names(plan: &Plan) -> BTreeMap<tenon_model::Name, ()> {
    plan.flows.iter().map(|flow| (flow.name.clone(), ())).collect()
}

/// The reasons for which letters failed again, with how many each.
#[must_use]
pub fn causes(outcomes: &[ReplayOutcome]) -> Vec<(String, usize)> {
    let mut causes: BTreeMap<String, usize> = BTreeMap::new();
    for report in outcomes.iter().filter_map(|outcome| outcome.failure.as_ref()) {
        let cause = report.details().first().unwrap_or(report);
        *causes.entry(format!("[{}] {}", cause.code().id, cause.message())).or_default() += 1;
    }
    let mut causes: Vec<_> = causes.into_iter().collect();
    causes.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    causes
}
