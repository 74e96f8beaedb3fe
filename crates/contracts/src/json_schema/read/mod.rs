//! From JSON Schema to a shape, with every problem at its place.
//!
//! A value has to follow a schema, all that it refers to, and everything in its `allOf`: [`together`] collects what applies,
//! and one file for each type of JSON folds it into one shape. Alternatives become unions ([`union`]).

mod alternatives;
mod check;
mod draft;
mod embedded;
mod exact;
mod list;
mod names;
mod negate;
mod notes;
mod number;
mod object;
mod parts;
mod reference;
mod schema;
mod side;
mod tag;
mod text;
mod together;
mod type_words;
mod types;
mod unfit;
mod union;
mod values;

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use tenon_document::Node;
use tenon_errors::{
    Code, Report, Reports,
    catalogue::contract::{BAD_CONTRACT, UNSUPPORTED_KEYWORD},
};
use tenon_model::{Sensitivity, Shape, Str, Types, Value};

use crate::{
    compiled::Compiled,
    format::{self, Definition, Files, NoFiles},
    json_schema::{documents, evaluate, resources::Resources},
};

pub(crate) use self::{
    embedded::{Dialect, Embedded, Within},
    unfit::Unfit,
};
pub(crate) use notes::Notes;
pub(super) use number::scan;
pub(crate) use side::Side;
pub(super) use values::form;
pub(crate) use values::written;

/// The formats that are enforced, with the type that they stand beside.
pub fn formats() -> impl Iterator<Item = (&'static str, &'static str)> {
    let text = text::formats().map(|name| (name, "string"));
    let integer = number::INTEGER_FORMATS.iter().map(|(name, ..)| (*name, "integer"));
    let number = number::NUMBER_FORMATS.iter().map(|name| (*name, "number"));
    text.chain(integer).chain(number)
}

/// Reads a schema. A record is closed where `additionalProperties` is false; otherwise it is open, as JSON Schema says.
/// References lead to definitions in the same document, or to metaschemas of the standard.
///
/// # Errors
/// `C0001` for what is no valid schema, `C0002` for keywords that could not be enforced, `C0005` for patterns that cannot
/// be run: all of them, each at its place. Defaults and examples that do not fit are noted (`C0006`).
pub fn read(root: &Node) -> Result<format::Schema, Reports> {
    read_with(root, &NoFiles)
}

/// As [`read()`], with references to other files of the project.
///
/// # Errors
/// As [`read()`].
pub fn read_with(root: &Node, files: &dyn Files) -> Result<format::Schema, Reports> {
    let loading = documents::load(root, files);
    Unfit::without(|unfit| read_loaded(root, &loading, unfit))
}

fn read_loaded(root: &Node, loading: &documents::Loading, unfit: &Unfit) -> Result<format::Schema, Reports> {
    let resources = Resources::of(&documents::documents(root, &loading.documents));
    let mut reader = Reader::new(root, resources, loading.refused.clone(), unfit.clone());
    reader.problems.extend(loading.problems.iter().cloned());
    let schema = reader.top();
    if reader.problems.is_empty() && reader.has_recursion {
        let compiled = Compiled::new(&schema.shape).map_err(|report| report.at(root.place()));
        reader.problems.take(compiled);
    }
    reader.check_pending();
    let examples = if reader.problems.is_empty() { reader.examples(root, &schema.shape) } else { Vec::new() };
    let (title, doc) = (schema.title, schema.doc);
    let definition = Definition { name: Str::default(), shape: schema.shape, title, doc, examples };
    reader.problems.finish(format::Schema {
        types: vec![definition],
        notes: reader.notes.finish(),
        ..format::Schema::default()
    })
}

/// The most parts that a schema has with all its references followed.
const MAX_PARTS: usize = 1_000_000;
/// The most levels of a schema with its references followed. Deeper data is refused anyway.
const MAX_DEPTH: usize = 150;
/// The most steps that putting its schemas together takes: what each of many says about each of many others.
const MAX_STEPS: usize = 20_000_000;
/// What compiling a pattern, and trying it on a name, costs among them.
const PATTERN_STEPS: usize = 2_000;
const MATCH_STEPS: usize = 20;

/// What one schema says, with what belongs to the field that it describes.
#[derive(Debug, Clone)]
struct Schema {
    shape: Shape,
    title: Option<Str>,
    doc: Option<Str>,
    default: Option<Value>,
    deprecated: bool,
    sensitivity: Option<Sensitivity>,
}

impl Schema {
    fn of(shape: Shape) -> Self {
        Self { shape, title: None, doc: None, default: None, deprecated: false, sensitivity: None }
    }

    /// What stands for a schema that has a problem, so that reading goes on.
    fn unknown() -> Self {
        Self::of(Shape::ANY)
    }

    fn never() -> Self {
        Self::of(Shape::never())
    }
}

