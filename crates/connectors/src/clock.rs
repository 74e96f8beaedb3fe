//! The clock of the machine.

use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;
use tenon_ports::Clock;

/// The system's time, and waits on tokio's timer.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

#[async_trait]
impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }

    async fn sleep(&self, wait: Duration) {
        tokio::time::sleep(wait).await;
    }
}
