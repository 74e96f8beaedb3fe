//! Values of a document and its variables as data, without loss.
//!
//! The compiler checks variables as JSON whose numbers are doubles. So it is given such a copy, and what goes on to operations
//! is what the client wrote, in which integers are such.

use std::collections::HashSet;

use apollo_compiler::{
    Schema, ast,
    executable::Operation,
    request::{RequestError, coerce_variable_values},
    response::{JsonMap, JsonValue},
    validation::Valid,
};
use tenon_contracts::json::Decoder;
use tenon_errors::{Report, catalogue::data::DUPLICATE_FIELD};
use tenon_model::{Map, Value};

use super::scalars;

/// The variables of an operation.
pub(super) struct Variables {
    /// As they were written, with defaults for those that were not given.
    pub(super) exact: Map,
    /// As the compiler takes them.
    pub(super) coerced: Valid<JsonMap>,
}

/// Why variables cannot be used.
pub(super) enum Unusable {
    Compiler(RequestError),
    Report(Report),
}

impl Variables {
    /// The variables of `operation` where `given` was sent.
    ///
    /// # Errors
    /// What the compiler says, `A0201` for what the scalars of the project do not take, `D0102` for an object of a default that holds
    /// a field twice, `D0106` for numbers beyond bounds.
    pub(super) fn new(schema: &Valid<Schema>, operation: &Operation, given: &Map) -> Result<Self, Unusable> {
        let (mut exact, mut copy) = (Map::new(), JsonMap::new());
        for variable in &operation.variables {
            let name = variable.name.as_str();
            let value = match (given.get(name), &variable.default_value) {
                (Some(value), _) => {
                    let value = scalars::variable(schema, name, &variable.ty, value);
                    let value = value.map_err(Unusable::Report)?;
                    copy.insert(name, shadow(&value));
                    Some(value)
                }
                (None, Some(default)) => data(default, &Map::new()).map_err(Unusable::Report)?,
                (None, None) => None,
            };
            if let Some(value) = value {
                exact.insert(name, value);
            }
        }
        let coerced = coerce_variable_values(schema, operation, &copy).map_err(Unusable::Compiler)?;
        Ok(Self { exact, coerced })
    }
}

/// `value` as the compiler takes it, which looks at kinds and at the bounds of `Int` and `Float` only.
fn shadow(value: &Value) -> JsonValue {
    match value {
        Value::Bool(b) => JsonValue::Bool(*b),
        Value::Int(n) => JsonValue::from(*n),
        Value::Uint(n) => JsonValue::from(*n),
        Value::Float(n) => JsonValue::from(*n),
        // A decimal that no double comes near is one that nothing but decimals can take.
        Value::Decimal(n) => {
            JsonValue::from(n.to_string().parse().ok().filter(|n: &f64| n.is_finite()).unwrap_or(f64::MAX))
        }
        Value::String(text) => JsonValue::from(text.as_str()),
        Value::List(items) => JsonValue::Array(items.iter().map(shadow).collect()),
        Value::Map(map) => JsonValue::Object(
            map.iter().filter_map(|(name, value)| Some((name.as_str()?.into(), shadow(value)))).collect(),
        ),
        _ => JsonValue::Null,
    }
}

/// The value of a literal or variable; nothing where a variable has none.
///
/// # Errors
/// `D0102` for an object that holds a field twice, `D0106` for a number beyond bounds.
pub(super) fn data(value: &ast::Value, variables: &Map) -> Result<Option<Value>, Report> {
    Ok(Some(match value {
        ast::Value::Null => Value::Null,
        ast::Value::Boolean(b) => Value::Bool(*b),
        ast::Value::String(text) => Value::from(text.as_str()),
        ast::Value::Enum(name) => Value::from(name.as_str()),
        // The grammar of numbers is that of JSON.
        ast::Value::Int(number) => Decoder::verbatim().decode(number.as_str().as_bytes())?,
        ast::Value::Float(number) => Decoder::verbatim().decode(number.as_str().as_bytes())?,
        ast::Value::Variable(name) => return Ok(variables.get(name.as_str()).cloned()),
        ast::Value::List(items) => {
            let item = |item| Ok(data(item, variables)?.unwrap_or_default());
            Value::list(items.iter().map(|value| item(value)).collect::<Result<_, Report>>()?)
        }
        ast::Value::Object(fields) => {
            let mut map = Map::with_capacity(fields.len());
            let mut names = HashSet::with_capacity(fields.len());
            for (name, value) in fields {
                if !names.insert(name.as_str()) {
                    let message = format!("the field `{name}` appears twice in one object");
                    return Err(Report::new(&DUPLICATE_FIELD, message).hint("give each field once"));
                }
                if let Some(value) = data(value, variables)? {
                    map.insert(name.as_str(), value);
                }
            }
            Value::Map(map.into())
        }
    }))
}
