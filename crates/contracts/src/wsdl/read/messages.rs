//! Messages and their parts (WSDL 1.1, section 2.3), and which of them stand in a body or a header.

use std::sync::Arc;

use super::{Global, Reader, Space, WSDL};
use crate::{
    xml::{Element as Node, Name},
    xsd::Wrapper,
};

/// A part of a message.
#[derive(Debug, Clone)]
pub(super) struct RawPart {
    pub(super) name: Arc<str>,
    pub(super) of: PartType,
}

#[derive(Debug, Clone)]
pub(super) enum PartType {
    /// An element that a schema declares.
    Element(Name),
    /// A value of this type.
    Type(Name),
}

/// What a body is made of.
#[derive(Debug, Clone)]
pub(super) enum Body {
    Empty,
    Element(Name),
    /// An element that holds parts.
    Wrapper(Name, Vec<(Arc<str>, Name)>),
}

fn is_language(name: &Name) -> bool {
    name.namespace.as_deref() == Some(WSDL)
}

impl<'d> Reader<'d> {
    /// The parts of the message that `text`, an attribute of `node`, names.
    pub(super) fn message(&mut self, node: &'d Node, text: &str) -> Option<Vec<RawPart>> {
        let (_, Global { node, .. }) = self.find(Space::Message, node, text)?;
        let mut parts = Vec::new();
        for part in node.children.iter().filter(|child| child.name.is(WSDL, "part")) {
            let name = part.get("name").unwrap_or_default();
            let resolve = |text: &str| part.scope.resolve(text.trim());
            let of = match (part.get("element"), part.get("type")) {
                (Some(element), None) => resolve(element).map(PartType::Element),
                (None, Some(of)) => resolve(of).map(PartType::Type),
                _ => {
                    let message = format!("the part `{name}` has either `element` or `type`");
                    self.bad(&part.place, message, "write one of them");
                    continue;
                }
            };
            // Schemas declare nothing in the namespace of the language.
            let of = of.map(|of| match of {
                PartType::Element(name) => PartType::Element(self.own(name, part, |_, it| !is_language(it))),
                PartType::Type(name) => PartType::Type(self.own(name, part, |_, it| !is_language(it))),
            });
            let Ok(of) = of else {
                let message = format!("the part `{name}` has a prefix that is not declared");
                self.bad(&part.place, message, "declare it with `xmlns:`");
                continue;
            };
            parts.push(RawPart { name: Arc::from(name), of });
        }
        Some(parts)
    }

    /// The elements that only bodies have.
    pub(super) fn wrappers(&self, bindings: &[super::bindings::RawBinding]) -> Vec<Wrapper> {
        let mut wrappers: Vec<Wrapper> = Vec::new();
        for operation in bindings.iter().flat_map(|binding| &binding.operations) {
            for message in [Some(&operation.input), operation.output.as_ref()].into_iter().flatten() {
                let Body::Wrapper(name, parts) = &message.body else { continue };
                // Bindings to both versions of SOAP have the same.
                if !wrappers.iter().any(|known| known.name == *name && known.parts == *parts) {
                    let place = operation.place.clone();
                    wrappers.push(Wrapper { name: name.clone(), parts: parts.clone(), place });
                }
            }
        }
        wrappers
    }
}