/// Reads one document.
struct Reader<'d> {
    root: &'d Node,
    /// The schemas of all documents.
    resources: Resources<'d>,
    /// Why files could not be read, by their addresses.
    refused: HashMap<String, Report>,
    problems: Reports,
    /// What was reported, so that a schema that is read twice has its problems once.
    reported: HashSet<(&'static str, usize, String)>,
    notes: Notes,
    /// The types that contain themselves.
    types: Types,
    /// What every schema that was read says, by the schemas that have to be followed together.
    read: HashMap<(Side, together::Key), reference::State>,
    /// The schemas whose keywords were looked at.
    checked: HashSet<usize>,
    /// The schemas that were compiled for what types cannot say, with where they come from.
    programs: Vec<(Side, Arc<evaluate::Program>, HashMap<usize, evaluate::SchemaId>)>,
    /// What the schemas are written in.
    dialect: Dialect,
    /// Who writes the values that the schemas are about.
    side: Side,
    /// The schemas that are compiled with the first that has to be.
    first: Vec<&'d Node>,
    /// Parameters that are schemas as well, as OpenAPI 2.0 has them.
    parameters: HashSet<usize>,
    /// Whether the schema that is being read says more than its shape.
    is_inexact: bool,
    /// The defaults that do not fit.
    unfit: Unfit,
    /// What can only be checked when every reference is followed.
    pending: Vec<Pending<'d>>,
    /// How many parts were read, counting a definition each time it is referred to.
    parts: usize,
    /// The same of the definitions that nothing refers to.
    unused_parts: usize,
    steps: usize,
    depth: usize,
    /// How many schemas say something of the one value that is looked at, one inside of another.
    nesting: usize,
    /// How many alternatives are being put together, one inside of another.
    choices: usize,
    /// How often each of them was, since the outermost began.
    expanded: HashMap<(usize, &'static str), usize>,
    has_recursion: bool,
    /// Whether the bounds of the schema were reported: one report is enough.
    is_exhausted: bool,
}

/// A check that waits until all shapes are complete.
enum Pending<'d> {
    /// The default fits its shape.
    Default { node: &'d Node, shape: Shape, value: Value },
    /// The examples fit the shape.
    Examples { node: &'d Node, shape: Shape },
}

impl<'d> Reader<'d> {
    fn new(root: &'d Node, resources: Resources<'d>, refused: HashMap<String, Report>, unfit: Unfit) -> Self {
        Self {
            unfit,
            root,
            resources,
            refused,
            problems: Reports::new(),
            reported: HashSet::new(),
            notes: Notes::default(),
            types: Types::default(),
            read: HashMap::new(),
            checked: HashSet::new(),
            programs: Vec::new(),
            dialect: Dialect::JsonSchema,
            side: Side::Both,
            first: vec![root],
            parameters: HashSet::new(),
            is_inexact: false,
            pending: Vec::new(),
            parts: 0,
            unused_parts: 0,
            steps: 0,
            depth: 0,
            nesting: 0,
            choices: 0,
            expanded: HashMap::new(),
            has_recursion: false,
            is_exhausted: false,
        }
    }

    fn check_pending(&mut self) {
        if !self.problems.is_empty() {
            return;
        }
        for check in std::mem::take(&mut self.pending) {
            match check {
                Pending::Default { node, shape, value } => self.check_default(node, &shape, &value),
                Pending::Examples { node, shape } => drop(self.examples(node, &shape)),
            }
        }
    }

    fn report(&mut self, code: &'static Code, node: &Node, message: String, hint: &str) {
        let report = Report::new(code, message).at(node.place()).hint(hint);
        self.push(report);
    }

    fn push(&mut self, report: Report) {
        let at = report.places().first().map_or(0, |place| place.span.start);
        if self.reported.insert((report.code().id, at, report.message().to_owned())) {
            self.problems.push(report);
        }
    }

    fn bad(&mut self, node: &Node, message: String, hint: &str) {
        self.report(&BAD_CONTRACT, node, message, hint);
    }

    fn unsupported(&mut self, node: &Node, message: String, hint: &str) {
        self.report(&UNSUPPORTED_KEYWORD, node, message, hint);
    }

    /// Whether the schemas are part of a description that others have written, with examples that are for people only.
    fn is_embedded(&self) -> bool {
        self.dialect != Dialect::JsonSchema
    }

    /// The text of keyword `key`, if it is there.
    fn text(&mut self, node: &'d Node, key: &str) -> Option<&'d str> {
        let value = node.get(key)?;
        let text = value.as_str();
        if text.is_none() {
            self.wrong_kind(value, key, "text");
        }
        text
    }

    /// The bool of keyword `key`; false if it is not there.
    fn flag(&mut self, node: &'d Node, key: &str) -> bool {
        let Some(value) = node.get(key) else { return false };
        value.as_bool().unwrap_or_else(|| {
            self.wrong_kind(value, key, "true or false");
            false
        })
    }

    fn wrong_kind(&mut self, value: &Node, key: &str, expected: &str) {
        let message = format!("`{key}` is {}, and {expected} is required", value.kind_name());
        self.bad(value, message, &format!("set `{key}` to {expected}"));
    }
}
