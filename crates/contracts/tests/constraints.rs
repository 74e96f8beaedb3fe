//! What formats other than JSON Schema say of values, held by the decoder and by the validator alike.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::sync::Arc;

use tenon_contracts::{
    json::{Decoder, to_string},
    validate::Validator,
};
use tenon_model::{
    Field, Key, Kind, Map, Record, Shape, Value,
    shape::{Choice, FloatRange, KeyKind, Length, MapOf},
};

#[track_caller]
fn decodes(shape: &Shape, text: &str, expected: Result<&str, &str>) {
    let found = Decoder::new(shape).unwrap().decode(text.as_bytes());
    let found = found.map(|value| to_string(&value)).map_err(|report| {
        report.details().first().map_or_else(|| report.message().to_owned(), |it| it.message().to_owned())
    });
    assert_eq!(found.as_deref().map_err(String::as_str), expected, "{text}");
}

fn map_of(key: KeyKind) -> Shape {
    Shape::of(Kind::Map(Arc::new(MapOf { key, value: Shape::INT, length: Length::default() })))
}

#[test]
fn keys_of_maps_are_of_their_kind() {
    decodes(&map_of(KeyKind::Int), r#"{"-7": 1, "10": 2}"#, Ok(r#"{"-7":1,"10":2}"#));
    decodes(&map_of(KeyKind::Int), r#"{"07": 1}"#, Err("07 is not a valid integer key"));
    decodes(&map_of(KeyKind::Uint), r#"{"-1": 1}"#, Err("-1 is not a valid unsigned integer key"));
    decodes(&map_of(KeyKind::Bool), r#"{"true": 1}"#, Ok(r#"{"true":1}"#));
    decodes(&map_of(KeyKind::Bool), r#"{"yes": 1}"#, Err("yes is not a valid bool key"));

    let map = |key: Key| Value::Map(Arc::new([(key, Value::Int(1))].into_iter().collect::<Map>()));
    let validator = Validator::new(&map_of(KeyKind::Int)).unwrap();
    assert!(validator.check(&map(Key::Int(1))).is_ok());
    assert!(validator.check(&map(Key::from("1"))).is_err());
}

#[test]
fn of_a_choice_one_field_is_there() {
    let payment = |is_required| {
        let fields = ["card", "cash", "note"].map(|name| Field::optional(name, Shape::string())).to_vec();
        let mut record = Record::new(fields);
        let fields = vec!["card".into(), "cash".into()];
        record.choices = vec![Choice { name: "means".into(), fields, is_required }];
        Shape::of(Kind::Record(Arc::new(record)))
    };
    decodes(&payment(true), r#"{"cash":"1","note":"x"}"#, Ok(r#"{"cash":"1","note":"x"}"#));
    decodes(&payment(false), r#"{"note":"x"}"#, Ok(r#"{"note":"x"}"#));
    let none = "the object has none of `card`, `cash`, one of which is required";
    decodes(&payment(true), r#"{"note":"x"}"#, Err(none));
    let both = "the object has both `card` and `cash`, of which only one may be there";
    decodes(&payment(false), r#"{"card":"1","cash":"2"}"#, Err(both));

    let validator = Validator::new(&payment(true)).unwrap();
    assert!(validator.check(&Value::record([("card", Value::from("1"))])).is_ok());
    assert!(validator.check(&Value::record([("note", Value::from("1"))])).is_err());
}

#[test]
fn a_decimal_has_no_more_digits_than_its_format_gives_it() {
    let money = Shape::of(Kind::Decimal(FloatRange::of_digits(5, 2).unwrap()));
    decodes(&money, "999.99", Ok("999.99"));
    decodes(&money, "-999.99", Ok("-999.99"));
    decodes(&money, "1.5", Ok("1.5"));
    decodes(&money, "1000", Err("1000 is not less than 1000"));
    decodes(&money, "0.001", Err("0.001 is not a multiple of 0.01"));
}

#[test]
fn single_precision_holds_what_32_bits_hold() {
    let single = Shape::of(Kind::Float(FloatRange { is_single: true, ..FloatRange::ANY }));
    decodes(&single, "0.1", Ok("0.1"));
    decodes(&single, "16777216", Ok("16777216.0"));
    let too_fine = "16777217 has more digits than a number of single precision holds";
    decodes(&single, "16777217", Err(too_fine));
}
