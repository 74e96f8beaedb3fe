//! The longest wait for an operation.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use tenon_errors::{Report, catalogue::api::REQUEST_TIMEOUT};
use tenon_model::Str;
use tenon_ports::{Call, Clock, Operation, Reply};

/// Answers `A0108` when the deadline of a call passes; reads are cancelled then, accepted messages are processed all the same.
pub(crate) struct TimeLimited {
    inner: Arc<dyn Operation>,
    name: Str,
    clock: Arc<dyn Clock>,
}

impl TimeLimited {
    pub(crate) fn new(inner: Arc<dyn Operation>, name: &str, clock: Arc<dyn Clock>) -> Self {
        Self { inner, name: name.into(), clock }
    }

    fn too_slow(&self, wait: Duration) -> Report {
        let message = format!("`{}` took longer than {} ms", self.name, wait.as_millis());
        Report::new(&REQUEST_TIMEOUT, message).hint("try again, or ask for less at once")
    }
}

#[async_trait]
impl Operation for TimeLimited {
    async fn call(&self, call: Call) -> Result<Reply, Report> {
        let wait = Duration::try_from(call.deadline.duration_since(self.clock.now())).unwrap_or_default();
        tokio::select! {
            biased;
            reply = self.inner.call(call) => reply,
            () = self.clock.sleep(wait) => Err(self.too_slow(wait)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{Fake, PausedClock, get};

    #[tokio::test(start_paused = true)]
    async fn a_call_that_takes_too_long_is_answered() {
        let clock = PausedClock::new();
        let (never, ready) = (Fake::never(), Fake::new());
        let limited = TimeLimited::new(never, "flight", Arc::clone(&clock) as _);
        let report = limited.call(get("a", clock.now())).await.unwrap_err();
        assert_eq!(report.code().id, "A0108");
        assert_eq!(report.message(), "`flight` took longer than 5000 ms");
        let limited = TimeLimited::new(ready, "flight", Arc::clone(&clock) as _);
        assert!(limited.call(get("a", clock.now())).await.is_ok());
    }
}
