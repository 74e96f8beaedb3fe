//! What an operation answers.

use serde_json::{Map, Value, json};
use tenon_contracts::{
    Contract,
    format::{Codec, Encoding},
    sample,
    text::CsvCodec,
};
use tenon_model::Shape;
use tenon_plan::{Operation, OperationKind};
use tenon_security::authorize::Access;

use super::components::Components;

/// The responses of an operation: success first, then the problems that it can answer with.
pub(super) fn of(operation: &Operation, components: &mut Components) -> Value {
    let sends = matches!(operation.kind, OperationKind::Send { .. });
    let calls = match &operation.kind {
        OperationKind::Send { flow, .. } => flow.steps.iter().any(|step| step.kind.calls().is_some()),
        OperationKind::Get { .. } | OperationKind::List { .. } => false,
    };
    let mut responses = Map::new();
    responses.insert(operation.status.to_string(), success(operation, components));
    if !sends {
        let etag = components.header("ETag", ETAG, "string");
        let unchanged =
            json!({ "description": "The client holds the answer already.", "headers": { "ETag": etag } });
        responses.insert("304".into(), unchanged);
    }
    let problems = [
        ("400", true),
        ("401", operation.access != Access::Open),
        ("403", operation.access != Access::Open),
        ("404", matches!(operation.kind, OperationKind::Get { .. })),
        ("406", true),
        ("413", sends),
        ("415", sends),
        ("422", sends),
        ("429", operation.limit.is_some()),
        ("502", calls),
        ("503", true),
        ("504", calls),
        ("default", true),
    ];
    for (status, _) in problems.iter().filter(|(_, possible)| *possible) {
        responses.insert((*status).into(), components.problem(status));
    }
    Value::Object(responses)
}

const ETAG: &str = "The version of the answer, for `If-None-Match`.";

fn success(operation: &Operation, components: &mut Components) -> Value {
    // Such an answer has no body (RFC 9110, sections 15.3.5 and 15.3.6).
    let is_empty = matches!(operation.status, 204 | 205);
    let (description, schema) = match &operation.kind {
        OperationKind::Get { table } => ("The row.", components.contract(&table.contract)),
        OperationKind::List { table, .. } => ("A page of rows.", page(&components.contract(&table.contract))),
        OperationKind::Send { .. } if is_empty => ("The flow has done it.", Value::Null),
        OperationKind::Send { flow, output, .. } if flow.stands_for.is_some() => {
            ("What the other system answers.", components.contract(output))
        }
        OperationKind::Send { output, .. } => ("What the flow replies.", components.contract(output)),
    };
    let mut headers = vec![("X-Request-Id", "The request's id.", "string")];
    match operation.kind {
        OperationKind::Send { .. } => {}
        OperationKind::Get { .. } => headers.push(("ETag", ETAG, "string")),
        OperationKind::List { .. } => {
            headers.push(("ETag", ETAG, "string"));
            headers.push(("Link", "The next page, with `rel=\"next\"`; absent on the last one.", "string"));
        }
    }
    if operation.cache.is_some() {
        headers.push(("Age", "For how many seconds the answer has been kept.", "integer"));
    }
    if operation.limit.is_some() {
        headers.push(("RateLimit-Policy", "The limit.", "string"));
    }
    let headers: Map<_, _> = headers
        .into_iter()
        .map(|(name, description, kind)| (name.to_owned(), components.header(name, description, kind)))
        .collect();
    let mut success = json!({ "description": description, "headers": headers });
    if !is_empty {
        success["content"] =
            super::content(super::media(schema, example(operation)), others(operation).into_iter());
    }
    success
}

/// The encodings beside JSON in which the operation answers.
fn others(operation: &Operation) -> Vec<&'static Encoding> {
    let of = |contract: &Contract| contract.codecs.iter().map(|codec| codec.encoding()).collect();
    match &operation.kind {
        OperationKind::Get { table } => of(&table.contract),
        OperationKind::List { table, .. } => {
            let rows = CsvCodec::new(&Shape::list(table.contract.shape.clone()));
            rows.map(|rows| rows.encoding()).into_iter().collect()
        }
        OperationKind::Send { output, .. } => of(output),
    }
}

/// What the operation could answer.
pub(crate) fn example(operation: &Operation) -> Option<Value> {
    match &operation.kind {
        OperationKind::Get { table } => sample::of(&table.contract),
        OperationKind::List { table, .. } => sample::of(&table.contract).map(|row| json!({ "items": [row] })),
        OperationKind::Send { output, .. } => sample::of(output),
    }
}

fn page(row: &Value) -> Value {
    json!({
        "type": "object",
        "properties": {
            "items": { "type": "array", "items": row },
            "next": {
                "type": "string",
                "minLength": 1,
                "description": "The cursor of the next page; absent on the last one.",
            },
        },
        "required": ["items"],
    })
}
