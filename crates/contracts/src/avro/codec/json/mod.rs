//! Avro's JSON encoding (section "JSON Encoding" of the specification): values of unions are `{"type": value}`, octets are text of the
//! characters U+0000 to U+00FF. NaN and infinities, which are refused, have no form. Defaults of fields are written alike, but that values of
//! unions have no tag.

mod read;
mod write;

use std::sync::Arc;

use serde_json::Value as Json;
use tenon_errors::Report;
use tenon_model::Value;

use super::trouble::Trouble;
use crate::{
    avro::schema::{NodeId, Schema},
    json::{Decoder, Limits},
};

/// Whether values of unions have tags.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Unions {
    Tagged,
    Plain,
}

/// Reads and writes Avro's JSON encoding. Cheap to clone.
#[derive(Debug, Clone)]
pub struct JsonCodec {
    schema: Arc<Schema>,
    text: Decoder,
}

impl JsonCodec {
    /// For values of `schema`.
    #[must_use]
    pub fn new(schema: Arc<Schema>) -> Self {
        Self { schema, text: Decoder::verbatim() }
    }

    /// The same with other limits.
    #[must_use]
    pub fn with_limits(mut self, limits: Limits) -> Self {
        self.text = self.text.with_limits(limits);
        self
    }

    /// The value that `bytes` are.
    ///
    /// # Errors
    /// `D0101` to `D0106` for what is no JSON or beyond the limits, `D0001` for what does not follow the schema, with its path.
    pub fn decode(&self, bytes: &[u8]) -> Result<Value, Report> {
        let value = self.text.decode(bytes)?;
        read::value(&self.schema, self.schema.root(), &value, Unions::Tagged).map_err(Trouble::into_report)
    }

    /// Appends `value`.
    ///
    /// # Errors
    /// As for the binary encoding. `out` is as it was.
    pub fn encode(&self, value: &Value, out: &mut Vec<u8>) -> Result<(), Report> {
        let start = out.len();
        write::value(&self.schema, self.schema.root(), value, Unions::Tagged, out).map_err(|trouble| {
            out.truncate(start);
            trouble.into_report()
        })
    }
}

/// The default that `value`, JSON of no contract, is for a field of the type `id`.
pub(in crate::avro) fn read_default(schema: &Schema, id: NodeId, value: &Value) -> Result<Value, Report> {
    read::value(schema, id, value, Unions::Plain).map_err(Trouble::into_report)
}

/// Whether a default of the type comes back as it was: of alternatives in it, the first that takes the JSON is meant.
pub(in crate::avro) fn keeps_default(schema: &Schema, id: NodeId, value: &Value) -> bool {
    let plain = |json: Json| Decoder::open().decode(json.to_string().as_bytes()).ok();
    let read = default_of(schema, id, value).and_then(plain);
    read.and_then(|json| read_default(schema, id, &json).ok()).is_some_and(|read| read == *value)
}

/// A default as a schema has it; `None` for what is not of the type.
pub(in crate::avro) fn default_of(schema: &Schema, id: NodeId, value: &Value) -> Option<Json> {
    let mut out = Vec::new();
    write::value(schema, id, value, Unions::Plain, &mut out).ok()?;
    serde_json::from_slice(&out).ok()
}
