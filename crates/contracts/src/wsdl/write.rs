//! Operations as a description: document/literal wrapped, to SOAP 1.1 and 1.2 (WS-I Basic Profile 1.1, JAX-WS 2.3, section 2.3.1.2).

use tenon_model::{Field, Kind, Shape};

use crate::{
    format::Loss,
    xml::{write_attribute, write_text},
    xsd,
};

/// An operation that is offered.
#[derive(Debug)]
pub struct Offered<'o> {
    /// What it is called, as XML allows.
    pub name: &'o str,
    /// What it is for.
    pub doc: Option<&'o str>,
    /// What it takes.
    pub input: &'o Shape,
    /// What it answers.
    pub output: &'o Shape,
}

/// The field that holds what is no record.
pub const WHOLE: &str = "value";

/// The description of the service `name` with these operations, whose messages are of the namespace `target`; and what XML Schema cannot say
/// of what each takes and answers. What is no record stands in the field [`WHOLE`].
#[must_use]
pub fn write(name: &str, target: &str, operations: &[Offered<'_>]) -> (String, Vec<[Vec<Loss>; 2]>) {
    let sides = |operation: &Offered<'_>| [record(operation.input), record(operation.output)];
    let shapes: Vec<[Shape; 2]> = operations.iter().map(sides).collect();
    let mut elements = Vec::new();
    for (operation, [input, output]) in operations.iter().zip(&shapes) {
        elements.push((operation.name.to_owned(), input, operation.doc));
        elements.push((response(operation.name), output, None));
    }
    let (schema, losses) = xsd::of_elements(target, &elements);
    let mut out = Out(Vec::new());
    out.line("<?xml version=\"1.0\" encoding=\"UTF-8\"?>");
    out.raw("<definitions xmlns=\"http://schemas.xmlsoap.org/wsdl/\" xmlns:soap=\"http://schemas.xmlsoap.org/wsdl/soap/\" ");
    out.raw("xmlns:soap12=\"http://schemas.xmlsoap.org/wsdl/soap12/\"");
    for attribute in ["xmlns:tns", "targetNamespace"] {
        out.attribute(attribute, target);
    }
    out.attribute("name", name);
    out.line(">");
    out.line("<types>");
    out.raw(&schema);
    out.line("</types>");
    out.messages(operations);
    out.port_type(name, operations);
    for (version, prefix) in VERSIONS {
        out.binding(name, target, (version, prefix), operations);
    }
    out.service(name);
    out.line("</definitions>");
    let mut losses = losses.into_iter();
    let mut of = |shape: &Shape| {
        let mut lost = losses.next().unwrap_or_default();
        lost.extend(Loss::of_rules("XML Schema", shape, |_| false));
        lost
    };
    let pairs = shapes.iter().map(|[input, output]| [of(input), of(output)]).collect();
    (String::from_utf8_lossy(&out.0).into_owned(), pairs)
}

/// The versions by the ending of their names, with the prefix of their extension.
const VERSIONS: [(&str, &str); 2] = [("Soap", "soap"), ("Soap12", "soap12")];

/// What the element of an answer is called.
fn response(operation: &str) -> String {
    format!("{operation}Response")
}

/// The same as a record.
fn record(shape: &Shape) -> Shape {
    let resolved = shape.resolved();
    match &resolved.kind {
        Kind::Record(_) if !shape.allows_null() => resolved.into_owned(),
        _ => Shape::record(vec![Field::required(WHOLE, shape.clone())]),
    }
}

/// Whether what is said of `shape` stands in the field [`WHOLE`].
#[must_use]
pub fn is_whole(shape: &Shape) -> bool {
    shape.allows_null() || !matches!(shape.resolved().kind, Kind::Record(_))
}

struct Out(Vec<u8>);

impl Out {
    fn raw(&mut self, text: &str) {
        self.0.extend_from_slice(text.as_bytes());
    }

    fn line(&mut self, text: &str) {
        self.raw(text);
        self.0.push(b'\n');
    }

    fn attribute(&mut self, name: &str, value: &str) {
        self.raw(&format!(" {name}="));
        write_attribute(value, &mut self.0);
    }

    fn messages(&mut self, operations: &[Offered<'_>]) {
        for Offered { name, .. } in operations {
            for element in [(*name).to_owned(), response(name)] {
                let part = format!("<part name=\"parameters\" element=\"tns:{element}\"/>");
                self.line(&format!("<message name=\"{element}\">{part}</message>"));
            }
        }
    }

    fn port_type(&mut self, service: &str, operations: &[Offered<'_>]) {
        self.line(&format!("<portType name=\"{service}\">"));
        for Offered { name, doc, .. } in operations {
            self.raw(&format!("<operation name=\"{name}\">"));
            if let Some(doc) = doc {
                self.raw("<documentation>");
                write_text(doc, &mut self.0);
                self.raw("</documentation>");
            }
            let response = response(name);
            self.line(&format!(
                "<input message=\"tns:{name}\"/><output message=\"tns:{response}\"/></operation>"
            ));
        }
        self.line("</portType>");
    }

    fn binding(
        &mut self,
        service: &str,
        target: &str,
        (ending, prefix): (&str, &str),
        operations: &[Offered<'_>],
    ) {
        self.line(&format!("<binding name=\"{service}{ending}\" type=\"tns:{service}\">"));
        self.line(&format!(
            "<{prefix}:binding style=\"document\" transport=\"http://schemas.xmlsoap.org/soap/http\"/>"
        ));
        for Offered { name, .. } in operations {
            self.raw(&format!("<operation name=\"{name}\"><{prefix}:operation"));
            self.attribute("soapAction", &format!("{target}:{name}"));
            let body = format!("<{prefix}:body use=\"literal\"/>");
            self.line(&format!("/><input>{body}</input><output>{body}</output></operation>"));
        }
        self.line("</binding>");
    }

    fn service(&mut self, service: &str) {
        self.line(&format!("<service name=\"{service}\">"));
        for (ending, prefix) in VERSIONS {
            self.line(&format!(
                "<port name=\"{service}{ending}\" binding=\"tns:{service}{ending}\"><{prefix}:address location=\"\"/></port>"
            ));
        }
        self.line("</service>");
    }
}
