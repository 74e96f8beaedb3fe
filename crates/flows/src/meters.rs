//! What a flow counts. The handles are taken once, when it starts.

use tenon_errors::Code;
use tenon_monitoring::{
    Counter, Histogram, Metrics,
    metrics::{
        DEAD_LETTERED, DEAD_LETTERS_DROPPED, FLOW_MESSAGES, FLOW_SKIPPED, FLOW_STEP_DURATION, SOURCE_ROWS,
    },
};
use tenon_plan::Flow;

use crate::{batch::Spent, progress::Tally};

/// The metrics of one flow.
pub(crate) struct Meters {
    steps: Vec<Histogram>,
    rows: Counter,
    skipped: Counter,
    done: Counter,
    dead: Counter,
    filtered: Counter,
    retried: Counter,
    dropped: Counter,
    metrics: Metrics,
    flow: String,
}

impl Meters {
    pub(crate) fn new(flow: &Flow, metrics: &Metrics) -> Self {
        let name = flow.name.as_str();
        let outcome = |outcome| metrics.counter(&FLOW_MESSAGES, &[name, outcome]);
        let step = |label: &str| metrics.histogram(&FLOW_STEP_DURATION, &[name, label]);
        Self {
            steps: flow.steps.iter().map(|it| step(&it.label)).collect(),
            rows: metrics.counter(&SOURCE_ROWS, &[name]),
            skipped: metrics.counter(&FLOW_SKIPPED, &[name]),
            done: outcome("done"),
            dead: outcome("dead"),
            filtered: outcome("filtered"),
            retried: outcome("retried"),
            dropped: metrics.counter(&DEAD_LETTERS_DROPPED, &[name]),
            metrics: metrics.clone(),
            flow: name.to_owned(),
        }
    }

    pub(crate) fn has_read(&self, messages: usize) {
        self.rows.add(messages as u64);
    }

    pub(crate) fn has_skipped(&self, messages: u64) {
        self.skipped.add(messages);
    }

    pub(crate) fn has_retried(&self, messages: u64) {
        self.retried.add(messages);
    }

    pub(crate) fn has_dropped(&self, letters: u64) {
        self.dropped.add(letters);
    }

    /// The time per message is the time of the batch divided by its messages: what a message costs, not how long it
    /// was under way. Waiting for durability counts for the step that writes.
    pub(crate) fn has_settled(&self, tally: &Tally, spent: &[Spent]) {
        self.done.add(tally.done);
        self.filtered.add(tally.filtered);
        self.dead.add(tally.dead.len() as u64);
        for code in &tally.dead {
            self.dead_letter(code);
        }
        for Spent { step, time, items } in spent {
            let each = time.checked_div(u32::try_from(*items).unwrap_or(u32::MAX)).unwrap_or_default();
            if let Some(histogram) = self.steps.get(*step) {
                histogram.record_each(each, *items);
            }
        }
    }

    fn dead_letter(&self, code: &Code) {
        self.metrics.counter(&DEAD_LETTERED, &[&self.flow, code.id]).inc();
    }
}
