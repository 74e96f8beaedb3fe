//! What is refused, with its code and place.

use tenon_document::parse;

use crate::json_schema::read;

/// That the schema has exactly these problems: code, line:column, and a part of the message or hint.
fn check(schema: &str, expected: &[(&str, &str, &str)]) {
    let reports = match read(&parse("order/1.json", schema).unwrap()) {
        Ok(definition) => panic!("{schema} was read as {:?}", definition.types),
        Err(reports) => reports,
    };
    let found: Vec<_> = reports
        .iter()
        .map(|report| {
            let place = report.places().first().map(ToString::to_string).unwrap_or_default();
            let says = format!("{}; {}", report.message(), report.advice().unwrap_or_default());
            (report.code().id, place, says)
        })
        .collect();
    assert_eq!(found.len(), expected.len(), "{schema}: {found:?}");
    for ((code, place, says), (expected_code, expected_place, part)) in found.iter().zip(expected) {
        assert_eq!(
            (*code, place.as_str()),
            (*expected_code, &*format!("order/1.json:{expected_place}")),
            "{schema}: {says}"
        );
        assert!(says.contains(part), "{schema}: {says:?} does not contain {part:?}");
    }
}

#[test]
fn keywords_that_cannot_be_enforced_are_refused_at_their_place() {
    let cases = [
        (
            r#"{"$ref":"https://example.com/a.json"}"#,
            "1:9",
            "leads to https://example.com/a.json, which is not in this project",
        ),
        (r#"{"$schema":"http://json-schema.org/draft-03/schema#"}"#, "1:12", "not a supported draft"),
        (r#"{"type":"string","x-sensitivity":"secret"}"#, "1:34", "only fields can be sensitive"),
    ];
    for (schema, place, part) in cases {
        check(schema, &[("C0002", place, part)]);
    }
}

#[test]
fn what_is_no_valid_schema_is_refused_at_its_place() {
    let cases = [
        ("[]", "1:1", "a schema is an object"),
        (r#"{"type":"strnig"}"#, "1:9", "write `string`"),
        (r#"{"type":[]}"#, "1:9", "names no type"),
        (r#"{"type":7}"#, "1:9", "`type` is a number"),
        (r#"{"title":7}"#, "1:10", "`title` is a number, and text is required"),
        (r#"{"type":"object","properties":[]}"#, "1:31", "`properties` is a list"),
        (r#"{"type":"object","required":"a"}"#, "1:29", "a list of names"),
        (
            r#"{"type":"object","properties":{"name":{}},"required":["nmae"],"additionalProperties":false}"#,
            "1:55",
            "write `name`",
        ),
        (r#"{"type":"integer","minimum":"1"}"#, "1:29", "a number is required"),
        (r#"{"type":"integer","minimum":2,"maximum":1}"#, "1:41", "no number lies between"),
        (r#"{"type":"number","minimum":1,"exclusiveMaximum":1}"#, "1:49", "no number lies between"),
        (r#"{"type":"number","multipleOf":0}"#, "1:31", "above 0"),
        (r#"{"type":"string","minLength":-1}"#, "1:30", "a whole number from 0"),
        (r#"{"type":"string","minLength":2,"maxLength":1}"#, "1:44", "no value lies between"),
        (r#"{"type":"array","uniqueItems":"yes"}"#, "1:31", "true or false"),
        (r#"{"oneOf":[]}"#, "1:10", "a list of schemas"),
        (r##"{"$ref":"#/$defs/oder","$defs":{"order":{}}}"##, "1:9", "write `#/$defs/order`"),
        (r##"{"$ref":"#"}"##, "1:1", "points to no definition"),
        (r##"{"allOf":[{"$ref":"#"},{"type":"object"}]}"##, "1:1", "refers to itself"),
        (r##"{"$ref":"#a"}"##, "1:9", "names no anchor"),
        (r##"{"anyOf":[{"type":"string"},{"$ref":"#"}]}"##, "1:1", "contains itself"),
        (
            r#"{"type":"object","properties":{"a":{"type":"string","x-sensitivity":"private"}}}"#,
            "1:69",
            "`private`",
        ),
    ];
    for (schema, place, part) in cases {
        check(schema, &[("C0001", place, part)]);
    }
}

#[test]
fn patterns_are_checked() {
    check(r#"{"type":"string","pattern":"(?=a"}"#, &[("C0005", "1:28", "cannot be run")]);
    check(r#"{"type":"string","pattern":"[z-a]"}"#, &[("C0005", "1:28", "cannot be run")]);
    check(r#"{"type":"object","patternProperties":{"(?!a)[":{}}}"#, &[("C0005", "1:39", "cannot be run")]);
}

#[test]
fn all_problems_are_told_in_one_run() {
    let schema = r##"{
  "type": "object",
  "properties": {
    "a": { "type": "strin" },
    "b": { "$ref": "#/$defs/c" }
  },
  "required": ["a"],
  "$defs": {
    "c": { "type": "string", "pattern": "(" },
    "d": { "type": "strin" }
  }
}"##;
    check(
        schema,
        &[
            ("C0001", "4:20", "write `string`"),
            ("C0005", "9:41", "cannot be run"),
            ("C0001", "10:20", "write `string`"),
        ],
    );
}

#[test]
fn a_schema_that_expands_without_bound_is_refused() {
    let level = |n: usize| {
        let inner = format!("{{\"$ref\":\"#/$defs/d{}\"}}", n + 1);
        format!("\"d{n}\":{{\"type\":\"object\",\"properties\":{{\"a\":{inner},\"b\":{inner}}}}}")
    };
    let levels: Vec<String> = (0..40).map(level).collect();
    let schema = format!("{{\"$ref\":\"#/$defs/d0\",\"$defs\":{{{},\"d40\":{{}}}}}}", levels.join(","));
    let reports = read(&parse("order/1.json", &schema).unwrap()).unwrap_err();
    assert!(reports.iter().all(|report| report.code().id == "C0001"), "{reports:?}");
    assert!(reports.iter().any(|report| report.message().contains("parts")), "{reports:?}");
}
