//! Reading a schema (`.avsc`) or a protocol (`.avpr`) with a place for every problem.

mod complex;
mod default;
mod depth;
mod locate;
mod logical;
mod names;
mod protocol;
mod unsaid;

pub(super) use self::{locate::locate, names::is_simple, unsaid::unsaid};
pub use protocol::Message;

use std::collections::{HashMap, HashSet};

use tenon_document::{Node as Json, Tree};
use tenon_errors::{
    Report, Reports,
    catalogue::contract::{ASSERTS_NOTHING, BAD_CONTRACT},
};
use tenon_model::Str;

use super::schema::{Form, NodeId, Nodes, Schema};

/// What a file says.
#[derive(Debug, Clone)]
pub struct File {
    /// The schema; of a protocol, all of its types with the first as the root.
    pub schema: Schema,
    /// What the file defines: its one type, or the named types of a protocol.
    pub types: Vec<NodeId>,
    /// What can be asked, in a protocol.
    pub messages: Vec<Message>,
    /// What is legal and has no effect.
    pub notes: Vec<Report>,
}

/// Reads a schema: a name, an array of names (a union), or an object.
///
/// # Errors
/// `C0001` for what the specification does not allow, `C0006` for defaults that do not fit, each at its place.
pub(super) fn schema(document: &Json) -> Result<File, Reports> {
    let mut reader = Reader::default();
    let root = reader.schema(document, "");
    reader.finish(root.into_iter().collect(), Vec::new())
}

/// Reads the types and the messages of a protocol.
///
/// # Errors
/// As for [`schema`].
pub(super) fn protocol(document: &Json) -> Result<File, Reports> {
    let mut reader = Reader::default();
    let (types, messages) = reader.protocol(document);
    if types.is_empty() && messages.is_empty() && reader.problems.is_empty() {
        reader.wrong(document, "the protocol defines no types and no messages");
    }
    reader.finish(types, messages)
}

#[derive(Default)]
struct Reader<'d> {
    nodes: Nodes,
    /// The named types by their full names.
    names: HashMap<Str, NodeId>,
    /// Defaults, which can only be read when every type is complete.
    defaults: Vec<default::Pending<'d>>,
    problems: Reports,
    notes: Vec<Report>,
    /// The attributes that were noted, each once.
    noted: HashSet<String>,
}

impl<'d> Reader<'d> {
    fn finish(mut self, types: Vec<NodeId>, messages: Vec<Message>) -> Result<File, Reports> {
        let parts = messages
            .iter()
            .flat_map(|it| [it.request].into_iter().chain(it.response).chain(it.errors.iter().copied()));
        let all: Vec<NodeId> = types.iter().copied().chain(parts).collect();
        if self.problems.is_empty() {
            self.check_depth(&all);
            self.check_finite();
        }
        if self.problems.is_empty() {
            self.read_defaults();
        }
        let root = all.first().copied();
        let (nodes, notes) = (self.nodes, self.notes);
        match root {
            Some(root) => self.problems.finish(File { schema: nodes.finish(root), types, messages, notes }),
            None => Err(self.problems),
        }
    }

    fn wrong(&mut self, node: &Json, message: impl Into<String>) {
        self.problems.push(Report::new(&BAD_CONTRACT, message).at(node.place()));
    }

    fn wrong_with(&mut self, node: &Json, message: impl Into<String>, hint: impl Into<String>) {
        self.problems.push(Report::new(&BAD_CONTRACT, message).at(node.place()).hint(hint));
    }

    fn note(&mut self, node: &Json, message: impl Into<String>) {
        self.notes.push(Report::new(&ASSERTS_NOTHING, message).at(node.place()));
    }

    /// The type that `node` describes in `namespace`; `None` after a problem.
    fn schema(&mut self, node: &'d Json, namespace: &str) -> Option<NodeId> {
        match node.tree() {
            Tree::String(name) => self.reference(node, name, namespace),
            Tree::List(branches) => self.union(node, branches, namespace),
            Tree::Map(_) => self.object(node, namespace),
            _ => {
                let message =
                    format!("a schema is a name, a list or an object, and this is {}", node.kind_name());
                self.wrong(node, message);
                None
            }
        }
    }

