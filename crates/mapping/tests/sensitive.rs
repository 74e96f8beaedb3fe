//! A failing expression does not show what a contract calls personal or secret.

#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests")]

mod common;

use common::{each, expression, record, told};
use tenon_mapping::{Expression, Frame, Inline, Mapping, Scope, Type};
use tenon_model::{Field, Sensitivity, Shape, Value};

fn person() -> Shape {
    let mut number = Field::required("number", Shape::string());
    number.sensitivity = Some(Sensitivity::Personal);
    let card = Shape::record(vec![number.clone()]);
    Shape::record(vec![
        number,
        Field::required("amount", Shape::string()),
        Field::required("cards", Shape::list(card)),
    ])
}

fn scope() -> Scope {
    let mut scope = Scope::new().with("person", Type::of(person())).with("made", Type::of(Shape::string()));
    scope.hide(1);
    scope
}

fn frame() -> Frame {
    let card = Value::record([("number", Value::from("4711-x"))]);
    let person = Value::record([
        ("number", Value::from("123-45")),
        ("amount", Value::from("1.5")),
        ("cards", Value::list(vec![card])),
    ]);
    Frame::new(vec![person, Value::from("123-45")], jiff::Timestamp::UNIX_EPOCH)
}

fn failure(text: &str) -> String {
    let expression = Expression::compile(text, &Inline::new("test", text), &scope())
        .unwrap_or_else(|reports| panic!("{text}\n{}", told(&reports)));
    let report = expression.evaluate(&frame()).unwrap_err();
    assert_eq!((report.code().id, report.places().len()), ("M0007", 1), "{text}");
    report.message().to_owned()
}

#[test]
fn a_failure_names_what_is_sensitive_and_does_not_show_it() {
    let cases = [
        ("int(person.number)", "person.number"),
        ("parseNumber(person.number, '1.234,5') > decimal(person.amount)", "person.number"),
        ("person.cards.map(card, int(card.number))", "person.cards[].number"),
        ("(person.cards + person.cards).map(card, int(card.number))", "person.cards"),
        ("person.cards[0].number.substring(int(person.cards[0].number))", "person.cards"),
        ("timestamp(made)", "made"),
    ];
    for (text, what) in cases {
        assert_eq!(
            failure(text),
            format!(
                "the expression fails on `{what}`, which its contract calls sensitive, so values are not shown"
            ),
            "{text}"
        );
    }
    assert_eq!(failure("int(person.amount)"), "\"1.5\" is not an integer");
}

#[test]
fn a_mapping_shows_the_values_of_the_other_fields() {
    let run = |template, shape: Shape| {
        let target = Shape::record(vec![Field::required("made", shape)]);
        let mapping = Mapping::compile(&record([("made", template)]), &target, &scope())
            .unwrap_or_else(|reports| panic!("{}", told(&reports)));
        mapping.run(&frame()).unwrap_err().message().to_owned()
    };
    assert_eq!(run(expression("int(person.amount)"), Shape::INT), "\"1.5\" is not an integer");
    let hidden = |what: &str| {
        format!(
            "the expression fails on `{what}`, which its contract calls sensitive, so values are not shown"
        )
    };
    assert_eq!(run(expression("int(person.number)"), Shape::INT), hidden("person.number"));
    let items = || Shape::list(Shape::INT);
    let of_list = each("person.cards", "card", expression("int(card.number)"));
    assert_eq!(run(of_list, items()), hidden("person.cards[].number"));
    let of_computed = each("person.cards + person.cards", "card", expression("int(card.number)"));
    assert_eq!(run(of_computed, items()), hidden("person.cards"));
}
