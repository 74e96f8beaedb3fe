//! WSDL 1.1 as operations and types, and SOAP 1.1 and 1.2 messages by it as values
//! ([WSDL 1.1](https://www.w3.org/TR/2001/NOTE-wsdl-20010315), [SOAP 1.1](https://www.w3.org/TR/2000/NOTE-SOAP-20000508/),
//! [SOAP 1.2](https://www.w3.org/TR/soap12-part1/), [WS-I Basic Profile 1.1](http://www.ws-i.org/Profiles/BasicProfile-1.1.html)).
//!
//! **What a file says.** Its types are the elements at the top of its schemas, or their types where there are none. Each operation of a
//! port type that some binding describes is an operation. Files of the project that it imports belong to it; nothing is read from the
//! network.
//!
//! **What it becomes.** The input of an operation is what stands in the body: the record of the wrapper's elements, of the parts of a call
//! (rpc/literal), or the value of the one element. Where a binding has headers, input and output are records of `headers`, which may each
//! be absent, and `body`. An operation without an answer answers null. Faults are errors. [`Description`] keeps what only SOAP needs,
//! [`Envelope`] reads and writes messages by it, and [`SoapExchange`] asks over HTTP.
//!
//! **What is left out.** An operation that cannot be called as it is described (rpc/encoded, several parts in one body, answers
//! without a request) is left out with the reason among the notes, and so is a binding for something else than SOAP over HTTP. Policies
//! and other extensions are noted, and not applied; MIME attachments are noted, and not sent.

mod description;
mod envelope;
mod exchange;
mod published;
mod read;
#[cfg(test)]
mod tests;
mod write;

use std::sync::Arc;

use tenon_errors::{
    Place, Report, Reports,
    catalogue::contract::{BAD_CONTRACT, NOT_WRITABLE},
    nearest,
};
use tenon_model::{Shape, Str};

use self::exchange::SoapExchanges;
pub use self::{
    description::{
        Binding, BoundOperation, Description, Header, Message, Part, Port, QName, Service, SoapFault,
        SoapVersion, Style,
    },
    envelope::{
        Detail, Envelope, Fault, FaultCode, Opened, Password, Peek, Reason, Reply, Security, UsernameToken,
        peek, write_fault, write_fault_under,
    },
    exchange::SoapExchange,
    published::Published,
    write::{Offered, WHOLE, is_whole, write},
};
use crate::{
    format::{Definition, Exchanges, Format, Operation, Schema, Sought, Source, Unsaid, Written},
    xsd,
};

/// WSDL 1.1.
#[derive(Debug, Clone, Copy)]
pub struct Wsdl;

impl Format for Wsdl {
    fn name(&self) -> &'static str {
        "WSDL"
    }

    fn endings(&self) -> &'static [&'static str] {
        &["wsdl"]
    }

    fn read(&self, source: &Source<'_>) -> Result<Schema, Reports> {
        Ok(Document::read(source)?.schema())
    }

    fn write(&self, name: &str, _shape: &Shape) -> Result<Written, Reports> {
        let message = format!("`{name}` is a type, and WSDL describes services");
        Err(Report::new(&NOT_WRITABLE, message).hint("write it as XML Schema").into())
    }

    fn locate(&self, source: &Source<'_>, name: &str, path: &str, sought: Sought) -> Option<Place> {
        Document::read(source).ok()?.locate(name, path, sought)
    }

    fn unsaid(&self, source: &Source<'_>, name: &str) -> Result<Vec<Unsaid>, Reports> {
        let document = Document::read(source)?;
        let position = document.schema().types.iter().position(|definition| definition.name == name);
        Ok(position.map(|position| document.schemas.unsaid_at(position)).unwrap_or_default())
    }
}

/// A description with all files that it refers to.
#[derive(Debug)]
pub struct Document {
    schemas: Arc<xsd::Document>,
    description: Arc<Description>,
    /// The operations of each binding, in the order of both.
    operations: Vec<Vec<Operation>>,
    /// Those that the file as a whole has.
    listed: Vec<Listed>,
    notes: Vec<Report>,
}

/// An operation of the file as a whole: what it is called there, and which one of a binding it is.
#[derive(Debug)]
struct Listed {
    name: Str,
    binding: usize,
    operation: usize,
}

