//! From the text of a description to its model: one pass over the tree, in which every problem is collected at its place.

mod body;
mod media;
mod names;
mod parameters;
mod paths;
mod replies;
mod security;
mod servers;
mod swagger;
mod types;

pub(super) use self::paths::{names as path_names, plain as plain_path};

use std::collections::{HashMap, HashSet};

use tenon_document::Node;
use tenon_errors::Reports;
use tenon_model::Str;

use super::{
    model::{Description, SecurityScheme, Server, Tag},
    version::Version,
};
use crate::{
    format::Source,
    json_schema::{Embedded, Unfit},
    linked::{self, Access, Linked},
};

/// The most requests that a description has, callbacks in callbacks among them.
const MAX_REQUESTS: usize = 20_000;
/// The most parameters and parts of replies that all requests have together: many may have those of one path.
const MAX_PARTS: usize = 1_000_000;
/// How deep callbacks of callbacks are followed.
const MAX_CALLBACK_DEPTH: usize = 3;

/// Reads the description in `source`.
///
/// # Errors
/// All problems, each at its place.
pub(super) fn read(source: &Source<'_>) -> Result<Description, Reports> {
    let linked = linked::load(source)?;
    let version = Version::of(linked.root())?;
    Unfit::without(|unfit| Reader::new(&linked, version, unfit).description())
}

/// Reads one description.
struct Reader<'d> {
    version: Version,
    root: &'d Node,
    access: Access<'d>,
    schemas: Embedded<'d>,
    /// The schemes that requirements may name.
    schemes: Vec<SecurityScheme>,
    scheme_names: HashSet<Str>,
    /// The servers at the top.
    servers: Vec<Server>,
    /// The names of operations that were given, with where.
    names: HashMap<Str, tenon_errors::Place>,
    /// The number that the next request of a derived name has.
    numbers: HashMap<Str, usize>,
    requests: usize,
    parts: usize,
    is_exhausted: bool,
}

impl<'d> Reader<'d> {
    fn new(linked: &'d Linked, version: Version, unfit: &Unfit) -> Self {
        let root = linked.root();
        let named = root.get("jsonSchemaDialect").and_then(Node::as_str);
        let known = types::nodes(root, version).map(|(.., node)| node).collect();
        Self {
            version,
            root,
            access: Access::new(linked, version.name()),
            schemas: linked.schemas(&["openapi", "swagger"], version.dialect(), named, known, unfit),
            schemes: Vec::new(),
            scheme_names: HashSet::new(),
            servers: Vec::new(),
            names: HashMap::new(),
            numbers: HashMap::new(),
            requests: 0,
            parts: 0,
            is_exhausted: false,
        }
    }

    fn description(mut self) -> Result<Description, Reports> {
        let root = self.root;
        self.access.is_object(root, "the description");
        self.check_top();
        let info = self.access.info(root);
        self.servers = self.top_servers();
        self.schemes = self.security_schemes();
        self.scheme_names = self.schemes.iter().map(|scheme| scheme.name.clone()).collect();
        let types = self.types();
        let operations = self.paths();
        let webhooks = self.webhooks();
        let tags = self.tags();
        let (problems, notes) = self.access.finish_with(self.schemas);
        problems.sorted().finish(Description {
            version: self.version,
            title: info.title,
            api_version: info.version,
            doc: info.doc,
            servers: self.servers,
            operations,
            webhooks,
            security_schemes: self.schemes,
            types,
            tags,
            notes,
        })
    }

    fn check_top(&mut self) {
        let known: &[&str] = match self.version {
            Version::V2_0 => &[
                "swagger",
                "info",
                "host",
                "basePath",
                "schemes",
                "consumes",
                "produces",
                "paths",
                "definitions",
                "parameters",
                "responses",
                "securityDefinitions",
                "security",
                "tags",
                "externalDocs",
            ],
            Version::V3_0 => {
                &["openapi", "info", "servers", "paths", "components", "security", "tags", "externalDocs"]
            }
            Version::V3_1 => &[
                "openapi",
                "info",
                "jsonSchemaDialect",
                "servers",
                "paths",
                "webhooks",
                "components",
                "security",
                "tags",
                "externalDocs",
            ],
            Version::V3_2 => &[
                "openapi",
                "$self",
                "info",
                "jsonSchemaDialect",
                "servers",
                "paths",
                "webhooks",
                "components",
                "security",
                "tags",
                "externalDocs",
            ],
        };
        let root = self.root;
        self.access.only(root, known, "a description");
        let is_older = self.version <= Version::V3_0;
        if is_older && root.get("paths").is_none() {
            self.access.bad(root, "the description has no `paths`", "add `paths`");
        }
        if !is_older && ["paths", "webhooks", "components"].iter().all(|key| root.get(key).is_none()) {
            let message = "the description has neither `paths` nor `webhooks` nor `components`";
            self.access.bad(root, message, "add `paths`");
        }
        if let Some((key, value)) = root.entry("jsonSchemaDialect") {
            let is_known = value.as_str().is_some_and(crate::json_schema::is_dialect);
            if !is_known {
                let message =
                    "`jsonSchemaDialect` names no known dialect, so schemas are read as JSON Schema 2020-12";
                self.access.note(key, message, "name https://json-schema.org/draft/2020-12/schema");
            }
        }
    }

    fn tags(&mut self) -> Vec<Tag> {
        let root = self.root;
        let mut tags = Vec::new();
        for node in self.access.list(root, "tags") {
            if !self.access.is_object(node, "a tag") {
                continue;
            }
            let Some(name) = self.access.needed_text(node, "name", "a tag") else { continue };
            let mut text = |key| self.access.text(node, key).map(Str::new);
            tags.push(Tag {
                name: Str::new(name),
                summary: text("summary"),
                doc: text("description"),
                parent: text("parent"),
                kind: text("kind"),
            });
        }
        tags
    }
}
