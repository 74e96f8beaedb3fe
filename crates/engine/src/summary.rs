//! What a run has done, as numbers: for the table at the end of the finite sources.

use std::{sync::Arc, time::Duration};

use tenon_errors::Report;
use tenon_flows::{FlowState, Progress};
use tenon_model::Str;
use tenon_monitoring::{
    Metrics,
    snapshot::{self, StepStats},
};
use tenon_plan::Flow;

/// The numbers of a run.
#[derive(Debug, Clone)]
pub struct Summary {
    /// Each flow.
    pub flows: Vec<FlowSummary>,
    /// Each step of each flow.
    pub steps: Vec<StepStats>,
}

/// The numbers of one flow.
#[derive(Debug, Clone)]
pub struct FlowSummary {
    /// Its name.
    pub flow: Str,
    /// Messages taken from the source.
    pub read: u64,
    /// Records published.
    pub published: u64,
    /// Rows written.
    pub written: u64,
    /// Messages that a filter kept back.
    pub filtered: u64,
    /// Messages that the topic had let go before the flow came to them.
    pub skipped: u64,
    /// Messages that were tried again.
    pub retried: u64,
    /// Dead letters by code.
    pub dead: Vec<(Str, u64)>,
    /// How long it has been working.
    pub elapsed: Duration,
    /// Whether its source is finite.
    pub finite: bool,
    /// Why it does not go on.
    pub problem: Option<Report>,
}

impl FlowSummary {
    /// Messages per second while it worked.
    #[must_use]
    pub fn rate(&self) -> f64 {
        let seconds = self.elapsed.as_secs_f64();
        #[expect(clippy::cast_precision_loss, reason = "a rate for people")]
        let read = self.read as f64;
        if seconds > 0.0 { read / seconds } else { 0.0 }
    }
}

impl Summary {
    /// The numbers now.
    #[must_use]
    pub fn of(flows: &[(Arc<Flow>, Arc<Progress>)], metrics: &Metrics) -> Self {
        let flows = flows.iter().map(|(flow, progress)| of_flow(flow, progress)).collect();
        Self { flows, steps: snapshot::steps(metrics) }
    }

    /// The step that took the most time in all.
    #[must_use]
    pub fn busiest(&self) -> Option<&StepStats> {
        self.steps.iter().max_by_key(|step| step.total)
    }
}

fn of_flow(flow: &Flow, progress: &Progress) -> FlowSummary {
    FlowSummary {
        flow: flow.name.as_str().into(),
        read: progress.read(),
        published: progress.published(),
        written: progress.written(),
        filtered: progress.filtered(),
        skipped: progress.skipped(),
        retried: progress.retried(),
        dead: progress.dead(),
        elapsed: progress.elapsed(),
        finite: matches!(flow.input, tenon_plan::Input::File(_)),
        problem: match progress.state() {
            FlowState::Stalled(report) | FlowState::Failed(report) => Some(report),
            FlowState::Waiting | FlowState::Running | FlowState::Drained => None,
        },
    }
}
