//! What is written for each kind.

use std::sync::Arc;

use serde_json::{Value as Json, json};
use tenon_model::{
    Field, Format, Kind, Sensitivity, Shape, Types, Value,
    shape::{self, FloatRange, IntRange, Length, Text},
};

use crate::json_schema::write;

fn check(shape: &Shape, expected: &Json) {
    assert_eq!(write(shape), *expected);
}

#[test]
fn every_kind_has_its_schema() {
    let code = Text {
        length: Length { min: Some(2), max: Some(3) },
        pattern: Some("^A".into()),
        format: Some(Format::Email),
    };
    let range = IntRange { min: Some(1), max: Some(9), multiple_of: Some(2) };
    let half = shape::Bound::new("0.5".parse().unwrap(), true);
    let cases = [
        (Shape::ANY, json!({})),
        (Shape::BOOL, json!({ "type": "boolean" })),
        (
            Shape::of(Kind::Int(range)),
            json!({ "type": "integer", "minimum": 1, "maximum": 9, "multipleOf": 2 }),
        ),
        (
            Shape::of(Kind::Float(FloatRange {
                min: Some(half),
                max: None,
                multiple_of: None,
                ..FloatRange::ANY
            })),
            json!({ "type": "number", "exclusiveMinimum": 0.5 }),
        ),
        (Shape::DECIMAL, json!({ "type": "number", "format": "decimal" })),
        (
            Shape::of(Kind::String(Arc::new(code))),
            json!({ "type": "string", "minLength": 2, "maxLength": 3, "pattern": "^A", "format": "email" }),
        ),
        (Shape::BYTES, json!({ "type": "string", "contentEncoding": "base64" })),
        (Shape::TIMESTAMP.nullable(), json!({ "type": ["string", "null"], "format": "date-time" })),
        (
            Shape::of(Kind::Enum(Arc::from([Value::from("a"), Value::from("b")]))),
            json!({ "enum": ["a", "b"], "type": "string" }),
        ),
        (
            Shape::list(Shape::UUID),
            json!({ "type": "array", "items": { "type": "string", "format": "uuid" } }),
        ),
        (Shape::map(Shape::INT), json!({ "type": "object", "additionalProperties": { "type": "integer" } })),
    ];
    for (shape, expected) in cases {
        check(&shape, &expected);
    }
}

#[test]
fn a_field_carries_what_the_contract_says_about_it() {
    let mut email = Field::required("email", Shape::string());
    email.sensitivity = Some(Sensitivity::Personal);
    email.doc = Some("Where to write.".into());
    let mut old = Field::optional("old", Shape::INT.nullable());
    old.deprecated = true;
    old.default = Some(Value::Int(1));
    check(
        &Shape::record(vec![email, old]),
        &json!({
            "type": "object",
            "properties": {
                "email": { "type": "string", "description": "Where to write.", "x-sensitivity": "personal" },
                "old": { "type": ["integer", "null"], "default": 1, "deprecated": true },
            },
            "required": ["email"],
            "additionalProperties": false,
        }),
    );
}

#[test]
fn what_recurs_is_written_once() {
    let named = Types::default().declare("node");
    let node = Shape::record(vec![Field::optional("next", Shape::of(Kind::Named(named.clone())))]);
    named.define(&node);
    let body = json!({
        "type": "object",
        "properties": { "next": { "$ref": "#/$defs/node" } },
        "additionalProperties": false,
    });
    let mut expected = body.clone();
    expected["$defs"] = json!({ "node": body });
    check(&node, &expected);
}
