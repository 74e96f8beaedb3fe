//! Variables and the names of types.

use tenon_errors::{catalogue::expression::UNKNOWN_VARIABLE, nearest};
use tenon_model::Str;

use super::{Checked, Checker};
use crate::{
    evaluate::{Get, Op, PathNode, Root, Val, value::TYPE_NAMES},
    syntax::Ast,
    types::{Ty, View},
};

/// What other languages call a value, and what is written here.
const LITERALS: &[(&str, &str)] = &[
    ("true", "true"),
    ("yes", "true"),
    ("on", "true"),
    ("false", "false"),
    ("no", "false"),
    ("off", "false"),
    ("null", "null"),
    ("nil", "null"),
    ("none", "null"),
    ("undefined", "null"),
];

impl Checker<'_, '_> {
    /// What a name stands for: the innermost variable of a macro, else a variable of the scope.
    pub(super) fn resolve(&self, name: &str, rooted: bool) -> Option<(Root, Ty)> {
        let locals = &self.environment.locals;
        if let Some(at) = locals.iter().rposition(|local| local.name == name).filter(|_| !rooted) {
            return Some((Root::Local(at), locals[at].ty.clone()));
        }
        self.environment.scope.resolve(name, rooted).map(|(slot, ty)| (Root::Slot(slot), ty))
    }

    pub(super) fn name(&mut self, ast: &Ast, name: &Str, rooted: bool) -> Checked {
        if let Some((root, ty)) = self.resolve(name, rooted) {
            return self.variable(ast, root, name.clone(), ty);
        }
        if let Some(constant) = self.named(ast, name, rooted) {
            return constant;
        }
        self.unknown(ast, name);
        self.failed(ast)
    }

    pub(super) fn variable(&mut self, ast: &Ast, root: Root, name: Str, ty: Ty) -> Checked {
        // The frame holds null for an optional that has no value; on the stack of locals an optional is one.
        let optional = matches!((&ty, root), (Ty::Optional(_), Root::Slot(_)));
        let path = (root, Vec::new());
        let ty = if self.knows(&path) { ty.non_null() } else { ty };
        let ty = self.narrowed(&path, ty);
        let integer = matches!(ty.view(), View::Int);
        let path =
            PathNode { root, name, optional, lenient: false, integer, steps: Vec::new(), get: Get::Value };
        self.make(Op::Path(Box::new(path)), &ast.span, ty)
    }

    /// The type of this name, as a value.
    pub(super) fn type_name(&mut self, ast: &Ast, name: &str) -> Option<Checked> {
        let known = TYPE_NAMES.iter().find(|known| **known == name)?;
        Some(self.constant(Val::Type(Str::new_static(known)), &ast.span, Ty::Type))
    }

    fn unknown(&mut self, ast: &Ast, name: &str) {
        let locals = self.environment.locals.iter().map(|local| &local.name);
        let names: Vec<Str> = locals.chain(self.environment.scope.names()).cloned().collect();
        let literal =
            LITERALS.iter().find(|(other, _)| other.eq_ignore_ascii_case(name)).map(|(_, ours)| *ours);
        let near = literal.or_else(|| nearest(name, names.iter().map(Str::as_str)));
        let hint = match (near, self.whole_is_name) {
            (Some(near), true) => format!("write `{near}`, or `{{ value: {name} }}` for a constant text"),
            (Some(near), false) if self.beside_text => {
                format!("write `{near}`, or `\"{name}\"` for a text")
            }
            (Some(near), false) => format!("write `{near}`"),
            (None, true) => format!("write `{{ value: {name} }}` for a constant text"),
            (None, false) if self.beside_text => format!("write `\"{name}\"` for a text"),
            (None, false) if names.is_empty() => {
                "use only literals and functions: there are no variables here".to_owned()
            }
            (None, false) if names.len() == 1 => {
                format!("write `{}`, the only variable here", names[0])
            }
            (None, false) => format!("use one of {}", listed(&names)),
        };
        self.report(&UNKNOWN_VARIABLE, &ast.span, format!("`{name}` is not defined here"), hint);
    }
}

/// Names for a hint, not too many.
pub(super) fn listed(names: &[Str]) -> String {
    let shown: Vec<_> = names.iter().take(12).map(|name| format!("`{name}`")).collect();
    let more = if names.len() > 12 { ", ..." } else { "" };
    format!("{}{more}", shown.join(", "))
}
