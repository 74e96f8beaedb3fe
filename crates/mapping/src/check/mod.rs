//! Syntax tree to typed, compiled nodes: every name is resolved, every operand is known to be there and of a kind that
//! fits, constants are folded. All problems are collected; after one, the part counts as `dyn` so that it is named once.

mod absence;
mod arguments;
mod blocks;
mod calls;
mod certain;
mod comparisons;
mod exact;
mod fold;
mod hints;
mod literals;
mod macros;
mod messages;
mod names;
mod narrow;
mod objects;
mod operators;
mod patterns;
mod ranges;
mod select;
mod synonyms;

pub(crate) use self::narrow::learned;

use std::{collections::HashMap, ops::Range};

use tenon_errors::{
    Code, Place, Report, Reports,
    catalogue::expression::{BAD_EXPRESSION, EXPRESSION_LIMIT, TYPE_MISMATCH},
};
use tenon_model::Str;

use crate::{
    Locate, Scope,
    evaluate::{Node, Op, Root, Val},
    syntax::{Ast, Syntax, SyntaxError, Unary, parse},
    types::Ty,
};

/// What the expressions of one mapping share: the variables and the table of places.
#[derive(Debug)]
pub(crate) struct Environment<'a> {
    pub(crate) scope: &'a Scope,
    pub(crate) locals: Vec<Local>,
    pub(crate) places: Vec<Place>,
}

/// A variable of a macro or of `each`.
#[derive(Debug, Clone)]
pub(crate) struct Local {
    pub(crate) name: Str,
    pub(crate) ty: Ty,
}

impl<'a> Environment<'a> {
    pub(crate) fn new(scope: &'a Scope) -> Self {
        Self { scope, locals: Vec::new(), places: Vec::new() }
    }
}

/// A checked and compiled part.
#[derive(Debug, Clone)]
pub(crate) struct Checked {
    pub(crate) node: Node,
    pub(crate) ty: Ty,
    /// A contract says that this may be absent: the node gives an optional of `ty`, without the user having asked for
    /// one. Whoever needs a value reports it.
    pub(crate) implicit: bool,
}

/// Reads, checks and compiles `text`.
pub(crate) fn compile(
    text: &str,
    at: &dyn Locate,
    environment: &mut Environment<'_>,
) -> Result<Checked, Reports> {
    let (checked, reports) = compile_anyway(text, at, environment)?;
    reports.finish(checked)
}

/// What the place where an expression stands needs of its value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Need {
    /// Whether there has to be one.
    pub(crate) present: bool,
    /// Whether it must not be null.
    pub(crate) not_null: bool,
}

/// The same, for a place that needs a value. An optional is opened, so that `implicit` says all about absence.
pub(crate) fn compile_for(
    need: Need,
    text: &str,
    at: &dyn Locate,
    environment: &mut Environment<'_>,
) -> Result<Checked, Reports> {
    let ast = parse(text).map_err(|error| syntax_report(error, at))?;
    let mut checker = Checker::new(text, &ast, at, environment);
    let mut checked = checker.check(&ast);
    if need.present {
        let (node, ty) = checker.there(&ast, checked);
        let guarded = need.not_null || matches!(ty, Ty::Optional(_));
        let ty = if guarded { checker.not_null(&ast, ty) } else { ty };
        checked = Checked { node, ty, implicit: false };
    } else if let Ty::Optional(inner) = &checked.ty {
        checked = Checked { ty: (**inner).clone(), implicit: true, ..checked };
    }
    let reports = checker.finish(&checked);
    reports.finish(Checked { ty: checked.ty.in_data(), ..checked })
}

/// The same, where only the syntax has to be right: CEL may be evaluated without its type check.
pub(crate) fn compile_anyway(
    text: &str,
    at: &dyn Locate,
    environment: &mut Environment<'_>,
) -> Result<(Checked, Reports), Reports> {
    let ast = parse(text).map_err(|error| syntax_report(error, at))?;
    let mut checker = Checker::new(text, &ast, at, environment);
    let checked = checker.check(&ast);
    let reports = checker.finish(&checked);
    Ok((checked, reports))
}

fn syntax_report(error: SyntaxError, at: &dyn Locate) -> Report {
    let code = if error.limit { &EXPRESSION_LIMIT } else { &BAD_EXPRESSION };
    let report = Report::new(code, error.message).at(at.place(error.span));
    if let Some(hint) = error.hint { report.hint(hint) } else { report }
}

/// Checks one expression.
struct Checker<'c, 'a> {
    text: &'c str,
    at: &'c dyn Locate,
    environment: &'c mut Environment<'a>,
    reports: Reports,
    /// What is known at this point, by the conditions before it and around it.
    facts: Vec<Fact>,
    /// The parts that fail whenever they are evaluated, by the index of their place.
    failing: HashMap<u32, Report>,
    whole_is_name: bool,
    /// Whether the part that is checked is compared with a text.
    beside_text: bool,
    /// What becomes of the digits of numbers that are written.
    digits: exact::Digits,
}

