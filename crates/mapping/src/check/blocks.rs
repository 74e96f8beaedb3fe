//! `cel.block`, `cel.index` and `cel.iterVar`: common parts of an expression that are computed once, as optimizers write them; and
//! extensions of messages, which are fields of another name.

use std::ops::Range;

use tenon_errors::catalogue::expression::{BAD_EXPRESSION, TYPE_MISMATCH, UNKNOWN_VARIABLE};
use tenon_model::Str;

use super::{Checked, Checker, Local, select::Wanted};
use crate::{
    evaluate::{Node, Op},
    functions::Macro,
    syntax::{Ast, Syntax},
    types::Ty,
};

impl Checker<'_, '_> {
    /// `cel.block([first, second], body)`: each slot sees those before it.
    pub(super) fn block(&mut self, ast: &Ast, macro_name: &str, slots: &Ast, body: &Ast) -> Checked {
        let Syntax::List(elements) = &slots.syntax else {
            let message = format!("`{macro_name}` takes a list that is written out");
            self.report(&BAD_EXPRESSION, &slots.span, message, "write `cel.block([a, b], ...)`");
            return self.failed(ast);
        };
        let depth = self.environment.locals.len();
        let mut nodes: Vec<Node> = Vec::with_capacity(elements.len());
        for (number, element) in elements.iter().enumerate() {
            // Whoever reads a slot that fails fails, and perhaps nobody does.
            let checked = self.under(Vec::new(), |checker| checker.check(&element.value));
            let (node, ty) = self.there(&element.value, checked);
            nodes.push(node);
            self.environment.locals.push(Local { name: index_name(number), ty });
        }
        let inner = self.under(Vec::new(), |checker| checker.check(body));
        self.environment.locals.truncate(depth);
        let op = Op::Block(nodes.into(), Box::new(inner.node));
        Checked { implicit: inner.implicit, ..self.make(op, &ast.span, inner.ty) }
    }

    /// `cel.index(n)` or `cel.iterVar(depth, n)` as a value.
    pub(super) fn slot(&mut self, ast: &Ast, kind: Macro, macro_name: &str, span: &Range<usize>) -> Checked {
        let Some(name) = slot_name(ast) else { return self.misused(ast, kind, macro_name, span) };
        if let Some((root, ty)) = self.resolve(&name, false) {
            return self.variable(ast, root, name, ty);
        }
        let message = format!("{} is not defined here", self.quote(ast));
        self.report(&UNKNOWN_VARIABLE, &ast.span, message, "use it within what defines it");
        self.failed(ast)
    }

    /// `proto.getExt(message, a.b.c)` and `proto.hasExt(message, a.b.c)`.
    pub(super) fn extension(
        &mut self,
        ast: &Ast,
        is_test: bool,
        macro_name: &str,
        target: &Ast,
        extension: &Ast,
    ) -> Checked {
        let Some(name) = extension.dotted() else {
            let message = format!("{} is not the name of an extension", self.quote(extension));
            let hint = format!("write its full name, such as `{macro_name}(message, shop.v1.priority)`");
            self.report(&TYPE_MISMATCH, &extension.span, message, hint);
            return self.failed(ast);
        };
        let field = Str::from(format!("[{name}]"));
        let wanted = if is_test { Wanted::Has } else { Wanted::Value };
        let checked = self.select(ast, target, &field, &extension.span, wanted);
        if is_test { Checked { ty: Ty::BOOL, implicit: false, ..checked } } else { checked }
    }
}

/// The name that stands for a slot among the variables. No name that is written has an `@`.
fn index_name(number: usize) -> Str {
    Str::from(format!("@index{number}"))
}

/// The name of the variable that `cel.index(n)` or `cel.iterVar(depth, n)` stands for, if `ast` is one of them.
pub(super) fn slot_name(ast: &Ast) -> Option<Str> {
    let Syntax::Call { target: Some(target), name, arguments, .. } = &ast.syntax else { return None };
    if target.as_name().is_none_or(|target| target != "cel") {
        return None;
    }
    let number = |ast: &Ast| match ast.syntax {
        Syntax::Int(n) => usize::try_from(n).ok(),
        _ => None,
    };
    match (name.as_str(), arguments.as_slice()) {
        ("index", [at]) => number(at).map(index_name),
        ("iterVar", [depth, at]) => Some(Str::from(format!("@it:{}:{}", number(depth)?, number(at)?))),
        _ => None,
    }
}
