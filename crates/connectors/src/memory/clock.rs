//! A clock that stands still until it is told to go on.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use jiff::{SignedDuration, Timestamp};
use tenon_ports::Clock;
use tokio::sync::watch;

/// A clock for tests. Its copies show the same time.
#[derive(Debug, Clone)]
pub struct ManualClock {
    now: watch::Sender<Timestamp>,
    sleeping: Arc<watch::Sender<usize>>,
}

impl ManualClock {
    /// A clock that stands at `now`.
    #[must_use]
    pub fn new(now: Timestamp) -> Self {
        Self { now: watch::Sender::new(now), sleeping: Arc::new(watch::Sender::new(0)) }
    }

    /// Puts the clock forward and wakes those whose wait is over. At the end of time it stands still.
    pub fn advance(&self, by: Duration) {
        self.now.send_modify(|now| *now = after(*now, by));
    }

    /// Puts the clock to `now`, also back.
    pub fn set(&self, now: Timestamp) {
        self.now.send_replace(now);
    }

    /// Returns once at least `count` callers wait for time to pass: the moment to call [`ManualClock::advance`] in a
    /// test of retries, without a race.
    pub async fn until_sleeping(&self, count: usize) {
        // It cannot be closed while `self` lives.
        let _ = self.sleeping.subscribe().wait_for(|sleeping| *sleeping >= count).await;
    }
}

#[async_trait]
impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        *self.now.borrow()
    }

    async fn sleep(&self, wait: Duration) {
        let mut now = self.now.subscribe();
        let end = after(*now.borrow(), wait);
        let _sleeper = Sleeper::new(&self.sleeping);
        // It cannot be closed while `self` lives.
        let _ = now.wait_for(|now| *now >= end).await;
    }
}

/// Counts one sleeper for as long as it lives, also when its future is dropped.
struct Sleeper<'c>(&'c watch::Sender<usize>);

impl<'c> Sleeper<'c> {
    fn new(sleeping: &'c watch::Sender<usize>) -> Self {
        sleeping.send_modify(|count| *count += 1);
        Self(sleeping)
    }
}

impl Drop for Sleeper<'_> {
    fn drop(&mut self) {
        self.0.send_modify(|count| *count -= 1);
    }
}

fn after(now: Timestamp, wait: Duration) -> Timestamp {
    let wait = SignedDuration::try_from(wait).unwrap_or(SignedDuration::MAX);
    now.checked_add(wait).unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_sleeper_wakes_when_the_clock_has_passed_its_time_and_not_before() {
        let clock = ManualClock::new(Timestamp::UNIX_EPOCH);
        let sleeper = {
            let clock = clock.clone();
            tokio::spawn(async move { clock.sleep(Duration::from_secs(10)).await })
        };
        clock.until_sleeping(1).await;
        clock.advance(Duration::from_secs(9));
        tokio::task::yield_now().await;
        assert!(!sleeper.is_finished());
        clock.advance(Duration::from_secs(1));
        sleeper.await.unwrap();
        assert_eq!(clock.now().as_second(), 10);
        clock.sleep(Duration::ZERO).await;
    }

    #[tokio::test]
    async fn a_dropped_sleep_is_not_counted_and_time_ends_without_a_panic() {
        let clock = ManualClock::new(Timestamp::UNIX_EPOCH);
        drop(clock.sleep(Duration::from_secs(1)));
        let sleeping = tokio::time::timeout(Duration::ZERO, clock.sleep(Duration::MAX)).await;
        assert!(sleeping.is_err());
        assert_eq!(*clock.sleeping.borrow(), 0);
        clock.advance(Duration::MAX);
        assert_eq!(clock.now(), Timestamp::MAX);
    }
}
