//! Elements and the types that they refer to.

use std::sync::Arc;

use super::{At, Reader, Space, XSD, documentation};
use crate::{
    xml::{Element as Node, Name},
    xsd::{
        model::{Element, ElementId, Type},
        ways::Ways,
    },
};

const PARTS: &[&str] = &["simpleType", "complexType", "unique", "key", "keyref"];

impl<'d> Reader<'d> {
    /// The element that is declared at the top under `global`.
    pub(super) fn global_element(&mut self, global: usize) -> Option<ElementId> {
        if let Some(known) = self.elements.get(&global) {
            return Some(*known);
        }
        let node = self.globals[global].node;
        let name = self.globals[global].name.clone();
        let id = self.reserve(name.clone(), node);
        self.elements.insert(global, id);
        self.model.globals.insert(name, id);
        let at = self.at(global);
        self.depth += 1;
        if self.count(node) {
            self.element(id, node, at);
        }
        self.depth -= 1;
        if let Some(head) = node.get("substitutionGroup") {
            let head = self.find(Space::Element, node, head, at);
            self.heads.extend(head.map(|head| (id, head)));
        }
        Some(id)
    }

    fn reserve(&mut self, name: Name, node: &Node) -> ElementId {
        self.model.elements.push(Element::new(name, Type::Any, node.place.clone()));
        self.model.elements.len() - 1
    }

    /// An element that is declared inside of a type.
    pub(super) fn local_element(&mut self, node: &'d Node, at: At) -> Option<ElementId> {
        let Some(name) = node.get("name").filter(|name| crate::xml::is_name(name)) else {
            self.bad(
                node,
                "the element has neither a valid `name` nor `ref`".to_owned(),
                "give it one of them",
            );
            return None;
        };
        let documents = self.documents;
        let document = &documents[at.document];
        let is_qualified = self.is_qualified(node, document.qualified_elements);
        let namespace = document.target.clone().filter(|_| is_qualified);
        let id = self.reserve(Name { namespace, local: Arc::from(name) }, node);
        self.element(id, node, at);
        Some(id)
    }

    /// Whether the name of a declaration inside of a type is in the namespace of the schema.
    pub(super) fn is_qualified(&mut self, node: &Node, otherwise: bool) -> bool {
        match node.get("form").map(str::trim) {
            None => otherwise,
            Some("qualified") => true,
            Some("unqualified") => false,
            Some(other) => {
                self.bad(node, format!("`form` is {other:?}"), "write qualified or unqualified");
                otherwise
            }
        }
    }

    fn element(&mut self, id: ElementId, node: &'d Node, at: At) {
        let of = self.element_type(node, at);
        let mut identities = Vec::new();
        for part in self.parts(node, PARTS) {
            if matches!(&*part.name.local, "unique" | "key" | "keyref") {
                identities.extend(self.identity(part, at));
            }
        }
        if matches!(of, Type::Any) {
            let message = format!(
                "what stands in `{}` is not checked, since its type allows anything",
                node.get("name").unwrap_or_default()
            );
            self.note(node, message, "give it a type, if what stands in it is known");
        }
        let block = self.ways(node, "block", Ways::OF_ELEMENTS, at);
        let finals = self.ways(node, "final", Ways::OF_TYPES, at);
        let (default, fixed) = (node.get("default"), node.get("fixed"));
        if default.is_some() && fixed.is_some() {
            self.bad(
                node,
                "an element has `default` or `fixed`, and not both".to_owned(),
                "remove one of them",
            );
        }
        let (is_nillable, is_abstract) = (self.flag(node, "nillable"), self.flag(node, "abstract"));
        if let (Some(text), Type::Simple(simple)) = (default.or(fixed), &of) {
            self.check_default(node, text, simple);
        }
        let element = &mut self.model.elements[id];
        element.of = of;
        element.is_nillable = is_nillable;
        element.is_abstract = is_abstract;
        element.block = block;
        element.finals = finals;
        element.identities = identities;
        element.default = default.map(str::to_owned);
        element.fixed = fixed.map(str::to_owned);
        element.doc = documentation(node);
    }

    fn element_type(&mut self, node: &'d Node, at: At) -> Type {
        let inner = node
            .children
            .iter()
            .find(|child| child.name.is(XSD, "simpleType") || child.name.is(XSD, "complexType"));
        match (node.get("type"), inner) {
            (Some(_), Some(inner)) => {
                self.bad(
                    inner,
                    "the element has a `type`, and a type inside".to_owned(),
                    "remove one of them",
                );
                Type::Any
            }
            (Some(of), None) => self.type_reference(node, of, at).unwrap_or(Type::Any),
            (None, Some(inner)) if &*inner.name.local == "simpleType" => {
                self.simple(inner, at, None).map_or(Type::Any, Type::Simple)
            }
            (None, Some(inner)) => {
                let title = node.get("name").unwrap_or_default();
                Type::Complex(self.declare_complex(inner, at, None, title))
            }
            // A member of a substitution group has the type of its head.
            (None, None) => match node.get("substitutionGroup") {
                Some(head) => {
                    let head =
                        self.find(Space::Element, node, head, at).and_then(|head| self.global_element(head));
                    head.map_or(Type::Any, |head| self.model.elements[head].of.clone())
                }
                None => Type::Any,
            },
        }
    }

    pub(super) fn type_reference(&mut self, node: &'d Node, text: &str, at: At) -> Option<Type> {
        let name = self.name(node, text, at)?;
        if name.is(XSD, "anyType") {
            return Some(Type::Any);
        }
        if name.namespace.as_deref() == Some(XSD) {
            return self.builtin(node, &name.local).map(Type::Simple);
        }
        let global = self.find(Space::Type, node, text, at)?;
        self.global_type(global)
    }

    /// The type that is declared at the top under `global`; the inside of a complex one is read later.
    pub(super) fn global_type(&mut self, global: usize) -> Option<Type> {
        let node = self.globals[global].node;
        if &*node.name.local == "simpleType" {
            return self.global_simple(global).map(Type::Simple);
        }
        let name = self.globals[global].name.clone();
        let title = name.local.to_string();
        // What a redefinition stands for can no longer be named.
        let name = Some(name).filter(|name| self.by_name.get(&(Space::Type, name.clone())) == Some(&global));
        let id = self.declare_complex(node, self.at(global), name, &title);
        self.declared.insert(id, global);
        Some(Type::Complex(id))
    }
}
