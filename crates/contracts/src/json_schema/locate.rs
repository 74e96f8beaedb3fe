//! Where a schema says what stands at a path of its values, in whichever file that is.

use tenon_document::Node;
use tenon_errors::Place;

use super::{
    documents::{documents, load, parse},
    resources::Resources,
};
use crate::format::{Files, Sought, Source};

/// How many references are followed on the way.
const MAX_REFERENCES: usize = 64;

/// The place of the property at `path`; that of the nearest one around it where the path leads on through something else than
/// properties and items. `None` where there is none.
pub(super) fn locate(source: &Source<'_>, path: &str, sought: Sought) -> Option<Place> {
    let root = parse(source.file, source.text).ok()?;
    inside(&root, &root, source.files, path, sought).or_else(|| Some(root.entry("properties")?.0.place()))
}

/// The place of what `path` leads to from `schema`, which lies in the document `root`; `None` where it leads nowhere.
pub(crate) fn inside(
    root: &Node,
    schema: &Node,
    files: &dyn Files,
    path: &str,
    sought: Sought,
) -> Option<Place> {
    let loading = load(root, files);
    let mut walk = Walk { resources: Resources::of(&documents(root, &loading.documents)), references: 0 };
    walk.find(schema, path, sought)
}

struct Walk<'d> {
    resources: Resources<'d>,
    references: usize,
}

impl<'d> Walk<'d> {
    fn find(&mut self, schema: &'d Node, path: &str, sought: Sought) -> Option<Place> {
        let mut schema = schema;
        let mut found = None;
        for step in path.split('.').filter(|step| !step.is_empty()) {
            let name = step.trim_end_matches("[]");
            let Some((key, value)) = self.property(schema, name) else { return found.map(Node::place) };
            (found, schema) = (Some(key), value);
            for _ in 0..(step.len() - name.len()) / 2 {
                let Some(list) = self.followed(schema) else { return found.map(Node::place) };
                schema = list.get("items").unwrap_or(schema);
            }
        }
        if sought == Sought::Value
            && let Some(said) = self.followed(schema)
            && said.file() != schema.file()
        {
            return Some(said.place());
        }
        found.map(Node::place)
    }

    /// The property `name` of a schema, of what it refers to, or of a part of it.
    fn property(&mut self, schema: &'d Node, name: &str) -> Option<(&'d Node, &'d Node)> {
        let schema = self.followed(schema)?;
        if let Some((key, value)) = schema.get("properties").and_then(|it| it.entry(name)) {
            return Some((key, value));
        }
        let parts = ["allOf", "anyOf", "oneOf"].into_iter().filter_map(|key| schema.get(key)?.as_list());
        parts.flatten().find_map(|part| self.property(part, name))
    }

    /// What a schema refers to.
    fn followed(&mut self, schema: &'d Node) -> Option<&'d Node> {
        let mut schema = schema;
        while let Some(reference) = schema.get("$ref").and_then(Node::as_str) {
            self.references += 1;
            if self.references > MAX_REFERENCES {
                return None;
            }
            self.resources.enter(schema);
            schema = self.resources.target(schema, reference).ok()?;
        }
        Some(schema)
    }
}
