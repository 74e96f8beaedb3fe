//! The endpoint of an API: all of its operations at one path.

use std::sync::Arc;

use async_trait::async_trait;
use http::{Method, request::Parts};
use tenon_compute::sized;
use tenon_contracts::wsdl::{Envelope, Opened, SoapVersion};
use tenon_errors::{
    Report, Reports,
    catalogue::api::{SOAP_HEADER, SOAP_UNSERVED},
};
use tenon_mapping::Frame;
use tenon_model::Value;
use tenon_plan::{SoapExposure, SoapServing};
use tenon_security::{Principal, authorize::Access};

use super::{
    answer,
    asked::Asking,
    description,
    dispatch::{find, versions},
    faults::{Heard, told},
    head, token,
};
use crate::{
    http::{
        body,
        conditional::{Preconditions, unknown},
        exchange::{Answer, Exchange, Failure, Handler},
        gate::Gate,
        media::unsupported,
        router::Mount,
    },
    operation::{Caller, Served},
    protocols::{Mounted, Mounting, Protocol},
};

/// SOAP as one of the protocols.
pub(crate) const PROTOCOL: Protocol =
    Protocol { base: |api| api.soap.as_ref().map(|soap| &*soap.path), mount };

/// How much larger than its text a message may be in memory.
const DECODED: usize = 4;
/// What an answer is expected to take as long as nothing else is known.
const LEAST_ANSWER: usize = 16 << 10;

fn mount(mounting: &Mounting<'_>) -> Result<Mounted, Reports> {
    let Some(exposure) = &mounting.api.soap else { return Ok(Mounted::default()) };
    let mut accesses: Vec<Access> = Vec::new();
    for serving in exposure.operations.iter().filter_map(|it| it.serves.as_ref()) {
        let served = mounting.served.get(serving.operation);
        let access = served.map(|served| &served.definition.access);
        accesses.extend(access.filter(|access| !accesses.contains(access)).cloned());
    }
    let asking = |served: &Arc<Served>| Asking::of(&served.definition.name, &served.definition.kind);
    let endpoint = Arc::new(Endpoint {
        exposure: Arc::clone(exposure),
        operations: mounting.served.iter().map(|served| (Arc::clone(served), asking(served))).collect(),
        versions: versions(&exposure.operations),
        gate: Arc::clone(mounting.gate),
        accesses,
        is_encrypted: mounting.plan.server.tls.is_some(),
    });
    let path = exposure.path.as_str();
    let requests = vec![
        Mount::at(Method::GET, path, Arc::clone(&endpoint) as _),
        Mount::at(Method::POST, path, endpoint),
    ];
    Ok(Mounted { requests, documents: Vec::new() })
}

struct Endpoint {
    exposure: Arc<SoapExposure>,
    /// The operations of the API, in its order.
    operations: Vec<(Arc<Served>, Asking)>,
    /// The versions that are served.
    versions: Vec<SoapVersion>,
    gate: Arc<Gate>,
    /// What the operations ask of callers, each once.
    accesses: Vec<Access>,
    is_encrypted: bool,
}

#[async_trait]
impl Handler for Endpoint {
    async fn handle(&self, exchange: Exchange<'_>) -> Result<Answer, Failure> {
        if exchange.head.method != Method::POST {
            body::none(exchange.body, &exchange.head.method, exchange.limits, exchange.room).await?;
            return description::answered(&self.exposure, self.is_encrypted, exchange.head);
        }
        let id = exchange.id.clone();
        let mut heard = self.heard(exchange.head);
        let answered = self.answered(exchange, &mut heard).await;
        answered.map_err(|failure| told(failure, &heard, &id))
    }

    fn tell(&self, failure: Failure, head: &Parts, id: &str) -> Failure {
        if failure.told.is_some() { failure } else { told(failure, &self.heard(head), id) }
    }
}

/// A message that is for an operation which is served.
struct Understood<'e> {
    envelope: &'e Envelope,
    serving: &'e SoapServing,
    served: &'e Served,
    asking: &'e Asking,
}

