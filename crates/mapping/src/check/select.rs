//! Fields and items: `a.b`, `a.?b`, `has(a.b)`, `a[i]`, `a[?i]`.

use std::ops::Range;

use tenon_errors::{
    catalogue::expression::{TYPE_MISMATCH, UNKNOWN_FIELD},
    nearest,
};
use tenon_model::{Shape, Str, Value, map::Hint};

use super::{Checked, Checker, certain::no_item, names::listed};
use crate::{
    evaluate::{Get, Node, Op, StepNode, Val},
    syntax::{Ast, Syntax},
    types::{Member, Ty, View, joined},
};

/// What is wanted of a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wanted {
    Value,
    Optional,
    Has,
}

impl Checker<'_, '_> {
    pub(super) fn select(
        &mut self,
        ast: &Ast,
        operand_ast: &Ast,
        field: &Str,
        field_span: &Range<usize>,
        wanted: Wanted,
    ) -> Checked {
        if let Some(named) = self.dotted_name(ast) {
            return named;
        }
        let operand = self.check(operand_ast);
        let through_optional = matches!(operand.ty, Ty::Optional(_)) && !operand.implicit;
        let inner = match &operand.ty {
            Ty::Optional(inner) => (**inner).clone(),
            other => other.clone(),
        };
        // What asks whether there is something may ask it of nothing.
        let lenient = wanted != Wanted::Value && (operand.implicit || inner.may_be_null());
        let (node, inner) = if lenient || through_optional {
            (operand.node, inner.non_null())
        } else {
            let (node, ty) = self.there(operand_ast, operand);
            (node, self.not_null(operand_ast, ty))
        };
        let known = self.fact(ast).is_some_and(|fact| self.knows(&fact));
        let get = GetOf { wanted, through_optional, known, lenient };
        let mut operand = Some((node, inner));
        if let Some(checked) = self.message_member(ast, &mut operand, field, field_span, get) {
            return checked;
        }
        let Some((node, inner)) = operand else { return self.failed(ast) };
        let member = self.member(operand_ast, &inner, field, field_span);
        let found = Found::new(member, wanted, known, through_optional, self.fact(operand_ast).is_some());
        let ty = match (self.fact(ast), found.ty) {
            (Some(path), Ty::Optional(inner)) => Ty::optional(self.narrowed(&path, (*inner).clone())),
            (Some(path), ty) if wanted != Wanted::Has => self.narrowed(&path, ty),
            (_, ty) => ty,
        };
        let step = StepNode {
            name: field.clone(),
            hint: Hint::new(found.position),
            lenient,
            mixed: inner.may_have_no_fields(),
            integer: matches!(ty.view(), View::Int),
        };
        let op = extended(node, step, found.get, lenient);
        let mut checked = self.make(op, &ast.span, ty);
        checked.implicit = found.implicit;
        self.fold(checked)
    }

    /// A dotted name that is a variable (`x.y` in the scope) or a type (`google.protobuf.Timestamp`) as a whole.
    fn dotted_name(&mut self, ast: &Ast) -> Option<Checked> {
        let dotted = ast.dotted()?;
        let rooted = ast.is_rooted();
        let root = dotted.split('.').next().unwrap_or_default();
        if !rooted && self.environment.locals.iter().any(|local| local.name == root) {
            return None;
        }
        if let Some((slot, ty)) = self.environment.scope.resolve(&dotted, rooted) {
            return Some(self.variable(
                ast,
                crate::evaluate::Root::Slot(slot),
                Str::from(dotted.as_str()),
                ty,
            ));
        }
        if self.resolve(root, rooted).is_some() { None } else { self.named(ast, &dotted, rooted) }
    }

