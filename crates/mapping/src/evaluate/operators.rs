//! Operators between two values, and the logic that overrules failures.

use smol_str::SmolStrBuilder;
use tenon_errors::Report;
use tenon_model::{Str, Value};

use super::{Context, Failure, Machine, Node, Val, arithmetic, compare, loops, value::kind_name};
use crate::syntax::Binary;

impl Node {
    pub(super) fn binary(
        &self,
        operator: Binary,
        left: &Node,
        right: &Node,
        machine: &mut Machine<'_>,
    ) -> Result<Val, Report> {
        let left = Operand::of(left, machine)?;
        let right = Operand::of(right, machine)?;
        let result = match (left.data(), right.data()) {
            (Some(left), Some(right)) => operate(operator, left, right, &mut machine.context),
            _ => operate_on_results(operator, &left, &right, &mut machine.context),
        };
        result.map_err(|failure| {
            machine.report_kinds(self, failure, operator.symbol(), &[left.kind_name(), right.kind_name()])
        })
    }

    pub(super) fn join(&self, parts: &[Node], machine: &mut Machine<'_>) -> Result<Str, Report> {
        let mut joined = SmolStrBuilder::new();
        for part in parts {
            if let Some(Value::String(text)) = part.given(machine) {
                joined.push_str(text);
                let length = text.len();
                let spent = machine.context.budget.spend_bytes(length);
                spent.map_err(|failure| machine.report(self, failure, "+"))?;
                continue;
            }
            match part.data(machine)? {
                Value::String(text) => {
                    let spent = machine.context.budget.spend_bytes(text.len());
                    spent.map_err(|failure| machine.report(self, failure, "+"))?;
                    joined.push_str(&text);
                }
                other => {
                    return Err(machine.report_kinds(
                        part,
                        Failure::NoOverload,
                        "+",
                        &["text", other.kind_name()],
                    ));
                }
            }
        }
        Ok(joined.finish())
    }
}

/// An operand: lent where it lies there as it is, so that nothing is copied.
enum Operand<'v> {
    Lent(&'v Value),
    Made(Val),
}

impl<'v> Operand<'v> {
    #[inline]
    fn of<'m: 'v>(node: &'v Node, machine: &mut Machine<'m>) -> Result<Self, Report> {
        match node.lent(machine) {
            Some(value) => Ok(Self::Lent(value)),
            None => node.evaluate(machine).map(Self::Made),
        }
    }

    #[inline]
    fn data(&self) -> Option<&Value> {
        match self {
            Self::Lent(value) => Some(value),
            Self::Made(Val::Data(value)) => Some(value),
            Self::Made(_) => None,
        }
    }

    fn to_val(&self) -> Val {
        match self {
            Self::Lent(value) => Val::Data(Value::clone(value)),
            Self::Made(result) => result.clone(),
        }
    }

    fn kind_name(&self) -> &'static str {
        match self {
            Self::Lent(value) => kind_name(value),
            Self::Made(result) => result.kind_name(),
        }
    }
}

fn operate(operator: Binary, left: &Value, right: &Value, context: &mut Context) -> Result<Val, Failure> {
    match operator {
        Binary::Equal => compare::equal(left, right, &mut context.budget).map(Val::bool),
        Binary::NotEqual => compare::equal(left, right, &mut context.budget).map(|equal| Val::bool(!equal)),
        Binary::In => {
            context.budget.spend(right.as_list().map_or(1, <[_]>::len))?;
            loops::contains(left, right, &mut context.budget).map(Val::bool)
        }
        Binary::Less | Binary::LessOrEqual | Binary::Greater | Binary::GreaterOrEqual => {
            relation(operator, left, right)
        }
        _ => arithmetic::arithmetic(operator, left, right, context).map(Val::Data),
    }
}

/// Results that are not both data can be equal or not.
#[cold]
fn operate_on_results(
    operator: Binary,
    left: &Operand<'_>,
    right: &Operand<'_>,
    context: &mut Context,
) -> Result<Val, Failure> {
    let mut equal = || compare::equal_results(&left.to_val(), &right.to_val(), &mut context.budget);
    match operator {
        Binary::Equal => equal().map(Val::bool),
        Binary::NotEqual => equal().map(|equal| Val::bool(!equal)),
        _ => Err(Failure::NoOverload),
    }
}

fn relation(operator: Binary, left: &Value, right: &Value) -> Result<Val, Failure> {
    let Some(order) = compare::compare(left, right) else {
        // NaN is neither smaller nor greater than anything.
        let numbers = compare::is_number(left) && compare::is_number(right);
        return if numbers { Ok(Val::FALSE) } else { Err(Failure::NoOverload) };
    };
    Ok(Val::bool(match operator {
        Binary::Less => order.is_lt(),
        Binary::LessOrEqual => order.is_le(),
        Binary::Greater => order.is_gt(),
        _ => order.is_ge(),
    }))
}

/// `&&` and `||`: an operand that decides overrules a failure on either side of it (cel-spec, "Logical Operators").
pub(super) fn logic(operands: &[Node], decisive: bool, machine: &mut Machine<'_>) -> Result<Val, Report> {
    let what = if decisive { "||" } else { "&&" };
    let mut failed = None;
    for operand in operands {
        match operand.truth(machine, what) {
            Ok(truth) if truth == decisive => return Ok(Val::bool(decisive)),
            Ok(_) => {}
            Err(report) if machine.is_exhausted(&report) => return Err(report),
            Err(report) => failed = failed.or(Some(report)),
        }
    }
    failed.map_or(Ok(Val::bool(!decisive)), Err)
}
