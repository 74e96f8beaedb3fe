//! The macros: their arguments are names and parts of the expression, not values.

use std::ops::Range;

use tenon_errors::catalogue::expression::{BAD_EXPRESSION, TYPE_MISMATCH, UNKNOWN_FUNCTION};
use tenon_model::Str;

use super::{Checked, Checker, Local, blocks::slot_name};
use crate::{
    evaluate::{Loop, LoopKind, Node, Op},
    functions::Macro,
    syntax::Ast,
    types::{Ty, View, joined},
};

impl Checker<'_, '_> {
    pub(super) fn expand(
        &mut self,
        ast: &Ast,
        kind: Macro,
        name: &str,
        receiver: Option<&Ast>,
        span: &Range<usize>,
        arguments: &[Ast],
    ) -> Checked {
        match (kind, receiver, arguments) {
            (Macro::Has, None, [field]) => self.has(ast, field),
            (Macro::Bind, None, [variable, value, body]) => self.bind(ast, name, variable, value, body),
            (Macro::Block, None, [slots, body]) => self.block(ast, name, slots, body),
            (Macro::Index | Macro::IterVar, None, _) => self.slot(ast, kind, name, span),
            (Macro::GetExt | Macro::HasExt, None, [target, extension]) => {
                self.extension(ast, kind == Macro::HasExt, name, target, extension)
            }
            (Macro::OptMap | Macro::OptFlatMap, Some(target), [variable, body]) => {
                self.opt_map(ast, kind == Macro::OptFlatMap, name, target, variable, body)
            }
            (_, Some(target), arguments) => match loop_parts(kind, arguments) {
                Some(parts) => self.go_over(ast, name, target, &parts),
                None => self.misused(ast, kind, name, span),
            },
            _ => self.misused(ast, kind, name, span),
        }
    }

    pub(super) fn misused(&mut self, ast: &Ast, kind: Macro, name: &str, span: &Range<usize>) -> Checked {
        let message = format!("`{name}` is not called like this");
        self.report(&UNKNOWN_FUNCTION, span, message, format!("call it as `{}`", kind.signature()));
        self.failed(ast)
    }

    /// The name that a macro gives to a value.
    fn variable_name(&mut self, ast: &Ast, macro_name: &str) -> Option<Str> {
        if let Some(name) = ast.as_name().cloned().or_else(|| slot_name(ast)) {
            return Some(name);
        }
        let message = format!("{} is not a name", self.quote(ast));
        let hint = format!("write a name of your own as the first argument of `{macro_name}`, such as `x`");
        self.report(&BAD_EXPRESSION, &ast.span, message, hint);
        None
    }

    /// Checks a body that sees `locals`.
    pub(super) fn body(&mut self, locals: Vec<Local>, check: impl FnOnce(&mut Self) -> Checked) -> Checked {
        let depth = self.environment.locals.len();
        self.environment.locals.extend(locals);
        let checked = self.under(Vec::new(), check);
        self.environment.locals.truncate(depth);
        checked
    }

    fn bind(&mut self, ast: &Ast, macro_name: &str, variable: &Ast, value: &Ast, body: &Ast) -> Checked {
        let (value_node, ty) = self.value(value);
        let Some(name) = self.variable_name(variable, macro_name) else { return self.failed(ast) };
        let inner = self.body(vec![Local { name, ty }], |checker| checker.check(body));
        let mut checked = self.make(Op::Bind(Box::new((value_node, inner.node))), &ast.span, inner.ty);
        checked.implicit = inner.implicit;
        checked
    }

