//! Values as constants.

use tenon_model::{Key, Kind, Shape, Value};

use super::{names, text::quoted};
use crate::json;

/// `value`, which is of `shape`, as a constant; `None` where GraphQL has none.
pub(super) fn written(value: &Value, shape: &Shape) -> Option<String> {
    let resolved = shape.resolved();
    Some(match value {
        Value::String(text) => match &resolved.kind {
            Kind::Enum(values) if names::are_values(values) => text.to_string(),
            _ => quoted(text),
        },
        Value::List(items) => {
            let Kind::List(list) = &resolved.kind else { return None };
            let items: Option<Vec<_>> = items.iter().map(|item| written(item, &list.item)).collect();
            format!("[{}]", items?.join(", "))
        }
        Value::Map(map) => {
            let Kind::Record(record) = &resolved.kind else { return None };
            let field = |(key, value): (&Key, &Value)| {
                let Key::String(name) = key else { return None };
                let (_, field) = record.field(name).filter(|_| names::is_name(name))?;
                Some(format!("{name}: {}", written(value, &field.shape)?))
            };
            let fields: Option<Vec<_>> = map.iter().map(field).collect();
            format!("{{{}}}", fields?.join(", "))
        }
        // Numbers, bools and null are written as in JSON; what is text there is text here.
        scalar => {
            let written = json::to_string(scalar);
            match serde_json::from_str(&written) {
                Ok(serde_json::Value::String(text)) => quoted(&text),
                _ => written,
            }
        }
    })
}
