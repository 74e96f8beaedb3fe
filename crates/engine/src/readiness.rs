//! What keeps a project from being ready: parts of the state that cannot be used, flows that are stalled or have failed, and issuers
//! without keys.

use std::sync::Arc;

use arc_swap::ArcSwapOption;
use tenon_api::http::Unready;
use tenon_connectors::lock::FolderLock;
use tenon_errors::Report;
use tenon_flows::{FlowState, World};
use tenon_model::Name;

use crate::{generation::Generation, key_sets::KeySets, measured::Health, observe, process};

/// What the state folder as a whole is called among its parts.
const STATE_FOLDER: &str = "the state folder";

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

    /// Measures what nobody counts.
    pub(crate) async fn measure(self: Arc<Self>) {
        if let Some(generation) = self.current.load_full() {
            observe::measure_lag(&generation).await;
        }
    }

    /// What does not go on.
    pub(crate) fn problems(&self) -> Vec<Unready> {
        let Some(generation) = self.current.load_full() else { return Vec::new() };
        let stalled = generation.progress.iter().filter_map(|(flow, progress)| match progress.state() {
            FlowState::Stalled(report) | FlowState::Failed(report) => {
                Some(Unready { flow: Some(flow.name.as_str().into()), ..Unready::from(report) })
            }
            FlowState::Waiting | FlowState::Running | FlowState::Drained => None,
        });
        let of_folder = self.state.iter().flat_map(|(lock, health)| {
            let folder = lock.check().err().map(|report| Unready::of_part(STATE_FOLDER, report));
            let parts = health.problems().into_iter();
            folder.into_iter().chain(parts.map(|(part, report)| Unready::of_part(part, report)))
        });
        let keys = self.key_sets.problems(&generation.plan);
        let others = keys.into_iter().chain(process::files_problem()).map(Unready::from);
        of_folder.chain(closed_parts(&generation.world)).chain(stalled).chain(others).collect()
    }
}

/// The topics and databases that could not be opened, or are no longer in their place, and the systems that get no calls since all of their
/// instances have failed, whether or not anybody uses them.
fn closed_parts(world: &World) -> Vec<Unready> {
    let topics = world.topics.iter().map(|(name, topic)| (name, topic.is_open()));
    let databases = world.databases.iter().map(|(name, database)| (name, database.is_open()));
    let closed =
        |(name, open): (&Name, Result<(), Report>)| Some(Unready::of_part(name.as_str(), open.err()?));
    let remotes = world.remotes.iter().map(|(name, remote)| (name, remote.is_up()));
    let mut parts: Vec<Unready> = topics.chain(databases).chain(remotes).filter_map(closed).collect();
    parts.sort_by(|one, other| one.part.cmp(&other.part));
    parts
}
