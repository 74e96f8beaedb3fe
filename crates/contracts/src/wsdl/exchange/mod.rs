//! Operations as they are asked for by SOAP over HTTP ([SOAP 1.1](https://www.w3.org/TR/2000/NOTE-SOAP-20000508/), section 6;
//! [SOAP 1.2 Part 2](https://www.w3.org/TR/soap12-part2/), section 7), and what replies to them mean.
//!
//! `reply` and `refusal` are the side of whoever asks, `answering` that of whoever is asked.

mod answering;
mod refusal;
mod reply;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use tenon_errors::{Report, Reports, catalogue::contract::UNSUPPORTED_KEYWORD};
use tenon_model::Value;

use super::{Description, Envelope};
use crate::{
    format::{Answer, Answering, Effect, Exchange, Exchanges, Incoming, Outgoing, RefusesBy},
    xsd,
};

const SOAP_ACTION: HeaderName = HeaderName::from_static("soapaction");

/// One operation of a binding. Nothing says that it only reads or may be repeated, so that it acts.
#[derive(Debug)]
pub struct SoapExchange {
    envelope: Envelope,
    headers: HeaderMap,
}

impl SoapExchange {
    /// The exchange of the messages of `envelope`.
    ///
    /// # Errors
    /// `C0002` for an action that no header can carry.
    pub fn new(envelope: Envelope) -> Result<Self, Report> {
        let odd = || {
            let message = format!("the action `{}` cannot stand in a header", envelope.operation().action);
            let report = Report::new(&UNSUPPORTED_KEYWORD, message).at(envelope.operation().place.clone());
            report.hint("write it in ASCII, as an address with what is not escaped by `%`")
        };
        let value = |text: &str| match text.is_ascii() {
            true => HeaderValue::try_from(text).map_err(|_| odd()),
            false => Err(odd()),
        };
        let mut headers = HeaderMap::new();
        headers.insert(header::CONTENT_TYPE, value(&envelope.content_type())?);
        headers.insert(header::ACCEPT, value(envelope.version().media_type())?);
        if let Some(action) = envelope.soap_action() {
            headers.insert(SOAP_ACTION, value(&action)?);
        }
        Ok(Self { envelope, headers })
    }
}

impl Exchange for SoapExchange {
    fn effect(&self) -> Effect {
        Effect::Acts
    }

    fn request(&self, input: &Value) -> Result<Outgoing, Report> {
        let mut body = Vec::new();
        self.envelope.encode_request(input, &mut body)?;
        // The address of the port is all that a call is sent to.
        Ok(Outgoing {
            method: Method::POST,
            target: String::new(),
            headers: self.headers.clone(),
            body: Bytes::from(body),
        })
    }

    fn answer(&self, reply: &Incoming<'_>) -> Result<Answer, Report> {
        reply::answer(&self.envelope, reply)
    }

    fn may_refuse_as(&self, name: &str) -> bool {
        crate::format::is_of_statuses(name) || refusal::is_code(name, self.envelope.version())
    }

    fn refuses_by(&self) -> RefusesBy {
        RefusesBy { kinds: "a status (`404`), a range (`4XX`), a code of SOAP", names: &[] }
    }

    fn refuses_with_values(&self) -> bool {
        true
    }

    fn answering(&self) -> Option<&dyn Answering> {
        Some(self)
    }
}

/// Makes the exchanges of operations, each by the positions of its binding and in it.
#[derive(Debug)]
pub(super) struct SoapExchanges {
    pub(super) schemas: Arc<xsd::Document>,
    pub(super) description: Arc<Description>,
    pub(super) of: Vec<(usize, usize)>,
}

impl Exchanges for SoapExchanges {
    fn exchange(&self, position: usize) -> Result<Option<Arc<dyn Exchange>>, Reports> {
        let Some((binding, operation)) = self.of.get(position).copied() else { return Ok(None) };
        let envelope = Envelope::new(&self.schemas, &self.description.bindings[binding], operation)?;
        Ok(Some(Arc::new(SoapExchange::new(envelope)?)))
    }
}
