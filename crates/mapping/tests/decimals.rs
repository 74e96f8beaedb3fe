//! Decimals beside numbers that are written, beside doubles, and as they are made of texts.

#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests")]

mod common;

use common::told;
use tenon_mapping::{Expression, Frame, Inline, Scope, Type};
use tenon_model::{Decimal, Field, Shape, Value};

const DIGITS: &str = "12345678901234567.89";

fn compile(text: &str) -> Result<Expression, String> {
    let order = Shape::record(vec![
        Field::required("price", Shape::DECIMAL),
        Field::required("large", Shape::DECIMAL),
        Field::required("double", Shape::FLOAT),
        Field::optional("discount", Shape::DECIMAL),
        Field::required("prices", Shape::list(Shape::DECIMAL)),
        Field::required("any", Shape::ANY),
        Field::required("text", Shape::string()),
    ]);
    let scope = Scope::new().with("o", Type::of(order));
    Expression::compile(text, &Inline::new("test", text), &scope).map_err(|reports| told(&reports))
}

fn decimal(text: &str) -> Value {
    Value::from(text.parse::<Decimal>().unwrap())
}

fn run(text: &str) -> Result<Option<Value>, String> {
    with("", text)
}

/// What `text` gives where `o.text` is `value`.
fn with(value: &str, text: &str) -> Result<Option<Value>, String> {
    let order = Value::record([
        ("price", decimal("1.10")),
        ("large", decimal(DIGITS)),
        ("double", Value::Float(1.1)),
        ("prices", Value::list(vec![decimal("1.10"), decimal("2.5")])),
        ("any", decimal("1.10")),
        ("text", Value::from(value)),
    ]);
    let expression = compile(text).unwrap_or_else(|told| panic!("{text}: {told}"));
    let frame = Frame::new(vec![order], "2013-01-01T12:00:00Z".parse().unwrap());
    expression.evaluate(&frame).map_err(|report| report.message().to_owned())
}

#[test]
fn a_number_beside_a_decimal_is_what_is_written() {
    for text in [
        "o.price == 1.1",
        "1.10 == o.price",
        "o.price >= 1.1 && o.price <= 1.1",
        "!(o.price != 1.1) && !(o.price > 1.1)",
        "o.price in [1.1, 7.0]",
        "1.1 in o.prices",
        "o.prices == [1.1, 2.5]",
        "o.large > 12345678901234567.5 && o.large < 12345678901234567.9",
        "o.large == 12345678901234567.89",
        "o.large == decimal(12345678901234567.89)",
        "o.large < 1e400",
        "string(decimal(12345678901234567.89)) == '12345678901234567.89'",
        "o.price * 1.1 == 1.21",
        "-1.1 + o.price == 0",
        "o.?discount.orValue(0.30) == decimal('0.3')",
        "(o.price > 1.05 ? o.price : 9.99) == 1.1",
        "(o.price > 1.05 ? 9.99 : o.price) == 9.99",
        "math.greatest(o.price, 1.05) == 1.1",
        "o.prices.exists(price, price == 1.1)",
        "o.prices.filter(price, price > 1.1) == [2.5]",
    ] {
        assert_eq!(run(text), Ok(Some(Value::Bool(true))), "{text}");
    }
    assert_eq!(run("o.price + 0.100"), Ok(Some(decimal("1.200"))));
}

#[test]
fn a_double_beside_a_decimal_is_the_number_that_it_is_written_as() {
    for text in [
        "o.price == o.double",
        "o.double >= o.price",
        "o.price in [o.double]",
        "o.any == 1.1",
        "o.any < 12345678901234567.89",
        "dyn(1.1) == o.price",
    ] {
        assert_eq!(run(text), Ok(Some(Value::Bool(true))), "{text}");
    }
}

#[test]
fn a_number_that_no_double_holds_is_reported() {
    let check = |text: &str, wanted: &str| {
        let told = compile(text).map(|expression| expression.ty().clone()).unwrap_err();
        assert_eq!(told, wanted, "{text}");
    };
    check(
        "string(12345678901234567.89)",
        "M0009 8 `12345678901234567.89` has more digits than a double keeps, which would be 12345678901234568; write `decimal(12345678901234567.89)`",
    );
    check("o.double < 1e400", "M0009 12 `1e400` is beyond the range of a double; write `decimal(1e400)`");
}

#[test]
fn a_text_is_a_number_only_as_it_is_written_in_data() {
    for text in ["1_0", " 1", "1 ", ".5", "1.", "+1", "01", "Infinity", ""] {
        let failure = with(text, "decimal(o.text)").unwrap_err();
        assert!(failure.ends_with("is not a decimal number"), "{text}: {failure}");
    }
    assert_eq!(with("-1.50e2", "decimal(o.text)"), Ok(Some(decimal("-150"))));
    let failure = |text: &str| with(text, "double(o.text)").unwrap_err();
    assert!(
        failure("9007199254740993")
            .contains("has more digits than a double keeps, which would be 9007199254740992")
    );
    assert!(failure("1e400").contains("is not within the range of a double"));
    assert_eq!(with("9007199254740992", "double(o.text)"), Ok(Some(Value::Float(9_007_199_254_740_992.0))));
    assert_eq!(run("double(o.price)"), Ok(Some(Value::Float(1.1))));
}
