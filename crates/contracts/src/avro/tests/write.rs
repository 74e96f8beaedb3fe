//! Shapes as schemas, and what is lost.

use std::sync::Arc;

use tenon_model::{
    Field, Kind, Shape, Types, Value,
    shape::{IntRange, Length, Text, Union},
};

use super::{schema, value};
use crate::{
    avro::{Avro, parse},
    format::{Format, NoFiles, Source, Written},
};

fn write(shape: &Shape) -> Written {
    Avro.write("order", shape).unwrap_or_else(|reports| panic!("{reports:?}"))
}

/// What is lost, as `path: message`.
fn losses(shape: &Shape) -> Vec<String> {
    write(shape).losses.iter().map(|loss| format!("{}: {}", loss.path, loss.message)).collect()
}

#[test]
fn what_avro_says_comes_back_as_it_was() {
    let text = r#"{"type": "record", "name": "Order", "namespace": "shop", "doc": "What was bought.", "aliases": ["old.Order"], "fields": [
        {"name": "id", "type": {"type": "string", "logicalType": "uuid"}, "doc": "Its number."},
        {"name": "price", "type": {"type": "bytes", "logicalType": "decimal", "precision": 6, "scale": 2}},
        {"name": "count", "type": "int", "default": 1},
        {"name": "weight", "type": "float"},
        {"name": "length", "type": "double"},
        {"name": "day", "type": {"type": "int", "logicalType": "date"}},
        {"name": "state", "type": {"type": "enum", "name": "State", "symbols": ["OPEN", "DONE"]}, "default": "OPEN"},
        {"name": "before", "type": ["null", "State"], "default": null},
        {"name": "hash", "type": {"type": "fixed", "name": "Md5", "size": 16}},
        {"name": "notes", "type": {"type": "map", "values": ["string", "long"]}, "default": {}},
        {"name": "parts", "type": {"type": "array", "items": "Order"}}]}"#;
    let read = Avro.read(&Source { file: "a.avsc", text, files: &NoFiles }).unwrap().into_only().unwrap();
    let written = write(&read.shape);
    assert_eq!(written.losses, []);
    let again = parse(&written.text).unwrap();
    assert_eq!(again.shape().unwrap(), read.shape);
    assert_eq!(again.canonical(), schema(text).canonical());
}

#[test]
fn what_avro_cannot_say_is_told() {
    let text = Text {
        length: Length { min: Some(1), max: None },
        pattern: Some("a".into()),
        format: Some(tenon_model::Format::Email),
    };
    let shape = Shape::record(vec![
        Field::required("mail", Shape::of(Kind::String(Arc::new(text)))),
        Field::optional(
            "age",
            Shape::of(Kind::Int(IntRange { min: Some(0), max: Some(150), multiple_of: None })),
        ),
        Field::required("first name", Shape::string()),
        Field::required("at", Shape::TIMESTAMP),
        Field { default: Some(Value::Int(3)), ..Field::required("n", Shape::INT) },
    ]);
    assert_eq!(
        losses(&shape),
        [
            "mail: has a bound on its number of characters, which Avro cannot say",
            "mail: has a pattern, which Avro cannot say",
            "mail: is of the format `email`, which Avro cannot say",
            "age: is from 0 to 150, which Avro cannot say",
            "age: may be absent, and is null there",
            "first name: is called `first_name` there, as its name is not one of Avro",
            "at: has nanoseconds, and microseconds there",
            "n: has a default and is required, which Avro cannot say together",
        ]
    );
    let written = parse(&write(&shape).text).unwrap();
    let json = r#"{"mail":"a@b.c","age":null,"first_name":"A","at":1,"n":2}"#;
    assert_eq!(value(&written, json).get("n"), Some(&Value::Int(2)));
}

#[test]
fn alternatives_that_avro_does_not_tell_apart_are_one() {
    let variants = vec![
        ("a".into(), Shape::string()),
        ("b".into(), Shape::string()),
        ("c".into(), Shape::INT.nullable()),
    ];
    let union = Shape::of(Kind::Union(Arc::new(Union { tag: None, variants })));
    assert_eq!(
        losses(&union),
        [": has two alternatives that are `string` there, of which the first is kept"]
    );
    assert_eq!(parse(&write(&union).text).unwrap().canonical(), r#"["string","null","long"]"#);
}

#[test]
fn types_of_equal_names_get_names_of_their_own() {
    let types = Types::default();
    let (one, two) = (types.declare("a.Node"), types.declare("a.Node"));
    let of = |named: &tenon_model::Named| Shape::of(Kind::Named(named.clone()));
    one.define(&Shape::record(vec![
        Field::optional("next", of(&one).nullable()),
        Field::required("other", of(&two)),
    ]));
    two.define(&Shape::record(vec![Field::required("x", Shape::BOOL)]));
    assert_eq!(
        losses(&of(&one)),
        ["next: may be absent, which is null there", "other: is the type `a.Node_2` there, and not `a.Node`"]
    );
    assert!(parse(&write(&of(&one)).text).is_ok());
}

#[test]
fn what_has_no_type_in_avro_is_refused() {
    let code = |shape: &Shape| Avro.write("order", shape).unwrap_err().iter().next().unwrap().code().id;
    assert_eq!(code(&Shape::ANY), "C0008");
    assert_eq!(code(&Shape::never()), "C0008");
    let named = Types::default().declare("Tree");
    named.define(&Shape::list(Shape::of(Kind::Named(named.clone()))));
    assert_eq!(code(&Shape::of(Kind::Named(named))), "C0008");
    let both = Shape::record(vec![Field::required("a", Shape::ANY), Field::required("b", Shape::never())]);
    assert_eq!(Avro.write("order", &both).unwrap_err().len(), 2, "all problems are told");
}
