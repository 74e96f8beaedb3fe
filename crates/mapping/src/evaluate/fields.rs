//! Reading fields and items, strictly or not.

use tenon_model::{Key, Map, Value};

use super::{Failure, Get, PathNode, StepNode, Val};

/// What `path` leads to from `root`, the value of its variable.
pub(super) fn read(root: &Value, path: &PathNode) -> Result<Val, Failure> {
    let Some((last, before)) = path.steps.split_last() else { return Ok(whole(root, path)) };
    let mut value = root;
    if value.is_null() && path.lenient {
        return nothing(path.get, last);
    }
    for step in before {
        match find(value, step)? {
            Some(next) if !(step.lenient && next.is_null()) => value = next,
            None if !step.lenient => return Err(no_such_key(&step.name)),
            _ => return nothing(path.get, last),
        }
    }
    got(find(value, last)?, path.get, last)
}

/// The same without a copy, where it is the value of a field that is there and needs no conversion. What is not simple is
/// left to [`read`].
#[inline]
pub(super) fn given<'v>(root: &'v Value, path: &PathNode) -> Option<&'v Value> {
    if path.get != Get::Value || path.optional || path.lenient {
        return None;
    }
    let found = path.steps.iter().try_fold(root, |value, step| match value {
        Value::Map(map) if !step.lenient => map.get_near(&step.hint, &step.name),
        _ => None,
    })?;
    (!matches!(found, Value::Uint(_))).then_some(found)
}

fn whole(root: &Value, path: &PathNode) -> Val {
    match path.get {
        Get::Value if path.optional && root.is_null() => Val::Absent,
        Get::Value if path.optional => Val::Present(root.clone()),
        Get::Value => Val::Data(integer(root, path.integer)),
        Get::Optional { .. } if root.is_null() => Val::Absent,
        Get::Optional { .. } => Val::Present(integer(root, path.integer)),
        Get::Has { .. } => Val::bool(!root.is_null()),
    }
}

/// A field of a computed value.
pub(super) fn select(operand: Val, step: &StepNode, get: Get) -> Result<Val, Failure> {
    match operand {
        Val::Data(Value::Null) if step.lenient => nothing(get, step),
        Val::Data(value) => got(find(&value, step)?, get, step),
        Val::Absent => nothing(get.through_optional(), step),
        Val::Present(value) => {
            // A field that the content lacks makes the whole an optional without a value.
            got(find(&value, step)?, get.through_optional(), step)
        }
        Val::Wrapped(_) | Val::Type(_) | Val::Net(_) | Val::Enum(..) | Val::Failed(_) => {
            Err(Failure::NoOverload)
        }
    }
}

impl Get {
    /// What is wanted of an optional operand: a field of an optional is optional.
    pub(super) fn through_optional(self) -> Self {
        if self == Self::Value { Self::Optional { null_is_none: false } } else { self }
    }
}

fn find<'v>(value: &'v Value, step: &StepNode) -> Result<Option<&'v Value>, Failure> {
    match value {
        Value::Map(map) => Ok(map.get_near(&step.hint, &step.name)),
        _ if step.mixed => Ok(None),
        other => Err(Failure::because(format!("{} has no field `{}`", describe(other), step.name))),
    }
}

fn describe(value: &Value) -> &'static str {
    if value.is_null() { "null" } else { value.kind_name() }
}

fn got(found: Option<&Value>, get: Get, step: &StepNode) -> Result<Val, Failure> {
    Ok(match (get, found) {
        (Get::Value, Some(value)) => Val::Data(integer(value, step.integer)),
        (Get::Value, None) => return Err(no_such_key(&step.name)),
        (Get::Optional { null_is_none: true }, Some(Value::Null)) => Val::Absent,
        (Get::Optional { .. }, Some(value)) => Val::Present(integer(value, step.integer)),
        (Get::Optional { .. }, None) => Val::Absent,
        (Get::Has { null_is_none }, found) => {
            Val::bool(found.is_some_and(|value| !(null_is_none && value.is_null())))
        }
    })
}

fn nothing(get: Get, step: &StepNode) -> Result<Val, Failure> {
    got(None, get, step)
}

fn no_such_key(name: &str) -> Failure {
    Failure::because(format!("there is no field `{name}`"))
}

/// Contracts have one kind of integer and CEL two: what fits `int` is one, so that arithmetic needs no conversion.
fn integer(value: &Value, by_contract: bool) -> Value {
    match value {
        Value::Uint(n) if by_contract => i64::try_from(*n).map_or_else(|_| value.clone(), Value::Int),
        other => other.clone(),
    }
}

/// An item of a list, or the value of a key of a map.
pub(super) fn index(operand: &Val, key: &Value, get: Get) -> Result<Val, Failure> {
    let (value, get) = match operand {
        Val::Data(value) => (value, get),
        Val::Absent => return Ok(if matches!(get, Get::Has { .. }) { Val::FALSE } else { Val::Absent }),
        Val::Present(value) => (value, get.through_optional()),
        Val::Wrapped(_) | Val::Type(_) | Val::Net(_) | Val::Enum(..) | Val::Failed(_) => {
            return Err(Failure::NoOverload);
        }
    };
    let found = match value {
        Value::List(items) => item(items, key)?,
        Value::Map(map) => entry(map, key),
        _ => return Err(Failure::NoOverload),
    };
    Ok(match (get, found) {
        (Get::Value, Some(value)) => Val::Data(value.clone()),
        (Get::Value, None) if matches!(value, Value::List(_)) => {
            let length = value.as_list().map_or(0, <[_]>::len);
            return Err(Failure::because(format!("there is no item {key} in a list of {length}")));
        }
        (Get::Value, None) => return Err(Failure::because(format!("there is no key {key}"))),
        (Get::Optional { null_is_none: true }, Some(Value::Null)) | (Get::Optional { .. }, None) => {
            Val::Absent
        }
        (Get::Optional { .. }, Some(value)) => Val::Present(value.clone()),
        (Get::Has { .. }, found) => Val::bool(found.is_some()),
    })
}

fn item<'v>(items: &'v [Value], key: &Value) -> Result<Option<&'v Value>, Failure> {
    let at = whole_number(key).ok_or(Failure::NoOverload)?;
    Ok(usize::try_from(at).ok().and_then(|at| items.get(at)))
}

/// The value of `key`; of the numbers, equal ones are the same key (cel-spec, "Maps").
pub(crate) fn entry<'v>(map: &'v Map, key: &Value) -> Option<&'v Value> {
    match key {
        Value::String(text) => map.get(text),
        Value::Bool(b) => map.get_key(&Key::Bool(*b)),
        number => {
            let number = whole_number(number)?;
            let signed = i64::try_from(number).ok().and_then(|n| map.get_key(&Key::Int(n)));
            signed.or_else(|| u64::try_from(number).ok().and_then(|n| map.get_key(&Key::Uint(n))))
        }
    }
}

/// A number without fraction, of any kind.
fn whole_number(value: &Value) -> Option<i128> {
    match value {
        Value::Int(n) => Some(i128::from(*n)),
        Value::Uint(n) => Some(i128::from(*n)),
        Value::Float(n) if n.fract() == 0.0 && n.abs() < 1e19 => {
            #[allow(clippy::cast_possible_truncation, reason = "whole and below 2^64, as checked")]
            let whole = *n as i128;
            Some(whole)
        }
        _ => None,
    }
}
