//! How long to wait before trying again: exponential backoff with full jitter.

use std::time::Duration;

use tenon_plan::Retry;
use uuid::Uuid;

/// Doubling stops here: 2^20 times any backoff is beyond every sensible bound.
const MAX_DOUBLINGS: u32 = 20;

/// Random numbers for jitter and trace ids (`SplitMix64`). Nothing secret depends on them.
#[derive(Debug)]
pub(crate) struct Random(u64);

impl Random {
    /// A generator with a seed of its own.
    pub(crate) fn new() -> Self {
        let (high, low) = Uuid::new_v4().as_u64_pair();
        Self(high ^ low.rotate_left(32))
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// Never 0, as trace and span ids require.
    pub(crate) fn id(&mut self) -> u64 {
        self.next().max(1)
    }
}

/// The wait after `failures` failures in a row (at least 1): uniform between nothing and the backoff, which doubles
/// with each failure up to its bound. Full jitter keeps many waiting flows from trying in step.
pub(crate) fn wait(retry: &Retry, failures: u32, random: &mut Random) -> Duration {
    let doublings = failures.saturating_sub(1).min(MAX_DOUBLINGS);
    let bound = retry.backoff.saturating_mul(1 << doublings).min(retry.max_backoff);
    let nanos = u64::try_from(bound.as_nanos()).unwrap_or(u64::MAX);
    Duration::from_nanos(match nanos.checked_add(1) {
        Some(bound) => random.next() % bound,
        None => random.next(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_to_their_bound_and_never_beyond() {
        let retry =
            Retry { attempts: 8, backoff: Duration::from_millis(200), max_backoff: Duration::from_secs(60) };
        let mut random = Random(7);
        for failures in 1..200 {
            let bound = retry.backoff.saturating_mul(1 << failures.min(20)).min(retry.max_backoff);
            for _ in 0..20 {
                assert!(wait(&retry, failures, &mut random) <= bound, "after {failures} failures");
            }
        }
    }

    #[test]
    fn jitter_spreads_over_the_whole_range() {
        let retry = Retry::default();
        let mut random = Random(7);
        let waits: Vec<_> = (0..1_000).map(|_| wait(&retry, 1, &mut random)).collect();
        assert!(waits.iter().any(|it| *it < retry.backoff / 10));
        assert!(waits.iter().any(|it| *it > retry.backoff * 9 / 10));
    }
}
