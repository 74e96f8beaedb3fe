//! What a schema says of its types beyond their values: which fields are attributes or text, of which namespaces elements are, what may
//! stand for them, which values are keys, and what only a check of the text holds.

use std::collections::HashSet;

use tenon_errors::Place;

use super::{
    Document, Top,
    identity::Rule,
    layout::Body,
    model::{Complex, ComplexId, Content, ElementId, Type},
    shapes::Shapes,
    simple::{Link, Simple, Variety},
    ways::Ways,
};
use crate::{
    format::{Sayings, Unsaid, listed},
    path,
};

/// What the type at `position` of those of the file says so.
pub(super) fn unsaid(document: &Document, position: usize) -> Vec<Unsaid> {
    let Some(top) = document.tops.get(position) else { return Vec::new() };
    let mut walk = Walk {
        shapes: &document.shapes,
        open: Vec::new(),
        elements: HashSet::new(),
        types: HashSet::new(),
        spaces: HashSet::new(),
        sayings: Sayings::default(),
    };
    match top {
        Top::Element(id) => walk.open.push((Part::Element(*id), String::new())),
        Top::Type(of) => walk.of(of, "", None),
    }
    while let Some((part, path)) = walk.open.pop() {
        let before = walk.open.len();
        match part {
            Part::Element(id) => walk.element(id, &path),
            Part::Complex(id) => walk.complex(id, &path),
        }
        // What was come to first is entered first.
        walk.open[before..].reverse();
    }
    walk.sayings.finish()
}

/// What is to be looked at.
enum Part {
    Element(ElementId),
    Complex(ComplexId),
}

struct Walk<'d> {
    shapes: &'d Shapes,
    open: Vec<(Part, String)>,
    elements: HashSet<ElementId>,
    types: HashSet<ComplexId>,
    /// The namespaces that were told.
    spaces: HashSet<&'d str>,
    sayings: Sayings,
}

impl<'d> Walk<'d> {
    fn element(&mut self, id: ElementId, path: &str) {
        if !self.elements.insert(id) {
            return;
        }
        let model = &self.shapes.model;
        let element = &model.elements[id];
        let place = || element.place.clone();
        if let Some(space) = element.name.namespace.as_deref().filter(|space| self.spaces.insert(space)) {
            let message = format!("is the element `{}` of the namespace `{space}`", element.name.local);
            self.sayings.say(path, message, place());
        }
        for identity in element.identities.iter().map(|at| &model.identities[*at]) {
            let name = &identity.name.local;
            let message = match identity.rule {
                Rule::Unique => format!("has values that appear once, by `{name}`"),
                Rule::Key => format!("has the key `{name}`"),
                Rule::Refers(key) => {
                    format!("has references `{name}` to the key `{}`", model.identities[key].name.local)
                }
            };
            self.sayings.say(path, message, place());
        }
        if let Some(default) = &element.default {
            self.sayings.say(path, format!("is `{default}` where the element is empty"), place());
        }
        if element.block != Ways::NONE || element.finals != Ways::NONE {
            self.sayings.say(path, "says what may not stand for it (`block` or `final`)", place());
        }
        let members = model.substitutes(id);
        if self.shapes.element_tags(id).is_some() {
            let names: Vec<_> = members.iter().map(|id| &*model.elements[*id].name.local).collect();
            let message = format!("is the head of the elements {}, which stand for it", listed(&names));
            self.sayings.say(path, message, place());
        }
        self.of(&element.of, path, Some(&element.place));
        for member in members.iter().filter(|member| **member != id) {
            self.open.push((Part::Element(*member), path.to_owned()));
        }
    }

    fn of(&mut self, of: &'d Type, path: &str, place: Option<&Place>) {
        match of {
            Type::Any => {}
            Type::Simple(simple) => self.simple(simple, path, place),
            Type::Complex(id) => self.open.push((Part::Complex(*id), path.to_owned())),
        }
    }

