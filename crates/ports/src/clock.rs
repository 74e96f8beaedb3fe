//! Time, passed in so that tests control it.

use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;

/// What time it is, and how to wait.
#[async_trait]
pub trait Clock: Send + Sync {
    /// The current instant. May stand still in tests, never goes back by more than the system clock does.
    fn now(&self) -> Timestamp;

    /// Returns after `wait` has passed on this clock. Dropping the future cancels the wait.
    async fn sleep(&self, wait: Duration);
}
