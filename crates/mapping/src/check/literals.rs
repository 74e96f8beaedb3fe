//! Literals: scalars, lists and maps.

use std::sync::Arc;

use tenon_errors::catalogue::expression::{ABSENT_VALUE, TYPE_MISMATCH};
use tenon_model::{Field, Kind, Record, Shape, Str, Value, shape::Union};

use super::{Checked, Checker, select::constant_text};
use crate::{
    evaluate::{EntryNode, ItemNode, Node, Op, Val},
    syntax::{Ast, Element, Entry, Syntax},
    types::{Ty, View, joined},
};

impl Checker<'_, '_> {
    pub(super) fn literal(&mut self, ast: &Ast) -> Checked {
        let value = match &ast.syntax {
            Syntax::Bool(b) => Value::Bool(*b),
            Syntax::Int(n) => Value::Int(*n),
            Syntax::Uint(n) => Value::Uint(*n),
            Syntax::Float { value, text } => self.number(ast, *value, text),
            Syntax::String(text) => Value::String(text.clone()),
            Syntax::Bytes(bytes) => Value::Bytes(bytes.clone()),
            _ => Value::Null,
        };
        let ty = Ty::literal(&value);
        self.constant(Val::Data(value), &ast.span, ty)
    }

    pub(super) fn list(&mut self, ast: &Ast, elements: &[Element]) -> Checked {
        let mut item = Ty::Nothing;
        let mut nodes = Vec::with_capacity(elements.len());
        for element in elements {
            let (value, ty) = self.part(&element.value, element.optional);
            item = joined(&item, &ty);
            nodes.push(ItemNode { optional: element.optional, value });
        }
        let checked = self.make(Op::List(nodes.into()), &ast.span, Ty::list(item));
        self.fold(checked)
    }

    pub(super) fn map(&mut self, ast: &Ast, entries: &[Entry]) -> Checked {
        let (mut key_ty, mut value_ty) = (Ty::Nothing, Ty::Nothing);
        let mut fields: Option<Vec<Field>> = Some(Vec::new());
        let mut nodes = Vec::with_capacity(entries.len());
        for entry in entries {
            let (key, ty) = self.present(&entry.key);
            self.check_key(&entry.key, &ty);
            key_ty = joined(&key_ty, &ty);
            let (value, ty) = self.part(&entry.value, entry.optional);
            value_ty = joined(&value_ty, &ty);
            fields = fields.and_then(|fields| with_field(fields, &key, ty, entry.optional));
            nodes.push(EntryNode { optional: entry.optional, key, value });
        }
        let ty = match fields {
            Some(fields) => record_type(fields),
            None => Ty::map(key_ty, value_ty),
        };
        let checked = self.make(Op::Map(nodes.into()), &ast.span, ty);
        self.fold(checked)
    }

    /// An item or the value of an entry; behind `?` an optional, of which the content counts.
    pub(super) fn part(&mut self, ast: &Ast, optional: bool) -> (Node, Ty) {
        if optional {
            return self.optional_part(ast);
        }
        let (node, ty) = self.value(ast);
        (node, self.held(ast, ty))
    }

    /// What lists and maps hold of a part, which has to be data.
    pub(super) fn held(&mut self, ast: &Ast, ty: Ty) -> Ty {
        let (what, hint) = match ty.view() {
            View::Optional(_) => {
                ("an optional", "write `?` before it, or `.orValue(...)` behind it".to_owned())
            }
            View::Type => ("a type", String::new()),
            View::Address | View::Block => {
                ("a network address", format!("write `string({})`", self.source(ast)))
            }
            // A member of an enumeration is its number there.
            View::Enum(_) => return Ty::INT,
            _ => return ty,
        };
        let message = format!("{} is {what}, which lists and maps cannot hold", self.quote(ast));
        self.report(&ABSENT_VALUE, &ast.span, message, hint);
        Ty::DYN
    }

    /// What is behind `?`: an optional, of which the content counts.
    fn optional_part(&mut self, ast: &Ast) -> (Node, Ty) {
        let checked = self.check(ast);
        if checked.implicit {
            return (checked.node, checked.ty);
        }
        match checked.ty.view() {
            View::Optional(inner) => (checked.node, inner.clone()),
            View::Dyn => (checked.node, Ty::DYN),
            _ => {
                let message =
                    format!("`?` needs an optional, and {} is {}", self.quote(ast), checked.ty.name());
                self.report(&TYPE_MISMATCH, &ast.span, message, "remove the `?`");
                (checked.node, checked.ty)
            }
        }
    }

    fn check_key(&mut self, ast: &Ast, ty: &Ty) {
        if !matches!(ty.view(), View::Text | View::Int | View::Uint | View::Bool | View::Dyn) {
            let message = format!("{} cannot be a key of a map", ty.name());
            self.report(&TYPE_MISMATCH, &ast.span, message, "use text, integers or bools as keys");
        }
    }
}

/// The fields with one more; `None` where the map is no record, because a key is not a constant text of its own.
fn with_field(mut fields: Vec<Field>, key: &Node, ty: Ty, optional: bool) -> Option<Vec<Field>> {
    let name: Str = constant_text(key)?.clone();
    if fields.iter().any(|field| field.name == name) {
        return None;
    }
    let shape = if let Ty::Data(shape) = ty { shape } else { Shape::ANY };
    fields.push(if optional { Field::optional(name, shape) } else { Field::required(name, shape) });
    Some(fields)
}

/// The fields of a map literal are known, and asking for others is allowed, although there are none.
fn record_type(fields: Vec<Field>) -> Ty {
    let mut record = Record::new(fields);
    record.rest = Some(Shape::of(Kind::Union(Arc::new(Union { tag: None, variants: Vec::new() }))));
    Ty::Data(Shape::of(Kind::Record(record.into())))
}
