//! Waiting out what would hit every message: a full disk, a locked database. Nothing is dead-lettered for it.

use std::sync::Arc;

use tenon_errors::Report;
use tenon_plan::Flow;
use tenon_ports::Clock;

use crate::{
    backoff::{Random, wait},
    progress::{Half, Progress},
};

/// The patience of one half of a runner. It never runs out: what it waits for is seen at `/readyz`.
pub(super) struct Patience {
    clock: Arc<dyn Clock>,
    flow: Arc<Flow>,
    progress: Arc<Progress>,
    half: Half,
    random: Random,
    failures: u32,
}

impl Patience {
    pub(super) fn new(clock: Arc<dyn Clock>, flow: &Arc<Flow>, progress: &Arc<Progress>, half: Half) -> Self {
        let (flow, progress) = (Arc::clone(flow), Arc::clone(progress));
        Self { clock, flow, progress, half, random: Random::new(), failures: 0 }
    }

    /// Waits before the same is tried again, with the flow shown as stalled.
    ///
    /// # Errors
    /// Gives back a report that trying again does not help against.
    pub(super) async fn wait(&mut self, report: Report) -> Result<(), Report> {
        self.wait_at(None, report).await
    }

    /// The same, at the step of this label.
    ///
    /// # Errors
    /// Gives back a report that trying again does not help against.
    pub(super) async fn wait_at(&mut self, step: Option<&str>, report: Report) -> Result<(), Report> {
        if !report.is_transient() {
            return Err(report);
        }
        if self.failures == 0 {
            let (flow, hint) = (&self.flow.name, report.advice());
            tracing::warn!(%flow, step, code = report.code().id, %report, hint, "a flow is stalled");
        }
        self.failures = self.failures.saturating_add(1);
        let wait = report.wait().unwrap_or_else(|| wait(&self.flow.retry, self.failures, &mut self.random));
        self.progress.stalls(self.half, Some(report));
        self.clock.sleep(wait).await;
        Ok(())
    }

    /// It worked.
    pub(super) fn calm(&mut self) {
        if self.failures > 0 {
            tracing::info!(flow = %self.flow.name, attempts = self.failures, "a flow that was stalled goes on");
            self.failures = 0;
            self.progress.stalls(self.half, None);
        }
    }
}
