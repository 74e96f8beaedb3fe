//! Complex types: what they say themselves, and what they take from the type that they are derived from.

use std::collections::{HashMap, HashSet};

use super::{At, Reader, attributes::ATTRIBUTES, bounds::MAX_DERIVED, documentation};
use crate::{
    xml::{Element as Node, Name},
    xsd::{
        model::{Complex, ComplexId, Content, Particle, Term, Type, Wildcard},
        simple::{Origin, Simple},
        ways::Ways,
    },
};

const GROUPS: &[&str] = &["sequence", "choice", "all", "group"];

impl<'d> Reader<'d> {
    /// The type that `node` declares, which is read later: it may contain itself.
    pub(super) fn declare_complex(
        &mut self,
        node: &'d Node,
        at: At,
        name: Option<Name>,
        title: &str,
    ) -> ComplexId {
        if let Some(known) = self.complexes.get(&std::ptr::from_ref(node)) {
            return *known;
        }
        let id = self.model.complex.len();
        let empty = Complex::empty(title, node.place.clone());
        self.model.complex.push(Complex { name, doc: documentation(node), ..empty });
        self.complexes.insert(std::ptr::from_ref(node), id);
        self.pending.push((id, node, at));
        id
    }

    /// Reads the types that are declared and not read yet.
    pub(super) fn finish_pending(&mut self) {
        while let Some((id, node, at)) = self.pending.pop() {
            self.complete(id, node, at);
        }
    }

    fn complete(&mut self, id: ComplexId, node: &'d Node, at: At) {
        if self.done.contains(&id) {
            return;
        }
        if !self.open.insert(id) {
            return self.bad(
                node,
                "the type is derived from itself".to_owned(),
                "derive it from another type",
            );
        }
        self.depth += 1;
        if self.count(node) {
            self.complex(id, node, at);
        }
        self.depth -= 1;
        self.open.remove(&id);
        self.done.insert(id);
    }

    /// The type that is derived from, which is read now.
    fn completed(&mut self, node: &'d Node, text: &str, at: At) -> Option<Type> {
        let of = self.type_reference(node, text, at)?;
        if let Type::Complex(id) = of
            && !self.done.contains(&id)
        {
            let global = *self.declared.get(&id)?;
            self.complete(id, self.globals[global].node, self.at(global));
        }
        Some(of)
    }

    fn complex(&mut self, id: ComplexId, node: &'d Node, at: At) {
        let is_mixed = self.flag(node, "mixed");
        self.model.complex[id].is_mixed = is_mixed;
        self.model.complex[id].is_abstract = self.flag(node, "abstract");
        self.model.complex[id].block = self.ways(node, "block", Ways::OF_TYPES, at);
        self.model.complex[id].finals = self.ways(node, "final", Ways::OF_TYPES, at);
        let allowed = [&["simpleContent", "complexContent"], GROUPS, ATTRIBUTES].concat();
        let parts = self.parts(node, &allowed);
        match parts.first() {
            Some(part) if Self::is_part(part, "simpleContent") => self.derived(id, part, at, true),
            Some(part) if Self::is_part(part, "complexContent") => self.derived(id, part, at, false),
            _ => {
                let content = self.own_content(&parts, at);
                self.own_attributes(id, &parts, at);
                self.set_content(id, content);
            }
        }
    }

