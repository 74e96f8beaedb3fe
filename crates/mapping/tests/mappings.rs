//! Templates against their target contracts: what is accepted, what is made, what is reported.

#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests")]

mod common;

use std::sync::Arc;

use common::{constant, each, expression, frame, int, one_of, open, record, row, scope, told, with_default};
use tenon_mapping::{Frame, Mapping, Scope, Template, Type};
use tenon_model::{
    Field, Kind, Shape, Str, Value,
    shape::{Bound, FloatRange, Union},
};

#[track_caller]
fn makes(template: &Template, target: &Shape, wanted: &str) {
    let mapping =
        Mapping::compile(template, target, &scope()).unwrap_or_else(|reports| panic!("{}", told(&reports)));
    assert_eq!(format!("{:?}", mapping.run(&frame()).unwrap()), wanted);
}

#[track_caller]
fn reports(template: &Template, target: &Shape, wanted: &str) {
    match Mapping::compile(template, target, &scope()) {
        Ok(_) => panic!("it is accepted"),
        Err(reports) => assert_eq!(told(&reports), wanted),
    }
}

/// A target record with one field.
fn target(shape: Shape) -> Shape {
    Shape::record(vec![Field::required("x", shape)])
}

fn optional_target(shape: Shape) -> Shape {
    Shape::record(vec![Field::optional("x", shape)])
}

fn x(text: &str) -> Template {
    record([("x", expression(text))])
}

