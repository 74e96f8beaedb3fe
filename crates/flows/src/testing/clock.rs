//! The runtime's clock, which tests pause.

use std::{sync::OnceLock, time::Duration};

use async_trait::async_trait;
use jiff::Timestamp;
use tenon_ports::Clock;
use tokio::time::Instant;

/// Starts at 2013-01-01T00:00:00Z.
pub(crate) struct TestClock;

#[async_trait]
impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        static START: OnceLock<Instant> = OnceLock::new();
        let since = Instant::now().saturating_duration_since(*START.get_or_init(Instant::now));
        Timestamp::from_second(1_356_998_400).unwrap() + since
    }

    async fn sleep(&self, wait: Duration) {
        tokio::time::sleep(wait).await;
    }
}
