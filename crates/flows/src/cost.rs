//! What a step costs, so that long work is done away from the threads that serve connections.

use std::{
    sync::atomic::{AtomicU64, Ordering::Relaxed},
    time::{Duration, Instant},
};

/// The nanoseconds that each message took when the step last ran.
#[derive(Default)]
pub(crate) struct Cost(AtomicU64);

impl Cost {
    /// Does `work` on so many messages: away, if it has to be expected to take long.
    pub(crate) async fn spend<T>(&self, messages: usize, work: impl FnOnce() -> T) -> T {
        let messages = messages.max(1) as u64;
        let expected = Duration::from_nanos(self.0.load(Relaxed).saturating_mul(messages));
        tenon_compute::timed(expected, || {
            let began = Instant::now();
            let done = work();
            let took = u64::try_from(began.elapsed().as_nanos()).unwrap_or(u64::MAX);
            self.0.store(took / messages, Relaxed);
            done
        })
        .await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_is_expected_to_take_long_waits_for_a_place() {
        let each = u64::try_from(tenon_compute::SHORT_TIME.as_nanos()).unwrap() / 10;
        let cost = Cost(AtomicU64::new(each));
        let places = tenon_compute::AllPlaces::take().await;
        let mut long = Box::pin(cost.spend(11, || ()));
        assert!(futures_util::poll!(&mut long).is_pending());
        drop(places);
        long.await;
        assert!(cost.0.load(Relaxed) < each, "what it took is what is expected next");
        let _places = tenon_compute::AllPlaces::take().await;
        assert_eq!(cost.spend(1, || 7).await, 7);
    }
}
