//! The metrics at one time, as data: what the text encoder, the summary and the bottleneck report read.

use std::time::Duration;

use tenon_model::Str;

use crate::{
    Family, Metrics,
    histogram::Distribution,
    metrics::FLOW_STEP_DURATION,
    registry::{Handle, Labelled},
};

/// A family and its metrics.
#[derive(Debug, Clone, PartialEq)]
pub struct FamilySnapshot {
    /// What is measured.
    pub family: &'static Family,
    /// Its metrics, by label values.
    pub series: Vec<Series>,
}

/// One metric.
#[derive(Debug, Clone, PartialEq)]
pub struct Series {
    /// The values of the family's labels, in their order.
    pub labels: Box<[Str]>,
    /// What it stood at.
    pub value: Value,
}

/// What a metric stood at.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// Of a counter.
    Counter(u64),
    /// Of a gauge.
    Gauge(i64),
    /// Of a histogram.
    Histogram(Distribution),
}

/// How long a step of a flow took, per message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StepStats {
    /// The flow.
    pub flow: Str,
    /// The step, as `2:lookup`.
    pub step: Str,
    /// How many messages it took.
    pub count: u64,
    /// All the time it took.
    pub total: Duration,
    /// The time that half of the messages did not exceed.
    pub p50: Duration,
    /// The time that 99 % of the messages did not exceed.
    pub p99: Duration,
    /// The longest time of a message.
    pub max: Duration,
}

/// Every family in use, ordered by name, and its metrics, ordered by label values.
#[must_use]
pub fn take(metrics: &Metrics) -> Vec<FamilySnapshot> {
    let families = metrics.read().into_iter().map(|(family, handles)| {
        let series = handles.into_iter().map(|(labels, handle)| Series { labels, value: value(&handle) });
        FamilySnapshot { family, series: series.collect() }
    });
    families.collect()
}

/// Every step that took a message, by flow, in the order of the flow's steps.
#[must_use]
pub fn steps(metrics: &Metrics) -> Vec<StepStats> {
    let families = metrics.read();
    let steps = families.into_iter().filter(|(family, _)| family.name == FLOW_STEP_DURATION.name);
    let mut stats: Vec<_> = steps.flat_map(|(_, handles)| handles).filter_map(step).collect();
    // By number: as text, step 10 comes before step 2.
    stats.sort_by(|a, b| (&a.flow, number(&a.step), &a.step).cmp(&(&b.flow, number(&b.step), &b.step)));
    stats
}

fn value(handle: &Handle) -> Value {
    match handle {
        Handle::Counter(counter) => Value::Counter(counter.get()),
        Handle::Gauge(gauge) => Value::Gauge(gauge.get()),
        Handle::Histogram(histogram) => Value::Histogram(histogram.distribution()),
    }
}

fn step((labels, handle): Labelled) -> Option<StepStats> {
    let ([flow, step], Handle::Histogram(histogram)) = (&*labels, handle) else { return None };
    let [p50, p99] = histogram.quantiles([0.5, 0.99]);
    let (count, total, max) = (histogram.count(), histogram.sum(), histogram.max());
    (count > 0).then(|| StepStats { flow: flow.clone(), step: step.clone(), count, total, p50, p99, max })
}

fn number(step: &str) -> u64 {
    step.split(':').next().and_then(|number| number.parse().ok()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_come_in_the_order_of_the_flow_with_their_times() {
        let metrics = Metrics::new();
        for (step, milliseconds) in [("10:publish", 4), ("2:lookup", 2), ("1:map", 1)] {
            let histogram = metrics.histogram(&FLOW_STEP_DURATION, &["orders", step]);
            histogram.record_each(Duration::from_millis(milliseconds), 100);
        }
        let _never_ran = metrics.histogram(&FLOW_STEP_DURATION, &["orders", "11:filter"]);
        let stats = steps(&metrics);
        let names: Vec<_> = stats.iter().map(|step| step.step.as_str()).collect();
        assert_eq!(names, ["1:map", "2:lookup", "10:publish"]);
        assert_eq!((stats[1].count, stats[1].total), (100, Duration::from_millis(200)));
        for at in [stats[1].p50, stats[1].p99, stats[1].max] {
            assert!((0.0019..=0.0021).contains(&at.as_secs_f64()), "{at:?}");
        }
    }
}
