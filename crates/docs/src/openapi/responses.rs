//! What an operation answers.

use serde_json::{Map, Value, json};
use tenon_plan::{Operation, OperationKind};
use tenon_security::authorize::Access;

use super::schemas::reference;

/// The responses of an operation: success first, then the problems that it can answer with.
pub(super) fn of(operation: &Operation) -> Value {
    let mut responses = Map::new();
    responses.insert(operation.status.to_string(), success(operation));
    let mut problem = |status: u16| {
        responses.insert(status.to_string(), json!({ "$ref": format!("#/components/responses/{status}") }));
    };
    problem(400);
    if operation.access != Access::Open {
        problem(401);
        problem(403);
    }
    if matches!(operation.kind, OperationKind::Get { .. } | OperationKind::Send { .. }) {
        problem(404);
    }
    if operation.limit.is_some() {
        problem(429);
    }
    problem(503);
    Value::Object(responses)
}

fn success(operation: &Operation) -> Value {
    let (description, schema) = match &operation.kind {
        OperationKind::Get { table } => ("The row.", reference(&table.contract.reference.name)),
        OperationKind::List { table, .. } => {
            ("A page of rows.", page(&reference(&table.contract.reference.name)))
        }
        OperationKind::Send { output, .. } => ("What the flow replies.", reference(&output.reference.name)),
    };
    json!({ "description": description, "content": { "application/json": { "schema": schema } } })
}

fn page(row: &Value) -> Value {
    json!({
        "type": "object",
        "properties": {
            "items": { "type": "array", "items": row },
            "next": { "type": "string", "description": "The cursor of the next page; absent on the last one." },
        },
        "required": ["items"],
    })
}

/// Problems that many operations share.
pub(super) fn shared() -> Value {
    let problems = [
        (400, "The request does not follow its contract."),
        (401, "The credentials are absent or not valid."),
        (403, "The credentials do not allow this."),
        (404, "There is no such resource."),
        (429, "More requests than the limit allows; see `Retry-After`."),
        (503, "Not now; see `Retry-After`."),
    ];
    let response = |description: &str| {
        json!({
            "description": description,
            "content": { "application/problem+json": { "schema": { "$ref": "#/components/schemas/Problem" } } },
        })
    };
    Value::Object(problems.iter().map(|(status, text)| (status.to_string(), response(text))).collect())
}
