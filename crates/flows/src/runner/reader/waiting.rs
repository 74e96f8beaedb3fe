//! Messages that have to wait: in place where order is strict, aside where only their key is held up.

use std::{sync::Arc, time::Duration};

use jiff::Timestamp;
use tenon_errors::{Report, catalogue::delivery::RETRIES_EXHAUSTED};
use tenon_plan::OnFailure;
use tokio_util::sync::CancellationToken;

use super::Reader;
use crate::{
    backoff::wait,
    batch::{Batch, Failure, Item, Outcome},
};

impl Reader {
    /// Tries messages that have to wait until none is left, so that everything stays in order. False if a stop was
    /// asked for meanwhile.
    pub(super) async fn wait_in_place(
        &mut self,
        batch: &mut Batch,
        stop: &CancellationToken,
    ) -> Result<bool, Report> {
        loop {
            let mut waiting = batch.take_waiting();
            if waiting.is_empty() {
                return Ok(true);
            }
            let pause = waiting.iter_mut().filter_map(|item| self.next_attempt(item)).max();
            // A replay may bring what is waited for.
            self.turn = None;
            if let Some(pause) = pause {
                let clock = Arc::clone(&self.shared.world.clock);
                tokio::select! {
                    biased;
                    () = stop.cancelled() => return Ok(false),
                    () = clock.sleep(pause) => {}
                }
            }
            let (mut again, given_up): (Vec<Item>, Vec<Item>) =
                waiting.into_iter().partition(|item| matches!(item.outcome, Outcome::Waiting(_)));
            if self.shared.program.flow.on_failure == OnFailure::Stop {
                // What comes after the failure that the flow stops at must not act.
                let failed = batch.items.iter().chain(&given_up).filter(|item| item.has_failed());
                if let Some(first) = failed.map(|item| item.index).min() {
                    again.retain(|item| item.index < first);
                }
            }
            let mut again = Batch::new(again);
            self.run_steps(&mut again).await?;
            batch.absorb(again);
            batch.absorb(Batch::new(given_up));
        }
    }

    /// Parks messages that have to wait, and those of equal key after them.
    pub(super) fn set_aside(&mut self, batch: &mut Batch) {
        let now = self.shared.world.clock.now();
        for mut item in std::mem::take(&mut batch.items) {
            if self.parked.blocks(item.key.as_ref()) || item.behind {
                self.parked.park(item, now);
                continue;
            }
            match self.next_attempt(&mut item) {
                Some(pause) => self.parked.park(item, now.saturating_add(pause).unwrap_or(Timestamp::MAX)),
                None => batch.items.push(item),
            }
        }
    }

    /// When a waiting message is tried again. One whose attempts are exhausted fails; others are left as they are.
    fn next_attempt(&mut self, item: &mut Item) -> Option<Duration> {
        let Outcome::Waiting(failure) = &item.outcome else { return None };
        if item.behind {
            return None;
        }
        item.attempts += 1;
        // As late as who refused it wants.
        let asked = failure.report.wait().unwrap_or_default();
        let retry = &self.shared.program.flow.retry;
        if item.attempts >= retry.attempts {
            item.outcome = Outcome::Failed(exhausted(failure, item.attempts));
            return None;
        }
        self.shared.progress.has_retried(1);
        self.shared.meters.has_retried(1);
        Some(wait(retry, item.attempts, &mut self.random).max(asked))
    }
}

fn exhausted(failure: &Failure, attempts: u32) -> Failure {
    let message = format!("failed on each of {attempts} attempts: {}", failure.report.message());
    let report = Report::new(&RETRIES_EXHAUSTED, message)
        .hint("fix what the cause names, then replay")
        .with_details([failure.report.clone()]);
    Failure { step: failure.step, report }
}
