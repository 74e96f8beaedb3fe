//! How one operation becomes messages: what stands in body and headers (WSDL 1.1, sections 3.4 to 3.7).

use std::sync::Arc;

use tenon_model::Str;

use super::{
    Reader, WSDL,
    bindings::{RawHeader, RawMessage, RawOperation, child, namespace_of},
    messages::{Body, PartType, RawPart},
};
use crate::{
    wsdl::description::{SoapVersion, Style},
    xml::{Element as Node, Name},
};

/// The namespace of attachments.
const MIME: &str = "http://schemas.xmlsoap.org/wsdl/mime/";

/// Why an operation cannot be called, and what to do about it.
pub(super) type Refused = (String, &'static str);

/// What an operation and its binding say.
pub(super) struct Call<'d> {
    pub(super) version: SoapVersion,
    pub(super) style: Style,
    /// The operation of the port type.
    pub(super) abstract_: &'d Node,
    pub(super) bound: &'d Node,
    pub(super) name: &'d str,
}

impl<'d> Reader<'d> {
    /// The messages of an operation; `None` after a problem.
    pub(super) fn operation(
        &mut self,
        call: &Call<'d>,
        definitions: usize,
    ) -> Option<Result<RawOperation, Refused>> {
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
                    faults.push((Str::new(name), element.clone()));
                }
                _ => {
                    let why = format!("the fault `{name}` is not one part with an element (WS-I R2205)");
                    return Some(Err((why, "declare an element for it")));
                }
            }
        }
        Some(Ok(faults))
    }
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
