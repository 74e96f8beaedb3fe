//! What asserts nothing is read, and noted once with its place.

use tenon_document::parse;

use crate::json_schema::read;

/// That the schema is read with exactly these notes: line:column, and a part of the message or hint.
fn check(schema: &str, expected: &[(&str, &str)]) {
    let definition =
        read(&parse("a.json", schema).unwrap()).unwrap_or_else(|reports| panic!("{schema}: {reports:?}"));
    let found: Vec<_> = definition
        .notes
        .iter()
        .map(|note| {
            let place = note.places()[0].to_string();
            (place, format!("{}: {}; {}", note.code().id, note.message(), note.advice().unwrap_or_default()))
        })
        .collect();
    assert_eq!(found.len(), expected.len(), "{schema}: {found:?}");
    for ((place, says), (expected_place, part)) in found.iter().zip(expected) {
        assert_eq!(*place, format!("a.json:{expected_place}"), "{schema}: {says}");
        assert!(
            says.contains(part)
                && says.starts_with(if part.contains("is not used") { "C0006" } else { "C0007" }),
            "{schema}: {says:?} does not contain {part:?}"
        );
    }
}

#[test]
fn what_asserts_nothing_is_noted() {
    let cases = [
        (r#"{"type":"string","maxLenght":1}"#, "1:18", "write `maxLength`"),
        (r#"{"type":"string","owner":"me"}"#, "1:18", "write `x-owner`"),
        (r#"{"type":"string","markdownDescription":"**b**"}"#, "1:18", "no keyword `markdownDescription`"),
        (r#"{"type":"string","example":"a"}"#, "1:18", "no keyword `example`"),
        (r#"{"type":"string","format":"emial"}"#, "1:27", "write `email`"),
        (r#"{"type":"string","format":"color"}"#, "1:27", "the format `color` is not known"),
        (r#"{"type":["string","integer","boolean"],"format":"zip-code"}"#, "1:49", "`zip-code` is not known"),
        (r#"{"type":["string","null"],"format":"zip-code"}"#, "1:36", "`zip-code` is not known"),
        (r#"{"type":["integer","boolean"],"format":"date"}"#, "1:40", "has no effect on boolean or integer"),
        (r#"{"type":"string","contentEncoding":"base32"}"#, "1:36", "base64"),
        (r#"{"type":"string","minimum":1}"#, "1:18", "`minimum` has no effect on string"),
        (r#"{"type":"array","items":{"properties":{"a":{}}}}"#, "1:26", "add \"type\": \"object\""),
        (r#"{"type":"object","required":["a","a"]}"#, "1:34", "names `a` twice"),
        (r#"{"enum":[1,1.0]}"#, "1:12", "appears twice"),
        (r#"{"type":"string","enum":["a",1]}"#, "1:30", "expected text, found 1"),
        (r#"{"type":"string","enum":["a",null]}"#, "1:30", "add \"null\" to `type`"),
        (r#"{"oneOf":[{"type":["string","null"]},{"type":["integer","null"]}]}"#, "1:10", "null is refused"),
        (r#"{"discriminator":{"propertyName":"a"}}"#, "1:2", "without `oneOf`"),
        (
            r##"{"$schema":"http://json-schema.org/draft-07/schema#","properties":{"a":{"$ref":"#/definitions/t","minLength":1}},"type":"object","definitions":{"t":{"type":"string"}}}"##,
            "1:98",
            "beside `$ref`",
        ),
        (r#"{"type":"object","if":{"required":["a"]}}"#, "1:18", "`if` asserts nothing"),
        (r#"{"type":"array","minContains":1}"#, "1:17", "`minContains` asserts nothing"),
    ];
    for (schema, place, part) in cases {
        check(schema, &[(place, part)]);
    }
}

#[test]
fn what_is_noted_in_many_places_is_told_once() {
    let fields: Vec<String> =
        (0..50).map(|n| format!(r#""f{n}":{{"type":"string","hint":"x","format":"zip"}}"#)).collect();
    check(
        &format!(r#"{{"type":"object","properties":{{{}}}}}"#, fields.join(",")),
        &[
            ("1:54", "no keyword `hint`, so it has no effect; the same in 49 more places"),
            ("1:74", "49 more places"),
        ],
    );
}

#[test]
fn a_default_or_an_example_that_does_not_fit_is_noted_and_not_used() {
    check(
        r#"{"type":"object","properties":{"a":{"type":"integer","default":"x"},"b":{"type":"string","default":null}}}"#,
        &[
            ("1:64", "expected integer, found \"x\", and is not used"),
            ("1:100", "expected text, found null, and is not used"),
        ],
    );
    let text = r#"{"type":"integer","maximum":3,"examples":[3,4]}"#;
    check(text, &[("1:45", "4 is greater than the maximum of 3, and is not used")]);
    let read = read(&parse("a.json", text).unwrap()).unwrap();
    assert_eq!(read.into_only().unwrap().examples, [tenon_model::Value::Int(3)]);
}

#[test]
fn a_definition_that_nothing_refers_to_keeps_no_value_out() {
    let schema = r#"{"type":"string","$defs":{"a":{"type":"string","pattern":"(?=a"}}}"#;
    let definition = read(&parse("a.json", schema).unwrap()).unwrap();
    let note = &definition.notes[0];
    assert_eq!(note.code().id, "C0005");
    assert!(note.message().starts_with("nothing refers to `a`"), "{}", note.message());
}

#[test]
fn annotations_of_the_standard_are_no_news() {
    check(
        r#"{"$schema":"http://json-schema.org/draft-04/schema#","id":"http://example.com/a","title":"A","description":"b",
            "type":"string","nullable":true,"x-note":1,"default":"c","examples":["d"],"readOnly":true,"$comment":"e"}"#,
        &[],
    );
}

#[test]
fn a_default_that_fails_deep_inside_of_what_contains_itself_is_noted_and_unused() {
    let recursive = r##"{"type":"object","properties":{"a":{"type":"array","items":{"$ref":"#"},"default":[{"b":1}]}},"additionalProperties":false}"##;
    check(recursive, &[("1:83", "no field `b` at /0/b, and is not used")]);
    let schema = read(&parse("a.json", recursive).unwrap()).unwrap().into_only().unwrap();
    let record = schema.shape.as_record().unwrap();
    assert!(record.field("a").unwrap().1.default.is_none());
}
