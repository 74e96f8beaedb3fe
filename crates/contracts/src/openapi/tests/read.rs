//! What descriptions of every version say.

use tenon_model::Shape;

use super::{read, refused, tried};
use crate::openapi::{
    Location, Requirement, SecurityKind, Serialization, Version,
    style::{Form, Style},
};

const V3: &str = r##"
openapi: 3.0.3
info: { title: Shop, version: "1" }
servers:
  - url: https://{region}.example.com/v1
    variables: { region: { default: eu, enum: [eu, us] } }
security: [ { key: [] } ]
paths:
  /orders/{id}:
    parameters:
      - { name: id, in: path, required: true, schema: { type: string, format: uuid } }
      - { name: trace, in: header, schema: { type: string } }
    get:
      operationId: getOrder
      parameters:
        - { name: fields, in: query, style: pipeDelimited, schema: { type: array, items: { type: string } } }
        - { name: trace, in: header, required: true, schema: { type: integer } }
        - $ref: "#/components/parameters/Filter"
      security: [ {}, { login: [read] } ]
      responses:
        "200":
          description: The order.
          headers: { ETag: { required: true, schema: { type: string } } }
          content: { application/json: { schema: { $ref: "#/components/schemas/Order" } } }
          links: { lines: { operationId: listLines, parameters: { id: "$response.body#/id" } } }
        4XX: { description: Wrong. }
    post:
      requestBody:
        required: true
        content:
          multipart/form-data:
            schema: { type: object, properties: { file: { type: string, format: binary }, tags: { type: array, items: { type: string } } } }
            encoding: { tags: { style: spaceDelimited }, file: { contentType: "image/png" } }
      responses: { default: { description: Done. } }
      callbacks:
        done: { "{$request.query.url}": { post: { responses: { "204": { description: Thanks. } } } } }
components:
  parameters:
    Filter: { name: filter, in: query, content: { application/json: { schema: { type: object } } } }
  schemas:
    Order: { type: object, required: [id], properties: { id: { type: string } } }
  securitySchemes:
    key: { type: apiKey, name: X-Key, in: header }
    login:
      type: oauth2
      flows: { clientCredentials: { tokenUrl: "https://example.com/token", scopes: { read: Reads. } } }
"##;

#[test]
fn requests_have_their_parts() {
    let description = read(V3);
    assert_eq!(description.version, Version::V3_0);
    assert_eq!(description.servers[0].variables[0].members.len(), 2);
    let [get, post] = &description.operations[..] else { panic!() };
    assert_eq!(
        (get.name.as_str(), get.is_named, post.name.as_str(), post.is_named),
        ("getOrder", true, "postOrdersById", false)
    );
    let named: Vec<_> =
        get.parameters.iter().map(|it| (it.location, it.name.as_str(), it.required)).collect();
    let expected = [
        (Location::Path, "id", true),
        (Location::Query, "fields", false),
        (Location::Header, "trace", true),
        (Location::Query, "filter", false),
    ];
    assert_eq!(named, expected, "those of the operation count before those of the path");
    let style = Style { form: Form::PipeDelimited, explode: false, allow_reserved: false };
    assert_eq!(get.parameters[1].serialization, Serialization::Style(style));
    assert_eq!(get.parameters[2].shape, Shape::INT);
    assert_eq!(get.parameters[3].serialization, Serialization::Content("application/json".into()));
    assert_eq!(get.security[0], Requirement::default());
    assert_eq!(get.security[1].schemes, [("login".into(), vec!["read".into()])]);
    assert_eq!(post.security[0].schemes[0].0, "key");
    assert!(
        matches!(&description.security_schemes[1].kind, SecurityKind::OAuth2 { flows, .. } if flows[0].scopes.len() == 1)
    );
    let reply = &get.replies[0];
    assert_eq!((reply.headers[0].name.as_str(), reply.headers[0].required), ("ETag", true));
    assert_eq!(reply.links[0].parameters, [("id".into(), "$response.body#/id".into())]);
    let form = &post.body.as_ref().unwrap().content[0];
    assert_eq!(form.shape.field("file").unwrap().shape, Shape::BYTES);
    assert_eq!(form.encodings[0].style.unwrap().form, Form::SpaceDelimited);
    assert_eq!(form.encodings[1].content_type.as_deref(), Some("image/png"));
    assert_eq!(post.callbacks[0].requests[0].path, "{$request.query.url}");
}

