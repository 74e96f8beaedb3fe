//! Arguments as what operations take.

use apollo_compiler::ast;
use tenon_contracts::json::Decoder;
use tenon_errors::{Report, catalogue::api::BAD_PARAMETER};
use tenon_model::{Map, Str, Value};
use tenon_ports::{Comparison, Filter, Predicate, Query, Sort, operation::Request};

use super::{
    schema::{Filters, Input, Model, Orders, RootKind},
    variables::data,
};

/// Fills `variables` into the arguments of a field. An argument whose variable is not given is absent.
///
/// # Errors
/// `D0102` and `D0106`.
pub(super) fn arguments(
    given: &[apollo_compiler::Node<ast::Argument>],
    variables: &Map,
) -> Result<Map, Report> {
    let mut arguments = Map::with_capacity(given.len());
    for argument in given {
        if let Some(value) = data(&argument.value, variables)? {
            arguments.insert(argument.name.as_str(), value);
        }
    }
    Ok(arguments)
}

/// What the root field of `kind` asks of its operation.
pub(super) fn request(model: &Model, kind: &RootKind, arguments: &Map) -> Result<Request, Report> {
    match kind {
        RootKind::Get { key, .. } => {
            let part = |(name, decoder): &(Str, Decoder)| {
                scalar(name, arguments.get(name.as_str()).unwrap_or(&Value::Null), decoder)
            };
            Ok(Request::Get(vec![key.iter().map(part).collect::<Result<_, _>>()?]))
        }
        RootKind::List { spec, filter, sort, .. } => {
            let limit = arguments.get("first").and_then(Value::as_i64);
            let mut query = Query {
                filters: filters(arguments.get("filter"), filter)?,
                sort: orders(arguments.get("sort"), sort)?,
                limit: spec.limit(limit).map_err(|message| bad("first", message))?,
                ..Query::default()
            };
            if query.sort.is_empty() {
                query.sort = spec.default_sort();
            }
            if let Some(cursor) = arguments.get("after").and_then(Value::as_str) {
                spec.after(&mut query, cursor)?;
            }
            Ok(Request::List(query))
        }
        RootKind::Send { decoder, input, .. } => {
            let message = translate(model, input, arguments.get("input").unwrap_or(&Value::Null));
            Ok(Request::Send(decoder.decode_value(&message)?))
        }
    }
}

/// The names of the contract for those of GraphQL. Null stands for an absent field where the contract does not know null.
fn translate(model: &Model, input: &Input, value: &Value) -> Value {
    match (input, value) {
        (Input::List(item), Value::List(items)) => {
            Value::list(items.iter().map(|value| translate(model, item, value)).collect())
        }
        (Input::List(_), Value::Null) => Value::Null,
        (Input::List(item), single) => Value::list(vec![translate(model, item, single)]),
        (Input::Record(record), Value::Map(fields)) => {
            let names = &model.inputs[*record];
            let mut message = Map::with_capacity(fields.len());
            for (name, value) in fields.iter() {
                let Some((name, input, nullable)) = name.as_str().and_then(|name| names.get(name)) else {
                    continue;
                };
                if *nullable || !value.is_null() {
                    message.insert(name.clone(), translate(model, input, value));
                }
            }
            Value::Map(message.into())
        }
        (_, other) => other.clone(),
    }
}

/// An argument or condition whose variable is not given is absent, and absent is none. One that is null was given: taken for
/// none it would let every row through that a client meant to ask one for.
fn filters(given: Option<&Value>, columns: &Filters) -> Result<Vec<Filter>, Report> {
    let mut filters = Vec::new();
    for (name, conditions) in members("filter", given)? {
        let Some((column, decoder)) = columns.get(name) else { continue };
        for (word, value) in members(name, Some(conditions))? {
            if value.is_null() {
                return Err(null(name, &format!("`{word}` is null")));
            }
            let predicate = predicate(name, word, value, decoder)?;
            filters.push(Filter { column: column.clone(), predicate });
        }
    }
    Ok(filters)
}

/// The members of an argument that is an object.
fn members<'v>(name: &str, given: Option<&'v Value>) -> Result<Vec<(&'v str, &'v Value)>, Report> {
    match given {
        None => Ok(Vec::new()),
        Some(Value::Map(map)) => {
            Ok(map.iter().filter_map(|(name, value)| Some((name.as_str()?, value))).collect())
        }
        Some(_) => Err(null(name, "it is null")),
    }
}

fn null(name: &str, message: &str) -> Report {
    bad(name, format!("{message}, which is not a condition")).hint(
        "leave the condition out where there is none, or write `{ null: true }` for rows that have no value",
    )
}

fn predicate(name: &str, word: &str, value: &Value, decoder: &Decoder) -> Result<Predicate, Report> {
    match Comparison::of(word) {
        Some(Comparison::In) => {
            let values = several(value);
            if values.len() > Comparison::MOST_VALUES {
                return Err(bad(name, format!("more than {} values", Comparison::MOST_VALUES)));
            }
            values
                .iter()
                .map(|value| scalar(name, value, decoder))
                .collect::<Result<_, _>>()
                .map(Predicate::In)
        }
        Some(Comparison::Null) => Ok(Predicate::IsNull(!matches!(value, Value::Bool(false)))),
        one => {
            let value = scalar(name, value, decoder)?;
            let predicate = one.and_then(|one| one.with(value));
            predicate.ok_or_else(|| bad(name, format!("`{word}` is not a comparison")))
        }
    }
}

fn orders(given: Option<&Value>, orders: &Orders) -> Result<Vec<Sort>, Report> {
    let mut sort: Vec<Sort> = Vec::new();
    for order in given.map_or(&[][..], several) {
        let Some((column, descending)) = order.as_str().and_then(|name| orders.get(name)) else { continue };
        if sort.iter().any(|sort| sort.column == *column) {
            return Err(bad("sort", format!("`{column}` is given twice")));
        }
        sort.push(Sort { column: column.clone(), descending: *descending });
    }
    Ok(sort)
}

/// A single value counts as a list of one (GraphQL, section 3.11).
fn several(value: &Value) -> &[Value] {
    match value {
        Value::Null => &[],
        Value::List(items) => items,
        single => std::slice::from_ref(single),
    }
}

/// A value as JSON has it: `"7"` is text, also where the column may hold the number 7.
fn scalar(name: &str, value: &Value, decoder: &Decoder) -> Result<Value, Report> {
    if value.is_null() {
        return Err(null(name, "a value is null"));
    }
    // What is wrong with a value that is no record stands in the only detail.
    decoder
        .decode_value(value)
        .map_err(|report| bad(name, report.details().first().unwrap_or(&report).message()))
}

fn bad(name: &str, message: impl std::fmt::Display) -> Report {
    Report::new(&BAD_PARAMETER, format!("argument `{name}`: {message}")).path(format!("/{name}"))
}
