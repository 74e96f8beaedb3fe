//! What can be asked: one operation for each of a port type that some binding describes.

use std::sync::Arc;

use tenon_model::{Field, Kind, Record, Shape, Str, Value};

use super::{Reader, Space, WSDL, documentation};
use crate::{
    format::{Failure, Operation},
    wsdl::description::{Binding, BoundOperation, Message},
    xsd,
};

impl Reader<'_> {
    /// The operations in the order of the port types.
    pub(super) fn operations(&mut self, bindings: &[Binding], schemas: &xsd::Document) -> Vec<Operation> {
        let port_types: Vec<_> =
            self.order.iter().filter(|(space, _)| *space == Space::PortType).cloned().collect();
        let mut operations: Vec<Operation> = Vec::new();
        for key in port_types {
            let node = self.globals[&key].node;
            let port_type = &key.1.local;
            let of_port_type = || bindings.iter().filter(|binding| *binding.port_type == **port_type);
            if of_port_type().next().is_none() {
                let message = format!("no binding to SOAP says how the port type `{port_type}` is called");
                self.note(&node.place, message, "add a binding, or remove the port type");
            }
            for operation in node.children.iter().filter(|it| it.name.is(WSDL, "operation")) {
                let name = operation.get("name").unwrap_or_default();
                let bound = of_port_type().find_map(|it| it.operations.iter().find(|it| it.name == name));
                let Some(bound) = bound else { continue };
                let is_taken = operations.iter().any(|it| it.name == name);
                let name = if is_taken { format!("{port_type}.{name}") } else { name.to_owned() };
                let address = if bound.action.is_empty() {
                    format!("{port_type}/{}", bound.name)
                } else {
                    bound.action.to_string()
                };
                let output = bound.output.as_ref();
                operations.push(Operation {
                    name: Str::from(name),
                    address: Str::from(address),
                    doc: documentation(operation),
                    deprecated: false,
                    input: shape(&bound.input, schemas),
                    output: output.map_or_else(nothing, |output| shape(output, schemas)),
                    errors: failures(bound, schemas),
                    streams_input: false,
                    streams_output: false,
                    place: operation.place.clone(),
                });
            }
        }
        operations
    }
}

/// What an operation answers that does not answer.
fn nothing() -> Shape {
    Shape::of(Kind::Enum(Arc::from([Value::Null])))
}

fn failures(bound: &BoundOperation, schemas: &xsd::Document) -> Vec<Failure> {
    let failure = |fault: &crate::wsdl::SoapFault| {
        let element = schemas.element(&fault.element.to_name());
        Failure {
            name: fault.name.clone(),
            shape: element.as_ref().map_or(Shape::ANY, xsd::XmlCodec::shape),
            doc: element.and_then(|element| element.doc()),
        }
    };
    bound.faults.iter().map(failure).collect()
}

/// What stands in the body; with headers, a record of both.
fn shape(message: &Message, schemas: &xsd::Document) -> Shape {
    let of = |name: &crate::wsdl::QName| {
        schemas.element(&name.to_name()).map_or(Shape::ANY, |element| element.shape())
    };
    let body = message.body.as_ref().map_or_else(|| Shape::record(Vec::new()), |part| of(&part.element));
    if message.headers.is_empty() {
        return body;
    }
    let headers = message
        .headers
        .iter()
        .map(|header| Field::optional(header.field.clone(), of(&header.element)))
        .collect();
    let headers = Shape::of(Kind::Record(Arc::new(Record::new(headers))));
    let mut field = Field::optional("headers", headers);
    field.default = Some(Value::record::<Str>([]));
    Shape::record(vec![field, Field::required("body", body)])
}
