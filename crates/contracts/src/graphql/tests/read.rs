//! What files say.

use tenon_model::{Field, Kind, Shape, Value};

use super::read;
use crate::json;

const SHOP: &str = r#"
"""
A shop.
  Its second line.
"""
schema { query: Q mutation: M subscription: S }

"An order."
type Order implements Node & Priced @key(fields: "id") {
  id: ID!
  "What it costs."
  price: Decimal!
  lines(first: Int = 10, after: String): [Line!]!
  note: String @deprecated(reason: "Use `notes`.")
  state: State!
  next: Order
}
interface Node { id: ID! }
interface Priced implements Node { id: ID! price: Decimal! }
type Line { sku: String!, count: Int! }
type Gift implements Node { id: ID! from: String }
union Item = Order | Gift
enum State { "Not yet." NEW DONE @deprecated OLD @deprecated(reason: "Long ago.") }
input OrderInput { id: ID!, count: Int! = 1, state: State = NEW, tags: [String!] = "a", price: Decimal, by: By }
input By @oneOf { email: String, id: ID }
scalar Decimal
scalar Money @specifiedBy(url: "https://example.com/money")
directive @key(fields: String!) repeatable on OBJECT | INTERFACE
type Q { order(id: ID!): Order "All." items(first: Int = 5): [Item!]! node(id: ID!): Node money: Money }
type M { place(order: OrderInput!, dry: Boolean! = false): Order! @deprecated }
type S { placed: Order! }
extend type Line { weight: Float }
extend type Order @key(fields: "next")
"#;

fn field(shape: &Shape, name: &str) -> Field {
    shape.field(name).unwrap_or_else(|| panic!("no field {name}"))
}

fn shape(name: &str) -> Shape {
    read(SHOP).schema.of_name(name).unwrap().shape.clone()
}

#[test]
fn types_are_shapes_as_answers_have_them() {
    let order = shape("order");
    let told: Vec<_> = order
        .as_record()
        .unwrap()
        .fields()
        .iter()
        .map(|it| format!("{}{}: {}", it.name, if it.required { "" } else { "?" }, it.shape.name()))
        .collect();
    assert_eq!(
        told,
        [
            "id: text",
            "price: Decimal",
            "lines: list of Line",
            "note?: text or null",
            "state: State",
            "next?: Order or null"
        ]
    );
    assert_eq!(field(&order, "price").doc.as_deref(), Some("What it costs."));
    let note = field(&order, "note");
    assert_eq!((note.deprecated, note.doc.as_deref()), (true, Some("Deprecated: Use `notes`.")));
    assert_eq!(field(&order, "price").shape.resolved().kind, Shape::DECIMAL.kind);
    assert!(shape("line").field("weight").is_some(), "extensions are applied");
    let names: Vec<_> = read(SHOP).schema.types.iter().map(|it| it.name.to_string()).collect();
    assert!(!names.contains(&"Q".to_owned()) && names.contains(&"Node".to_owned()), "{names:?}");
}

