//! Logic, arithmetic and the conditional.

use tenon_errors::catalogue::expression::TYPE_MISMATCH;
use tenon_model::Shape;

use super::{Checked, Checker, certain::never, hints::conversion_hint, ranges};
use crate::{
    evaluate::{Node, Op},
    syntax::{Ast, Binary},
    types::{Ty, View, joined as either, unify},
};

impl Checker<'_, '_> {
    pub(super) fn not(&mut self, ast: &Ast, operand: &Ast) -> Checked {
        let node = self.bool(operand, "!");
        let checked = self.make(Op::Not(Box::new(node)), &ast.span, Ty::BOOL);
        self.fold(checked)
    }

    pub(super) fn negate(&mut self, ast: &Ast, operand: &Ast) -> Checked {
        let (node, ty) = self.present(operand);
        let result = match ty.view() {
            View::Int => ranges::negated(&ty),
            View::Float | View::Decimal | View::Duration | View::Period | View::Dyn => ty,
            _ => {
                let message = format!("`-` does not take {}", ty.name());
                self.report(&TYPE_MISMATCH, &operand.span, message, "write it before a number or a duration");
                Ty::DYN
            }
        };
        let checked = self.make(Op::Negate(Box::new(node)), &ast.span, result);
        self.fold(checked)
    }

    /// A part that has to be a bool.
    pub(super) fn bool(&mut self, ast: &Ast, what: &str) -> Node {
        let (node, ty) = self.present(ast);
        if !matches!(ty.view(), View::Bool | View::Dyn | View::Nothing) {
            let message = format!("`{what}` needs a bool, and {} is {}", self.quote(ast), ty.name());
            let source = self.source(ast);
            let hint = match ty.view() {
                View::Text => format!("compare it with something, such as `{source} != \"\"`"),
                View::List(_) => format!("ask how long it is: `size({source}) > 0`"),
                View::Int | View::Float => format!("compare it with something, such as `{source} != 0`"),
                _ => "compare it with something, or ask `has(a.b)` for a field that may be absent".to_owned(),
            };
            self.report(&TYPE_MISMATCH, &ast.span, message, hint);
        }
        node
    }

    /// A chain of `&&` (`all`) or `||`: each operand is evaluated only where those before it left it open.
    pub(super) fn logic(&mut self, ast: &Ast, operands: &[Ast], all: bool) -> Checked {
        let known = self.facts.len();
        let mut nodes = Vec::with_capacity(operands.len());
        for operand in operands {
            nodes.push(self.bool(operand, if all { "&&" } else { "||" }));
            let learned = self.facts_of(operand, all);
            self.facts.extend(learned);
        }
        self.facts.truncate(known);
        let op = if all { Op::And(nodes.into()) } else { Op::Or(nodes.into()) };
        let checked = self.make(op, &ast.span, Ty::BOOL);
        self.fold(checked)
    }

    pub(super) fn choose(&mut self, ast: &Ast, condition: &Ast, yes_ast: &Ast, no_ast: &Ast) -> Checked {
        let test = self.bool(condition, "?:");
        let (if_true, if_false) = (self.facts_of(condition, true), self.facts_of(condition, false));
        let (mut yes, mut no) = self.branches(yes_ast, no_ast, |checker, ast, holds| {
            let facts = if holds { &if_true } else { &if_false };
            checker.under(facts.clone(), |checker| checker.check(ast))
        });
        let mut implicit = yes.implicit || no.implicit;
        if implicit {
            // An explicit optional and one that a contract makes are one optional together.
            let explicit = open_optional(&mut yes) | open_optional(&mut no);
            self.wrap(&mut yes);
            self.wrap(&mut no);
            if explicit {
                (yes.ty, no.ty) = (Ty::optional(yes.ty.non_null()), Ty::optional(no.ty.non_null()));
                implicit = false;
            }
        }
        let ty = unify(&yes.ty, &no.ty).unwrap_or_else(|| {
            let message = format!(
                "the conditional gives {} or {}, which cannot be combined",
                yes.ty.name(),
                no.ty.name()
            );
            let hint = match (yes.ty.view(), no.ty.view()) {
                (View::Optional(_), _) => format!("write `optional.of({})`", self.source(no_ast)),
                (_, View::Optional(_)) => format!("write `optional.of({})`", self.source(yes_ast)),
                (View::Int, View::Float) => format!("write `double({})`", self.source(yes_ast)),
                (View::Float, View::Int) => format!("write `double({})`", self.source(no_ast)),
                _ => "convert one of them".to_owned(),
            };
            self.report(&TYPE_MISMATCH, &ast.span, message, hint);
            Ty::DYN
        });
        let mut checked = self.make(Op::Conditional(Box::new((test, yes.node, no.node))), &ast.span, ty);
        checked.implicit = implicit;
        self.fold(checked)
    }

    /// Makes the node of a part give an optional, as a part that may be absent does.
    fn wrap(&mut self, part: &mut Checked) {
        if !part.implicit {
            let at = part.node.at;
            let inner = std::mem::replace(&mut part.node, Node::new(Op::Now, at));
            part.node = Node::new(Op::Wrap(Box::new(inner)), at);
            part.implicit = true;
        }
    }

