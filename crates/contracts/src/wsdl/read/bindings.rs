//! Bindings to SOAP (WSDL 1.1, section 3, and its extension for SOAP 1.2): how each operation of a port type becomes messages.

use std::sync::Arc;

use tenon_errors::Place;
use tenon_model::Str;

use super::{
    Global, MAX_OPERATIONS, Reader, Space, WSDL,
    messages::{Body, PartType, RawPart},
};
use crate::{
    wsdl::description::{
        Binding, BoundOperation, Header, Message, Part, QName, SoapFault, SoapVersion, Style,
    },
    xml::{Element as Node, Name},
    xsd,
};

/// The namespaces of the extensions.
const SOAP11: &str = "http://schemas.xmlsoap.org/wsdl/soap/";
const SOAP12: &str = "http://schemas.xmlsoap.org/wsdl/soap12/";
const MIME: &str = "http://schemas.xmlsoap.org/wsdl/mime/";
/// What SOAP over HTTP is called.
const HTTP: [&str; 2] =
    ["http://schemas.xmlsoap.org/soap/http", "http://www.w3.org/2003/05/soap/bindings/HTTP/"];

/// A binding before its elements are looked up.
pub(super) struct RawBinding {
    pub(super) name: Name,
    pub(super) port_type: Name,
    version: SoapVersion,
    pub(super) operations: Vec<RawOperation>,
}

pub(super) struct RawOperation {
    name: Str,
    style: Style,
    action: Str,
    pub(super) input: RawMessage,
    pub(super) output: Option<RawMessage>,
    faults: Vec<(Str, Name)>,
    pub(super) place: Place,
}

pub(super) struct RawMessage {
    pub(super) body: Body,
    headers: Vec<RawHeader>,
}

struct RawHeader {
    element: Name,
    faults: Vec<Name>,
}

/// Why an operation cannot be called, and what to do about it.
type Refused = (String, &'static str);

/// What an operation and its binding say.
struct Call<'d> {
    version: SoapVersion,
    style: Style,
    /// The operation of the port type.
    abstract_: &'d Node,
    bound: &'d Node,
    name: &'d str,
}

fn namespace_of(version: SoapVersion) -> &'static str {
    match version {
        SoapVersion::V11 => SOAP11,
        SoapVersion::V12 => SOAP12,
    }
}

/// The part `local` of the language in `node`.
pub(super) fn child<'n>(node: &'n Node, namespace: &str, local: &str) -> Option<&'n Node> {
    node.children.iter().find(|child| child.name.is(namespace, local))
}

impl<'d> Reader<'d> {
    /// The bindings to SOAP, in the order of the files.
    pub(super) fn bindings(&mut self) -> Vec<RawBinding> {
        let order = self.order.clone();
        let mut count = 0;
        let mut bindings = Vec::new();
        for key in order.into_iter().filter(|(space, _)| *space == Space::Binding) {
            let Global { node, definitions } = self.globals[&key];
            let name = key.1;
            match self.binding(node, definitions, &name, &mut count) {
                Some(binding) => bindings.push(binding),
                None => drop(self.left_out.insert(name)),
            }
        }
        bindings
    }

