//! Comparisons: which values can be equal, contained in each other, or in an order.

use tenon_errors::{catalogue::expression::TYPE_MISMATCH, nearest};
use tenon_model::{Value, shape::Unordered};

use super::{Checked, Checker, hints::conversion_hint};
use crate::{
    evaluate::{Node, Op},
    syntax::{Ast, Binary, Syntax},
    types::{Ty, View, unify},
};

impl Checker<'_, '_> {
    pub(super) fn equality(&mut self, ast: &Ast, operator: Binary, left: &Ast, right: &Ast) -> Checked {
        match (&left.syntax, &right.syntax) {
            (Syntax::Null, _) => return self.null_test(ast, operator, right, left),
            (_, Syntax::Null) => return self.null_test(ast, operator, left, right),
            _ => {}
        }
        let ((left_node, left_ty), (right_node, right_ty)) = self.compared(left, right, Self::value);
        if !comparable(&left_ty, &right_ty) {
            let message = format!("{} and {} are never equal", left_ty.name(), right_ty.name());
            let hint = conversion_hint((self.source(left), &left_ty), (self.source(right), &right_ty));
            self.report(&TYPE_MISMATCH, &ast.span, message, hint);
        } else {
            if left_node.constant().is_none() {
                self.check_listed(left, &left_ty, right);
            }
            if right_node.constant().is_none() {
                self.check_listed(right, &right_ty, left);
            }
        }
        let checked = self.make(Op::Binary(operator, Box::new((left_node, right_node))), &ast.span, Ty::BOOL);
        self.fold(checked)
    }

    /// `x == null` and `x != null`: of a field that may be absent, they ask whether it is there.
    fn null_test(&mut self, ast: &Ast, operator: Binary, operand: &Ast, null: &Ast) -> Checked {
        let checked = self.check(operand);
        if checked.implicit {
            let at = checked.node.at;
            let mut op = Op::IsPresent(Box::new(checked.node));
            if operator == Binary::Equal {
                op = Op::Not(Box::new(Node::new(op, at)));
            }
            return self.make(op, &ast.span, Ty::BOOL);
        }
        if let View::Optional(_) = checked.ty.view() {
            let message = format!("{} is an optional, which is never null", self.quote(operand));
            let hint = format!("write `{}.hasValue()`", self.source(operand));
            self.report(&TYPE_MISMATCH, &ast.span, message, hint);
        }
        let null = self.check(null);
        let made = self.make(Op::Binary(operator, Box::new((checked.node, null.node))), &ast.span, Ty::BOOL);
        self.fold(made)
    }

    /// A comparison with a literal that the contract's enum does not list never holds: a spelling mistake.
    fn check_listed(&mut self, side: &Ast, ty: &Ty, literal: &Ast) {
        let Syntax::String(text) = &literal.syntax else { return };
        let Some(values) = ty.enumerated() else { return };
        let value = Value::String(text.clone());
        if values.contains(&value) {
            return;
        }
        let names: Vec<&str> = values.iter().filter_map(Value::as_str).collect();
        let hint = match nearest(text, names.iter().copied()) {
            Some(near) => format!("write \"{near}\""),
            None => format!(
                "use one of {}",
                names.iter().take(12).map(|name| format!("\"{name}\"")).collect::<Vec<_>>().join(", ")
            ),
        };
        let message = format!("{} is never {value}", self.quote(side));
        self.report(&TYPE_MISMATCH, &literal.span, message, hint);
    }

    pub(super) fn membership(&mut self, ast: &Ast, left: &Ast, item: &Ty, right: &Ast, range: &Ty) -> Ty {
        let fits = match range.view() {
            View::Dyn | View::Nothing | View::Union(_) => true,
            View::List(of) => comparable(item, &of),
            View::Map(key, _) => comparable(item, &key),
            // A map literal may be asked for keys of any kind, as every map may.
            View::Record(record) => {
                record.rest.is_some() || matches!(item.view(), View::Text | View::Dyn | View::Nothing)
            }
            _ => {
                let message =
                    format!("`in` looks into lists and maps, and {} is {}", self.quote(right), range.name());
                self.report(
                    &TYPE_MISMATCH,
                    &right.span,
                    message,
                    "write `text.contains(part)` for a part of a text",
                );
                true
            }
        };
        if !fits {
            let message =
                format!("{} is {}, which {} never holds", self.quote(left), item.name(), self.quote(right));
            self.report(&TYPE_MISMATCH, &ast.span, message, "convert one of them");
        }
        Ty::BOOL
    }

