//! Readers of a part: what they give, and that they refuse what readers of the whole do.

use tenon_document::parse;
use tenon_model::{Shape, Str, Value};

use super::{Decoder, Limits, to_string};
use crate::{
    json_schema,
    sample::{Samples, Sort},
};

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
    Decoder::of_judged_part(&shape(ORDER), &paths).unwrap()
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
fn which_fields_a_record_has_is_checked() {
    let refused = |text: &str| {
        let report = part(&["id", "customer.mail"]).decode(text.as_bytes()).unwrap_err();
        report.details().first().unwrap_or(&report).code().id
    };
    assert_eq!(refused(r#"{"id": 1}"#), "D0002", "a field that is not wanted is required");
    assert_eq!(refused(r#"{"id": 1, "lines": [], "customer": {"mail": "m"}}"#), "D0002");
    assert_eq!(refused(r#"{"id": 1, "lines": [], "unknown": 1}"#), "D0003");
    assert_eq!(refused(r#"{"id": 1, "lines": [], "lines": []}"#), "D0102");
    assert_eq!(refused(r#"{"id": "one", "lines": []}"#), "D0004");
}

#[test]
fn what_is_not_wanted_is_json_within_the_limits_and_follows_its_contract() {
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
    // Of another kind and with a name twice.
    for text in ["[[[1]]]", "\"text\"", "{ }"] {
        assert_eq!(read(text).map(|_| ()), Err("D0001"), "{text}");
    }
    assert_eq!(read("[{\"sku\": \"a\", \"sku\": \"b\"}]").map(|_| ()), Err("D0102"));
    for text in [
        "[{\"sku\": \"\\ud83d\\ude00\\u00e9\\n\", \"count\": -15E+7, \"more\": [true, false, null]}]",
        " [ ] ",
    ] {
        assert_eq!(read(text), Ok(Value::record([("id", Value::Int(1))])), "{text}");
    }
}

/// Contracts that judge what they hold in every way that there is.
const JUDGED: &[(&str, &[&str])] = &[
    (ORDER, &["id", "customer.mail"]),
    (ORDER, &["lines.sku"]),
    (
        r#"{"type": "object", "required": ["a", "t"], "minProperties": 3, "maxProperties": 6, "properties": {
            "a": {"type": "string", "pattern": "^[a-z]+$", "minLength": 2, "maxLength": 4},
            "t": {"type": "string", "format": "date-time"}, "n": {"type": ["number", "null"], "minimum": 1, "multipleOf": 0.5},
            "e": {"enum": ["x", 1, null, [2]]}, "u": {"oneOf": [{"type": "string"}, {"type": "integer"}, {"type": "object",
            "properties": {"k": {"const": "v"}}, "required": ["k"]}]},
            "l": {"type": "array", "minItems": 1, "maxItems": 3, "items": {"type": "integer", "minimum": 0}},
            "d": {"type": "array", "uniqueItems": true, "items": {"type": "integer"}},
            "o": {"type": "object", "properties": {"p": {"type": "boolean"}}, "additionalProperties": {"type": "integer"}},
            "x": {}, "b": {"type": "string", "contentEncoding": "base64"}}, "additionalProperties": {"type": "string", "maxLength": 3}}"#,
        &["a"],
    ),
    (
        r##"{"type": "object", "required": ["v"], "properties": {"v": {"type": "integer"}, "next": {"$ref": "#"},
            "r": {"type": "object", "properties": {"q": {"type": "integer"}, "s": {"type": "string"}}, "if": {"required": ["q"]},
            "then": {"required": ["s"]}, "patternProperties": {"^x-": {"type": "boolean"}}, "additionalProperties": false},
            "m": {"type": "object", "additionalProperties": {"type": "array", "items": {"type": "number"}}}}}"##,
        &["v"],
    ),
];

/// `value` without what no path leads to.
fn projected(value: &Value, paths: &[&[Str]]) -> Value {
    match value {
        _ if paths.iter().any(|path| path.is_empty()) => value.clone(),
        Value::List(items) => Value::list(items.iter().map(|item| projected(item, paths)).collect()),
        Value::Map(map) => {
            let below = |name: &str| -> Vec<&[Str]> {
                let split = paths.iter().filter_map(|path| path.split_first());
                split.filter(|(first, _)| first.as_str() == name).map(|(_, rest)| rest).collect()
            };
            let entries = map.iter().filter_map(|(key, value)| {
                let below = below(key.as_str()?);
                (!below.is_empty()).then(|| (key.clone(), projected(value, &below)))
            });
            Value::Map(std::sync::Arc::new(entries.collect()))
        }
        other => other.clone(),
    }
}

#[test]
fn what_is_judged_and_not_built_is_refused_as_it_would_be_and_in_the_same_words() {
    let (mut accepted, mut refused) = (0, 0);
    for (text, paths) in JUDGED {
        let shape = shape(text);
        let paths: Vec<Vec<Str>> = paths.iter().map(|path| path.split('.').map(Str::new).collect()).collect();
        let limits = Limits { depth: 8, ..Limits::default() };
        let whole = Decoder::new(&shape).unwrap().with_limits(limits);
        let part = Decoder::of_judged_part(&shape, &paths).unwrap().with_limits(limits);
        let wanted: Vec<&[Str]> = paths.iter().map(Vec::as_slice).collect();
        let mut check = |text: &[u8]| match (whole.decode(text), part.decode(text)) {
            (Ok(whole), Ok(part)) => {
                accepted += 1;
                assert_eq!(
                    to_string(&projected(&whole, &wanted)),
                    to_string(&part),
                    "{}",
                    text.escape_ascii()
                );
            }
            (whole, part) => {
                refused += 1;
                let words = |it: &tenon_errors::Report| format!("{it:?}");
                let (whole, part) = (whole.as_ref().map_err(words), part.as_ref().map_err(words));
                assert_eq!(whole.err(), part.err(), "{}", text.escape_ascii());
            }
        };
        for sort in [Sort::Valid, Sort::Boundary, Sort::Invalid] {
            for (at, sample) in Samples::new(&shape, sort, 7).take(250).enumerate() {
                let text = sample.value.to_string();
                check(text.as_bytes());
                // And damaged: a byte is another one, is not there, or comes twice; a field comes twice.
                let bytes = text.as_bytes();
                let place = at * 31 % bytes.len();
                for other in [b'"', b',', b'}', b'0', b'\\', b' ', b'{', b'a', 0xC3, b'\n'] {
                    check(&[&bytes[..place], &[other], &bytes[place + 1..]].concat());
                    check(&[&bytes[..place], &[other], &bytes[place..]].concat());
                }
                check(&[&bytes[..place], &bytes[place + 1..]].concat());
                if let (Some(inside), true) = (text.strip_prefix('{'), text.len() > 2) {
                    check(format!("{{{},{inside}", &inside[..inside.len() - 1]).as_bytes());
                }
            }
        }
        for deep in ["[[[[[[[[[1]]]]]]]]]", "{\"next\":{\"next\":{\"v\":1}},\"v\":2}"] {
            for name in ["x", "next", "r", "lines", "unknown"] {
                check(format!("{{\"v\":1,\"{name}\":{deep}}}").as_bytes());
            }
        }
    }
    assert!(accepted > 2_000 && refused > 10_000, "{accepted} {refused}");
}
