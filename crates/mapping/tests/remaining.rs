//! `...`: what is copied of a record, and what is told of what cannot be.

#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests")]

mod common;

use std::sync::Arc;

use common::{each, expression, int, open, place, record, told, with_default};
use tenon_mapping::{Frame, Inline, Located, Mapping, Remaining, Scope, Source, Template, Type};
use tenon_model::{Field, Kind, Record, Shape, Value, shape::Union};

/// The fields of `template`, and the others copied from `from` but for those in `without`.
fn copying<const N: usize>(fields: [(&str, Template); N], from: &str, without: &[&str]) -> Template {
    let Template::Record { fields, place, .. } = record(fields) else { panic!("no record") };
    let without = without.iter().map(|name| Located::new((*name).into(), self::place())).collect();
    let from = Source::new(from, Inline::new("flows.yaml", from));
    Template::Record { fields, remaining: Some(Remaining { from, without }), place }
}

fn address() -> Shape {
    Shape::record(vec![Field::required("city", Shape::string()), Field::optional("zip", Shape::string())])
}

fn order() -> Shape {
    Shape::record(vec![
        Field::required("id", int(1, 1_000)),
        Field::required("price", Shape::INT),
        Field::optional("note", Shape::string()),
        Field::optional("rank", Shape::INT.nullable()),
        Field::required("ship to", address()),
        Field::required("lines", Shape::list(address())),
    ])
}

fn loose() -> Shape {
    open(vec![Field::required("id", Shape::INT), Field::optional("note", Shape::string())])
}

fn scope() -> Scope {
    Scope::new()
        .with("order", Type::of(order()))
        .with("loose", Type::of(loose()))
        .with("absent", Type::optional(order()))
        .with("any", Type::of(Shape::ANY))
}

fn frame() -> Frame {
    let at = || Value::record([("city", Value::from("Ulm"))]);
    let order = Value::record([
        ("id", Value::Int(7)),
        ("price", Value::Int(5)),
        ("rank", Value::Null),
        ("ship to", at()),
        ("lines", Value::list(vec![at()])),
    ]);
    let loose = Value::record([
        ("id", Value::Int(8)),
        ("x", Value::Int(1)),
        ("y", Value::from("z")),
        ("price", Value::Int(9)),
    ]);
    Frame::new(vec![order, loose, Value::Null, Value::Null], jiff::Timestamp::UNIX_EPOCH)
}

#[track_caller]
fn compiled(template: &Template, target: &Shape) -> Mapping {
    Mapping::compile(template, target, &scope()).unwrap_or_else(|reports| panic!("{}", told(&reports)))
}

#[track_caller]
fn makes(template: &Template, target: &Shape, wanted: &str) {
    assert_eq!(format!("{:?}", compiled(template, target).run(&frame()).unwrap()), wanted);
}

#[track_caller]
fn reports(template: &Template, target: &Shape, wanted: &str) {
    match Mapping::compile(template, target, &scope()) {
        Ok(_) => panic!("it is accepted"),
        Err(reports) => assert_eq!(told(&reports), wanted),
    }
}

#[test]
fn a_field_that_is_null_is_copied_as_null_where_the_target_takes_it() {
    let ranked = |shape: Shape| {
        let fields = vec![Field::required("id", Shape::INT), with_default("rank", shape, Value::Int(3))];
        (copying([], "order", &["price", "note", "ship to", "lines"]), Shape::record(fields))
    };
    let (template, target) = ranked(Shape::INT.nullable());
    makes(&template, &target, "{id: 7, rank: null}");
    let (template, target) = ranked(Shape::INT);
    makes(&template, &target, "{id: 7, rank: 3}");
}

