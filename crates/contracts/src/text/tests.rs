//! What rows decode to, and what is said about those that do not.

use std::sync::Arc;

use tenon_errors::Report;
use tenon_model::{
    Field, Kind, Record, Sensitivity, Shape, Value,
    shape::{Text, Union},
};

use super::{
    Ragged, RowDecoder, RowRules,
    csv::{self, Cells, Dialect},
    scalar,
};
use crate::json::to_string;

fn shape() -> Shape {
    let mut unit = Field::optional("unit", Shape::string());
    unit.default = Some(Value::from("mi"));
    Shape::record(vec![
        Field::required("year", Shape::INT),
        Field::optional("delay", Shape::FLOAT),
        unit,
        Field::required("carrier", Shape::string()),
        Field::optional("at", Shape::TIMESTAMP),
        Field::optional("late", Shape::BOOL),
    ])
}

fn rules(absent: &[&str]) -> RowRules {
    RowRules { absent: absent.iter().map(|text| (*text).into()).collect(), ..RowRules::default() }
}

fn decode(decoder: &RowDecoder, cells: &[&str]) -> Result<Value, Report> {
    decoder.decode(cells.iter().map(|cell| cell.as_bytes()))
}

#[test]
fn cells_become_fields_in_the_order_of_the_contract() {
    let in_order =
        RowDecoder::new(&shape(), &["year", "delay", "carrier", "at", "late"], &rules(&["NA"])).unwrap();
    let row = decode(&in_order, &[" 2013 ", "-1.5", "UA ", "2013-01-01T10:00:00Z", "1"]).unwrap();
    assert_eq!(
        to_string(&row),
        r#"{"year":2013,"delay":-1.5,"unit":"mi","carrier":"UA ","at":"2013-01-01T10:00:00Z","late":true}"#
    );
    let row = decode(&in_order, &["+02013", "NA", "UA", "", " NA "]).unwrap();
    assert_eq!(to_string(&row), r#"{"year":2013,"unit":"mi","carrier":"UA"}"#);

    let other_order = RowDecoder::new(&shape(), &["carrier", "unit", "year"], &rules(&["NA"])).unwrap();
    let row = decode(&other_order, &["UA", "km", "2013"]).unwrap();
    assert_eq!(to_string(&row), r#"{"year":2013,"unit":"km","carrier":"UA"}"#);
}

#[test]
fn an_open_contract_takes_other_columns_as_text() {
    let mut record = Record::new(vec![Field::required("id", Shape::INT)]);
    record.rest = Some(Shape::ANY);
    let decoder =
        RowDecoder::new(&Shape::of(Kind::Record(Arc::new(record))), &["note", "id"], &RowRules::default())
            .unwrap();
    assert_eq!(to_string(&decode(&decoder, &["7", "1"]).unwrap()), r#"{"id":1,"note":"7"}"#);
}

#[test]
fn every_problem_of_a_header_is_named() {
    let list = Field::optional("list", Shape::list(Shape::INT));
    let fields = shape().as_record().unwrap().fields().iter().cloned().chain([list]).collect();
    let reports =
        RowDecoder::new(&Shape::record(fields), &["yaer", "delay", "delay", "list"], &RowRules::default())
            .unwrap_err();
    let found: Vec<_> =
        reports.iter().map(|report| (report.code().id, report.message().to_owned())).collect();
    let expected = [
        "the contract has no field `yaer` for the column",
        "the column `delay` appears twice",
        "the column `list` is a list of integer, which a cell cannot hold",
        "the header has no column `year`, which the contract requires",
        "the header has no column `carrier`, which the contract requires",
    ];
    assert_eq!(found, expected.map(|message| ("D0203", message.to_owned())));
    assert_eq!(reports.iter().next().unwrap().advice(), Some("rename the column to `year`"));
}

#[test]
fn of_many_problems_of_a_header_the_first_are_named() {
    let fields = (0..300).map(|n| Field::required(format!("f{n}"), Shape::INT)).collect();
    let header: Vec<String> = (0..200).map(|n| format!("other column {n}")).collect();
    let header: Vec<&str> = header.iter().map(String::as_str).collect();
    let reports = RowDecoder::new(&Shape::record(fields), &header, &RowRules::default()).unwrap_err();
    let told: Vec<&str> = reports.iter().map(Report::message).collect();
    assert_eq!(told.len(), 18);
    assert_eq!(told[8], "something is wrong with 192 other columns");
    assert_eq!(told[17], "the same is true of 292 other columns");
}

#[test]
fn a_header_of_very_many_columns_is_refused() {
    let header = vec!["x"; 100_000];
    let reports = RowDecoder::new(&shape(), &header, &RowRules::default()).unwrap_err();
    assert_eq!(reports.len(), 1);
    assert!(reports.iter().all(|report| report.message().contains("at most 4096")));
}

#[test]
fn every_violation_of_a_row_is_named_with_its_column_and_value() {
    let mut shape = shape();
    if let Kind::Record(record) = &shape.kind {
        let mut fields = record.fields().to_vec();
        fields[3].sensitivity = Some(Sensitivity::Personal);
        fields[3].shape =
            Shape::of(Kind::String(Arc::new(Text { pattern: Some("^..$".into()), ..Text::default() })));
        shape = Shape::record(fields);
    }
    let decoder =
        RowDecoder::new(&shape, &["year", "delay", "carrier", "at", "late"], &RowRules::default()).unwrap();
    let report = decode(&decoder, &["", "1.5x", "secret", "1/1/2013", "yes"]).unwrap_err();
    let found: Vec<_> = report
        .details()
        .iter()
        .map(|detail| format!("{} {} {}", detail.code().id, detail.data_path().unwrap(), detail.message()))
        .collect();
    assert_eq!(
        found,
        [
            "D0002 /year the required field `year` is missing",
            "D0004 /delay expected number, found \"1.5x\"",
            "D0006 /carrier (hidden) does not match the pattern `^..$`",
            "D0006 /at \"1/1/2013\" is not a date-time such as 2013-01-01T10:00:00Z",
            "D0004 /late expected bool, found \"yes\"",
        ]
    );
}

#[test]
fn rows_of_the_wrong_length_or_encoding_are_refused() {
    let decoder = RowDecoder::new(&shape(), &["year", "carrier"], &RowRules::default()).unwrap();
    let report = decode(&decoder, &["2013", "UA", "x"]).unwrap_err();
    assert_eq!(
        (report.code().id, report.message()),
        ("D0202", "the row has 3 cells, and the header has 2 columns")
    );
    assert_eq!(decode(&decoder, &["2013"]).unwrap_err().code().id, "D0202");
    let report = decoder.decode([&b"2013"[..], b"U\xff"].into_iter()).unwrap_err();
    assert_eq!((report.code().id, report.data_path()), ("D0105", Some("/carrier")));
}

#[test]
fn single_texts_are_read_strictly() {
    let status = Shape::of(Kind::Enum(Arc::from([Value::from("new"), Value::Int(2), Value::Bool(true)])));
    let good = [
        ("-0042", Shape::INT, "-42"),
        ("9223372036854775807", Shape::INT, "9223372036854775807"),
        ("1e3", Shape::FLOAT, "1000.0"),
        ("12.340", Shape::DECIMAL, "12.340"),
        ("false", Shape::BOOL, "false"),
        (" 2013-01-01 ", Shape::DATE, "\"2013-01-01\""),
        (" a ", Shape::string(), "\" a \""),
        ("007", Shape::ANY, "\"007\""),
        ("new", status.clone(), "\"new\""),
        ("2.0", status.clone(), "2"),
        ("true", status.clone(), "true"),
    ];
    for (text, shape, expected) in good {
        assert_eq!(to_string(&scalar(text, &shape).unwrap()), expected, "{text:?}");
    }
    let days = Shape::of(Kind::Enum(Arc::from([Value::Date("2013-01-01".parse().unwrap())])));
    assert_eq!(to_string(&scalar("2013-01-01", &days).unwrap()), "\"2013-01-01\"");
    let bad = [
        ("5.0", Shape::INT, "D0004"),
        ("", Shape::INT, "D0004"),
        ("-", Shape::INT, "D0004"),
        ("٣", Shape::INT, "D0004"),
        ("18446744073709551616", Shape::INT, "D0005"),
        (&"9".repeat(100), Shape::INT, "D0005"),
        ("nan", Shape::FLOAT, "D0004"),
        ("inf", Shape::FLOAT, "D0004"),
        ("1e999", Shape::FLOAT, "D0005"),
        ("0000-12-31", Shape::DATE, "D0005"),
        ("1.", Shape::FLOAT, "D0004"),
        ("1e999999999", Shape::DECIMAL, "D0005"),
        ("TRUE", Shape::BOOL, "D0004"),
        ("old", status, "D0005"),
        ("[1]", Shape::list(Shape::INT), "D0004"),
    ];
    for (text, shape, code) in bad {
        assert_eq!(scalar(text, &shape).unwrap_err().code().id, code, "{text:?}");
    }
}

fn any_of(variants: Vec<Shape>) -> Shape {
    let variants = variants.into_iter().map(|shape| (shape.name().into(), shape)).collect();
    Shape::of(Kind::Union(Arc::new(Union { tag: None, variants })))
}

fn members(values: &[Value]) -> Shape {
    Shape::of(Kind::Enum(Arc::from(values)))
}

#[test]
fn of_alternatives_the_one_counts_that_is_written_as_the_text_is_whatever_their_order() {
    let text = Shape::string;
    let coded = Shape::of(Kind::String(Arc::new(Text { pattern: Some("^X".into()), ..Text::default() })));
    type Cells<'a> = &'a [(&'a str, &'a str)];
    let cases: &[(&[Shape], Cells<'_>)] = &[
        (
            &[Shape::INT, text()],
            &[
                ("501", "501"),
                ("-7", "-7"),
                ("00501", "\"00501\""),
                ("+1", "\"+1\""),
                ("-0", "\"-0\""),
                (" 1 ", "\" 1 \""),
                ("1e3", "\"1e3\""),
                ("1.0", "\"1.0\""),
                ("18446744073709551616", "\"18446744073709551616\""),
                ("", "\"\""),
            ],
        ),
        (&[Shape::BOOL, Shape::FLOAT], &[("1", "1.0"), ("0", "0.0"), ("true", "true"), ("01", "1.0")]),
        (&[Shape::BOOL, Shape::INT], &[("1", "1"), ("0", "0"), (" 1 ", "1"), ("false", "false")]),
        (&[Shape::BOOL, text()], &[("1", "\"1\""), ("true", "true"), ("TRUE", "\"TRUE\"")]),
        (
            &[Shape::FLOAT, text()],
            &[
                ("1.5", "1.5"),
                ("2", "2.0"),
                ("1.10", "\"1.10\""),
                (".5", "\".5\""),
                ("12345678901234567.89", "\"12345678901234567.89\""),
            ],
        ),
        (&[Shape::DECIMAL, text()], &[("1.10", "1.10"), ("+1.10", "\"+1.10\""), ("01.10", "\"01.10\"")]),
        (&[Shape::INT, Shape::DECIMAL, Shape::FLOAT], &[("7", "7"), ("1.10", "1.10"), ("+7", "7")]),
        (
            &[Shape::DATE, text()],
            &[
                ("2013-01-01", "\"2013-01-01\""),
                ("2013-1-1", "\"2013-1-1\""),
                (" 2013-01-01", "\" 2013-01-01\""),
            ],
        ),
        (&[Shape::TIMESTAMP, text()], &[("2013-01-01T00:00:00+01:00", "\"2013-01-01T00:00:00+01:00\"")]),
        (&[members(&["auto".into()]), Shape::INT], &[("auto", "\"auto\""), ("007", "7")]),
        (
            &[members(&[Value::Int(1), Value::Int(2)]), text()],
            &[("1", "1"), ("01", "\"01\""), ("3", "\"3\"")],
        ),
        (&[Shape::INT, coded], &[("00501", "501"), ("X1", "\"X1\"")]),
        (&[Shape::BOOL, any_of(vec![Shape::FLOAT, text()])], &[("1", "1.0"), ("yes", "\"yes\"")]),
    ];
    for (variants, texts) in cases {
        let mut backwards = variants.to_vec();
        backwards.reverse();
        for shape in [any_of(variants.to_vec()), any_of(backwards)] {
            for (text, expected) in *texts {
                let found = scalar(text, &shape).unwrap();
                assert_eq!(to_string(&found), *expected, "{text:?} as {}", shape.name());
            }
        }
    }
    let date = scalar("2013-01-01", &any_of(vec![text(), Shape::DATE])).unwrap();
    assert!(matches!(date, Value::Date(_)), "{date:?}");
    assert_eq!(scalar("1", &members(&["1".into(), Value::Int(1)])).unwrap(), Value::Int(1));
    assert_eq!(scalar(" 1", &members(&["1".into(), Value::Int(2)])).unwrap(), Value::from("1"));
    assert_eq!(scalar("x", &any_of(vec![Shape::INT, Shape::BOOL])).unwrap_err().code().id, "D0004");
}

/// The values of the cells of a row, or the code of what is wrong with it.
fn row(shape: &Shape, header: &[&str], rules: &RowRules, row: &str) -> String {
    let decoder = RowDecoder::new(shape, header, rules).unwrap();
    let mut cells = Cells::default();
    let cells = csv::split(&mut cells, row.as_bytes(), Dialect::default()).unwrap();
    decoder.decode(cells).map_or_else(|report| report.code().id.to_owned(), |value| to_string(&value))
}

#[test]
fn quoted_cells_are_values_unless_the_rules_say_otherwise() {
    let shape = Shape::record(vec![
        Field::optional("a", Shape::string()),
        Field::optional("b", any_of(vec![Shape::INT, Shape::string()])),
        Field::optional("n", Shape::INT),
    ]);
    let check = |rules: &RowRules, text: &str, expected: &str| {
        assert_eq!(row(&shape, &["a", "b", "n"], rules, text), expected, "{text}");
    };
    let (strict, lenient) = (rules(&["NA"]), RowRules { quoted_absent: true, ..rules(&["NA"]) });
    check(&strict, "NA,,", "{}");
    check(&strict, "\"NA\",\"\",", r#"{"a":"NA","b":""}"#);
    check(&strict, "\"\",\"00501\",\"7\"", r#"{"a":"","b":"00501","n":7}"#);
    check(&strict, "x,y,\"\"", "D0001");
    check(&lenient, "\"NA\",\"\",\"\"", "{}");
}

#[test]
fn ragged_rows_are_refused_padded_or_cut_as_the_rules_say() {
    let shape = Shape::record(vec![Field::required("a", Shape::INT), Field::optional("b", Shape::INT)]);
    for (ragged, expected) in [
        (Ragged::Refuse, ["D0202", r#"{"a":1,"b":2}"#, "D0202", "D0001"]),
        (Ragged::Pad, [r#"{"a":1}"#, r#"{"a":1,"b":2}"#, "D0202", "D0001"]),
        (Ragged::Truncate, ["D0202", r#"{"a":1,"b":2}"#, r#"{"a":1,"b":2}"#, "D0001"]),
        (Ragged::Fit, [r#"{"a":1}"#, r#"{"a":1,"b":2}"#, r#"{"a":1,"b":2}"#, "D0001"]),
    ] {
        let rules = RowRules { ragged, ..RowRules::default() };
        let found = ["1", "1,2", "1,2,3", ",2"].map(|text| row(&shape, &["a", "b"], &rules, text));
        assert_eq!(found, expected, "{ragged:?}");
    }
    // Where the columns are in another order than the fields.
    let rules = RowRules { ragged: Ragged::Pad, ..RowRules::default() };
    assert_eq!(row(&shape, &["b", "a"], &rules, "2"), "D0001");
    assert_eq!(row(&shape, &["b", "a"], &rules, "2,1"), r#"{"a":1,"b":2}"#);
}

#[test]
fn a_row_has_its_required_cells_and_as_many_fields_as_its_contract_asks_for() {
    let mut unit = Field::required("unit", Shape::string());
    unit.default = Some(Value::from("mi"));
    let mut record =
        Record::new(vec![unit, Field::optional("a", Shape::INT), Field::optional("b", Shape::INT)]);
    record.length.min = Some(2);
    let shape = Shape::of(Kind::Record(Arc::new(record)));
    let decoder = RowDecoder::new(&shape, &["unit", "a", "b"], &rules(&[])).unwrap();
    assert_eq!(to_string(&decode(&decoder, &["km", "1", ""]).unwrap()), r#"{"unit":"km","a":1}"#);
    let absent = decode(&decoder, &["", "1", "2"]).unwrap_err();
    assert_eq!(absent.details()[0].code().id, "D0002");
    let few = decode(&decoder, &["km", "", ""]).unwrap_err();
    assert_eq!(few.details()[0].code().id, "D0005");
}
