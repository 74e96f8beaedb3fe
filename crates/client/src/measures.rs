//! What is measured of a system.

use std::time::Duration;

use http::Method;
use tenon_errors::Report;
use tenon_model::Str;
use tenon_monitoring::{
    Counter, Gauge, Metrics,
    metrics::{
        CALL_DURATION, CALL_REPEATS, CALLS_WAITING, ENDPOINT_LEFT_ALONE, ENDPOINT_STATE,
        HTTP_CLIENT_ACTIVE_REQUESTS, HTTP_CLIENT_REQUEST_DURATION,
    },
};

use crate::{State, exchange::Answer};

/// The metrics of one system.
pub(crate) struct Measures {
    metrics: Metrics,
    system: Str,
    pub(crate) in_hand: Gauge,
    pub(crate) waiting: Gauge,
}

/// The metrics of one endpoint.
pub(crate) struct EndpointMeasures {
    states: [(State, Gauge); 4],
    /// Its breaker has opened.
    pub(crate) opened: Counter,
    /// It was left out.
    pub(crate) ejected: Counter,
    /// It has said that it is not well.
    pub(crate) unwell: Counter,
}

/// One more, until this is dropped.
pub(crate) struct Counted<'g>(&'g Gauge);

impl Measures {
    pub(crate) fn new(metrics: &Metrics, system: &Str) -> Self {
        let in_hand = metrics.gauge(&HTTP_CLIENT_ACTIVE_REQUESTS, &[system]);
        let waiting = metrics.gauge(&CALLS_WAITING, &[system]);
        Self { metrics: metrics.clone(), system: system.clone(), in_hand, waiting }
    }

    /// One attempt has ended.
    pub(crate) fn attempt(&self, method: &Method, outcome: Result<&Answer, &Report>, took: Duration) {
        let (status, problem) = match outcome {
            Ok(answer) => (answer.status.as_str(), ""),
            Err(report) => ("", report.code().id),
        };
        let labels = [self.system.as_str(), method.as_str(), status, problem];
        self.metrics.histogram(&HTTP_CLIENT_REQUEST_DURATION, &labels).record(took);
    }

    /// One call has ended: the status, or the code of the problem.
    pub(crate) fn call(&self, outcome: &str, took: Duration) {
        self.metrics.histogram(&CALL_DURATION, &[&self.system, outcome]).record(took);
    }

    /// A request is sent again.
    pub(crate) fn repeat(&self, reason: &str) {
        self.metrics.counter(&CALL_REPEATS, &[&self.system, reason]).inc();
    }
}

impl EndpointMeasures {
    pub(crate) fn new(metrics: &Metrics, system: &str, url: &str) -> Self {
        let state = |state, name| (state, metrics.gauge(&ENDPOINT_STATE, &[system, url, name]));
        let left_alone = |reason| metrics.counter(&ENDPOINT_LEFT_ALONE, &[system, url, reason]);
        let states = [
            state(State::Up, "up"),
            state(State::Ejected, "ejected"),
            state(State::Open, "open"),
            state(State::HalfOpen, "half_open"),
        ];
        let (opened, ejected) = (left_alone("breaker"), left_alone("ejection"));
        let measures = Self { states, opened, ejected, unwell: left_alone("health") };
        measures.is(State::Up);
        measures
    }

    /// The endpoint is in this state.
    pub(crate) fn is(&self, now: State) {
        for (state, gauge) in &self.states {
            gauge.set(i64::from(*state == now));
        }
    }
}

impl<'g> Counted<'g> {
    pub(crate) fn in_gauge(gauge: &'g Gauge) -> Self {
        gauge.add(1);
        Self(gauge)
    }
}

impl Drop for Counted<'_> {
    fn drop(&mut self) {
        self.0.add(-1);
    }
}
