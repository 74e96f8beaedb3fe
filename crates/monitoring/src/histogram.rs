//! How long things take.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::Duration,
};

use crate::sketch::Sketch;

/// A distribution of durations: the buckets that its family exposes, and beside them quantiles that are at most 2 % off.
/// A handle: clones record into the same distribution. Recording is a few atomic additions and takes no lock.
#[derive(Debug, Clone)]
pub struct Histogram(Arc<Body>);

#[derive(Debug)]
struct Body {
    /// Inclusive upper bounds in nanoseconds, ascending.
    bounds: Box<[u64]>,
    /// A count for each bound, and one for what is above all.
    buckets: Box<[AtomicU64]>,
    sum: AtomicU64,
    max: AtomicU64,
    sketch: Sketch,
}

/// What a histogram held at one time.
#[derive(Debug, Clone, PartialEq)]
pub struct Distribution {
    /// How many durations were recorded.
    pub count: u64,
    /// All of them together.
    pub sum: Duration,
    /// The longest.
    pub max: Duration,
    /// For each upper bound in seconds, how many were at most that long.
    pub cumulative: Vec<(f64, u64)>,
}

impl Histogram {
    /// An empty distribution with these inclusive upper bounds in seconds, ascending.
    #[must_use]
    pub fn new(bounds: &[f64]) -> Self {
        let bounds: Box<[u64]> =
            bounds.iter().map(|bound| nanoseconds(Duration::from_secs_f64(bound.max(0.0)))).collect();
        let buckets = (0..=bounds.len()).map(|_| AtomicU64::new(0)).collect();
        let (sum, max, sketch) = Default::default();
        Self(Arc::new(Body { bounds, buckets, sum, max, sketch }))
    }

    /// Records one duration.
    pub fn record(&self, duration: Duration) {
        self.record_each(duration, 1);
    }

    /// Records the same duration `times` times: for batches, whose members are not measured one by one.
    pub fn record_each(&self, duration: Duration, times: u64) {
        let (value, body) = (nanoseconds(duration), &*self.0);
        let bucket = body.bounds.iter().position(|bound| value <= *bound).unwrap_or(body.bounds.len());
        body.buckets[bucket].fetch_add(times, Relaxed);
        body.sum.fetch_add(value.saturating_mul(times), Relaxed);
        body.sketch.record(value, times);
        // Read first: the longest hardly ever changes, and reading does not contend.
        if times > 0 && value > body.max.load(Relaxed) {
            body.max.fetch_max(value, Relaxed);
        }
    }

    /// How many durations were recorded.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.0.buckets.iter().map(|bucket| bucket.load(Relaxed)).sum()
    }

    /// All recorded durations together.
    #[must_use]
    pub fn sum(&self) -> Duration {
        Duration::from_nanos(self.0.sum.load(Relaxed))
    }

    /// The longest recorded duration.
    #[must_use]
    pub fn max(&self) -> Duration {
        Duration::from_nanos(self.0.max.load(Relaxed))
    }

    /// The duration that the share `quantile` (0 to 1) of all durations do not exceed; zero if nothing was recorded.
    #[must_use]
    pub fn quantile(&self, quantile: f64) -> Duration {
        let [at] = self.quantiles([quantile]);
        at
    }

    /// Several quantiles, from one look at the distribution.
    #[must_use]
    pub fn quantiles<const N: usize>(&self, quantiles: [f64; N]) -> [Duration; N] {
        let max = self.max();
        self.0.sketch.quantiles(quantiles).map(|at| Duration::from_nanos(at).min(max))
    }

    /// What was recorded so far. The counts are consistent with each other.
    #[must_use]
    pub fn distribution(&self) -> Distribution {
        let mut count = 0;
        let mut counts = self.0.buckets.iter().map(|bucket| {
            count += bucket.load(Relaxed);
            count
        });
        let bounds = self.0.bounds.iter().map(|bound| Duration::from_nanos(*bound).as_secs_f64());
        let cumulative = bounds.zip(&mut counts).collect();
        counts.for_each(drop);
        Distribution { count, sum: self.sum(), max: self.max(), cumulative }
    }
}

fn nanoseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const MILLISECOND: Duration = Duration::from_millis(1);

    #[test]
    fn a_bound_belongs_to_its_bucket() {
        let histogram = Histogram::new(&[0.001, 0.01]);
        for duration in [
            Duration::ZERO,
            MILLISECOND,
            MILLISECOND + Duration::from_nanos(1),
            10 * MILLISECOND,
            11 * MILLISECOND,
        ] {
            histogram.record(duration);
        }
        let held = histogram.distribution();
        assert_eq!(held.cumulative, [(0.001, 2), (0.01, 4)]);
        assert_eq!((held.count, held.max), (5, 11 * MILLISECOND));
        assert_eq!(held.sum, 23 * MILLISECOND + Duration::from_nanos(1));
    }

    #[test]
    fn quantiles_never_exceed_the_longest() {
        let histogram = Histogram::new(&[]);
        assert_eq!(histogram.quantile(0.5), Duration::ZERO);
        // The smallest value of its bucket, whose middle is above it.
        let longest = Duration::from_nanos(992);
        histogram.record_each(longest, 3);
        histogram.record_each(Duration::from_secs(9), 0);
        assert_eq!(histogram.quantile(1.0), longest);
        assert_eq!((histogram.count(), histogram.sum(), histogram.max()), (3, 3 * longest, longest));
        histogram.record(Duration::MAX);
        assert_eq!(histogram.max(), Duration::from_nanos(u64::MAX), "clamped, not lost");
    }

    #[test]
    fn no_record_is_lost_between_threads() {
        let histogram = Histogram::new(&[0.001, 0.002]);
        std::thread::scope(|scope| {
            for thread in 1..=8 {
                let histogram = histogram.clone();
                scope.spawn(move || (0..5_000).for_each(|_| histogram.record(thread * MILLISECOND)));
            }
        });
        let held = histogram.distribution();
        assert_eq!(held.cumulative, [(0.001, 5_000), (0.002, 10_000)]);
        assert_eq!((held.count, held.max, held.sum), (40_000, 8 * MILLISECOND, 36 * 5_000 * MILLISECOND));
    }
}
