//! An Avro schema as it was read: what only Avro knows of its types, and its codec needs.

mod fingerprint;
mod print;
mod shape;

use tenon_model::{Str, Value};

pub(super) use self::shape::Shapes;

/// The types of a schema, which refer to each other by number, and the one that it is.
#[derive(Debug, Clone, PartialEq)]
pub struct Schema {
    nodes: Vec<Node>,
    root: NodeId,
}

/// The number of a type in its schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct NodeId(u32);

/// A type, and what it stands for.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    /// What its bytes are.
    pub form: Form,
    /// What they stand for.
    pub logical: Option<Logical>,
}

/// The types of Avro.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs, reason = "the names are those of the specification")]
pub enum Form {
    Null,
    Boolean,
    Int,
    Long,
    Float,
    Double,
    Bytes,
    String,
    Array(NodeId),
    Map(NodeId),
    Union(Vec<NodeId>),
    Record(Record),
    Enum(Enum),
    Fixed(Fixed),
}

/// Logical types (section "Logical Types" of the specification).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names are those of the specification")]
pub enum Logical {
    Decimal { precision: u32, scale: u32 },
    Uuid,
    Date,
    Time(Unit),
    Timestamp(Unit),
    LocalTimestamp(Unit),
    Duration,
}

/// What a number of a logical type counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names are those of the specification")]
pub enum Unit {
    Millis,
    Micros,
    Nanos,
}

impl Unit {
    /// The nanoseconds of one.
    #[must_use]
    pub fn nanoseconds(self) -> i64 {
        match self {
            Self::Millis => 1_000_000,
            Self::Micros => 1_000,
            Self::Nanos => 1,
        }
    }

    /// As the names of logical types end.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Millis => "millis",
            Self::Micros => "micros",
            Self::Nanos => "nanos",
        }
    }
}

/// What every named type has.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Name {
    /// The name with its namespace, if it has one: `shop.Order`.
    pub full: Str,
    /// The full names that it was called before.
    pub aliases: Vec<Str>,
    /// What it stands for.
    pub doc: Option<Str>,
}

impl Name {
    /// The name without its namespace.
    #[must_use]
    pub fn simple(&self) -> &str {
        self.full.rsplit('.').next().unwrap_or_default()
    }
}

/// A record, or an error of a protocol, which is one as well.
#[derive(Debug, Clone, PartialEq)]
pub struct Record {
    /// What it is called.
    pub name: Name,
    /// Its fields, in the order of their bytes.
    pub fields: Vec<Field>,
}

/// A field of a [`Record`].
#[derive(Debug, Clone, PartialEq)]
pub struct Field {
    /// What it is called.
    pub name: Str,
    /// What it was called before.
    pub aliases: Vec<Str>,
    /// What it stands for.
    pub doc: Option<Str>,
    /// What it holds.
    pub node: NodeId,
    /// What stands for it where a writer does not have it.
    pub default: Option<Value>,
    /// How it takes part in the order of records.
    pub order: Order,
}

/// How a field takes part in the order of records.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[allow(missing_docs, reason = "the names are those of the specification")]
pub enum Order {
    #[default]
    Ascending,
    Descending,
    Ignore,
}

impl Order {
    /// Each with the word for it.
    pub const ALL: &[(Order, &'static str)] =
        &[(Self::Ascending, "ascending"), (Self::Descending, "descending"), (Self::Ignore, "ignore")];
}

/// An enumeration.
#[derive(Debug, Clone, PartialEq)]
pub struct Enum {
    /// What it is called.
    pub name: Name,
    /// Its symbols, in the order of their numbers.
    pub symbols: Vec<Str>,
    /// The symbol that a reader takes for one that it does not have.
    pub default: Option<Str>,
}

/// So many bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fixed {
    /// What it is called.
    pub name: Name,
    /// How many.
    pub size: usize,
}

impl Form {
    /// The primitive types with their names.
    pub const PRIMITIVES: &[(&'static str, Form)] = &[
        ("null", Form::Null),
        ("boolean", Form::Boolean),
        ("int", Form::Int),
        ("long", Form::Long),
        ("float", Form::Float),
        ("double", Form::Double),
        ("bytes", Form::Bytes),
        ("string", Form::String),
    ];

    /// The name of the type as `type` has it: `record`, `long`.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Self::Array(_) => "array",
            Self::Map(_) => "map",
            Self::Union(_) => "union",
            Self::Record(_) => "record",
            Self::Enum(_) => "enum",
            Self::Fixed(_) => "fixed",
            primitive => {
                Self::PRIMITIVES.iter().find(|(_, form)| form == primitive).map_or("", |(name, _)| name)
            }
        }
    }

