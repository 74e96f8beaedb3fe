//! The metrics of requests, by route template: never by raw path, which a client could choose at will.

use std::{sync::OnceLock, time::Duration};

use http::{Method, StatusCode};
use tenon_monitoring::{Gauge, Histogram, Metrics, metrics};

use super::router::Router;

/// The methods that are told apart; others count as `_OTHER` (OpenTelemetry's HTTP conventions).
const METHODS: &[Method] =
    &[Method::GET, Method::POST, Method::PUT, Method::PATCH, Method::DELETE, Method::HEAD, Method::OPTIONS];
/// The statuses whose histograms are held; others are looked up each time.
const STATUSES: &[u16] = &[
    200, 201, 202, 204, 304, 307, 400, 401, 403, 404, 405, 406, 408, 409, 413, 415, 422, 429, 500, 501, 503,
    504,
];

/// Counts requests and measures their durations.
pub(crate) struct Meter {
    metrics: Metrics,
    active: Gauge,
    routes: Vec<Slots>,
    unmatched: Slots,
}

/// The histograms of one route, made when they are first needed.
struct Slots {
    template: String,
    held: Vec<OnceLock<Histogram>>,
}

impl Slots {
    fn new(template: &str) -> Self {
        let held = (0..METHODS.len() * STATUSES.len()).map(|_| OnceLock::new()).collect();
        Self { template: template.to_owned(), held }
    }
}

impl Meter {
    pub(crate) fn new(metrics: Metrics, router: &Router) -> Self {
        Self {
            active: metrics.gauge(&metrics::HTTP_SERVER_ACTIVE_REQUESTS, &[]),
            routes: router.routes.iter().map(|route| Slots::new(&route.template)).collect(),
            unmatched: Slots::new("unmatched"),
            metrics,
        }
    }

    /// Counts a request as active until the guard is dropped.
    pub(crate) fn begin(&self) -> Active<'_> {
        self.active.add(1);
        Active(&self.active)
    }

    /// Records a request that is answered.
    pub(crate) fn record(&self, route: Option<usize>, method: &Method, status: StatusCode, took: Duration) {
        let slots = route.and_then(|position| self.routes.get(position)).unwrap_or(&self.unmatched);
        let row = METHODS.iter().position(|known| known == method);
        let column = STATUSES.iter().position(|known| *known == status.as_u16());
        let make = || {
            let name = row.map_or("_OTHER", |row| METHODS[row].as_str());
            let labels = [name, slots.template.as_str(), status.as_str()];
            self.metrics.histogram(&metrics::HTTP_SERVER_REQUEST_DURATION, &labels)
        };
        match (row, column) {
            (Some(row), Some(column)) => {
                slots.held[row * STATUSES.len() + column].get_or_init(make).record(took);
            }
            _ => make().record(took),
        }
    }
}

impl Meter {
    /// Where it counts.
    pub(crate) fn metrics(&self) -> &Metrics {
        &self.metrics
    }

    /// Records what never became a request.
    pub(crate) fn record_refused(&self, status: StatusCode) {
        let labels = ["_OTHER", self.unmatched.template.as_str(), status.as_str()];
        self.metrics.histogram(&metrics::HTTP_SERVER_REQUEST_DURATION, &labels).record(Duration::ZERO);
    }
}

/// A request that is worked on.
pub(crate) struct Active<'a>(&'a Gauge);

impl Drop for Active<'_> {
    fn drop(&mut self) {
        self.0.add(-1);
    }
}
