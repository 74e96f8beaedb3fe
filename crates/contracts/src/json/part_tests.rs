//! Readers of a part: what they give, and what they still check.

use tenon_document::parse;
use tenon_model::{Shape, Str, Value};

use super::{Decoder, Limits, to_string};
use crate::json_schema;

const ORDER: &str = r#"{"type": "object", "required": ["id", "lines"], "additionalProperties": false, "properties": {
    "id": {"type": "integer"}, "state": {"type": "string", "default": "open"}, "note": {"type": "string", "maxLength": 3},
    "customer": {"type": "object", "properties": {"name": {"type": "string"}, "mail": {"type": "string"}}, "required": ["name"]},
    "lines": {"type": "array", "items": {"type": "object", "properties": {"sku": {"type": "string"}, "count": {"type": "integer"}}}},
    "extra": {"type": "string"}, "more": {"type": "string"}}}"#;

fn shape(text: &str) -> Shape {
    json_schema::read(&parse("order.json", text).unwrap()).unwrap().into_only().unwrap().shape
}

fn part(paths: &[&str]) -> Decoder {
    let paths: Vec<Vec<Str>> = paths.iter().map(|path| path.split('.').map(Str::new).collect()).collect();
    Decoder::of_part(&shape(ORDER), &paths).unwrap()
}

fn check(paths: &[&str], text: &str, expected: &str) {
    let value = part(paths).decode(text.as_bytes()).unwrap_or_else(|report| panic!("{text}: {report}"));
    assert_eq!(to_string(&value), expected, "{paths:?} of {text}");
}

#[test]
fn only_what_the_paths_lead_to_is_built() {
    let text = r#"{"id": 1, "note": "hi", "customer": {"name": "Ada", "mail": "a@b"}, "lines": [{"sku": "x", "count": 2}, {"count": 3}]}"#;
    check(&["id"], text, r#"{"id":1}"#);
    check(&["customer.mail", "id"], text, r#"{"id":1,"customer":{"mail":"a@b"}}"#);
    check(&["customer"], text, r#"{"customer":{"name":"Ada","mail":"a@b"}}"#);
    check(&["lines.sku"], text, r#"{"lines":[{"sku":"x"},{}]}"#);
    check(&["state", "lines.count"], text, r#"{"state":"open","lines":[{"count":2},{"count":3}]}"#);
    let shuffled =
        r#"{"lines": [], "customer": {"mail": "m", "other": [1], "name": "n"}, "state": "shut", "id": 1}"#;
    check(&["state", "customer.name"], shuffled, r#"{"state":"shut","customer":{"name":"n"}}"#);
}

#[test]
fn which_fields_a_record_has_is_still_checked() {
    let refused = |text: &str| {
        let report = part(&["id", "customer.mail"]).decode(text.as_bytes()).unwrap_err();
        report.details().first().unwrap_or(&report).code().id
    };
    assert_eq!(refused(r#"{"id": 1}"#), "D0002", "a skipped field is required");
    assert_eq!(refused(r#"{"id": 1, "lines": [], "customer": {"mail": "m"}}"#), "D0002");
    assert_eq!(refused(r#"{"id": 1, "lines": [], "unknown": 1}"#), "D0003");
    assert_eq!(refused(r#"{"id": 1, "lines": [], "lines": []}"#), "D0102");
    assert_eq!(refused(r#"{"id": "one", "lines": []}"#), "D0004");
}

#[test]
fn what_is_skipped_is_still_json_within_the_limits() {
    let decoder = part(&["id"]).with_limits(Limits { depth: 4, ..Limits::default() });
    let read = |skipped: &str| {
        let text = format!("{{\"id\": 1, \"lines\": {skipped}}}");
        decoder.decode(text.as_bytes()).map_err(|report| report.code().id)
    };
    let texts = [
        "[",
        "[1,]",
        "{\"a\" 1}",
        "{a: 1}",
        "01",
        "1.",
        "-",
        "tru",
        "\"\\x\"",
        "\"\\ud800\"",
        "\"\n\"",
        "[1 2]",
        "{\"a\":1,}",
    ];
    for text in texts {
        assert_eq!(read(text).map(|_| ()), Err("D0101"), "{text}");
    }
    assert_eq!(read("[[[[1]]]]").map(|_| ()), Err("D0103"));
    // Of another kind and with a name twice: what is in a skipped field is not held to the contract.
    for text in [
        "[[[1]]]",
        "\"text\"",
        "{\"a\": 1, \"a\": [true, false, null, -1.5E+7, \"\\ud83d\\ude00\\u00e9\\n\"]}",
        " [ ] ",
        "{ }",
    ] {
        assert_eq!(read(text), Ok(Value::record([("id", Value::Int(1))])), "{text}");
    }
}