    fn binding(
        &mut self,
        node: &'d Node,
        definitions: usize,
        name: &Name,
        count: &mut usize,
    ) -> Option<RawBinding> {
        let what = format!("the binding `{}`", name.local);
        let Some(of) = node.get("type") else {
            self.bad(&node.place, format!("{what} has no `type`"), "name its port type");
            return None;
        };
        let (port_type, Global { node: abstract_, .. }) = self.find(Space::PortType, node, of)?;
        let version = SoapVersion::ALL
            .into_iter()
            .find_map(|version| Some((version, child(node, namespace_of(version), "binding")?)));
        let Some((version, soap)) = version else {
            self.leave_out(&node.place, &what, "it is not to SOAP", "use a binding to SOAP");
            return None;
        };
        let transport = soap.get("transport").unwrap_or_default();
        if !HTTP.contains(&transport) {
            let why = format!("its transport is `{transport}`, and not HTTP");
            self.leave_out(&soap.place, &what, &why, "use a binding to HTTP");
            return None;
        }
        let style = self.style(soap).unwrap_or(Style::Document);
        let mut operations: Vec<RawOperation> = Vec::new();
        for bound in &node.children {
            if bound.name.namespace.as_deref() != Some(WSDL) {
                let is_known = bound.name.is(namespace_of(version), "binding");
                if !is_known && !self.extension(bound) {
                    let why = format!("it requires the extension `{}`", bound.name);
                    self.leave_out(&bound.place, &what, &why, "use a binding without it");
                    return None;
                }
                continue;
            }
            if &*bound.name.local != "operation" {
                continue;
            }
            let local = bound.get("name").unwrap_or_default();
            *count += 1;
            if *count > MAX_OPERATIONS {
                let message = format!("the description has more than {MAX_OPERATIONS} operations");
                self.bad(&bound.place, message, "split it");
                return None;
            }
            let operations_of = |node: &'d Node| {
                node.children
                    .iter()
                    .filter(move |it| it.name.is(WSDL, "operation") && it.get("name") == Some(local))
            };
            let what = format!("the operation `{local}` of `{}`", name.local);
            let mut found = operations_of(abstract_);
            let (Some(abstract_), is_single) = (found.next(), found.next().is_none()) else {
                let message = format!("the port type `{}` has no operation `{local}`", port_type.local);
                self.bad(&bound.place, message, "bind what it has");
                continue;
            };
            if !is_single {
                let why = "the port type has several of this name, which cannot be told apart (WS-I R2304)";
                self.leave_out(&bound.place, &what, why, "give each a name of its own");
                continue;
            }
            let style = self.soap_operation(bound, version).and_then(|it| self.style(it)).unwrap_or(style);
            let call = Call { version, style, abstract_, bound, name: local };
            match self.operation(&call, definitions) {
                Some(Ok(operation)) => operations.push(operation),
                Some(Err((why, hint))) => self.leave_out(&bound.place, &what, &why, hint),
                None => {}
            }
        }
        Some(RawBinding { name: name.clone(), port_type, version, operations })
    }

    fn soap_operation(&self, bound: &'d Node, version: SoapVersion) -> Option<&'d Node> {
        child(bound, namespace_of(version), "operation")
    }

    fn style(&mut self, node: &Node) -> Option<Style> {
        match node.get("style")? {
            "document" => Some(Style::Document),
            "rpc" => Some(Style::Rpc),
            other => {
                self.bad(&node.place, format!("`style` is {other:?}"), "write document or rpc");
                None
            }
        }
    }

    /// The messages of an operation; `None` after a problem.
    fn operation(&mut self, call: &Call<'d>, definitions: usize) -> Option<Result<RawOperation, Refused>> {
        let parts: Vec<&Node> = call
            .abstract_
            .children
            .iter()
            .filter(|it| it.name.is(WSDL, "input") || it.name.is(WSDL, "output"))
            .collect();
        let (input, output) = match parts[..] {
            [input] if &*input.name.local == "input" => (input, None),
            [input, output] if &*input.name.local == "input" && &*output.name.local == "output" => {
                (input, Some(output))
            }
            _ => {
                let why = "it asks its clients, or tells them without being asked (WS-I R2303)".to_owned();
                return Some(Err((why, "describe what can be asked")));
            }
        };
        let soap = self.soap_operation(call.bound, call.version);
        let action = soap.and_then(|it| it.get("soapAction")).unwrap_or_default();
        let input = match self.bound_message(call, input, "input", definitions)? {
            Ok(input) => input,
            Err(refused) => return Some(Err(refused)),
        };
        let output = match output.map(|output| self.bound_message(call, output, "output", definitions)) {
            None => None,
            Some(output) => match output? {
                Ok(output) => Some(output),
                Err(refused) => return Some(Err(refused)),
            },
        };
        let faults = match self.faults(call)? {
            Ok(faults) => faults,
            Err(refused) => return Some(Err(refused)),
        };
        Some(Ok(RawOperation {
            name: Str::new(call.name),
            style: call.style,
            action: Str::new(action),
            input,
            output,
            faults,
            place: call.bound.place.clone(),
        }))
    }

    /// How the message of `abstract_` looks, by the part `side` of the binding.
    fn bound_message(
        &mut self,
        call: &Call<'d>,
        abstract_: &'d Node,
        side: &str,
        definitions: usize,
    ) -> Option<Result<RawMessage, Refused>> {
        let name = abstract_.get("message").unwrap_or_default();
        let parts = self.message(abstract_, name)?;
        let soap = namespace_of(call.version);
        let bound = child(call.bound, WSDL, side);
        let multipart = bound.and_then(|bound| child(bound, MIME, "multipartRelated"));
        let first = multipart
            .and_then(|it| it.children.iter().find_map(|part| child(part, soap, "body").map(|_| part)));
        if let Some(multipart) = multipart {
            let message = format!("the attachments of `{}` are not sent, and not read", call.name);
            self.note(&multipart.place, message, "send what they hold in the body");
        }
        let holder = first.or(bound);
        let mut headers: Vec<RawHeader> = Vec::new();
        for node in holder.into_iter().flat_map(|it| &it.children) {
            if node.name.is(soap, "header") {
                if is_encoded(node) {
                    return Some(Err(encoded()));
                }
                match self.header(node, soap)? {
                    Ok(header) => headers.push(header),
                    Err(refused) => return Some(Err(refused)),
                }
            } else if node.name.namespace.as_deref() != Some(WSDL)
                && !node.name.is(soap, "body")
                && node.name.namespace.as_deref() != Some(MIME)
                && !self.extension(node)
            {
                let why = format!("it requires the extension `{}`", node.name);
                return Some(Err((why, "use an operation without it")));
            }
        }
        let body = holder.and_then(|holder| child(holder, soap, "body"));
        if body.is_some_and(is_encoded) {
            return Some(Err(encoded()));
        }
        let listed: Option<Vec<&str>> =
            body.and_then(|body| body.get("parts")).map(|parts| parts.split_ascii_whitespace().collect());
        // A part that a header takes from the same message does not stand in the body (R2716 has it said by `parts`).
        let is_in_header = |part: &RawPart| {
            listed.is_none()
                && headers.iter().any(|it| matches!(&part.of, PartType::Element(name) if *name == it.element))
        };
        let in_body: Vec<RawPart> = parts
            .into_iter()
            .filter(|part| {
                listed.as_ref().is_none_or(|listed| listed.contains(&&*part.name)) && !is_in_header(part)
            })
            .collect();
        let made = match call.style {
            Style::Document => document(&in_body),
            Style::Rpc => {
                let namespace = body.and_then(|body| body.get("namespace")).map(Arc::from);
                let namespace = namespace.or_else(|| self.definitions[definitions].target.clone());
                let suffix = if side == "output" { "Response" } else { "" };
                rpc(Name { namespace, local: format!("{}{suffix}", call.name).into() }, in_body)
            }
        };
        Some(made.map(|body| RawMessage { body, headers }))
    }

    fn header(&mut self, node: &'d Node, soap: &str) -> Option<Result<RawHeader, Refused>> {
        let element = match self.part_of(node)? {
            Ok(element) => element,
            Err(refused) => return Some(Err(refused)),
        };
        let mut faults = Vec::new();
        for fault in node.children.iter().filter(|child| child.name.is(soap, "headerfault")) {
            match self.part_of(fault)? {
                Ok(element) => faults.push(element),
                Err(refused) => return Some(Err(refused)),
            }
        }
        Some(Ok(RawHeader { element, faults }))
    }

    /// The element that `message` and `part` of `node` name together.
    fn part_of(&mut self, node: &'d Node) -> Option<Result<Name, Refused>> {
        let parts = self.message(node, node.get("message").unwrap_or_default())?;
        let wanted = node.get("part").unwrap_or_default();
        match parts.into_iter().find(|part| &*part.name == wanted).map(|part| part.of) {
            Some(PartType::Element(name)) => Some(Ok(name)),
            Some(PartType::Type(_)) => {
                let why = format!("the part `{wanted}` of a header has a type and no element (WS-I R2205)");
                Some(Err((why, "declare an element for it")))
            }
            None => {
                self.bad(
                    &node.place,
                    format!("the message has no part `{wanted}`"),
                    "name a part that it has",
                );
                None
            }
        }
    }

    fn faults(&mut self, call: &Call<'d>) -> Option<Result<Vec<(Str, Name)>, Refused>> {
        let soap = namespace_of(call.version);
        for bound in call.bound.children.iter().filter(|it| it.name.is(WSDL, "fault")) {
            if child(bound, soap, "fault").is_some_and(is_encoded) {
                return Some(Err(encoded()));
            }
        }
        let mut faults = Vec::new();
        for fault in call.abstract_.children.iter().filter(|it| it.name.is(WSDL, "fault")) {
            let name = fault.get("name").unwrap_or_default();
            let parts = self.message(fault, fault.get("message").unwrap_or_default())?;
            match &parts[..] {
                [RawPart { of: PartType::Element(element), .. }] => {
                    faults.push((Str::new(name), element.clone()))
                }
                _ => {
                    let why = format!("the fault `{name}` is not one part with an element (WS-I R2205)");
                    return Some(Err((why, "declare an element for it")));
                }
            }
        }
        Some(Ok(faults))
    }

    /// The bindings with all elements that they name. What a schema does not have is a problem.
    pub(super) fn resolved(&mut self, bindings: Vec<RawBinding>, schemas: &xsd::Document) -> Vec<Binding> {
        let mut resolved = Vec::new();
        for binding in bindings {
            let mut operations = Vec::new();
            for raw in binding.operations {
                let input = self.resolved_message(raw.input, &raw.place, schemas);
                let output = raw.output.map(|output| self.resolved_message(output, &raw.place, schemas));
                for (name, element) in &raw.faults {
                    self.check_element(element, &format!("the fault `{name}`"), &raw.place, schemas);
                }
                let is_wrapped = raw.style == Style::Document
                    && is_wrapper(&input, schemas, Some(&raw.name))
                    && output.as_ref().is_none_or(|output| is_wrapper(output, schemas, None));
                operations.push(BoundOperation {
                    name: raw.name,
                    style: raw.style,
                    is_wrapped,
                    action: raw.action,
                    input,
                    output,
                    faults: raw
                        .faults
                        .iter()
                        .map(|(name, element)| SoapFault { name: name.clone(), element: element.into() })
                        .collect(),
                    place: raw.place,
                });
            }
            resolved.push(Binding {
                name: Str::new(&*binding.name.local),
                port_type: Str::new(&*binding.port_type.local),
                version: binding.version,
                operations,
            });
        }
        resolved
    }

    fn resolved_message(&mut self, raw: RawMessage, place: &Place, schemas: &xsd::Document) -> Message {
        let element = match &raw.body {
            Body::Empty => None,
            Body::Element(name) | Body::Wrapper(name, _) => Some(name),
        };
        if let Some(name) = element {
            self.check_element(name, "the body", place, schemas);
        }
        let mut headers: Vec<Header> = Vec::new();
        for header in raw.headers {
            self.check_element(&header.element, "a header", place, schemas);
            let plain = header.element.local.replace(['-', '.'], "_");
            let same = headers.iter().filter(|it| it.field == plain).count();
            let field = if same == 0 { plain } else { format!("{plain}_{}", same + 1) };
            headers.push(Header {
                field: Str::from(field),
                element: (&header.element).into(),
                faults: header.faults.iter().map(QName::from).collect(),
            });
        }
        Message { body: element.map(|name| Part { element: name.into() }), headers }
    }

    fn check_element(&mut self, name: &Name, what: &str, place: &Place, schemas: &xsd::Document) {
        if schemas.element(name).is_none() {
            let message = format!("{what} is the element `{name}`, which no schema declares");
            self.bad(place, message, "declare the element, or correct the part that names it");
        }
    }
}

