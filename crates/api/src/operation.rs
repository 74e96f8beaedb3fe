//! An operation as the protocols call it: who may, until when, and what it is.

use std::{fmt, net::IpAddr, sync::Arc, time::Duration};

use http::HeaderMap;
use jiff::{SignedDuration, Timestamp};
use smol_str::{SmolStr, format_smolstr};
use tenon_errors::{
    Report,
    catalogue::{api::MALFORMED_REQUEST, engine::INTERNAL},
};
use tenon_model::Str;
use tenon_plan::Operation;
use tenon_ports::{
    Call, IdempotencyKey, Reply,
    operation::{Condition, Request},
};
use tenon_security::Principal;

use crate::http::{
    exchange::{Exchange, Failure},
    gate::Gate,
};

/// The longest idempotency key.
const LONGEST_KEY: usize = 255;

/// An operation of the plan together with what performs it. Nothing is performed for a caller who may not: that is decided
/// here, around every policy, so that no protocol and no path to a row can forget it.
pub(crate) struct Served {
    /// What the plan says.
    pub(crate) definition: Arc<Operation>,
    gate: Arc<Gate>,
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
    /// Who sends requests with a key of their own, if this is one: then the id is that key.
    repeats_as: Option<SmolStr>,
    pub(crate) client: IpAddr,
    pub(crate) trace: tenon_model::TraceContext,
    pub(crate) trace_state: Option<Str>,
    pub(crate) received: Timestamp,
    longest: Duration,
    fresh: bool,
    condition: Option<Arc<dyn Condition>>,
}

impl Caller {
    /// The caller of `exchange`.
    pub(crate) fn new(exchange: &Exchange<'_>, principal: Arc<Principal>) -> Self {
        Self {
            principal,
            id: exchange.id.clone(),
            repeats_as: None,
            client: exchange.client,
            trace: exchange.trace,
            trace_state: exchange.trace_state.clone(),
            received: exchange.received,
            longest: exchange.limits.timeout,
            fresh: false,
            condition: None,
        }
    }

    /// The same caller, who does not wait longer than this.
    pub(crate) fn within(self, longest: Option<Duration>) -> Self {
        Self { longest: longest.map_or(self.longest, |longest| longest.min(self.longest)), ..self }
    }

    /// The same caller, who turns out to be `principal`.
    pub(crate) fn sent_by(self, principal: Arc<Principal>) -> Self {
        Self { principal, ..self }
    }

    /// The same caller, for what was not kept before.
    pub(crate) fn freshly(&self) -> Self {
        Self { fresh: true, ..self.clone() }
    }

    /// The same caller, who wants to act only if this holds.
    pub(crate) fn under(self, condition: Option<Arc<dyn Condition>>) -> Self {
        Self { condition, ..self }
    }