#[test]
fn fields_that_are_not_set_are_copied_and_converted_as_if_they_were_written_out() {
    let target = Shape::record(vec![
        Field::required("lines", Shape::list(address())),
        Field::optional("note", Shape::string()),
        Field::required("total", Shape::INT),
        with_default("rank", Shape::INT, Value::Int(3)),
        Field::required("price", Shape::DECIMAL),
        Field::required("id", Shape::string()),
        Field::optional("ship to", open(vec![])),
        Field::optional("other", Shape::BOOL),
    ]);
    let template = copying(
        [("total", expression("order.price * 2")), ("id", expression("string(order.id)"))],
        "order",
        &[],
    );
    makes(
        &template,
        &target,
        r#"{lines: [{city: "Ulm"}], total: 10, rank: 3, price: 5, id: "7", ship to: {city: "Ulm"}}"#,
    );
    let lineage: Vec<String> = compiled(&template, &target)
        .lineage()
        .iter()
        .map(|line| {
            let sources: Vec<_> = line.sources.iter().map(ToString::to_string).collect();
            format!("{} < {} ({})", line.target, sources.join(", "), line.text)
        })
        .collect();
    assert_eq!(
        lineage,
        [
            "total < order.price (order.price * 2)",
            "id < order.id (string(order.id))",
            "price < order.price (order.price)",
            "note < order.note (order.note)",
            "rank < order.rank (order.rank)",
            "ship to < order.ship to (order[\"ship to\"])",
            "lines < order.lines (order.lines)",
        ]
    );
}

#[test]
fn a_field_that_the_target_does_not_have_is_named_until_it_is_left_out() {
    let target = Shape::record(vec![Field::required("id", Shape::INT), Field::required("price", Shape::INT)]);
    let all = "`order` has fields that the target does not have: `note`, `rank`, `ship to`, `lines`";
    let hint = "leave out what is not wanted: `...: { copy: order, without: [note, rank, ship to, lines] }`";
    reports(&copying([], "order", &[]), &target, &format!("M0102 1 {all}; {hint}"));
    let one = "`order` has a field `lines`, which the target does not have";
    let hint = "leave out what is not wanted: `...: { copy: order, without: [note, rank, ship to, lines] }`";
    reports(&copying([], "order", &["note", "rank", "ship to"]), &target, &format!("M0102 1 {one}; {hint}"));
    makes(&copying([], "order", &["note", "rank", "ship to", "lines"]), &target, "{id: 7, price: 5}");
}

#[test]
fn what_does_not_fit_is_told_as_of_each_field() {
    let target = Shape::record(vec![
        Field::required("id", Shape::string()),
        Field::required("price", int(1, 5)),
        Field::required("note", Shape::string()),
        Field::required("rank", Shape::INT),
        Field::required("more", Shape::INT),
    ]);
    reports(
        &copying([], "order", &["ship to", "lines"]),
        &target,
        "M0103 1 `id` takes text, and `order.id` is an integer; set `id`: write `string(order.id)`\n\
         M0006 1 `order.note` may be absent; set `note`: write `order.?note.orValue(\"\")`, or test it: `\"has(order.note) ? ... : ...\"`\n\
         M0006 1 `order.rank` may be absent; set `rank`: write `order.?rank.orValue(0)`, or test it: `\"has(order.rank) ? ... : ...\"`\n\
         M0006 1 `order.rank` may be null; set `rank`: write `order.?rank.orValue(0)`, or test it: `\"has(order.rank) ? ... : ...\"`\n\
         M0101 1 the required field `more` is not set; add `more:` with an expression for integer",
    );
}

