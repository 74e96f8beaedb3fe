//! Schemas that lie in other documents: descriptions of APIs and of messages, which have a dialect of their own.

use std::collections::HashMap;

use tenon_document::Node;
use tenon_errors::{Report, Reports};
use tenon_model::{Field, Shape};

use super::{Reader, Side, Unfit, together::Entry};
use crate::{
    compiled::Compiled,
    format::Definition,
    json_schema::{
        draft::Draft,
        resources::{Document, Resources},
    },
};

/// What the schemas of a document are written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Dialect {
    /// JSON Schema itself.
    JsonSchema,
    /// The Schema Object of OpenAPI 2.0.
    OpenApi20,
    /// The Schema Object of OpenAPI 3.0.
    OpenApi30,
    /// JSON Schema 2020-12 with the base vocabulary of OpenAPI.
    OpenApi31,
    /// The Schema Object of AsyncAPI, a superset of draft-07.
    AsyncApi,
}

/// Keys of a parameter that is a schema as well.
pub(super) const OF_PARAMETERS: &[&str] = &["name", "in", "required", "allowEmptyValue", "collectionFormat"];

impl Dialect {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::JsonSchema => "JSON Schema",
            Self::OpenApi20 => "OpenAPI 2.0",
            Self::OpenApi30 => "OpenAPI 3.0",
            Self::OpenApi31 => "OpenAPI",
            Self::AsyncApi => "AsyncAPI",
        }
    }

    fn draft(self) -> Draft {
        match self {
            Self::JsonSchema | Self::OpenApi31 => Draft::Draft2020,
            Self::OpenApi20 | Self::OpenApi30 => Draft::OpenApi30,
            Self::AsyncApi => Draft::Draft7,
        }
    }
}

/// A document with schemas in it, or one that is a schema.
pub(crate) struct Within<'d> {
    /// What references to it say.
    pub(crate) address: &'d str,
    pub(crate) root: &'d Node,
    /// Whether it is no schema itself.
    pub(crate) is_description: bool,
}

/// Reads the schemas of some documents, each when it is asked for.
pub(crate) struct Embedded<'d> {
    reader: Reader<'d>,
    /// Whether any schema says `readOnly` or `writeOnly`.
    has_sides: bool,
    shapes: Vec<Shape>,
}

impl<'d> Embedded<'d> {
    /// The schemas of a description and of the documents that it refers to. `named` is what it names as the dialect of its schemas; `known` are those that are likely to be asked for; `refused` says why documents could not be read, by their addresses; the document is read as [`Unfit::without`] has it.
    pub(crate) fn new(
        first: &Within<'d>,
        others: &[Within<'d>],
        dialect: Dialect,
        named: Option<&str>,
        known: Vec<&'d Node>,
        refused: HashMap<String, Report>,
        unfit: &Unfit,
    ) -> Self {
        let draft = named.and_then(Draft::named).unwrap_or(dialect.draft());
        let document = |it: &Within<'d>| Document {
            address: it.address,
            root: it.root,
            draft: if it.is_description { draft } else { Draft::named_by(it.root).unwrap_or(draft) },
            is_description: it.is_description,
        };
        let documents = || std::iter::once(first).chain(others);
        let has_sides = documents()
            .any(|it| ["readOnly", "writeOnly"].iter().any(|keyword| it.root.file_text().contains(keyword)));
        let all: Vec<Document<'d>> = documents().map(document).collect();
        let mut resources = Resources::around_schemas(&all);
        known.iter().for_each(|node| resources.enter(node));
        let mut reader = Reader::new(first.root, resources, refused, unfit.clone());
        reader.dialect = dialect;
        reader.first = known;
        Self { reader, has_sides, shapes: Vec::new() }
    }

    /// What values the schema at `node` allows on one side.
    pub(crate) fn read(&mut self, node: &'d Node, name: Option<&str>, side: Side) -> Definition {
        let reader = &mut self.reader;
        reader.resources.enter(node);
        reader.side = if self.has_sides { side } else { Side::Both };
        reader.root = node;
        reader.parts = 0;
        reader.is_exhausted = false;
        reader.is_inexact = false;
        let mut schema = reader.schema(node, name);
        reader.make_exact(&[Entry::of(node)], &mut schema);
        self.shapes.push(schema.shape.clone());
        Definition {
            name: name.unwrap_or_default().into(),
            shape: schema.shape,
            title: schema.title,
            doc: schema.doc,
            examples: Vec::new(),
        }
    }

    /// What the parameter at `node` allows, which is a schema as well (OpenAPI 2.0).
    pub(crate) fn read_parameter(&mut self, node: &'d Node, name: Option<&str>) -> Definition {
        self.reader.parameters.insert(super::together::address(node));
        self.read(node, name, Side::Both)
    }

    /// The default that the schema at `node` gives, as the schema is read.
    pub(crate) fn default(&mut self, node: &'d Node, shape: &Shape) -> Option<tenon_model::Value> {
        let value = node.get("default")?;
        self.reader.default(value, shape)
    }

    /// The values that the schema at `node` gives as examples: those that fit. The others are noted.
    pub(crate) fn examples(&mut self, node: &'d Node, shape: &Shape) -> Vec<tenon_model::Value> {
        self.reader.examples(node, shape)
    }

    /// What is wrong with all that was read, and what there is to note.
    pub(crate) fn finish(mut self) -> (Reports, Vec<Report>) {
        let reader = &mut self.reader;
        if reader.problems.is_empty() {
            // All at once: what they share is compiled once.
            let fields = self.shapes.drain(..).enumerate();
            let all =
                Shape::record(fields.map(|(at, shape)| Field::optional(at.to_string(), shape)).collect());
            let compiled = Compiled::new(&all).map_err(|report| report.at(reader.root.place()));
            reader.problems.take(compiled);
        }
        reader.check_pending();
        (std::mem::take(&mut reader.problems), std::mem::take(&mut reader.notes).finish())
    }
}
