//! How long operations take, and how they end.

use std::{
    sync::{Arc, OnceLock},
    time::Instant,
};

use async_trait::async_trait;
use tenon_errors::Report;
use tenon_model::Str;
use tenon_monitoring::{Histogram, Metrics, metrics::OPERATION_DURATION};
use tenon_ports::{Call, Operation, Reply};

use crate::Label;

/// Measures every call, whatever protocol it came by.
pub(crate) struct Instrumented {
    inner: Arc<dyn Operation>,
    api: Str,
    name: Str,
    metrics: Metrics,
    succeeded: OnceLock<Histogram>,
}

impl Instrumented {
    pub(crate) fn new(inner: Arc<dyn Operation>, label: Label<'_>, metrics: &Metrics) -> Self {
        let (api, name) = (label.api.into(), label.operation.into());
        Self { inner, api, name, metrics: metrics.clone(), succeeded: OnceLock::new() }
    }

    fn histogram(&self, outcome: &str) -> Histogram {
        self.metrics.histogram(&OPERATION_DURATION, &[&self.api, &self.name, outcome])
    }
}

#[async_trait]
impl Operation for Instrumented {
    async fn call(&self, call: Call) -> Result<Reply, Report> {
        let began = Instant::now();
        let reply = self.inner.call(call).await;
        match &reply {
            Ok(_) => self.succeeded.get_or_init(|| self.histogram("OK")).record(began.elapsed()),
            Err(report) => self.histogram(report.kind().name()).record(began.elapsed()),
        }
        reply
    }
}

#[cfg(test)]
mod tests {
    use tenon_monitoring::prometheus;

    use super::*;
    use crate::testing::{Fake, PausedClock, get};

    #[tokio::test]
    async fn calls_are_measured_by_outcome() {
        use tenon_ports::Clock as _;
        let (metrics, now) = (Metrics::new(), PausedClock::new().now());
        let label = |api| Label { api, operation: "flight" };
        let other = Instrumented::new(Fake::new(), label("others"), &metrics);
        assert!(other.call(get("a", now)).await.is_ok());
        let measured = Instrumented::new(Fake::new(), label("flights"), &metrics);
        assert!(measured.call(get("a", now)).await.is_ok());
        assert!(measured.call(get("broken", now)).await.is_err());
        let text = prometheus::encode(&metrics);
        for outcome in ["OK", "UNAVAILABLE"] {
            let line = format!(
                "tenon_operation_duration_seconds_count{{api=\"flights\",operation=\"flight\",outcome=\"{outcome}\"}} 1"
            );
            assert!(text.contains(&line), "{text}");
        }
    }
}
