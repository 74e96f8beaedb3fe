//! Attributes and their groups.

use std::{collections::HashMap, sync::Arc};

use super::{At, Reader, Space, XSD, documentation};
use crate::{
    xml::{Element as Node, Name},
    xsd::model::{Attribute, Wildcard},
};

/// What stands where attributes are declared.
#[derive(Default)]
pub(super) struct Attributes {
    pub(super) uses: Vec<Attribute>,
    /// The positions of their names.
    names: HashMap<Name, usize>,
    /// The names that a restriction takes away.
    pub(super) prohibited: Vec<Name>,
    pub(super) any: Option<Wildcard>,
}

/// The parts of a type that declare attributes.
pub(super) const ATTRIBUTES: &[&str] = &["attribute", "attributeGroup", "anyAttribute"];

impl<'d> Reader<'d> {
    /// The attributes that `nodes` declare.
    pub(super) fn attributes(&mut self, nodes: &[&'d Node], at: At) -> Attributes {
        let mut all = Attributes::default();
        for node in nodes {
            match &*node.name.local {
                "attribute" => self.attribute(node, at, &mut all),
                "attributeGroup" => {
                    let Some(text) = node.get("ref") else {
                        self.bad(node, "the attribute group has no `ref`".to_owned(), "refer to a group");
                        continue;
                    };
                    let Some(group) = self.find(Space::AttributeGroup, node, text, at) else { continue };
                    let Some(group) = self.attribute_group(group) else { continue };
                    if !self.inherit(group.uses.len(), &node.place) {
                        break;
                    }
                    group.uses.into_iter().for_each(|it| self.add(node, it, &mut all));
                    all.any = both(all.any.take(), group.any);
                }
                _ => {
                    let own = self.wildcard(node, at);
                    all.any = both(all.any.take(), own);
                }
            }
        }
        all
    }

    /// What a group at the top declares.
    pub(super) fn attribute_group(&mut self, global: usize) -> Option<Attributes> {
        let node = self.globals[global].node;
        if !self.count(node) {
            return None;
        }
        self.depth += 1;
        let nodes = self.parts(node, ATTRIBUTES);
        let all = self.attributes(&nodes, self.at(global));
        self.depth -= 1;
        Some(all)
    }

    fn attribute(&mut self, node: &'d Node, at: At, all: &mut Attributes) {
        let mut attribute = match node.get("ref") {
            Some(text) => self.referred(node, text, at),
            None => self.attribute_declaration(node, at, false),
        };
        let is_required = match node.get("use") {
            None | Some("optional") => false,
            Some("required") => true,
            Some("prohibited") => {
                all.prohibited.extend(attribute.map(|it| it.name));
                return;
            }
            Some(other) => {
                return self.bad(
                    node,
                    format!("`use` is {other:?}"),
                    "write optional, required or prohibited",
                );
            }
        };
        if let Some(attribute) = attribute.as_mut() {
            attribute.is_required = is_required;
            if is_required && node.get("default").is_some() {
                self.bad(
                    node,
                    "a required attribute has no use for a default".to_owned(),
                    "remove `default`, or make it optional",
                );
            }
        }
        if let Some(attribute) = attribute {
            self.add(node, attribute, all);
        }
    }

    fn add(&mut self, node: &Node, attribute: Attribute, all: &mut Attributes) {
        if let Some(known) = all.names.get(&attribute.name).map(|at| &all.uses[*at]) {
            // Two groups may have the same group in them.
            if known.place == attribute.place && known.is_required == attribute.is_required {
                return;
            }
            return self.bad(
                node,
                format!("the attribute `{}` is declared twice", attribute.name),
                "declare it once",
            );
        }
        all.names.insert(attribute.name.clone(), all.uses.len());
        all.uses.push(attribute);
    }

    /// An attribute that is declared at the top, with the default of the reference where that has one.
    fn referred(&mut self, node: &'d Node, text: &str, at: At) -> Option<Attribute> {
        let global = self.find(Space::Attribute, node, text, at)?;
        let declared = self.globals[global].node;
        let mut attribute = self.attribute_declaration(declared, self.at(global), true)?;
        // Where it is used says more than where it is declared.
        attribute.place = node.place.clone();
        for (own, key) in [(&mut attribute.default, "default"), (&mut attribute.fixed, "fixed")] {
            if let Some(text) = node.get(key) {
                self.check_default(node, text, &attribute.of);
                *own = Some(text.to_owned());
            }
        }
        Some(attribute)
    }

    pub(super) fn attribute_declaration(
        &mut self,
        node: &'d Node,
        at: At,
        is_global: bool,
    ) -> Option<Attribute> {
        let Some(name) = node.get("name").filter(|name| crate::xml::is_name(name)) else {
            self.bad(
                node,
                "the attribute has neither a valid `name` nor `ref`".to_owned(),
                "give it one of them",
            );
            return None;
        };
        let documents = self.documents;
        let document = &documents[at.document];
        let is_qualified = is_global || self.is_qualified(node, document.qualified_attributes);
        let namespace = document.target.clone().filter(|_| is_qualified);
        let inner = self.parts(node, &["simpleType"]);
        let of = match (node.get("type"), &inner[..]) {
            (Some(of), []) => self.simple_reference(node, of, at)?,
            (None, [inner]) => self.simple(inner, at, None)?,
            (None, []) => self.builtin(node, "anySimpleType")?,
            _ => {
                self.bad(node, "an attribute has one type".to_owned(), "remove `type`, or the type inside");
                return None;
            }
        };
        let (default, fixed) = (node.get("default"), node.get("fixed"));
        if default.is_some() && fixed.is_some() {
            self.bad(
                node,
                "an attribute has `default` or `fixed`, and not both".to_owned(),
                "remove one of them",
            );
        }
        if let Some(text) = default.or(fixed) {
            self.check_default(node, text, &of);
        }
        Some(Attribute {
            name: Name { namespace, local: Arc::from(name) },
            of,
            is_required: false,
            default: default.map(str::to_owned),
            fixed: fixed.map(str::to_owned),
            doc: documentation(node),
            place: node.place.clone(),
        })
    }

    /// Which namespaces `any` or `anyAttribute` allows.
    pub(super) fn wildcard(&mut self, node: &'d Node, at: At) -> Option<Wildcard> {
        let what = if &*node.name.local == "any" { "elements" } else { "attributes" };
        match node.get("processContents") {
            Some("skip") => {}
            None | Some("strict" | "lax") => {
                let message = format!(
                    "{what} that `{}` lets in are not checked by their own declarations",
                    node.name.local
                );
                self.note(node, message, "write processContents=\"skip\", or declare what is allowed here");
            }
            Some(other) => {
                self.bad(node, format!("`processContents` is {other:?}"), "write strict, lax or skip");
                return None;
            }
        }
        let target = self.documents[at.document].target.clone();
        Some(match node.get("namespace").map(str::trim) {
            None | Some("##any") => Wildcard::Any,
            Some("##other") => Wildcard::Other(target),
            Some(names) => Wildcard::OneOf(
                names
                    .split_ascii_whitespace()
                    .map(|name| match name {
                        "##targetNamespace" => target.clone(),
                        "##local" => None,
                        name => Some(Arc::from(name)),
                    })
                    .collect(),
            ),
        })
    }

    /// Whether `node` is a part of the language called `local`.
    pub(super) fn is_part(node: &Node, local: &str) -> bool {
        node.name.is(XSD, local)
    }
}

/// What both let in (Part 1, section 3.4.2).
fn both(one: Option<Wildcard>, other: Option<Wildcard>) -> Option<Wildcard> {
    match (one, other) {
        (Some(one), Some(other)) => Some(Wildcard::Both(Box::new((one, other)))),
        (one, other) => one.or(other),
    }
}
