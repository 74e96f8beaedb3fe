//! What is read, decoded, resolved and written.

mod codec;
mod hostile;
mod locate;
mod read;
mod resolve;
mod write;

use std::sync::Arc;

use tenon_model::Value;

use super::{Schema, codec::JsonCodec, parse};

fn schema(text: &str) -> Arc<Schema> {
    parse(text).unwrap_or_else(|reports| panic!("{text}: {reports:?}"))
}

/// The value of `json` in Avro's JSON encoding.
fn value(schema: &Arc<Schema>, json: &str) -> Value {
    JsonCodec::new(Arc::clone(schema))
        .decode(json.as_bytes())
        .unwrap_or_else(|report| panic!("{json}: {report}"))
}
