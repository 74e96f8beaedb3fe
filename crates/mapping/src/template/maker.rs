//! A compiled template, and running it.

use std::sync::Arc;

use tenon_errors::Report;
use tenon_model::{Key, Map, Str, Value};

use super::fits::{Convert, FieldConvert};
use crate::evaluate::{Context, Failure, Machine, Node, Val};

/// Makes one value of the target.
#[derive(Debug)]
pub(crate) enum Maker {
    Constant(Value),
    Compute {
        node: Node,
        convert: Convert,
        /// Whether null counts as absent: the target may lack the value, but not hold null.
        drop_null: bool,
    },
    /// Fields in the order of the target's contract.
    Record(Box<[Setter]>),
    Each {
        list: Node,
        item: Box<Maker>,
    },
}

/// Sets one field.
#[derive(Debug)]
pub(crate) struct Setter {
    pub(crate) name: Str,
    pub(crate) maker: Maker,
    /// What stands in where there is no value; without it the field is left out.
    pub(crate) default: Option<Value>,
}

impl Maker {
    /// The value; `None` where it is absent.
    pub(crate) fn make(&self, machine: &mut Machine<'_>) -> Result<Option<Value>, Report> {
        match self {
            Self::Constant(value) => Ok(Some(value.clone())),
            Self::Compute { node, convert, drop_null } => match node.evaluate(machine)? {
                Val::Absent => Ok(None),
                Val::Data(Value::Null) | Val::Present(Value::Null) if *drop_null => Ok(None),
                Val::Data(value) | Val::Present(value) => {
                    let converted = convert.apply(value, &mut machine.context);
                    converted.map(Some).map_err(|failure| machine.report(node, failure, "map"))
                }
                other @ (Val::Wrapped(_) | Val::Type(_)) => {
                    other.into_data().map(Some).map_err(|failure| machine.report(node, failure, "map"))
                }
            },
            Self::Record(setters) => record(setters, machine).map(Some),
            Self::Each { list, item } => each(list, item, machine),
        }
    }
}

fn record(setters: &[Setter], machine: &mut Machine<'_>) -> Result<Value, Report> {
    let mut map = Map::with_capacity(setters.len());
    for setter in setters {
        let value = setter.maker.make(machine).map_err(|report| below(report, &setter.name))?;
        if let Some(value) = value.or_else(|| setter.default.clone()) {
            map.push_new(Key::String(setter.name.clone()), value);
        }
    }
    Ok(Value::Map(Arc::new(map)))
}

fn each(list: &Node, item: &Maker, machine: &mut Machine<'_>) -> Result<Option<Value>, Report> {
    let items = match list.evaluate(machine)? {
        Val::Data(Value::List(items)) | Val::Present(Value::List(items)) => items,
        Val::Absent | Val::Data(Value::Null) | Val::Present(Value::Null) => return Ok(None),
        other => return Err(machine.report_kinds(list, Failure::NoOverload, "each", &[other.kind_name()])),
    };
    let mut made = Vec::with_capacity(items.len());
    for (position, value) in items.iter().enumerate() {
        machine.context.budget.spend(1).map_err(|failure| machine.report(list, failure, "each"))?;
        machine.locals.push(Val::Data(value.clone()));
        let result = item.make(machine);
        machine.locals.pop();
        made.extend(result.map_err(|report| below(report, &position.to_string()))?);
    }
    Ok(Some(Value::list(made)))
}

/// The report with its path in the target, from the inside out, as a JSON Pointer.
fn below(report: Report, name: &str) -> Report {
    let rest = report.data_path().unwrap_or_default().to_owned();
    let name = name.replace('~', "~0").replace('/', "~1");
    report.path(format!("/{name}{rest}"))
}

impl Convert {
    fn apply(&self, value: Value, context: &mut Context) -> Result<Value, Failure> {
        match (self, value) {
            (Self::Keep, value) => Ok(value),
            (Self::Integer, Value::Uint(n)) => Ok(i64::try_from(n).map_or(Value::Uint(n), Value::Int)),
            (Self::Float, value @ (Value::Int(_) | Value::Uint(_))) => exact_double(&value),
            (Self::Decimal, value @ (Value::Int(_) | Value::Uint(_))) => {
                crate::functions::convert("decimal", &value)
            }
            (Self::Items(item), Value::List(items)) => {
                context.budget.spend(items.len())?;
                let made: Result<_, _> =
                    items.iter().map(|value| item.apply(value.clone(), context)).collect();
                made.map(Value::list)
            }
            (Self::Items(item), Value::Map(map)) => {
                context.budget.spend(map.len())?;
                let mut made = Map::with_capacity(map.len());
                for (key, value) in map.iter() {
                    made.push_new(key.clone(), item.apply(value.clone(), context)?);
                }
                Ok(Value::Map(Arc::new(made)))
            }
            (Self::Fields(fields), Value::Map(map)) => convert_fields(fields, &map, context),
            (_, value) => Ok(value),
        }
    }
}

fn convert_fields(fields: &[FieldConvert], map: &Map, context: &mut Context) -> Result<Value, Failure> {
    context.budget.spend(map.len() + fields.len())?;
    let mut made = Map::with_capacity(map.len());
    for field in fields {
        let name = field.key.as_str().unwrap_or_default();
        let value = match map.get_near(field.position, name) {
            Some(Value::Null) if field.drop_null => None,
            Some(value) => Some(field.convert.apply(value.clone(), context)?),
            None => None,
        };
        if let Some(value) = value.or_else(|| field.default.clone()) {
            made.push_new(field.key.clone(), value);
        }
    }
    // What an open source has beyond the listed fields is kept; the target's validator judges it.
    for (key, value) in map.iter() {
        if !fields.iter().any(|field| field.key == *key) {
            made.push_new(key.clone(), value.clone());
        }
    }
    Ok(Value::Map(Arc::new(made)))
}

/// The double of an integer, where it is exactly the same number.
#[allow(clippy::cast_precision_loss, clippy::cast_possible_truncation, reason = "the loss is looked for")]
fn exact_double(value: &Value) -> Result<Value, Failure> {
    let (double, exact) = match value {
        Value::Int(n) => (*n as f64, (*n as f64) as i128 == i128::from(*n)),
        Value::Uint(n) => (*n as f64, (*n as f64) as i128 == i128::from(*n)),
        _ => return Err(Failure::NoOverload),
    };
    if exact {
        Ok(Value::Float(double))
    } else {
        Err(Failure::because(format!("{value} is not exactly a double")))
    }
}