    fn opt_map(
        &mut self,
        ast: &Ast,
        flat: bool,
        macro_name: &str,
        target: &Ast,
        variable: &Ast,
        body: &Ast,
    ) -> Checked {
        let (target_node, ty) = self.value(target);
        let inner = match ty.view() {
            View::Optional(inner) => inner.clone(),
            View::Dyn => Ty::DYN,
            _ => {
                let message =
                    format!("`{macro_name}` needs an optional, and {} is {}", self.quote(target), ty.name());
                self.report(&TYPE_MISMATCH, &target.span, message, self.optional_hint(target));
                Ty::DYN
            }
        };
        let Some(name) = self.variable_name(variable, macro_name) else { return self.failed(ast) };
        let made = self.body(vec![Local { name, ty: inner }], |checker| checker.check(body));
        // A body that may be absent gives an optional already.
        let (flat, ty) = match (flat || made.implicit, &made.ty) {
            (false, ty) => (false, Ty::optional(ty.clone())),
            (true, ty) if made.implicit => (true, Ty::optional(ty.non_null())),
            (true, Ty::Optional(_)) => (true, made.ty.clone()),
            (true, ty) if ty.is_dyn() => (true, Ty::optional(Ty::DYN)),
            (true, ty) => {
                let message =
                    format!("`{macro_name}` needs an optional, and {} is {}", self.quote(body), ty.name());
                self.report(&TYPE_MISMATCH, &body.span, message, "write `optMap`");
                (true, Ty::DYN)
            }
        };
        let parts = Box::new((target_node, made.node));
        self.make(Op::OptMap { parts, flat }, &ast.span, ty)
    }

    fn optional_hint(&self, target: &Ast) -> String {
        match target.dotted().as_deref().and_then(|dotted| dotted.rsplit_once('.')) {
            Some((operand, field)) => format!("write `{operand}.?{field}`"),
            None => format!("write `optional.of({})`", self.source(target)),
        }
    }

    fn go_over(&mut self, ast: &Ast, macro_name: &str, target: &Ast, parts: &LoopParts<'_>) -> Checked {
        let (range, range_ty) = self.present(target);
        let (key_ty, item_ty) = self.items(macro_name, target, &range_ty, parts.names.len() == 2);
        let loop_key = key_ty.clone();
        let mut locals = Vec::with_capacity(2);
        let types =
            if parts.names.len() == 2 { vec![key_ty, item_ty.clone()] } else { vec![item_ty.clone()] };
        for (variable, ty) in parts.names.iter().zip(types) {
            let Some(name) = self.variable_name(variable, macro_name) else { return self.failed(ast) };
            locals.push(Local { name, ty });
        }
        let mut filter = None;
        let kind = parts.kind;
        let body = self.body(locals, |checker| {
            filter = parts.filter.map(|filter| checker.bool(filter, macro_name));
            if let Some(test) = parts.filter {
                let learned = checker.facts_of(test, true);
                checker.facts.extend(learned);
            }
            checker.loop_body(kind, macro_name, parts.body)
        });
        let ty = loop_type(kind, &loop_key, &item_ty, &body.ty);
        let pairs = parts.names.len() == 2;
        let of_items = matches!(range_ty.view(), View::List(_) | View::Map(..));
        let spec = Loop { kind, range, of_items, pairs, filter, body: body.node };
        self.make(Op::Loop(Box::new(spec)), &ast.span, ty)
    }

    fn loop_body(&mut self, kind: LoopKind, macro_name: &str, ast: &Ast) -> Checked {
        match kind {
            LoopKind::All | LoopKind::Exists | LoopKind::ExistsOne | LoopKind::Filter => {
                let node = self.bool(ast, macro_name);
                Checked { node, ty: Ty::BOOL, implicit: false }
            }
            LoopKind::Map | LoopKind::TransformMap | LoopKind::TransformMapEntry => {
                let (node, ty) = self.value(ast);
                self.data_only(ast, macro_name, node, ty)
            }
            LoopKind::SortBy => {
                let (node, ty) = self.present(ast);
                self.check_order(macro_name, ast, &ty);
                Checked { node, ty, implicit: false }
            }
        }
    }

    fn data_only(&mut self, ast: &Ast, macro_name: &str, node: Node, ty: Ty) -> Checked {
        if let View::Optional(_) = ty.view() {
            self.needs_content(ast, macro_name);
            return Checked { node, ty: Ty::DYN, implicit: false };
        }
        let ty = self.held(ast, ty);
        Checked { node, ty, implicit: false }
    }

