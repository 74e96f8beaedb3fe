//! Running the current flow on the original bytes of dead letters.

use std::collections::BTreeMap;

use tenon_errors::Report;
use tenon_flows::{
    ReplayOutcome, World, replay as flow_replay,
    replay::{self as flows, How, Newer, Selected, select},
};
use tenon_model::Str;
use tenon_monitoring::Metrics;
use tenon_plan::Plan;
use tokio_util::sync::CancellationToken;

use crate::{
    Options,
    control::{self, ReplayRequest},
    inspect,
    systems::Systems,
};

/// Replays the letters with these ids through the flows of the project: by the process that runs it, or here if none does.
/// Those that pass are removed; the others stay with their new report. A dry run stops before effects and changes nothing.
/// When `stop` returns, the letters in hand are finished, if it is this process that replays.
///
/// # Errors
/// What the systems of the project report.
pub async fn replay(
    plan: &Plan,
    options: &Options,
    ids: Vec<Str>,
    dry_run: bool,
    newer: Newer,
    stop: impl Future<Output = ()>,
) -> Result<Vec<ReplayOutcome>, Report> {
    let request = ReplayRequest { ids, dry_run, newer };
    let state = options.state.clone();
    let asked = {
        let request = request.clone();
        tokio::task::spawn_blocking(move || control::replay(&state, &request)).await
    };
    match asked {
        Ok(Ok(Some(outcomes))) => Ok(outcomes),
        Ok(Err(report)) => Err(report),
        Ok(Ok(None)) | Err(_) => {
            let systems = Systems::open(plan, options, Metrics::new()).await?;
            let stopped = CancellationToken::new();
            let mut run = std::pin::pin!(replay_in(plan, &systems.world, &request, &stopped));
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

/// Replays letters in an open world.
///
/// # Errors
/// What the systems of the project report.
pub(crate) async fn replay_in(
    plan: &Plan,
    world: &World,
    request: &ReplayRequest,
    stop: &CancellationToken,
) -> Result<Vec<ReplayOutcome>, Report> {
    let (selected, missing) = select(world.state.as_ref(), &request.ids).await?;
    let gone = |id: Str| ReplayOutcome { failure: Some(flows::gone(&id)), id };
    let mut outcomes: Vec<_> = missing.into_iter().map(gone).collect();
    let mut by_flow: BTreeMap<Str, Vec<Selected>> = BTreeMap::new();
    for letter in selected {
        by_flow.entry(letter.flow.clone()).or_default().push(letter);
    }
    for (name, letters) in by_flow {
        let Some(flow) = plan.flow(&name) else {
            let gone = inspect::find(&flow_names(plan), &name, "flow").err();
            outcomes.extend(
                letters.into_iter().map(|letter| ReplayOutcome { id: letter.id, failure: gone.clone() }),
            );
            continue;
        };
        let how = How { dry_run: request.dry_run, newer: request.newer };
        outcomes.extend(flow_replay(flow, world, letters, &how, stop).await?);
    }
    Ok(outcomes)
}

fn flow_names(plan: &Plan) -> BTreeMap<tenon_model::Name, ()> {
    plan.flows.iter().map(|flow| (flow.name.clone(), ())).collect()
}

/// Why letters failed again or were left.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cause {
    /// The code.
    pub code: &'static str,
    /// How many.
    pub count: usize,
    /// One of the messages.
    pub message: String,
    /// What to do about that one.
    pub hint: Option<String>,
}

/// The causes for which letters failed again or were left, the most frequent one first.
#[must_use]
pub fn causes(outcomes: &[ReplayOutcome]) -> Vec<Cause> {
    let mut causes: BTreeMap<&'static str, Cause> = BTreeMap::new();
    for report in outcomes.iter().filter_map(|outcome| outcome.failure.as_ref()) {
        let cause = report.details().first().unwrap_or(report);
        let code = cause.code().id;
        let first = || Cause {
            code,
            count: 0,
            message: cause.message().to_owned(),
            hint: cause.advice().or(report.advice()).map(str::to_owned),
        };
        causes.entry(code).or_insert_with(first).count += 1;
    }
    let mut causes: Vec<_> = causes.into_values().collect();
    causes.sort_by_key(|cause| std::cmp::Reverse(cause.count));
    causes
}
