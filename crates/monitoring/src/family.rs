//! What a metric is called and what it means.

/// One metric with all its label sets. Declared once as a `static` in [`crate::metrics`] and referred to by reference.
#[derive(Debug, PartialEq)]
pub struct Family {
    /// The name in Prometheus' form: with the unit, and `_total` for counters.
    pub name: &'static str,
    /// One sentence that says what is measured.
    pub help: &'static str,
    /// The unit in UCUM's spelling, as OpenTelemetry writes it: `s`, `By`, `{message}`.
    pub unit: &'static str,
    /// The names of its labels, in the order in which values are given.
    pub labels: &'static [&'static str],
    /// How it is measured.
    pub kind: Kind,
}

/// How something is measured.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Kind {
    /// A number that only grows.
    Counter,
    /// A number that goes up and down.
    Gauge,
    /// How often durations fell into buckets, given by their inclusive upper bounds in seconds, ascending.
    Histogram(&'static [f64]),
}

impl Kind {
    /// The name in the `# TYPE` line of Prometheus' text format.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Counter => "counter",
            Self::Gauge => "gauge",
            Self::Histogram(_) => "histogram",
        }
    }
}
