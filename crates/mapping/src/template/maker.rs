//! A compiled template, and running it.

use std::{collections::HashSet, sync::Arc};

use tenon_errors::Report;
use tenon_model::{Key, Map, Str, Value};

use crate::evaluate::{Failure, Machine, Node, Val, convert::Conversion};

/// Makes one value of the target.
#[derive(Debug)]
pub(crate) enum Maker {
    Constant(Value),
    Compute {
        node: Node,
        convert: Conversion,
        /// Whether null counts as absent: the target may lack the value, but not hold null.
        drop_null: bool,
    },
    /// Fields in the order of the target's contract, and then what is copied besides.
    Record(Box<[Setter]>, Option<Box<Others>>),
    Each {
        list: Node,
        item: Box<Maker>,
    },
}

/// Sets one field.
#[derive(Debug)]
pub(crate) struct Setter {
    /// Its name in the record.
    pub(crate) key: Key,
    pub(crate) maker: Maker,
    /// What stands in where there is no value; without it the field is left out.
    pub(crate) default: Option<Value>,
}

impl Setter {
    fn name(&self) -> &str {
        self.key.as_str().unwrap_or_default()
    }
}

/// Copies what a record holds besides the fields that are known of it or set.
#[derive(Debug)]
pub(crate) struct Others {
    pub(crate) node: Node,
    pub(crate) known: HashSet<Str>,
    pub(crate) convert: Conversion,
}

impl Maker {
    /// The value, where it is a field of a source as it stands there.
    #[inline]
    fn given<'m>(&self, machine: &'m Machine<'_>) -> Option<&'m Value> {
        match self {
            Self::Compute { node, convert, drop_null: false } if convert.keeps() => node.given(machine),
            _ => None,
        }
    }

    /// The value; `None` where it is absent.
    pub(crate) fn make(&self, machine: &mut Machine<'_>) -> Result<Option<Value>, Report> {
        match self {
            Self::Constant(value) => Ok(Some(value.clone())),
            Self::Compute { node, convert, drop_null } => match node.result(machine)? {
                Val::Absent => Ok(None),
                Val::Data(Value::Null) | Val::Present(Value::Null) if *drop_null => Ok(None),
                Val::Data(value) | Val::Present(value) if convert.keeps() => Ok(Some(value)),
                Val::Data(value) | Val::Present(value) => {
                    let converted = convert.apply(value, &mut machine.context);
                    converted.map(Some).map_err(|failure| machine.report(node, failure, "map"))
                }
                other => {
                    let data = other.into_data().and_then(|value| convert.apply(value, &mut machine.context));
                    data.map(Some).map_err(|failure| machine.report(node, failure, "map"))
                }
            },
            Self::Record(setters, others) => record(setters, others.as_deref(), machine).map(Some),
            Self::Each { list, item } => each(list, item, machine),
        }
    }
}

fn record(setters: &[Setter], others: Option<&Others>, machine: &mut Machine<'_>) -> Result<Value, Report> {
    let mut entries = Vec::with_capacity(setters.len());
    for setter in setters {
        if let Some(value) = setter.maker.given(machine) {
            entries.push((setter.key.clone(), value.clone()));
            continue;
        }
        let value = setter.maker.make(machine).map_err(|report| below(report, setter.name()))?;
        if let Some(value) = value.or_else(|| setter.default.clone()) {
            entries.push((setter.key.clone(), value));
        }
    }
    let mut map = Map::of_new(entries);
    if let Some(others) = others {
        copy(others, &mut map, machine)?;
    }
    Ok(Value::Map(Arc::new(map)))
}

fn copy(others: &Others, map: &mut Map, machine: &mut Machine<'_>) -> Result<(), Report> {
    let Val::Data(Value::Map(from)) = others.node.evaluate(machine)? else { return Ok(()) };
    let spent = machine.context.budget.spend(from.len());
    spent.map_err(|failure| machine.report(&others.node, failure, "..."))?;
    for (key, value) in from.iter() {
        if let Key::String(name) = key
            && !others.known.contains(name)
        {
            let converted = others.convert.apply(value.clone(), &mut machine.context);
            let converted =
                converted.map_err(|failure| below(machine.report(&others.node, failure, "..."), name))?;
            map.insert(name.clone(), converted);
        }
    }
    Ok(())
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
