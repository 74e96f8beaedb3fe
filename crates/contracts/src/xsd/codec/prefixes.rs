//! The prefixes of a document that is written: the same for every document of a schema.

use std::{collections::BTreeSet, sync::Arc};

use crate::{
    xml::{INSTANCE, Name, XML, write_attribute},
    xsd::model::{ComplexId, Content, ElementId, Model, Term, Type},
};

#[derive(Debug)]
pub(super) struct Prefixes {
    /// The namespace without a prefix: that of the top element, where every element has a namespace.
    pub(super) default: Option<Arc<str>>,
    /// The others, with their prefixes.
    prefixed: Vec<(Arc<str>, String)>,
}

impl Prefixes {
    pub(super) fn of(model: &Model, root: ElementId) -> Self {
        let reached = Reached::from(model, root);
        let elements = || reached.elements.iter().map(|id| &model.elements[*id]);
        let complex = || reached.complex.iter().map(|id| &model.complex[*id]);
        let is_qualified = elements().all(|element| element.name.namespace.is_some());
        let default = model.elements[root].name.namespace.clone().filter(|_| is_qualified);
        let attributes = || complex().flat_map(|complex| &complex.attributes).map(|it| &it.name);
        let has_unions =
            reached.complex.iter().any(|id| model.derived.get(id).is_some_and(|all| *all != [*id]));
        // Attributes have no default namespace, and values of `xsi:type` are written with a prefix as well.
        let types = complex().filter_map(|complex| complex.name.as_ref()).filter(|_| has_unions);
        let names = elements().map(|it| &it.name).filter(|name| name.namespace != default);
        let outside = names.chain(attributes()).chain(types);
        let namespaces: BTreeSet<Arc<str>> =
            outside.filter_map(|name| name.namespace.clone()).filter(|it| &**it != XML).collect();
        let numbered =
            namespaces.into_iter().enumerate().map(|(at, namespace)| (namespace, format!("n{}", at + 1)));
        let mut prefixed: Vec<_> = numbered.collect();
        if has_unions || elements().any(|element| element.is_nillable) {
            prefixed.push((Arc::from(INSTANCE), "xsi".to_owned()));
        }
        Self { default, prefixed }
    }

    /// Writes the declarations into the tag of the top element.
    pub(super) fn declare(&self, out: &mut Vec<u8>) {
        if let Some(default) = &self.default {
            out.extend_from_slice(b" xmlns=");
            write_attribute(default, out);
        }
        for (namespace, prefix) in &self.prefixed {
            out.extend_from_slice(format!(" xmlns:{prefix}=").as_bytes());
            write_attribute(namespace, out);
        }
    }

    /// The name of an element as it is written.
    pub(super) fn element(&self, name: &Name) -> String {
        if name.namespace == self.default { name.local.to_string() } else { self.other(name) }
    }

    /// The name of an attribute or a type as it is written.
    pub(super) fn other(&self, name: &Name) -> String {
        let Some(namespace) = &name.namespace else { return name.local.to_string() };
        if &**namespace == XML {
            return format!("xml:{}", name.local);
        }
        let prefix =
            self.prefixed.iter().find(|(known, _)| known == namespace).map(|(_, prefix)| prefix.as_str());
        prefix.map_or_else(|| name.local.to_string(), |prefix| format!("{prefix}:{}", name.local))
    }
}

/// What may stand in a document.
#[derive(Default)]
struct Reached {
    elements: BTreeSet<ElementId>,
    complex: BTreeSet<ComplexId>,
}

impl Reached {
    fn from(model: &Model, root: ElementId) -> Self {
        let mut reached = Self::default();
        let mut open = model.substitutes(root).into_owned();
        open.push(root);
        while let Some(id) = open.pop() {
            if !reached.elements.insert(id) {
                continue;
            }
            let Type::Complex(of) = model.elements[id].of else { continue };
            for variant in model.variants(of).iter().copied().chain([of]) {
                if !reached.complex.insert(variant) {
                    continue;
                }
                if let Content::Elements(particle) = &model.complex[variant].content {
                    particle.for_each_leaf(&mut |leaf| {
                        if let Term::Element(id, _) = leaf.term {
                            open.extend(model.substitutes(id).iter());
                            open.push(id);
                        }
                    });
                }
            }
        }
        reached
    }
}