    /// What is known of a field; where there can be none, that is reported.
    fn member(&mut self, operand: &Ast, ty: &Ty, field: &Str, span: &Range<usize>) -> Member {
        let member = ty.member(field);
        match &member {
            Member::Missing(names) => {
                let what = self.quote(operand);
                let hint = match nearest(field, names.iter().map(Str::as_str)) {
                    Some(near) => format!("write `{near}`"),
                    None if names.is_empty() => "the record has no fields".to_owned(),
                    None => format!("use one of {}", listed(names)),
                };
                self.report(&UNKNOWN_FIELD, span, format!("{what} has no field `{field}`"), hint);
                Member::Unknown
            }
            Member::NoFields => {
                let message = format!("{} is {} and has no fields", self.quote(operand), ty.name());
                let hint = super::synonyms::called(self.source(operand), field);
                let hint = hint.unwrap_or_else(|| format!("remove `.{field}`"));
                self.report(&TYPE_MISMATCH, span, message, hint);
                Member::Unknown
            }
            _ => member,
        }
    }

    pub(super) fn has(&mut self, ast: &Ast, argument: &Ast) -> Checked {
        match &argument.syntax {
            Syntax::Select { operand, field, field_span, optional: false } => {
                let mut checked = self.select(argument, operand, field, field_span, Wanted::Has);
                checked.ty = Ty::BOOL;
                checked.implicit = false;
                checked
            }
            _ => {
                let message = format!("`has` takes a field, and {} is not one", self.quote(argument));
                self.report(&TYPE_MISMATCH, &argument.span, message, "write `has(a.b)`");
                self.failed(ast)
            }
        }
    }

    pub(super) fn index(&mut self, ast: &Ast, operand_ast: &Ast, index_ast: &Ast, optional: bool) -> Checked {
        let operand = self.check(operand_ast);
        if let (Syntax::String(field), View::Record(_) | View::Union(_)) =
            (&index_ast.syntax, operand.ty.view())
            && operand.ty.has_named_parts()
        {
            let wanted = if optional { Wanted::Optional } else { Wanted::Value };
            return self.select(ast, operand_ast, field, &index_ast.span, wanted);
        }
        let through_optional = matches!(operand.ty, Ty::Optional(_)) && !operand.implicit;
        let (node, ty) = if through_optional {
            let inner = if let Ty::Optional(inner) = &operand.ty { (**inner).clone() } else { Ty::DYN };
            (operand.node, inner)
        } else {
            let (node, ty) = self.there(operand_ast, operand);
            (node, self.not_null(operand_ast, ty))
        };
        let (index, key) = self.present(index_ast);
        let item = self.item(operand_ast, &ty, index_ast, &key);
        let list = ty;
        let (get, ty) = if optional || through_optional {
            (
                Get::Optional { null_is_none: item.may_be_null() && !item.is_dyn() },
                Ty::optional(item.non_null()),
            )
        } else {
            (Get::Value, item)
        };
        let missing = no_item((&node, &list), (&index, &key), get);
        let checked = self.make(Op::Index(Box::new((node, index)), get), &ast.span, ty);
        if let Some(why) = missing {
            self.fails(&checked, ast, why);
        }
        self.fold(checked)
    }

    /// The type of an item.
    fn item(&mut self, operand: &Ast, ty: &Ty, index_ast: &Ast, index: &Ty) -> Ty {
        let (wanted, fits, item) = match (ty.view(), index.view()) {
            (View::Dyn | View::Nothing, _) => return Ty::DYN,
            (View::List(item), View::Int | View::Dyn) => return item,
            (View::Map(_, value), View::Dyn) => return value,
            (View::Record(_), View::Text | View::Dyn) => return Ty::DYN,
            (View::Union(union), _) => {
                if let Some(item) = item_of_union(&union.variants, index) {
                    return item;
                }
                let message =
                    format!("{} is {}, and not all of these have items", self.quote(operand), ty.name());
                let hint = format!("test what it is: `type({}) == list ? ... : ...`", self.source(operand));
                self.report(&TYPE_MISMATCH, &operand.span, message, hint);
                return Ty::DYN;
            }
            (View::List(item), _) => ("an integer", false, item),
            (View::Map(key, value), _) => {
                let numbers = is_number(&key) && is_number(index);
                let fits = numbers || crate::types::unify(&key, index).is_some();
                ("a key of its kind", fits, value)
            }
            (View::Record(_), _) => ("text", false, Ty::DYN),
            _ => {
                let message = format!("{} is {} and has no items", self.quote(operand), ty.name());
                self.report(
                    &TYPE_MISMATCH,
                    &operand.span,
                    message,
                    "remove the `[...]`, or index a list or a map",
                );
                return Ty::DYN;
            }
        };
        if !fits {
            let message =
                format!("{} is looked up by {wanted}, not by {}", self.quote(operand), index.name());
            self.report(&TYPE_MISMATCH, &index_ast.span, message, format!("write {wanted} in the brackets"));
        }
        item
    }
}