#[test]
fn interfaces_and_unions_are_told_apart_by_their_type_name() {
    for name in ["node", "item"] {
        let decoder = json::Decoder::new(&shape(name)).unwrap();
        assert!(decoder.decode(br#"{"__typename":"Gift","id":"1","from":null}"#).is_ok(), "{name}");
        assert!(decoder.decode(br#"{"__typename":"Line","id":"1"}"#).is_err(), "{name}");
        assert!(decoder.decode(br#"{"id":"1"}"#).is_err(), "{name}");
    }
}

#[test]
fn enumerations_know_their_descriptions_and_reasons() {
    let order = shape("order");
    let state = field(&order, "state").shape;
    let Kind::Named(named) = &state.kind else { panic!("it has a name") };
    let members = &named.about().members;
    assert_eq!(members[0].doc.as_deref(), Some("Not yet."));
    let deprecated: Vec<_> = members.iter().map(|it| it.is_deprecated).collect();
    assert_eq!(deprecated, [false, true, true]);
    assert_eq!(members[2].doc.as_deref(), Some("Deprecated: Long ago."));
}

#[test]
fn inputs_are_required_without_a_default_and_one_of_takes_one() {
    let input = shape("order-input");
    let count = field(&input, "count");
    assert_eq!((count.required, count.default), (false, Some(Value::Int(1))));
    assert_eq!(field(&input, "state").default, Some(Value::from("NEW")));
    assert_eq!(
        field(&input, "tags").default,
        Some(Value::list(vec![Value::from("a")])),
        "one stands for a list"
    );
    let decoder = json::Decoder::new(&shape("by")).unwrap();
    assert!(decoder.decode(br#"{"id":"1"}"#).is_ok());
    for refused in [&br#"{}"#[..], br#"{"id":null}"#, br#"{"id":"1","email":"a"}"#] {
        assert!(decoder.decode(refused).is_err());
    }
}

#[test]
fn the_fields_of_root_types_are_operations() {
    let read = read(SHOP);
    let told: Vec<_> = read
        .schema
        .operations
        .iter()
        .map(|it| {
            format!(
                "{} -> {}{}",
                it.address,
                it.output.name(),
                if it.streams_output { " stream" } else { "" }
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            "query order -> Order or null",
            "query items -> list of Item",
            "query node -> Node or null",
            "query money -> Money or null",
            "mutation place -> Order",
            "subscription placed -> Order stream"
        ]
    );
    let place = &read.schema.operations[4];
    assert!(place.deprecated && place.input.field("order").unwrap().required);
    assert_eq!(place.input.field("dry").unwrap().stand_in(), Some(&Value::Bool(false)));
    assert_eq!((place.place.line, place.place.column), (30, 10));
    let lines = read.arguments.iter().find(|it| it.field == "Order.lines").unwrap();
    assert_eq!(lines.shape.field("first").unwrap().default, Some(Value::Int(10)));
}

#[test]
fn scalars_are_read_by_their_names_which_is_noted() {
    let notes: Vec<_> = read(SHOP).schema.notes.iter().map(|it| it.message().to_owned()).collect();
    assert_eq!(
        notes,
        [
            "`ID` is text in a contract, and services take integers as well",
            "the scalar `Decimal` is read as a decimal with all its digits, as is usual for its name",
            "the scalar `Money`, which https://example.com/money specifies, may be any value, as a schema cannot say more",
        ]
    );
}

#[test]
fn texts_are_what_their_escapes_and_blocks_say() {
    let text = "input A {\n  a: String = \"\\u00e9\\u{1F600}\\uD83D\\uDE00\\t\\\"\"\n  \"\"\"\n    One\n      two \\\"\"\"\n\n  \"\"\"\n  b: String\n}";
    let shape = read(text).schema.types[0].shape.clone();
    assert_eq!(field(&shape, "a").default, Some(Value::from("é😀😀\t\"")));
    assert_eq!(field(&shape, "b").doc.as_deref(), Some("One\n  two \"\"\""));
}

#[test]
fn a_file_of_types_alone_is_a_part_of_a_schema() {
    let read = read("type Order { id: ID! }");
    assert_eq!((read.schema.types.len(), read.schema.operations.len()), (1, 0));
}

#[test]
fn what_a_path_leads_to_has_its_line() {
    use crate::{
        format::{Format, NoFiles, Sought, Source},
        graphql::GraphQl,
    };
    let text = "type Order {\n  lines: [Line!]!\n  by: Actor\n}\ntype Line {\n  sku: ID!\n}\nunion Actor = Bot\ntype Bot { key: ID! }\n";
    let at = |name: &str, path: &str| {
        let source = Source { file: "a.graphql", text, files: &NoFiles };
        GraphQl.locate(&source, name, path, Sought::Field).map(|place| (place.line, place.column))
    };
    assert_eq!(at("Order", ""), Some((1, 6)));
    assert_eq!(at("Order", "lines[].sku"), Some((6, 3)));
    assert_eq!(at("Order", "by.key"), Some((9, 12)));
    assert_eq!(at("Order", "lines[].gone"), Some((2, 3)));
    assert_eq!(at("Nothing", ""), None);
}

#[test]
fn defaults_of_input_objects_are_values_of_their_fields() {
    let text = r#"
scalar Date
enum State { NEW DONE }
input Line { day: Date, count: Float, states: [State!], inner: Line }
input Order { line: Line = { day: "2026-01-31", count: 1, states: NEW, inner: { day: "2026-02-01" } } }
"#;
    let order = read(text).schema.of_name("order").unwrap().shape.clone();
    let default = order.field("line").unwrap().default.unwrap();
    let date = |day: &str| Value::Date(day.parse().unwrap());
    let inner = Value::record([("day", date("2026-02-01"))]);
    let states = Value::list(vec![Value::from("NEW")]);
    let line =
        [("day", date("2026-01-31")), ("count", Value::Float(1.0)), ("states", states), ("inner", inner)];
    assert_eq!(default, Value::record(line));
}
