//! Shapes as types, and back.

use std::sync::Arc;

use tenon_model::{
    Field, Format, Kind, Record, Shape, Str, Types, Value,
    shape::{Text, Union},
};

use super::{
    super::{Position, write_as},
    read,
};

fn losses(shape: &Shape, position: Position) -> (String, Vec<String>) {
    let written = write_as("order", shape, position).unwrap();
    let losses = written.losses.iter().map(|loss| format!("{}: {}", loss.path, loss.message)).collect();
    (written.text, losses)
}

#[test]
fn types_without_a_name_tell_what_they_lose_wherever_they_are() {
    let mut open = Record::new(vec![Field::required("x", Shape::INT)]);
    open.rest = Some(Shape::ANY);
    let open = Shape::of(Kind::Record(Arc::new(open)));
    // Both would be called `EverythingOrderId`.
    let shape =
        Shape::record(vec![Field::required("order_id", open.clone()), Field::required("orderId", open)]);
    let (text, losses) = losses(&shape, Position::Output);
    for path in ["order_id", "orderId"] {
        let told = format!("{path}: may have further fields, which types of GraphQL do not have");
        assert_eq!(losses.iter().filter(|it| **it == told).count(), 1, "{text}");
    }
}

#[test]
fn what_a_file_says_comes_back_without_a_loss() {
    let text = "\"\"\"\nAn order.\nOf two lines.\n\"\"\"\ntype Order {\n  id: String!\n  \"Old.\"\n  note: String @deprecated(reason: \"Use \\\"b\\\".\")\n  count: Int!\n  total: Long!\n  weight: Float\n  at: DateTime!\n  day: Date\n  key: UUID!\n  link: URL\n  data: JSON\n  item: Item!\n  lines: [Line!]!\n  state: State\n  next: Order\n}\n\
         union Item = Line | Gift\ntype Line { sku: String! }\ntype Gift { from: String }\nenum State { \"First.\" NEW OLD @deprecated }\n\
         scalar Long\nscalar DateTime\nscalar Date\nscalar UUID\nscalar URL\nscalar JSON\n";
    let before = read(text).schema.of_name("order").unwrap().clone();
    let (written, losses) = losses(&before.shape, Position::Output);
    assert!(losses.is_empty(), "{losses:#?}\n{written}");
    let after = read(&written).schema.of_name("order").unwrap().clone();
    assert_eq!(before.shape, after.shape, "{written}");
    assert_eq!(before.doc, after.doc);
    let docs = |shape: &Shape| -> Vec<_> {
        shape.as_record().unwrap().fields().iter().map(|it| (it.doc.clone(), it.deprecated)).collect()
    };
    assert_eq!(docs(&before.shape), docs(&after.shape));
    assert!(written.contains("  NEW\n  OLD @deprecated\n"), "{written}");
    assert_eq!(written.matches("type Line").count(), 1, "alternatives are no second type: {written}");
}

#[test]
fn inputs_come_back_with_their_defaults() {
    let text = "input Order { id: String!, count: Int! = 1, state: State = NEW, tags: [String!]! = [\"a\"], by: By!, line: Line = {sku: \"x\"} }\n\
        input By @oneOf { email: String, id: Int }\ninput Line { sku: String! }\nenum State { NEW }";
    let before = read(text).schema.of_name("order").unwrap().shape.clone();
    let (written, losses) = losses(&before, Position::Input);
    assert!(losses.is_empty(), "{losses:#?}\n{written}");
    assert_eq!(read(&written).schema.of_name("order").unwrap().shape, before, "{written}");
}

#[test]
fn what_graphql_cannot_say_is_a_loss() {
    let email = Text { format: Some(Format::Ipv4), pattern: Some(Str::new("^1")), ..Text::default() };
    let codes: Arc<[Value]> = Arc::from([Value::from("a-b"), Value::from("c")]);
    let variants = vec![("a".into(), Shape::INT), ("b".into(), Shape::string())];
    let shape = Shape::record(vec![
        Field::required("2nd", Shape::of(Kind::String(Arc::new(email)))),
        Field::optional("count", Shape::INT),
        Field::required("map", Shape::map(Shape::INT)),
        Field::required("code", Shape::of(Kind::Enum(codes))),
        Field::required("either", Shape::of(Kind::Union(Arc::new(Union { tag: None, variants })))),
    ]);
    let (text, losses) = losses(&shape, Position::Output);
    for part in [
        "2nd: is called `_2nd`",
        "2nd: has the form `ipv4`",
        "2nd: has a pattern",
        "count: may be absent and is not null",
        "map: is a map",
        "code: has values that are not names",
        "either: has alternatives of several kinds",
    ] {
        assert!(losses.iter().any(|loss| loss.contains(part)), "{part}: {losses:#?}");
    }
    read(&text);
}

#[test]
fn types_that_contain_themselves_are_written_once() {
    let node = Types::default().declare("Node");
    node.define(&Shape::record(vec![Field::optional(
        "next",
        Shape::of(Kind::Named(node.clone())).nullable(),
    )]));
    let (text, losses) = losses(&Shape::of(Kind::Named(node)), Position::Output);
    assert_eq!((text.as_str(), losses.len()), ("type Order {\n  next: Order\n}\n", 0));
}
