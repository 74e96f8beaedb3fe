//! Constant folding: what does not depend on the message is evaluated once, at compile time.

use tenon_errors::{
    Report,
    catalogue::expression::{CONSTANT_FAILURE, EVALUATION_FAILED},
};
use tenon_model::Value;

use super::{Checked, Checker};
use crate::{
    evaluate::{Machine, Node, Op, Val},
    functions::Run,
    types::Ty,
};

impl Checker<'_, '_> {
    /// Replaces a part whose own parts are constants by its value. One that fails is remembered: see [`super::certain`].
    pub(super) fn fold(&mut self, checked: Checked) -> Checked {
        if !is_constant(&checked.node.op) || !self.reports.is_empty() {
            return checked;
        }
        let mut machine = Machine::folding(&self.environment.places);
        match checked.node.evaluate(&mut machine) {
            Ok(value) => {
                let ty = refined(&value, checked.ty);
                Checked {
                    node: Node::new(Op::Constant(value), checked.node.at),
                    ty,
                    implicit: checked.implicit,
                }
            }
            Err(report) => {
                if report.code().id == EVALUATION_FAILED.id {
                    let failure =
                        Report::new(&CONSTANT_FAILURE, report.message()).hint("correct the constant");
                    let failure = report.places().iter().cloned().fold(failure, Report::at);
                    self.failing.insert(checked.node.at, failure);
                }
                checked
            }
        }
    }
}

/// A folded integer or text is known exactly.
fn refined(value: &Val, ty: Ty) -> Ty {
    match value {
        Val::Data(value @ (Value::Int(_) | Value::String(_))) if !ty.is_dyn() => Ty::literal(value),
        _ => ty,
    }
}

fn is_constant(op: &Op) -> bool {
    let all = |nodes: &[Node]| nodes.iter().all(|node| node.constant().is_some());
    match op {
        Op::Field(operand, ..)
        | Op::Not(operand)
        | Op::Negate(operand)
        | Op::Member(operand, ..)
        | Op::Made(operand, _)
        | Op::TypeOf(operand, _)
        | Op::ToEnum(operand, _) => operand.constant().is_some(),
        Op::Message(node) => node.setters.iter().all(|setter| setter.value.constant().is_some()),
        Op::Search(search) => search.text.constant().is_some() && all(&search.rest),
        Op::Index(parts, _) | Op::Binary(_, parts) => {
            parts.0.constant().is_some() && parts.1.constant().is_some()
        }
        Op::Call(function, arguments) => {
            function.run.origin().is_none() && !matches!(function.run, Run::Macro(_)) && all(arguments)
        }
        Op::List(items) => items.iter().all(|item| item.value.constant().is_some()),
        Op::Map(entries) => {
            entries.iter().all(|entry| entry.key.constant().is_some() && entry.value.constant().is_some())
        }
        Op::And(operands) | Op::Or(operands) | Op::Join(operands) => all(operands),
        Op::Conditional(parts) => {
            parts.0.constant().is_some() && parts.1.constant().is_some() && parts.2.constant().is_some()
        }
        _ => false,
    }
}