/// What is known of a variable, or of a field below one.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Fact {
    path: FactPath,
    known: Known,
}

/// A variable, or a field below one.
type FactPath = (Root, Vec<Str>);

/// What is known of a value.
#[derive(Debug, Clone, PartialEq)]
enum Known {
    /// It is there and not null.
    There,
    /// Its type is one of these.
    Is(Vec<&'static str>),
    /// Its type is not this.
    IsNot(&'static str),
    /// Its field of this name holds this text.
    Tag(Str, Str),
    /// Its field of this name does not hold this text.
    NotTag(Str, Str),
}

impl<'c, 'a> Checker<'c, 'a> {
    fn new(text: &'c str, ast: &Ast, at: &'c dyn Locate, environment: &'c mut Environment<'a>) -> Self {
        let whole_is_name = ast.as_name().is_some();
        let facts = environment.scope.facts().to_vec();
        Self {
            text,
            at,
            environment,
            reports: Reports::new(),
            facts,
            failing: HashMap::new(),
            whole_is_name,
            beside_text: false,
            digits: exact::Digits::Kept,
        }
    }
}

impl Checker<'_, '_> {
    fn check(&mut self, ast: &Ast) -> Checked {
        match &ast.syntax {
            Syntax::Null
            | Syntax::Bool(_)
            | Syntax::Int(_)
            | Syntax::Uint(_)
            | Syntax::Float { .. }
            | Syntax::String(_)
            | Syntax::Bytes(_) => self.literal(ast),
            Syntax::List(elements) => self.list(ast, elements),
            Syntax::Map(entries) => self.map(ast, entries),
            Syntax::Message { name, rooted, setters } => self.message(ast, name, *rooted, setters),
            Syntax::Name { name, rooted } => self.name(ast, name, *rooted),
            Syntax::Select { operand, field, field_span, optional } => {
                let wanted = if *optional { select::Wanted::Optional } else { select::Wanted::Value };
                self.select(ast, operand, field, field_span, wanted)
            }
            Syntax::Index { operand, index, optional } => self.index(ast, operand, index, *optional),
            Syntax::Call { target, name, name_span, arguments } => {
                self.call(ast, target.as_deref(), name, name_span, arguments)
            }
            Syntax::Unary(Unary::Not, operand) => self.not(ast, operand),
            Syntax::Unary(Unary::Negate, operand) => self.negate(ast, operand),
            Syntax::Binary(operator, left, right) => self.binary(ast, *operator, left, right),
            Syntax::And(operands) => self.logic(ast, operands, true),
            Syntax::Or(operands) => self.logic(ast, operands, false),
            Syntax::Conditional(condition, yes, no) => self.choose(ast, condition, yes, no),
        }
    }

    /// Makes a node, with its place.
    fn make(&mut self, op: Op, span: &Range<usize>, ty: Ty) -> Checked {
        let at = u32::try_from(self.environment.places.len()).unwrap_or(u32::MAX);
        self.environment.places.push(self.at.place(span.clone()));
        Checked { node: Node::new(op, at), ty, implicit: false }
    }

    fn constant(&mut self, value: Val, span: &Range<usize>, ty: Ty) -> Checked {
        self.make(Op::Constant(value), span, ty)
    }

    /// The stand-in for a part that was reported, which fails by what was reported last.
    fn failed(&mut self, ast: &Ast) -> Checked {
        let report = self.reports.iter().last().cloned().unwrap_or_else(|| {
            let place = self.at.place(ast.span.clone());
            Report::new(&TYPE_MISMATCH, "this part of the expression has no meaning").at(place)
        });
        self.make(Op::Fail(report), &ast.span, Ty::DYN)
    }

    fn report(
        &mut self,
        code: &'static Code,
        span: &Range<usize>,
        message: impl Into<String>,
        hint: impl Into<String>,
    ) {
        let hint = hint.into();
        let report = Report::new(code, message).at(self.at.place(span.clone()));
        self.reports.push(if hint.is_empty() { report } else { report.hint(hint) });
    }

    /// How messages quote a part of the expression.
    fn quote(&self, ast: &Ast) -> String {
        let text = self.text.get(ast.span.clone()).unwrap_or_default();
        if text.len() <= 60 && !text.contains('\n') { format!("`{text}`") } else { "this value".to_owned() }
    }

    /// The source text of a part, for hints.
    fn source(&self, ast: &Ast) -> &str {
        let text = self.text.get(ast.span.clone()).unwrap_or_default();
        if text.len() <= 60 && !text.contains('\n') { text } else { "x" }
    }

    /// Checks a part knowing `facts`.
    fn under(&mut self, facts: Vec<Fact>, check: impl FnOnce(&mut Self) -> Checked) -> Checked {
        let known = self.facts.len();
        self.facts.extend(facts);
        let checked = check(self);
        self.facts.truncate(known);
        checked
    }
}
