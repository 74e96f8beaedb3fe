//! Values that are one of several shapes: what may be done with them, and what a test of their type tells.

#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests")]

mod common;

use std::sync::Arc;

use common::{expression, one_of, record, told};
use tenon_mapping::{Expression, Frame, Inline, Mapping, Scope, Type};
use tenon_model::{
    Field, Format, Kind, Record, Shape, Str, Value,
    shape::{Bound, FloatRange, Text, Union},
};

fn union(tag: Option<&str>, variants: &[(&str, Shape)]) -> Shape {
    let variants = variants.iter().map(|(name, shape)| (Str::new(name), shape.clone())).collect();
    Shape::of(Kind::Union(Arc::new(Union { tag: tag.map(Str::new), variants })))
}

/// A text or an integer, a customer by id or as a whole, a payment of two kinds.
fn scope() -> Scope {
    let code = union(None, &[("text", Shape::string()), ("integer", Shape::INT)]);
    let whole = Shape::record(vec![Field::required("id", Shape::string())]);
    let customer = union(None, &[("id", Shape::string()), ("whole", whole)]);
    let variant = |kind: &str, field: &str, shape| {
        Shape::record(vec![Field::required("kind", one_of(&[kind])), Field::required(field, shape)])
    };
    let payment = union(
        Some("kind"),
        &[
            ("card", variant("card", "number", Shape::string())),
            ("cash", variant("cash", "coins", Shape::INT)),
        ],
    );
    Scope::new()
        .with("code", Type::of(code.clone()))
        .with("customer", Type::of(customer))
        .with("payment", Type::of(payment))
        .with("codes", Type::of(Shape::list(code)))
        .with("any", Type::of(Shape::ANY))
}

fn frame(code: impl Into<Value>, customer: Value) -> Frame {
    let payment = Value::record([("kind", Value::from("cash")), ("coins", Value::Int(3))]);
    let codes = Value::list(vec![Value::Int(1), Value::from("b")]);
    Frame::new(vec![code.into(), customer, payment, codes, Value::Int(7)], jiff::Timestamp::UNIX_EPOCH)
}

#[track_caller]
fn gives(text: &str, wanted: impl Into<Value>) {
    let expression = Expression::compile(text, &Inline::new("test", text), &scope())
        .unwrap_or_else(|reports| panic!("{text}\n{}", told(&reports)));
    assert_eq!(expression.evaluate(&frame(501, Value::from("c1"))), Ok(Some(wanted.into())), "{text}");
}

#[track_caller]
fn reports(text: &str, wanted: &str) {
    match Expression::compile(text, &Inline::new("test", text), &scope()) {
        Ok(expression) => panic!("{text} is accepted as {:?}", expression.ty()),
        Err(reports) => assert_eq!(told(&reports), wanted, "{text}"),
    }
}

#[test]
fn a_function_takes_a_union_if_it_takes_each_variant() {
    gives("string(code)", "501");
    gives("codes.map(c, string(c)).join()", "1b");
    reports(
        "size(code)",
        "M0005 1 `size` does not take text or integer; call it as `size(text) -> int` or `size(bytes) -> int` or `size(list(any)) -> int` or `size(map) -> int`",
    );
}

#[test]
fn a_type_test_narrows_a_union() {
    gives("type(code) == string ? code : string(code + 1)", "502");
    gives("type(code) != int || code > 500", true);
    gives("type(code) == int && code > 500", true);
    gives("codes.filter(c, type(c) == int).size()", 1);
    gives("codes.map(c, type(c) == int ? c : 0).sum()", 1);
    gives("type(code) == int || type(code) == double ? code + 0 : 0", 501);
    gives("type(any) == int ? any + 1 : 0", 8);
    reports(
        "type(code) == string ? 0 : code.size()",
        "M0005 33 `size` does not take integer; call it as `size(text) -> int` or `size(bytes) -> int` or `size(list(any)) -> int` or `size(map) -> int`",
    );
}

#[test]
fn the_field_that_tells_variants_apart_narrows_them() {
    gives("payment.kind == 'cash' ? payment.coins : 0", 3);
    gives("payment.kind != 'cash' ? payment.number : 'none'", "none");
    reports(
        "payment.kind == 'cash' ? payment.number : ''",
        "M0003 34 `payment` has no field `number`; use one of `kind`, `coins`",
    );
}

#[test]
fn a_field_of_what_may_have_no_fields_may_be_absent() {
    gives("customer.?id.orValue('none')", "none");
    gives("has(customer.id) ? 'whole' : 'short'", "short");
    gives("type(customer) == string ? customer : customer.id", "c1");
    reports(
        "customer.id + ''",
        "M0006 1 `customer.id` may be absent; write `customer.?id.orValue(\"\")`, or test it: `\"has(customer.id) ? ... : ...\"`",
    );
}

