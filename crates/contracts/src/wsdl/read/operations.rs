//! What can be asked: the operations of each binding, and one for each of a port type that some binding describes.

use std::sync::Arc;

use tenon_model::{Field, Kind, Record, Shape, Str, Value};

use super::{Reader, Space, WSDL, documentation};
use crate::{
    format::{Failure, Operation},
    wsdl::{
        Listed,
        description::{Binding, BoundOperation, Message},
    },
    xml::Element as Node,
    xsd,
};

impl Reader<'_> {
    /// The operations of each binding, in the order of both.
    pub(super) fn operations(&self, bindings: &[Binding], schemas: &xsd::Document) -> Vec<Vec<Operation>> {
        let of_binding = |binding: &Binding| {
            let bound = binding.operations.iter();
            bound.map(|bound| operation(binding, bound, self.declared(binding, bound), schemas)).collect()
        };
        bindings.iter().map(of_binding).collect()
    }

    /// What the port type says of an operation.
    fn declared(&self, binding: &Binding, bound: &BoundOperation) -> Option<&Node> {
        let port_types = self.order.iter().filter(|(space, _)| *space == Space::PortType);
        let of_binding = port_types.filter(|(_, name)| *name.local == *binding.port_type);
        let nodes = of_binding.filter_map(|key| self.globals.get(key)).flat_map(|found| &found.node.children);
        nodes.into_iter().find(|it| it.name.is(WSDL, "operation") && it.get("name") == Some(&*bound.name))
    }

    /// The operations of the whole description in the order of the port types, each in the first binding that has it.
    pub(super) fn listed(&mut self, bindings: &[Binding]) -> Vec<Listed> {
        let port_types: Vec<_> =
            self.order.iter().filter(|(space, _)| *space == Space::PortType).cloned().collect();
        let mut listed: Vec<Listed> = Vec::new();
        for key in port_types {
            let node = self.globals[&key].node;
            let port_type = &key.1.local;
            let of_port_type = || {
                let all = bindings.iter().enumerate();
                all.filter(|(_, binding)| *binding.port_type == **port_type)
            };
            if of_port_type().next().is_none() {
                let message = format!("no binding to SOAP says how the port type `{port_type}` is called");
                self.note(&node.place, message, "add a binding, or remove the port type");
            }
            for operation in node.children.iter().filter(|it| it.name.is(WSDL, "operation")) {
                let name = operation.get("name").unwrap_or_default();
                let bound = of_port_type().find_map(|(at, binding)| {
                    Some((at, binding.operations.iter().position(|it| it.name == name)?))
                });
                let Some((binding, at)) = bound else { continue };
                let is_taken = listed.iter().any(|it| it.name == name);
                let name = if is_taken { format!("{port_type}.{name}") } else { name.to_owned() };
                listed.push(Listed { name: Str::from(name), binding, operation: at });
            }
        }
        listed
    }
}

/// An operation as a binding has it.
fn operation(
    binding: &Binding,
    bound: &BoundOperation,
    declared: Option<&Node>,
    schemas: &xsd::Document,
) -> Operation {
    let address = match bound.action.is_empty() {
        true => format!("{}/{}", binding.port_type, bound.name),
        false => bound.action.to_string(),
    };
    Operation {
        name: bound.name.clone(),
        address: Str::from(address),
        doc: declared.and_then(documentation),
        deprecated: false,
        input: shape(&bound.input, bound.input.is_in_parts(true, schemas), schemas),
        output: bound
            .output
            .as_ref()
            .map_or_else(nothing, |output| shape(output, output.is_in_parts(false, schemas), schemas)),
        errors: failures(bound, schemas),
        streams_input: false,
        streams_output: false,
        place: declared.map_or_else(|| bound.place.clone(), |node| node.place.clone()),
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

/// What stands in the body; in parts, a record of headers and body.
fn shape(message: &Message, in_parts: bool, schemas: &xsd::Document) -> Shape {
    let of = |name: &crate::wsdl::QName| {
        schemas.element(&name.to_name()).map_or(Shape::ANY, |element| element.shape())
    };
    let body = message.body.as_ref().map_or_else(|| Shape::record(Vec::new()), |part| of(&part.element));
    if !in_parts {
        return body;
    }
    let body = Field::required("body", body);
    if message.headers.is_empty() {
        return Shape::record(vec![body]);
    }
    let headers = message
        .headers
        .iter()
        .map(|header| Field::optional(header.field.clone(), of(&header.element)))
        .collect();
    let headers = Shape::of(Kind::Record(Arc::new(Record::new(headers))));
    let mut field = Field::optional("headers", headers);
    field.default = Some(Value::record::<Str>([]));
    Shape::record(vec![field, body])
}