#[test]
fn openapi_2_comes_to_the_same_form() {
    let description = read(
        r##"
swagger: "2.0"
info: { title: Shop, version: "1" }
host: example.com
basePath: /v1
schemes: [https, http]
consumes: [application/json]
produces: [application/json, application/xml]
paths:
  /orders:
    get:
      operationId: list
      parameters:
        - { name: ids, in: query, type: array, items: { type: integer }, collectionFormat: multi, minItems: 1 }
        - { name: states, in: query, type: array, items: { type: string }, collectionFormat: ssv }
        - { name: page, in: query, type: integer, default: 1, minimum: 1 }
      responses: { 200: { description: Orders., schema: { type: array, items: { $ref: "#/definitions/Order" } } } }
    post:
      operationId: add
      parameters: [ { $ref: "#/parameters/order" } ]
      responses: { 201: { description: Added., headers: { Location: { type: string } } } }
  /files:
    post:
      operationId: upload
      parameters:
        - { name: file, in: formData, type: file, required: true }
        - { name: note, in: formData, type: string, maxLength: 5 }
      responses: { 200: { description: The file., schema: { type: file } } }
parameters:
  order: { name: order, in: body, required: true, schema: { $ref: "#/definitions/Order" } }
definitions:
  Order: { type: object, required: [id], properties: { id: { type: string }, note: { type: string, x-nullable: true } } }
securityDefinitions:
  login: { type: oauth2, flow: accessCode, authorizationUrl: "https://a.example", tokenUrl: "https://b.example", scopes: {} }
"##,
    );
    let servers: Vec<_> = description.servers.iter().map(|server| server.url.as_str()).collect();
    assert_eq!(servers, ["https://example.com/v1", "http://example.com/v1"]);
    let [list, add, upload] = &description.operations[..] else { panic!() };
    let styles: Vec<_> = list.parameters.iter().map(|it| it.serialization.clone()).collect();
    let style = |form, explode| Serialization::Style(Style { form, explode, allow_reserved: false });
    let expected = [style(Form::Form, true), style(Form::SpaceDelimited, false), style(Form::Form, false)];
    assert_eq!(styles, expected);
    assert_eq!(list.parameters[2].default, Some(tenon_model::Value::Int(1)));
    let forms: Vec<_> = list.replies[0].content.iter().map(|it| it.name.as_str()).collect();
    assert_eq!(forms, ["application/json", "application/xml"]);
    let body = add.body.as_ref().unwrap();
    assert!(body.required && body.content[0].shape.field("id").is_some());
    let form = &upload.body.as_ref().unwrap().content[0];
    assert_eq!(
        (form.name.as_str(), form.shape.field("file").unwrap().shape),
        ("multipart/form-data", Shape::BYTES)
    );
    assert_eq!(upload.replies[0].content[0].shape, Shape::BYTES);
    assert!(
        matches!(&description.security_schemes[0].kind, SecurityKind::OAuth2 { flows, .. } if flows[0].kind == "authorizationCode")
    );
    assert!(description.notes.is_empty(), "{:?}", description.notes);
}