/// The type of an item of one of several lists, or of the value of a key of one of several maps.
fn item_of_union(variants: &[(Str, Shape)], index: &Ty) -> Option<Ty> {
    let mut whole: Option<Ty> = None;
    for (_, variant) in variants {
        let item = match (Ty::Data(variant.clone()).view(), index.view()) {
            (View::List(item), View::Int | View::Dyn) => item,
            (View::Map(_, value), View::Text | View::Dyn) => value,
            (View::Record(_), View::Text | View::Dyn) => Ty::DYN,
            (View::Union(union), _) => item_of_union(&union.variants, index)?,
            _ => return None,
        };
        whole = Some(whole.map_or(item.clone(), |whole| joined(&whole, &item)));
    }
    whole
}

fn is_number(ty: &Ty) -> bool {
    matches!(ty.view(), View::Int | View::Uint | View::Float | View::Decimal)
}

/// What is wanted of a field, and what is known of what it is a field of.
#[derive(Debug, Clone, Copy)]
pub(super) struct GetOf {
    pub(super) wanted: Wanted,
    /// Whether the field is one of the content of an optional.
    pub(super) through_optional: bool,
    /// Whether it is known to be there.
    pub(super) known: bool,
    /// Whether what it is a field of may be missing.
    pub(super) lenient: bool,
}

/// How a field is read, and what comes of it.
struct Found {
    get: Get,
    ty: Ty,
    implicit: bool,
    position: usize,
}

impl Found {
    fn new(member: Member, wanted: Wanted, known: bool, through_optional: bool, of_variable: bool) -> Self {
        let (ty, may_be_absent, position) = match member {
            Member::Listed { shape, may_be_absent, position } => (Ty::Data(shape), may_be_absent, position),
            // What a contract does not list may well be missing; what an expression made itself is its own affair.
            Member::Unlisted(ty) => (ty, of_variable, 0),
            Member::Missing(_) | Member::Unknown | Member::NoFields => (Ty::DYN, false, 0),
        };
        let null_is_none = ty.may_be_null();
        let implicit = wanted == Wanted::Value && may_be_absent && !known && !through_optional;
        let (get, ty) = match wanted {
            Wanted::Has => (Get::Has { null_is_none }, Ty::BOOL),
            _ if wanted == Wanted::Optional || through_optional => {
                (Get::Optional { null_is_none }, Ty::optional(ty.non_null()))
            }
            _ if implicit => (Get::Optional { null_is_none: false }, ty),
            _ if known => (Get::Value, ty.non_null()),
            _ => (Get::Value, ty),
        };
        Self { get, ty, implicit, position }
    }
}

/// A field of what `node` gives: one step more where that is a plain path, so that nothing on the way is copied.
fn extended(node: Node, step: StepNode, get: Get, lenient: bool) -> Op {
    match node.op {
        Op::Path(mut path) if !path.optional && !matches!(path.get, Get::Has { .. }) => {
            let plain = path.get == Get::Value || lenient;
            if !plain || matches!(path.root, crate::evaluate::Root::Local(_)) && path.get != Get::Value {
                return Op::Field(Box::new(Node::new(Op::Path(path), node.at)), step, get);
            }
            match path.steps.last_mut() {
                Some(last) => last.lenient |= lenient,
                None => path.lenient |= lenient,
            }
            path.steps.push(StepNode { lenient: false, ..step });
            path.get = get;
            Op::Path(path)
        }
        op => Op::Field(Box::new(Node::new(op, node.at)), step, get),
    }
}

/// The text of a constant.
pub(super) fn constant_text(node: &Node) -> Option<&Str> {
    match node.constant() {
        Some(Val::Data(Value::String(text))) => Some(text),
        _ => None,
    }
}
