//! What a GraphQL request holds, from a JSON body or the query of a URL.

use tenon_contracts::json::Decoder;
use tenon_errors::{Report, catalogue::api::BAD_GRAPHQL};
use tenon_model::{Map, Value};

use crate::rest::pairs;

/// The longest document; what is longer is generated, and a generator can ask in parts.
const LONGEST: usize = 64 << 10;

/// A request: a document, which of its operations, and values for its variables, with all their digits.
#[derive(Debug)]
pub(super) struct GraphqlRequest {
    pub(super) query: String,
    pub(super) operation: Option<String>,
    pub(super) variables: Map,
}

impl GraphqlRequest {
    /// Reads the body of a `POST`.
    pub(super) fn from_body(body: &[u8]) -> Result<Self, Report> {
        match Decoder::verbatim().decode(body)? {
            Value::Map(fields) => Self::from_fields(&fields),
            _ => Err(malformed("the body is not a JSON object")),
        }
    }

    /// Reads the query of a `GET`, in which `variables` and `extensions` are JSON.
    pub(super) fn from_query(query: &str) -> Result<Self, Report> {
        let mut fields = Map::new();
        for (name, value) in pairs(query)? {
            let value = match &*name {
                "variables" | "extensions" if !value.is_empty() => Decoder::verbatim()
                    .decode(value.as_bytes())
                    .map_err(|report| report.path(format!("/{name}")))?,
                _ => Value::from(value.into_owned()),
            };
            let name = name.into_owned();
            if fields.insert(name.clone(), value).is_some() {
                return Err(malformed(format!("`{name}` is given more than once")));
            }
        }
        Self::from_fields(&fields)
    }

    fn from_fields(fields: &Map) -> Result<Self, Report> {
        let query = match fields.get("query") {
            Some(Value::String(query)) => query.to_string(),
            Some(_) => return Err(malformed("`query` is not text")),
            None => return Err(malformed("there is no `query`")),
        };
        if query.len() > LONGEST {
            return Err(malformed(format!(
                "the document has {} bytes, at most {LONGEST} are read",
                query.len()
            )));
        }
        let operation = match fields.get("operationName") {
            None | Some(Value::Null) => None,
            Some(Value::String(name)) => Some(name.to_string()).filter(|name| !name.is_empty()),
            Some(_) => return Err(malformed("`operationName` is not text")),
        };
        let variables = match fields.get("variables") {
            None | Some(Value::Null) => Map::new(),
            Some(Value::Map(variables)) => Map::clone(variables),
            Some(Value::String(text)) if text.is_empty() => Map::new(),
            Some(_) => return Err(malformed("`variables` is not an object")),
        };
        match fields.get("extensions") {
            None | Some(Value::Null | Value::Map(_)) => Ok(Self { query, operation, variables }),
            Some(Value::String(text)) if text.is_empty() => Ok(Self { query, operation, variables }),
            Some(_) => Err(malformed("`extensions` is not an object")),
        }
    }
}

fn malformed(message: impl Into<String>) -> Report {
    Report::new(&BAD_GRAPHQL, message).hint("send `{ \"query\": \"...\" }` as application/json")
}
