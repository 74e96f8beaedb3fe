//! Running the flows of a plan: each starts when those that it runs after are drained, and all stop together.

use std::{collections::HashMap, sync::Arc};

use tenon_flows::{Counting, FlowRunner, FlowState, Progress, Surroundings, World};
use tenon_model::Name;
use tenon_plan::{Flow, Input, Plan};
use tokio::{sync::watch, task::JoinSet};
use tokio_util::sync::CancellationToken;

use crate::{sources, unopened::Unopened};

/// The flows of one generation of a plan.
pub(crate) struct Supervisor {
    stop: CancellationToken,
    tasks: JoinSet<()>,
    progress: Vec<(Arc<Flow>, Arc<Progress>)>,
}

impl Supervisor {
    /// Starts every flow of `plan` that has a source; what those of `as_new` find under a known name is new.
    #[must_use]
    pub(crate) fn start(plan: &Plan, world: &World, as_new: &[String]) -> Self {
        let mut supervisor =
            Self { stop: CancellationToken::new(), tasks: JoinSet::new(), progress: Vec::new() };
        let mut drained: HashMap<Name, watch::Receiver<bool>> = HashMap::new();
        let counting = Counting::of(plan);
        for flow in plan.flows.iter().filter(|flow| !matches!(flow.input, Input::Request(_))) {
            let around = Surroundings::of(&counting, flow, as_new.iter().any(|it| *it == flow.name.as_str()));
            let runner =
                FlowRunner::new(Arc::clone(flow), world, sources::factory(flow, world)).within(around);
            supervisor.progress.push((Arc::clone(flow), runner.progress()));
            let before: Vec<_> = flow.after.iter().filter_map(|name| drained.get(name).cloned()).collect();
            let (done, is_done) = watch::channel(false);
            drained.insert(flow.name.clone(), is_done);
            let stop = supervisor.stop.child_token();
            supervisor.tasks.spawn(run(runner, world.clone(), before, done, stop));
        }
        supervisor
    }

    /// Each flow and how far it is.
    #[must_use]
    pub(crate) fn progress(&self) -> &[(Arc<Flow>, Arc<Progress>)] {
        &self.progress
    }

    /// Stops pulling new messages, finishes what is in hand and commits; returns when all flows have ended.
    pub(crate) async fn drain(mut self) {
        self.stop.cancel();
        while let Some(ended) = self.tasks.join_next().await {
            if let Err(error) = ended {
                tracing::error!(%error, "a flow has ended unexpectedly");
            }
        }
    }
}

async fn run(
    runner: FlowRunner,
    world: World,
    before: Vec<watch::Receiver<bool>>,
    done: watch::Sender<bool>,
    stop: CancellationToken,
) {
    let (progress, flow) = (runner.progress(), runner.flow());
    for mut other in before {
        tokio::select! {
            () = stop.cancelled() => return,
            ended = other.wait_for(|drained| *drained) => {
                if ended.is_err() {
                    // The flow before this one failed: its report says why, and this one never starts.
                    return;
                }
            }
        }
    }
    match runner.run(stop).await {
        Ok(()) => {}
        // The line about the part names this flow.
        Err(report) if Unopened::has_said(&report, &world) => {
            tracing::debug!(flow = %flow.name, code = report.code().id, "a flow does not run: a part of the state cannot be used");
        }
        Err(report) => {
            tracing::error!(flow = %flow.name, code = report.code().id, %report, hint = report.advice(), "a flow has failed");
        }
    }
    if matches!(progress.state(), FlowState::Drained) {
        let _ = done.send(true);
    }
}
