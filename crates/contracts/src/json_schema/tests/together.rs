//! What several schemas say together, and what is made of alternatives, conditions and names.

use tenon_document::parse;
use tenon_model::{Kind, Shape};

use crate::{json::Decoder, json_schema::read};

fn shape(schema: &str) -> Shape {
    read(&parse("a.json", schema).unwrap())
        .unwrap_or_else(|reports| panic!("{schema}: {reports:?}"))
        .into_only()
        .unwrap()
        .shape
}

/// Which of the values the schema accepts.
fn check(schema: &str, accepted: &[&str], refused: &[&str]) {
    let decoder = Decoder::new(&shape(schema)).unwrap();
    for (values, expected) in [(accepted, true), (refused, false)] {
        for json in values {
            let result = decoder.decode(json.as_bytes());
            assert_eq!(result.is_ok(), expected, "{json} by {schema}: {result:?}");
        }
    }
}

#[test]
fn all_of_is_one_shape_that_says_everything() {
    let schema = r##"{
        "allOf": [
            { "$ref": "#/$defs/base" },
            { "properties": { "b": { "type": "integer", "maximum": 5 }, "a": { "maxLength": 2 } }, "required": ["b"] }
        ],
        "properties": { "b": { "minimum": 2 } },
        "$defs": { "base": { "type": "object", "properties": { "a": { "type": "string" } }, "required": ["a"] } }
    }"##;
    assert!(matches!(shape(schema).kind, Kind::Record(_)));
    check(
        schema,
        &[r#"{"a":"x","b":2}"#, r#"{"a":"x","b":5,"c":1}"#],
        &[
            r#"{"a":"x"}"#,
            r#"{"a":"xyz","b":2}"#,
            r#"{"a":"x","b":1}"#,
            r#"{"a":"x","b":6}"#,
            r#"{"a":"x","b":2.5}"#,
            "1",
        ],
    );
}