    /// Takes the request's idempotency key for its id, where it has one.
    ///
    /// # Errors
    /// `A0113` if the key is not one.
    pub(crate) fn with_idempotency_key(mut self, headers: &HeaderMap) -> Result<Self, Report> {
        if let Some(key) = idempotency_key(headers)? {
            let caller = scope(&self.principal);
            self.id = format_smolstr!("{caller}:{key}");
            self.repeats_as = Some(caller);
        }
        Ok(self)
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

    /// Who sent the request.
    ///
    /// # Errors
    /// Those of [`Gate::identify`].
    pub(crate) async fn identify(&self, exchange: &mut Exchange<'_>) -> Result<Arc<Principal>, Failure> {
        self.gate.identify(exchange).await
    }

    /// Whether `principal` may call: asked by protocols before they read what is large or dear.
    ///
    /// # Errors
    /// `S0001` or `S0003` with what the caller could do about it.
    pub(crate) fn permit(&self, principal: &Principal) -> Result<(), Failure> {
        self.gate.permit(principal, &self.definition.access)
    }

    /// Performs `request`.
    pub(crate) async fn call(&self, request: Request, caller: &Caller) -> Result<Reply, Report> {
        Ok(self.call_with_age(request, caller).await?.0)
    }

    /// As [`Served::call`]; with the reply's age where it was kept.
    pub(crate) async fn call_with_age(
        &self,
        request: Request,
        caller: &Caller,
    ) -> Result<(Reply, Option<Duration>), Report> {
        self.permit(&caller.principal).map_err(|refused| refused.report)?;
        let longest = self.definition.timeout.min(caller.longest);
        let wait = SignedDuration::try_from(longest).unwrap_or(SignedDuration::MAX);
        let call = Call {
            request,
            principal: Arc::clone(&caller.principal),
            client: Some(caller.client),
            trace: caller.trace,
            trace_state: caller.trace_state.clone(),
            id: caller.id.clone(),
            idempotency_key: caller
                .repeats_as
                .as_ref()
                .map(|who| IdempotencyKey { caller: who.clone(), key: caller.id.clone() }),
            deadline: caller.received.saturating_add(wait).unwrap_or(Timestamp::MAX),
            fresh: caller.fresh,
            condition: caller.condition.clone(),
        };
        Ok(self.target.call(call).await?.into_parts())
    }

    /// A reply of another variant than the request's.
    pub(crate) fn wrong_reply(&self) -> Report {
        Report::new(&INTERNAL, format!("operation `{}` replied to something else", self.definition.name))
    }
}

/// The key by which a request that is sent again is recognised (draft-ietf-httpapi-idempotency-key-header).
fn idempotency_key(headers: &HeaderMap) -> Result<Option<&str>, Report> {
    let mut all = headers.get_all("idempotency-key").iter();
    let Some(header) = all.next() else { return Ok(None) };
    let refused = |message: String| {
        Err(Report::new(&MALFORMED_REQUEST, message).hint("send one `Idempotency-Key`, for example a UUID"))
    };
    if all.next().is_some() {
        return refused("there is more than one `Idempotency-Key`".to_owned());
    }
    let text = header.to_str().unwrap_or("").trim();
    let key = text.strip_prefix('"').and_then(|text| text.strip_suffix('"')).unwrap_or(text);
    if key.is_empty() || key.len() > LONGEST_KEY || !key.bytes().all(|byte| byte.is_ascii_graphic()) {
        return refused(format!("`Idempotency-Key` is not 1 to {LONGEST_KEY} visible ASCII characters"));
    }
    Ok(Some(key))
}

/// The requests of one caller, before a key of which this is put, so that nobody can claim the key of another. The subject
/// of an API key may be spelled like that of a token, and subjects and issuers hold any character: so each part has its
/// length before it.
fn scope(principal: &Principal) -> SmolStr {
    let issuer = principal.issuer.as_deref().unwrap_or_default();
    let subject = &principal.subject;
    let method = principal.method;
    format_smolstr!("{method}:{}:{issuer}:{}:{subject}", issuer.len(), subject.len())
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use tenon_security::Method;

    use super::*;

    #[test]
    fn no_two_callers_share_an_idempotency_key() {
        let caller = |method, issuer: Option<&str>, subject: &str| Principal {
            method,
            issuer: issuer.map(Into::into),
            subject: subject.into(),
            ..Principal::anonymous()
        };
        let callers = [
            (caller(Method::ApiKey, None, "ann"), "k"),
            (caller(Method::Jwt, None, "ann"), "k"),
            (caller(Method::Jwt, Some("https://i"), "ann"), "k"),
            (caller(Method::Jwt, Some("https://j"), "ann"), "k"),
            (caller(Method::ApiKey, None, "ann:k"), "k"),
            (caller(Method::ApiKey, None, "ann"), "k:k"),
            (caller(Method::Jwt, Some("https://i:3:ann"), "k"), "k"),
            (Principal::anonymous(), "k"),
        ];
        let keys: HashSet<_> =
            callers.iter().map(|(principal, key)| format!("{}:{key}", scope(principal))).collect();
        assert_eq!(keys.len(), callers.len());
    }
}
