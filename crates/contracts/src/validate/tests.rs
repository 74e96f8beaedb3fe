//! That the validator agrees with the decoder, and what only it can meet.

use tenon_model::{Field, Kind, Types};

use super::*;

fn code(shape: &Shape, value: &Value) -> Option<String> {
    let report = Validator::new(shape).unwrap().check(value).err()?;
    Some(match report.details() {
        [] => report.code().id.to_owned(),
        details => details
            .iter()
            .map(|detail| format!("{}{}", detail.code().id, detail.data_path().unwrap_or_default()))
            .collect::<Vec<_>>()
            .join(" "),
    })
}

#[test]
fn kinds_are_exact() {
    let cases = [
        (Shape::INT, Value::Uint(7), None),
        (Shape::INT, Value::Float(7.0), Some("D0004")),
        (Shape::FLOAT, Value::Int(7), Some("D0004")),
        (Shape::FLOAT, Value::Float(f64::NAN), Some("D0005")),
        (Shape::DECIMAL, Value::Int(7), None),
        (Shape::DATE, Value::from("2013-01-01"), Some("D0004")),
        (Shape::DATE, Value::Date(jiff::civil::date(-1, 1, 1)), Some("D0005")),
        (
            Shape::LOCAL_DATE_TIME,
            Value::LocalDateTime(jiff::civil::datetime(0, 1, 1, 0, 0, 0, 0)),
            Some("D0005"),
        ),
        (Shape::LOCAL_DATE_TIME, Value::LocalDateTime(jiff::civil::datetime(1, 1, 1, 0, 0, 0, 0)), None),
        (Shape::PERIOD, Value::from(tenon_model::Period::ZERO), None),
        (Shape::PERIOD, Value::Duration(jiff::SignedDuration::ZERO), Some("D0004")),
        (Shape::string(), Value::Null, Some("D0004")),
        (Shape::string().nullable(), Value::Null, None),
        (Shape::ANY, Value::list(vec![Value::Float(f64::INFINITY)]), Some("D0005")),
    ];
    for (shape, value, expected) in cases {
        assert_eq!(code(&shape, &value).as_deref(), expected, "{value:?} as {}", shape.name());
    }
}

#[test]
fn every_violation_has_its_path() {
    let mut unit = Field::required("unit", Shape::string());
    unit.default = Some(Value::from("km"));
    let shape = Shape::record(vec![
        Field::required("id", Shape::INT),
        unit,
        Field::optional("tags", Shape::list(Shape::string())),
    ]);
    let value = Value::record([("tags", Value::list(vec!["a".into(), Value::Int(1)])), ("x", Value::Null)]);
    assert_eq!(code(&shape, &value).as_deref(), Some("D0002/id D0002/unit D0004/tags/1 D0003/x"));
}

#[test]
fn a_value_that_is_too_deep_is_refused() {
    let named = Types::default().declare("list");
    named.define(&Shape::list(Shape::of(Kind::Named(named.clone()))));
    let deep = (0..70).fold(Value::list(vec![]), |inner, _| Value::list(vec![inner]));
    assert_eq!(code(&Shape::of(Kind::Named(named)), &deep).as_deref(), Some("D0103"));
    assert_eq!(code(&Shape::ANY, &deep).as_deref(), Some("D0103"));
}
