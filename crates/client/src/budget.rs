//! How many repeats there may be: a share of the calls. A system in need gets little more than its load, where each call that is
//! made three times would make it three times that.

use std::{sync::Mutex, time::Duration};

use tokio::time::Instant;

/// How far back calls and repeats count, at least; at most twice as far.
const WINDOW: Duration = Duration::from_secs(10);
/// So many repeats there may be in any window: few calls have no share.
const LEAST: u64 = 10;

/// The repeats of one system.
pub(crate) struct Budget {
    share: f64,
    counted: Mutex<Counted>,
}

struct Counted {
    since: Instant,
    now: Counts,
    before: Counts,
}

#[derive(Debug, Clone, Copy, Default)]
struct Counts {
    calls: u64,
    repeats: u64,
}

impl Budget {
    /// Repeats may be this share of the calls, and [`LEAST`].
    pub(crate) fn new(share: f64, now: Instant) -> Self {
        let counted = Counted { since: now, now: Counts::default(), before: Counts::default() };
        Self { share: share.clamp(0.0, 1.0), counted: Mutex::new(counted) }
    }

    /// Counts a call.
    pub(crate) fn call(&self, now: Instant) {
        self.at(now, |counted| counted.now.calls += 1);
    }

    /// Whether one more repeat may be; it is counted.
    pub(crate) fn repeat(&self, now: Instant) -> bool {
        self.at(now, |counted| {
            let calls = counted.now.calls + counted.before.calls;
            let repeats = counted.now.repeats + counted.before.repeats;
            #[allow(clippy::cast_precision_loss, reason = "counts of seconds")]
            let may = repeats < LEAST || ((repeats + 1) as f64) <= calls as f64 * self.share;
            counted.now.repeats += u64::from(may);
            may
        })
    }

    fn at<T>(&self, now: Instant, count: impl FnOnce(&mut Counted) -> T) -> T {
        let mut counted = self.counted.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let passed = now.saturating_duration_since(counted.since);
        if passed >= WINDOW {
            counted.before = if passed < 2 * WINDOW { counted.now } else { Counts::default() };
            counted.now = Counts::default();
            counted.since = now;
        }
        count(&mut counted)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn repeats(budget: &Budget, now: Instant) -> usize {
        (0..1_000).filter(|_| budget.repeat(now)).count()
    }

    #[tokio::test]
    async fn repeats_are_a_share_of_the_calls() {
        let now = Instant::now();
        let budget = Budget::new(0.2, now);
        (0..500).for_each(|_| budget.call(now));
        assert_eq!(repeats(&budget, now), 100);
        // The window before counts as well, and the one before that does not.
        assert_eq!(repeats(&budget, now + WINDOW), 0);
        assert_eq!(repeats(&budget, now + 3 * WINDOW), 10);
    }

    #[tokio::test]
    async fn few_calls_have_a_few_repeats_all_the_same() {
        let now = Instant::now();
        let budget = Budget::new(0.0, now);
        assert_eq!(repeats(&budget, now), 10);
        budget.call(now + WINDOW);
        assert_eq!(repeats(&budget, now + WINDOW), 0, "those of the window before count");
        assert_eq!(repeats(&budget, now + 2 * WINDOW), 10);
    }
}
