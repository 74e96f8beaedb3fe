//! The metrics of one process: every family in use, with its label sets.

use std::{
    collections::BTreeMap,
    sync::{Arc, PoisonError, RwLock},
};

use tenon_model::Str;

use crate::{Counter, Family, Gauge, Histogram, Kind};

/// The most label sets of a family. What comes beyond is counted together, with every label set to [`OTHER`].
pub const MAX_LABEL_SETS: usize = 1_000;
/// The label value of what came beyond [`MAX_LABEL_SETS`].
pub const OTHER: &str = "other";

/// The registry. A handle: clones share the metrics. There is no global one; it is passed to whoever measures.
///
/// # Protocol
/// Ask for a counter, gauge or histogram once, where the label values become known, and keep the handle: a look-up takes a
/// lock, an update of a handle does not.
#[derive(Debug, Clone, Default)]
pub struct Metrics(Arc<RwLock<BTreeMap<&'static str, Series>>>);

#[derive(Debug)]
struct Series {
    family: &'static Family,
    handles: BTreeMap<Box<[Str]>, Handle>,
}

/// Label values and their metric.
pub(crate) type Labelled = (Box<[Str]>, Handle);

/// One metric of a family.
#[derive(Debug, Clone)]
pub(crate) enum Handle {
    Counter(Counter),
    Gauge(Gauge),
    Histogram(Histogram),
}

impl Metrics {
    /// A registry without metrics.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The counter of `family` with these label values, in the order of its labels; made when first asked for.
    ///
    /// The family has to be one of counters, with as many labels.
    #[must_use]
    pub fn counter(&self, family: &'static Family, labels: &[&str]) -> Counter {
        match self.handle(family, labels) {
            Handle::Counter(counter) => counter,
            other => unregistered(family, &other),
        }
    }

    /// The gauge of `family` with these label values, in the order of its labels; made when first asked for.
    ///
    /// The family has to be one of gauges, with as many labels.
    #[must_use]
    pub fn gauge(&self, family: &'static Family, labels: &[&str]) -> Gauge {
        match self.handle(family, labels) {
            Handle::Gauge(gauge) => gauge,
            other => unregistered(family, &other),
        }
    }

    /// The histogram of `family` with these label values, in the order of its labels; made when first asked for.
    ///
    /// The family has to be one of histograms, with as many labels.
    #[must_use]
    pub fn histogram(&self, family: &'static Family, labels: &[&str]) -> Histogram {
        match self.handle(family, labels) {
            Handle::Histogram(histogram) => histogram,
            _ => {
                debug_assert!(false, "{} is not a histogram", family.name);
                Histogram::new(&[])
            }
        }
    }

    /// Every family in use with its metrics, by name and label values.
    pub(crate) fn read(&self) -> Vec<(&'static Family, Vec<Labelled>)> {
        let families = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let copied = families.values().map(|series| {
            let handles = series.handles.iter().map(|(labels, handle)| (labels.clone(), handle.clone()));
            (series.family, handles.collect())
        });
        copied.collect()
    }

    fn handle(&self, family: &'static Family, labels: &[&str]) -> Handle {
        debug_assert_eq!(labels.len(), family.labels.len(), "label values of {}", family.name);
        let given = labels.iter().copied().chain(std::iter::repeat(""));
        let key: Box<[Str]> = given.take(family.labels.len()).map(Str::new).collect();
        if let Some(handle) = self.known(family, &key) {
            return handle;
        }
        let mut families = self.0.write().unwrap_or_else(PoisonError::into_inner);
        let series =
            families.entry(family.name).or_insert_with(|| Series { family, handles: BTreeMap::new() });
        let full = series.handles.len() >= MAX_LABEL_SETS && !series.handles.contains_key(&key);
        let key = if full { key.iter().map(|_| Str::new_static(OTHER)).collect() } else { key };
        series.handles.entry(key).or_insert_with(|| Handle::new(family.kind)).clone()
    }

    fn known(&self, family: &Family, key: &[Str]) -> Option<Handle> {
        let families = self.0.read().unwrap_or_else(PoisonError::into_inner);
        families.get(family.name)?.handles.get(key).cloned()
    }
}

impl Handle {
    fn new(kind: Kind) -> Self {
        match kind {
            Kind::Counter => Self::Counter(Counter::default()),
            Kind::Gauge => Self::Gauge(Gauge::default()),
            Kind::Histogram(bounds) => Self::Histogram(Histogram::new(bounds)),
        }
    }
}

/// What a defective caller gets in a release: a metric that counts and is not seen, rather than a panic.
fn unregistered<T: Default>(family: &Family, found: &Handle) -> T {
    debug_assert!(false, "{} is of another kind: {found:?}", family.name);
    T::default()
}

#[cfg(test)]
mod tests {
    use super::*;

    static REQUESTS: Family = Family {
        name: "requests_total",
        help: "Requests.",
        unit: "{request}",
        labels: &["route", "method"],
        kind: Kind::Counter,
    };

    #[test]
    fn equal_labels_lead_to_the_same_metric_and_others_do_not() {
        let metrics = Metrics::new();
        metrics.counter(&REQUESTS, &["/a", "GET"]).inc();
        metrics.clone().counter(&REQUESTS, &["/a", "GET"]).add(2);
        metrics.counter(&REQUESTS, &["/a", "PUT"]).inc();
        assert_eq!(metrics.counter(&REQUESTS, &["/a", "GET"]).get(), 3);
        assert_eq!(metrics.counter(&REQUESTS, &["/a", "PUT"]).get(), 1);
        assert_eq!(Metrics::new().counter(&REQUESTS, &["/a", "GET"]).get(), 0);
    }

    #[test]
    fn label_sets_beyond_the_bound_are_counted_together() {
        let metrics = Metrics::new();
        for n in 0..MAX_LABEL_SETS + 500 {
            metrics.counter(&REQUESTS, &[&format!("/{n}"), "GET"]).inc();
        }
        let (_, series) = metrics.read().pop().unwrap();
        assert_eq!(series.len(), MAX_LABEL_SETS + 1);
        assert_eq!(metrics.counter(&REQUESTS, &[OTHER, OTHER]).get(), 500);
        assert_eq!(metrics.counter(&REQUESTS, &["/0", "GET"]).get(), 1, "known label sets go on");
    }

    #[test]
    fn threads_that_ask_at_once_get_the_same_metric() {
        let metrics = Metrics::new();
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    for n in 0..200 {
                        metrics.counter(&REQUESTS, &[&n.to_string(), "GET"]).inc();
                    }
                });
            }
        });
        let (_, series) = metrics.read().pop().unwrap();
        let counts =
            series.iter().map(|(_, handle)| if let Handle::Counter(it) = handle { it.get() } else { 0 });
        assert_eq!(counts.collect::<Vec<_>>(), vec![8; 200]);
    }
}
