//! The syntax tree: what was written, before anything is known of names and types.

use std::{ops::Range, sync::Arc};

use tenon_model::Str;

/// One part of an expression and its byte range in the text.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Ast {
    pub(crate) syntax: Syntax,
    pub(crate) span: Range<usize>,
    /// The levels below and including this one.
    pub(crate) depth: usize,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Syntax {
    Null,
    Bool(bool),
    Int(i64),
    Uint(u64),
    /// A number with a fraction or an exponent: a double, or with all the digits of its text a decimal beside one.
    Float {
        value: f64,
        text: Str,
    },
    String(Str),
    Bytes(Arc<[u8]>),
    /// A name; `rooted` where it was written with a leading dot.
    Name {
        name: Str,
        rooted: bool,
    },
    /// `operand.field`, or `operand.?field`.
    Select {
        operand: Box<Ast>,
        field: Str,
        field_span: Range<usize>,
        optional: bool,
    },
    /// `operand[index]`, or `operand[?index]`.
    Index {
        operand: Box<Ast>,
        index: Box<Ast>,
        optional: bool,
    },
    /// `name(arguments)`, or `target.name(arguments)`.
    Call {
        target: Option<Box<Ast>>,
        name: Str,
        name_span: Range<usize>,
        arguments: Vec<Ast>,
    },
    List(Vec<Element>),
    Map(Vec<Entry>),
    /// `pkg.Type{field: value}`; `rooted` where the name was written with a leading dot.
    Message {
        name: Str,
        rooted: bool,
        setters: Vec<Setter>,
    },
    Unary(Unary, Box<Ast>),
    Binary(Binary, Box<Ast>, Box<Ast>),
    /// Operands of a chain of `&&`, which is associative.
    And(Vec<Ast>),
    /// Operands of a chain of `||`, which is associative.
    Or(Vec<Ast>),
    /// `condition ? yes : no`.
    Conditional(Box<Ast>, Box<Ast>, Box<Ast>),
}

/// An item of a list literal; `optional` where it was written `?item`.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Element {
    pub(crate) optional: bool,
    pub(crate) value: Ast,
}

/// An entry of a map literal; `optional` where it was written `?key: value`.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Entry {
    pub(crate) optional: bool,
    pub(crate) key: Ast,
    pub(crate) value: Ast,
}

/// A field of a message literal; `optional` where it was written `?field: value`.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Setter {
    pub(crate) optional: bool,
    pub(crate) field: Str,
    pub(crate) span: Range<usize>,
    pub(crate) value: Ast,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unary {
    Not,
    Negate,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Binary {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    In,
    Add,
    Subtract,
    Multiply,
    Divide,
    Remainder,
}

impl Binary {
    /// The operator as written.
    pub(crate) fn symbol(self) -> &'static str {
        match self {
            Self::Equal => "==",
            Self::NotEqual => "!=",
            Self::Less => "<",
            Self::LessOrEqual => "<=",
            Self::Greater => ">",
            Self::GreaterOrEqual => ">=",
            Self::In => "in",
            Self::Add => "+",
            Self::Subtract => "-",
            Self::Multiply => "*",
            Self::Divide => "/",
            Self::Remainder => "%",
        }
    }
}

impl Ast {
    /// The name, if this is one and nothing else.
    pub(crate) fn as_name(&self) -> Option<&Str> {
        if let Syntax::Name { name, .. } = &self.syntax { Some(name) } else { None }
    }

    /// Whether this is a chain of selects on a name that was written with a leading dot: `.a.b`.
    pub(crate) fn is_rooted(&self) -> bool {
        match &self.syntax {
            Syntax::Name { rooted, .. } => *rooted,
            Syntax::Select { operand, .. } => operand.is_rooted(),
            _ => false,
        }
    }

    /// The dotted name, if this is a chain of plain selects on a name: `a.b.c`.
    pub(crate) fn dotted(&self) -> Option<String> {
        match &self.syntax {
            Syntax::Name { name, .. } => Some(name.to_string()),
            Syntax::Select { operand, field, optional: false, .. } => {
                Some(format!("{}.{field}", operand.dotted()?))
            }
            _ => None,
        }
    }
}
