//! What a GraphQL request holds, from a JSON body or the query of a URL.

use apollo_compiler::response::JsonMap;
use serde_json::{Map, Value};
use tenon_errors::{Report, catalogue::api::BAD_GRAPHQL};

use crate::rest::pairs;

/// The longest document; what is longer is generated, and a generator can ask in parts.
const LONGEST: usize = 64 << 10;

/// A request: a document, which of its operations, and values for its variables.
#[derive(Debug)]
pub(super) struct GraphqlRequest {
    pub(super) query: String,
    pub(super) operation: Option<String>,
    pub(super) variables: JsonMap,
}

impl GraphqlRequest {
    /// Reads the body of a `POST`.
    pub(super) fn from_body(body: &[u8]) -> Result<Self, Report> {
        match serde_json::from_slice(body) {
            Ok(Value::Object(fields)) => Self::from_fields(fields),
            Ok(_) => Err(malformed("the body is not a JSON object")),
            Err(error) => Err(malformed(format!("the body is not JSON: {error}"))),
        }
    }

    /// Reads the query of a `GET`, in which `variables` and `extensions` are JSON.
    pub(super) fn from_query(query: &str) -> Result<Self, Report> {
        let mut fields = Map::new();
        for (name, value) in pairs(query)? {
            let value = match &*name {
                "variables" | "extensions" if !value.is_empty() => serde_json::from_str(&value)
                    .map_err(|error| malformed(format!("`{name}` is not JSON: {error}")))?,
                _ => Value::from(value.into_owned()),
            };
            fields.insert(name.into_owned(), value);
        }
        Self::from_fields(fields)
    }

    fn from_fields(mut fields: Map<String, Value>) -> Result<Self, Report> {
        let query = match fields.remove("query") {
            Some(Value::String(query)) => query,
            Some(_) => return Err(malformed("`query` is not text")),
            None => return Err(malformed("there is no `query`")),
        };
        if query.len() > LONGEST {
            return Err(malformed(format!(
                "the document has {} bytes, at most {LONGEST} are read",
                query.len()
            )));
        }
        let operation = match fields.remove("operationName") {
            None | Some(Value::Null) => None,
            Some(Value::String(name)) => Some(name).filter(|name| !name.is_empty()),
            Some(_) => return Err(malformed("`operationName` is not text")),
        };
        let variables = match fields.remove("variables") {
            None | Some(Value::Null) => JsonMap::new(),
            Some(variables @ Value::Object(_)) => {
                serde_json::from_value(variables).map_err(|error| malformed(error.to_string()))?
            }
            Some(Value::String(text)) if text.is_empty() => JsonMap::new(),
            Some(_) => return Err(malformed("`variables` is not an object")),
        };
        match fields.remove("extensions") {
            None | Some(Value::Null | Value::Object(_)) => Ok(Self { query, operation, variables }),
            Some(_) => Err(malformed("`extensions` is not an object")),
        }
    }
}

fn malformed(message: impl Into<String>) -> Report {
    Report::new(&BAD_GRAPHQL, message).hint("send `{ \"query\": \"...\" }` as application/json")
}
