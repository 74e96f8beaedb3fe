//! Where a file declares what is at a path in the values of one of its types.

use std::collections::HashMap;

use tenon_document::Node as Json;
use tenon_errors::Place;
use tenon_model::Str;

use super::names::{full, namespace};

/// How many names are followed on the way.
const MAX_NAMES: usize = 64;

/// The place of what `path` leads to in the type `name`; that of the nearest part around it, where it leads no further.
pub(in crate::avro) fn locate(document: &Json, name: &str, path: &str) -> Option<Place> {
    let types = Types::of(document);
    let mut here = types.named(name, "").unwrap_or((document, String::new()));
    let mut found = here.0.get("name").unwrap_or(here.0);
    for step in path.split('.').filter(|step| !step.is_empty()) {
        let field = step.trim_end_matches("[]");
        let Some((node, next)) = types.step(here.0, &here.1, field, 0) else { break };
        (found, here) = (node, next);
    }
    Some(found.place())
}

/// A schema, and the namespace that it stands in.
pub(super) type At<'d> = (&'d Json, String);

/// The named types of a file, each with the namespace that what is inside of it stands in.
#[derive(Default)]
pub(super) struct Types<'d>(HashMap<Str, At<'d>>);

impl<'d> Types<'d> {
    pub(super) fn of(document: &'d Json) -> Self {
        let mut types = Self::default();
        let outer = document.get("namespace").and_then(Json::as_str);
        match document.get("types").and_then(Json::as_list) {
            Some(list) if document.get("protocol").is_some() => {
                let own = document.get("protocol").and_then(Json::as_str).map(namespace);
                let outer = outer.or(own).unwrap_or_default();
                list.iter().for_each(|node| types.collect(node, outer));
            }
            _ => types.collect(document, ""),
        }
        types
    }

    fn collect(&mut self, node: &'d Json, outer: &str) {
        let mut space = outer.to_owned();
        if let Some(list) = node.as_list() {
            list.iter().for_each(|branch| self.collect(branch, outer));
        }
        let is_named =
            matches!(node.get("type").and_then(Json::as_str), Some("record" | "error" | "enum" | "fixed"));
        if let Some(name) = node.get("name").and_then(Json::as_str).filter(|_| is_named) {
            let full = full(name, node.get("namespace").and_then(Json::as_str).unwrap_or(outer));
            namespace(&full).clone_into(&mut space);
            self.0.entry(full).or_insert_with(|| (node, space.clone()));
        }
        let fields = node.get("fields").and_then(Json::as_list).unwrap_or_default();
        let inside = ["type", "items", "values"].iter().filter_map(|key| node.get(key));
        inside
            .chain(fields)
            .filter(|it| it.entries().is_some() || it.as_list().is_some())
            .for_each(|it| self.collect(it, &space));
    }

    pub(super) fn named(&self, name: &str, space: &str) -> Option<At<'d>> {
        self.0.get(&full(name, space)).or_else(|| self.0.get(name)).cloned()
    }

    /// The field `name` of what `node` describes, or of a branch, an item or a value of it: where it is declared, and what it is of.
    fn step(&self, node: &'d Json, space: &str, name: &str, followed: usize) -> Option<(&'d Json, At<'d>)> {
        if followed > MAX_NAMES {
            return None;
        }
        let inner = |node, space: &str| self.step(node, space, name, followed + 1);
        if let Some(text) = node.as_str() {
            let (node, space) = self.named(text, space)?;
            return inner(node, &space);
        }
        if let Some(branches) = node.as_list() {
            return branches.iter().find_map(|branch| inner(branch, space));
        }
        let space = match self.0.values().find(|(known, _)| std::ptr::eq(*known, node)) {
            Some((_, own)) => own.as_str(),
            None => space,
        };
        if let Some(fields) = node.get("fields").and_then(Json::as_list) {
            let field = fields.iter().find(|field| field.get("name").and_then(Json::as_str) == Some(name))?;
            return Some((field.get("name")?, (field.get("type")?, space.to_owned())));
        }
        if let Some(values) = node.get("values") {
            return if name == "*" { Some((values, (values, space.to_owned()))) } else { None };
        }
        inner(node.get("items").or_else(|| node.get("type"))?, space)
    }
}