#[test]
fn what_is_of_several_kinds_is_no_value_of_one() {
    let target = |shape| Shape::record(vec![Field::required("x", shape)]);
    for (text, shape, wanted) in [
        (
            "code",
            Shape::INT,
            "M0103 1 `x` takes an integer, and `code` may be text; test what it is: `type(code) == ... ? ... : ...`",
        ),
        (
            "[1, 'a']",
            Shape::list(Shape::INT),
            "M0103 1 `x[]` takes an integer, and `[1, 'a'][]` may be text; make the list with `each`, and convert its items",
        ),
        (
            "math.greatest(1, 2.5)",
            Shape::INT,
            "M0103 1 `x` takes an integer, and `math.greatest(1, 2.5)` may be a number; test what it is: `type(math.greatest(1, 2.5)) == ... ? ... : ...`",
        ),
        (
            "{1: 'a'}",
            Shape::map(Shape::string()),
            "M0103 1 `x` takes a map with keys of text, and `{1: 'a'}` is a map with keys of integer; write the keys as text: `string(key)`",
        ),
    ] {
        match Mapping::compile(&record([("x", expression(text))]), &target(shape), &scope()) {
            Ok(_) => panic!("{text} is accepted"),
            Err(reports) => assert_eq!(told(&reports), wanted),
        }
    }
    let template = record([("x", expression("type(code) == int ? code : 0"))]);
    let made = Mapping::compile(&template, &target(Shape::FLOAT), &scope()).unwrap();
    assert_eq!(format!("{:?}", made.run(&frame(3, Value::Null)).unwrap()), "{x: 3.0}");
}

#[test]
fn numbers_of_which_no_contract_knows_fit_numbers_with_the_digits_that_they_have() {
    let scope = Scope::new().with("any", Type::of(Shape::ANY));
    let at = |text: &str| Inline::new("test", text);
    let decimal = |text: &str| Value::from(text.parse::<tenon_model::Decimal>().unwrap());
    let made = |value: &Value, target: Shape| {
        let template = tenon_mapping::Template::Expression(tenon_mapping::Source::new("any", at("any")));
        let mapping = Mapping::compile(&template, &target, &scope).unwrap();
        let frame = Frame::new(vec![value.clone()], jiff::Timestamp::UNIX_EPOCH);
        mapping.run(&frame).map(|value| format!("{} {value}", value.kind_name())).unwrap()
    };
    let union = |variants: Vec<Shape>| {
        let variants = variants.into_iter().map(|shape| ("v".into(), shape)).collect();
        Shape::of(Kind::Union(Arc::new(Union { tag: None, variants })))
    };
    assert_eq!(made(&decimal("1.50"), Shape::FLOAT), "number 1.5");
    assert_eq!(made(&Value::Float(1.5), Shape::DECIMAL), "decimal 1.5");
    assert_eq!(made(&decimal("1.50"), Shape::DECIMAL), "decimal 1.50");
    assert_eq!(made(&decimal("0.1000000000000000055"), Shape::FLOAT), "decimal 0.1000000000000000055");
    assert_eq!(made(&decimal("1.50"), union(vec![Shape::INT, Shape::FLOAT])), "number 1.5");
    assert_eq!(made(&Value::Int(3), union(vec![Shape::FLOAT, Shape::INT])), "integer 3");
    assert_eq!(made(&Value::Float(1.5), union(vec![Shape::string(), Shape::DECIMAL])), "decimal 1.5");
    assert_eq!(made(&decimal("1.50"), union(vec![Shape::FLOAT, Shape::DECIMAL])), "decimal 1.50");
    for (text, wanted) in [
        ("any * 2.0 == 3.0", true),
        ("any == 1.5 && any < 1.6 && any >= 1.5", true),
        ("string(any) == '1.50'", true),
        ("[any, 0.25].sum() == 1.75", true),
    ] {
        let expression = Expression::compile(text, &at(text), &scope).unwrap();
        let frame = Frame::new(vec![decimal("1.50")], jiff::Timestamp::UNIX_EPOCH);
        assert_eq!(expression.evaluate(&frame), Ok(Some(Value::Bool(wanted))), "{text}");
    }
}