#[test]
fn fields_come_in_the_order_of_the_contract() {
    let target = Shape::record(vec![
        Field::required("carrier", Shape::string()),
        Field::optional("gate", Shape::string()),
        Field::required("number", Shape::INT),
    ]);
    let template = record([
        ("number", expression("row.number")),
        ("gate", expression("row.?gate")),
        ("carrier", expression("row.carrier")),
    ]);
    makes(&template, &target, r#"{carrier: "UA", number: 1545}"#);
}

#[test]
fn every_required_field_is_set_and_none_is_unknown() {
    let target = Shape::record(vec![
        Field::required("carrier", Shape::string()),
        Field::required("number", Shape::INT),
        with_default("class", Shape::string(), Value::from("economy")),
    ]);
    reports(
        &record([("carier", expression("row.carrier"))]),
        &target,
        "M0102 1 the target has no field `carier`; write `carrier`\n\
         M0101 1 the required field `carrier` is not set; add `carrier:` with an expression for text\n\
         M0101 1 the required field `number` is not set; add `number:` with an expression for integer",
    );
}

#[test]
fn a_field_that_is_left_out_gets_its_default() {
    let target = Shape::record(vec![
        with_default("class", Shape::string(), Value::from("economy")),
        with_default("gate", Shape::string(), Value::from("none")),
        Field::optional("tail", Shape::string()),
    ]);
    makes(&record([("gate", expression("row.gate"))]), &target, r#"{class: "economy", gate: "none"}"#);
}

#[test]
fn what_may_be_absent_is_left_out_only_where_that_is_allowed() {
    for text in
        ["row.gate", "row.?gate", "row.tail", "row.?tail", "plane.?model", "has(row.gate) ? row.gate : null"]
    {
        makes(&x(text), &optional_target(Shape::string()), "{}");
    }
    makes(&x("row.tail"), &optional_target(Shape::string().nullable()), "{x: null}");
    makes(&x("row.tail"), &target(Shape::string().nullable()), "{x: null}");
    let hint = "write `row.?gate.orValue(\"\")`, or test it: `\"has(row.gate) ? ... : ...\"`";
    reports(&x("row.gate"), &target(Shape::string()), &format!("M0006 1 `row.gate` may be absent; {hint}"));
    reports(
        &x("row.?gate"),
        &target(Shape::string()),
        "M0006 1 `row.?gate` is optional and may have no value; write `row.?gate.orValue(\"\")`",
    );
    reports(
        &x("row.tail"),
        &target(Shape::string()),
        "M0006 1 `row.tail` may be null; write `row.?tail.orValue(\"\")`, or test it: `\"has(row.tail) ? ... : ...\"`",
    );
    reports(
        &x("null"),
        &target(Shape::INT),
        "M0103 1 `x` takes an integer, and `null` is none; write a value, or leave the field out where it is not required",
    );
    makes(&x("late"), &optional_target(Shape::INT), "{}");
}

#[test]
fn integers_widen_and_everything_else_is_named() {
    makes(&x("row.miles"), &target(Shape::FLOAT), "{x: 1400.0}");
    makes(&x("row.miles"), &target(Shape::DECIMAL), "{x: 1400}");
    makes(&x("any.a"), &target(Shape::FLOAT), "{x: 1.0}");
    for (text, shape, wanted) in [
        (
            "row.hours",
            Shape::INT,
            "M0103 1 `x` takes an integer, and `row.hours` is a number; write `int(math.round(row.hours))`",
        ),
        (
            "row.miles",
            Shape::string(),
            "M0103 1 `x` takes text, and `row.miles` is an integer; write `string(row.miles)`",
        ),
        (
            "row.carrier",
            Shape::TIMESTAMP,
            "M0103 1 `x` takes a timestamp, and `row.carrier` is text; write `timestamp(row.carrier)`",
        ),
        (
            "row.carrier",
            Shape::DATE,
            "M0103 1 `x` takes a date, and `row.carrier` is text; write `date(row.carrier)`",
        ),
        (
            "row.carrier",
            Shape::UUID,
            "M0103 1 `x` takes a uuid, and `row.carrier` is text; write `uuid(row.carrier)`",
        ),
        (
            "row.at",
            Shape::DATE,
            "M0103 1 `x` takes a date, and `row.at` is a timestamp; write `date(row.at, \"UTC\")`",
        ),
        (
            "row.carrier",
            Shape::list(Shape::string()),
            "M0103 1 `x` takes a list of text, and `row.carrier` is text; write `[row.carrier]`",
        ),
        (
            "row.tags",
            Shape::list(Shape::INT),
            "M0103 1 `x[]` takes an integer, and `row.tags[]` is text; make the list with `each`, and convert its items",
        ),
    ] {
        reports(&x(text), &target(shape), wanted);
    }
}

#[test]
fn a_stated_bound_has_to_lie_within_the_target() {
    makes(&x("row.number"), &target(int(0, 10_000)), "{x: 1545}");
    makes(&x("row.miles"), &target(int(0, 10)), "{x: 1400}");
    makes(&x("math.least(row.number, 59)"), &target(int(1, 59)), "{x: 59}");
    makes(&x("row.number % 60"), &target(int(0, 59)), "{x: 45}");
    makes(&x("row.miles > 5 ? 1 : 0"), &target(int(0, 1)), "{x: 1}");
    reports(
        &x("row.dep"),
        &target(int(0, 59)),
        "M0103 1 `x` takes an integer from 0 to 59, and `row.dep` is an integer from 0 to 2400; bound it with `math.least` and `math.greatest`, or correct the contract",
    );
    reports(
        &x("-1"),
        &target(int(0, 59)),
        "M0103 1 `x` takes an integer from 0 to 59, and `-1` is an integer of value -1; bound it with `math.least` and `math.greatest`, or correct the contract",
    );
}

#[test]
fn an_enum_gets_only_its_values() {
    let status = target(one_of(&["departed", "cancelled"]));
    makes(&x("has(row.delay) ? 'departed' : 'cancelled'"), &status, r#"{x: "cancelled"}"#);
    reports(
        &x("has(row.delay) ? 'departed' : 'canceled'"),
        &status,
        "M0103 1 `x` takes one of \"departed\", \"cancelled\", and `has(row.delay) ? 'departed' : 'canceled'` can be \"canceled\"; write \"cancelled\"",
    );
    reports(
        &x("row.carrier"),
        &status,
        "M0103 1 `x` takes one of \"departed\", \"cancelled\", and `row.carrier` is text; choose among constants: `row.carrier == \"...\" ? \"departed\" : ...`",
    );
    makes(&x("row.class"), &target(one_of(&["business", "economy", "first"])), r#"{x: "economy"}"#);
    makes(&x("row.class"), &target(Shape::string()), r#"{x: "economy"}"#);
    reports(
        &x("row.class"),
        &target(one_of(&["economy"])),
        "M0103 1 `x` takes \"economy\", and `row.class` can be \"business\"; use \"economy\"",
    );
}

#[test]
fn constants_are_checked_and_converted_at_once() {
    makes(
        &record([("x", constant("2013-01-01T00:00:00Z"))]),
        &target(Shape::TIMESTAMP),
        "{x: 2013-01-01T00:00:00Z}",
    );
    makes(&record([("x", constant(1))]), &target(Shape::FLOAT), "{x: 1.0}");
    makes(&record([("x", constant("PT5M"))]), &target(Shape::DURATION), "{x: PT5M}");
    makes(&record([("x", constant("5m"))]), &target(Shape::DURATION), "{x: PT5M}");
    makes(&record([("x", constant("P1M"))]), &target(Shape::PERIOD), "{x: P1M}");
    let local = "2013-01-01T10:00:00";
    makes(&record([("x", constant(local))]), &target(Shape::LOCAL_DATE_TIME), "{x: 2013-01-01T10:00:00}");
    makes(&record([("x", constant("departed"))]), &target(one_of(&["departed"])), r#"{x: "departed"}"#);
    reports(
        &record([("x", constant("departd"))]),
        &target(one_of(&["departed"])),
        "M0103 1 \"departd\" is not one of \"departed\"; write `departed`",
    );
    reports(
        &record([("x", constant("soon"))]),
        &target(Shape::TIMESTAMP),
        "M0103 1 \"soon\" is not a timestamp such as \"2013-01-31T17:30:00Z\"; write it in that form",
    );
    reports(
        &record([("x", constant("a"))]),
        &target(Shape::INT),
        "M0103 1 expected an integer, found \"a\"; write a value of that kind, or correct the contract",
    );
    reports(
        &record([("x", constant(5))]),
        &target(int(0, 3)),
        "M0103 1 5 is outside of the range of the field; write a value that the contract allows, or correct the contract",
    );
    let few = Shape::of(Kind::Float(FloatRange {
        max: Some(Bound::new("10".parse().unwrap(), true)),
        ..FloatRange::default()
    }));
    reports(
        &record([("x", constant(10))]),
        &target(few),
        "M0103 1 10.0 is outside of the range of the field; write a value that the contract allows, or correct the contract",
    );
}

#[test]
fn records_nest_and_lists_are_made_with_each() {
    let line =
        Shape::record(vec![Field::required("from", Shape::string()), Field::optional("seats", Shape::INT)]);
    let target = Shape::record(vec![
        Field::required("flight", Shape::record(vec![Field::required("no", Shape::INT)])),
        Field::required("legs", Shape::list(line)),
    ]);
    let template = record([
        ("flight", record([("no", expression("row.number"))])),
        (
            "legs",
            each(
                "row.legs",
                "leg",
                record([("from", expression("row.carrier + leg.from")), ("seats", expression("leg.?seats"))]),
            ),
        ),
    ]);
    makes(&template, &target, r#"{flight: {no: 1545}, legs: [{from: "UAEWR"}, {from: "UAIAH"}]}"#);
    let wrong = record([
        ("flight", record([("number", expression("row.number"))])),
        ("legs", each("row.carrier", "leg", record([("from", expression("1"))]))),
    ]);
    reports(
        &wrong,
        &target,
        "M0102 1 `flight` has no field `number`; remove it, or add the field to the contract\n\
         M0101 1 the required field `no` of `flight` is not set; add `no:` with an expression for integer\n\
         M0103 1 `each` goes over a list, and `row.carrier` is text; name a list, or write `[row.carrier]` for a list of one",
    );
}

#[test]
fn a_whole_record_is_compared_field_by_field() {
    let leg =
        Shape::record(vec![Field::required("from", Shape::string()), Field::optional("seats", Shape::FLOAT)]);
    makes(&x("row.legs"), &target(Shape::list(leg)), r#"{x: [{from: "EWR"}, {from: "IAH"}]}"#);
    let stricter =
        Shape::record(vec![Field::required("from", Shape::INT), Field::required("seats", Shape::INT)]);
    reports(
        &x("row.legs[0]"),
        &target(stricter),
        "M0103 1 `x.from` takes an integer, and `row.legs[0].from` is text; write `int(row.legs[0].from)`\n\
         M0103 1 `row.legs[0].seats` for `x` may be absent, and the target requires it; set the fields one by one",
    );
    reports(
        &x("row.legs[0]"),
        &target(Shape::record(vec![Field::required("from", Shape::string())])),
        "M0102 1 `row.legs[0].seats` for `x` is a field that the target does not have; set the fields one by one",
    );
    let either = "row.miles > 5 ? {'from': 'EWR'} : {'from': 'JFK'}";
    makes(
        &x(either),
        &target(Shape::record(vec![Field::required("from", one_of(&["EWR", "JFK"]))])),
        r#"{x: {from: "EWR"}}"#,
    );
    reports(
        &x(either),
        &target(Shape::record(vec![Field::required("from", Shape::INT)])),
        "M0103 1 `x.from` takes an integer, and `row.miles > 5 ? {'from': 'EWR'} : {'from': 'JFK'}.from` is one of \"EWR\", \"JFK\"; convert the field where it is made",
    );
    makes(&x("{'from': row.carrier}"), &target(Shape::map(Shape::string())), r#"{x: {from: "UA"}}"#);
    assert!(Mapping::compile(&expression("row"), &row(), &scope()).is_ok());
}

#[test]
fn a_record_is_one_of_a_union() {
    let variant = |tag: &str, field: &str| {
        Shape::record(vec![Field::required("kind", one_of(&[tag])), Field::required(field, Shape::INT)])
    };
    let union = |tag: Option<Str>| {
        let variants =
            vec![("car".into(), variant("car", "wheels")), ("boat".into(), variant("boat", "sails"))];
        Shape::of(Kind::Union(Arc::new(Union { tag, variants })))
    };
    let boat = record([("kind", constant("boat")), ("sails", expression("row.miles"))]);
    makes(&boat, &union(Some("kind".into())), r#"{kind: "boat", sails: 1400}"#);
    makes(&boat, &union(None), r#"{kind: "boat", sails: 1400}"#);
    let wrong = record([("kind", constant("boat")), ("wheels", expression("1"))]);
    reports(
        &wrong,
        &union(Some("kind".into())),
        "M0102 1 the target has no field `wheels`; remove it, or add the field to the contract\n\
         M0101 1 the required field `sails` is not set; add `sails:` with an expression for integer",
    );
}

#[test]
fn an_open_target_takes_more_fields() {
    let target = open(vec![Field::required("a", Shape::INT)]);
    let template =
        record([("b", expression("row.gate")), ("c", expression("row.carrier")), ("a", expression("1"))]);
    makes(&template, &target, r#"{a: 1, c: "UA"}"#);
}

#[test]
fn a_failure_names_its_path_in_the_target() {
    let target = target(Shape::list(Shape::record(vec![Field::required("n", Shape::INT)])));
    let template = record([("x", each("row.legs", "leg", record([("n", expression("int(leg.from)"))])))]);
    let mapping = Mapping::compile(&template, &target, &scope()).unwrap();
    let report = mapping.run(&frame()).unwrap_err();
    assert_eq!(report.to_string(), "flows.yaml:1:1: [M0007] \"EWR\" is not an integer (at /x/0/n)");
}

#[test]
fn lineage_leads_from_each_field_to_its_sources() {
    let target = open(vec![]);
    let template = record([
        ("a", expression("row.carrier + string(row.number)")),
        ("b", constant("x")),
        ("c", each("row.legs", "leg", record([("d", expression("leg.from + row.carrier"))]))),
    ]);
    let mapping = Mapping::compile(&template, &target, &scope()).unwrap();
    let lines: Vec<String> = mapping
        .lineage()
        .iter()
        .map(|line| {
            let sources: Vec<_> = line.sources.iter().map(ToString::to_string).collect();
            format!("{} <- {}", line.target, sources.join(" "))
        })
        .collect();
    assert_eq!(
        lines,
        ["a <- row.carrier row.number", "b <- ", "c <- row.legs", "c[].d <- row.legs[].from row.carrier"]
    );
}

#[test]
fn lineage_tells_the_clock_and_ids_from_constants() {
    let template = record([
        ("a", expression("string(now()) + row.carrier")),
        ("b", expression("row.dep > 0 ? [uuid(), uuid7(row.at)] : []")),
        ("c", expression("uuid('6ba7b810-9dad-11d1-80b4-00c04fd430c8')")),
        ("d", each("[now()]", "at", expression("at"))),
        ("e", each("row.legs.filter(leg, leg.from != '')", "leg", record([("f", expression("leg.?seats"))]))),
        ("g", each("row.tags.map(tag, tag + row.carrier)", "tag", expression("tag"))),
    ]);
    let mapping = Mapping::compile(&template, &open(vec![]), &scope()).unwrap();
    let lines: Vec<String> = mapping
        .lineage()
        .iter()
        .map(|line| {
            let sources: Vec<_> = line.sources.iter().map(ToString::to_string).collect();
            format!("{} <- {} {:?}", line.target, sources.join(" "), line.origins)
        })
        .collect();
    let expected = [
        "a <- row.carrier [Clock]",
        "b <- row.dep row.at [Drawn]",
        "c <-  []",
        "d <-  [Clock]",
        "d[] <-  [Clock]",
        "e <- row.legs[].from []",
        "e[].f <- row.legs[].seats []",
        "g <- row.tags[] row.carrier []",
        "g[] <- row.tags[] row.carrier []",
    ];
    assert_eq!(lines, expected);
}

#[test]
fn the_scope_may_be_shorter_than_the_frame() {
    let scope = Scope::new().with("a", Type::of(Shape::INT));
    let template = record([("x", each("[1, 2]", "n", expression("n + a")))]);
    let mapping = Mapping::compile(&template, &target(Shape::list(Shape::INT)), &scope).unwrap();
    let frame = Frame::new(vec![Value::Int(10), Value::Int(20), Value::Null], jiff::Timestamp::UNIX_EPOCH);
    assert_eq!(format!("{:?}", mapping.run(&frame).unwrap()), "{x: [11, 12]}");
}
