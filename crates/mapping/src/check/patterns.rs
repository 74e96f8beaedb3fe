//! Calls with a regular expression. One that is a constant is compiled here, so that a wrong one is told before any message.

use tenon_errors::catalogue::expression::BAD_EXPRESSION;

use super::{Checker, select::constant_text};
use crate::{
    evaluate::{Node, Op, SearchNode},
    functions::{Function, Search, compile_pattern, replacement},
    syntax::Ast,
};

impl Checker<'_, '_> {
    /// A call with a regular expression: one that is a constant is compiled here, and checked with what goes with it.
    pub(super) fn search(
        &mut self,
        function: &'static Function,
        search: Search,
        nodes: Vec<Node>,
        parts: &[&Ast],
    ) -> Op {
        let pattern = nodes.get(1).and_then(constant_text).map(|pattern| {
            let compiled = compile_pattern(pattern)?;
            search.check(&compiled).map(|()| compiled)
        });
        let span = |at: usize| parts.get(at).map_or(0..0, |part| part.span.clone());
        let pattern = match pattern {
            Some(Err(message)) => {
                self.report(&BAD_EXPRESSION, &span(1), message, "correct the pattern");
                return Op::Call(function, nodes.into());
            }
            Some(Ok(pattern)) => Some(pattern),
            None => None,
        };
        if let (Search::Replace, Some(with)) = (search, nodes.get(2).and_then(constant_text))
            && let Err(message) = replacement(with, pattern.as_ref())
        {
            self.report(&BAD_EXPRESSION, &span(2), message, "correct the replacement");
        }
        let Some(pattern) = pattern else { return Op::Call(function, nodes.into()) };
        let mut nodes = nodes.into_iter();
        match (nodes.next(), nodes.next()) {
            (Some(text), Some(_)) => {
                let rest = nodes.collect();
                Op::Search(Box::new(SearchNode { name: function.name, search, pattern, text, rest }))
            }
            (text, _) => Op::Call(function, text.into_iter().collect()),
        }
    }
}