    /// The name, if this is a named type.
    #[must_use]
    pub fn name(&self) -> Option<&Name> {
        match self {
            Self::Record(it) => Some(&it.name),
            Self::Enum(it) => Some(&it.name),
            Self::Fixed(it) => Some(&it.name),
            _ => None,
        }
    }

    /// What tells it from the other branches of a union: the full name of a named type, the word of any other.
    #[must_use]
    pub fn tag(&self) -> &str {
        self.name().map_or_else(|| self.word(), |name| &name.full)
    }

    /// The types that it is made of, in order.
    #[must_use]
    pub fn parts(&self) -> Vec<NodeId> {
        match self {
            Self::Array(id) | Self::Map(id) => vec![*id],
            Self::Union(branches) => branches.clone(),
            Self::Record(record) => record.fields.iter().map(|field| field.node).collect(),
            _ => Vec::new(),
        }
    }
}

/// What no number of a schema leads to; there is none, so this only spares a panic.
static NOTHING: Node = Node { form: Form::Null, logical: None };

impl Schema {
    pub(super) fn new(nodes: Vec<Node>, root: NodeId) -> Self {
        Self { nodes, root }
    }

    /// The type that the schema is.
    #[must_use]
    pub fn root(&self) -> NodeId {
        self.root
    }

    /// The same types, of which `root` is the one meant.
    #[must_use]
    pub fn with_root(&self, root: NodeId) -> Self {
        Self { nodes: self.nodes.clone(), root }
    }

    /// The type of the number `id`.
    #[must_use]
    pub fn node(&self, id: NodeId) -> &Node {
        self.nodes.get(id.0 as usize).unwrap_or(&NOTHING)
    }

    /// What the bytes of the type `id` are.
    #[must_use]
    pub fn form(&self, id: NodeId) -> &Form {
        &self.node(id).form
    }

    /// The named types with their numbers, in the order of their definitions.
    pub fn named(&self) -> impl Iterator<Item = (NodeId, &Name)> {
        let numbered = self.nodes.iter().enumerate();
        numbered.filter_map(|(at, node)| Some((NodeId(u32::try_from(at).ok()?), node.form.name()?)))
    }
}

/// A schema while it is being made.
#[derive(Debug, Default)]
pub(super) struct Nodes(Vec<Node>);

impl Nodes {
    /// Adds a type; of a named one that is not complete yet, what is known of it.
    pub(super) fn add(&mut self, form: Form, logical: Option<Logical>) -> NodeId {
        let id = NodeId(u32::try_from(self.0.len()).unwrap_or(u32::MAX));
        self.0.push(Node { form, logical });
        id
    }

    pub(super) fn get_mut(&mut self, id: NodeId) -> Option<&mut Node> {
        self.0.get_mut(id.0 as usize)
    }

    pub(super) fn all(&self) -> &[Node] {
        &self.0
    }

    pub(super) fn get(&self, id: NodeId) -> &Node {
        self.0.get(id.0 as usize).unwrap_or(&NOTHING)
    }

    pub(super) fn finish(self, root: NodeId) -> Schema {
        Schema::new(self.0, root)
    }
}

impl NodeId {
    /// As an index.
    pub(super) fn at(self) -> usize {
        self.0 as usize
    }
}
