//! CEL: compiled against a scope, compiled without types, and evaluated.

use std::sync::LazyLock;

use tenon_mapping::{Expression, Frame, Inline, Scope, Type};
use tenon_model::{Field, Shape, Value};

use super::{outcome, outcome_of_all};
use crate::{Target, seeds};

pub(super) const EXPRESSION: Target = Target { name: "expression", seeds: of_expression, run: expression };

static WORLD: LazyLock<(Scope, Frame)> = LazyLock::new(|| {
    let row = Shape::record(vec![
        Field::required("id", Shape::INT),
        Field::optional("gate", Shape::string()),
        Field::required("at", Shape::TIMESTAMP),
        Field::required("price", Shape::DECIMAL),
        Field::required("tags", Shape::list(Shape::string())),
        Field::required("labels", Shape::map(Shape::string())),
    ]);
    let value = Value::record([
        ("id", Value::Int(7)),
        ("at", Value::Timestamp(tenon_model::Instant::UNIX_EPOCH)),
        ("price", Value::from(tenon_model::Decimal::from(3))),
        ("tags", Value::list(vec![Value::from("a"), Value::from("bé")])),
        ("labels", Value::record([("x", Value::from("y"))])),
    ]);
    let scope = Scope::new().with("row", Type::of(row)).with("any", Type::of(Shape::ANY));
    (scope, Frame::new(vec![value.clone(), value], jiff::Timestamp::UNIX_EPOCH))
});

fn of_expression() -> Vec<Vec<u8>> {
    let mut all: Vec<Vec<u8>> =
        tenon_mapping::catalogue().map(|function| function.example.as_bytes().to_vec()).collect();
    all.extend(seeds::texts(&[
        "row.id + 1 > 3 ? row.?gate.orValue('none') : string(row.at)",
        "row.tags.map(t, t.size() > 1, t + '!').filter(t, t != 'x').join(',')",
        "any.a.b[0] == 1u || has(any.c) && !(2.5 in [1.0, 2.5])",
        "{'a': [1, 2, 3], \"b\": {1: b'\\x00\\u00e9'}}.a[?5].optMap(x, x * 2)",
        "'''raw\ntext''' + r'\\d' + \"\\t\\U0001F600\" // comment",
        "-9223372036854775808 - 1 + int('9') % 0",
        "[1, 2].exists(x, [3].all(y, x < y)) && cel.bind(z, row.id, z == z)",
        "duration('1h').getHours() + timestamp('2013-01-01T00:00:00Z').getFullYear('America/New_York')",
        "row.tags.map(a, row.tags.map(b, row.tags.map(c, a + b + c)))",
    ]));
    all
}

fn expression(bytes: &[u8]) -> u64 {
    let Ok(text) = std::str::from_utf8(bytes) else { return 2 };
    let (scope, frame) = &*WORLD;
    let place = Inline::new("a.yaml", text);
    let mut told = 0;
    for compiled in
        [Expression::compile(text, &place, scope), Expression::compile_unchecked(text, &place, scope)]
    {
        told = u64::rotate_left(told, 5) ^ outcome_of_all(&compiled);
        for report in compiled.iter_err() {
            assert!(!report.places().is_empty(), "no place: {report:?}");
        }
        if let Ok(expression) = compiled {
            let result = expression.evaluate(frame);
            if let Err(report) = &result {
                assert!(!report.places().is_empty(), "no place: {report:?}");
            }
            told ^= outcome(&result).rotate_left(1);
        }
    }
    told
}

/// The reports of a result.
trait Told {
    fn iter_err(&self) -> impl Iterator<Item = &tenon_errors::Report>;
}

impl<T> Told for Result<T, tenon_errors::Reports> {
    fn iter_err(&self) -> impl Iterator<Item = &tenon_errors::Report> {
        self.as_ref().err().into_iter().flat_map(tenon_errors::Reports::iter)
    }
}
