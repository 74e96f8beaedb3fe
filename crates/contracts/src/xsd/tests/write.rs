//! Shapes as schemas, and back.

use std::sync::Arc;

use tenon_model::{
    Field, Format, Kind, Record, Shape, Str, Types, Value,
    shape::{Choice, Length, List, Text, Union},
};

use super::document;
use crate::format::Format as _;
use crate::xsd::Xsd;

/// Writes the shape, and reads what was written.
fn again(shape: &Shape) -> (Shape, Vec<String>) {
    let written = Xsd.write("order", shape).unwrap();
    let read = document(&written.text, &[]).unwrap_or_else(|reports| panic!("{}: {reports:?}", written.text));
    let losses = written.losses.iter().map(|loss| format!("{}: {}", loss.path, loss.message)).collect();
    (read.schema().into_only().unwrap().shape, losses)
}

#[test]
fn what_xml_schema_can_say_comes_back() {
    let node = Types::default().declare("Node");
    let text = Text { pattern: Some(Str::new("^(?:[A-Z]+)$")), ..Text::default() };
    node.define(&Shape::record(vec![
        Field::required("id", Shape::INT),
        Field::optional("name", Shape::of(Kind::String(Arc::new(text))).nullable()),
        Field::required("at", Shape::TIMESTAMP),
        Field::required("local", Shape::LOCAL_DATE_TIME),
        Field::required("length", Shape::DURATION),
        Field::required("period", Shape::PERIOD),
        Field::required("state", Shape::of(Kind::Enum(Arc::from([Value::from("on"), Value::from("off")])))),
        Field::required("tags", Shape::list(Shape::string())),
        Field::optional("next", Shape::of(Kind::Named(node.clone()))),
    ]));
    let (read, losses) = again(&Shape::of(Kind::Named(node)));
    assert_eq!(losses, ["tags: has to be there, which XML Schema cannot tell from an empty list"]);
    let record = read.as_record().unwrap();
    let told: Vec<String> = record
        .fields()
        .iter()
        .map(|it| format!("{}{}: {}", it.name, if it.required { "" } else { "?" }, it.shape.name()))
        .collect();
    assert_eq!(
        told,
        [
            "id: integer",
            "name?: text or null",
            "at: timestamp",
            "local: local date-time",
            "length: duration",
            "period: period",
            "state: one of \"on\", \"off\"",
            "tags?: list of text",
            "next?: Node"
        ]
    );
}

#[test]
fn what_it_cannot_say_is_a_loss() {
    let variants = vec![("a".into(), Shape::record(vec![])), ("b".into(), Shape::INT)];
    let email = Text { format: Some(Format::Email), ..Text::default() };
    let mut secret = Field::required("2nd", Shape::of(Kind::String(Arc::new(email))));
    secret.sensitivity = Some(tenon_model::Sensitivity::Secret);
    let shape = Shape::record(vec![
        secret,
        Field::required("map", Shape::map(Shape::INT)),
        Field::required("either", Shape::of(Kind::Union(Arc::new(Union { tag: None, variants })))),
        Field::required("table", Shape::list(Shape::list(Shape::INT))),
    ]);
    let (_, losses) = again(&shape);
    for part in [
        "2nd: is secret",
        "2nd: is the element `_2nd`",
        "2nd: has the form `email`",
        "map: is a map",
        "either: has alternatives",
        "table[]: is a list inside",
    ] {
        assert!(losses.iter().any(|loss| loss.contains(part)), "{part}: {losses:#?}");
    }
}

#[test]
fn a_list_that_is_one_of_a_choice_has_its_bounds() {
    for (min, max, loss) in [
        (Some(0), Some(4), Some("a: may be empty, and has one item at least there")),
        (Some(1), None, None),
        (Some(2), None, None),
        (Some(2), Some(3), None),
    ] {
        let list = List { item: Shape::INT, length: Length { min, max }, unique: false };
        let fields = vec![
            Field::optional("a", Shape::of(Kind::List(Arc::new(list)))),
            Field::optional("b", Shape::INT),
        ];
        let mut record = Record::new(fields);
        let names = record.fields().iter().map(|field| field.name.clone()).collect();
        record.choices.push(Choice { name: "which".into(), fields: names, is_required: true });
        let shape = Shape::of(Kind::Record(Arc::new(record)));
        let (read, losses) = again(&shape);
        assert_eq!(losses.first().map(String::as_str), loss, "{min:?} {max:?}");
        let read = read.as_record().unwrap();
        let Kind::List(list) = &read.field("a").unwrap().1.shape.kind else { panic!("{read:?}") };
        assert_eq!(list.length, Length { min: min.map(|min| min.max(1)), max });
        assert!(read.choices[0].is_required);
    }
}
