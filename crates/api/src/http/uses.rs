//! When each of an API's keys and passwords was used last.

use std::collections::HashMap;

use jiff::Timestamp;
use tenon_model::Str;
use tenon_monitoring::{Gauge, Metrics, metrics::CREDENTIAL_LAST_USED};
use tenon_security::{Method, Principal, authenticate::Authenticator};

/// One number for each key and password: known after a reload, too.
#[derive(Default)]
pub(super) struct Uses(HashMap<(Method, Str), Gauge>);

impl Uses {
    /// Those of `api`, whose credentials `authenticator` knows.
    pub(super) fn new(api: &str, authenticator: &Authenticator, metrics: &Metrics) -> Self {
        let gauge = |(method, name): (Method, &Str)| {
            let gauge = metrics.gauge(&CREDENTIAL_LAST_USED, &[api, method.name(), name]);
            ((method, name.clone()), gauge)
        };
        Self(authenticator.credentials().map(gauge).collect())
    }

    /// Notes that `principal` was let in.
    pub(super) fn note(&self, principal: &Principal, now: Timestamp) {
        let Some(name) = &principal.credential else { return };
        let (Some(gauge), second) = (self.0.get(&(principal.method, name.clone())), now.as_second()) else {
            return;
        };
        // Most requests find that it says so already, and leave the line of the cache to the others.
        if gauge.get() < second {
            gauge.set(second);
        }
    }
}