    fn own_attributes(&mut self, id: ComplexId, parts: &[&'d Node], at: At) {
        let nodes: Vec<&Node> =
            parts.iter().copied().filter(|part| ATTRIBUTES.contains(&&*part.name.local)).collect();
        let own = self.attributes(&nodes, at);
        let complex = &mut self.model.complex[id];
        let prohibited: HashSet<&Name> = own.prohibited.iter().collect();
        complex.attributes.retain(|it| !prohibited.contains(&it.name));
        let known = complex.attributes.iter().enumerate();
        let mut known: HashMap<Name, usize> = known.map(|(at, it)| (it.name.clone(), at)).collect();
        for attribute in own.uses {
            match known.get(&attribute.name) {
                Some(at) => complex.attributes[*at] = attribute,
                None => {
                    known.insert(attribute.name.clone(), complex.attributes.len());
                    complex.attributes.push(attribute);
                }
            }
        }
        complex.any_attribute = match (own.any, complex.any_attribute.take()) {
            (Some(own), Some(inherited)) => Some(Wildcard::Either(Box::new((own, inherited)))),
            (own, inherited) => own.or(inherited),
        };
    }

    /// The content that `parts` describe; `None` for none.
    fn own_content(&mut self, parts: &[&'d Node], at: At) -> Option<Particle> {
        let groups: Vec<&Node> =
            parts.iter().copied().filter(|part| GROUPS.contains(&&*part.name.local)).collect();
        if let [_, second, ..] = groups[..] {
            self.bad(second, "a type has one group at its top".to_owned(), "put both into a `sequence`");
        }
        self.particle(groups.first()?, at)
    }

    fn derived(&mut self, id: ComplexId, node: &'d Node, at: At, is_simple: bool) {
        if node.get("mixed").is_some() {
            self.model.complex[id].is_mixed = self.flag(node, "mixed");
        }
        let parts = self.parts(node, &["extension", "restriction"]);
        let [part] = parts[..] else {
            let message = format!("`{}` has one of `extension` and `restriction`", node.name.local);
            return self.bad(node, message, "write one of them");
        };
        let Some(base) = part.get("base") else {
            return self.bad(
                part,
                "the derivation has no `base`".to_owned(),
                "name the type that it is derived from",
            );
        };
        let Some(base) = self.completed(part, base, at) else { return };
        let is_extension = Self::is_part(part, "extension");
        let way = if is_extension { Ways::EXTENSION } else { Ways::RESTRICTION };
        self.model.complex[id].way = way;
        if let Type::Simple(base) = &base {
            self.model.complex[id].simple_base = Some(base.clone());
        }
        if let Type::Complex(base) = base {
            let inherited = self.model.complex[base].clone();
            if inherited.finals.meets(way) {
                let message =
                    format!("the type `{}` is final, and excludes this derivation", inherited.title);
                self.bad(part, message, "derive from another type, or change `final`");
            }
            if !is_extension {
                let message =
                    format!("whether this allows only what `{}` allows is not checked", inherited.title);
                self.note(part, message, "keep to what the type that is restricted allows");
            }
            let (size, steps) = (inherited.size(), inherited.steps + 1);
            if !self.inherit(size, &part.place) {
                return;
            }
            if steps > MAX_DERIVED {
                let message = format!("the type is derived over more than {MAX_DERIVED} others");
                return self.bad(part, message, "derive it from one of the first of them");
            }
            let complex = &mut self.model.complex[id];
            complex.base = Some(base);
            complex.steps = steps;
            complex.attributes = inherited.attributes;
            complex.any_attribute = inherited.any_attribute.filter(|_| is_extension);
            complex.is_mixed |= is_extension && inherited.is_mixed && !is_simple;
        }
        if is_simple {
            self.simple_content(id, part, &base, at);
        } else {
            self.complex_content(id, part, &base, at);
        }
    }

    fn simple_content(&mut self, id: ComplexId, node: &'d Node, base: &Type, at: At) {
        let is_restriction = Self::is_part(node, "restriction");
        let inherited = match base {
            Type::Simple(simple) => Some(simple.clone()),
            Type::Complex(base) => match &self.model.complex[*base].content {
                Content::Text(simple) => Some(simple.clone()),
                _ => None,
            },
            Type::Any => None,
        };
        let inner = node.children.iter().find(|child| Self::is_part(child, "simpleType"));
        let narrower = match inner.filter(|_| is_restriction) {
            Some(inner) => self.simple(inner, at, None),
            None => inherited,
        };
        let Some(simple) = narrower else {
            let message = "`simpleContent` is derived from a type that has no text of its own".to_owned();
            return self.bad(node, message, "use `complexContent`");
        };
        let content = if is_restriction {
            self.restricted(node, &simple)
                .and_then(|facets| {
                    let place = Some(node.place.clone());
                    let origin = Origin { base: Some(simple.clone()), place, ..Origin::default() };
                    self.finished(node, origin, facets)
                })
                .unwrap_or(simple)
        } else {
            simple
        };
        let parts: Vec<&Node> =
            node.children.iter().filter(|child| ATTRIBUTES.contains(&&*child.name.local)).collect();
        self.own_attributes(id, &parts, at);
        self.model.complex[id].content = Content::Text(content);
        self.model.complex[id].is_mixed = false;
    }

    fn complex_content(&mut self, id: ComplexId, node: &'d Node, base: &Type, at: At) {
        let allowed = [GROUPS, ATTRIBUTES].concat();
        let parts = self.parts(node, &allowed);
        let own = self.own_content(&parts, at);
        let inherited = match base {
            Type::Complex(base) => self.model.complex[*base].content.clone(),
            Type::Any => Content::Empty,
            Type::Simple(simple) => {
                let message =
                    format!("`complexContent` is derived from the simple type `{}`", Simple::title(simple));
                return self.bad(node, message, "use `simpleContent`");
            }
        };
        self.own_attributes(id, &parts, at);
        let content = match inherited {
            inherited if Self::is_part(node, "restriction") => {
                drop(inherited);
                own
            }
            Content::Text(simple) if own.is_none() => {
                self.model.complex[id].content = Content::Text(simple);
                return;
            }
            Content::Text(_) => {
                let message = "a type with text is extended by elements".to_owned();
                return self.bad(node, message, "extend a type that has elements");
            }
            Content::Empty => own,
            Content::Elements(first) => Some(match own {
                None => first,
                Some(second) => {
                    let place = node.place.clone();
                    // What is extended again and again does not become deeper.
                    let parts = match first {
                        Particle { min: 1, max: Some(1), term: Term::Sequence(mut parts), .. } => {
                            parts.push(second);
                            parts
                        }
                        first => vec![first, second],
                    };
                    Particle { min: 1, max: Some(1), term: Term::Sequence(parts), place }
                }
            }),
        };
        self.set_content(id, content);
    }

    fn set_content(&mut self, id: ComplexId, content: Option<Particle>) {
        let Some(mut particle) = content else {
            self.model.complex[id].content = Content::Empty;
            return;
        };
        particle.number_leaves(0);
        self.model.complex[id].content = Content::Elements(particle);
    }
}
