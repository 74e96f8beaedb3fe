//! Messages of SOAP as values, and back, by what a description says: pure functions of bytes.
//!
//! A server looks at what came with [`peek`] first, which tells the operation and what has to be answered with a fault of its own:
//! another version, or a header that has to be understood and is not known.

mod decode;
mod encode;
mod fault;
mod opened;
mod peek;
mod security;

use std::sync::Arc;

use tenon_errors::{Report, catalogue::contract::BAD_CONTRACT};
use tenon_model::Value;

pub use self::{
    encode::{write_fault, write_fault_under},
    fault::{Detail, Fault, FaultCode, Reason},
    opened::Opened,
    peek::{Peek, peek},
    security::{Password, Security, UsernameToken},
};
pub(super) use self::{fault::CODES, peek::peek_text, security::refuses_credentials};
use super::description::{Binding, BoundOperation, Message, QName, SoapVersion};
use crate::xsd::{self, XmlCodec};

/// Reads and writes the messages of one operation in one binding. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Envelope {
    schemas: Arc<xsd::Document>,
    version: SoapVersion,
    operation: BoundOperation,
    request: Layout,
    reply: Option<Layout>,
    faults: Vec<(String, XmlCodec)>,
}

/// What comes back: a value, or a fault.
#[derive(Debug, Clone, PartialEq)]
pub enum Reply {
    /// What the operation answers; null where it answers nothing.
    Value(Value),
    /// Why it does not.
    Fault(Fault),
}

/// How a message is made.
#[derive(Debug, Clone)]
struct Layout {
    body: Option<XmlCodec>,
    /// The headers with their fields.
    headers: Vec<(String, XmlCodec)>,
    /// Whether values are records of headers and body.
    in_parts: bool,
}

impl Layout {
    /// A message without anything.
    const EMPTY: Self = Self { body: None, headers: Vec::new(), in_parts: false };

    fn of(message: &Message, is_input: bool, schemas: &xsd::Document) -> Result<Self, Report> {
        let body = message.body.as_ref().map(|part| element(&part.element, schemas)).transpose()?;
        let header =
            |header: &super::Header| Ok((header.field.to_string(), element(&header.element, schemas)?));
        let headers = message.headers.iter().map(header).collect::<Result<_, Report>>()?;
        Ok(Self { body, headers, in_parts: message.is_in_parts(is_input, schemas) })
    }
}

fn element(name: &QName, schemas: &xsd::Document) -> Result<XmlCodec, Report> {
    let found = schemas.element(&name.to_name());
    found.ok_or_else(|| Report::new(&BAD_CONTRACT, format!("no schema declares the element `{name}`")))
}

impl Envelope {
    pub(super) fn new(schemas: &Arc<xsd::Document>, binding: &Binding, at: usize) -> Result<Self, Report> {
        let operation = binding.operations[at].clone();
        let fault = |it: &super::SoapFault| Ok((it.name.to_string(), element(&it.element, schemas)?));
        Ok(Self {
            request: Layout::of(&operation.input, true, schemas)?,
            reply: operation.output.as_ref().map(|output| Layout::of(output, false, schemas)).transpose()?,
            faults: operation.faults.iter().map(fault).collect::<Result<_, Report>>()?,
            version: binding.version,
            schemas: Arc::clone(schemas),
            operation,
        })
    }

    /// The same messages in envelopes of another version, and faults without the details that the operation declares: what is
    /// understood of a fault that is not as it is described.
    pub(super) fn undeclared(&self, version: SoapVersion) -> Self {
        Self { version, faults: Vec::new(), ..self.clone() }
    }

    /// What the binding says of the operation.
    #[must_use]
    pub fn operation(&self) -> &BoundOperation {
        &self.operation
    }

    /// Whether the value of a request is a record of `headers`, as far as there are any, and `body`.
    #[must_use]
    pub fn request_is_in_parts(&self) -> bool {
        self.request.in_parts
    }

    /// The same of an answer.
    #[must_use]
    pub fn reply_is_in_parts(&self) -> bool {
        self.reply.as_ref().is_some_and(|reply| reply.in_parts)
    }

    /// The version of SOAP.
    #[must_use]
    pub fn version(&self) -> SoapVersion {
        self.version
    }

    /// The media type of the request with its parameters (RFC 2045, RFC 3902). SOAP 1.2 has the action among them, SOAP 1.1 in a header
    /// of its own: [`soap_action`](Self::soap_action).
    #[must_use]
    pub fn content_type(&self) -> String {
        let media_type = self.version.media_type();
        match (self.version, quoted(&self.operation.action)) {
            (SoapVersion::V12, action) if action.len() > 2 => {
                format!("{media_type}; charset=utf-8; action={action}")
            }
            _ => format!("{media_type}; charset=utf-8"),
        }
    }

    /// The value of the header `SOAPAction` of requests in SOAP 1.1, in quotes (WS-I R2744); `None` in SOAP 1.2.
    #[must_use]
    pub fn soap_action(&self) -> Option<String> {
        (self.version == SoapVersion::V11).then(|| quoted(&self.operation.action))
    }
}

/// As a string of HTTP (RFC 9110, section 5.6.4), which holds no control characters.
fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars().filter(|c| !c.is_control()) {
        if matches!(c, '"' | '\\') {
            out.push('\\');
        }
        out.push(c);
    }
    out.push('"');
    out
}
