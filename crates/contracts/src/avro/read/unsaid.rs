//! What a schema says of its types beyond their values: how they are called and were called, how records are sorted, what stands for
//! symbols that are not known, what numbers count, and what tools say in attributes of their own.

use std::collections::HashSet;

use tenon_document::Node as Json;
use tenon_model::Str;

use super::{
    locate::{At, Types},
    names::{full, namespace},
};
use crate::{
    format::{Sayings, Unsaid, listed},
    path,
};

/// What the type `name` of the file says so; the whole file where it has none of that name.
pub(in crate::avro) fn unsaid(document: &Json, name: &str) -> Vec<Unsaid> {
    let types = Types::of(document);
    let top = types.named(name, "").unwrap_or((document, String::new()));
    let mut walk = Walk {
        types,
        open: vec![(top, String::new())],
        entered: HashSet::new(),
        spaces: HashSet::new(),
        sayings: Sayings::default(),
    };
    while let Some(((node, space), path)) = walk.open.pop() {
        let before = walk.open.len();
        walk.part(node, &space, &path);
        // What was come to first is entered first.
        walk.open[before..].reverse();
    }
    walk.sayings.finish()
}

/// Goes through schemas one after the other, so that a long chain of them takes no deep stack.
struct Walk<'d> {
    types: Types<'d>,
    open: Vec<(At<'d>, String)>,
    /// The named types that were entered.
    entered: HashSet<Str>,
    /// The namespaces that were told.
    spaces: HashSet<String>,
    sayings: Sayings,
}

impl<'d> Walk<'d> {
    fn enter(&mut self, node: &'d Json, space: &str, path: String) {
        self.open.push(((node, space.to_owned()), path));
    }

    fn part(&mut self, node: &'d Json, space: &str, path: &str) {
        if let Some(branches) = node.as_list() {
            return branches.iter().for_each(|branch| self.enter(branch, space, path.to_owned()));
        }
        if let Some(name) = node.as_str() {
            if let Some((node, space)) = self.types.named(name, space) {
                self.enter(node, &space, path.to_owned());
            }
            return;
        }
        let Some(kind) = node.get("type") else { return };
        match kind.as_str() {
            None => self.enter(kind, space, path.to_owned()),
            Some("array") => {
                node.get("items").into_iter().for_each(|it| self.enter(it, space, path::item(path)));
            }
            Some("map") => {
                node.get("values").into_iter().for_each(|it| self.enter(it, space, path::entry(path)));
            }
            Some(word @ ("record" | "error" | "enum" | "fixed")) => {
                return self.named(node, word, space, path);
            }
            // A primitive type, or the name of one that is defined elsewhere.
            Some(_) => self.enter(kind, space, path.to_owned()),
        }
        self.logical(node, path);
        self.attributes(node, &["type", "items", "values", "doc", "default"], path);
    }

    fn named(&mut self, node: &'d Json, word: &str, outer: &str, path: &str) {
        let Some(name) = node.get("name").and_then(Json::as_str) else { return };
        let name = full(name, node.get("namespace").and_then(Json::as_str).unwrap_or(outer));
        if !self.entered.insert(name.clone()) {
            return;
        }
        let space = namespace(&name).to_owned();
        if !space.is_empty() && self.spaces.insert(space.clone()) {
            let place = node.get("namespace").or(node.get("name")).unwrap_or(node).place();
            let message = format!("is `{name}`, of the namespace `{space}`");
            self.sayings.say_in_words(path, message, name.to_string(), place);
        }
        let known = ["type", "name", "namespace", "aliases", "doc"];
        match word {
            "enum" => {
                if let Some(default) = node.get("default") {
                    let symbol = default.as_str().unwrap_or_default();
                    let message = format!("takes `{symbol}` for symbols that a reader does not have");
                    self.sayings.say(path, message, default.place());
                }
                self.attributes(node, &[&known[..], &["symbols", "default"]].concat(), path);
            }
            "fixed" => {
                let size = node.get("size").and_then(Json::as_u64).unwrap_or_default();
                let message = format!("is kept in {size} bytes as the type `{name}`");
                self.sayings.say(path, message, node.get("size").unwrap_or(node).place());
                self.logical(node, path);
                self.attributes(node, &[&known[..], &["size"]].concat(), path);
            }
            _ => {
                self.attributes(node, &[&known[..], &["fields"]].concat(), path);
                for field in node.get("fields").and_then(Json::as_list).unwrap_or_default() {
                    self.field(field, &space, path);
                }
            }
        }
    }

    fn field(&mut self, field: &'d Json, space: &str, path: &str) {
        let Some(name) = field.get("name").and_then(Json::as_str) else { return };
        let path = path::field(path, name);
        let aliases = field.get("aliases").and_then(Json::as_list).unwrap_or_default();
        let aliases: Vec<&str> = aliases.iter().filter_map(Json::as_str).collect();
        if let (false, Some(node)) = (aliases.is_empty(), field.get("aliases")) {
            self.sayings.say(&path, format!("was also called {}", listed(&aliases)), node.place());
        }
        if let Some(order) = field.get("order") {
            let message = match order.as_str() {
                Some("descending") => "sorts records from last to first",
                Some("ignore") => "does not sort records",
                _ => "",
            };
            if !message.is_empty() {
                self.sayings.say(&path, message, order.place());
            }
        }
        self.attributes(field, &["name", "type", "doc", "default", "order", "aliases"], &path);
        field.get("type").into_iter().for_each(|it| self.enter(it, space, path.clone()));
    }

    /// How finely the numbers of a logical type count, which shapes do not bound; and a type that says nothing of values.
    fn logical(&mut self, node: &Json, path: &str) {
        let Some(logical) = node.get("logicalType") else { return };
        let word = logical.as_str().unwrap_or_default();
        let unit = [("-millis", "milliseconds"), ("-micros", "microseconds"), ("-nanos", "nanoseconds")];
        let message = match unit.iter().find(|(end, _)| word.ends_with(end)) {
            Some((_, unit)) => format!("counts {unit}"),
            None if ["decimal", "uuid", "date", "duration"].contains(&word) => return,
            None => format!("has the logical type `{word}`"),
        };
        self.sayings.say(path, message, logical.place());
    }

    fn attributes(&mut self, node: &Json, known: &[&str], path: &str) {
        const OF_LOGICAL_TYPES: [&str; 3] = ["logicalType", "precision", "scale"];
        let entries = node.entries().unwrap_or_default().iter();
        let others: Vec<(&Json, &str)> = entries
            .filter_map(|(key, _)| Some((key, key.as_str()?)))
            .filter(|(_, name)| !known.contains(name) && !OF_LOGICAL_TYPES.contains(name))
            .collect();
        if let Some((first, _)) = others.first() {
            let names: Vec<&str> = others.iter().map(|(_, name)| *name).collect();
            self.sayings.say(path, format!("has the attributes {}", listed(&names)), first.place());
        }
    }
}
