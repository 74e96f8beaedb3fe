//! Requests as operations.

use tenon_model::{Kind, Shape};

use super::read;
use crate::format::Operation;

fn operations(paths: &str) -> Vec<Operation> {
    read(&format!("openapi: 3.1.0\ninfo: {{ title: a, version: '1' }}\npaths:\n{paths}"))
        .into_schema()
        .operations
}

fn fields(shape: &Shape) -> Vec<(String, bool)> {
    let record = shape.as_record().unwrap();
    record.fields().iter().map(|field| (field.name.to_string(), field.required)).collect()
}

#[test]
fn an_operation_takes_the_parts_that_its_request_has() {
    let all = operations(
        r##"  /a/{id}:
    post:
      operationId: a
      summary: Does it.
      deprecated: true
      parameters:
        - { name: id, in: path, required: true, schema: { type: string } }
        - { name: q, in: query, schema: { type: string } }
        - { name: X-T, in: header, required: true, schema: { type: string } }
        - { name: c, in: cookie, schema: { type: string } }
      requestBody: { required: true, content: { application/json: { schema: { type: integer } } } }
      responses: { "204": { description: Done. }, "404": { description: Gone., content: { application/json: { schema: { type: string } } } } }
  /b: { get: { operationId: b, responses: { "200": { description: ok } } } }
"##,
    );
    let parts = fields(&all[0].input);
    let expected = [("path", true), ("query", false), ("header", true), ("cookie", false), ("body", true)];
    assert_eq!(parts, expected.map(|(name, required)| (name.to_owned(), required)));
    assert_eq!((all[0].address.as_str(), all[0].deprecated), ("POST /a/{id}", true));
    assert_eq!(all[0].errors[0].name, "404");
    assert!(fields(&all[1].input).is_empty());
}

#[test]
fn several_forms_and_statuses_are_alternatives_with_their_names() {
    let all = operations(
        r##"  /a:
    get:
      operationId: a
      responses:
        "200": { description: ok, content: { application/json: { schema: { type: integer } }, text/plain: { schema: { type: boolean } } } }
        "202": { description: later, content: { application/json: { schema: { type: integer } } } }
        "204": { description: nothing }
    put:
      operationId: b
      responses: { default: { description: ok, content: { application/octet-stream: {} } } }
"##,
    );
    let Kind::Union(union) = &all[0].output.kind else { panic!("{:?}", all[0].output) };
    let names: Vec<_> = union.variants.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["200 application/json", "200 text/plain"], "equal ones are one");
    assert!(all[0].output.nullable, "204 answers nothing");
    assert_eq!(all[1].output, Shape::BYTES);
    assert_eq!(all[1].errors[0].name, "default");
}
