//! The prefixes of a document that is written: the same for every document of a schema.

use std::{collections::BTreeSet, sync::Arc};

use crate::{
    xml::{INSTANCE, Name, XML, write_attribute},
    xsd::model::{ElementId, Model},
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
        let elements = model.elements.iter().map(|element| &element.name);
        let is_qualified = model.elements.iter().all(|element| element.name.namespace.is_some());
        let default = model.elements[root].name.namespace.clone().filter(|_| is_qualified);
        let attributes = model.complex.iter().flat_map(|complex| &complex.attributes).map(|it| &it.name);
        let types = model.complex.iter().filter_map(|complex| complex.name.as_ref());
        // Attributes have no default namespace, and values of `xsi:type` are written with a prefix as well.
        let outside = elements.filter(|name| name.namespace != default).chain(attributes).chain(types);
        let namespaces: BTreeSet<Arc<str>> =
            outside.filter_map(|name| name.namespace.clone()).filter(|it| &**it != XML).collect();
        let numbered =
            namespaces.into_iter().enumerate().map(|(at, namespace)| (namespace, format!("n{}", at + 1)));
        let mut prefixed: Vec<_> = numbered.collect();
        let has_unions = model.derived.values().any(|all| all.len() != 1);
        let is_single = prefixed.iter().all(|(namespace, _)| Some(namespace) == default.as_ref());
        let is_used = model
            .complex
            .iter()
            .flat_map(|complex| &complex.attributes)
            .any(|it| it.name.namespace.is_some());
        if is_single && !has_unions && !is_used && default.is_some() {
            prefixed.clear();
        }
        let has_instances = has_unions || model.elements.iter().any(|element| element.is_nillable);
        if has_instances {
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
