//! What keeps a project from being ready: flows that are stalled or have failed.

use std::sync::Arc;

use tenon_errors::Report;
use tenon_flows::{FlowState, Progress};
use tenon_plan::Flow;

/// The reports of the flows that do not go on.
#[must_use]
pub fn problems(flows: &[(Arc<Flow>, Arc<Progress>)]) -> Vec<Report> {
    flows
        .iter()
        .filter_map(|(_, progress)| match progress.state() {
            FlowState::Stalled(report) | FlowState::Failed(report) => Some(report),
            FlowState::Waiting | FlowState::Running | FlowState::Drained => None,
        })
        .collect()
}
