//! Where a value is needed, and a contract says that there may be none.

use tenon_errors::catalogue::expression::ABSENT_VALUE;

use super::{Checked, Checker};
use crate::{
    evaluate::Node,
    syntax::{Ast, Syntax},
    types::{Ty, View},
};

impl Checker<'_, '_> {
    /// Checks a part that has to be a value, and not null.
    pub(super) fn present(&mut self, ast: &Ast) -> (Node, Ty) {
        let (node, ty) = self.value(ast);
        let ty = self.not_null(ast, ty);
        (node, ty)
    }

    /// Checks a part that has to be there; it may be null.
    pub(super) fn value(&mut self, ast: &Ast) -> (Node, Ty) {
        let checked = self.check(ast);
        self.there(ast, checked)
    }

    /// Reports a checked part that may be absent.
    pub(super) fn there(&mut self, ast: &Ast, checked: Checked) -> (Node, Ty) {
        if checked.implicit {
            let hint = self.absence_hint(ast, &checked.ty);
            self.report(&ABSENT_VALUE, &ast.span, format!("{} may be absent", self.quote(ast)), hint);
        }
        (checked.node, checked.ty)
    }

    /// Reports a type that may be null, or is an optional where its content is needed.
    pub(super) fn not_null(&mut self, ast: &Ast, ty: Ty) -> Ty {
        if let View::Optional(inner) = ty.view() {
            let hint = format!("write `{}.orValue({})`", self.source(ast), sample(inner));
            self.report(
                &ABSENT_VALUE,
                &ast.span,
                format!("{} is optional and may have no value", self.quote(ast)),
                hint,
            );
            return inner.non_null();
        }
        if ty.may_be_null() && ty != Ty::Null {
            let hint = self.absence_hint(ast, &ty);
            self.report(&ABSENT_VALUE, &ast.span, format!("{} may be null", self.quote(ast)), hint);
            return ty.non_null();
        }
        ty
    }

    /// What to write instead of a part that may be absent or null.
    pub(super) fn absence_hint(&self, ast: &Ast, ty: &Ty) -> String {
        let whole = self.source(ast);
        match &ast.syntax {
            Syntax::Select { operand, field, optional: false, .. } => {
                let operand = self.source(operand);
                let test = quoted(&format!("has({whole}) ? ... : ..."));
                format!(
                    "write `{operand}.?{field}.orValue({})`, or test it: `{test}`",
                    sample(&ty.non_null())
                )
            }
            // A field whose name is no identifier; a comparison with null would need it to be there.
            Syntax::Index { operand, index, optional: false }
                if self.source(index).starts_with(['"', '\'']) =>
            {
                let (operand, index) = (self.source(operand), self.source(index));
                format!("write `{operand}[?{index}].orValue({})`", sample(&ty.non_null()))
            }
            _ => format!("test it: `{}`", quoted(&format!("{whole} != null ? ... : ..."))),
        }
    }
}

/// An expression as it can be pasted into a project: ` ? ` and ` : ` mean something else outside of quotes.
fn quoted(text: &str) -> String {
    if text.contains(['"', '\\']) { format!("'{}'", text.replace('\'', "''")) } else { format!("\"{text}\"") }
}

/// A value of this type, as an example for hints.
fn sample(ty: &Ty) -> String {
    if let Some(first) = ty.enumerated().and_then(|values| values.first().cloned()) {
        return first.to_string();
    }
    match ty.view() {
        View::Text => "\"\"",
        View::Int => "0",
        View::Uint => "0u",
        View::Float => "0.0",
        View::Bool => "false",
        View::List(_) => "[]",
        _ => "...",
    }
    .to_owned()
}
