//! Contracts, variables and templates that the tests share: a row of a file and the flight that it becomes.

#![allow(dead_code, reason = "each test file uses its part")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a helper of tests")]

use std::sync::Arc;

use tenon_errors::{Place, Reports};
use tenon_mapping::{Frame, Inline, Located, Scope, Source, Template, Type};
use tenon_model::{Field, Kind, Record, Shape, Value, shape::IntRange};

pub(crate) fn int(min: i128, max: i128) -> Shape {
    Shape::of(Kind::Int(IntRange { min: Some(min), max: Some(max), multiple_of: None }))
}

pub(crate) fn one_of(values: &[&str]) -> Shape {
    Shape::of(Kind::Enum(values.iter().map(|value| Value::from(*value)).collect::<Arc<[Value]>>()))
}

pub(crate) fn with_default(name: &str, shape: Shape, default: Value) -> Field {
    Field { default: Some(default), ..Field::optional(name, shape) }
}

pub(crate) fn open(fields: Vec<Field>) -> Shape {
    let mut record = Record::new(fields);
    record.rest = Some(Shape::ANY);
    Shape::of(Kind::Record(Arc::new(record)))
}

/// A row of the file, in local times.
pub(crate) fn row() -> Shape {
    Shape::record(vec![
        Field::required("day", Shape::DATE),
        Field::required("dep", int(0, 2400)),
        Field::optional("delay", Shape::INT),
        Field::required("carrier", Shape::string()),
        Field::required("number", int(1, 9999)),
        Field::optional("gate", Shape::string()),
        Field::required("tail", Shape::string().nullable()),
        with_default("class", one_of(&["economy", "business"]), Value::from("economy")),
        Field::required("miles", Shape::INT),
        Field::required("hours", Shape::FLOAT),
        Field::required("at", Shape::TIMESTAMP),
        Field::required("tags", Shape::list(Shape::string())),
        Field::required(
            "legs",
            Shape::list(Shape::record(vec![
                Field::required("from", Shape::string()),
                Field::optional("seats", Shape::INT),
            ])),
        ),
        Field::required("labels", Shape::map(Shape::string())),
    ])
}

pub(crate) fn plane() -> Shape {
    Shape::record(vec![Field::required("model", Shape::string()), Field::optional("built", Shape::INT)])
}

/// `row`, a lookup that may have found nothing, an open record, something unknown and a `let` that may have no value.
pub(crate) fn scope() -> Scope {
    Scope::new()
        .with("row", Type::of(row()))
        .with("plane", Type::of(plane().nullable()))
        .with("extra", Type::of(open(vec![Field::required("known", Shape::INT)])))
        .with("any", Type::of(Shape::ANY))
        .with("late", Type::optional(Shape::INT))
}

/// A row without its optional fields.
pub(crate) fn frame() -> Frame {
    let leg = |from: &str| Value::record([("from", Value::from(from))]);
    let row = Value::record([
        ("day", Value::Date("2013-01-01".parse().unwrap())),
        ("dep", Value::Int(517)),
        ("carrier", Value::from("UA")),
        ("number", Value::Int(1545)),
        ("tail", Value::Null),
        ("class", Value::from("economy")),
        ("miles", Value::Int(1400)),
        ("hours", Value::Float(3.5)),
        ("at", Value::Timestamp("2013-01-01T10:00:00Z".parse().unwrap())),
        ("tags", Value::list(vec![Value::from("a"), Value::from("b")])),
        ("legs", Value::list(vec![leg("EWR"), leg("IAH")])),
        ("labels", Value::record([("x", Value::from("y"))])),
    ]);
    let extra = Value::record([("known", Value::Int(1))]);
    let any = Value::record([("a", Value::Int(1))]);
    Frame::new(vec![row, Value::Null, extra, any, Value::Null], "2013-01-01T12:00:00Z".parse().unwrap())
}

pub(crate) fn place() -> Place {
    Place::file("flows.yaml")
}

pub(crate) fn expression(text: &str) -> Template {
    Template::Expression(Source::new(text, Inline::new("flows.yaml", text)))
}

pub(crate) fn constant(value: impl Into<Value>) -> Template {
    Template::Constant(Located::new(value.into(), place()))
}

pub(crate) fn record<const N: usize>(fields: [(&str, Template); N]) -> Template {
    let fields = fields.into_iter().map(|(name, template)| (Located::new(name.into(), place()), template));
    Template::Record { fields: fields.collect(), remaining: None, place: place() }
}

pub(crate) fn each(list: &str, name: &str, item: Template) -> Template {
    Template::Each {
        list: Source::new(list, Inline::new("flows.yaml", list)),
        name: Located::new(name.into(), place()),
        item: Box::new(item),
        place: place(),
    }
}

/// Code, column, message and hint of each problem, one per line.
pub(crate) fn told(reports: &Reports) -> String {
    let lines: Vec<String> = reports
        .iter()
        .map(|report| {
            let column = report.places().first().map_or(0, |place| place.column);
            let hint = report.advice().map(|hint| format!("; {hint}")).unwrap_or_default();
            format!("{} {column} {}{hint}", report.code().id, report.message())
        })
        .collect();
    lines.join("\n")
}
