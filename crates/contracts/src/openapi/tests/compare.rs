//! Two versions of a description.

use super::read;
use crate::relate::{
    Direction,
    operations::{Difference, compare},
};

const OLD: &str = r##"openapi: 3.1.0
info: { title: a, version: "1" }
paths:
  /orders/{id}:
    get:
      security: [ { key: [] } ]
      parameters:
        - { name: id, in: path, required: true, schema: { type: string } }
        - { name: limit, in: query, schema: { type: integer } }
      responses:
        "200": { description: ok, headers: { ETag: { required: true, schema: { type: string } } }, content: { application/json: { schema: { $ref: "#/components/schemas/Order" } } } }
    put:
      parameters: [ { name: id, in: path, required: true, schema: { type: string } } ]
      requestBody: { content: { application/json: { schema: { $ref: "#/components/schemas/Order" } } } }
      responses: { "204": { description: ok } }
components:
  securitySchemes: { key: { type: apiKey, in: header, name: X-Key }, login: { type: http, scheme: bearer } }
  schemas:
    Order: { type: object, required: [state], properties: { state: { enum: [open, paid] } } }
"##;

/// The rules of what breaks backward after some replacements in the old description.
fn rules(changes: &[(&str, &str)]) -> Vec<&'static str> {
    differences(changes, Direction::Backward).iter().map(|it| it.rule).collect()
}

fn differences(changes: &[(&str, &str)], direction: Direction) -> Vec<Difference> {
    let mut new = OLD.to_owned();
    for (from, to) in changes {
        assert!(new.contains(from), "{from}");
        new = new.replace(from, to);
    }
    compare(&read(OLD).subjects(), &read(&new).subjects(), direction)
}

#[test]
fn each_change_is_judged_in_the_direction_in_which_it_travels() {
    assert_eq!(rules(&[]), Vec::<&str>::new());
    // The same enumeration is narrowed for requests, and widened for replies.
    assert_eq!(rules(&[("[open, paid]", "[open]")]), ["value-removed"]);
    assert_eq!(rules(&[("[open, paid]", "[open, paid, gone]")]), ["value-removed"]);
    assert_eq!(
        rules(&[("{ name: limit, in: query, ", "{ name: limit, in: query, required: true, ")]),
        ["part-required"]
    );
    assert_eq!(rules(&[("{ name: limit, in: query, ", "{ name: most, in: query, ")]), ["part-removed"]);
    assert_eq!(rules(&[("header, name: X-Key", "query, name: X-Key")]), ["access-narrowed"]);
    assert_eq!(rules(&[("{ key: [] }", "{ key: [] }, { login: [] }")]), Vec::<&str>::new());
    assert_eq!(rules(&[("{ key: [] }", "{ key: [], login: [] }")]), ["access-narrowed"]);
    assert_eq!(rules(&[("ETag: { required: true, ", "ETag: { ")]), ["reply-optional"]);
    assert_eq!(rules(&[("\"204\"", "\"205\"")]), ["reply-removed"]);
    assert_eq!(rules(&[("    put:", "    post:")]), ["operation-removed"]);
    assert_eq!(rules(&[("requestBody: { ", "requestBody: { required: true, ")]), ["part-required"]);
    // What a parameter of the path is called is nothing to those who ask.
    assert_eq!(
        rules(&[("/orders/{id}", "/orders/{number}"), ("name: id", "name: number")]),
        Vec::<&str>::new()
    );
}

#[test]
fn a_difference_has_a_place_and_a_witness() {
    let found = differences(&[("[open, paid]", "[open]")], Direction::Backward);
    let change = found[0].change.as_ref().unwrap();
    assert_eq!(change.witness.as_ref().unwrap().value.get("state"), Some(&"paid".into()));
    assert_eq!((found[0].operation.as_str(), found[0].place.line), ("PUT /orders/{id}", 14));
    assert!(
        found[0].message.starts_with("`state` of the body as `application/json`"),
        "{}",
        found[0].message
    );
}

#[test]
fn what_is_new_breaks_forward() {
    let found = differences(&[("    put:", "    patch: { responses: {} }\n    put:")], Direction::Forward);
    assert_eq!(found.iter().map(|it| it.rule).collect::<Vec<_>>(), ["operation-removed"]);
    assert_eq!(found[0].message, "the operation is new");
}
