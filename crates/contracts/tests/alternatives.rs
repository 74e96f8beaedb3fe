//! Alternatives that read one text in several ways: which of them counts does not depend on their order.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use std::sync::Arc;

use proptest::{collection::vec, prelude::*};
use tenon_contracts::{
    json::{Decoder, to_string},
    validate::Validator,
};
use tenon_model::{
    Field, Kind, Record, Shape, Str, Types, Value,
    shape::{IntRange, Names, Union},
};

fn union(variants: &[Shape]) -> Shape {
    let variants = variants.iter().map(|shape| (shape.name().into(), shape.clone())).collect();
    Shape::of(Kind::Union(Arc::new(Union { tag: None, variants })))
}

fn open(fields: Vec<Field>) -> Shape {
    let mut record = Record::new(fields);
    record.rest = Some(Shape::ANY);
    Shape::of(Kind::Record(Arc::new(record)))
}

/// Every order of `shapes`.
fn orders(shapes: &[Shape]) -> Vec<Vec<Shape>> {
    let Some((first, rest)) = shapes.split_first() else { return vec![Vec::new()] };
    let shorter = orders(rest);
    let with_first = shorter.iter().flat_map(|order| {
        (0..=order.len()).map(|at| {
            let mut order = order.clone();
            order.insert(at, first.clone());
            order
        })
    });
    with_first.collect()
}

/// What `text` is read as by the alternatives in any order: the kind of its value, and how it is written.
#[track_caller]
fn reads(shapes: &[Shape], text: &str, wanted: &str) {
    for order in orders(shapes) {
        let value = Decoder::new(&union(&order)).unwrap().decode(text.as_bytes()).unwrap();
        let read = format!("{} {}", kinds(&value), to_string(&value));
        assert_eq!(read, wanted, "{text} as {}", union(&order).name());
    }
}

fn kinds(value: &Value) -> String {
    match value {
        Value::Map(map) => map.iter().map(|(_, value)| kinds(value)).collect::<Vec<_>>().join("+"),
        Value::List(items) => items.iter().map(kinds).collect::<Vec<_>>().join("+"),
        other => other.kind_name().to_owned(),
    }
}

