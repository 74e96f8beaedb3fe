//! Bindings to SOAP (WSDL 1.1, section 3, and its extension for SOAP 1.2): how each operation of a port type becomes messages.

use tenon_errors::Place;
use tenon_model::Str;

use super::{Global, MAX_OPERATIONS, Reader, Space, WSDL, calls::Call, messages::Body};
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
    pub(super) name: Str,
    pub(super) style: Style,
    pub(super) action: Str,
    pub(super) input: RawMessage,
    pub(super) output: Option<RawMessage>,
    pub(super) faults: Vec<(Str, Name)>,
    pub(super) place: Place,
}

pub(super) struct RawMessage {
    pub(super) body: Body,
    pub(super) headers: Vec<RawHeader>,
}

pub(super) struct RawHeader {
    pub(super) element: Name,
    pub(super) faults: Vec<Name>,
}

pub(super) fn namespace_of(version: SoapVersion) -> &'static str {
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

    pub(super) fn soap_operation(&self, bound: &'d Node, version: SoapVersion) -> Option<&'d Node> {
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