    /// The types of key (or position) and item.
    fn items(&mut self, macro_name: &str, target: &Ast, range: &Ty, pairs: bool) -> (Ty, Ty) {
        match range.view() {
            View::List(item) => (Ty::INT, item),
            View::Map(key, value) => (key.clone(), if pairs { value } else { key }),
            View::Record(_) => (Ty::text(), if pairs { Ty::DYN } else { Ty::text() }),
            View::Union(_) if range.has_named_parts() => {
                (Ty::text(), if pairs { Ty::DYN } else { Ty::text() })
            }
            View::Dyn | View::Nothing => (Ty::DYN, Ty::DYN),
            _ => {
                let what = self.quote(target);
                let message =
                    format!("`{macro_name}` goes over lists and maps, and {what} is {}", range.name());
                self.report(&TYPE_MISMATCH, &target.span, message, "call it on a list or a map");
                (Ty::DYN, Ty::DYN)
            }
        }
    }
}

/// The parts of a macro that goes over items.
struct LoopParts<'a> {
    kind: LoopKind,
    names: Vec<&'a Ast>,
    filter: Option<&'a Ast>,
    body: &'a Ast,
}

fn loop_parts(kind: Macro, arguments: &[Ast]) -> Option<LoopParts<'_>> {
    let kind_of = |kind, names, filter, body| Some(LoopParts { kind, names, filter, body });
    match (kind, arguments) {
        (Macro::All, [x, test]) => kind_of(LoopKind::All, vec![x], None, test),
        (Macro::All, [k, x, test]) => kind_of(LoopKind::All, vec![k, x], None, test),
        (Macro::Exists, [x, test]) => kind_of(LoopKind::Exists, vec![x], None, test),
        (Macro::Exists, [k, x, test]) => kind_of(LoopKind::Exists, vec![k, x], None, test),
        (Macro::ExistsOne, [x, test]) => kind_of(LoopKind::ExistsOne, vec![x], None, test),
        (Macro::ExistsOne, [k, x, test]) => kind_of(LoopKind::ExistsOne, vec![k, x], None, test),
        (Macro::Filter, [x, test]) => kind_of(LoopKind::Filter, vec![x], None, test),
        (Macro::Map, [x, body]) => kind_of(LoopKind::Map, vec![x], None, body),
        (Macro::Map, [x, test, body]) => kind_of(LoopKind::Map, vec![x], Some(test), body),
        (Macro::SortBy, [x, body]) => kind_of(LoopKind::SortBy, vec![x], None, body),
        (Macro::TransformList, [k, x, body]) => kind_of(LoopKind::Map, vec![k, x], None, body),
        (Macro::TransformList, [k, x, test, body]) => kind_of(LoopKind::Map, vec![k, x], Some(test), body),
        (Macro::TransformMap, [k, x, body]) => kind_of(LoopKind::TransformMap, vec![k, x], None, body),
        (Macro::TransformMap, [k, x, test, body]) => {
            kind_of(LoopKind::TransformMap, vec![k, x], Some(test), body)
        }
        (Macro::TransformMapEntry, [k, x, body]) => {
            kind_of(LoopKind::TransformMapEntry, vec![k, x], None, body)
        }
        (Macro::TransformMapEntry, [k, x, test, body]) => {
            kind_of(LoopKind::TransformMapEntry, vec![k, x], Some(test), body)
        }
        _ => None,
    }
}

fn loop_type(kind: LoopKind, key: &Ty, item: &Ty, body: &Ty) -> Ty {
    match kind {
        LoopKind::All | LoopKind::Exists | LoopKind::ExistsOne => Ty::BOOL,
        LoopKind::Map => Ty::list(body.clone()),
        LoopKind::Filter | LoopKind::SortBy => Ty::list(item.clone()),
        LoopKind::TransformMap => Ty::map(key.clone(), body.clone()),
        LoopKind::TransformMapEntry => entries(body),
    }
}

/// A map of the entries that a body makes.
fn entries(body: &Ty) -> Ty {
    match body.view() {
        View::Map(key, value) => Ty::map(key, value),
        View::Record(record) => {
            let fields = record.fields().iter().map(|field| Ty::Data(field.shape.clone()));
            Ty::map(Ty::text(), fields.fold(Ty::Nothing, |before, ty| joined(&before, &ty)))
        }
        _ => Ty::map(Ty::DYN, Ty::DYN),
    }
}
