//! From the files of a description to its services and operations, with every problem at its place.

mod bindings;
mod calls;
mod files;
mod messages;
mod operations;
mod services;

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use tenon_errors::{
    Place, Report, Reports,
    catalogue::contract::{ASSERTS_NOTHING, BAD_CONTRACT, UNSUPPORTED_KEYWORD},
    nearest,
};
use tenon_model::Str;

use super::{Description, Document};
use crate::{
    format::Source,
    xml::{Element as Node, Name},
    xsd,
};

/// The namespace of the language.
pub(in crate::wsdl) const WSDL: &str = "http://schemas.xmlsoap.org/wsdl/";
/// The most operations of all bindings.
const MAX_OPERATIONS: usize = 10_000;

/// Reads the description in `source` and all files that it refers to.
pub(super) fn read(source: &Source<'_>) -> Result<Document, Reports> {
    let files::Loaded { definitions, schemas, problems } = files::load(source)?;
    let mut reader = Reader::new(&definitions, problems);
    reader.collect();
    let bindings = reader.bindings();
    let wrappers = reader.wrappers(&bindings);
    let schemas = xsd::Document::of_roots(source, schemas, &wrappers);
    let schemas = Arc::new(match reader.problems.take_all(schemas) {
        Some(schemas) if reader.problems.is_empty() => schemas,
        _ => return Err(reader.problems.sorted()),
    });
    let bindings = reader.resolved(bindings, &schemas);
    let services = reader.services(&bindings);
    let operations = reader.operations(&bindings, &schemas);
    let listed = reader.listed(&bindings);
    let Reader { problems, notes, .. } = reader;
    let description = Arc::new(Description { services, bindings });
    problems.sorted().finish(Document { schemas, description, operations, listed, notes })
}

/// A file of a description.
pub(super) struct Definitions {
    root: Node,
    target: Option<Arc<str>>,
}

/// The kinds of names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Space {
    Message,
    PortType,
    Binding,
}

impl Space {
    fn of(local: &str) -> Option<Self> {
        Some(match local {
            "message" => Self::Message,
            "portType" => Self::PortType,
            "binding" => Self::Binding,
            _ => return None,
        })
    }

    fn title(self) -> &'static str {
        match self {
            Self::Message => "message",
            Self::PortType => "port type",
            Self::Binding => "binding",
        }
    }
}

/// Something with a name at the top of a file.
#[derive(Clone, Copy)]
struct Global<'d> {
    node: &'d Node,
    definitions: usize,
}

struct Reader<'d> {
    definitions: &'d [Definitions],
    globals: HashMap<(Space, Name), Global<'d>>,
    /// In the order of the files.
    order: Vec<(Space, Name)>,
    services: Vec<&'d Node>,
    problems: Reports,
    notes: Vec<Report>,
    /// The namespaces of extensions that were noted, each once.
    noted: HashSet<String>,
    /// The bindings that were left out, for what services say of them.
    left_out: HashSet<Name>,
}

impl<'d> Reader<'d> {
    fn new(definitions: &'d [Definitions], problems: Reports) -> Self {
        Self {
            definitions,
            globals: HashMap::new(),
            order: Vec::new(),
            services: Vec::new(),
            problems,
            notes: Vec::new(),
            noted: HashSet::new(),
            left_out: HashSet::new(),
        }
    }

    /// Collects what is declared at the top of every file.
    fn collect(&mut self) {
        let definitions = self.definitions;
        for (at, file) in definitions.iter().enumerate() {
            for node in &file.root.children {
                if node.name.namespace.as_deref() != Some(WSDL) {
                    self.extension(node);
                    continue;
                }
                match (Space::of(&node.name.local), &*node.name.local) {
                    (Some(space), _) => self.declare(space, node, at),
                    (None, "service") => self.services.push(node),
                    (None, "import" | "types" | "documentation") => {}
                    (None, other) => {
                        let message = format!("`{other}` is not allowed at the top of a description");
                        self.bad(&node.place, message, "move or remove it");
                    }
                }
            }
        }
    }

