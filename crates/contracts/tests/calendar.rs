//! Local date-times and calendar periods in contracts: read, written, refused with what to do, and told apart.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use std::sync::Arc;

use tenon_contracts::{
    json::{Decoder, to_string},
    json_schema,
    relate::{Relation, relate},
    sample,
    text::scalar,
    validate::Validator,
};
use tenon_model::{Kind, Period, Shape, Value, shape::List};

fn shape(format: &str) -> Shape {
    let schema = format!(r#"{{ "type": "string", "format": "{format}" }}"#);
    let node = tenon_document::parse("1.json", &schema).unwrap();
    json_schema::read(&node).unwrap().into_only().unwrap().shape
}

fn problem(format: &str, text: &str) -> String {
    let report = scalar(text, &shape(format)).unwrap_err();
    format!("{} {}", report.code().id, report.message())
}

fn period(text: &str) -> Value {
    Value::from(text.parse::<Period>().unwrap())
}

fn local(text: &str) -> Value {
    Value::LocalDateTime(text.parse().unwrap())
}

#[test]
fn a_format_is_a_kind_and_the_kind_is_written_as_the_format() {
    for (format, kind) in [("date-time-local", Shape::LOCAL_DATE_TIME), ("period", Shape::PERIOD)] {
        assert_eq!(shape(format), kind);
        assert_eq!(json_schema::write(&kind)["format"], format);
        let sample = sample::made(&kind).unwrap();
        assert!(Decoder::new(&kind).unwrap().decode(sample.to_string().as_bytes()).is_ok(), "{sample}");
    }
}

#[test]
fn values_come_back_from_json_and_from_cells_as_their_one_text() {
    let cases = [
        (
            "date-time-local",
            "2026-01-31T12:00:00.50",
            local("2026-01-31T12:00:00.5"),
            "2026-01-31T12:00:00.5",
        ),
        ("date-time-local", "0001-01-01T00:00:00", local("0001-01-01T00:00:00"), "0001-01-01T00:00:00"),
        ("period", "P1Y2M3DT4H5M6.5S", period("P14M3DT14706.5S"), "P1Y2M3DT4H5M6.5S"),
        ("period", "-P2W", period("P-14D"), "-P14D"),
        ("period", "P1MT-1S", period("P1MT-1S"), "P1MT-1S"),
    ];
    for (format, text, value, written) in cases {
        let shape = shape(format);
        let json = Decoder::new(&shape).unwrap().decode(format!("\"{text}\"").as_bytes()).unwrap();
        assert_eq!(json, value, "{text}");
        assert_eq!(scalar(text, &shape).unwrap(), value, "{text}");
        assert_eq!(to_string(&value), format!("\"{written}\""));
        assert!(Validator::new(&shape).unwrap().check(&value).is_ok(), "{text}");
    }
}

#[test]
fn what_is_refused_says_what_to_write_instead() {
    let cases = [
        ("date-time-local", "2026-01-31T12:00:00Z", "D0006", "has an offset", "the format `date-time`"),
        ("date-time", "2026-01-31T12:00:00", "D0006", "has no offset", "the format `date-time-local`"),
        ("date-time-local", "2026-01-31", "D0006", "is not a local date-time such as", ""),
        ("date-time-local", "2026-01-31T12:00:00.1234567891", "D0006", "nine", ""),
        ("date-time-local", "0000-01-31T12:00:00", "D0005", "outside the range of local date-times", ""),
        ("duration", "P1M", "D0006", "years or months", "the format `period`"),
        ("period", "1 month", "D0006", "is not a period as in ISO 8601", ""),
        ("period", "PT0.1234567891S", "D0006", "nine", ""),
        ("period", "-P-1M", "D0006", "is not a period", ""),
    ];
    for (format, text, code, message, hint) in cases {
        let problem = problem(format, text);
        assert!(
            problem.starts_with(code) && problem.contains(message) && problem.contains(hint),
            "{problem}"
        );
    }
}

#[test]
fn periods_that_are_equal_by_their_parts_repeat_each_other() {
    let unique = List { item: Shape::PERIOD, length: tenon_model::shape::Length::default(), unique: true };
    let decoder = Decoder::new(&Shape::of(Kind::List(Arc::new(unique)))).unwrap();
    assert!(decoder.decode(br#"["P12M", "P1Y"]"#).is_err());
    assert!(decoder.decode(br#"["P30D", "P1M", "PT24H", "P1D"]"#).is_ok());
}

#[test]
fn only_one_of_two_kinds_may_hold_where_every_text_of_one_is_of_the_other() {
    let one_of = |first: &str, second: &str, text: &str| {
        let kind = |format| format!(r#"{{ "type": "string", "format": "{format}" }}"#);
        let schema = format!(r#"{{ "oneOf": [{}, {}] }}"#, kind(first), kind(second));
        let node = tenon_document::parse("1.json", &schema).unwrap();
        let shape = json_schema::read(&node).unwrap().into_only().unwrap().shape;
        Decoder::new(&shape).unwrap().decode(format!("\"{text}\"").as_bytes()).is_ok()
    };
    assert!(one_of("period", "date-time-local", "P1M"));
    assert!(one_of("date-time", "date-time-local", "2026-01-31T12:00:00"));
    assert!(one_of("date-time", "date-time-local", "2026-01-31T12:00:00Z"));
}

#[test]
fn a_kind_may_become_text_and_nothing_else() {
    for kind in [Shape::LOCAL_DATE_TIME, Shape::PERIOD] {
        assert!(relate(&kind, &Shape::string(), Relation::STORED).holds());
        assert!(relate(&kind, &kind, Relation::STORED).holds());
        for other in [Shape::TIMESTAMP, Shape::DURATION, Shape::DATE] {
            assert_eq!(
                relate(&kind, &other, Relation::STORED).changes.len(),
                1,
                "{} to {}",
                kind.name(),
                other.name()
            );
        }
    }
}
