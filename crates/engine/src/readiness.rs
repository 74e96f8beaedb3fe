//! What keeps a project from being ready: flows that are stalled or have failed, and issuers without keys.

use std::sync::Arc;

use arc_swap::ArcSwapOption;
use tenon_connectors::lock::FolderLock;
use tenon_errors::Report;
use tenon_flows::FlowState;

use crate::{generation::Generation, key_sets::KeySets, measured::Health, process};

/// Looks at the generation that is current, which is made after the service that asks.
#[derive(Default)]
pub(crate) struct Readiness {
    current: ArcSwapOption<Generation>,
    key_sets: Arc<KeySets>,
    state: Option<(Arc<FolderLock>, Arc<Health>)>,
}

impl Readiness {
    /// Looks at the key sets, at the lock of the state folder, and at how effects come out.
    pub(crate) fn new(key_sets: Arc<KeySets>, lock: Arc<FolderLock>, health: Arc<Health>) -> Self {
        Self { current: ArcSwapOption::empty(), key_sets, state: Some((lock, health)) }
    }

    /// Looks at `generation` from now on.
    pub(crate) fn look_at(&self, generation: Arc<Generation>) {
        self.current.store(Some(generation));
    }

    /// The reports of what does not go on.
    pub(crate) fn problems(&self) -> Vec<Report> {
        let Some(generation) = self.current.load_full() else { return Vec::new() };
        let stalled = generation.progress.iter().filter_map(|(_, progress)| match progress.state() {
            FlowState::Stalled(report) | FlowState::Failed(report) => Some(report),
            FlowState::Waiting | FlowState::Running | FlowState::Drained => None,
        });
        let of_state = self
            .state
            .iter()
            .flat_map(|(lock, health)| lock.check().err().into_iter().chain(health.problems()));
        let keys = self.key_sets.problems(&generation.plan);
        of_state.chain(stalled).chain(keys).chain(process::files_problem()).collect()
    }
}
