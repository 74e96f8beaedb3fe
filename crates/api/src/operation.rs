//! An operation as the protocols call it: who may, until when, and what it is.

use std::{fmt, net::IpAddr, sync::Arc, time::Duration};

use http::HeaderMap;
use jiff::{SignedDuration, Timestamp};
use smol_str::{SmolStr, format_smolstr};
use tenon_errors::{
    Report,
    catalogue::{api::BAD_PARAMETER, engine::INTERNAL},
};
use tenon_plan::Operation;
use tenon_ports::{Call, Reply, operation::Request};
use tenon_security::Principal;

use crate::http::{exchange::Exchange, gate::Gate};

/// The longest idempotency key.
const LONGEST_KEY: usize = 255;

/// An operation of the plan together with what performs it.
pub(crate) struct Served {
    /// What the plan says.
    pub(crate) definition: Arc<Operation>,
    /// Who may call.
    pub(crate) gate: Arc<Gate>,
    target: Arc<dyn tenon_ports::Operation>,
}

impl fmt::Debug for Served {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Served({})", self.definition.name)
    }
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
    /// `definition`, performed by `target`.
    pub(crate) fn new(
        definition: Arc<Operation>,
        gate: Arc<Gate>,
        target: Arc<dyn tenon_ports::Operation>,
    ) -> Self {
        Self { definition, gate, target }
    }

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
            idempotency_key: None,
            deadline: caller.received.saturating_add(wait).unwrap_or(Timestamp::MAX),
        };
        self.target.call(call).await
    }

    /// A reply of another variant than the request's.
    pub(crate) fn wrong_reply(&self) -> Report {
        Report::new(&INTERNAL, format!("operation `{}` replied to something else", self.definition.name))
    }
}

/// The key by which a request that is sent again is recognised (draft-ietf-httpapi-idempotency-key-header). It counts
/// among the requests of one caller, so that nobody can claim the key of another.
pub(crate) fn idempotency_key(headers: &HeaderMap, principal: &Principal) -> Result<Option<SmolStr>, Report> {
    let Some(header) = headers.get("idempotency-key") else { return Ok(None) };
    let text = header.to_str().unwrap_or("").trim();
    let key = text.strip_prefix('"').and_then(|text| text.strip_suffix('"')).unwrap_or(text);
    if key.is_empty() || key.len() > LONGEST_KEY || !key.bytes().all(|byte| byte.is_ascii_graphic()) {
        let message = format!("`Idempotency-Key` is not 1 to {LONGEST_KEY} visible ASCII characters");
        return Err(Report::new(&BAD_PARAMETER, message).path("/Idempotency-Key").hint("send a UUID"));
    }
    Ok(Some(format_smolstr!("{}/{key}", principal.subject)))
}
