//! What a schema says beyond values: titles, examples, which side writes a field, how it is written elsewhere, and what other tools
//! are told.

use std::collections::HashSet;

use tenon_document::Node;

use super::{
    documents::{documents, load},
    read::formats,
    resources::{Resources, address_of},
};
use crate::{
    format::{Files, Sayings, Unsaid, listed},
    path,
};

/// What `schema`, which lies in the document `root`, says so, and what it leads to.
pub(crate) fn unsaid(root: &Node, schema: &Node, files: &dyn Files) -> Vec<Unsaid> {
    let loading = load(root, files);
    let mut walk = Walk {
        resources: Resources::of(&documents(root, &loading.documents)),
        formats: formats().map(|(name, _)| name).collect(),
        open: Vec::new(),
        entered: HashSet::new(),
        sayings: Sayings::default(),
    };
    if let Some((key, id)) = schema.entry("$id").or_else(|| schema.entry("id"))
        && let Some(text) = id.as_str()
    {
        walk.sayings.say("", format!("has the address `{text}`"), key.place());
    }
    walk.open.push((schema, String::new(), true));
    while let Some((node, path, is_described)) = walk.open.pop() {
        if !walk.entered.insert(address_of(node)) {
            continue;
        }
        let before = walk.open.len();
        walk.keywords(node, &path, is_described);
        walk.inside(node, &path);
        // What was come to first is entered first.
        walk.open[before..].reverse();
    }
    walk.sayings.finish()
}

struct Walk<'d> {
    resources: Resources<'d>,
    /// The formats that are enforced.
    formats: HashSet<&'static str>,
    /// Schemas with their paths, and whether their shape has what they are described as: fields and types with names.
    open: Vec<(&'d Node, String, bool)>,
    entered: HashSet<usize>,
    sayings: Sayings,
}

impl<'d> Walk<'d> {
    fn keywords(&mut self, node: &'d Node, path: &str, is_described: bool) {
        let mut extensions: Vec<(&Node, &str)> = Vec::new();
        let is_object = node.get("properties").is_some();
        for (key, value) in node.entries().unwrap_or_default() {
            let Some(name) = key.as_str() else { continue };
            let text = value.as_str().unwrap_or_default();
            let message = match name {
                "title" if !text.is_empty() => {
                    let message = format!("has the title {text:?}");
                    self.sayings.say_in_words(path, message, text.to_owned(), key.place());
                    continue;
                }
                "examples" | "example" => "has examples".to_owned(),
                "readOnly" if value.as_bool() == Some(true) => "is written by nobody who sends it".to_owned(),
                "writeOnly" if value.as_bool() == Some(true) => "is given to nobody who reads it".to_owned(),
                "contentMediaType" => format!("holds `{text}`"),
                "contentSchema" => "has a schema of what its text holds".to_owned(),
                "$comment" => "has a comment".to_owned(),
                "externalDocs" => "has documentation elsewhere".to_owned(),
                "xml" => "says how it is written in XML".to_owned(),
                "discriminator" => {
                    let property = value.get("propertyName").and_then(Node::as_str).unwrap_or(text);
                    format!("has the discriminator `{property}`")
                }
                "format" if !self.formats.contains(text) => format!("has the form `{text}`"),
                "description" if !is_described && !is_object => "has a description".to_owned(),
                "deprecated" if !is_described && value.as_bool() == Some(true) => "is deprecated".to_owned(),
                "default" if !is_described => "has a default".to_owned(),
                name if name.starts_with("x-") && name != "x-sensitivity" => {
                    extensions.push((key, name));
                    continue;
                }
                _ => continue,
            };
            self.sayings.say(path, message, key.place());
        }
        if let Some((first, _)) = extensions.first() {
            let names: Vec<&str> = extensions.iter().map(|(_, name)| *name).collect();
            self.sayings.say(path, format!("has the extensions {}", listed(&names)), first.place());
        }
    }

    /// The schemas of the parts of a value, and those that say more of the value itself. What is said where a value is only tested
    /// (`not`, `if`, `contains`) is not said of it.
    fn inside(&mut self, node: &'d Node, path: &str) {
        if let Some(reference) = node.get("$ref").and_then(Node::as_str) {
            self.resources.enter(node);
            if let Ok(target) = self.resources.target(node, reference) {
                self.open.push((target, path.to_owned(), true));
            }
        }
        for (key, value) in node.entries().unwrap_or_default() {
            let by_name = || value.entries().unwrap_or_default().iter();
            match key.as_str().unwrap_or_default() {
                "properties" => {
                    let named = by_name().filter_map(|(key, value)| Some((key.as_str()?, value)));
                    self.open.extend(named.map(|(name, value)| (value, path::field(path, name), true)));
                }
                "patternProperties" => {
                    self.open.extend(by_name().map(|(_, value)| (value, path::entry(path), false)));
                }
                "dependentSchemas" => {
                    self.open.extend(by_name().map(|(_, value)| (value, path.to_owned(), false)));
                }
                "additionalProperties" | "unevaluatedProperties" => {
                    self.open.push((value, path::entry(path), false));
                }
                "items" | "prefixItems" | "additionalItems" | "unevaluatedItems" => {
                    let items = value.as_list().unwrap_or(std::slice::from_ref(value));
                    self.open.extend(items.iter().map(|item| (item, path::item(path), false)));
                }
                "allOf" | "anyOf" | "oneOf" => {
                    let parts = value.as_list().unwrap_or_default();
                    self.open.extend(parts.iter().map(|part| (part, path.to_owned(), false)));
                }
                "then" | "else" => self.open.push((value, path.to_owned(), false)),
                _ => {}
            }
        }
    }
}