impl Document {
    /// Reads the description in `source` and all files that it refers to.
    ///
    /// # Errors
    /// `P0003` for what is not XML, `C0001` for what is no valid description or schema, and what schemas are refused for: all of them,
    /// each at its place.
    pub fn read(source: &Source<'_>) -> Result<Self, Reports> {
        read::read(source)
    }

    /// Services, bindings and how messages look.
    #[must_use]
    pub fn description(&self) -> &Description {
        &self.description
    }

    /// What the file says.
    #[must_use]
    pub fn schema(&self) -> Schema {
        let of_schemas = self.schemas.schema();
        let notes = [&of_schemas.notes[..], &self.notes].concat();
        Schema {
            types: unambiguous(of_schemas.types),
            operations: self.listed.iter().map(|listed| self.operation(listed)).collect(),
            notes,
            codecs: None,
            exchanges: Some(self.exchanges(self.listed.iter().map(|it| (it.binding, it.operation)))),
        }
    }

    fn operation(&self, listed: &Listed) -> Operation {
        let operation = self.operations[listed.binding][listed.operation].clone();
        Operation { name: listed.name.clone(), ..operation }
    }

    /// The operations of the binding at this position of [`Description::bindings`], and what asks for each of them.
    #[must_use]
    pub fn of_binding(&self, binding: usize) -> (Vec<Operation>, Arc<dyn Exchanges>) {
        let operations = self.operations.get(binding).cloned().unwrap_or_default();
        let exchanges = self.exchanges((0..operations.len()).map(|at| (binding, at)));
        (operations, exchanges)
    }

    /// What reads and writes the messages of the operation at these positions: of its binding, and in it.
    ///
    /// # Errors
    /// `C0001` if there is no such operation.
    pub fn messages(&self, binding: usize, operation: usize) -> Result<Envelope, Report> {
        let found = self.description.bindings.get(binding).filter(|found| operation < found.operations.len());
        let found =
            found.ok_or_else(|| Report::new(&BAD_CONTRACT, "the description has no such operation"))?;
        Envelope::new(&self.schemas, found, operation)
    }

    fn exchanges(&self, of: impl Iterator<Item = (usize, usize)>) -> Arc<dyn Exchanges> {
        let (schemas, description) = (Arc::clone(&self.schemas), Arc::clone(&self.description));
        Arc::new(SoapExchanges { schemas, description, of: of.collect() })
    }

    /// What the description itself says that has no effect, or is left out; what its schemas say is beside it.
    #[must_use]
    pub fn notes(&self) -> &[Report] {
        &self.notes
    }

    /// Where what is at `path` is declared in values of the type `name`.
    fn locate(&self, name: &str, path: &str, sought: Sought) -> Option<Place> {
        let types = self.schema().types;
        let position = types.iter().position(|definition| definition.name == name)?;
        self.schemas.locate_at(position, path, sought)
    }

    /// What reads and writes the messages of `operation` in the binding called `binding`.
    ///
    /// # Errors
    /// `C0001` if there is no such binding, or it has no such operation.
    pub fn envelope(&self, binding: &str, operation: &str) -> Result<Envelope, Report> {
        let bindings = &self.description.bindings;
        let found = bindings.iter().find(|it| it.name == binding);
        let found =
            found.ok_or_else(|| lost("binding", binding, bindings.iter().map(|it| it.name.as_str())))?;
        let bound = found.operations.iter().position(|it| it.name == operation);
        let bound = bound.ok_or_else(|| {
            lost("operation", operation, found.operations.iter().map(|it| it.name.as_str()))
        })?;
        Envelope::new(&self.schemas, found, bound)
    }
}

fn lost<'n>(what: &str, name: &str, known: impl Iterator<Item = &'n str>) -> Report {
    let report = Report::new(&BAD_CONTRACT, format!("the description has no {what} `{name}`"));
    match nearest(name, known) {
        Some(meant) => report.hint(format!("write `{meant}`")),
        None => report.hint("describe it, or use what is described"),
    }
}

/// Elements of one local name in several namespaces are told apart by a number.
fn unambiguous(mut types: Vec<Definition>) -> Vec<Definition> {
    let mut seen = std::collections::HashMap::new();
    for definition in &mut types {
        let count = seen.entry(definition.name.clone()).or_insert(0usize);
        *count += 1;
        if *count > 1 {
            definition.name = format!("{}_{count}", definition.name).into();
        }
    }
    types
}
