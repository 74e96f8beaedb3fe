//! Values made of contracts.

use serde_json::json;

use super::*;

fn check(schema: &Json, expected: Option<&Json>) {
    let root = tenon_document::parse("sample.json", &schema.to_string()).unwrap();
    let shape = crate::json_schema::read(&root).unwrap().into_only().unwrap().shape;
    assert_eq!(made(&shape).as_ref(), expected, "{schema}");
}

#[test]
fn values_are_made_from_what_a_contract_says() {
    for (schema, expected) in [
        (json!({ "type": "integer", "minimum": 7, "multipleOf": 5 }), json!(10)),
        (json!({ "type": "integer", "maximum": -3 }), json!(-3)),
        (json!({ "type": "number", "exclusiveMinimum": 20, "maximum": 21 }), json!(20.5)),
        (json!({ "type": "string", "pattern": "^[A-Z]{3}-\\d+$" }), json!("AAA-0")),
        (json!({ "type": "string", "minLength": 6 }), json!("textte")),
        (json!({ "type": "string", "format": "email" }), json!("ann@example.com")),
        (json!({ "type": "string", "format": "date-time" }), json!("2026-01-31T12:00:00Z")),
        (json!({ "enum": ["open", "paid"] }), json!("open")),
        (json!({ "type": "array", "items": { "type": "boolean" }, "minItems": 2 }), json!([true, true])),
        (
            json!({ "type": "object", "required": ["id"], "properties": { "id": { "type": "integer" }, "note": { "type": "string" } } }),
            json!({ "id": 1, "note": "text" }),
        ),
    ] {
        check(&schema, Some(&expected));
    }
}

#[test]
fn nothing_is_made_that_does_not_follow_the_contract() {
    let schema =
        json!({ "type": "array", "items": { "type": "boolean" }, "minItems": 3, "uniqueItems": true });
    check(&schema, None);
}

fn of_schema(schema: &Json) -> Shape {
    let root = tenon_document::parse("sample.json", &schema.to_string()).unwrap();
    crate::json_schema::read(&root).unwrap().into_only().unwrap().shape
}

fn order() -> Shape {
    of_schema(&json!({
        "type": "object", "additionalProperties": false, "required": ["id", "lines"],
        "properties": {
            "id": { "type": "string", "pattern": "^[A-Z]{2}\\d{3}$" },
            "note": { "type": ["string", "null"], "maxLength": 10 },
            "lines": {
                "type": "array", "minItems": 1,
                "items": { "type": "object", "required": ["count"], "properties": { "count": { "type": "integer", "minimum": 1, "maximum": 99 } } }
            }
        }
    }))
}

#[test]
fn the_same_seed_gives_the_same_values_and_another_gives_others() {
    let values =
        |seed, sort| Samples::new(&order(), sort, seed).take(5).map(|it| it.value).collect::<Vec<_>>();
    for sort in [Sort::Valid, Sort::Boundary, Sort::Invalid] {
        assert_eq!(values(7, sort), values(7, sort));
        assert_ne!(values(7, sort), values(8, sort), "{sort:?}");
    }
}

#[test]
fn valid_and_boundary_values_follow_the_contract() {
    let shape = order();
    for sort in [Sort::Valid, Sort::Boundary] {
        let values: Vec<Json> = Samples::new(&shape, sort, 1).take(40).map(|it| it.value).collect();
        assert_eq!(values.len(), 40);
        assert!(values.iter().all(|value| fits(&shape, value)), "{values:?}");
    }
    let counts: Vec<Sample> = Samples::new(&shape, Sort::Boundary, 0).take(500).collect();
    for edge in [1, 99] {
        assert!(counts.iter().any(|it| it.value.pointer("/lines/0/count") == Some(&json!(edge))), "{edge}");
    }
}

#[test]
fn each_invalid_value_breaks_one_rule_and_says_which() {
    let shape = order();
    let broken: Vec<Sample> = Samples::new(&shape, Sort::Invalid, 0).take(100).collect();
    assert!(broken.iter().all(|it| it.broken.is_some() && !fits(&shape, &it.value)));
    let told: Vec<String> = broken.iter().filter_map(|it| Some(it.broken.as_ref()?.to_string())).collect();
    for rule in [
        "greater than the maximum of 99",
        "less than the minimum of 1",
        "`id` is missing",
        "at least 1 is required",
        "does not match",
        "at most 10",
    ] {
        assert!(told.iter().any(|it| it.contains(rule)), "{rule}: {told:#?}");
    }
}