#[test]
fn functions_take_every_shape_that_a_value_may_have() {
    let mixed = union(None, &[("text", Shape::string()), ("integer", Shape::INT), ("day", Shape::DATE)]);
    let numbers =
        union(None, &[("double", Shape::FLOAT), ("decimal", Shape::DECIMAL), ("integer", Shape::INT)]);
    let scope = Scope::new()
        .with("mixed", Type::of(mixed.clone()))
        .with("number", Type::of(numbers.clone()))
        .with("numbers", Type::of(Shape::list(numbers)))
        .with("maybe", Type::of(mixed.nullable()));
    let compile = |text: &str| Expression::compile(text, &Inline::new("test", text), &scope);
    let decimal = Value::from("2.50".parse::<tenon_model::Decimal>().unwrap());
    let day = Value::Date("2013-01-31".parse().unwrap());
    for (text, mixed, wanted) in [
        ("string(mixed)", Value::from("a"), "a"),
        ("string(mixed)", Value::Int(7), "7"),
        ("string(mixed)", day.clone(), "2013-01-31"),
        ("string(mixed) + string(number)", Value::Int(7), "72.50"),
        ("string(math.greatest(numbers))", Value::Int(0), "3.5"),
        ("string(number == number) + string(mixed == 'x')", Value::Int(7), "truefalse"),
        ("type(mixed) == int ? string(mixed + 1) : string(mixed)", Value::Int(7), "8"),
        ("type(mixed) == date ? string(mixed.getFullYear()) : string(mixed)", day, "2013"),
    ] {
        let expression = compile(text).unwrap_or_else(|reports| panic!("{text}\n{}", told(&reports)));
        let numbers = Value::list(vec![Value::Int(1), decimal.clone(), Value::Float(3.5)]);
        let values = vec![mixed, decimal.clone(), numbers, Value::Null];
        let result = expression.evaluate(&Frame::new(values, jiff::Timestamp::UNIX_EPOCH));
        assert_eq!(result, Ok(Some(Value::from(wanted))), "{text}");
    }
    for text in ["mixed + 1", "mixed.trim()", "string(maybe)", "int(mixed)"] {
        assert!(compile(text).is_err(), "{text} is accepted");
    }
}

#[test]
fn a_whole_number_is_an_integer_where_no_other_alternative_takes_it() {
    let upto = |max: i64| {
        let bound = Bound::new(tenon_model::Decimal::from(max), false);
        Shape::of(Kind::Float(FloatRange { max: Some(bound), ..FloatRange::default() }))
    };
    let target = Shape::record(vec![
        Field::required("n", union(None, &[("integer", Shape::INT), ("number", upto(2))])),
        Field::required("i", Shape::INT),
    ]);
    let scope = Scope::new().with("n", Type::of(Shape::FLOAT)).with("any", Type::of(Shape::ANY));
    let template = record([("n", expression("n")), ("i", expression("any"))]);
    let mapping =
        Mapping::compile(&template, &target, &scope).unwrap_or_else(|reports| panic!("{}", told(&reports)));
    let made = |n: f64, any: Value| {
        let frame = Frame::new(vec![Value::Float(n), any], jiff::Timestamp::UNIX_EPOCH);
        mapping.run(&frame).unwrap()
    };
    let expected = |n: Value, i: Value| Value::record([("n", n), ("i", i)]);
    assert_eq!(made(3.0, Value::Float(7.0)), expected(Value::Int(3), Value::Int(7)));
    assert_eq!(made(2.0, Value::Int(1)), expected(Value::Float(2.0), Value::Int(1)));
    let decimal = Value::from("1e2".parse::<tenon_model::Decimal>().unwrap());
    assert_eq!(made(1.5, decimal), expected(Value::Float(1.5), Value::Int(100)));
    // What is no integer is left to the validator.
    assert_eq!(made(2.5, Value::Float(7.5)), expected(Value::Float(2.5), Value::Float(7.5)));
}

#[test]
fn as_many_fields_are_set_as_the_contract_asks_for() {
    let mut two = Record::new(vec![Field::optional("a", Shape::INT), Field::optional("b", Shape::INT)]);
    two.length.min = Some(2);
    let two = Shape::of(Kind::Record(Arc::new(two)));
    let compile = |template| Mapping::compile(&template, &two, &scope()).map_err(|reports| told(&reports));
    let told = compile(record([("a", expression("1"))])).unwrap_err();
    assert_eq!(
        told,
        "M0103 1 the target has at least 2 fields, and at most 1 are set; set more of its fields"
    );
    assert!(compile(record([("a", expression("1")), ("b", expression("2"))])).is_ok());
}

#[test]
fn texts_whose_order_is_another_are_not_ordered() {
    let text = |format| Shape::of(Kind::String(Arc::new(Text { format: Some(format), ..Text::default() })));
    let scope = Scope::new()
        .with("clock", Type::of(text(Format::Time)))
        .with("host", Type::of(text(Format::Ipv4)))
        .with("price", Type::of(text(Format::Decimal)))
        .with("hosts", Type::of(Shape::list(text(Format::Ipv6))))
        .with("mail", Type::of(text(Format::Email)));
    let told = |text: &str| {
        let compiled = Expression::compile(text, &Inline::new("test", text), &scope);
        compiled.map(|it| it.ty().clone()).map_err(|reports| told(&reports))
    };
    for (text, what) in [
        ("clock < '10:00:00Z'", "a time of day with an offset"),
        ("'10.0.0.9' >= host", "a network address"),
        ("price > '9'", "a number"),
        ("hosts.sort()", "a network address"),
        ("hosts.max()", "a network address"),
        ("hosts.sortBy(host, host)", "a network address"),
    ] {
        assert!(told(text).unwrap_err().contains(what), "{text}: {:?}", told(text));
    }
    for text in ["clock == '10:00:00Z'", "host in ['10.0.0.9']", "mail < 'b'", "decimal(price) > 9.5"] {
        assert!(told(text).is_ok(), "{text}: {:?}", told(text));
    }
}
