//! Objects of contracts in expressions: `order{id: x}`.

#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests")]

mod common;

use std::{collections::BTreeMap, sync::Arc};

use common::{int, told, with_default};
use tenon_mapping::{Expression, Frame, Inline, Scope, Type};
use tenon_model::{Field, Kind, Shape, Str, Types, Value};

/// A contract that names the type `Line`.
fn order() -> Shape {
    let line = Types::default().declare("shop.Line");
    line.define(&Shape::record(vec![
        Field::required("sku", Shape::string()),
        Field::required("price", Shape::FLOAT),
    ]));
    Shape::record(vec![
        Field::required("id", int(1, 99)),
        Field::optional("note", Shape::string()),
        with_default("state", Shape::string(), Value::from("open")),
        Field::optional("lines", Shape::list(Shape::of(Kind::Named(line)))),
    ])
}

fn scope() -> Scope {
    let older = Shape::record(vec![Field::required("number", Shape::INT)]);
    let contracts = [
        ("order", order()),
        ("order.v1", older),
        ("order.v2", order()),
        ("tags", Shape::list(Shape::string())),
    ];
    let contracts: BTreeMap<Str, Shape> =
        contracts.into_iter().map(|(name, shape)| (Str::new(name), shape)).collect();
    Scope::new()
        .with("n", Type::of(int(1, 9)))
        .with("any", Type::of(Shape::ANY))
        .with("note", Type::optional(Shape::string()))
        .with("price", Type::of(Shape::INT))
        .with_contracts(Arc::new(contracts))
}

fn evaluate(text: &str) -> (String, Type) {
    let expression = Expression::compile(text, &Inline::new("e", text), &scope())
        .unwrap_or_else(|reports| panic!("{text}: {}", told(&reports)));
    let values = vec![Value::Int(7), Value::Int(500), Value::Null, Value::Int(3)];
    let made = expression.evaluate(&Frame::new(values, jiff::Timestamp::UNIX_EPOCH)).unwrap();
    (made.unwrap().to_string(), expression.ty().clone())
}

#[track_caller]
fn refused(text: &str, expected: &str) {
    let reports = Expression::compile(text, &Inline::new("e", text), &scope()).unwrap_err();
    assert_eq!(told(&reports), expected);
}

#[test]
fn an_object_has_the_fields_of_its_contract_in_their_order() {
    let (made, ty) = evaluate("order{note: 'x', id: n}");
    assert_eq!(made, r#"{id: 7, note: "x", state: "open"}"#);
    assert_eq!(ty.shape, order(), "all of it is certain");
    assert_eq!(evaluate("order{?note: note, id: n}").0, r#"{id: 7, state: "open"}"#);
    assert_eq!(evaluate("order.v1{number: price}").0, "{number: 3}");
    assert_eq!(evaluate("order{id: 5}.id + 1").0, "6");
}

#[test]
fn a_type_that_the_contract_names_is_called_after_it() {
    let text =
        "order{id: n, lines: [order.Line{sku: 'a', price: price}, order.shop.Line{sku: 'b', price: 1.5}]}";
    assert!(evaluate("order.Line{sku: 'a', price: price}").0.contains("3.0"));
    assert!(evaluate(text).0.contains(r#"lines: [{sku: "a""#), "{}", evaluate(text).0);
}

#[test]
fn what_only_the_value_can_show_is_not_taken_for_certain() {
    let (made, ty) = evaluate("order{id: any}");
    assert_eq!(made, r#"{id: 500, state: "open"}"#);
    let id = ty.shape.field("id").unwrap();
    assert_eq!(id.shape.kind, Kind::Any, "500 is not from 1 to 99");
}

#[test]
fn what_a_contract_does_not_take_is_named() {
    refused(
        "order{id: 'a'}",
        "M0103 11 `id` of `order` takes an integer, and `'a'` is text; write `int('a')`",
    );
    refused(
        "order{id: 100}",
        "M0103 11 `id` of `order` takes an integer from 1 to 99, and `100` is an integer of value 100; bound it with `math.least` and `math.greatest`, or correct the contract",
    );
    refused(
        "order{id: null}",
        "M0103 11 `id` of `order` takes an integer, and `null` may be null; set it, with a value for null",
    );
    refused("order{note: 'a'}", "M0103 1 `id` of `order` is missing, and the contract requires it; set it");
    refused(
        "order{id: n, nte: 'a'}",
        "M0102 19 `nte` of `order` is a field that the contract does not have; write `note`",
    );
    refused("order{id: n, id: n}", "M0005 14 `order{...}` sets the field `id` twice; set it once");
    refused("tags{id: n}", "M0103 1 `tags` is a list of text, and this is an object");
    refused("ordr{id: n}", "M0001 1 there is no contract `ordr`; write `order{...}`");
    refused("order.Lin{sku: 'a'}", "M0001 1 the contract `order` names no type `Lin`");
}
