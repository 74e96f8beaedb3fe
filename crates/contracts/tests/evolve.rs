//! What a new contract does not read of what an old one allowed, keyword by keyword.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use tenon_contracts::{evolve, json_schema};
use tenon_document::parse;
use tenon_model::Shape;

fn shape(schema: &str) -> Shape {
    json_schema::read(&parse("a.json", schema).unwrap()).unwrap().into_only().unwrap().shape
}

#[track_caller]
fn check(old: &str, new: &str, expected: &[&str]) {
    let found: Vec<String> = evolve::changes(&shape(old), &shape(new))
        .into_iter()
        .map(|change| format!("{} {}", change.path, change.message).trim().to_owned())
        .collect();
    assert_eq!(found, expected, "{old} to {new}");
}

const TWO: &str = r#""type":"object","properties":{"a":{"type":"integer"},"b":{"type":"integer"}}"#;

#[test]
fn the_count_of_fields_is_compared() {
    let closed = |bound: &str| format!(r#"{{{TWO},"additionalProperties":false{bound}}}"#);
    check(
        &closed(""),
        &closed(r#","minProperties":1"#),
        &["could have fewer fields before, and now needs at least 1"],
    );
    check(
        &closed(""),
        &closed(r#","maxProperties":1"#),
        &["could have more fields before, and can now have at most 1"],
    );
    check(&closed(r#","minProperties":2"#), &closed(r#","minProperties":1"#), &[]);
    let map =
        |bound: &str| format!(r#"{{"type":"object","additionalProperties":{{"type":"integer"}}{bound}}}"#);
    check(
        &map(""),
        &map(r#","minProperties":1"#),
        &["could have fewer entries before, and now needs at least 1"],
    );
    check(
        &closed(""),
        &map(r#","maxProperties":1,"minProperties":1"#),
        &[
            "could have fewer fields before, and now needs at least 1",
            "could have more fields before, and can now have at most 1",
        ],
    );
    let nested = |bound: &str| format!(r#"{{"type":"array","items":{}}}"#, closed(bound));
    check(
        &nested(""),
        &nested(r#","minProperties":2"#),
        &["[] could have fewer fields before, and now needs at least 2"],
    );
}

#[test]
fn what_names_say_is_compared() {
    let names = |more: &str| format!(r#"{{{TWO}{more}}}"#);
    let lower = r#","propertyNames":{"pattern":"^[a-z]"}"#;
    check(&names(""), &names(lower), &["* must now have names that match `^[a-z]`"]);
    check(&names(lower), &names(lower), &[]);
    check(&names(lower), &names(""), &[]);
    let by_pattern = |kind: &str| names(&format!(r#","patternProperties":{{"^x-":{{"type":"{kind}"}}}}"#));
    check(
        &by_pattern("integer"),
        &by_pattern("number"),
        &["* was a 64-bit integer, and is now a double, which cannot hold all of those"],
    );
    check(&by_pattern("integer"), &by_pattern("string"), &["* was integer, and is now text"]);
    check(
        &names(""),
        &by_pattern("string"),
        &["* could be null before, and no longer can", "* could be anything before, and must now be text"],
    );
}

#[test]
fn a_required_field_is_there_whatever_its_default() {
    let field = |more: &str| {
        format!(
            r#"{{"type":"object","additionalProperties":false,"properties":{{"v":{{"type":"string","default":"q"}}}}{more}}}"#
        )
    };
    check(&field(""), &field(r#","required":["v"]"#), &["v could be absent before, and is now required"]);
    check(&field(r#","required":["v"]"#), &field(""), &[]);
}
