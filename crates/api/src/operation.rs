//! An operation as the protocols call it: who may, until when, and what it is.

use std::{net::IpAddr, sync::Arc, time::Duration};

use jiff::{SignedDuration, Timestamp};
use smol_str::SmolStr;
use tenon_errors::{Report, catalogue::engine::INTERNAL};
use tenon_plan::{Api, Operation};
use tenon_ports::{Call, Reply, operation::Request};
use tenon_security::{Principal, authenticate::Authenticator};

use crate::http::{exchange::Exchange, gate::Gate};

/// An operation of the plan together with what performs it.
pub(crate) struct Served {
    /// What the plan says.
    pub(crate) definition: Arc<Operation>,
    /// Who may call.
    pub(crate) gate: Arc<Gate>,
    target: Arc<dyn tenon_ports::Operation>,
}

/// Every operation of `api`.
pub(crate) fn all(
    api: &Api,
    operations: &dyn Fn(&Api, &Operation) -> Arc<dyn tenon_ports::Operation>,
    authenticator: Arc<Authenticator>,
) -> Vec<Arc<Served>> {
    let gate = Arc::new(Gate::new(authenticator));
    let serve = |definition: &Arc<Operation>| {
        let target = operations(api, definition);
        Arc::new(Served { definition: Arc::clone(definition), gate: Arc::clone(&gate), target })
    };
    api.operations.iter().map(serve).collect()
}

/// What the calls that one request leads to have in common.
#[derive(Clone)]
pub(crate) struct Caller {
    pub(crate) principal: Arc<Principal>,
    pub(crate) id: SmolStr,
    pub(crate) client: IpAddr,
    pub(crate) trace: tenon_model::TraceContext,
    pub(crate) received: Timestamp,
    longest: Duration,
}

impl Caller {
    /// The caller of `exchange`.
    pub(crate) fn new(exchange: &Exchange<'_>, principal: Arc<Principal>) -> Self {
        Self {
            principal,
            id: exchange.id.clone(),
            client: exchange.client,
            trace: exchange.trace,
            received: exchange.received,
            longest: exchange.limits.timeout,
        }
    }
}

impl Served {
    /// Performs `request`, which `caller` was permitted to do.
    pub(crate) async fn call(&self, request: Request, caller: &Caller) -> Result<Reply, Report> {
        let longest = self.definition.timeout.min(caller.longest);
        let wait = SignedDuration::try_from(longest).unwrap_or(SignedDuration::MAX);
        let call = Call {
            request,
            principal: Arc::clone(&caller.principal),
            client: Some(caller.client),
            trace: caller.trace,
            id: caller.id.clone(),
            deadline: caller.received.saturating_add(wait).unwrap_or(Timestamp::MAX),
        };
        self.target.call(call).await
    }

    /// A reply of another variant than the request's.
    pub(crate) fn wrong_reply(&self) -> Report {
        Report::new(&INTERNAL, format!("operation `{}` replied to something else", self.definition.name))
    }
}
