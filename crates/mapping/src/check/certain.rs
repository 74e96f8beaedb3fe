//! Failures that no message escapes: parts that fail whenever they are evaluated, and are always evaluated.
//!
//! A part that some messages never come to is left alone: behind a condition, an operand that may decide before it, in a macro
//! over items that there may be none of.

use tenon_errors::{Report, Reports, catalogue::expression::CONSTANT_FAILURE};
use tenon_model::{Kind, Value};

use super::{Checked, Checker};
use crate::{
    evaluate::{Get, Loop, LoopKind, Node, Op, Val},
    syntax::{Ast, Binary},
    types::{Ty, View},
};

impl Checker<'_, '_> {
    /// All problems, once the whole is checked; where there are no others, those of constants.
    pub(super) fn finish(mut self, whole: &Checked) -> Reports {
        if self.reports.is_empty() && !self.failing.is_empty() {
            let failures = self.certain(&whole.node);
            self.reports.extend(failures);
        }
        self.reports
    }

    /// Remembers that a part fails whenever it is evaluated.
    pub(super) fn fails(&mut self, part: &Checked, at: &Ast, why: impl Into<String>) {
        let report = Report::new(&CONSTANT_FAILURE, why).at(self.at.place(at.span.clone()));
        self.failing.insert(part.node.at, report.hint("correct the constant"));
    }

    /// The failures that an evaluation of `node` always meets.
    fn certain(&self, node: &Node) -> Vec<Report> {
        if node.constant().is_some() {
            return Vec::new();
        }
        if let Some(report) = self.failing.get(&node.at) {
            return vec![report.clone()];
        }
        match &node.op {
            // What follows may go by other ways where the first part has no value, or fails only where it is read.
            Op::OptMap { parts, .. } => self.certain(&parts.0),
            Op::Block(_, body) => self.certain(body),
            Op::Bind(parts) => self.all([&parts.0, &parts.1]),
            Op::And(operands) => self.logical(operands, true),
            Op::Or(operands) => self.logical(operands, false),
            Op::Conditional(parts) => self.chosen(&parts.0, &parts.1, &parts.2),
            Op::Loop(spec) => self.looped(spec),
            op => self.all(op.operands().unwrap_or_default()),
        }
    }

    fn all<'n>(&self, nodes: impl IntoIterator<Item = &'n Node>) -> Vec<Report> {
        nodes.into_iter().flat_map(|node| self.certain(node)).collect()
    }

    /// An operand that is not `neutral` decides, also where another one fails (cel-spec, "Logical Operators").
    fn logical(&self, operands: &[Node], neutral: bool) -> Vec<Report> {
        let mut failures = Vec::new();
        for operand in operands {
            let certain = self.certain(operand);
            if certain.is_empty() && truth(operand) != Some(neutral) {
                return Vec::new();
            }
            failures.extend(certain);
        }
        failures
    }

    fn chosen(&self, test: &Node, yes: &Node, no: &Node) -> Vec<Report> {
        let tested = self.certain(test);
        if !tested.is_empty() {
            return tested;
        }
        match truth(test) {
            Some(true) => self.certain(yes),
            Some(false) => self.certain(no),
            None => {
                let (mut yes, no) = (self.certain(yes), self.certain(no));
                let both = !yes.is_empty() && !no.is_empty();
                yes.extend(no);
                if both { yes } else { Vec::new() }
            }
        }
    }

    /// The body of a macro that goes over each item of what certainly has some.
    fn looped(&self, spec: &Loop) -> Vec<Report> {
        let range = self.certain(&spec.range);
        let has_items = match &spec.range.op {
            Op::Constant(Val::Data(Value::List(items))) => !items.is_empty(),
            Op::List(items) => items.iter().any(|item| !item.optional),
            _ => false,
        };
        // The others are decided by one item, also where another one fails.
        let each = !matches!(spec.kind, LoopKind::All | LoopKind::Exists | LoopKind::ExistsOne);
        if !range.is_empty() || !has_items {
            return range;
        }
        match &spec.filter {
            Some(filter) => self.certain(filter),
            None if each => self.certain(&spec.body),
            None => Vec::new(),
        }
    }
}

fn truth(node: &Node) -> Option<bool> {
    match node.constant() {
        Some(Val::Data(Value::Bool(truth))) => Some(*truth),
        _ => None,
    }
}

/// Why an operator has no result whatever the message is.
pub(super) fn never(operator: Binary, left: &Ty, right: (&Node, &Ty), shown: &str) -> Option<String> {
    match operator {
        Binary::Divide | Binary::Remainder if is_zero(right, left) => {
            Some(format!("{shown} divides by zero"))
        }
        Binary::Add | Binary::Subtract | Binary::Multiply => {
            super::ranges::overflows(operator, left, right.1)
                .then(|| format!("{shown} overflows a 64-bit integer"))
        }
        _ => None,
    }
}

/// Whether a divisor is zero, and not of the doubles, which have a quotient by it.
fn is_zero((node, ty): (&Node, &Ty), dividend: &Ty) -> bool {
    if let Some(Val::Data(value)) = node.constant() {
        return match value {
            Value::Int(n) => *n == 0,
            Value::Uint(n) => *n == 0,
            Value::Decimal(n) => *n.as_big() == 0,
            _ => false,
        };
    }
    let is_integer = matches!(ty.view(), View::Int) && matches!(dividend.view(), View::Int | View::Decimal);
    is_integer && ty.int_range().is_some_and(|range| range.min == Some(0) && range.max == Some(0))
}

/// Why there never is an item at `index` in a list.
pub(super) fn no_item(list: (&Node, &Ty), index: (&Node, &Ty), get: Get) -> Option<String> {
    if get != Get::Value || !matches!(list.1.view(), View::List(_)) {
        return None;
    }
    let range = index.1.int_range()?;
    let (min, max) = (range.min, range.max);
    if let Some(max) = max.filter(|max| *max < 0) {
        let number = if min == Some(max) { max.to_string() } else { format!("{max} or less") };
        return Some(format!("there is no item {number} in a list"));
    }
    let min = min?;
    let most = item_count(list.0).map_or_else(|| longest(list.1), |count| Some(count as u64));
    let most = most.filter(|most| min >= i128::from(*most))?;
    let number = if max == Some(min) { min.to_string() } else { format!("{min} or more") };
    Some(format!("there is no item {number} in a list of at most {most}"))
}

/// The most items that a list has by how it is made.
pub(super) fn item_count(list: &Node) -> Option<usize> {
    match &list.op {
        Op::List(items) => Some(items.len()),
        Op::Constant(Val::Data(Value::List(items))) => Some(items.len()),
        _ => None,
    }
}

/// How many items a contract allows.
fn longest(ty: &Ty) -> Option<u64> {
    let Ty::Data(shape) = ty else { return None };
    match &shape.resolved().kind {
        Kind::List(list) => list.length.max,
        _ => None,
    }
}