#[test]
fn only_a_record_by_its_name_is_copied_from() {
    let target = open(vec![]);
    let check = |from: &str, wanted: &str| reports(&copying([], from, &[]), &target, wanted);
    check(
        "any",
        "M0103 1 `...` copies the fields of a record, and `any` is anything; set the fields one by one",
    );
    check(
        "order.id",
        "M0103 1 `...` copies the fields of a record, and `order.id` is integer; set the fields one by one",
    );
    check(
        "ordr",
        "M0002 1 `ordr` is not defined here; write `order`, or `{ value: ordr }` for a constant text",
    );
    check(
        "order.id > 3 ? order : order",
        "M0103 1 `...` copies the fields of a message or of a record in it, and this is computed; give it a name with `let`",
    );
    check("absent", "M0006 1 `absent` is optional and may have no value; write `absent.orValue(...)`");
    makes(&copying([], "order[\"ship to\"]", &[]), &address(), r#"{city: "Ulm"}"#);
}

#[test]
fn what_is_left_out_has_to_be_there() {
    let target = open(vec![Field::required("id", Shape::INT)]);
    let check = |without: &[&str], wanted: &str| {
        reports(&copying([("id", expression("1"))], "order", without), &target, wanted);
    };
    check(&["nte"], "M0003 1 `order` has no field `nte` to be left out; write `note`");
    check(
        &["id"],
        "M0003 1 `id` is set, so it is not copied and need not be left out; remove it from `without`",
    );
    check(&["..."], "M0003 1 `order` has no other fields than those of its contract; remove `...`");
}

#[test]
fn what_a_contract_does_not_list_is_copied_where_the_target_takes_it_and_told_where_not() {
    let closed = Shape::record(vec![Field::required("id", Shape::INT), Field::optional("price", Shape::INT)]);
    reports(
        &copying([], "loose", &["note"]),
        &closed,
        "M0102 1 `loose` may have fields that its contract does not list, and the target takes none; leave out what is not wanted: `...: { copy: loose, without: [note, ...] }`",
    );
    reports(
        &copying([], "loose", &[]),
        &closed,
        "M0102 1 `loose` has a field `note`, which the target does not have; and it may have others that its contract does not list; leave out what is not wanted: `...: { copy: loose, without: [note, ...] }`",
    );
    makes(&copying([], "loose", &["note", "..."]), &closed, "{id: 8}");
    // A target that is open takes them; what it lists itself comes first, and what is set is not overwritten.
    let target = open(vec![Field::required("id", Shape::INT), Field::optional("price", Shape::DECIMAL)]);
    makes(&copying([], "loose", &[]), &target, r#"{id: 8, price: 9, x: 1, y: "z"}"#);
    makes(
        &copying([("x", expression("true"))], "loose", &[]),
        &target,
        r#"{id: 8, price: 9, x: true, y: "z"}"#,
    );
    makes(&copying([], "loose", &["..."]), &target, "{id: 8}");
    makes(&copying([], "loose", &[]), &Shape::ANY, r#"{id: 8, x: 1, y: "z", price: 9}"#);
    makes(&copying([], "order", &["ship to", "lines", "rank"]), &Shape::map(Shape::ANY), "{id: 7, price: 5}");
    let mut texts = Record::new(vec![Field::required("id", Shape::INT)]);
    texts.rest = Some(Shape::string());
    let texts = Shape::of(Kind::Record(Arc::new(texts)));
    let mapping = Mapping::compile(&copying([], "loose", &[]), &texts, &scope());
    assert!(mapping.is_ok(), "only a value can show what is not described");
}

#[test]
fn records_in_lists_and_alternatives_copy_as_well() {
    let target = Shape::record(vec![Field::required(
        "lines",
        Shape::list(Shape::record(vec![
            Field::required("town", Shape::string()),
            Field::optional("zip", Shape::string()),
        ])),
    )]);
    let line = copying([("town", expression("line.city"))], "line", &["city"]);
    makes(&record([("lines", each("order.lines", "line", line))]), &target, r#"{lines: [{town: "Ulm"}]}"#);
    let variants = vec![
        ("a".into(), Shape::record(vec![Field::required("id", Shape::string())])),
        ("b".into(), address()),
    ];
    let union = Shape::of(Kind::Union(Arc::new(Union { tag: None, variants })));
    makes(&copying([], "order[\"ship to\"]", &[]), &union, r#"{city: "Ulm"}"#);
}