#[test]
fn a_text_is_what_it_is_written_as() {
    let shapes = [Shape::string(), Shape::TIMESTAMP, Shape::DATE];
    reads(&shapes, r#""2013-01-31T10:00:00Z""#, r#"timestamp "2013-01-31T10:00:00Z""#);
    reads(&shapes, r#""2013-01-31T10:00:00.50Z""#, r#"text "2013-01-31T10:00:00.50Z""#);
    reads(&shapes, r#""2013-01-31T11:00:00+01:00""#, r#"text "2013-01-31T11:00:00+01:00""#);
    reads(&shapes, r#""2013-01-31""#, r#"date "2013-01-31""#);
    reads(&shapes, r#""soon""#, r#"text "soon""#);
    reads(
        &[Shape::string(), Shape::UUID],
        r#""6BA7B810-9DAD-11D1-80B4-00C04FD430C8""#,
        r#"text "6BA7B810-9DAD-11D1-80B4-00C04FD430C8""#,
    );
    reads(&[Shape::string(), Shape::DECIMAL], r#""1.50""#, r#"text "1.50""#);
    reads(&[Shape::string(), Shape::BYTES, Shape::DURATION], r#""PT1H""#, r#"duration "PT1H""#);
    reads(&[Shape::string(), Shape::PERIOD, Shape::DURATION], r#""PT1H""#, r#"duration "PT1H""#);
    reads(&[Shape::string(), Shape::DURATION, Shape::PERIOD], r#""P1M""#, r#"period "P1M""#);
}

#[test]
fn a_number_keeps_what_is_written() {
    let both = [Shape::FLOAT, Shape::INT];
    reads(&both, "3", "integer 3");
    reads(&both, "3.0", "number 3.0");
    reads(&both, "3.5", "number 3.5");
    let all = [Shape::FLOAT, Shape::DECIMAL, Shape::INT];
    reads(&all, "1.5", "decimal 1.5");
    reads(&all, "1.50", "decimal 1.50");
    reads(&all, "3", "integer 3");
    reads(&all, "0.1000000000000000055", "decimal 0.1000000000000000055");
    let large = Shape::of(Kind::Int(IntRange { min: None, max: Some(u64::MAX.into()), multiple_of: None }));
    reads(&[Shape::FLOAT, large], "18446744073709551615", "integer 18446744073709551615");
}

#[test]
fn records_and_lists_are_what_their_parts_are_written_as() {
    let record = |shape: Shape| Shape::record(vec![Field::required("a", shape)]);
    let shapes = [record(Shape::string()), record(Shape::DATE), record(Shape::FLOAT)];
    reads(&shapes, r#"{"a": "2013-01-31"}"#, r#"date {"a":"2013-01-31"}"#);
    reads(&shapes, r#"{"a": "x"}"#, r#"text {"a":"x"}"#);
    reads(&[Shape::list(Shape::FLOAT), Shape::list(Shape::INT)], "[1, 2]", "integer+integer [1,2]");
    reads(&[Shape::list(Shape::FLOAT), Shape::list(Shape::INT)], "[1, 2.5]", "number+number [1.0,2.5]");
    // A default that is filled in is not written there, and fields that are unlisted are.
    let with_default = Field { default: Some(Value::Int(7)), ..Field::optional("b", Shape::INT) };
    let shapes = [
        Shape::record(vec![Field::required("a", Shape::INT), with_default]),
        open(vec![Field::required("a", Shape::INT)]),
        Shape::map(Shape::FLOAT),
    ];
    reads(&shapes, r#"{"a": 1}"#, r#"integer {"a":1}"#);
    reads(&shapes, r#"{"a": 1, "b": 2}"#, r#"integer+integer {"a":1,"b":2}"#);
    // Fields come in one order, whichever contract lists them first.
    let field = |name: &str| Field::required(name, Shape::INT);
    let shapes = [
        Shape::record(vec![field("b"), field("a")]),
        open(vec![field("a"), Field::optional("c", Shape::DATE)]),
    ];
    reads(&shapes, r#"{"b": 1, "a": 2}"#, r#"integer+integer {"a":2,"b":1}"#);
}

#[test]
fn alternatives_that_read_alike_are_not_all_tried() {
    // Each level could be read by both; were both tried, forty levels would take a trillion steps.
    let named = Types::default().declare("node");
    let next = || Field::optional("next", Shape::of(Kind::Named(named.clone())));
    let node = union(&[open(vec![next()]), open(vec![next(), Field::optional("name", Shape::string())])]);
    named.define(&node);
    let deep = format!("{}{{}}{}", r#"{"next":"#.repeat(40), "}".repeat(40));
    let decoder = Decoder::new(&node).unwrap();
    // `name` is text by one and anything by the other, which reads a text alike.
    assert!(decoder.decode(deep.as_bytes()).is_ok());
}

/// Records with fields of few names, closed and open, and now and then something else.
fn alternative() -> impl Strategy<Value = Shape> {
    let part = prop_oneof![Just(Shape::INT), Just(Shape::BOOL), Just(Shape::INT.nullable())];
    let field = (part, any::<bool>(), any::<bool>()).prop_map(|(shape, required, has_default)| {
        let default = (has_default && !required && shape == Shape::INT).then_some(Value::Int(7));
        Field { required, default, ..Field::optional("", shape) }
    });
    let names = proptest::sample::subsequence(vec!["a", "b", "c", "d", "e"], 0..4);
    let record = (names, vec(field, 4), 0..6usize).prop_map(|(names, fields, openness)| {
        let named = names.into_iter().zip(fields);
        let fields = named.map(|(name, field)| Field { name: name.into(), ..field }).collect();
        let mut record = Record::new(fields);
        match openness {
            0 => record.rest = Some(Shape::INT),
            1 => {
                record.rest = Some(Shape::ANY);
                let patterns = vec![(Str::new("^[de]$"), Shape::BOOL)];
                record.names = Some(Arc::new(Names { patterns, others: None }));
            }
            _ => {}
        }
        Shape::of(Kind::Record(Arc::new(record)))
    });
    prop_oneof![12 => record, 1 => Just(Shape::map(Shape::INT)), 1 => Just(Shape::INT), 1 => Just(Shape::ANY)]
}

fn object() -> impl Strategy<Value = Value> {
    let part = prop_oneof![Just(Value::Int(1)), Just(Value::Bool(true)), Just(Value::Null)];
    let name = prop_oneof![Just("a"), Just("b"), Just("c"), Just("d"), Just("e")];
    vec((name, part), 0..4).prop_map(Value::record)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    /// Of many alternatives only those are tried that the fields of an object allow. That is what trying all of them comes to.
    #[test]
    fn many_alternatives_accept_what_one_of_them_accepts(
        variants in vec(alternative(), 9..16), objects in vec(object(), 12),
    ) {
        let together = union(&variants);
        let (decoder, validator) = (Decoder::new(&together).unwrap(), Validator::new(&together).unwrap());
        for value in objects {
            let text = to_string(&value);
            let alone: Vec<Value> = variants
                .iter()
                .filter_map(|it| Decoder::new(it).unwrap().decode(text.as_bytes()).ok())
                .collect();
            match decoder.decode(text.as_bytes()) {
                Ok(read) => prop_assert!(alone.contains(&read), "{text}: {read} is none of {alone:?}"),
                Err(report) => prop_assert!(alone.is_empty(), "{text}: {report}, and {alone:?}"),
            }
            let is_valid = variants.iter().any(|it| Validator::new(it).unwrap().check(&value).is_ok());
            prop_assert_eq!(validator.check(&value).is_ok(), is_valid, "{}", text);
        }
    }
}
