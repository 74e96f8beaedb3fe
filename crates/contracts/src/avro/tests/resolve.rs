//! What a reader makes of what a writer wrote.

use std::path::Path;

use tenon_model::Value;

use super::{schema, value};
use crate::avro::{
    codec::{Decoder, Encoder, JsonCodec},
    resolve::{Reason, incompatibilities},
};

/// The pairs of Avro's own tests.
const PAIRS: usize = 131;

#[test]
fn the_pairs_of_avro_are_judged_as_avro_does() {
    let path =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/conformance/avro/compat_pairs.json");
    let Ok(text) = std::fs::read_to_string(&path) else {
        eprintln!("SKIPPED: {PAIRS} conformance cases of avro are not at {}", path.display());
        return;
    };
    let pairs: serde_json::Value = serde_json::from_str(&text).unwrap();
    let pairs = pairs.as_array().unwrap();
    assert_eq!(pairs.len(), PAIRS);
    let mut wrong = Vec::new();
    for (at, pair) in pairs.iter().enumerate() {
        let texts = |key: &str| -> Vec<String> {
            pair[key].as_array().unwrap().iter().map(|it| it.as_str().unwrap().to_owned()).collect()
        };
        let (writer, reader) = (schema(&pair["writer"].to_string()), schema(&pair["reader"].to_string()));
        let found = incompatibilities(&writer, &reader);
        let names: Vec<_> = found.iter().map(|it| it.reason.name().to_lowercase()).collect();
        let paths: Vec<_> = found.iter().map(|it| it.path.clone()).collect();
        let is_right = match pair["compatible"].as_bool().unwrap() {
            true => found.is_empty() && Decoder::between(&writer, &reader).is_ok(),
            // Where names differ, Avro's tests name the whole before the place.
            false => names == texts("incompatibilities") && texts("locations").ends_with(&paths),
        };
        if !is_right {
            wrong.push(format!("{at}: {pair}\n   found {found:?}"));
        }
    }
    assert!(wrong.is_empty(), "{} of {PAIRS} are wrong:\n{}", wrong.len(), wrong.join("\n"));
    println!("avro: {PAIRS} pairs are judged as expected");
}

/// What `reader` makes of the value `written` by `writer`, both in JSON.
fn check(writer: &str, written: &str, reader: &str, expected: &str) {
    let (writer, reader) = (schema(writer), schema(reader));
    let mut bytes = Vec::new();
    Encoder::new(writer.clone()).encode(&value(&writer, written), &mut bytes).unwrap();
    let decoder = Decoder::between(&writer, &reader).unwrap_or_else(|reports| panic!("{reports:?}"));
    let read = decoder.decode(&bytes).unwrap_or_else(|report| panic!("{report}"));
    let mut json = Vec::new();
    JsonCodec::new(reader).encode(&read, &mut json).unwrap();
    assert_eq!(String::from_utf8(json).unwrap(), expected);
}

