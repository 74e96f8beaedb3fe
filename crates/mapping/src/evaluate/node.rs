//! The compiled form of an expression.

use std::sync::Arc;

use regex::Regex;
use tenon_errors::Report;
use tenon_model::{Str, map::Hint};

use super::{Val, convert::Conversion};
use crate::{
    functions::{Draw, Function, Search},
    messages::{Enumeration, MessageType, MessageTypes},
    syntax::Binary,
};

/// A part of a compiled expression, and the index of its place in the machine's table of places.
#[derive(Debug, Clone)]
pub(crate) struct Node {
    pub(crate) op: Op,
    pub(crate) at: u32,
}

#[derive(Debug, Clone)]
pub(crate) enum Op {
    Constant(Val),
    /// A variable, or fields of one: read where it lies, without copying the records on the way.
    Path(Box<PathNode>),
    /// A field of a computed value.
    Field(Box<Node>, StepNode, Get),
    Index(Box<(Node, Node)>, Get),
    Call(&'static Function, Box<[Node]>),
    /// A function of a regular expression that is known.
    Search(Box<SearchNode>),
    Now,
    /// `uuid()` or `uuid7()`, the latter of a time where it says which.
    Draw(Draw, Option<Box<Node>>),
    List(Box<[ItemNode]>),
    Map(Box<[EntryNode]>),
    Not(Box<Node>),
    Negate(Box<Node>),
    Binary(Binary, Box<(Node, Node)>),
    /// A chain of `+` on what is known to be text, joined at once.
    Join(Box<[Node]>),
    And(Box<[Node]>),
    Or(Box<[Node]>),
    Conditional(Box<(Node, Node, Node)>),
    /// Whether an optional has a value other than null.
    IsPresent(Box<Node>),
    /// `optional.of(x)`.
    Wrap(Box<Node>),
    Loop(Box<Loop>),
    /// The value becomes a local variable of the body.
    Bind(Box<(Node, Node)>),
    /// Slots, each of which sees those before it, and what is made of them: `cel.block`.
    Block(Box<[Node]>, Box<Node>),
    /// A message that is made.
    Message(Box<MessageNode>),
    /// A field of what may be a message, whose fields stand for something also where they are not set.
    Member(Box<Node>, StepNode, Get, Lent),
    /// An object that is made as its contract has it.
    Made(Box<Node>, Conversion),
    /// The type of what may be a message.
    TypeOf(Box<Node>, Lent),
    /// A member of an enumeration, by its number or name.
    ToEnum(Box<Node>, Arc<Enumeration>),
    /// `optMap`, and where flat `optFlatMap`: the body on the content of an optional.
    OptMap {
        parts: Box<(Node, Node)>,
        flat: bool,
    },
    /// A part whose failures do not show values, since it reads what is named, which a contract calls personal or secret.
    Quiet(Box<(Node, Str)>),
    /// Fails whenever it is evaluated: what the checker could not make sense of.
    Fail(Report),
}

/// A call of a function with a regular expression that was compiled and checked.
#[derive(Debug, Clone)]
pub(crate) struct SearchNode {
    pub(crate) name: &'static str,
    pub(crate) search: Search,
    pub(crate) pattern: Regex,
    pub(crate) text: Node,
    /// What follows the pattern.
    pub(crate) rest: Vec<Node>,
}

/// Where a path starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Root {
    /// A slot of the frame.
    Slot(usize),
    /// A variable of a macro, by its position on the stack.
    Local(usize),
}

/// A variable and fields below it.
#[derive(Debug, Clone)]
pub(crate) struct PathNode {
    pub(crate) root: Root,
    pub(crate) name: Str,
    /// Whether the variable is optional: null in the frame stands for none.
    pub(crate) optional: bool,
    /// Whether the variable may be null where fields of it are read leniently.
    pub(crate) lenient: bool,
    /// Whether the variable is an integer by its contract.
    pub(crate) integer: bool,
    pub(crate) steps: Vec<StepNode>,
    pub(crate) get: Get,
}

/// One field on the way.
#[derive(Debug, Clone)]
pub(crate) struct StepNode {
    pub(crate) name: Str,
    /// Where records of the contract usually hold it.
    pub(crate) hint: Hint,
    /// Whether a value that is missing or null here makes what lies below it absent, rather than a failure.
    pub(crate) lenient: bool,
    /// Whether that which should have the field may be something without fields, which then has none of this name.
    pub(crate) mixed: bool,
    /// Whether it is an integer by its contract.
    pub(crate) integer: bool,
}

/// What is wanted of a field or item.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Get {
    /// The value; a failure if there is none.
    Value,
    /// An optional; where `null_is_none`, null counts as none.
    Optional { null_is_none: bool },
    /// Whether there is one; where `null_is_none`, null counts as none.
    Has { null_is_none: bool },
}

#[derive(Debug, Clone)]
pub(crate) struct ItemNode {
    pub(crate) optional: bool,
    pub(crate) value: Node,
}

#[derive(Debug, Clone)]
pub(crate) struct EntryNode {
    pub(crate) optional: bool,
    pub(crate) key: Node,
    pub(crate) value: Node,
}

/// A message that is made.
#[derive(Debug, Clone)]
pub(crate) struct MessageNode {
    pub(crate) types: Lent,
    pub(crate) message: Arc<MessageType>,
    pub(crate) setters: Vec<SetterNode>,
}

/// A field that is set; behind `?` only where the optional has a value.
#[derive(Debug, Clone)]
pub(crate) struct SetterNode {
    pub(crate) field: Str,
    pub(crate) optional: bool,
    pub(crate) value: Node,
}

/// The message types that a host lends.
pub(crate) type Lent = Arc<dyn MessageTypes>;

/// A macro that goes over the items of a list or the keys of a map.
#[derive(Debug, Clone)]
pub(crate) struct Loop {
    pub(crate) kind: LoopKind,
    pub(crate) range: Node,
    /// Whether it goes over what there may be any number of, and not over the fields of a record, which it reads all.
    pub(crate) of_items: bool,
    /// Whether the body has two variables: index and item, or key and value.
    pub(crate) pairs: bool,
    /// Only items for which this is true count.
    pub(crate) filter: Option<Node>,
    pub(crate) body: Node,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LoopKind {
    All,
    Exists,
    ExistsOne,
    /// A list of what the body gives.
    Map,
    /// The items for which the body is true.
    Filter,
    /// A map with the same keys and what the body gives.
    TransformMap,
    /// A map of the entries that the body gives.
    TransformMapEntry,
    /// The items in the order of what the body gives.
    SortBy,
}

impl Node {
    pub(crate) fn new(op: Op, at: u32) -> Self {
        Self { op, at }
    }

    /// The value, if this is a constant.
    pub(crate) fn constant(&self) -> Option<&Val> {
        if let Op::Constant(value) = &self.op { Some(value) } else { None }
    }
}