    /// Reports what has no order, and a text whose order is not that of what it stands for.
    pub(super) fn check_order(&mut self, what: &str, ast: &Ast, ty: &Ty) {
        let item = if let View::List(item) = ty.view() { item } else { ty.clone() };
        if let View::Address | View::Block | View::Type | View::Message(_) | View::Optional(_) = item.view() {
            let message = format!("`{what}` needs an order, and {} has none", self.quote(ast));
            self.report(&TYPE_MISMATCH, &ast.span, message, "");
            return;
        }
        let Ty::Data(shape) = &item else { return };
        let Some(unordered) = shape.unordered() else { return };
        let by_letters = match unordered {
            Unordered::Text(_) => format!(", and `{what}` goes by its letters"),
            Unordered::Period => format!(", and `{what}` needs an order"),
        };
        let message = format!("{} {unordered}{by_letters}", self.quote(ast));
        let hint = match unordered {
            Unordered::Text("a number") => "convert it with `decimal(...)`",
            Unordered::Text(_) => {
                "compare it with `==` only, or keep it as a kind that has an order, such as a timestamp"
            }
            Unordered::Period => "compare the days to which the periods lead, such as `day + x < day + y`",
        };
        self.report(&TYPE_MISMATCH, &ast.span, message, hint);
    }

    pub(super) fn order(
        &mut self,
        ast: &Ast,
        operator: Binary,
        (left_ast, left): (&Ast, &Ty),
        (right_ast, right): (&Ast, &Ty),
    ) -> Ty {
        self.check_order(operator.symbol(), left_ast, left);
        self.check_order(operator.symbol(), right_ast, right);
        let fits = match (left.view(), right.view()) {
            (View::Dyn | View::Nothing, _) | (_, View::Dyn | View::Nothing) => true,
            _ if is_number(left) && is_number(right) => true,
            (a, b) => {
                let same = std::mem::discriminant(&a) == std::mem::discriminant(&b);
                same && matches!(
                    a,
                    View::Text
                        | View::Bytes
                        | View::Bool
                        | View::Timestamp
                        | View::Date
                        | View::Time
                        | View::LocalDateTime
                        | View::Duration
                        | View::Uuid
                )
            }
        };
        if !fits {
            let message =
                format!("`{}` does not compare {} with {}", operator.symbol(), left.name(), right.name());
            self.report(&TYPE_MISMATCH, &ast.span, message, "convert one of them");
        }
        Ty::BOOL
    }
}

/// Whether values of these types can be equal at all.
fn comparable(a: &Ty, b: &Ty) -> bool {
    comparable_within(a, b, MAX_LISTS)
}

/// How many lists within each other are looked into; a list may contain itself. What is further within is taken for comparable.
const MAX_LISTS: usize = 16;

fn comparable_within(a: &Ty, b: &Ty, lists: usize) -> bool {
    match (a.view(), b.view()) {
        (View::List(a), View::List(b)) => lists == 0 || comparable_within(&a, &b, lists - 1),
        (View::Map(..) | View::Record(_), View::Map(..) | View::Record(_)) => true,
        (View::Union(_), _) | (_, View::Union(_)) => true,
        (View::Optional(a), View::Optional(b)) => comparable(a, b),
        _ => (is_number(a) && is_number(b)) || unify(a, b).is_some(),
    }
}

fn is_number(ty: &Ty) -> bool {
    matches!(ty.view(), View::Int | View::Uint | View::Float | View::Decimal)
}
