//! Messages while an expression runs: making them, and reading what they may not have set.

use std::sync::Arc;

use tenon_errors::Report;
use tenon_model::{Str, Value};

use super::{Failure, Get, Machine, MessageNode, Node, StepNode, Val, fields, node::Lent};
use crate::messages::{self, Enumeration, Holds, Item, MessageField};

/// The message that `whole` makes.
#[inline(never)]
pub(super) fn make(whole: &Node, node: &MessageNode, machine: &mut Machine<'_>) -> Result<Value, Report> {
    let mut set = Vec::with_capacity(node.setters.len());
    for setter in &node.setters {
        let value = setter.value.evaluate(machine)?;
        let value = match (setter.optional, value) {
            (true, value) => match value.into_optional() {
                Some(Some(inner)) => inner,
                Some(None) => continue,
                None => {
                    let failure = Failure::because("`?` needs an optional value");
                    return Err(machine.report(&setter.value, failure, "{}"));
                }
            },
            (false, value) => value,
        };
        let value = value.into_data().map_err(|failure| machine.report(&setter.value, failure, "{}"))?;
        set.push((setter.field.clone(), value));
    }
    messages::make(&*node.types, &node.message, set).map_err(|why| {
        let failure = Failure::because(format!("`{}` is not made: {why}", node.message.name));
        machine.report(whole, failure, "{}")
    })
}

/// A field of what may be a message.
pub(super) fn member(operand: Val, step: &StepNode, get: Get, types: &Lent) -> Result<Val, Failure> {
    let (value, get) = match &operand {
        Val::Data(value) => (value, get),
        Val::Present(value) => (value, get.through_optional()),
        _ => return fields::select(operand, step, get),
    };
    let Some(ty) = messages::type_of(value, &**types) else { return fields::select(operand, step, get) };
    let Some(field) = ty.field(&step.name) else {
        return Err(Failure::because(format!("`{}` has no field `{}`", ty.name, step.name)));
    };
    let set = value.get(&field.name);
    Ok(match get {
        Get::Has { .. } => Val::bool(set.is_some()),
        Get::Value => read(field, set.cloned().unwrap_or_else(|| field.stand_in()), types),
        Get::Optional { .. } => set.map_or(Val::Absent, |value| Val::some(read(field, value.clone(), types))),
    })
}

fn read(field: &MessageField, value: Value, types: &Lent) -> Val {
    match (&field.holds, &value) {
        (Holds::One(Item::Enum(name)), Value::Int(n)) if types.has_enum_types() => {
            i32::try_from(*n).map_or(Val::Data(value), |n| Val::Enum(name.clone(), n))
        }
        _ => Val::Data(value),
    }
}

/// The name of the type of what may be a message.
pub(super) fn type_name(value: &Val, types: &Lent) -> Str {
    let message = if let Val::Data(data) = value { messages::type_of(data, &**types) } else { None };
    message.map_or_else(|| value.type_name(), |ty| ty.name.clone())
}

/// The member of this number or name.
pub(super) fn to_enum(value: &Val, ty: &Arc<Enumeration>) -> Result<Val, Failure> {
    let number = match value {
        Val::Data(Value::Int(n)) => i32::try_from(*n).map_err(|_| {
            Failure::because(format!("{n} is outside the range of an enumeration, which is that of 32 bits"))
        })?,
        Val::Data(Value::String(name)) => ty.number(name).ok_or_else(|| {
            Failure::because(format!("{:?} is not a valid member of `{}`", name.as_str(), ty.name))
        })?,
        Val::Enum(name, number) if *name == ty.name => *number,
        _ => return Err(Failure::NoOverload),
    };
    Ok(Val::Enum(ty.name.clone(), number))
}