    fn declare(&mut self, space: Space, node: &'d Node, definitions: usize) {
        let Some(local) = node.get("name").filter(|name| !name.is_empty()) else {
            return self.bad(&node.place, format!("the {} has no `name`", space.title()), "give it a name");
        };
        let name = Name { namespace: self.definitions[definitions].target.clone(), local: Arc::from(local) };
        if self.globals.insert((space, name.clone()), Global { node, definitions }).is_some() {
            let message = format!("the {} `{local}` is declared twice", space.title());
            return self.bad(&node.place, message, "declare it once");
        }
        self.order.push((space, name));
    }

    /// What `text`, the value of an attribute of `node`, refers to, and its name.
    fn find(&mut self, space: Space, node: &Node, text: &str) -> Option<(Name, Global<'d>)> {
        let title = space.title();
        let Ok(name) = node.scope.resolve(text.trim()) else {
            self.bad(
                &node.place,
                format!("the prefix of `{text}` is not declared"),
                "declare it with `xmlns:`",
            );
            return None;
        };
        let name = self.own(name, node, |reader, own| reader.globals.contains_key(&(space, own.clone())));
        if let Some(found) = self.globals.get(&(space, name.clone())) {
            return Some((name, *found));
        }
        let known = self.globals.keys().filter(|(it, _)| *it == space).map(|(_, name)| &*name.local);
        let hint = match nearest(&name.local, known) {
            Some(meant) if *meant != *name.local => format!("write `{meant}`"),
            Some(_) => "use the prefix of its namespace".to_owned(),
            None => format!("declare the {title}, or import the file that does"),
        };
        self.bad(&node.place, format!("there is no {title} `{name}`"), &hint);
        None
    }

    /// The name that is meant, where one without a prefix is in the default namespace and that is the language's, in which
    /// nothing can be declared: the one of a description's own namespace that is there. Many descriptions are written so, and
    /// other tools read them so.
    fn own(&mut self, name: Name, node: &Node, is_there: impl Fn(&Self, &Name) -> bool) -> Name {
        if !matches!(name.namespace.as_deref(), None | Some(WSDL)) || is_there(self, &name) {
            return name;
        }
        let local = &name.local;
        let targets = self.definitions.iter().filter_map(|it| it.target.clone());
        let mut meant = targets.map(|target| Name { namespace: Some(target), local: Arc::clone(local) });
        let Some(meant) = meant.find(|own| is_there(self, own)) else { return name };
        let message = format!("`{local}` has no prefix, and is read as `{meant}`");
        self.note(&node.place, message, "write it with the prefix of its namespace");
        meant
    }

    fn bad(&mut self, place: &Place, message: String, hint: &str) {
        self.problems.push(Report::new(&BAD_CONTRACT, message).at(place.clone()).hint(hint));
    }

    /// Notes something that is legal, and does not say here what it says elsewhere.
    fn note(&mut self, place: &Place, message: String, hint: &str) {
        self.notes.push(Report::new(&ASSERTS_NOTHING, message).at(place.clone()).hint(hint));
    }

    /// Notes that something is left out, and why.
    fn leave_out(&mut self, place: &Place, what: &str, why: &str, hint: &str) {
        let message = format!("{what} is left out: {why}");
        self.notes.push(Report::new(&UNSUPPORTED_KEYWORD, message).at(place.clone()).hint(hint));
    }

    /// Notes an extension that is not known, once for each namespace. Whether what it stands in can be used without it.
    fn extension(&mut self, node: &Node) -> bool {
        let is_required = node
            .attributes
            .iter()
            .any(|(name, value)| name.is(WSDL, "required") && matches!(value.trim(), "true" | "1"));
        let namespace = node.name.namespace.as_deref().unwrap_or("(none)");
        if self.noted.insert(namespace.to_owned()) {
            let message =
                format!("`{}` of `{namespace}` is an extension that is not applied", node.name.local);
            self.note(&node.place, message, "set up what it asks for in the project, such as security");
        }
        !is_required
    }
}

/// The text of the documentation of `node`, if it has any.
fn documentation(node: &Node) -> Option<Str> {
    let found = node.children.iter().find(|child| child.name.is(WSDL, "documentation"))?;
    let text = found.text.split_whitespace().collect::<Vec<_>>().join(" ");
    (!text.is_empty()).then(|| Str::from(text))
}
