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
    match op {
        Op::Constant(_) | Op::Path(_) | Op::Now | Op::Draw(..) | Op::Fail(_) => false,
        Op::IsPresent(_) | Op::Wrap(_) | Op::Quiet(_) => false,
        Op::Call(function, _) if function.run.origin().is_some() || matches!(function.run, Run::Macro(_)) => {
            false
        }
        op => op.operands().is_some_and(|operands| operands.iter().all(|node| node.constant().is_some())),
    }
}
