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
fn formats_write_numbers_with_the_digits_that_they_have() {
    for (text, expected) in [
        ("'%e'.format([o.price])", "1.100000e+00"),
        ("'%.3e'.format([o.large])", "1.235e+16"),
        ("'%.18e'.format([o.large])", "1.234567890123456789e+16"),
        ("'%.20e'.format([o.large])", "1.23456789012345678900e+16"),
        ("'%.0e'.format([o.large])", "1e+16"),
        ("'%.1e'.format([decimal('9.96')])", "1.0e+01"),
        ("'%.1e'.format([decimal('-0.00125')])", "-1.2e-03"),
        ("'%.1e'.format([decimal('1e-120')])", "1.0e-120"),
        ("'%e'.format([decimal('0.00')])", "0.000000e+00"),
        ("'%.2f'.format([o.large])", "12345678901234567.89"),
        ("'%.1f'.format([o.price])", "1.1"),
        ("'%s'.format([o.large])", "12345678901234567.89"),
        (
            "'%.0f %.17e'.format([9007199254740993, 9007199254740993])",
            "9007199254740993 9.00719925474099300e+15",
        ),
        ("'%.0f'.format([18446744073709551615u])", "18446744073709551615"),
        ("'%.1e'.format([1.25])", "1.2e+00"),
    ] {
        assert_eq!(run(text), Ok(Some(Value::from(expected))), "{text}");
    }
    for clause in ["d", "x", "X", "b", "o"] {
        let failure = run(&format!("'%{clause}'.format([o.price])")).unwrap_err();
        assert!(failure.contains(&format!("`%{clause}` does not take")), "{failure}");
    }
}

#[test]
fn a_double_becomes_the_decimal_that_it_is_written_as() {
    for (text, expected) in [
        ("string(decimal(o.double - o.double + 100.0))", "100"),
        ("string(decimal(o.double - o.double + 0.1))", "0.1"),
        ("string(decimal(o.double - o.double + -2.5))", "-2.5"),
        ("string(decimal(o.double - o.double + 1e-7))", "0.0000001"),
        ("string(decimal(o.double - o.double + 123456789012.0))", "123456789012"),
    ] {
        assert_eq!(run(text), Ok(Some(Value::from(expected))), "{text}");
    }
    assert!(
        run("decimal(o.double / (o.double - o.double))").unwrap_err().contains("is not a decimal number")
    );
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