impl Endpoint {
    /// What is known of a request by its head.
    fn heard(&self, head: &Parts) -> Heard<'_> {
        let version = head::version(&head.headers).or(self.versions.first().copied());
        Heard { version: version.unwrap_or(SoapVersion::V11), versions: self.versions.clone(), asked: None }
    }

    async fn answered<'e>(
        &'e self,
        mut exchange: Exchange<'_>,
        heard: &mut Heard<'e>,
    ) -> Result<Answer, Failure> {
        let mut principal = self.gate.identify(&mut exchange).await?;
        // Who has shown nothing may have put it into the message.
        let may_follow = self.exposure.takes_tokens && principal.method == tenon_security::Method::Anonymous;
        if !may_follow {
            *exchange.principal = Some(Arc::clone(&principal));
            self.require_use(&principal)?;
        }
        let headers = &exchange.head.headers;
        if Preconditions::of(headers)?.is_some() {
            return Err(unknown("an endpoint for all requests has no state", "leave it out"));
        }
        let said = head::read(headers, &self.versions)?;
        let caller = Caller::new(&exchange, Arc::clone(&principal));
        let bytes = body::read(exchange.body, exchange.limits, exchange.room).await?;
        exchange.room.reserve(LEAST_ANSWER + DECODED * bytes.len()).await?;
        let message = sized(bytes.len(), || Opened::new(&bytes, said.charset)).await?;
        if !may_follow && self.exposure.takes_tokens && token::is_there(message.peek()) {
            return Err(self.gate.refuse_credentials("there are credentials in the head and in the message"));
        }
        if may_follow {
            if let Some(sender) = token::sender(&self.gate, message.peek(), exchange.received)? {
                principal = sender;
            }
            *exchange.principal = Some(Arc::clone(&principal));
            self.require_use(&principal)?;
        }
        let caller = caller.sent_by(Arc::clone(&principal)).with_idempotency_key(headers)?;
        let (understood, request) = sized(bytes.len(), || {
            let understood = self.understood(&message, &said, heard)?;
            understood.served.permit(&principal)?;
            let request = understood.envelope.request_in(&message, self.exposure.takes_tokens)?;
            Ok::<_, Failure>((understood, request))
        })
        .await?;
        drop(message);
        let weight = bytes.len();
        drop(bytes);
        exchange.room.release_body();
        let Understood { envelope, serving, served, asking } = understood;
        let frame = Frame::new(vec![request], exchange.received);
        heard.asked = Some((envelope, serving, frame.clone()));
        let request = sized(weight, || asking.request(asked(serving, &frame)?)).await?;
        let answered = answer::called(served, asking, request, &caller, exchange.room).await?;
        answer::written(envelope, serving, &frame, answered).await
    }

    /// Nothing is read from a caller who may do nothing here.
    fn require_use(&self, principal: &Principal) -> Result<(), Failure> {
        let mut refusal = None;
        for access in &self.accesses {
            match self.gate.permit(principal, access) {
                Ok(()) => return Ok(()),
                Err(failure) => refusal = refusal.or(Some(failure)),
            }
        }
        refusal.map_or(Ok(()), Err)
    }

    /// What the message is for.
    fn understood<'e>(
        &'e self,
        message: &Opened<'_>,
        said: &head::Head<'_>,
        heard: &mut Heard<'e>,
    ) -> Result<Understood<'e>, Failure> {
        let peek = message.peek();
        if let Some(version) = peek.version.filter(|version| *version != said.version) {
            heard.version = if self.versions.contains(&version) { version } else { heard.version };
            let message = format!(
                "the envelope is of {}, and the `Content-Type` of {}",
                version.name(),
                said.version.name()
            );
            return Err(unsupported(message, &format!("send it as `{}`", version.media_type())));
        }
        let found = find(&self.exposure.operations, message, said.action.as_deref()).inspect_err(|_| {
            // Whoever speaks another version only is told so in the older one (SOAP 1.2 Part 1, appendix A).
            if !self.versions.contains(&heard.version) || peek.version.is_none() {
                heard.version = SoapVersion::V11;
            }
        })?;
        if let Some(header) = found.envelope.misunderstood(message, self.exposure.takes_tokens) {
            let message =
                format!("the header `{header}` has to be understood, and the operation does not have it");
            let report = Report::new(&SOAP_HEADER, message);
            return Err(report.hint("leave it out, or send it without `mustUnderstand`").into());
        }
        let serving = found.serves.as_ref();
        let operation = serving.and_then(|serving| Some((serving, self.operations.get(serving.operation)?)));
        let Some((serving, (served, asking))) = operation else {
            let name = &found.envelope.operation().name;
            return Err(
                Report::new(&SOAP_UNSERVED, format!("`{name}` is described, and not served here")).into()
            );
        };
        Ok(Understood { envelope: &found.envelope, serving, served, asking })
    }
}

/// What the operation is asked by the request in `frame`.
fn asked(serving: &SoapServing, frame: &Frame) -> Result<Value, Report> {
    let value = serving.request.run(frame)?;
    serving.rules.check(&value)?;
    Ok(value)
}
