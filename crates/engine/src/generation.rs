//! One plan at work: what a reload replaces as a whole.

use std::sync::Arc;

use tenon_errors::catalogue::{delivery::DEAD_LETTERS_FULL, system::FILE_AWAITED};
use tenon_flows::{FlowState, Progress, World};
use tenon_plan::{Flow, Input, Plan};
use tokio::{sync::Mutex, task::JoinSet};

use crate::{supervisor::Supervisor, unopened::Unopened};

/// A plan, the systems that it was started with, and its flows.
pub(crate) struct Generation {
    pub(crate) plan: Arc<Plan>,
    pub(crate) world: World,
    /// Each flow and how far it is.
    pub(crate) progress: Vec<(Arc<Flow>, Arc<Progress>)>,
    /// Taken out when it is drained.
    supervisor: Mutex<Option<Supervisor>>,
    /// Fetches key sets, until dropped.
    _refresh: JoinSet<()>,
}

impl Generation {
    /// Starts the flows of `plan`; what those of `as_new` find under a known name is new.
    pub(crate) fn start(plan: Arc<Plan>, world: World, refresh: JoinSet<()>, as_new: &[String]) -> Self {
        let supervisor = Supervisor::start(&plan, &world, as_new);
        let progress = supervisor.progress().to_vec();
        Self { plan, world, progress, supervisor: Mutex::new(Some(supervisor)), _refresh: refresh }
    }

    /// Stops its flows; returns when what they had in hand is done and committed.
    pub(crate) async fn drain(&self) {
        let supervisor = self.supervisor.lock().await.take();
        if let Some(supervisor) = supervisor {
            supervisor.drain().await;
        }
    }

    /// Whether every finite source is drained and every topic is consumed to its end. A flow that has failed will not do
    /// anything more, one whose file is not there, or that has no room for dead letters, nothing until that changes; neither will
    /// those that wait for such a flow.
    pub(crate) async fn is_idle(&self) -> bool {
        for (flow, progress) in &self.progress {
            let idle = match (&flow.input, progress.state()) {
                (_, FlowState::Drained) => true,
                (_, state) if self.gives_up(&state) => true,
                (Input::Topic(topic), FlowState::Running) => match self.world.topics.get(&topic.name) {
                    Some(open) => open.status().await.is_ok_and(|it| progress.committed() >= it.end),
                    None => false,
                },
                (_, FlowState::Waiting) => self.a_flow_before_gives_up(flow),
                _ => false,
            };
            if !idle {
                return false;
            }
        }
        true
    }

    fn a_flow_before_gives_up(&self, flow: &Flow) -> bool {
        self.progress.iter().any(|(other, progress)| {
            flow.after.contains(&other.name)
                && (self.gives_up(&progress.state()) || self.a_flow_before_gives_up(other))
        })
    }

    /// Whether nothing more comes of a flow in this state by itself. What could not be opened stays so until a reload.
    fn gives_up(&self, state: &FlowState) -> bool {
        match state {
            FlowState::Failed(_) => true,
            FlowState::Stalled(report) => {
                [&FILE_AWAITED, &DEAD_LETTERS_FULL].contains(&report.code())
                    || Unopened::has_said(report, &self.world)
            }
            FlowState::Waiting | FlowState::Running | FlowState::Drained => false,
        }
    }
}
