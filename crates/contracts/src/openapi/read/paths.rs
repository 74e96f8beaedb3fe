//! Paths, webhooks and callbacks: the requests of a description.

use std::collections::{HashMap, HashSet};

use tenon_document::Node;
use tenon_model::{Shape, Str};

use super::{MAX_CALLBACK_DEPTH, MAX_PARTS, MAX_REQUESTS, Reader};
use crate::openapi::{
    model::{Callback, Location, Parameter, Reply, Request, Serialization, Server},
    style::{Form, Style},
    version::Version,
};

/// The methods that a path may have, by version.
const METHODS: &[(&str, Version)] = &[
    ("get", Version::V2_0),
    ("put", Version::V2_0),
    ("post", Version::V2_0),
    ("delete", Version::V2_0),
    ("options", Version::V2_0),
    ("head", Version::V2_0),
    ("patch", Version::V2_0),
    ("trace", Version::V3_0),
    ("query", Version::V3_2),
];

/// What the operations of one path share.
struct Shared<'p> {
    path: &'p str,
    /// Whether parameters in braces are to be found in `path`.
    is_template: bool,
    parameters: Vec<Parameter>,
    servers: Option<Vec<Server>>,
    depth: usize,
}

impl<'d> Reader<'d> {
    pub(super) fn paths(&mut self) -> Vec<Request> {
        let root = self.root;
        let mut requests = Vec::new();
        let mut seen: HashMap<String, (&'d str, HashSet<Str>)> = HashMap::new();
        for (key, path, node) in self.access.map(root, "paths") {
            if !path.starts_with('/') {
                self.access.bad(
                    key,
                    format!("the path `{path}` does not start with `/`"),
                    format!("write `/{path}`"),
                );
            }
            let found = self.path_item(node, path, true, 0);
            let (first, methods) = seen.entry(plain(path)).or_insert((path, HashSet::new()));
            for request in &found {
                if !methods.insert(request.method.clone()) {
                    let message = format!(
                        "`{path}` and `{first}` are the same path, and both have `{}`",
                        request.method
                    );
                    self.access.note(key, message, "describe each request once");
                }
            }
            requests.extend(found);
        }
        requests
    }

    pub(super) fn webhooks(&mut self) -> Vec<Request> {
        let root = self.root;
        if self.version < Version::V3_1 {
            return Vec::new();
        }
        let mut requests = Vec::new();
        for (_, name, node) in self.access.map(root, "webhooks") {
            requests.extend(self.path_item(node, name, false, 0));
        }
        requests
    }

    /// The requests of one path.
    fn path_item(&mut self, node: &'d Node, path: &str, is_template: bool, depth: usize) -> Vec<Request> {
        if self.is_exhausted {
            return Vec::new();
        }
        let Some(item) = self.access.follow(node) else { return Vec::new() };
        if !self.access.is_object(item, "a path") {
            return Vec::new();
        }
        // Of a path that is referred to, what stands beside the reference has no defined meaning.
        if !std::ptr::eq(item, node) {
            for (key, name, _) in crate::linked::Access::named(node) {
                if !matches!(name, "$ref" | "summary" | "description") {
                    let message = format!("`{name}` is used beside `$ref`, where it has no effect");
                    self.access.note(key, message, "move it to what is referred to");
                }
            }
        }
        let mut known: Vec<&str> = vec!["parameters", "$ref"];
        if self.version > Version::V2_0 {
            known.extend(["summary", "description", "servers"]);
        }
        if self.version >= Version::V3_2 {
            known.push("additionalOperations");
        }
        let methods = || METHODS.iter().filter(|(_, since)| *since <= self.version).map(|(name, _)| *name);
        known.extend(methods());
        let methods: Vec<&str> = methods().collect();
        self.access.only(item, &known, "a path");
        let shared = Shared {
            path,
            is_template,
            parameters: self.parameters_of(item).parameters,
            servers: self.servers_of(item),
            depth,
        };
        let mut requests = Vec::new();
        for (_, name, operation) in crate::linked::Access::named(item) {
            if methods.contains(&name) {
                requests.extend(self.operation(operation, &name.to_uppercase(), &shared, item));
            }
        }
        if self.version >= Version::V3_2 {
            for (key, name, operation) in self.access.map(item, "additionalOperations") {
                if methods.contains(&name.to_lowercase().as_str()) {
                    let message =
                        format!("`additionalOperations` names `{name}`, which has a key of its own");
                    self.access.bad(key, message, format!("move it to `{}`", name.to_lowercase()));
                    continue;
                }
                requests.extend(self.operation(operation, name, &shared, item));
            }
        }
        requests
    }

    fn operation(
        &mut self,
        node: &'d Node,
        method: &str,
        shared: &Shared<'_>,
        item: &'d Node,
    ) -> Option<Request> {
        if !self.access.is_object(node, "an operation") {
            return None;
        }
        self.requests += 1;
        if self.requests > MAX_REQUESTS {
            self.exhausted(node, format!("the description has more than {MAX_REQUESTS} requests"));
            return None;
        }
        self.check_operation(node);
        let (name, is_named) = self.name_of(node, method, shared.path);
        let own = self.parameters_of(node);
        if !self.count(node, shared.parameters.len() + own.parameters.len()) {
            return None;
        }
        let mine: HashSet<(Location, &Str)> =
            own.parameters.iter().map(|mine| (mine.location, &mine.name)).collect();
        let others = shared.parameters.iter().filter(|it| !mine.contains(&(it.location, &it.name)));
        let mut parameters: Vec<Parameter> = others.cloned().collect();
        parameters.extend(own.parameters.iter().cloned());
        if shared.is_template {
            self.check_template(node, shared.path, &mut parameters);
        }
        let inherited = self.forms_of(item);
        let body = match self.version {
            Version::V2_0 => {
                self.swagger_body(node, own.body.or(inherited.body), &inherited.form, own.form, &name)
            }
            _ => self.body_of(node, &name),
        };
        let replies = self.replies(node, &name);
        let size = |reply: &Reply| 1 + reply.headers.len() + reply.content.len() + reply.links.len();
        if !self.count(node, replies.iter().map(size).sum()) {
            return None;
        }
        let security = self.requirements(node);
        let servers = match self.version {
            Version::V2_0 => self.swagger_servers(node),
            _ => self
                .servers_of(node)
                .or_else(|| shared.servers.clone())
                .unwrap_or_else(|| self.servers.clone()),
        };
        let callbacks = self.callbacks(node, shared.depth);
        Some(Request {
            name,
            is_named,
            method: Str::new(method),
            path: Str::new(shared.path),
            summary: self.access.text(node, "summary").map(Str::new),
            doc: self.access.doc(node),
            tags: self.access.texts(node, "tags"),
            deprecated: self.access.flag(node, "deprecated", false),
            parameters,
            body,
            replies,
            security,
            servers,
            callbacks,
            place: node.place(),
        })
    }

    fn exhausted(&mut self, node: &'d Node, message: String) {
        if !std::mem::replace(&mut self.is_exhausted, true) {
            self.access.bad(node, message, "split the description");
        }
    }

    /// Counts parts of a request; whether the bound is kept.
    fn count(&mut self, node: &'d Node, parts: usize) -> bool {
        self.parts = self.parts.saturating_add(parts);
        if self.parts > MAX_PARTS {
            self.exhausted(node, format!("the requests have more than {MAX_PARTS} parameters and replies"));
        }
        self.parts <= MAX_PARTS
    }

    fn check_operation(&mut self, node: &'d Node) {
        let known: &[&str] = match self.version {
            Version::V2_0 => &[
                "tags",
                "summary",
                "description",
                "externalDocs",
                "operationId",
                "consumes",
                "produces",
                "parameters",
                "responses",
                "schemes",
                "deprecated",
                "security",
            ],
            _ => &[
                "tags",
                "summary",
                "description",
                "externalDocs",
                "operationId",
                "parameters",
                "requestBody",
                "responses",
                "callbacks",
                "deprecated",
                "security",
                "servers",
            ],
        };
        self.access.only(node, known, "an operation");
    }

    /// Every name in braces is a parameter of the path, and the other way round. One that is not described is any text.
    fn check_template(&mut self, node: &'d Node, path: &str, parameters: &mut Vec<Parameter>) {
        let names: Vec<&str> = names(path);
        let known: HashSet<&str> = names.iter().copied().collect();
        for parameter in parameters.iter().filter(|it| it.location == Location::Path) {
            if !known.contains(parameter.name.as_str()) {
                let message =
                    format!("the parameter `{}` is in the path, which does not name it", parameter.name);
                let hint = format!("write `{{{}}}` in the path, or remove the parameter", parameter.name);
                self.access.note(node, message, hint);
            }
        }
        parameters.retain(|it| it.location != Location::Path || known.contains(it.name.as_str()));
        let in_path = parameters.iter().filter(|it| it.location == Location::Path);
        let described: HashSet<Str> = in_path.map(|it| it.name.clone()).collect();
        let mut seen = HashSet::new();
        for name in names {
            if !seen.insert(name) {
                self.access.bad(
                    node,
                    format!("the path names `{{{name}}}` twice"),
                    "name each parameter once",
                );
            } else if !described.contains(name) {
                let message =
                    format!("the path names `{{{name}}}`, which no parameter describes, so it is any text");
                self.access.note(node, message, format!("add the parameter `{name}` with `in: path`"));
                parameters.push(Parameter {
                    name: Str::new(name),
                    location: Location::Path,
                    required: true,
                    deprecated: false,
                    allow_empty: false,
                    doc: None,
                    serialization: Serialization::Style(Style {
                        form: Form::Simple,
                        explode: false,
                        allow_reserved: false,
                    }),
                    shape: Shape::string(),
                    default: None,
                    place: node.place(),
                });
            }
        }
    }

    fn callbacks(&mut self, node: &'d Node, depth: usize) -> Vec<Callback> {
        if self.version == Version::V2_0 || node.get("callbacks").is_none() {
            return Vec::new();
        }
        if depth >= MAX_CALLBACK_DEPTH {
            let message = "callbacks of callbacks are not followed any deeper";
            self.access.note(node, message, "describe them as operations");
            return Vec::new();
        }
        let mut callbacks = Vec::new();
        for (_, name, node) in self.access.map(node, "callbacks") {
            if self.is_exhausted {
                break;
            }
            let Some(node) = self.access.follow(node) else { continue };
            if !self.access.is_object(node, "a callback") {
                continue;
            }
            let mut requests = Vec::new();
            for (_, expression, node) in crate::linked::Access::named(node) {
                requests.extend(self.path_item(node, expression, false, depth + 1));
            }
            callbacks.push(Callback { name: Str::new(name), requests });
        }
        callbacks
    }
}

/// The names in braces of a path.
pub(in crate::openapi) fn names(path: &str) -> Vec<&str> {
    let mut names = Vec::new();
    let mut rest = path;
    while let Some((name, after)) = rest.split_once('{').and_then(|(_, rest)| rest.split_once('}')) {
        names.push(name);
        rest = after;
    }
    names
}

/// The path with the names of its parameters left out: paths that differ only in them are the same.
pub(in crate::openapi) fn plain(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    let mut rest = path;
    while let Some((before, after)) = rest.split_once('{') {
        out.push_str(before);
        out.push_str("{}");
        rest = after.split_once('}').map_or("", |(_, after)| after);
    }
    out.push_str(rest);
    out
}