    fn simple(&mut self, simple: &'d Simple, path: &str, place: Option<&Place>) {
        let Some(place) = simple.origin.place.as_ref().or(place) else { return };
        if !simple.residue.is_empty() {
            let message =
                format!("has {}, which only a check of its text holds", simple.residue.join(" and "));
            self.sayings.say(path, message, place.clone());
        }
        match simple.facets.link {
            Some(Link::Id) => self.sayings.say(path, "is an `ID`, once in a document", place.clone()),
            Some(Link::Reference) => {
                self.sayings.say(path, "is an `IDREF`, to an `ID` of the document", place.clone());
            }
            None => {}
        }
        match &simple.facets.variety {
            Variety::List(item) => {
                self.sayings.say(path, "is a list in one text, with spaces between its items", place.clone());
                self.simple(item, &path::item(path), Some(place));
            }
            Variety::Union(members) => {
                members.iter().for_each(|member| self.simple(member, path, Some(place)));
            }
            Variety::Atomic(_) => {}
        }
    }

    fn complex(&mut self, id: ComplexId, path: &str) {
        if !self.types.insert(id) {
            return;
        }
        let (model, layout) = (&self.shapes.model, &self.shapes.layouts[id]);
        let complex = &model.complex[id];
        if self.shapes.is_union(id) {
            let message = "is of one of several types, which `xsi:type` names";
            self.sayings.say(path, message, complex.place.clone());
        }
        if complex.block != Ways::NONE || complex.finals != Ways::NONE {
            let message = "says which types may not be derived from its type (`block` or `final`)";
            self.sayings.say(path, message, complex.place.clone());
        }
        self.attributes(id, complex, path);
        match (&layout.body, &complex.content) {
            (Body::Text(_), Content::Text(simple)) if self.shapes.is_plain_text(id) => {
                self.simple(simple, path, Some(&complex.place));
            }
            (Body::Text(field), Content::Text(simple)) => {
                let path = path::field(path, field);
                self.sayings.say(&path, "is the text of its element", complex.place.clone());
                self.simple(simple, &path, Some(&complex.place));
            }
            (Body::Mixed(field), _) => {
                let path = path::field(path, field);
                self.sayings.say(&path, "is text with elements between", complex.place.clone());
                self.slots(id, &path::item(&path));
            }
            _ => self.slots(id, path),
        }
        for variant in model.variants(id).iter().filter(|variant| **variant != id) {
            self.open.push((Part::Complex(*variant), path.to_owned()));
        }
    }

    fn attributes(&mut self, id: ComplexId, complex: &'d Complex, path: &str) {
        let layout = &self.shapes.layouts[id];
        if let Some(first) = complex.attributes.first() {
            let message = format!("has the attributes {}", listed(&layout.attributes));
            self.sayings.say(path, message, first.place.clone());
        }
        if let Some(field) = &layout.any_attributes {
            let path = path::field(path, field);
            self.sayings.say(&path, "is all attributes that are not listed", complex.place.clone());
        }
        for (attribute, field) in complex.attributes.iter().zip(&layout.attributes) {
            let path = path::field(path, field);
            if *attribute.name.local != **field {
                let message = format!("is the attribute `{}`", attribute.name.local);
                self.sayings.say(&path, message, attribute.place.clone());
            }
            self.simple(&attribute.of, &path, Some(&attribute.place));
        }
    }

    fn slots(&mut self, id: ComplexId, path: &str) {
        let layout = &self.shapes.layouts[id];
        for slot in &layout.slots {
            let Some(element) = slot.element else { continue };
            let mut path = path::field(path, &slot.field);
            let declared = &self.shapes.model.elements[element];
            if *declared.name.local != *slot.field {
                let message = format!("is the element `{}`", declared.name.local);
                self.sayings.say(&path, message, declared.place.clone());
            }
            if slot.is_list() {
                path = path::item(&path);
            }
            self.open.push((Part::Element(element), path));
        }
    }
}
