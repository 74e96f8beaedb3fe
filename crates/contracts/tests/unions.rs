//! Contracts of many alternatives, compared: one change is told once, and comparing takes steps as there are alternatives.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use serde_json::{Value as Json, json};
use tenon_contracts::{
    asyncapi::AsyncApi,
    format::{Format, NoFiles, Source},
    json::{Decoder, to_string},
    json_schema,
    relate::{Change, Direction, Relation, Rule, operations, relate},
};
use tenon_document::parse;
use tenon_model::{
    Shape, Value,
    relate::{self as model, Difference, Policy, Relating, Spot, Standing},
};

/// How many alternatives.
const MANY: usize = 240;
/// The one of them that changes.
const CHANGED: usize = 57;

fn shape(schema: &Json) -> Shape {
    json_schema::read(&parse("a.json", &schema.to_string()).unwrap()).unwrap().into_only().unwrap().shape
}

/// An alternative by its number.
type Alternative = fn(usize) -> Json;

/// What tells alternatives apart.
const MADE: &[(&str, Alternative)] = &[
    ("a title", |at| {
        let id = json!({ "type": "integer", "minimum": at * 10, "maximum": at * 10 + 9 });
        json!({ "title": format!("Type {at}"), "required": ["id"], "properties": { "id": id } })
    }),
    (
        "a field of their own",
        |at| json!({ "required": [format!("id{at}")], "properties": { format!("id{at}"): { "type": "integer" } } }),
    ),
    (
        "an optional field, closed",
        |at| json!({ "additionalProperties": false, "properties": { format!("id{at}"): { "type": "integer" } } }),
    ),
    ("bounds", |at| {
        json!({
            "required": ["id"],
            "properties": { "id": { "type": "integer", "minimum": at * 10, "maximum": at * 10 + 9 } }
        })
    }),
    ("a tag", |at| json!({ "required": ["kind"], "properties": { "kind": { "const": format!("t{at}") } } })),
];

/// An alternative with a note of so many letters at most.
fn one(of: Alternative, at: usize, letters: usize) -> Json {
    let mut schema = of(at);
    schema["type"] = json!("object");
    schema["properties"]["note"] = json!({ "type": "string", "maxLength": letters });
    schema
}

fn all(of: Alternative, count: usize) -> Vec<Json> {
    (0..count).map(|at| one(of, at, 9)).collect()
}

fn changes(old: &[Json], new: &[Json]) -> Vec<Change> {
    relate(&shape(&json!({ "anyOf": old })), &shape(&json!({ "anyOf": new })), Relation::STORED).changes
}

#[test]
fn one_change_of_one_alternative_is_told_once_where_it_is() {
    for (made, of) in MADE {
        for count in [CHANGED + 1, MANY] {
            let (old, mut new) = (all(*of, count), all(*of, count));
            new[CHANGED] = one(*of, CHANGED, 5);
            let found = changes(&old, &new);
            let told: Vec<(Rule, &str)> = found.iter().map(|it| (it.rule, it.path.as_str())).collect();
            assert_eq!(told, [(Rule::LengthNarrowed, "note")], "{made}, {count}: {found:#?}");
            assert!(found[0].witness.is_some(), "{made}, {count}");
        }
    }
}

#[test]
fn alternatives_that_move_are_no_change_and_one_that_goes_is_one() {
    for (made, of) in MADE {
        let old = all(*of, MANY);
        let mut moved = old.clone();
        moved.rotate_left(11);
        moved.insert(3, one(*of, MANY, 9));
        assert!(changes(&old, &moved).is_empty(), "{made}");
        let mut fewer = old.clone();
        fewer.remove(CHANGED);
        let found = changes(&old, &fewer);
        let told: Vec<(Rule, &str)> = found.iter().map(|it| (it.rule, it.path.as_str())).collect();
        assert_eq!(told, [(Rule::AlternativeMissing, "")], "{made}: {found:#?}");
    }
}

/// Whether the comparison came to an end.
#[derive(Default)]
struct Ended {
    is_cut: bool,
}

impl Policy for Ended {
    fn differs(&mut self, _: Spot<'_>, difference: &Difference<'_>, _: Standing) {
        self.is_cut |= matches!(difference, Difference::TooComplex);
    }

    fn takes(&mut self, shape: &Shape, value: &Value) -> Option<bool> {
        let text = to_string(value);
        Some(Decoder::new(shape).unwrap().decode(text.as_bytes()).is_ok())
    }
}

#[test]
fn as_many_comparisons_are_made_as_there_are_alternatives() {
    for (made, of) in MADE {
        for count in [MANY, 4 * MANY] {
            let (old, mut new) = (all(*of, count), all(*of, count));
            new.rotate_left(1);
            new[CHANGED] = one(*of, CHANGED + 1, 5);
            let shapes = [old, new].map(|them| shape(&json!({ "anyOf": them })));
            let mut ended = Ended::default();
            let how = Relating { pairs: 12 * count, ..Relating::READ };
            model::relate(&shapes[0], &shapes[1], how, &mut ended);
            assert!(!ended.is_cut, "{made}, {count}");
        }
    }
}

#[test]
fn a_change_of_every_alternative_is_compared_to_its_end() {
    for (made, of) in MADE {
        let old = all(*of, MANY);
        let mut new = old.clone();
        for it in &mut new {
            it["required"] = json!(["note"]);
            it["properties"]["note"] = json!({ "type": "string" });
        }
        let found = changes(&old, &new);
        assert!(
            found.iter().all(|it| it.rule == Rule::FieldRequired && it.path == "note"),
            "{made}: {found:#?}"
        );
        assert!(!found.is_empty(), "{made}");
    }
}

#[test]
fn one_change_of_one_message_is_one_difference_of_its_operation() {
    let description = |letters: usize| {
        let message = |at: usize| {
            let letters = if at == CHANGED { letters } else { 9 };
            let payload = one(MADE[1].1, at, letters);
            (format!("message{at}"), json!({ "payload": payload }))
        };
        let messages: serde_json::Map<String, Json> = (0..MANY).map(message).collect();
        json!({
            "asyncapi": "3.0.0",
            "info": { "title": "Shop", "version": "1" },
            "channels": { "orders": { "address": "orders", "messages": messages } },
            "operations": { "take": { "action": "receive", "channel": { "$ref": "#/channels/orders" } } },
        })
        .to_string()
    };
    let subjects = |letters: usize| {
        let text = description(letters);
        AsyncApi.subjects(&Source { file: "shop.json", text: &text, files: &NoFiles }).unwrap()
    };
    let found = operations::compare(&subjects(9), &subjects(5), Direction::Backward);
    let told: Vec<&str> = found.iter().map(|it| it.rule).collect();
    assert_eq!(told, ["length-narrowed"], "{found:#?}");
    assert_eq!(found[0].change.as_ref().unwrap().path, "payload.note");
}
