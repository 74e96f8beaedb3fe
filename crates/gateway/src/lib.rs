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
use tenon_plan::Api;
use tenon_ports::{Clock, Operation};

pub use crate::cache::{CacheShare, Caching};
use crate::{cache::Cached, instrument::Instrumented, rate_limit::RateLimited, timeout::TimeLimited};

/// What an operation is called in metrics: operations of two APIs may have one name.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Label<'a> {
    pub(crate) api: &'a str,
    pub(crate) operation: &'a str,
}

/// `bare` behind the policies that the plan asks for, from the outside in: every call is measured; calls beyond the limit are
/// refused before they cost anything; the wait for what remains is bounded, also where it is for somebody else's call to fill
/// the cache.
#[must_use]
pub fn wrap(
    bare: Arc<dyn Operation>,
    api: &Api,
    planned: &tenon_plan::Operation,
    caching: Option<Caching>,
    metrics: &Metrics,
    clock: &Arc<dyn Clock>,
) -> Arc<dyn Operation> {
    let name = planned.name.as_str();
    let label = Label { api: api.name.as_str(), operation: name };
    let mut operation = bare;
    if let Some(caching) = caching {
        operation = Arc::new(Cached::new(operation, label, caching, metrics));
    }
    operation = Arc::new(TimeLimited::new(operation, name, Arc::clone(clock)));
    if let Some(limit) = planned.limit {
        operation = Arc::new(RateLimited::new(operation, label, limit, metrics, Arc::clone(clock)));
    }
    Arc::new(Instrumented::new(operation, label, metrics))
}
