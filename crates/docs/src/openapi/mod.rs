//! OpenAPI 3.1 from the plan.

mod parameters;
mod responses;
mod schemas;

use serde_json::{Map, Value, json};
use tenon_plan::{Api, Operation, OperationKind, Plan, Route};
use tenon_security::authorize::Access;

/// The OpenAPI 3.1 description of everything that the plan serves as REST.
///
/// Shape: an OpenAPI object (OAS 3.1.1, section 4.8.1). Component names are the contracts' names in Pascal case.
#[must_use]
pub fn document(plan: &Plan) -> Value {
    let mut paths = Map::new();
    for api in &plan.apis {
        let Some(base) = &api.rest else { continue };
        for operation in &api.operations {
            let Some(route) = &operation.route else { continue };
            let item = paths.entry(format!("{base}{}", route.path)).or_insert_with(|| json!({}));
            item[route.method.to_lowercase()] = describe(api, operation, route);
        }
    }
    json!({
        "openapi": "3.1.1",
        "info": { "title": plan.name.as_str(), "version": "1" },
        "paths": paths,
        "components": {
            "schemas": schemas::components(plan),
            "responses": responses::shared(),
            "securitySchemes": security_schemes(plan),
        },
    })
}

fn describe(api: &Api, operation: &Operation, route: &Route) -> Value {
    let mut object = Map::new();
    object.insert("operationId".into(), operation.name.as_str().into());
    object.insert("summary".into(), summary(operation).into());
    object.insert("tags".into(), json!([api.name.as_str()]));
    object.insert("parameters".into(), parameters::of(operation, route));
    if let OperationKind::Send { input, .. } = &operation.kind {
        let schema = schemas::reference(&input.reference.name);
        object.insert(
            "requestBody".into(),
            json!({ "required": true, "content": { "application/json": { "schema": schema } } }),
        );
    }
    object.insert("responses".into(), responses::of(operation));
    object.insert("security".into(), security(api, operation));
    Value::Object(object)
}

/// What the project says about the operation, or what can be said from its kind.
pub(crate) fn summary(operation: &Operation) -> String {
    match (&operation.doc, &operation.kind) {
        (Some(doc), _) => doc.to_string(),
        (None, OperationKind::Get { table }) => format!("One row of {} by its key", table.name),
        (None, OperationKind::List { table, .. }) => format!("Rows of {}", table.name),
        (None, OperationKind::Send { flow, .. }) => format!("Sends a message through the flow {}", flow.name),
    }
}

fn security(api: &Api, operation: &Operation) -> Value {
    let Access::Scope(scope) = &operation.access else { return json!([]) };
    let scopes = json!([scope.to_string()]);
    let mut schemes = Vec::new();
    if !api.auth.api_keys.is_empty() {
        schemes.push(json!({ "apiKey": scopes }));
    }
    if api.auth.jwt.is_some() {
        schemes.push(json!({ "bearer": scopes }));
    }
    Value::Array(schemes)
}

fn security_schemes(plan: &Plan) -> Value {
    let mut schemes = Map::new();
    if plan.apis.iter().any(|api| !api.auth.api_keys.is_empty()) {
        schemes.insert("apiKey".into(), json!({ "type": "apiKey", "in": "header", "name": "X-Api-Key" }));
    }
    if plan.apis.iter().any(|api| api.auth.jwt.is_some()) {
        let bearer = json!({ "type": "http", "scheme": "bearer", "bearerFormat": "JWT" });
        schemes.insert("bearer".into(), bearer);
    }
    Value::Object(schemes)
}
