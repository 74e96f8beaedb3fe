//! What few expressions have: each kind in a function of its own, which [`Node::evaluate`] calls.

use std::sync::Arc;

use tenon_errors::Report;
use tenon_model::{Str, Value};

use super::{
    Failure, Get, Machine, Node, StepNode, Val, arithmetic, convert::Conversion, fields, messages, node::Lent,
};
use crate::{messages::Enumeration, sensitive::without_values};

impl Node {
    #[inline(never)]
    pub(super) fn field(
        &self,
        operand: &Node,
        step: &StepNode,
        get: Get,
        machine: &mut Machine<'_>,
    ) -> Result<Val, Report> {
        let operand = operand.evaluate(machine)?;
        fields::select(operand, step, get).map_err(|failure| machine.report(self, failure, &step.name))
    }

    #[inline(never)]
    pub(super) fn index(
        &self,
        operand: &Node,
        key: &Node,
        get: Get,
        machine: &mut Machine<'_>,
    ) -> Result<Val, Report> {
        let operand = operand.evaluate(machine)?;
        let key = key.data(machine)?;
        fields::index(&operand, &key, get).map_err(|failure| {
            machine.report_kinds(self, failure, "[]", &[operand.kind_name(), key.kind_name()])
        })
    }

    #[inline(never)]
    pub(super) fn negate(&self, operand: &Node, machine: &mut Machine<'_>) -> Result<Val, Report> {
        let value = operand.data(machine)?;
        arithmetic::negate(&value)
            .map(Val::Data)
            .map_err(|failure| machine.report_kinds(self, failure, "-", &[value.kind_name()]))
    }

    #[inline(never)]
    pub(super) fn made(
        &self,
        fields: &Node,
        convert: &Conversion,
        machine: &mut Machine<'_>,
    ) -> Result<Val, Report> {
        let fields = fields.data(machine)?;
        convert
            .apply(fields, &mut machine.context)
            .map(Val::Data)
            .map_err(|failure| machine.report(self, failure, "{}"))
    }

    #[inline(never)]
    pub(super) fn member(
        &self,
        operand: &Node,
        step: &StepNode,
        get: Get,
        types: &Lent,
        machine: &mut Machine<'_>,
    ) -> Result<Val, Report> {
        let operand = operand.evaluate(machine)?;
        messages::member(operand, step, get, types)
            .map_err(|failure| machine.report(self, failure, &step.name))
    }

    #[inline(never)]
    pub(super) fn to_enum(
        &self,
        operand: &Node,
        ty: &Arc<Enumeration>,
        machine: &mut Machine<'_>,
    ) -> Result<Val, Report> {
        let value = operand.evaluate(machine)?;
        messages::to_enum(&value, ty)
            .map_err(|failure| machine.report_kinds(self, failure, &ty.name, &[value.kind_name()]))
    }

    /// A slot that fails does so for those who read it, as if it were evaluated there.
    #[inline(never)]
    pub(super) fn block(
        &self,
        slots: &[Node],
        body: &Node,
        machine: &mut Machine<'_>,
    ) -> Result<Val, Report> {
        let depth = machine.locals.len();
        for slot in slots {
            let value = match slot.evaluate(machine) {
                Err(report) if machine.is_exhausted(&report) => {
                    machine.locals.truncate(depth);
                    return Err(report);
                }
                other => other.unwrap_or_else(|report| Val::Failed(report.into())),
            };
            machine.locals.push(value);
        }
        let result = body.evaluate(machine);
        machine.locals.truncate(depth);
        result
    }

    #[inline(never)]
    pub(super) fn opt_map(
        &self,
        operand: &Node,
        body: &Node,
        flat: bool,
        machine: &mut Machine<'_>,
    ) -> Result<Val, Report> {
        let operand = operand.evaluate(machine)?;
        let kind = operand.kind_name();
        match operand.into_optional() {
            Some(Some(inner)) => {
                let result = with_local(inner, body, machine)?;
                Ok(if flat { result } else { Val::some(result) })
            }
            Some(None) => Ok(Val::Absent),
            None => Err(machine.report_kinds(self, Failure::NoOverload, "optMap", &[kind])),
        }
    }
}

fn with_local(value: Val, body: &Node, machine: &mut Machine<'_>) -> Result<Val, Report> {
    machine.locals.push(value);
    let result = body.evaluate(machine);
    machine.locals.pop();
    result
}

#[inline(never)]
pub(super) fn is_present(operand: &Node, machine: &mut Machine<'_>) -> Result<Val, Report> {
    let value = operand.evaluate(machine)?;
    let is_nothing = matches!(value, Val::Absent | Val::Data(Value::Null) | Val::Present(Value::Null));
    Ok(Val::bool(!is_nothing))
}

#[inline(never)]
pub(super) fn bind(value: &Node, body: &Node, machine: &mut Machine<'_>) -> Result<Val, Report> {
    let value = value.evaluate(machine)?;
    with_local(value, body, machine)
}

#[inline(never)]
pub(super) fn type_of(operand: &Node, types: &Lent, machine: &mut Machine<'_>) -> Result<Val, Report> {
    operand.evaluate(machine).map(|value| Val::Type(messages::type_name(&value, types)))
}

#[inline(never)]
pub(super) fn quiet(part: &Node, named: &Str, machine: &mut Machine<'_>) -> Result<Val, Report> {
    part.evaluate(machine).map_err(|report| without_values(report, named))
}
