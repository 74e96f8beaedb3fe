//! Elements that only messages have: those that hold the parts of a call (WSDL 1.1, section 3.5).

use tenon_errors::{Report, catalogue::contract::BAD_CONTRACT};

use super::{Reader, Space, Wrapper, XSD};
use crate::{
    xml::Name,
    xsd::{
        model::{Complex, Content, Element, ElementId, Particle, Term, Type},
        simple::builtin,
    },
};

impl Reader<'_> {
    /// Adds the element `wrapper`, unless a schema has one of the name.
    pub(super) fn wrapper(&mut self, wrapper: &Wrapper) {
        if self.model.globals.contains_key(&wrapper.name) {
            let message = format!("a schema has the element `{}`, which is the name of a call", wrapper.name);
            let report = Report::new(&BAD_CONTRACT, message).at(wrapper.place.clone());
            return self.push(report.hint("give the element or the operation another name"));
        }
        let mut parts = Vec::new();
        for (local, of) in &wrapper.parts {
            let Some(of) = self.part_type(wrapper, of) else { continue };
            let id = self.message_element(wrapper, Name { namespace: None, local: local.clone() }, of);
            let place = wrapper.place.clone();
            parts.push(Particle { min: 1, max: Some(1), term: Term::Element(id, parts.len()), place });
        }
        let place = wrapper.place.clone();
        let content = if parts.is_empty() {
            Content::Empty
        } else {
            Content::Elements(Particle { min: 1, max: Some(1), term: Term::Sequence(parts), place })
        };
        let complex = self.model.complex.len();
        let empty = Complex::empty(&wrapper.name.local, wrapper.place.clone());
        self.model.complex.push(Complex { content, ..empty });
        let id = self.message_element(wrapper, wrapper.name.clone(), Type::Complex(complex));
        self.model.globals.insert(wrapper.name.clone(), id);
    }

    fn part_type(&mut self, wrapper: &Wrapper, name: &Name) -> Option<Type> {
        if name.is(XSD, "anyType") {
            return Some(Type::Any);
        }
        let found = if name.namespace.as_deref() == Some(XSD) {
            builtin(&name.local).cloned().map(Type::Simple)
        } else {
            let global = self.by_name.get(&(Space::Type, name.clone())).copied();
            global.and_then(|global| self.global_type(global))
        };
        if found.is_none() {
            let report = Report::new(&BAD_CONTRACT, format!("there is no type `{name}`"));
            self.push(
                report
                    .at(wrapper.place.clone())
                    .hint("declare the type in a schema, or import the file that does"),
            );
        }
        found
    }

    fn message_element(&mut self, wrapper: &Wrapper, name: Name, of: Type) -> ElementId {
        self.model.elements.push(Element::new(name, of, wrapper.place.clone()));
        self.model.elements.len() - 1
    }
}
