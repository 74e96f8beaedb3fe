//! What a new contract does not read of what an old one allowed, keyword by keyword.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use tenon_contracts::{
    json_schema,
    relate::{Change, Direction, OpenRecords, Relation, Role, Rule, relate},
};
use tenon_document::parse;
use tenon_model::{Field, Kind, Record, Shape, shape::Choice};

fn shape(schema: &str) -> Shape {
    json_schema::read(&parse("a.json", schema).unwrap()).unwrap().into_only().unwrap().shape
}

#[track_caller]
fn check(old: &str, new: &str, expected: &[&str]) {
    let found: Vec<String> = relate(&shape(old), &shape(new), Relation::STORED)
        .changes
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

fn related(old: &str, new: &str, direction: Direction, role: Role) -> Vec<String> {
    let how = Relation { direction, role, open: OpenRecords::Lenient };
    let changes = relate(&shape(old), &shape(new), how).changes;
    let told = |change: &Change| match &change.witness {
        Some(witness) => format!("{} {} {}", change.path, change.rule.id(), witness.told()),
        None => format!("{} {} not shown", change.path, change.rule.id()),
    };
    changes.iter().map(told).collect()
}

#[test]
fn every_change_is_shown_by_a_value_that_one_contract_allows_and_the_other_refuses() {
    let field =
        |schema: &str| format!(r#"{{"type":"object","required":["v"],"properties":{{"v":{schema}}}}}"#);
    for (old, new, expected) in [
        (
            r#"{"type":"integer"}"#,
            r#"{"type":"string"}"#,
            "v kind-changed is refused: /v: expected text, found 1",
        ),
        (
            r#"{"type":"integer"}"#,
            r#"{"type":"integer","maximum":5}"#,
            "v range-narrowed is refused: /v: 6 is greater than the maximum of 5",
        ),
        (
            r#"{"type":"integer"}"#,
            r#"{"type":"number"}"#,
            "v precision-lost is refused: /v: -9223372036854775807 has more digits than a double keeps, which would become -9.223372036854776e+18: send fewer digits, or give the field the format `decimal`",
        ),
        (
            r#"{"enum":["a","b"]}"#,
            r#"{"enum":["a"]}"#,
            "v value-removed is refused: /v: \"b\" is not one of \"a\"",
        ),
        (
            r#"{"type":"string"}"#,
            r#"{"type":"string","pattern":"^[A-Z]+$"}"#,
            "v pattern-changed is refused: /v: \"text\" does not match the pattern `^[A-Z]+$`",
        ),
        (
            r#"{"type":["string","null"]}"#,
            r#"{"type":"string"}"#,
            "v null-refused is refused: /v: expected text, found null",
        ),
        (
            r#"{"type":"array","items":{"type":"integer"}}"#,
            r#"{"type":"array","items":{"type":"integer"},"uniqueItems":true}"#,
            "v unique-required is refused: /v/1: 1 repeats the item at /v/0, and no two may be equal",
        ),
    ] {
        assert_eq!(related(&field(old), &field(new), Direction::Backward, Role::Message), [expected]);
    }
}

#[test]
fn the_direction_and_the_role_say_which_contract_reads() {
    let field = |required: &str| {
        format!(
            r#"{{"type":"object","additionalProperties":false,"required":[{required}],"properties":{{"v":{{"type":"string"}}}}}}"#
        )
    };
    let (optional, required) = (field(""), field(r#""v""#));
    let refused = ["v field-required is refused: /v: the required field `v` is missing"];
    for (direction, role, breaks) in [
        (Direction::Backward, Role::Message, true),
        (Direction::Forward, Role::Message, false),
        (Direction::Backward, Role::Request, true),
        (Direction::Backward, Role::Reply, false),
        (Direction::Forward, Role::Reply, true),
    ] {
        let found = related(&optional, &required, direction, role);
        assert_eq!(found, if breaks { &refused[..] } else { &[] }, "{direction:?} {role:?}");
    }
}

#[test]
fn what_contains_itself_is_compared_once_and_shown() {
    let node = |kind: &str| {
        format!(r##"{{"type":"object","properties":{{"next":{{"$ref":"#"}},"v":{{"type":"{kind}"}}}}}}"##)
    };
    assert_eq!(related(&node("string"), &node("string"), Direction::Backward, Role::Stored), [""; 0]);
    let found = related(&node("string"), &node("boolean"), Direction::Backward, Role::Stored);
    assert_eq!(found, ["v kind-changed is refused: /v: expected bool, found \"text\""]);
}

#[test]
fn whoever_is_lenient_takes_no_field_to_be_there_that_was_not_listed() {
    let (old, new) = (r#"{"type":"object"}"#, r#"{"type":"object","properties":{"v":{"type":"string"}}}"#);
    let strict = Relation { open: OpenRecords::Strict, ..Relation::STORED };
    let changes = relate(&shape(old), &shape(new), strict).changes;
    assert_eq!(changes.iter().map(|change| change.rule).collect::<Vec<_>>(), [Rule::FieldClaimed]);
    assert_eq!(related(old, new, Direction::Backward, Role::Stored), [""; 0]);
}

#[test]
fn what_only_whole_values_show_is_found_by_trying_values() {
    let alternatives =
        |keyword: &str| format!(r#"{{"{keyword}":[{{{TWO},"required":["a"]}},{{{TWO},"required":["b"]}}]}}"#);
    let found = relate(&shape(&alternatives("anyOf")), &shape(&alternatives("oneOf")), Relation::STORED);
    assert_eq!(found.changes.iter().map(|it| it.rule).collect::<Vec<_>>(), [Rule::RulesNarrowed]);
    let witness = found.changes[0].witness.as_ref().unwrap();
    assert!(witness.told().contains("exactly one alternative"), "{}", witness.told());
    let listed = |keyword: &str| format!(r#"{{"type":"array","items":{{"type":"integer"}}{keyword}}}"#);
    let found =
        relate(&shape(&listed("")), &shape(&listed(r#","contains":{"minimum":5}"#)), Relation::STORED);
    assert_eq!(found.changes[0].rule, Rule::RulesNarrowed);
}

/// Of these fields.
fn choosing(name: &str, fields: &[&str], is_required: bool) -> Shape {
    let listed = ["a", "b", "c"].map(|name| Field::optional(name, Shape::INT));
    let mut record = Record::new(listed.to_vec());
    let fields = fields.iter().map(|name| (*name).into()).collect();
    record.choices = vec![Choice { name: name.into(), fields, is_required }];
    Shape::of(Kind::Record(record.into()))
}

#[test]
fn a_choice_is_the_same_whatever_it_is_called() {
    let holds = |old: &Shape, new: &Shape| relate(old, new, Relation::STORED).holds();
    let all = choosing("one", &["a", "b", "c"], true);
    assert!(holds(&all, &choosing("two", &["c", "b", "a"], true)));
    // What has only one of three has only one of two, and may have neither of them.
    assert!(holds(&all, &choosing("two", &["a", "b"], false)));
    assert!(!holds(&all, &choosing("two", &["a", "b"], true)));
    assert!(!holds(&choosing("one", &["a", "b"], true), &all));
    assert!(!holds(&choosing("one", &["a", "b", "c"], false), &all));
}
