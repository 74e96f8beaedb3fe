//! Text to syntax tree: the grammar of CEL (cel-spec `doc/langdef.md`), with the byte range of every part.

mod composites;
mod habits;
mod lexer;
mod literal;
mod parser;
#[cfg(test)]
mod tests;
mod tree;
mod unary;

use std::ops::Range;

pub(crate) use parser::parse;
pub(crate) use tree::{Ast, Binary, Element, Entry, Setter, Syntax, Unary};

/// The most bytes of an expression.
pub(crate) const MAX_TEXT: usize = 16 * 1024;
/// The most levels of an expression: of parentheses, operands, members and arguments.
pub(crate) const MAX_DEPTH: usize = 100;

/// Why a text is not an expression.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SyntaxError {
    /// Where.
    pub(crate) span: Range<usize>,
    /// What is wrong there.
    pub(crate) message: String,
    /// What to do about it, where that is clear.
    pub(crate) hint: Option<String>,
    /// Whether the text is right but exceeds a limit.
    pub(crate) limit: bool,
}

impl SyntaxError {
    fn new(span: Range<usize>, message: impl Into<String>) -> Self {
        Self { span, message: message.into(), hint: None, limit: false }
    }

    fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    fn limit(mut self) -> Self {
        self.limit = true;
        self
    }
}

/// Whether a field of this name can be written behind a dot.
pub(crate) fn is_name(text: &str) -> bool {
    let mut letters = text.chars();
    letters.next().is_some_and(|first| first.is_ascii_alphabetic() || first == '_')
        && letters.all(|letter| letter.is_ascii_alphanumeric() || letter == '_')
        && !matches!(text, "true" | "false" | "null" | "in")
}