#[test]
fn openapi_3_2_has_query_streams_and_methods_of_its_own() {
    let description = read(
        r##"
openapi: 3.2.0
$self: https://example.com/api.yaml
info: { title: Shop, version: "1" }
tags: [ { name: orders, kind: nav, parent: shop }, { name: shop } ]
paths:
  /orders:
    query:
      operationId: find
      parameters: [ { name: q, in: querystring, content: { application/x-www-form-urlencoded: { schema: { type: object } } } } ]
      responses:
        "200": { description: All., content: { application/jsonl: { itemSchema: { $ref: "https://example.com/api.yaml#/components/schemas/Order" } } } }
    additionalOperations:
      LINK: { operationId: link, responses: { "204": { description: Linked. } } }
webhooks:
  paid: { post: { operationId: onPaid, requestBody: { content: { application/json: { schema: { type: string } } } } } }
components:
  schemas: { Order: { type: object } }
"##,
    );
    let methods: Vec<_> = description.operations.iter().map(|it| it.method.as_str()).collect();
    assert_eq!(methods, ["QUERY", "LINK"]);
    assert!(description.operations[0].replies[0].content[0].item.is_some());
    assert_eq!(description.webhooks[0].path, "paid");
    assert_eq!(description.tags[0].kind.as_deref(), Some("nav"));
    let schema = description.into_schema();
    assert!(schema.operations[0].streams_output);
    assert_eq!(schema.operations[2].address, "POST webhook paid");
}

#[test]
fn references_lead_to_other_files() {
    let text = r##"
openapi: 3.1.0
info: { title: Shop, version: "1" }
paths:
  /orders: { $ref: "paths/orders.yaml" }
components: { schemas: { Order: { $ref: "schemas.yaml#/Order" } } }
"##;
    let files = &[
        (
            "paths/orders.yaml",
            "get:\n  operationId: list\n  responses:\n    '200': { description: ok, content: { application/json: { schema: { $ref: '../schemas.yaml#/Order' } } } }\n",
        ),
        ("schemas.yaml", "Order: { type: object, properties: { money: { $ref: 'money.json' } } }\n"),
        ("money.json", r#"{ "type": "object", "properties": { "amount": { "type": "integer" } } }"#),
    ];
    let description = tried(text, files).unwrap();
    let shape = &description.operations[0].replies[0].content[0].shape;
    assert_eq!(shape.field("money").unwrap().shape.field("amount").unwrap().shape, Shape::INT);
    assert_eq!(description.types[0].shape, *shape);
}

#[test]
fn all_problems_are_told_each_at_its_place() {
    let found = refused(
        r##"openapi: 3.1.0
info: { version: "1" }
paths:
  orders: {}
  /a:
    get:
      parameters:
        - { in: query, schema: {} }
        - { name: b, in: body }
        - { name: c, in: query, style: matrix, schema: { type: string } }
        - { name: d, in: query, schema: {}, content: {} }
      responses:
        "600": { description: no }
        "200": { $ref: "#/components/responses/Gone" }
  /b:
    get:
      responses: { "200": { description: ok, content: { json: {} } } }
components:
  schemas:
    Bad: { type: strin }
"##,
    );
    let lines: Vec<_> = found.iter().map(|(code, line, _)| (*code, *line)).collect();
    let expected = [2, 4, 8, 9, 10, 11, 13, 14, 17, 20].map(|line| ("C0001", line));
    assert_eq!(lines, expected, "{found:#?}");
}

#[test]
fn slips_that_lose_nothing_are_noted() {
    let description = read(
        r##"openapi: 3.0.0
info: { title: a, version: "1" }
paths:
  /a/{b}/{c}:
    get:
      operationId: x
      parameters: [ { name: c, in: path, schema: { type: string } }, { name: gone, in: path, required: true, schema: {} } ]
      security: [ { none: [] } ]
    put: { operationId: x, colour: red, responses: {} }
"##,
    );
    let notes: Vec<_> = description.notes.iter().map(tenon_errors::Report::message).collect();
    for part in [
        "`{b}`, which no parameter describes",
        "`c` is in the path and not `required`",
        "`gone` is in the path, which does not name it",
        "no security scheme `none`",
        "no `responses`",
        "`operationId` `x` appears twice",
        "an operation has no `colour`",
    ] {
        assert!(notes.iter().any(|note| note.contains(part)), "{part} in {notes:#?}");
    }
    assert_eq!(description.operations[1].name, "putAByBByC");
}