fn of_graphql(text: &str, name: &str) -> Shape {
    use crate::format::{Format, NoFiles, Source};
    let source = Source { file: "s.graphql", text, files: &NoFiles };
    let schema = crate::graphql::GraphQl.read(&source).unwrap();
    schema.types.iter().find(|it| it.name == name).unwrap().shape.clone()
}

#[test]
fn types_that_lead_to_each_other_in_all_ways_have_values_that_somebody_can_read() {
    let fields: String = (0..40).map(|at| format!("f{at}: [T{at}!] ")).collect();
    let mut text: String = (0..40).map(|at| format!("type T{at} {{ id: Int! {fields} }}\n")).collect();
    text.push_str("type Top { all: [[T0!]!]! one: T1! }");
    let shape = of_graphql(&text, "Top");
    for sort in [Sort::Valid, Sort::Boundary, Sort::Invalid] {
        let values: Vec<Sample> = Samples::new(&shape, sort, 1).take(5).collect();
        assert_eq!(values.len(), 5, "{sort:?}");
        assert!(values.iter().all(|it| maker::weight(&it.value) < 30_000));
    }
}

#[test]
fn a_type_without_a_value_that_ends_is_told_with_the_way_round() {
    let text = "type A { id: ID! b: B! } type B { list: [Int!]! a: A! } type C { a: A c: [C!]! }";
    assert_eq!(circle(&of_graphql(text, "A")).as_deref(), Some("b.a.b"));
    assert_eq!(made(&of_graphql(text, "A")), None);
    assert_eq!(circle(&of_graphql(text, "C")), None);
    assert!(made(&of_graphql(text, "C")).is_some());
}

#[test]
fn lists_that_need_many_lists_become_no_value_rather_than_a_giant() {
    let list = |of: Json| json!({ "type": "array", "minItems": 60, "items": of });
    let deep = (0..8).fold(json!({ "type": "integer" }), |of, _| list(of));
    check(&deep, None);
    assert!(
        Samples::new(&of_schema(&list(list(json!({ "type": "integer" })))), Sort::Valid, 0).next().is_some()
    );
}

/// So many closed alternatives, each with a field of its own and one that all have.
fn alternatives(keyword: &str, count: usize) -> Shape {
    let one = |at: usize| {
        json!({
            "type": "object", "additionalProperties": false, "required": [format!("id{at}")],
            "properties": {
                format!("id{at}"): { "type": "integer", "minimum": 1, "maximum": 9 },
                "note": { "type": "string", "maxLength": at + 1 },
            }
        })
    };
    of_schema(&json!({ keyword: (0..count).map(one).collect::<Vec<_>>() }))
}

#[test]
fn samples_of_twice_as_many_closed_alternatives_take_twice_as_much() {
    for keyword in ["oneOf", "anyOf"] {
        let read = |count: usize| {
            let shape = alternatives(keyword, count);
            let (edges, broken) = (Maker::default(), Maker::default());
            assert!(series::boundaries(&shape, &edges).len() > count, "{keyword} {count}");
            assert!(broken::all(&shape, &broken).len() > 2, "{keyword} {count}");
            [edges.read(), broken.read()]
        };
        let (few, many) = (read(40), read(80));
        for (few, many) in few.into_iter().zip(many) {
            assert!(many < few * 5 / 2, "{keyword}: {few} bytes, then {many}");
        }
    }
}

#[test]
fn samples_of_many_alternatives_are_what_they_are_called() {
    let shape = alternatives("oneOf", 100);
    let validator = crate::validate::Validator::new(&shape).unwrap();
    let open = Decoder::open();
    for sort in [Sort::Boundary, Sort::Invalid] {
        let samples: Vec<Sample> = Samples::new(&shape, sort, 3).take(60).collect();
        assert_eq!(samples.len(), 60);
        for it in samples {
            assert_eq!(fits(&shape, &it.value), sort == Sort::Boundary, "{}", it.value);
            let value = open.decode(it.value.to_string().as_bytes()).unwrap();
            assert_eq!(validator.check(&value).is_ok(), sort == Sort::Boundary, "{value}");
        }
    }
}
