//! The files of a project, merged: `tenon.yaml` and every other `*.yaml` beside it.

use std::collections::HashMap;

use tenon_document::{Node, Tree};
use tenon_errors::{
    Place, Report,
    catalogue::project::{DUPLICATE_KEY, MISSING_KEY, NO_PROJECT, UNUSED_DEFINITION, WRONG_TYPE},
};
use tenon_model::{Name, Str};
use tenon_ports::{Key, Spec, SpecValue as Value};

use super::object;
use crate::check::{Context, apis, flows, server, systems, tables, topics};

/// The file that makes a folder a project.
const MAIN: &str = "tenon.yaml";

/// What stands at the top of a project file.
pub(crate) static PROJECT: Spec = Spec {
    name: "project file",
    doc: "What stands at the top of `tenon.yaml` and of every other `*.yaml` file beside it; the files merge.",
    keys: &[
        Key::optional("project", Value::Name, "", "The name of the project; one of the files says it."),
        Key::optional(
            "version",
            Value::Text,
            "\"1.0.0\"",
            "The version of the project's APIs, as OpenAPI (`info.version`) and the documentation say it; one of the files says it.",
        ),
        Key::optional("server", Value::Object(&server::SERVER), "", "Where and how the APIs are served."),
        Key::optional(
            "systems",
            Value::Map(&Value::Variant(&systems::SYSTEM)),
            "",
            "The systems to connect to, by name.",
        ),
        Key::optional(
            "tables",
            Value::Map(&Value::Object(&tables::TABLE)),
            "",
            "The tables in databases, by name.",
        ),
        Key::optional(
            "topics",
            Value::Map(&Value::Object(&topics::TOPIC)),
            "",
            "The topics of brokers, by name.",
        ),
        Key::optional("apis", Value::Map(&Value::Object(&apis::API)), "", "The APIs to serve, by name."),
        Key::optional(
            "flows",
            Value::Map(&Value::Object(&flows::FLOW)),
            "",
            "The flows of messages, by name.",
        ),
    ],
};

/// The merged files: what each name of each section stands for, in the order of the files.
#[derive(Default)]
pub(crate) struct Project {
    /// `project`.
    pub(crate) name: Option<Name>,
    /// `version`.
    pub(crate) version: Option<Str>,
    /// `server`.
    pub(crate) server: Option<Node>,
    sections: HashMap<&'static str, Vec<(Node, Node)>>,
    seen: HashMap<(&'static str, String), Place>,
}

impl Project {
    /// Reads and merges the files of a folder.
    pub(crate) fn read(context: &mut Context<'_>) -> Self {
        let mut project = Self::default();
        let mut names: Vec<_> =
            context.folder.list("").into_iter().filter(|path| !path.contains('/')).collect();
        names.sort_by_key(|name| name != MAIN);
        if names.first().is_none_or(|name| name != MAIN) {
            let report = Report::new(&NO_PROJECT, format!("there is no `{MAIN}` in the project folder"));
            context.problem(report.hint("start a project with `tenon init`, or name the folder of one"));
            return project;
        }
        for name in names {
            if name.ends_with(".yaml") {
                if let Some(root) = context.document(&name) {
                    project.add(&root, &name, context);
                }
            } else if name.ends_with(".yml") {
                let report = Report::new(
                    &UNUSED_DEFINITION,
                    format!("`{name}` is not read, because it ends in `.yml`"),
                );
                context.warning(report.at(Place::file(name.as_str())).hint("name it `.yaml`"));
            }
        }
        if !project.seen.contains_key(&("", "project".to_owned())) && !context.has_unread() {
            let report = Report::new(&MISSING_KEY, "the project has no name").at(Place::file(MAIN));
            context.problem(report.hint("add `project: NAME` at the top"));
        }
        project
    }

    /// The entries of a section: name, the node of the name, value.
    pub(crate) fn section(&self, section: &str) -> impl Iterator<Item = (Name, &Node, &Node)> + use<'_> {
        let entries = self.sections.get(section).map(Vec::as_slice).unwrap_or_default();
        entries.iter().filter_map(|(key, value)| Some((Name::new(key.as_str()?)?, key, value)))
    }

    fn add(&mut self, root: &Node, file: &str, context: &mut Context<'_>) {
        if root.is_null() {
            return;
        }
        let Tree::Map(entries) = root.tree() else {
            let message = format!("`{file}` holds {}, and a project file is an object", root.kind_name());
            context.problem(
                Report::new(&WRONG_TYPE, message)
                    .at(root.place())
                    .hint("write keys such as `systems:` at the top"),
            );
            return;
        };
        object::object(root, root, file, &PROJECT, &mut context.problems);
        for (key, value) in entries {
            let Some(known) = PROJECT.keys.iter().find(|known| Some(known.name) == key.as_str()) else {
                continue;
            };
            match known.value {
                Value::Map(_) => self.merge(known.name, value, context),
                _ if !self.is_new("", key, context) => {}
                Value::Name => self.name = value.as_str().and_then(Name::new),
                Value::Text => self.version = value.as_str().map(Str::new),
                _ => self.server = Some(value.clone()),
            }
        }
    }

    fn merge(&mut self, section: &'static str, value: &Node, context: &mut Context<'_>) {
        for (key, value) in value.entries().unwrap_or_default() {
            if self.is_new(section, key, context) {
                self.sections.entry(section).or_default().push((key.clone(), value.clone()));
            }
        }
    }

    /// Whether `key` was not in `section` yet; a report if it was. Within one file the document's parser has said so.
    fn is_new(&mut self, section: &'static str, key: &Node, context: &mut Context<'_>) -> bool {
        let name = key.as_str().unwrap_or_default().to_owned();
        let place = key.place();
        match self.seen.get(&(section, name.clone())) {
            None => {
                self.seen.insert((section, name), place);
                true
            }
            Some(first) => {
                let what =
                    if section.is_empty() { format!("`{name}`") } else { format!("`{name}` of `{section}`") };
                let report = Report::new(
                    &DUPLICATE_KEY,
                    format!("{what} is defined twice, and the files of a project merge"),
                );
                let first = first.clone().labelled("first defined here");
                context.problem(report.at(place).at(first).hint("remove or rename one of them"));
                false
            }
        }
    }
}
