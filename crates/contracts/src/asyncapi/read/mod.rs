//! From the text of a description to its model.

mod channels;
mod messages;
mod operations;
mod payloads;
mod servers;
mod unsaid;

pub(super) use self::unsaid::unsaid;

use std::collections::HashSet;

use tenon_document::Node;
use tenon_errors::{Report, Reports, catalogue::contract::BAD_CONTRACT};
use tenon_model::Str;

use super::{
    model::{Binding, Channel, Description},
    version::Version,
};
use crate::{
    format::{Definition, Files, Source},
    json_schema::{Dialect, Embedded, Side, Unfit, written},
    linked::{self, Access, Linked, MAX_MERGED, Merged},
    openapi::Requirement,
};

/// Reads the description in `source`.
///
/// # Errors
/// All problems, each at its place.
pub(super) fn read(source: &Source<'_>) -> Result<Description, Reports> {
    let linked = linked::load(source)?;
    let version = Version::of(linked.root())?;
    let merged = Merged::of(&linked, version == Version::V3);
    Unfit::without(|unfit| Reader::new(&linked, &merged, version, source.files, unfit).description())
}

/// Reads one description.
struct Reader<'d> {
    version: Version,
    root: &'d Node,
    merged: &'d Merged,
    files: &'d dyn Files,
    access: Access<'d>,
    schemas: Embedded<'d>,
    default_content_type: Option<Str>,
    /// The channels, with where they are.
    channels: Vec<Channel>,
    channel_nodes: Vec<&'d Node>,
    /// Schemas, then the payloads of messages.
    types: Vec<Definition>,
    /// Their names.
    names: HashSet<Str>,
    /// How many messages the operations have.
    messages: usize,
}

/// The most messages of all operations, of which many may have those of one channel.
const MAX_MESSAGES: usize = 100_000;

impl<'d> Reader<'d> {
    fn new(
        linked: &'d Linked,
        merged: &'d Merged,
        version: Version,
        files: &'d dyn Files,
        unfit: &Unfit,
    ) -> Self {
        let root = linked.root();
        let schemas = root.get("components").and_then(|components| components.get("schemas"));
        let known = schemas.and_then(Node::entries).unwrap_or_default().iter();
        let known = known.map(|(_, node)| node).filter(|node| !payloads::is_multi_format(node)).collect();
        Self {
            version,
            root,
            merged,
            files,
            access: Access::new(linked, version.name()),
            schemas: linked.schemas(&["asyncapi"], Dialect::AsyncApi, None, known, unfit),
            default_content_type: None,
            channels: Vec::new(),
            channel_nodes: Vec::new(),
            types: Vec::new(),
            names: HashSet::new(),
            messages: 0,
        }
    }

    fn description(mut self) -> Result<Description, Reports> {
        let root = self.root;
        self.access.is_object(root, "the description");
        let known: &[&str] = match self.version {
            Version::V2 => &[
                "asyncapi",
                "id",
                "info",
                "servers",
                "defaultContentType",
                "channels",
                "components",
                "tags",
                "externalDocs",
            ],
            Version::V3 => &[
                "asyncapi",
                "id",
                "info",
                "servers",
                "defaultContentType",
                "channels",
                "operations",
                "components",
            ],
        };
        self.access.only(root, known, "a description");
        let info = self.access.info(root);
        if let Some(place) = &self.merged.too_large {
            let message = format!("merging the traits takes copies of more than {MAX_MERGED} parts");
            self.access.push(Report::new(&BAD_CONTRACT, message).at(place.clone()).hint("use fewer traits"));
        }
        self.default_content_type = self.access.text(root, "defaultContentType").map(Str::new);
        self.read_types();
        let servers = self.servers();
        let security_schemes = self.security_schemes();
        self.read_channels();
        let operations = self.operations();
        self.read_messages_of_components();
        let (problems, notes) = self.access.finish_with(self.schemas);
        problems.sorted().finish(Description {
            version: self.version,
            id: root.get("id").and_then(Node::as_str).map(Str::new),
            title: info.title,
            app_version: info.version,
            doc: info.doc,
            default_content_type: self.default_content_type,
            servers,
            channels: self.channels,
            operations,
            security_schemes,
            types: self.types,
            notes,
        })
    }

    fn components(&self) -> Option<&'d Node> {
        self.root.get("components")
    }

    fn read_types(&mut self) {
        let Some(components) = self.components() else { return };
        for (_, name, node) in self.access.map(components, "schemas") {
            let definition = if payloads::is_multi_format(node) {
                let shape = self.multi_format(node, name).0;
                Definition { name: name.into(), shape, title: None, doc: None, examples: Vec::new() }
            } else {
                let mut definition = self.schemas.read(node, Some(name), Side::Both);
                definition.examples = self.schemas.examples(node, &definition.shape);
                definition
            };
            self.names.insert(definition.name.clone());
            self.types.push(definition);
        }
    }

    /// What only protocols know of `node`.
    fn bindings(&mut self, node: &'d Node) -> Vec<Binding> {
        let Some(bindings) = node.get("bindings").and_then(|node| self.access.follow(node)) else {
            return Vec::new();
        };
        let all = Access::named(bindings);
        all.map(|(_, protocol, node)| Binding {
            protocol: Str::new(protocol),
            content: Str::from(written(node)),
        })
        .collect()
    }

    fn security_schemes(&mut self) -> Vec<(Str, Str)> {
        let Some(components) = self.components() else { return Vec::new() };
        let mut schemes = Vec::new();
        for (_, name, node) in self.access.map(components, "securitySchemes") {
            let Some(node) = self.access.follow(node) else { continue };
            if self.access.needed_text(node, "type", "a security scheme").is_some() {
                schemes.push((Str::new(name), Str::from(written(node))));
            }
        }
        schemes
    }

    /// What is required of callers: names with scopes in 2.x, schemes or references to them in 3.x.
    fn security(&mut self, node: &'d Node) -> Vec<Requirement> {
        let mut requirements = Vec::new();
        for item in self.access.list(node, "security") {
            if !self.access.is_object(item, "a requirement") {
                continue;
            }
            let schemes = match self.version {
                Version::V2 => {
                    let named: Vec<_> = Access::named(item).collect();
                    named
                        .into_iter()
                        .map(|(_, name, _)| (Str::new(name), self.access.texts(item, name)))
                        .collect()
                }
                Version::V3 => {
                    let Some(scheme) = self.access.follow(item) else { continue };
                    let name =
                        reference_name(item).or_else(|| scheme.get("type")?.as_str().map(str::to_owned));
                    vec![(Str::from(name.unwrap_or_default()), self.access.texts(scheme, "scopes"))]
                }
            };
            requirements.push(Requirement { schemes });
        }
        requirements
    }
}

/// The last part of the pointer that `node` is.
fn reference_name(node: &Node) -> Option<String> {
    let last = node.get("$ref")?.as_str()?.rsplit(['/', '#']).next()?;
    Some(crate::json_schema::unescaped(last)).filter(|name| !name.is_empty())
}
