//! Rules that look at whole values are written with what they mean.

use serde_json::json;
use tenon_errors::Place;
use tenon_model::Shape;

use crate::{
    format::{Format, NoFiles, Source},
    json::Decoder,
    json_schema::{JsonSchema, write},
};

fn shape(text: &str) -> Shape {
    let source = Source { file: "contract.json", text, files: &NoFiles };
    let read = JsonSchema.read(&source).unwrap_or_else(|reports| panic!("{text}: {reports:?}"));
    read.into_only().unwrap().shape
}

fn verdicts(shape: &Shape, values: &[&str]) -> Vec<bool> {
    let decoder = Decoder::new(shape).unwrap();
    values.iter().map(|value| decoder.decode(value.as_bytes()).is_ok()).collect()
}

#[test]
fn rules_that_are_written_and_read_again_accept_the_same() {
    let cases: &[(&str, &[&str])] = &[
        (r#"{ "not": { "type": "string", "minLength": 3 } }"#, &[r#""ab""#, r#""abc""#, "1", "null"]),
        (
            r#"{ "type": "object", "properties": { "a": { "type": "integer" }, "b": {} },
                "if": { "required": ["a"] }, "then": { "required": ["b"] }, "else": { "maxProperties": 1 } }"#,
            &["{}", r#"{"a":1}"#, r#"{"a":1,"b":null}"#, r#"{"b":1}"#, r#"{"b":1,"c":1}"#, "[]"],
        ),
        (
            r#"{ "type": "array", "contains": { "multipleOf": 2.5 }, "minContains": 2, "maxContains": 3 }"#,
            &["[]", "[5]", "[5,7.5]", "[5,5,5,5]", "[5,5,5,1]"],
        ),
        (
            r##"{ "$defs": { "node": { "type": "object", "properties": { "next": { "$ref": "#/$defs/node" } },
                  "dependentRequired": { "next": ["id"] } } }, "$ref": "#/$defs/node" }"##,
            &[
                "{}",
                r#"{"next":{}}"#,
                r#"{"id":1,"next":{"id":2,"next":{}}}"#,
                r#"{"id":1,"next":{"next":{}}}"#,
            ],
        ),
        (
            r#"{ "type": "object", "properties": { "kind": { "enum": ["x", null, 1.50] } },
                "patternProperties": { "^n_": { "not": { "const": 0 } } }, "propertyNames": { "maxLength": 4 },
                "unevaluatedProperties": false, "anyOf": [{ "properties": { "u": true } }, { "required": ["kind"] }] }"#,
            &[
                "{}",
                r#"{"kind":1.5}"#,
                r#"{"n_a":0}"#,
                r#"{"n_a":1}"#,
                r#"{"u":1}"#,
                r#"{"other":1}"#,
                r#"{"z":1}"#,
            ],
        ),
        (
            r#"{ "$schema": "http://json-schema.org/draft-04/schema#", "type": "object", "minimum": 3,
                "dependencies": { "a": ["b"], "c": { "properties": { "d": { "minimum": 5, "exclusiveMinimum": true } } } } }"#,
            &[r#"{"a":1}"#, r#"{"a":1,"b":1}"#, r#"{"c":1,"d":5}"#, r#"{"c":1,"d":5.1}"#],
        ),
        (
            r#"{ "oneOf": [{ "type": "integer", "multipleOf": 2 }, { "type": "integer", "multipleOf": 3 }] }"#,
            &["2", "3", "6", "5"],
        ),
        (
            r#"{ "type": ["object", "null"], "nullable": true, "not": { "required": ["a", "b"] } }"#,
            &["null", "{}", r#"{"a":1,"b":1}"#],
        ),
    ];
    for (text, values) in cases {
        let before = shape(text);
        let written = JsonSchema.write("", &before).unwrap();
        assert_eq!(written.losses, [], "{text}");
        let after = shape(&written.text);
        let (before, after) = (verdicts(&before, values), verdicts(&after, values));
        assert_eq!(before, after, "{text}\n{}", written.text);
        assert!(before.contains(&true) && before.contains(&false), "{text}: {before:?}");
    }
}

#[test]
fn a_rule_that_only_its_document_explains_is_named_as_a_loss() {
    let text = r##"{ "$schema": "https://json-schema.org/draft/2020-12/schema", "$id": "https://example.com/tree",
        "$dynamicAnchor": "node", "type": "object", "properties": { "children": { "type": "array", "items": { "$dynamicRef": "#node" } } },
        "not": { "required": ["forbidden"] } }"##;
    let written = JsonSchema.write("", &shape(text)).unwrap();
    let losses: Vec<String> = written.losses.iter().map(|it| format!("{} {}", it.path, it.message)).collect();
    assert_eq!(
        losses,
        [" has rules that look at the whole value, which JSON Schema cannot say"],
        "{}",
        written.text
    );
}

#[test]
fn long_chains_of_schemas_are_written_in_pieces() {
    let mut definitions = serde_json::Map::new();
    for at in 0..2_000 {
        let next = format!("#/$defs/d{}", at + 1);
        definitions.insert(
            format!("d{at}"),
            json!({ "type": "object", "not": { "required": [format!("x{at}")] },
            "additionalProperties": { "$ref": next } }),
        );
    }
    definitions.insert("d2000".into(), json!({ "not": { "const": 1 } }));
    let text = json!({ "$ref": "#/$defs/d0", "$defs": definitions }).to_string();
    let source = Source { file: "contract.json", text: &text, files: &NoFiles };
    // Whether it is too much or not, it is decided without a crash.
    match JsonSchema.read(&source) {
        Ok(read) => assert!(write(&read.into_only().unwrap().shape).is_object()),
        Err(reports) => assert!(
            reports
                .iter()
                .all(|it| !it.places().is_empty() || *it.places() == [Place::file("contract.json")])
        ),
    }
}
