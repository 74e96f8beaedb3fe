//! What a description says of services and of how their messages look: the part that only SOAP needs.

use std::fmt;

use tenon_errors::Place;
use tenon_model::{Kind, Shape, Str};

use crate::{xml::Name, xsd};

/// A name with its namespace.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct QName {
    /// The namespace; `None` for none.
    pub namespace: Option<Str>,
    /// The name in it.
    pub local: Str,
}

/// As in `{urn:shop}order`.
impl fmt::Display for QName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.namespace {
            Some(namespace) => write!(f, "{{{namespace}}}{}", self.local),
            None => f.write_str(&self.local),
        }
    }
}

impl From<&Name> for QName {
    fn from(name: &Name) -> Self {
        Self { namespace: name.namespace.as_deref().map(Str::new), local: Str::new(&*name.local) }
    }
}

impl QName {
    /// As the readers of XML have it.
    pub(super) fn to_name(&self) -> Name {
        Name { namespace: self.namespace.as_deref().map(Into::into), local: (*self.local).into() }
    }
}

/// Services, and the bindings that they offer.
#[derive(Debug, Clone, Default)]
pub struct Description {
    /// The services in the order of the file.
    pub services: Vec<Service>,
    /// The bindings to SOAP in the order of the file.
    pub bindings: Vec<Binding>,
}

/// A service.
#[derive(Debug, Clone)]
pub struct Service {
    /// What it is called.
    pub name: Str,
    /// What it is for.
    pub doc: Option<Str>,
    /// Where it can be reached.
    pub ports: Vec<Port>,
}

/// A place where a service can be reached.
#[derive(Debug, Clone)]
pub struct Port {
    /// What it is called.
    pub name: Str,
    /// The position of its binding in [`Description::bindings`].
    pub binding: usize,
    /// Its address, where the description says one: `https://example.com/orders`.
    pub address: Option<Str>,
}

/// The versions of SOAP.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SoapVersion {
    /// SOAP 1.1.
    V11,
    /// SOAP 1.2.
    V12,
}

impl SoapVersion {
    /// Both.
    pub const ALL: [SoapVersion; 2] = [Self::V11, Self::V12];

    /// What it is called.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::V11 => "SOAP 1.1",
            Self::V12 => "SOAP 1.2",
        }
    }

    /// The namespace of envelopes.
    #[must_use]
    pub fn namespace(self) -> &'static str {
        match self {
            Self::V11 => "http://schemas.xmlsoap.org/soap/envelope/",
            Self::V12 => "http://www.w3.org/2003/05/soap-envelope",
        }
    }

    /// The media type of messages, without parameters.
    #[must_use]
    pub fn media_type(self) -> &'static str {
        match self {
            Self::V11 => "text/xml",
            Self::V12 => "application/soap+xml",
        }
    }
}

/// How the operations of a port type become messages of SOAP.
#[derive(Debug, Clone)]
pub struct Binding {
    /// What it is called.
    pub name: Str,
    /// The port type that it is of.
    pub port_type: Str,
    /// The version of the envelopes.
    pub version: SoapVersion,
    /// The operations that can be called.
    pub operations: Vec<BoundOperation>,
}

/// How the body of a message is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// One element that a schema declares.
    Document,
    /// An element named after the operation, which holds the parts.
    Rpc,
}

/// How an operation becomes messages.
#[derive(Debug, Clone)]
pub struct BoundOperation {
    /// What it is called.
    pub name: Str,
    /// How the body is made.
    pub style: Style,
    /// Whether the element of a document holds the arguments alone, by the rules of JAX-WS 2.3, section 2.3.1.2.
    pub is_wrapped: bool,
    /// What the request says as its action; may be empty.
    pub action: Str,
    /// The request.
    pub input: Message,
    /// The answer; `None` where there is none.
    pub output: Option<Message>,
    /// The faults that it declares.
    pub faults: Vec<SoapFault>,
    /// Where the binding says so.
    pub place: Place,
}

/// What a message consists of.
#[derive(Debug, Clone, Default)]
pub struct Message {
    /// The element in the body; `None` for an empty body.
    pub body: Option<Part>,
    /// The headers.
    pub headers: Vec<Header>,
}

impl Message {
    /// Whether its value is a record of `headers`, as far as there are any, and `body`: with headers, and where an input is no record,
    /// since inputs are made field by field.
    pub(super) fn is_in_parts(&self, is_input: bool, schemas: &xsd::Document) -> bool {
        let body = self.body.as_ref().and_then(|part| schemas.element(&part.element.to_name()));
        !self.headers.is_empty() || (is_input && body.is_some_and(|body| !has_fields(&body.shape())))
    }
}

/// Whether all values of `shape` are records.
fn has_fields(shape: &Shape) -> bool {
    match &shape.resolved().kind {
        Kind::Record(_) => true,
        Kind::Union(union) => union.variants.iter().all(|(_, variant)| has_fields(variant)),
        _ => false,
    }
}

/// An element of a message.
#[derive(Debug, Clone)]
pub struct Part {
    /// The element.
    pub element: QName,
}

/// A header.
#[derive(Debug, Clone)]
pub struct Header {
    /// The field of the record of headers.
    pub field: Str,
    /// The element.
    pub element: QName,
    /// The elements that headers of faults about it have.
    pub faults: Vec<QName>,
}

/// A fault that an operation declares.
#[derive(Debug, Clone)]
pub struct SoapFault {
    /// What it is called.
    pub name: Str,
    /// The element in its details.
    pub element: QName,
}