    fn reference(&mut self, node: &Json, name: &str, namespace: &str) -> Option<NodeId> {
        if let Some(form) = primitive(name) {
            return Some(self.nodes.add(form, None));
        }
        let full = names::full(name, namespace);
        if let Some(id) = self.names.get(&full) {
            return Some(*id);
        }
        // Outside every namespace is where a name without one was defined, if not in this one.
        if let Some(id) = self.names.get(name) {
            return Some(*id);
        }
        let known = self.names.keys().map(Str::as_str).chain(Form::PRIMITIVES.iter().map(|(word, _)| *word));
        let hint = match self.problems.nearest(name, known) {
            Some(guess) => format!("write `{guess}`, or define `{full}` before it is used"),
            None => format!("define `{full}` before it is used"),
        };
        self.wrong_with(node, format!("the type `{full}` is not defined up to here"), hint);
        None
    }

    fn object(&mut self, node: &'d Json, namespace: &str) -> Option<NodeId> {
        let Some(kind) = node.get("type") else {
            self.wrong_with(node, "the schema has no `type`", "add the `type`");
            return None;
        };
        let Some(word) = kind.as_str() else {
            // `{"type": {"type": "string"}}` is what some tools write for what it contains.
            self.attributes(node, &["type"]);
            return self.schema(kind, namespace);
        };
        match word {
            "record" | "error" => self.record(node, namespace),
            "enum" => self.enumeration(node, namespace),
            "fixed" => self.fixed(node, namespace),
            "array" => {
                self.part(node, "items", namespace).map(|item| self.nodes.add(Form::Array(item), None))
            }
            "map" => self.part(node, "values", namespace).map(|value| self.nodes.add(Form::Map(value), None)),
            word => match primitive(word) {
                Some(form) => {
                    self.attributes(node, &["type", "doc", "logicalType", "precision", "scale"]);
                    let logical = self.logical(node, &form);
                    Some(self.nodes.add(form, logical))
                }
                None => {
                    self.attributes(node, &["type"]);
                    self.reference(kind, word, namespace)
                }
            },
        }
    }

    fn part(&mut self, node: &'d Json, key: &str, namespace: &str) -> Option<NodeId> {
        self.attributes(node, &["type", "doc", "default", key]);
        match node.get(key) {
            Some(part) => self.schema(part, namespace),
            None => {
                self.wrong_with(node, format!("the schema has no `{key}`"), format!("add `{key}`"));
                None
            }
        }
    }

    /// Notes attributes that the specification does not have. Those of tools have a point in their names, or `x-` before them.
    fn attributes(&mut self, node: &Json, known: &[&str]) {
        for (key, _) in node.entries().unwrap_or_default() {
            let name = key.as_str().unwrap_or_default();
            let is_of_tool = name.contains('.') || name.starts_with("x-");
            if !known.contains(&name) && !is_of_tool && self.noted.insert(name.to_owned()) {
                self.note(
                    key,
                    format!("the attribute `{name}` is not one of Avro here, and says nothing about data"),
                );
            }
        }
    }

    /// The text of `key`, if it is there.
    fn text(&mut self, node: &'d Json, key: &str) -> Option<&'d str> {
        let value = node.get(key)?;
        if value.as_str().is_none() {
            self.wrong(value, format!("`{key}` is text, and this is {}", value.kind_name()));
        }
        value.as_str()
    }

    fn doc(&mut self, node: &'d Json) -> Option<Str> {
        self.text(node, "doc").map(Str::new)
    }

    /// The list of texts of `key`; empty if it is not there.
    fn texts(&mut self, node: &'d Json, key: &str) -> Vec<(&'d Json, &'d str)> {
        let Some(list) = node.get(key) else { return Vec::new() };
        let Some(items) = list.as_list() else {
            self.wrong(list, format!("`{key}` is a list of names, and this is {}", list.kind_name()));
            return Vec::new();
        };
        let mut texts = Vec::with_capacity(items.len());
        for item in items {
            match item.as_str() {
                Some(text) => texts.push((item, text)),
                None => self.wrong(item, format!("`{key}` holds names, and this is {}", item.kind_name())),
            }
        }
        texts
    }
}

fn primitive(word: &str) -> Option<Form> {
    Form::PRIMITIVES.iter().find(|(name, _)| *name == word).map(|(_, form)| form.clone())
}
