//! Arguments as data: literals and variables, translated to what operations take.

use apollo_compiler::{ast, response::JsonMap};
use serde_json::{Map, Number, Value as Json};
use tenon_contracts::text;
use tenon_errors::{Report, catalogue::api::BAD_PARAMETER};
use tenon_model::{Shape, Str, Value};
use tenon_ports::{Filter, Predicate, Query, Sort, operation::Request};

use super::schema::{Filters, Input, Model, Orders, RootKind};

/// The most values of one `in`.
const MOST_VALUES: usize = 100;

/// The arguments of a field with their variables filled in. An argument whose variable is not given is absent.
pub(super) type Arguments = Map<String, Json>;

/// Fills `variables` into the arguments of a field.
pub(super) fn arguments(given: &[apollo_compiler::Node<ast::Argument>], variables: &JsonMap) -> Arguments {
    given
        .iter()
        .filter_map(|argument| Some((argument.name.to_string(), json(&argument.value, variables)?)))
        .collect()
}

/// What the root field of `kind` asks of its operation.
pub(super) fn request(model: &Model, kind: &RootKind, arguments: &Arguments) -> Result<Request, Report> {
    match kind {
        RootKind::Get { key, .. } => {
            let part = |(name, shape): &(Str, Shape)| {
                scalar(name, arguments.get(name.as_str()).unwrap_or(&Json::Null), shape)
            };
            Ok(Request::Get(vec![key.iter().map(part).collect::<Result<_, _>>()?]))
        }
        RootKind::List { spec, filter, sort, .. } => {
            let limit = arguments.get("first").and_then(Json::as_i64);
            let limit = limit.map(|limit| u64::try_from(limit).unwrap_or(0));
            let mut query = Query {
                filters: filters(arguments.get("filter"), filter)?,
                sort: orders(arguments.get("sort"), sort)?,
                after: None,
                limit: spec.limit(limit).map_err(|message| bad("first", message))?,
            };
            if query.sort.is_empty() {
                query.sort = spec.default_sort();
            }
            if let Some(cursor) = arguments.get("after").and_then(Json::as_str) {
                spec.after(&mut query, cursor)?;
            }
            Ok(Request::List(query))
        }
        RootKind::Send { decoder, input, .. } => {
            let message = translate(model, input, arguments.get("input").cloned().unwrap_or(Json::Null));
            Ok(Request::Send(decoder.decode(message.to_string().as_bytes())?))
        }
    }
}

/// The value of a literal or variable; nothing where a variable has none.
pub(super) fn json(value: &ast::Value, variables: &JsonMap) -> Option<Json> {
    Some(match value {
        ast::Value::Null => Json::Null,
        ast::Value::Boolean(b) => Json::Bool(*b),
        ast::Value::String(text) => Json::String(text.clone()),
        ast::Value::Enum(name) => Json::String(name.to_string()),
        ast::Value::Int(number) => self::number(number.as_str()),
        ast::Value::Float(number) => self::number(number.as_str()),
        ast::Value::Variable(name) => return serde_json::to_value(variables.get(name.as_str())?).ok(),
        ast::Value::List(items) => {
            Json::Array(items.iter().map(|item| json(item, variables).unwrap_or(Json::Null)).collect())
        }
        ast::Value::Object(fields) => {
            let fields =
                fields.iter().filter_map(|(name, value)| Some((name.to_string(), json(value, variables)?)));
            Json::Object(fields.collect())
        }
    })
}

/// A number that JSON cannot hold stays text, which what reads it will refuse.
fn number(text: &str) -> Json {
    text.parse::<Number>().map_or_else(|_| Json::String(text.to_owned()), Json::Number)
}

/// The names of the contract for those of GraphQL. Null stands for an absent field where the contract does not know null.
fn translate(model: &Model, input: &Input, value: Json) -> Json {
    match (input, value) {
        (Input::List(item), Json::Array(items)) => {
            Json::Array(items.into_iter().map(|value| translate(model, item, value)).collect())
        }
        (Input::List(_), Json::Null) => Json::Null,
        (Input::List(item), single) => Json::Array(vec![translate(model, item, single)]),
        (Input::Record(record), Json::Object(fields)) => {
            let names = &model.inputs[*record];
            let field = |(name, value): (String, Json)| {
                let (name, input, nullable) = names.get(name.as_str())?;
                let kept = *nullable || !value.is_null();
                kept.then(|| (name.to_string(), translate(model, input, value)))
            };
            Json::Object(fields.into_iter().filter_map(field).collect())
        }
        (_, other) => other,
    }
}

fn filters(given: Option<&Json>, columns: &Filters) -> Result<Vec<Filter>, Report> {
    let mut filters = Vec::new();
    for (name, conditions) in given.and_then(Json::as_object).into_iter().flatten() {
        let Some((column, shape)) = columns.get(name.as_str()) else { continue };
        for (word, value) in conditions.as_object().into_iter().flatten() {
            // A condition that is null is none: clients send variables that they have no value for so.
            if value.is_null() {
                continue;
            }
            let predicate = predicate(name, word, value, shape)?;
            filters.push(Filter { column: column.clone(), predicate });
        }
    }
    Ok(filters)
}

fn predicate(name: &str, word: &str, value: &Json, shape: &Shape) -> Result<Predicate, Report> {
    let one = || scalar(name, value, shape);
    Ok(match word {
        "ne" => Predicate::NotEqual(one()?),
        "lt" => Predicate::Less(one()?),
        "lte" => Predicate::LessOrEqual(one()?),
        "gt" => Predicate::Greater(one()?),
        "gte" => Predicate::GreaterOrEqual(one()?),
        "in" => {
            let values = several(value);
            if values.len() > MOST_VALUES {
                return Err(bad(name, format!("more than {MOST_VALUES} values")));
            }
            Predicate::In(values.iter().map(|value| scalar(name, value, shape)).collect::<Result<_, _>>()?)
        }
        "null" => Predicate::IsNull(value.as_bool().unwrap_or(true)),
        _ => Predicate::Equal(one()?),
    })
}

fn orders(given: Option<&Json>, orders: &Orders) -> Result<Vec<Sort>, Report> {
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
fn several(value: &Json) -> &[Json] {
    match value {
        Json::Null => &[],
        Json::Array(items) => items,
        single => std::slice::from_ref(single),
    }
}

fn scalar(name: &str, value: &Json, shape: &Shape) -> Result<Value, Report> {
    let read = match value {
        Json::String(text) => text::scalar(text, shape),
        other => text::scalar(&other.to_string(), shape),
    };
    read.map_err(|report| bad(name, report.message()))
}

fn bad(name: &str, message: impl std::fmt::Display) -> Report {
    Report::new(&BAD_PARAMETER, format!("argument `{name}`: {message}")).path(format!("/{name}"))
}
