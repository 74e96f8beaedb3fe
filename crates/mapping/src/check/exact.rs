//! Numbers that are written in an expression: a double where doubles are, and beside a decimal what is written, digit for digit.

use tenon_errors::catalogue::expression::CONSTANT_FAILURE;
use tenon_model::{Decimal, Kind, Shape, Value, digits};

use super::{Checked, Checker};
use crate::{
    evaluate::Node,
    syntax::{Ast, Syntax},
    types::Ty,
};

type Side = (Node, Ty);

/// What becomes of the digits of a number that is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Digits {
    /// It is a double, and a number that no double holds is reported.
    Kept,
    /// It is a decimal.
    Exact,
    /// It is the nearest double: what `dyn` is given, and what stands beside that.
    Nearest,
}

impl Checker<'_, '_> {
    /// The number that is written as `text`. One that a double cannot hold is reported.
    pub(super) fn number(&mut self, ast: &Ast, value: f64, text: &str) -> Value {
        if self.digits == Digits::Exact {
            return match text.parse::<Decimal>() {
                Ok(number) => Value::from(number),
                Err(report) => {
                    self.report(
                        &CONSTANT_FAILURE,
                        &ast.span,
                        report.message(),
                        "write a number of fewer digits",
                    );
                    Value::from(Decimal::from(0))
                }
            };
        }
        if self.digits == Digits::Nearest {
            return Value::Float(value);
        }
        let problem = if !value.is_finite() {
            format!("{} is beyond the range of a double", self.quote(ast))
        } else if value != 0.0 && !digits::are_kept(text, value) {
            format!("{} has more digits than a double keeps, which would be {value}", self.quote(ast))
        } else {
            return Value::Float(value);
        };
        let hint = format!("write `decimal({})`", self.source(ast));
        self.report(&CONSTANT_FAILURE, &ast.span, problem, hint);
        Value::Float(value)
    }

    /// Checks two parts that are compared or combined: a number that is written beside a decimal is one.
    pub(super) fn sides(
        &mut self,
        left: &Ast,
        right: &Ast,
        mut check: impl FnMut(&mut Self, &Ast) -> Side,
    ) -> (Side, Side) {
        match (is_number(left), is_number(right)) {
            (true, false) => {
                let other = check(self, right);
                let number = self.with(beside(left, right, &other.1), |checker| check(checker, left));
                (number, other)
            }
            (false, true) => {
                let other = check(self, left);
                let number = self.with(beside(right, left, &other.1), |checker| check(checker, right));
                (other, number)
            }
            _ => (check(self, left), check(self, right)),
        }
    }

    /// Checks what the condition chooses among, as [`Checker::sides`] does.
    pub(super) fn branches(
        &mut self,
        yes: &Ast,
        no: &Ast,
        mut check: impl FnMut(&mut Self, &Ast, bool) -> Checked,
    ) -> (Checked, Checked) {
        if is_number(yes) && !is_number(no) {
            let other = check(self, no, false);
            let number = self.with(beside(yes, no, &other.ty), |checker| check(checker, yes, true));
            return (number, other);
        }
        let other = check(self, yes, true);
        let digits = if is_number(no) { beside(no, yes, &other.ty) } else { self.digits };
        let number = self.with(digits, |checker| check(checker, no, false));
        (other, number)
    }

    /// Checks the parts of a call: numbers that are written beside decimals are decimals, and those that `decimal` is given.
    pub(super) fn arguments(&mut self, function: &str, parts: &[&Ast]) -> (Vec<Node>, Vec<Ty>) {
        let mut sides: Vec<Option<Side>> =
            parts.iter().map(|part| (!is_number(part)).then(|| self.value(part))).collect();
        let digits = match function {
            "dyn" => Digits::Nearest,
            "decimal" => Digits::Exact,
            _ if sides.iter().flatten().any(|(_, ty)| has_decimals(ty)) => Digits::Exact,
            _ => Digits::Kept,
        };
        for (side, part) in sides.iter_mut().zip(parts) {
            if side.is_none() {
                *side = Some(self.with(digits, |checker| checker.value(part)));
            }
        }
        sides.into_iter().flatten().unzip()
    }

    pub(super) fn with<T>(&mut self, digits: Digits, check: impl FnOnce(&mut Self) -> T) -> T {
        let outer = std::mem::replace(&mut self.digits, digits);
        let checked = check(self);
        self.digits = outer;
        checked
    }
}

/// What a number is that is written beside `other`. Beside what nothing is known of, it is a double where that holds it, as
/// numbers of data are that no contract describes.
fn beside(written: &Ast, other: &Ast, ty: &Ty) -> Digits {
    let is_cast = matches!(&other.syntax, Syntax::Call { target: None, name, .. } if name == "dyn");
    if has_decimals(ty) || (ty.is_dyn() && !is_cast && !is_kept(written)) {
        Digits::Exact
    } else if ty.is_dyn() && is_cast {
        Digits::Nearest
    } else {
        Digits::Kept
    }
}

fn is_kept(written: &Ast) -> bool {
    match &written.syntax {
        // What is too small for a double is zero, as CEL has it.
        Syntax::Float { value, text } => {
            value.is_finite() && (*value == 0.0 || digits::are_kept(text, *value))
        }
        Syntax::List(elements) => elements.iter().all(|element| is_kept(&element.value)),
        _ => true,
    }
}

/// Whether this is a number as it is written, with a fraction or an exponent, or a list of numbers with one among them.
fn is_number(ast: &Ast) -> bool {
    match &ast.syntax {
        Syntax::Float { .. } => true,
        Syntax::List(elements) => {
            let is_literal = |ast: &Ast| {
                matches!(ast.syntax, Syntax::Float { .. } | Syntax::Int(_) | Syntax::Uint(_) | Syntax::Null)
            };
            elements.iter().all(|element| is_literal(&element.value) || is_number(&element.value))
                && elements.iter().any(|element| is_number(&element.value))
        }
        _ => false,
    }
}

/// Whether decimals are what a value of this type is, holds or may be, and no doubles.
fn has_decimals(ty: &Ty) -> bool {
    match ty {
        Ty::Optional(inner) | Ty::List(inner) => has_decimals(inner),
        Ty::Map(_, value) => has_decimals(value),
        Ty::Data(shape) => {
            let mut found = Found::default();
            found.look(shape, 0);
            found.decimal && !found.double
        }
        _ => false,
    }
}

/// What kinds of numbers with a fraction a shape holds.
#[derive(Default)]
struct Found {
    decimal: bool,
    double: bool,
}

impl Found {
    fn look(&mut self, shape: &Shape, depth: usize) {
        if depth > 8 {
            return;
        }
        match &shape.resolved().kind {
            Kind::Decimal(_) => self.decimal = true,
            Kind::Float(_) => self.double = true,
            Kind::Enum(values) => {
                self.decimal |= values.iter().any(|value| matches!(value, Value::Decimal(_)));
                self.double |= values.iter().any(|value| matches!(value, Value::Float(_)));
            }
            Kind::List(list) => self.look(&list.item, depth + 1),
            Kind::Map(map) => self.look(&map.value, depth + 1),
            Kind::Union(union) => union.variants.iter().for_each(|(_, shape)| self.look(shape, depth + 1)),
            _ => {}
        }
    }
}
