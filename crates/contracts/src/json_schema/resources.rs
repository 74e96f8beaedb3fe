//! The schemas of some documents by their addresses: `$id` (`id` in draft-04), anchors and pointers.

use std::collections::HashMap;

use tenon_document::{Node, Tree};

use super::{
    address::{join, resolve},
    draft::Draft,
};

/// What of a keyword's value is a schema.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Holds {
    Schema,
    SchemaOrList,
    List,
    ByName,
}

/// The keywords that hold schemas.
pub(super) const HOLDERS: &[(&str, Holds)] = &[
    ("additionalItems", Holds::Schema),
    ("additionalProperties", Holds::Schema),
    ("contains", Holds::Schema),
    ("contentSchema", Holds::Schema),
    ("else", Holds::Schema),
    ("if", Holds::Schema),
    ("items", Holds::SchemaOrList),
    ("not", Holds::Schema),
    ("propertyNames", Holds::Schema),
    ("then", Holds::Schema),
    ("unevaluatedItems", Holds::Schema),
    ("unevaluatedProperties", Holds::Schema),
    ("allOf", Holds::List),
    ("anyOf", Holds::List),
    ("oneOf", Holds::List),
    ("prefixItems", Holds::List),
    ("$defs", Holds::ByName),
    ("definitions", Holds::ByName),
    ("dependencies", Holds::ByName),
    ("dependentSchemas", Holds::ByName),
    ("patternProperties", Holds::ByName),
    ("properties", Holds::ByName),
];

/// What tells a schema from an equal one.
pub(super) fn address_of(node: &Node) -> usize {
    std::ptr::from_ref(node).addr()
}

/// A schema with an address, and all in it that has none of its own.
#[derive(Debug)]
pub(super) struct Resource<'d> {
    pub(super) root: &'d Node,
    /// Without a fragment.
    pub(super) address: String,
    pub(super) draft: Draft,
    /// Whether the keywords that assert something count; a metaschema of its own may leave them out (`$vocabulary`).
    pub(super) validates: bool,
    /// The document that it lies in.
    pub(super) document: usize,
    /// The schemas with a `$dynamicAnchor`.
    pub(super) dynamic: HashMap<&'d str, &'d Node>,
}

/// A document, with the address that it was read from.
pub(super) struct Document<'d> {
    pub(super) address: &'d str,
    pub(super) root: &'d Node,
    /// The draft that it is in where it does not say so.
    pub(super) draft: Draft,
    /// Whether it is no schema itself, and has schemas somewhere in it.
    pub(super) is_description: bool,
}

/// The schemas of some documents.
#[derive(Debug, Default)]
pub(super) struct Resources<'d> {
    list: Vec<Resource<'d>>,
    /// The first resource of each document, which is all of it.
    tops: HashMap<usize, usize>,
    /// By whole address; with an anchor as its fragment, or without one.
    by_address: HashMap<String, &'d Node>,
    /// The resource that a schema belongs to.
    homes: HashMap<usize, usize>,
    /// Whether what a reference means may depend on how a schema was reached.
    has_dynamic: bool,
    /// The resources of documents that describe something else, by their files.
    files: HashMap<String, usize>,
    /// References that were met and are not looked at yet.
    open: Vec<&'d Node>,
    /// Where references lead that lead nowhere, as far as it is known here: each with the schema that it stands in.
    missing: Vec<(String, &'d Node)>,
}

/// Why a reference leads nowhere.
#[derive(Debug)]
pub(super) enum Lost<'d> {
    /// There is no resource of this address.
    Resource(String),
    /// The resource has no such anchor.
    Anchor,
    /// The pointer leads to nothing from here.
    Pointer(&'d Node, String),
}