    pub(super) fn binary(&mut self, ast: &Ast, operator: Binary, left: &Ast, right: &Ast) -> Checked {
        if matches!(operator, Binary::Equal | Binary::NotEqual) {
            return self.equality(ast, operator, left, right);
        }
        let ((left_node, left_ty), (right_node, right_ty)) = self.compared(left, right, Self::present);
        let ty = match operator {
            Binary::In => self.membership(ast, left, &left_ty, right, &right_ty),
            Binary::Less | Binary::LessOrEqual | Binary::Greater | Binary::GreaterOrEqual => {
                self.order(ast, operator, (left, &left_ty), (right, &right_ty))
            }
            _ => self.arithmetic(ast, operator, (left, &left_ty), (right, &right_ty)),
        };
        let never = never(operator, &left_ty, (&right_node, &right_ty), &self.quote(ast));
        let op = match operator {
            Binary::Add if is_text(&left_ty) && is_text(&right_ty) => joined(left_node, right_node),
            _ => Op::Binary(operator, Box::new((left_node, right_node))),
        };
        let checked = self.make(op, &ast.span, ty);
        if let Some(why) = never {
            self.fails(&checked, ast, why);
        }
        self.fold(checked)
    }

    /// Both sides of an operator, as [`Checker::sides`] has them; the second one knows whether it stands beside a text.
    pub(super) fn compared(
        &mut self,
        left: &Ast,
        right: &Ast,
        check: impl Fn(&mut Self, &Ast) -> (Node, Ty),
    ) -> ((Node, Ty), (Node, Ty)) {
        let around = self.beside_text;
        self.beside_text = false;
        let check = |checker: &mut Self, part: &Ast| {
            let side = check(checker, part);
            checker.beside_text = is_text(&side.1);
            side
        };
        let is_unknown = left.as_name().is_some_and(|name| self.resolve(name, false).is_none());
        let sides = if is_unknown {
            let right = check(self, right);
            (check(self, left), right)
        } else {
            self.sides(left, right, check)
        };
        self.beside_text = around;
        sides
    }

    fn arithmetic(&mut self, ast: &Ast, operator: Binary, left: (&Ast, &Ty), right: (&Ast, &Ty)) -> Ty {
        let result = result_of(operator, left.1, right.1);
        result.unwrap_or_else(|| {
            let message =
                format!("`{}` does not take {} and {}", operator.symbol(), left.1.name(), right.1.name());
            let hint = conversion_hint((self.source(left.0), left.1), (self.source(right.0), right.1));
            self.report(&TYPE_MISMATCH, &ast.span, message, hint);
            Ty::DYN
        })
    }
}

/// Turns an explicit optional into one that its contract makes; whether it was one.
fn open_optional(part: &mut Checked) -> bool {
    let Ty::Optional(inner) = &part.ty else { return false };
    let inner = (**inner).clone();
    let explicit = !part.implicit;
    part.ty = inner;
    part.implicit = true;
    explicit
}

fn is_text(ty: &Ty) -> bool {
    matches!(ty.view(), View::Text)
}

/// A chain of concatenations as one, so that it is built up once and not once per `+`.
fn joined(left: Node, right: Node) -> Op {
    match left.op {
        Op::Join(parts) => {
            let mut parts = parts.into_vec();
            parts.push(right);
            Op::Join(parts.into())
        }
        op => Op::Join(Box::new([Node::new(op, left.at), right])),
    }
}

/// The type of the result of an arithmetic operator; `None` where the operands do not go together.
fn result_of(operator: Binary, left: &Ty, right: &Ty) -> Option<Ty> {
    use Binary::{Add, Divide, Multiply, Subtract};
    Some(match (operator, left.view(), right.view()) {
        (_, View::Dyn | View::Nothing, _) | (_, _, View::Dyn | View::Nothing) => Ty::DYN,
        (_, View::Int, View::Int) => ranges::combined(operator, left, right),
        (_, View::Uint, View::Uint) => Ty::Uint,
        (Add | Subtract | Multiply | Divide, View::Float, View::Float) => Ty::FLOAT,
        (_, View::Decimal, View::Decimal | View::Int | View::Uint)
        | (_, View::Int | View::Uint, View::Decimal) => Ty::Data(Shape::DECIMAL),
        (Add, View::Text, View::Text) => Ty::text(),
        (Add, View::Bytes, View::Bytes) => Ty::Data(Shape::BYTES),
        (Add, View::List(a), View::List(b)) => Ty::list(either(&a, &b)),
        (Add | Subtract, View::Timestamp, View::Duration) | (Add, View::Duration, View::Timestamp) => {
            Ty::Data(Shape::TIMESTAMP)
        }
        (Add | Subtract, View::Duration, View::Duration)
        | (Subtract, View::Timestamp, View::Timestamp)
        | (Subtract, View::LocalDateTime, View::LocalDateTime) => Ty::Data(Shape::DURATION),
        (Add | Subtract, View::Period, View::Period) => Ty::Data(Shape::PERIOD),
        (Add | Subtract, View::Date, View::Period) | (Add, View::Period, View::Date) => Ty::Data(Shape::DATE),
        (Add | Subtract, View::LocalDateTime, View::Period | View::Duration)
        | (Add, View::Period | View::Duration, View::LocalDateTime) => Ty::Data(Shape::LOCAL_DATE_TIME),
        _ => return None,
    })
}