fn record(fields: &str) -> String {
    format!(r#"{{"type": "record", "name": "R", "fields": [{fields}]}}"#)
}

#[test]
fn fields_are_reordered_skipped_renamed_and_filled_in() {
    check(
        &record(
            r#"{"name": "a", "type": "int"}, {"name": "gone", "type": {"type": "array", "items": {"type": "map", "values": ["null", "string"]}}},
            {"name": "b", "type": "string"}, {"name": "old", "type": "long"}"#,
        ),
        r#"{"a": 1, "gone": [{"x": null, "y": {"string": "z"}}, {}], "b": "two", "old": 3}"#,
        &record(
            r#"{"name": "b", "type": "string"}, {"name": "new", "type": "long", "aliases": ["old"]},
            {"name": "more", "type": ["null", "int"], "default": null}, {"name": "a", "type": "double"}"#,
        ),
        r#"{"b":"two","new":3,"more":null,"a":1.0}"#,
    );
}

#[test]
fn numbers_and_texts_are_promoted() {
    let cases = [
        ("int", "7", "long", "7"),
        ("int", "7", "float", "7.0"),
        ("int", "7", "double", "7.0"),
        ("long", "7", "float", "7.0"),
        ("long", "7", "double", "7.0"),
        ("float", "0.5", "double", "0.5"),
        ("string", "\"é\"", "bytes", "\"Ã©\""),
        ("bytes", "\"Ã©\"", "string", "\"é\""),
    ];
    for (writer, written, reader, expected) in cases {
        check(&format!("\"{writer}\""), written, &format!("\"{reader}\""), expected);
        let union = format!(r#"["null", "{reader}"]"#);
        check(&format!("\"{writer}\""), written, &union, &format!(r#"{{"{reader}":{expected}}}"#));
    }
}

#[test]
fn a_branch_of_the_same_type_comes_before_one_that_a_value_is_promoted_to() {
    check(r#"["int", "string"]"#, r#"{"int": 1}"#, r#"["string", "double", "int"]"#, r#"{"int":1}"#);
}

#[test]
fn a_symbol_that_the_reader_does_not_have_is_its_default() {
    check(
        r#"{"type": "enum", "name": "E", "symbols": ["A", "B"]}"#,
        "\"B\"",
        r#"{"type": "enum", "name": "n.E", "symbols": ["X", "A"], "default": "X"}"#,
        "\"X\"",
    );
}

#[test]
fn units_of_time_are_converted_and_scales_are_not() {
    let of = |logical: &str, form: &str| format!(r#"{{"type": "{form}", "logicalType": "{logical}"}}"#);
    check(&of("timestamp-millis", "long"), "1500", &of("timestamp-micros", "long"), "1500000");
    check(&of("time-millis", "int"), "1500", &of("time-micros", "long"), "1500000");
    check(&of("timestamp-millis", "long"), "1500", "\"long\"", "1500");
    let decimal = |precision: u32, scale: u32| {
        schema(&format!(
            r#"{{"type": "bytes", "logicalType": "decimal", "precision": {precision}, "scale": {scale}}}"#
        ))
    };
    assert!(incompatibilities(&decimal(4, 2), &decimal(6, 2)).is_empty());
    assert_eq!(incompatibilities(&decimal(4, 2), &decimal(6, 3))[0].reason, Reason::TypeMismatch);
    let date = schema(&of("date", "int"));
    assert_eq!(incompatibilities(&date, &schema(&of("time-millis", "int")))[0].reason, Reason::TypeMismatch);
}

#[test]
fn types_that_contain_themselves_are_read_by_others_that_do() {
    let list = |value: &str, extra: &str| {
        format!(
            r#"{{"type": "record", "name": "Node", "fields": [
                {{"name": "value", "type": "{value}"}}, {extra} {{"name": "next", "type": ["null", "Node"]}}]}}"#
        )
    };
    let extra = r#"{"name": "note", "type": "string", "default": "none"},"#;
    check(
        &list("int", ""),
        r#"{"value": 1, "next": {"Node": {"value": 2, "next": null}}}"#,
        &list("long", extra),
        r#"{"value":1,"note":"none","next":{"Node":{"value":2,"note":"none","next":null}}}"#,
    );
    let found = incompatibilities(&schema(&list("string", "")), &schema(&list("long", "")));
    assert!(
        found.iter().any(|it| it.reason == Reason::TypeMismatch && it.path == "/fields/0/type"),
        "{found:?}"
    );
}

#[test]
fn what_does_not_fit_is_told_with_its_reason_and_path() {
    let (writer, reader) = (schema(&record("")), schema(&record(r#"{"name": "a", "type": "int"}"#)));
    let reports = Decoder::between(&writer, &reader).unwrap_err();
    let report = reports.iter().next().unwrap();
    assert_eq!((report.code().id, report.data_path()), ("C0202", Some("/fields/0")));
    assert!(report.message().starts_with("READER_FIELD_MISSING_DEFAULT_VALUE: "), "{report}");
}

#[test]
fn a_value_of_a_union_is_the_value_of_its_branch() {
    let schema = schema(r#"["null", "int", "string"]"#);
    assert_eq!(value(&schema, r#"{"int": 5}"#), Value::Int(5));
    assert_eq!(value(&schema, "null"), Value::Null);
}

#[test]
fn what_nobody_wants_is_held_against_its_type_and_not_built() {
    let writer = record(
        r#"{"name": "gone", "type": "string"}, {"name": "at", "type": {"type": "int", "logicalType": "time-millis"}},
        {"name": "text", "type": "string"}, {"name": "inner", "type": ["null", {"type": "array", "items": {"type": "record", "name": "I",
            "fields": [{"name": "x", "type": "int"}, {"name": "y", "type": "string"}]}}]}, {"name": "last", "type": "int"}"#,
    );
    let reader = record(
        r#"{"name": "last", "type": "long"}, {"name": "more", "type": "int", "default": 5}, {"name": "text", "type": "string"},
        {"name": "other", "type": "int", "default": 6}, {"name": "at", "type": {"type": "int", "logicalType": "time-millis"}},
        {"name": "inner", "type": ["null", {"type": "array", "items": {"type": "record", "name": "I",
            "fields": [{"name": "y", "type": "string"}, {"name": "x", "type": "int"}]}}]}"#,
    );
    let whole = Decoder::between(&schema(&writer), &schema(&reader)).unwrap();
    let part = |ways: &[&str]| {
        let ways: Vec<Vec<_>> = ways.iter().map(|way| way.split('.').map(Into::into).collect()).collect();
        whole.part(&ways)
    };
    // "g", 1 ms, "t", one item of 3 and "y", 4.
    let bytes = [2, b'g', 2, 2, b't', 2, 2, 6, 2, b'y', 0, 8];
    let read = |ways: &[&str]| crate::json::to_string(&part(ways).decode(&bytes).unwrap());
    assert_eq!(read(&["last"]), r#"{"last":4}"#);
    assert_eq!(read(&["inner.x", "more"]), r#"{"more":5,"inner":[{"x":3}]}"#);
    assert_eq!(read(&["inner.y", "at", "last"]), r#"{"last":4,"at":"00:00:00.001","inner":[{"y":"y"}]}"#);
    assert_eq!(read(&["inner"]), r#"{"inner":[{"y":"y","x":3}]}"#);
    assert_eq!(read(&[]), "{}");
    // Of a time, a text, an item and a branch that are none; and what is only skipped.
    for (at, byte) in [(2, 1), (4, 0xFF), (9, 0xFF), (5, 8), (1, 0xFF)] {
        let mut broken = bytes;
        broken[at] = byte;
        let expected = whole.decode(&broken).map(|_| "read").map_err(|report| format!("{report:?}"));
        assert_eq!(expected.is_ok(), at == 1, "{at}");
        for ways in [&[][..], &["last"], &["inner.x"]] {
            let found = part(ways).decode(&broken).map(|_| "read").map_err(|report| format!("{report:?}"));
            assert_eq!(found, expected, "{at} {ways:?}");
        }
    }
}