impl<'d> Resources<'d> {
    pub(super) fn of(documents: &[Document<'d>]) -> Self {
        let mut resources = Self::default();
        for (position, document) in documents.iter().enumerate() {
            let home = resources.add(document.root, document.address.to_owned(), document.draft, position);
            resources.by_address.entry(document.address.to_owned()).or_insert(document.root);
            resources.schema(document.root, home, true);
        }
        resources.follow_references();
        // Where nothing else has their addresses, schemas count that stand where no keyword looks for them.
        for document in documents {
            resources.anywhere(document.root);
        }
        resources.follow_references();
        resources.find_dialects();
        resources
    }

    /// The schemas of documents that are descriptions of something else: those that [`Self::enter`] is told of.
    pub(super) fn around_schemas(documents: &[Document<'d>]) -> Self {
        let mut resources = Self::default();
        for (position, document) in documents.iter().enumerate() {
            let home = resources.add(document.root, document.address.to_owned(), document.draft, position);
            resources.by_address.entry(document.address.to_owned()).or_insert(document.root);
            resources.files.entry(document.root.file().to_string()).or_insert(home);
            if document.is_description {
                // OpenAPI 3.2 lets a document say its own address.
                if let Some(own) = document.root.get("$self").and_then(Node::as_str) {
                    resources.by_address.entry(own.to_owned()).or_insert(document.root);
                }
                resources.homes.insert(address_of(document.root), home);
            } else {
                resources.schema(document.root, home, true);
            }
        }
        resources.follow_references();
        for document in documents {
            resources.anywhere(document.root);
        }
        resources.follow_references();
        resources
    }

    /// Notes a schema that lies somewhere in a document, and all that it refers to.
    pub(super) fn enter(&mut self, node: &'d Node) {
        if !self.homes.contains_key(&address_of(node)) {
            let home = self.files.get(&**node.file()).copied().unwrap_or(0);
            self.schema(node, home, false);
            self.follow_references();
        }
    }

    /// Whether what a reference means may depend on how a schema was reached, so that only the whole can be judged.
    pub(super) fn has_dynamic(&self) -> bool {
        self.has_dynamic
    }

    pub(super) fn list(&self) -> &[Resource<'d>] {
        &self.list
    }

    /// The position of the resource that the schema belongs to.
    pub(super) fn home(&self, node: &Node) -> usize {
        self.homes.get(&address_of(node)).copied().unwrap_or(0)
    }

    /// The addresses of what is referred to and not there, each with a schema that refers to it.
    pub(super) fn missing(&self) -> &[(String, &'d Node)] {
        &self.missing
    }

    pub(super) fn by_address(&self, address: &str) -> Option<&'d Node> {
        self.by_address.get(address).copied()
    }

    /// What `reference` leads to from the schema `node`.
    pub(super) fn target(&self, node: &Node, reference: &str) -> Result<&'d Node, Lost<'d>> {
        let home = &self.list[self.home(node)];
        let address = join(&home.address, reference);
        let (resource, fragment) = address.split_once('#').unwrap_or((&address, ""));
        let start = if reference.starts_with('#') || reference.is_empty() {
            home.root
        } else {
            let found = self.by_address.get(resource).or_else(|| self.beside(home, reference));
            *found.ok_or_else(|| Lost::Resource(resource.to_owned()))?
        };
        if fragment.is_empty() || fragment.starts_with('/') {
            // Where a part has an address of its own, many still refer from the top of the file.
            let found = resolve(start, fragment).or_else(|| resolve(self.top(home).root, fragment));
            return found.ok_or_else(|| Lost::Pointer(start, fragment.to_owned()));
        }
        let anchor = format!("{}#{fragment}", self.list[self.home(start)].address);
        self.by_address.get(&anchor).copied().ok_or(Lost::Anchor)
    }

    /// The document beside that of `home`, whatever address that has by its `$id`.
    fn beside(&self, home: &Resource<'d>, reference: &str) -> Option<&&'d Node> {
        let file = self.top(home).root;
        let path = crate::format::join(file.file(), reference.split('#').next()?)?;
        self.by_address.get(&path)
    }

    /// The whole document that a resource lies in.
    fn top<'r>(&'r self, home: &'r Resource<'d>) -> &'r Resource<'d> {
        self.tops.get(&home.document).and_then(|at| self.list.get(*at)).unwrap_or(home)
    }

    fn add(&mut self, root: &'d Node, address: String, draft: Draft, document: usize) -> usize {
        let dynamic = HashMap::new();
        self.tops.entry(document).or_insert(self.list.len());
        self.list.push(Resource { root, address, draft, validates: true, document, dynamic });
        self.list.len() - 1
    }

    /// Notes a schema of the resource `home` and all schemas in it. As deep as the document is, which is bounded.
    fn schema(&mut self, node: &'d Node, mut home: usize, is_top: bool) {
        if self.homes.contains_key(&address_of(node)) {
            return;
        }
        let Some(entries) = node.entries() else {
            self.homes.insert(address_of(node), home);
            return;
        };
        let mut draft = self.list[home].draft;
        if let Some(named) = node.get("$schema").and_then(Node::as_str).and_then(Draft::named) {
            let is_own = is_top || node.get("$id").is_some() || node.get("id").is_some();
            draft = if is_own { named } else { draft };
            if is_top {
                self.list[home].draft = draft;
            }
        }
        // Beside a reference, older drafts ignore it as well.
        let id = node.get(draft.id_keyword()).and_then(Node::as_str);
        if let Some(id) = id.filter(|_| draft.has_ref_siblings() || node.get("$ref").is_none()) {
            let address = join(&self.list[home].address, id.trim_end_matches('#'));
            self.by_address.entry(address.clone()).or_insert(node);
            if !id.starts_with('#') {
                if is_top {
                    self.list[home].address = address;
                } else {
                    home = self.add(node, address, draft, self.list[home].document);
                }
            }
        }
        self.homes.insert(address_of(node), home);
        for key in ["$anchor", "$dynamicAnchor"] {
            if let Some(anchor) = node.get(key).and_then(Node::as_str) {
                let address = format!("{}#{anchor}", self.list[home].address);
                self.by_address.entry(address).or_insert(node);
                if key == "$dynamicAnchor" {
                    self.list[home].dynamic.entry(anchor).or_insert(node);
                }
            }
        }
        if ["$ref", "$dynamicRef", "$recursiveRef"].iter().any(|key| node.get(key).is_some()) {
            self.open.push(node);
            self.has_dynamic |= node.get("$ref").is_none() || node.get("$dynamicRef").is_some();
        }
        for (key, value) in entries {
            let holds = HOLDERS.iter().find(|(name, _)| key.as_str() == Some(name)).map(|(_, holds)| *holds);
            match (holds, value.tree()) {
                (Some(Holds::Schema | Holds::SchemaOrList), Tree::Map(_) | Tree::Bool(_)) => {
                    self.schema(value, home, false);
                }
                (Some(Holds::List | Holds::SchemaOrList), Tree::List(items)) => {
                    items.iter().for_each(|item| self.schema(item, home, false));
                }
                (Some(Holds::ByName), Tree::Map(entries)) => {
                    entries.iter().for_each(|(_, value)| self.schema(value, home, false));
                }
                _ => {}
            }
        }
    }

    /// Notes schemas that only a reference tells from other data.
    fn follow_references(&mut self) {
        while let Some(node) = self.open.pop() {
            for key in ["$ref", "$dynamicRef", "$recursiveRef"] {
                let Some(reference) = node.get(key).and_then(Node::as_str) else { continue };
                match self.target(node, reference) {
                    Ok(target) if !self.homes.contains_key(&address_of(target)) => {
                        let home = self.around(node, reference);
                        self.schema(target, home, false);
                    }
                    Err(Lost::Resource(address)) => self.missing.push((address, node)),
                    _ => {}
                }
            }
        }
    }

    /// The resource that a pointer starts in.
    fn around(&self, node: &'d Node, reference: &str) -> usize {
        let resource = reference.split('#').next().unwrap_or_default();
        match self.target(node, resource) {
            Ok(start) => self.home(start),
            Err(_) => self.home(node),
        }
    }

    fn anywhere(&mut self, node: &'d Node) {
        match node.tree() {
            Tree::Map(entries) => {
                let id = ["$id", "id"].iter().find_map(|key| node.get(key)).and_then(Node::as_str);
                if let Some(id) = id.filter(|id| !id.starts_with('#') && super::address::is_whole(id)) {
                    let address = id.trim_end_matches('#').to_owned();
                    self.by_address.entry(address).or_insert(node);
                }
                for (key, value) in entries {
                    if !matches!(key.as_str(), Some("enum" | "const" | "default" | "examples" | "example")) {
                        self.anywhere(value);
                    }
                }
            }
            Tree::List(items) => items.iter().for_each(|item| self.anywhere(item)),
            _ => {}
        }
    }

    /// Looks up metaschemas that are none of the standard ones.
    fn find_dialects(&mut self) {
        for position in 0..self.list.len() {
            let root = self.list[position].root;
            let Some(name) = root.get("$schema").and_then(Node::as_str) else { continue };
            if Draft::named(name).is_some() {
                continue;
            }
            let Some(metaschema) = self.by_address.get(name.trim_end_matches('#')).copied() else {
                self.missing.push((name.trim_end_matches('#').to_owned(), root));
                continue;
            };
            self.list[position].draft = Draft::of(metaschema);
            if let Some(vocabularies) = metaschema.get("$vocabulary").and_then(Node::entries) {
                let is_there = |(key, _): &(Node, Node)| {
                    key.as_str().is_some_and(|key| key.ends_with("/vocab/validation"))
                };
                self.list[position].validates = vocabularies.iter().any(is_there);
            }
        }
    }
}
