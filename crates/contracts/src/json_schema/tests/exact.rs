//! What types cannot say is enforced on the JSON as it was sent, with its path and its keyword.

use tenon_document::parse;
use tenon_model::Shape;

use crate::{
    format::InMemory,
    json::Decoder,
    json_schema::{read, read_with},
    relate::{Relation, relate},
    validate::Validator,
};

/// That values are accepted, or refused at a path with a part of a message.
fn check(schema: &str, accepted: &[&str], refused: &[(&str, &str, &str)]) {
    let shape = read(&parse("a.json", schema).unwrap()).unwrap().into_only().unwrap().shape;
    let decoder = Decoder::new(&shape).unwrap();
    for json in accepted {
        let value =
            decoder.decode(json.as_bytes()).unwrap_or_else(|report| panic!("{schema} {json}: {report:?}"));
        Validator::new(&shape).unwrap().check(&value).unwrap_or_else(|report| panic!("{json}: {report:?}"));
    }
    for (json, path, part) in refused {
        let report =
            decoder.decode(json.as_bytes()).err().unwrap_or_else(|| panic!("{schema} accepts {json}"));
        let first = &report.details()[0];
        assert_eq!(first.data_path(), Some(*path), "{json}: {}", first.message());
        assert!(first.message().contains(part), "{json}: {}", first.message());
    }
}

#[test]
fn what_types_cannot_say_is_enforced() {
    check(
        r#"{"type":"array","contains":{"type":"integer","minimum":5},"maxContains":2}"#,
        &["[5]", "[1,5,6]"],
        &[("[1]", "", "`contains`"), ("[5,6,7]", "", "`contains`")],
    );
    check(
        r#"{"type":"array","prefixItems":[{"type":"string"},{"type":"integer"}],"items":false}"#,
        &[r#"["a",1]"#, "[]"],
        &[(r#"[1,"a"]"#, "/0", "`type`"), (r#"["a",1,2]"#, "", "at most 2")],
    );
    check(
        r#"{"type":"object","properties":{"a":{}},"allOf":[{"properties":{"b":{}}}],"unevaluatedProperties":false}"#,
        &[r#"{"a":1,"b":2}"#],
        &[(r#"{"c":1}"#, "/c", "`unevaluatedProperties`")],
    );
    check(
        r#"{"type":"object","if":{"properties":{"n":{"minimum":10}},"required":["n"]},"then":{"required":["why"]}}"#,
        &[r#"{"n":9}"#, r#"{"n":10,"why":1}"#],
        &[(r#"{"n":10}"#, "", "`why` is missing")],
    );
    check(
        r#"{"oneOf":[{"type":"number","multipleOf":2},{"type":"number","multipleOf":3}]}"#,
        &["4", "9"],
        &[("6", "", "`oneOf`")],
    );
    check(
        r#"{"type":"string","pattern":"^(?=.*[0-9])(?!.* )"}"#,
        &["\"a1\"", "\"1\""],
        &[("\"a\"", "", "`pattern`"), ("\"a 1\"", "", "`pattern`")],
    );
    check(
        r#"{"type":"object","properties":{"xa":{"type":"integer"}},"patternProperties":{"^(?!x)":{"type":"string"}},"additionalProperties":{"type":"integer"}}"#,
        &[r#"{"a":"b","xa":1,"xb":2}"#],
        &[(r#"{"a":1}"#, "/a", "`type`"), (r#"{"xb":"c"}"#, "/xb", "`type`")],
    );
    check(r#"{"type":"string","not":{"const":"a"}}"#, &["\"b\""], &[("\"a\"", "", "`not`")]);
    check(
        r#"{"type":"string","pattern":"a","allOf":[{"pattern":"b"}]}"#,
        &["\"ab\""],
        &[("\"b\"", "", "`pattern`")],
    );
}

#[test]
fn what_is_demanded_inside_of_other_values_has_its_path() {
    check(
        r#"{"type":"object","properties":{"tags":{"type":"array","items":{"type":"string","not":{"pattern":"^x"}}}}}"#,
        &[r#"{"tags":["a"]}"#],
        &[(r#"{"tags":["a","xy"]}"#, "/tags/1", "`not`")],
    );
}

#[test]
fn null_is_allowed_exactly_where_the_schema_says_so() {
    check(r#"{"type":["string","null"],"not":{"const":"a"}}"#, &["null", "\"b\""], &[("\"a\"", "", "`not`")]);
    check(r#"{"type":["string","null"],"not":{"enum":["a",null]}}"#, &["\"b\""], &[]);
}

#[test]
fn a_reference_leads_to_another_file_of_the_project() {
    let schema = r#"{"type":"object","properties":{"price":{"$ref":"../money/1.json#/$defs/cents"}}}"#;
    let root = parse("contracts/order/1.json", schema).unwrap();
    let money = r#"{"$defs":{"cents":{"type":"integer","minimum":0}}}"#;
    let files = InMemory(&[("contracts/money/1.json", money)]);
    let shape = read_with(&root, &files).unwrap().into_only().unwrap().shape;
    let decoder = Decoder::new(&shape).unwrap();
    assert!(decoder.decode(br#"{"price":1}"#).is_ok());
    assert!(decoder.decode(br#"{"price":-1}"#).is_err());
    let refused = read(&root).unwrap_err();
    assert!(refused.iter().any(|report| report.message().contains("contracts/money/1.json")), "{refused:?}");
}

#[test]
fn equal_demands_read_what_the_others_wrote_however_they_are_described() {
    let shape = |text: &str| read(&parse("a.json", text).unwrap()).unwrap().into_only().unwrap().shape;
    let one = shape(r#"{"type":"array","contains":{"const":1}}"#);
    let same = shape(r##"{"type":"array","contains":{"const":1,"title":"one"},"description":"x"}"##);
    let other = shape(r#"{"type":"array","contains":{"const":2}}"#);
    let changes = |new: &Shape| relate(&one, new, Relation::STORED).changes.len();
    assert_eq!((changes(&same), changes(&other)), (0, 1));
    assert_eq!(changes(&shape(r#"{"type":"array"}"#)), 0);
}
