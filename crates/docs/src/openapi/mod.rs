//! OpenAPI 3.1 from the plan.

mod components;
mod parameters;
mod problem;
mod responses;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};
use tenon_contracts::{
    format::{Encoding, encoding::JSON},
    sample,
};
use tenon_model::Str;
use tenon_plan::{Api, Operation, OperationKind, Plan, Route, Segment};
use tenon_security::authorize::Access;

use self::components::Components;
pub(crate) use self::responses::example;

/// The OpenAPI 3.1 description of everything that the plan serves as REST.
///
/// Shape: an OpenAPI object (OAS 3.1.1, section 4.8.1). Component names are the contracts' names in Pascal case.
#[must_use]
pub fn document(plan: &Plan) -> Value {
    let mut components = Components::of(plan);
    let (mut paths, mut tags, mut templates) = (Map::new(), Vec::new(), Templates::default());
    for (api, base) in plan.apis.iter().filter_map(|api| Some((api, api.rest.as_ref()?))) {
        tags.push(json!({ "name": api.name.as_str(), "description": format!("The API {}.", api.name) }));
        for (operation, route) in routed(api) {
            let template = templates.of(base, route);
            let described = describe(plan, api, operation, (route, template), &mut components);
            let item = paths.entry(template.text.clone()).or_insert_with(|| json!({}));
            item[route.method.to_lowercase()] = described;
        }
    }
    json!({
        "openapi": "3.1.1",
        "info": { "title": plan.name.as_str(), "version": plan.version.as_str() },
        "servers": [
            { "url": "/", "description": "The server that this document comes from." },
            { "url": crate::address::of(plan), "description": "As the project is configured." },
        ],
        "tags": tags,
        "paths": paths,
        "components": components.finish(),
    })
}

/// The paths of a document, each with the names that its parameters were first given.
///
/// Operations may call the parameters of one path differently, since each names fields of its own contract. For OpenAPI paths
/// that differ in these names only are one path, which may be there once (OAS 3.1.1, section 4.8.8.1).
#[derive(Default)]
struct Templates(BTreeMap<String, Template>);

struct Template {
    text: String,
    parameters: Vec<Str>,
}

impl Templates {
    fn of(&mut self, base: &str, route: &Route) -> &Template {
        let (mut pattern, mut parameters) = (base.to_owned(), Vec::new());
        for segment in &route.segments {
            pattern.push('/');
            match segment {
                Segment::Literal(literal) => pattern.push_str(literal),
                Segment::Parameter(name) => {
                    // No literal has braces.
                    pattern.push_str("{}");
                    parameters.push(name.clone());
                }
            }
        }
        let text = format!("{base}{}", route.path);
        self.0.entry(pattern).or_insert(Template { text, parameters })
    }
}

/// The operations of `api` that have a route.
pub(crate) fn routed(api: &Api) -> impl Iterator<Item = (&Operation, &Route)> {
    api.operations.iter().filter_map(|operation| Some((operation.as_ref(), operation.route.as_ref()?)))
}

fn describe(
    plan: &Plan,
    api: &Api,
    operation: &Operation,
    (route, template): (&Route, &Template),
    components: &mut Components,
) -> Value {
    let mut object = Map::new();
    object.insert("operationId".into(), operation_id(plan, api, operation).into());
    object.insert("summary".into(), summary(operation).into());
    if let Some(order) = operation.default_order() {
        object.insert("description".into(), order.into());
    }
    object.insert("tags".into(), json!([api.name.as_str()]));
    let parameters = parameters::of(operation, route, &template.parameters);
    if !parameters.is_empty() {
        object.insert("parameters".into(), parameters.into());
    }
    if let OperationKind::Send { input, .. } = &operation.kind
        && operation.in_query().is_none()
    {
        let json = media(components.contract(input), sample::of(input));
        let content = content(json, input.codecs.iter().map(|codec| codec.encoding()));
        object.insert("requestBody".into(), json!({ "required": true, "content": content }));
    }
    object.insert("responses".into(), responses::of(operation, components));
    object.insert("security".into(), security(api, operation, components));
    Value::Object(object)
}

/// A media type object (OAS 3.1.1, section 4.8.14), with an example where there is one.
fn media(schema: Value, example: Option<Value>) -> Value {
    let members = [("schema", Some(schema)), ("example", example)];
    let given = members.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?)));
    Value::Object(given.collect())
}

/// The content of a body (OAS 3.1.1, section 4.8.14.1): JSON, and the other encodings of its contract, whose form no schema of
/// OpenAPI says.
fn content(json: Value, others: impl Iterator<Item = &'static Encoding>) -> Value {
    let first = |encoding: &Encoding| encoding.media_types[0].to_owned();
    let others = others.map(|encoding| (first(encoding), json!({})));
    Value::Object([(first(&JSON), json)].into_iter().chain(others).collect())
}

/// The name of the operation, which is unique in its API; with the API's where another one has it too.
fn operation_id(plan: &Plan, api: &Api, operation: &Operation) -> String {
    let same = |other: &&Api| other.operations.iter().any(|it| it.name == operation.name);
    match plan.apis.iter().map(AsRef::as_ref).filter(same).count() {
        0 | 1 => operation.name.to_string(),
        _ => format!("{}.{}", api.name, operation.name),
    }
}

/// What the project says about the operation, or what can be said from its kind; without a full stop.
pub(crate) fn summary(operation: &Operation) -> String {
    match (&operation.doc, &operation.kind) {
        (Some(doc), _) => doc.trim().trim_end_matches('.').to_owned(),
        (None, OperationKind::Get { table }) => format!("One row of {} by its key", table.name),
        (None, OperationKind::List { table, .. }) => format!("Rows of {}", table.name),
        (None, OperationKind::Send { flow, .. }) => match &flow.stands_for {
            Some(called) => format!("Asks the operation {}", called.name),
            None => format!("Sends a message through the flow {}", flow.name),
        },
    }
}

fn security(api: &Api, operation: &Operation, components: &mut Components) -> Value {
    let Access::Scope(scope) = &operation.access else { return json!([]) };
    let scopes = json!([scope.to_string()]);
    let mut schemes = Vec::new();
    if !api.auth.api_keys.is_empty() {
        let name =
            components.scheme("apiKey", json!({ "type": "apiKey", "in": "header", "name": "X-Api-Key" }));
        schemes.push(json!({ name: scopes }));
    }
    if !api.auth.basic.is_empty() {
        let name = components.scheme("basic", json!({ "type": "http", "scheme": "basic" }));
        schemes.push(json!({ name: scopes }));
    }
    if !api.auth.jwt.is_empty() || !api.auth.introspection.is_empty() {
        let mut bearer = json!({ "type": "http", "scheme": "bearer" });
        if api.auth.introspection.is_empty() {
            bearer["bearerFormat"] = json!("JWT");
        }
        let name = components.scheme("bearer", bearer);
        schemes.push(json!({ name: scopes }));
    }
    Value::Array(schemes)
}
