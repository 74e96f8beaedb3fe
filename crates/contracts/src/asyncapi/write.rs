//! Shapes as a description: AsyncAPI 3.0 with one message, and the types among its components.

use serde_json::json;
use tenon_model::Shape;

use crate::{format::Written, json_schema, openapi::write::components};

/// `shape` as the payload of the message `name` of a description without channels.
pub(super) fn write(name: &str, shape: &Shape) -> Written {
    let schemas = components(name, shape, "#/components/schemas/");
    let own = schemas.as_object().and_then(|schemas| schemas.keys().next()).cloned().unwrap_or_default();
    let document = json!({
        "asyncapi": "3.0.0",
        "info": { "title": name, "version": "1" },
        "components": {
            "messages": { own.clone(): { "payload": { "$ref": format!("#/components/schemas/{own}") } } },
            "schemas": schemas,
        },
    });
    Written { text: format!("{document:#}\n"), losses: json_schema::losses("AsyncAPI", shape) }
}