#[test]
fn closed_parts_of_all_of_close_the_whole() {
    let schema = r#"{
        "type": "object",
        "allOf": [
            { "properties": { "a": {}, "b": {} }, "additionalProperties": false },
            { "properties": { "a": { "type": "integer" } } }
        ]
    }"#;
    check(schema, &["{}", r#"{"a":1,"b":"x"}"#], &[r#"{"a":"x"}"#, r#"{"c":1}"#]);
}

#[test]
fn what_stands_beside_a_reference_counts_as_the_draft_says() {
    let schema = |draft: &str| {
        format!(
            r##"{{"$schema":"{draft}","type":"object","properties":{{"a":{{"$ref":"#/definitions/t","minLength":2}}}},"definitions":{{"t":{{"type":"string"}}}}}}"##
        )
    };
    check(
        &schema("https://json-schema.org/draft/2020-12/schema"),
        &[r#"{"a":"xy"}"#],
        &[r#"{"a":"x"}"#, r#"{"a":1}"#],
    );
    check(&schema("http://json-schema.org/draft-07/schema#"), &[r#"{"a":"x"}"#], &[r#"{"a":1}"#]);
}

#[test]
fn recursion_through_all_of_ends() {
    let schema = r##"{
        "$ref": "#/$defs/node",
        "$defs": {
            "base": { "type": "object", "properties": { "children": { "type": "array", "items": { "$ref": "#/$defs/node" } } } },
            "node": { "allOf": [{ "$ref": "#/$defs/base" }, { "properties": { "id": { "type": "integer" } }, "required": ["id"] }] }
        }
    }"##;
    check(
        schema,
        &[r#"{"id":1}"#, r#"{"id":1,"children":[{"id":2,"children":[]}]}"#],
        &["{}", r#"{"id":1,"children":[{}]}"#, r#"{"id":1,"children":[{"id":2,"children":[{"id":"x"}]}]}"#],
    );
}

#[test]
fn alternatives_stand_beside_what_holds_for_all() {
    check(
        r#"{"type":"object","properties":{"a":{"type":"integer"},"b":{"type":"integer"}},"anyOf":[{"required":["a"]},{"required":["b"]}]}"#,
        &[r#"{"a":1}"#, r#"{"b":1}"#, r#"{"a":1,"b":1}"#],
        &["{}", r#"{"a":"x"}"#, r#"{"b":1,"a":"x"}"#],
    );
    check(
        r#"{"type":"object","oneOf":[{"required":["a"],"not":{"required":["b"]}},{"required":["b"],"not":{"required":["a"]}}]}"#,
        &[r#"{"a":1}"#, r#"{"b":1}"#],
        &["{}", r#"{"a":1,"b":1}"#],
    );
    check(
        r#"{"enum":["a","b","c"],"oneOf":[{"const":"a"},{"enum":["b","c"]}]}"#,
        &[r#""a""#, r#""c""#],
        &[r#""d""#],
    );
    check(
        r#"{"type":"string","anyOf":[{"maxLength":1},{"minLength":3}]}"#,
        &[r#""a""#, r#""abc""#],
        &[r#""ab""#, "1"],
    );
}

#[test]
fn conditions_are_alternatives_where_their_opposite_can_be_said() {
    let schema = r#"{
        "type": "object",
        "properties": { "kind": { "enum": ["a", "b", "c"] } },
        "required": ["kind"],
        "if": { "properties": { "kind": { "const": "a" } } },
        "then": { "required": ["x"] },
        "else": { "required": ["y"] }
    }"#;
    check(
        schema,
        &[r#"{"kind":"a","x":1}"#, r#"{"kind":"b","y":1}"#, r#"{"kind":"c","y":1,"x":1}"#],
        &[r#"{"kind":"a"}"#, r#"{"kind":"a","y":1}"#, r#"{"kind":"b","x":1}"#, r#"{"x":1}"#],
    );
}

#[test]
fn a_field_can_bring_others_with_it_or_be_forbidden() {
    check(
        r#"{"type":"object","dependentRequired":{"card":["address"]}}"#,
        &["{}", r#"{"address":1}"#, r#"{"card":1,"address":1}"#],
        &[r#"{"card":1}"#],
    );
    check(
        r#"{"type":"object","dependencies":{"card":{"properties":{"n":{"type":"integer"}}}}}"#,
        &[r#"{"n":"x"}"#, r#"{"card":1,"n":1}"#],
        &[r#"{"card":1,"n":"x"}"#],
    );
    check(
        r#"{"type":"array","items":{"dependentRequired":{"a":["b"]}}}"#,
        &["[1]", "[[]]", "[null]", "[{}]"],
        &[r#"[{"a":1}]"#],
    );
    check(
        r#"{"type":"object","dependentRequired":{"a":["b"]},"required":["b"]}"#,
        &[r#"{"a":1,"b":1}"#],
        &[r#"{"a":1}"#],
    );
    check(r#"{"type":"object","properties":{"a":false,"b":true}}"#, &["{}", r#"{"b":1}"#], &[r#"{"a":1}"#]);
    check(r#"{"not":{"type":"string"}}"#, &["1", "null", "{}"], &[r#""a""#]);
    check(r#"{"enum":[1,2,3],"not":{"enum":[2]}}"#, &["1", "3"], &["2"]);
}

#[test]
fn names_of_fields_are_held_to_their_patterns() {
    check(
        r#"{"type":"object","properties":{"id":{"type":"integer"}},"patternProperties":{"^x-":{"type":"string"}},"additionalProperties":false}"#,
        &["{}", r#"{"id":1,"x-a":"b"}"#],
        &[r#"{"x-a":1}"#, r#"{"y":"b"}"#, r#"{"id":"x"}"#],
    );
    check(
        r#"{"type":"object","patternProperties":{"^s":{"type":"string"},"^n":{"type":"integer"}}}"#,
        &[r#"{"s":"a","n":1,"other":[]}"#],
        &[r#"{"s":1}"#, r#"{"n":"a"}"#],
    );
    check(
        r#"{"type":"object","properties":{"note":{}},"patternProperties":{"^n":{"type":"integer"}}}"#,
        &[r#"{"note":1}"#],
        &[r#"{"note":"x"}"#],
    );
    check(
        r#"{"type":"object","propertyNames":{"pattern":"^[a-z]+$"},"additionalProperties":{"type":"integer"}}"#,
        &["{}", r#"{"a":1}"#],
        &[r#"{"A":1}"#, r#"{"a":"x"}"#],
    );
    check(
        r#"{"type":"object","propertyNames":{"enum":["a.b","c"]}}"#,
        &[r#"{"a.b":1,"c":2}"#],
        &[r#"{"axb":1}"#],
    );
    check(r#"{"type":"object","propertyNames":{"maxLength":2}}"#, &[r#"{"ab":1}"#], &[r#"{"abc":1}"#]);
}

#[test]
fn the_number_of_fields_is_bounded_where_fields_are_listed_as_well() {
    let schema = r#"{"type":"object","properties":{"a":{},"b":{}},"minProperties":1,"maxProperties":2}"#;
    check(schema, &[r#"{"a":1}"#, r#"{"a":1,"c":1}"#], &["{}", r#"{"a":1,"b":1,"c":1}"#]);
}

#[test]
fn a_keyword_without_type_lets_every_other_type_pass() {
    let check = |schema: &str, accepted: &[&str], refused: &[&str]| {
        let list = |values: &[&str]| values.iter().map(|value| format!("[{value}]")).collect::<Vec<_>>();
        let (accepted, refused) = (list(accepted), list(refused));
        let [accepted, refused] =
            [&accepted, &refused].map(|all| all.iter().map(String::as_str).collect::<Vec<_>>());
        check(&format!(r#"{{"type":"array","items":{schema}}}"#), &accepted, &refused);
    };
    check(r#"{"minLength":2}"#, &[r#""ab""#, "1", "1.5", "true", "null", "[]", "{}"], &[r#""a""#]);
    check(
        r#"{"properties":{"a":{"type":"integer"}}}"#,
        &[r#"{"a":1}"#, "7", r#""x""#, "null"],
        &[r#"{"a":"x"}"#],
    );
    check(r#"{"maximum":3}"#, &["3", "2.5", r#""x""#], &["4", "3.5"]);
    check(r#"{"format":"date"}"#, &[r#""2013-01-01""#, "1"], &[r#""x""#]);
}

#[test]
fn nullable_allows_null_whatever_stands_beside_it() {
    check(r#"{"type":"string","nullable":true}"#, &[r#""a""#, "null"], &["1"]);
    check(r#"{"type":"string","nullable":true,"enum":["a"]}"#, &[r#""a""#, "null"], &[r#""b""#]);
    check(
        r##"{"nullable":true,"allOf":[{"$ref":"#/$defs/a"}],"$defs":{"a":{"type":"object","required":["x"]}}}"##,
        &["null", r#"{"x":1}"#],
        &["{}", "1"],
    );
    check(
        r#"{"nullable":true,"oneOf":[{"type":"string"},{"type":"integer"}]}"#,
        &["null", "1", r#""a""#],
        &["true"],
    );
    check(r#"{"type":"string","nullable":false}"#, &[r#""a""#], &["null"]);
}

#[test]
fn older_drafts_are_read_as_they_mean_it() {
    let draft4 = r##"{
        "$schema": "http://json-schema.org/draft-04/schema#", "id": "http://example.com/root.json",
        "type": "object",
        "properties": {
            "n": { "type": "number", "minimum": 0, "exclusiveMinimum": true },
            "m": { "type": "integer", "maximum": 10, "exclusiveMaximum": false },
            "r": { "$ref": "root.json#/definitions/t" },
            "s": { "$ref": "#named" }
        },
        "definitions": { "t": { "type": "string" }, "u": { "id": "#named", "type": "boolean" } }
    }"##;
    check(
        draft4,
        &[r#"{"n":0.5,"m":10,"r":"x","s":true}"#],
        &[r#"{"n":0}"#, r#"{"m":11}"#, r#"{"r":1}"#, r#"{"s":1}"#],
    );
    check(
        r##"{"$schema":"https://json-schema.org/draft/2020-12/schema","$ref":"#t","$defs":{"x":{"$anchor":"t","type":"integer"}}}"##,
        &["1"],
        &["true"],
    );
}

#[test]
fn an_address_beside_a_reference_counts_as_the_draft_says() {
    check(
        r##"{
            "$schema": "http://json-schema.org/draft-07/schema#", "$id": "http://example.com/base/root.json",
            "type": "object", "properties": { "a": { "$id": "http://example.com/other/", "$ref": "t.json" } },
            "definitions": {
                "t": { "$id": "http://example.com/base/t.json", "type": "integer" },
                "u": { "$id": "http://example.com/other/t.json", "type": "string" }
            }
        }"##,
        &[r#"{"a":1}"#],
        &[r#"{"a":"x"}"#],
    );
}

#[test]
fn items_by_position_are_read_where_they_come_to_one_schema() {
    check(
        r#"{"type":"array","prefixItems":[{"type":"integer"},{"type":"integer"}],"items":false}"#,
        &["[]", "[1]", "[1,2]"],
        &["[1,2,3]", r#"["a"]"#],
    );
    check(
        r#"{"type":"array","items":[{"type":"integer"}],"additionalItems":{"type":"integer"}}"#,
        &["[1,2,3]"],
        &[r#"[1,"a"]"#],
    );
    check(
        r#"{"type":"array","items":[{"type":"integer"},{"type":"string"}],"maxItems":1}"#,
        &["[]", "[1]"],
        &["[1,\"a\"]"],
    );
    check(r#"{"type":"array","items":false}"#, &["[]"], &["[1]"]);
}

#[test]
fn bounds_and_members_are_compared_with_all_their_digits() {
    let bound = |kind: &str| format!(r#"{{{kind},"maximum":99999999999999999.99,"minimum":0.1}}"#);
    let decimal = bound(r#""type":"number","format":"decimal""#);
    check(
        &decimal,
        &["99999999999999999.99", "0.1", "0.10"],
        &["100000000000000000", "0.09999999999999999999"],
    );
    check(&bound(r#""type":"number""#), &["99999999999999980", "0.1"], &["100000000000000000"]);
    check(&bound(r#""type":"integer""#), &["99999999999999999", "1"], &["100000000000000000", "0"]);
    check(
        r#"{"type":"number","format":"decimal","enum":[12345678901234567.89]}"#,
        &["12345678901234567.89", "12345678901234567.890"],
        &["12345678901234567.88", "12345678901234568"],
    );
    check(r#"{"const":0.12345678901234567891}"#, &["0.12345678901234567891"], &["0.12345678901234567"]);
    check(
        r#"{"type":"number","format":"decimal","multipleOf":0.00000000000000000001}"#,
        &["0.00000000000000000003"],
        &["0.000000000000000000035"],
    );
    check(
        r#"{"type":"integer","maximum":1e30}"#,
        &["9223372036854775807", "18446744073709551615"],
        &["18446744073709551616"],
    );
}

#[test]
fn a_required_field_is_there_also_where_it_has_a_default() {
    let required =
        r##"{"type":"object","properties":{"v":{"type":"string","default":"q"}},"required":["v"]}"##;
    check(required, &[r#"{"v":"x"}"#], &["{}", r#"{"w":"x"}"#]);
    let by_reference = r##"{"type":"object","properties":{"v":{"$ref":"#/$defs/v"}},"required":["v"],
        "$defs":{"v":{"type":"string","default":"q"}}}"##;
    check(by_reference, &[r#"{"v":"x"}"#], &["{}"]);
    let of_all = r##"{"allOf":[{"properties":{"v":{"type":"string","default":"q"}}},{"required":["v"]}],"type":"object"}"##;
    check(of_all, &[r#"{"v":"x"}"#], &["{}"]);
    let nested = format!(r##"{{"type":"object","properties":{{"in":{required}}}}}"##);
    check(&nested, &["{}", r#"{"in":{"v":"x"}}"#], &[r#"{"in":{}}"#]);
    let optional = r##"{"type":"object","properties":{"v":{"type":"string","default":"q"}}}"##;
    let decoded = Decoder::new(&shape(optional)).unwrap().decode(b"{}").unwrap();
    assert_eq!(crate::json::to_string(&decoded), r#"{"v":"q"}"#);
}
