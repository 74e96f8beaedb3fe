//! What a run would serve, built and not served: so that a check finds what would keep it from starting.

use std::sync::Arc;

use tenon_errors::Reports;
use tenon_monitoring::Metrics;
use tenon_plan::{Api, Operation, Plan};
use tenon_ports::Clock;
use tenon_security::{api_key::ApiKeys, authenticate::Authenticator};

use crate::{
    graphql::Described,
    http::{Probes, Service, StaticPage},
};

/// Builds everything that `plan` serves beside `pages`: routes, schemas and what reads requests.
///
/// # Errors
/// Those of [`Service::new`].
pub fn rehearse(plan: &Plan, pages: Vec<StaticPage>, clock: &Arc<dyn Clock>) -> Result<(), Reports> {
    let operation = |_: &Api, _: &Operation| -> Arc<dyn tenon_ports::Operation> { Arc::new(Described) };
    let authenticators = plan.apis.iter().map(|api| {
        let keys = ApiKeys::new(Vec::new())?;
        Ok(Arc::new(Authenticator::new(api.name.as_str(), keys, Vec::new())))
    });
    let authenticators = authenticators.collect::<Result<Vec<_>, Reports>>()?;
    Service::new(plan, &operation, authenticators, &Metrics::new(), clock, pages, &Probes::none()).map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{FixedClock, plan, tight};

    #[test]
    fn what_cannot_be_served_is_found_without_serving_it() {
        let clock: Arc<dyn Clock> = Arc::new(FixedClock);
        let rehearsed = |plan: &Plan| rehearse(plan, Vec::new(), &clock);
        let mut plan = plan(tight());
        rehearsed(&plan).unwrap();
        plan.apis.push(Arc::clone(&plan.apis[0]));
        let reports = rehearsed(&plan).unwrap_err();
        assert!(reports.iter().all(|report| report.code().id == "A0001") && !reports.is_empty());
    }
}
