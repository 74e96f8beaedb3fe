//! How much one request may hold in memory: the rows that it fetched, and the answer that is made of them.

use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use tenon_errors::{Report, catalogue::api::ANSWER_TOO_LARGE};
use tenon_model::Value;

/// How many times the largest answer the rows may weigh that it is made of: an answer may need a few columns of rows that
/// have many.
const ROWS_PER_ANSWER: usize = 4;

/// What is left for rows.
pub(super) struct Budget {
    left: AtomicUsize,
    most: usize,
}

impl Budget {
    /// For an answer of at most `answer` bytes.
    pub(super) fn new(answer: usize) -> Self {
        let most = answer.saturating_mul(ROWS_PER_ANSWER);
        Self { left: AtomicUsize::new(most), most }
    }

    /// Takes what `value` weighs.
    ///
    /// # Errors
    /// `A0202` if there is less left; then nothing is left for anything else either.
    pub(super) fn take(&self, value: &Value) -> Result<(), Report> {
        let weight = value.weight();
        let taken = self.left.fetch_update(Relaxed, Relaxed, |left| left.checked_sub(weight));
        taken.map(drop).map_err(|_| {
            self.left.store(0, Relaxed);
            let most = self.most;
            Report::new(&ANSWER_TOO_LARGE, format!("the rows that are asked for take more than {most} bytes"))
                .hint("ask for fewer rows with `first`, or in several requests")
        })
    }

    /// Takes what `values` weigh.
    pub(super) fn take_all<'v>(&self, values: impl IntoIterator<Item = &'v Value>) -> Result<(), Report> {
        values.into_iter().try_for_each(|value| self.take(value))
    }

    /// The share of what is left that one read may bring.
    pub(super) fn share(&self) -> usize {
        self.left.load(Relaxed) / 4
    }
}