fn is_wrapper(message: &Message, schemas: &xsd::Document, operation: Option<&Str>) -> bool {
    let Some(part) = &message.body else { return false };
    let has_name = operation.is_none_or(|operation| part.element.local == *operation);
    has_name && schemas.element(&part.element.to_name()).is_some_and(|element| element.is_wrapper())
}

fn is_encoded(node: &Node) -> bool {
    node.get("use") == Some("encoded")
}

fn encoded() -> Refused {
    ("it uses encoded messages (WS-I R2706)".to_owned(), "describe it with use=\"literal\"")
}

fn document(parts: &[RawPart]) -> Result<Body, Refused> {
    match parts {
        [] => Ok(Body::Empty),
        [RawPart { of: PartType::Element(name), .. }] => Ok(Body::Element(name.clone())),
        [part] => Err((
            format!(
                "the part `{}` has a type and no element, in a message of style document (WS-I R2204)",
                part.name
            ),
            "declare an element for it, or use the style rpc",
        )),
        parts => Err((
            format!("its body has {} parts in the style document (WS-I R2201)", parts.len()),
            "put the parts into one element",
        )),
    }
}

fn rpc(name: Name, parts: Vec<RawPart>) -> Result<Body, Refused> {
    let mut typed = Vec::with_capacity(parts.len());
    for part in parts {
        match part.of {
            PartType::Type(of) => typed.push((part.name, of)),
            PartType::Element(_) => {
                return Err((
                    format!(
                        "the part `{}` has an element, in a message of style rpc (WS-I R2203)",
                        part.name
                    ),
                    "give the part a type, or use the style document",
                ));
            }
        }
    }
    Ok(Body::Wrapper(name, typed))
}
