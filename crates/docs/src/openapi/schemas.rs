//! Contracts as component schemas.

use serde_json::{Map, Value, json};
use tenon_contracts::json_schema;
use tenon_model::Name;
use tenon_plan::Plan;

/// A reference to the component of the contract `name`.
pub(super) fn reference(name: &Name) -> Value {
    json!({ "$ref": format!("#/components/schemas/{}", pascal_case(name)) })
}

/// The newest version of every contract, and the shape of problems.
pub(super) fn components(plan: &Plan) -> Value {
    let mut schemas = Map::new();
    for contract in plan.contracts.values() {
        let mut schema = json_schema::write(&contract.shape);
        if let (Some(object), Some(doc)) = (schema.as_object_mut(), &contract.doc) {
            object.insert("description".into(), doc.as_str().into());
        }
        schemas.insert(pascal_case(&contract.reference.name), schema);
    }
    schemas.insert("Problem".into(), problem());
    Value::Object(schemas)
}

/// `new-flight` as `NewFlight`.
pub(crate) fn pascal_case(name: &str) -> String {
    name.split(['-', '_'])
        .flat_map(|word| {
            let mut letters = word.chars();
            letters.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(letters)
        })
        .collect()
}

fn problem() -> Value {
    let text = json!({ "type": "string" });
    json!({
        "type": "object",
        "description": "A problem (RFC 9457).",
        "properties": {
            "type": { "type": "string", "format": "uri-reference" },
            "title": text, "status": { "type": "integer" }, "detail": text, "instance": text,
            "code": text, "hint": text,
            "errors": { "type": "array", "items": {
                "type": "object",
                "properties": { "detail": text, "pointer": text },
                "required": ["detail"],
            } },
        },
        "required": ["type", "title", "status"],
    })
}

#[cfg(test)]
mod tests {
    #[test]
    fn contract_names_become_type_names() {
        assert_eq!(super::pascal_case("new-flight_row"), "NewFlightRow");
    }
}
