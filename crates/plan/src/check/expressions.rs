//! Compiling expressions where they stand in the project's files, and what is asked of their results.

use std::ops::Range;

use tenon_document::Node;
use tenon_errors::{
    Place, Report,
    catalogue::expression::{ABSENT_VALUE, TYPE_MISMATCH},
};
use tenon_mapping::{Expression, Locate, Scope, Source};
use tenon_model::{Kind, Shape};

use super::{Context, kinds};
use crate::parse::{read, setting};

/// A text in a file; finds the parts of an expression.
pub(crate) struct At(pub(crate) Node);

impl Locate for At {
    fn place(&self, span: Range<usize>) -> Place {
        self.0.place_in_text(span)
    }
}

/// The expression in `node`, with its places. A variable in its place was reported as that.
pub(crate) fn source(node: &Node) -> Option<Source> {
    if node.as_str().is_some_and(setting::is_variable) {
        return None;
    }
    Some(Source::new(read::text(node)?, At(node.clone())))
}

/// The expression in `node` with other text around it, with the places of what stands in the file.
pub(crate) fn source_within(node: &Node, before: &str, after: &str) -> Option<Source> {
    let text = format!("{before}{}{after}", read::text(node)?);
    Some(Source::new(text, Within { node: node.clone(), from: before.len() }))
}

/// A text in a file, from a byte of an expression on.
struct Within {
    node: Node,
    from: usize,
}

impl Locate for Within {
    fn place(&self, span: Range<usize>) -> Place {
        let end = self.node.scalar_text().map_or(0, |text| text.len());
        let at = |offset: usize| offset.saturating_sub(self.from).min(end);
        self.node.place_in_text(at(span.start)..at(span.end))
    }
}

/// Compiles the expression in `node`.
pub(crate) fn compile(node: &Node, scope: &Scope, context: &mut Context<'_>) -> Option<Expression> {
    let source = source(node)?;
    let compiled = Expression::compile(&source.text, &source, scope);
    context.take_all_at(&node.place(), compiled)
}

/// A problem unless the value of an expression is always there.
pub(crate) fn require_present(
    expression: &Expression,
    node: &Node,
    what: &str,
    context: &mut Context<'_>,
) -> Option<()> {
    let ty = expression.ty();
    let open = kinds::is_open(&ty.shape);
    if !ty.optional && (open || !ty.shape.allows_null()) {
        return Some(());
    }
    let message = format!("`{}` may be absent, and {what} must be present", expression.text());
    let hint = format!("give a default: `{}`", with_default(expression.text()));
    context.problem(Report::new(&ABSENT_VALUE, message).at(node.place()).hint(hint));
    None
}

/// A problem unless the value of an expression is a scalar.
pub(crate) fn require_scalar(
    expression: &Expression,
    node: &Node,
    what: &str,
    context: &mut Context<'_>,
) -> Option<()> {
    let shape = &expression.ty().shape;
    if kinds::is_open(shape) || kinds::scalar(shape).is_some() {
        return Some(());
    }
    let report = Report::new(
        &TYPE_MISMATCH,
        format!("{what} must be text, a number or another scalar, and this is {}", described(shape)),
    );
    context.problem(report.at(node.place()).hint("name one field of it"));
    None
}

/// A problem unless the value of an expression is true or false.
pub(crate) fn require_bool(expression: &Expression, node: &Node, context: &mut Context<'_>) -> Option<()> {
    let shape = &expression.ty().shape;
    if matches!(shape.resolved().kind, Kind::Bool | Kind::Any) {
        return Some(());
    }
    let report = Report::new(
        &TYPE_MISMATCH,
        format!("a filter must be true or false, and this is {}", described(shape)),
    );
    context.problem(
        report.at(node.place()).hint(format!("compare it with something: `{} == ...`", expression.text())),
    );
    None
}

/// A problem unless the value of an expression is text.
pub(crate) fn require_text(expression: &Expression, node: &Node, context: &mut Context<'_>) -> Option<()> {
    let shape = &expression.ty().shape;
    if kinds::is_open(shape) || kinds::scalar(shape) == Some(kinds::Scalar::Text) {
        return Some(());
    }
    let report =
        Report::new(&TYPE_MISMATCH, format!("text is expected here, and this is {}", described(shape)));
    let words = "write words in quotes: `'\"...\"'`";
    let hint = match kinds::scalar(shape) {
        Some(_) => format!("convert it: `string({})`, or {words}", expression.text()),
        None => format!("name a text, or {words}"),
    };
    context.problem(report.at(node.place()).hint(hint));
    None
}

/// A shape with its article, as in "and this is **a record flight**".
pub(crate) fn described(shape: &Shape) -> String {
    let name = shape.name();
    let plain = name.starts_with("text")
        || name.starts_with("bytes")
        || name.starts_with("one of")
        || name.starts_with("anything");
    if plain { name } else { crate::parse::object::a(&name) }
}

/// An expression with a value for when it is absent: `order.note` becomes `order.?note.orValue(...)`.
fn with_default(text: &str) -> String {
    let is_path = text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b'?'));
    match text.rsplit_once('.') {
        Some((_, field)) if is_path && field.starts_with('?') => format!("{text}.orValue(...)"),
        Some((record, field)) if is_path => format!("{record}.?{field}.orValue(...)"),
        _ => format!("({text}).orValue(...)"),
    }
}
