//! Policies that wrap operations: how often, how long, and whether an answer may be served again.
//!
//! Each policy is an [`Operation`] around another and knows nothing of the protocol that a call came by, nor of what performs
//! it. [`wrap`] is the order in which they stand. Start reading there.

mod cache;
mod instrument;
mod rate_limit;
mod timeout;

#[cfg(test)]
mod testing;

use std::sync::Arc;

use tenon_monitoring::Metrics;
use tenon_ports::{Clock, Operation};

use crate::{cache::Cached, instrument::Instrumented, rate_limit::RateLimited, timeout::TimeLimited};

/// `bare` behind the policies that the plan asks for, from the outside in: every call is measured; calls beyond the limit are
/// refused before they cost anything; the wait for what remains is bounded, also where it is for somebody else's call to fill
/// the cache.
#[must_use]
pub fn wrap(
    bare: Arc<dyn Operation>,
    planned: &tenon_plan::Operation,
    metrics: &Metrics,
    clock: &Arc<dyn Clock>,
) -> Arc<dyn Operation> {
    let name = planned.name.as_str();
    let mut operation = bare;
    if let Some(age) = planned.cache {
        operation = Arc::new(Cached::new(operation, name, age, metrics));
    }
    operation = Arc::new(TimeLimited::new(operation, name, Arc::clone(clock)));
    if let Some(limit) = planned.limit {
        operation = Arc::new(RateLimited::new(operation, name, limit, metrics, Arc::clone(clock)));
    }
    Arc::new(Instrumented::new(operation, name, metrics))
}
