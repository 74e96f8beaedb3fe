//! What the decoder accepts and what it says about the rest.

use std::sync::Arc;

use tenon_errors::Report;
use tenon_model::{
    Decimal, Field, Format, Kind, Record, Sensitivity, Shape, Str, Types, Value,
    shape::{FloatRange, IntRange, Length, Text, Union},
};

use super::{Decoder, Limits, to_string};

fn decode(shape: &Shape, json: &str) -> Result<Value, Report> {
    Decoder::new(shape).unwrap().decode(json.as_bytes())
}

/// The codes, paths and messages of the details, or of the report itself.
fn problems(shape: &Shape, json: &str) -> Vec<(&'static str, String, String)> {
    let report = decode(shape, json).unwrap_err();
    let each = |report: &Report| {
        (report.code().id, report.data_path().unwrap_or_default().to_owned(), report.message().to_owned())
    };
    if report.details().is_empty() {
        vec![each(&report)]
    } else {
        report.details().iter().map(each).collect()
    }
}

/// That `json` has exactly these problems: code, path and a part of the message.
fn check(shape: &Shape, json: &str, expected: &[(&str, &str, &str)]) {
    let found = problems(shape, json);
    assert_eq!(found.len(), expected.len(), "{json}: {found:?}");
    for ((code, path, message), expected) in found.iter().zip(expected) {
        assert_eq!((*code, path.as_str()), (expected.0, expected.1), "{json}: {message}");
        assert!(message.contains(expected.2), "{json}: {message:?} does not contain {:?}", expected.2);
    }
}

fn text(length: Length, pattern: Option<&str>, format: Option<Format>) -> Shape {
    Shape::of(Kind::String(Arc::new(Text { length, pattern: pattern.map(Str::new), format })))
}

fn int(min: i128, max: i128) -> Shape {
    Shape::of(Kind::Int(IntRange { min: Some(min), max: Some(max), multiple_of: None }))
}

fn enumeration(values: &[&str]) -> Shape {
    Shape::of(Kind::Enum(values.iter().map(|value| Value::from(*value)).collect()))
}

fn union(tag: Option<&str>, variants: Vec<(&str, Shape)>) -> Shape {
    let variants = variants.into_iter().map(|(name, shape)| (Str::new(name), shape)).collect();
    Shape::of(Kind::Union(Arc::new(Union { tag: tag.map(Str::new), variants })))
}

fn open(fields: Vec<Field>) -> Shape {
    let mut record = Record::new(fields);
    record.rest = Some(Shape::ANY);
    Shape::of(Kind::Record(Arc::new(record)))
}

fn tree() -> Shape {
    let named = Types::default().declare("tree");
    let node = Shape::record(vec![
        Field::required("name", Shape::string()),
        Field::optional("children", Shape::list(Shape::of(Kind::Named(named.clone())))),
    ]);
    named.define(&node);
    node
}

/// An integer whose contract asks for more than 63 bits.
fn unsigned() -> Shape {
    Shape::of(Kind::Int(IntRange { min: Some(0), max: Some(u64::MAX.into()), multiple_of: None }))
}

#[test]
fn an_integer_has_a_sign_and_64_bits_unless_its_contract_asks_for_more() {
    for text in ["9223372036854775808", "-9223372036854775809"] {
        assert_eq!(decode(&Shape::INT, text).unwrap_err().code().id, "D0001", "{text}");
    }
    assert_eq!(decode(&Shape::INT, "-9223372036854775808").unwrap(), Value::Int(i64::MIN));
}

#[test]
fn each_kind_is_decoded_into_its_value() {
    let decimal = |text: &str| Value::from(text.parse::<Decimal>().unwrap());
    let cases = [
        (Shape::BOOL, "true", Value::Bool(true)),
        (Shape::INT, "-7", Value::Int(-7)),
        (Shape::INT, "1.0", Value::Int(1)),
        (Shape::INT, "12e2", Value::Int(1200)),
        (unsigned(), "18446744073709551615", Value::Uint(u64::MAX)),
        (Shape::FLOAT, "5", Value::Float(5.0)),
        (Shape::FLOAT, "-1.5e3", Value::Float(-1500.0)),
        (Shape::FLOAT, "9007199254740992", Value::Float(9_007_199_254_740_992.0)),
        (Shape::FLOAT, "100000000000000000000", Value::Float(1e20)),
        (Shape::FLOAT, "0.30000000000000004", Value::Float(0.1 + 0.2)),
        (Shape::FLOAT, "0.1000000000000000000000", Value::Float(0.1)),
        (Shape::FLOAT, "5e-324", Value::Float(5e-324)),
        (Shape::DECIMAL, "0.30000000000000000001", decimal("0.30000000000000000001")),
        (text(Length::default(), None, Some(Format::Decimal)), "\"12.50\"", Value::from("12.50")),
        (Shape::string(), "\"a\\u00e9\\ud83d\\udeeb\\n\\/\"", Value::from("aé🛫\n/")),
        (Shape::BYTES, "\"aGk=\"", Value::Bytes(Arc::from(&b"hi"[..]))),
        (
            Shape::TIMESTAMP,
            "\"2013-01-01T10:00:00Z\"",
            Value::Timestamp("2013-01-01T10:00:00Z".parse().unwrap()),
        ),
        (Shape::DATE, "\"2013-01-01\"", Value::Date("2013-01-01".parse().unwrap())),
        (Shape::TIME, "\"10:00:00\"", Value::Time("10:00:00".parse().unwrap())),
        (Shape::DURATION, "\"PT90M\"", Value::Duration("PT90M".parse().unwrap())),
        (
            Shape::UUID,
            "\"123e4567-e89b-12d3-a456-426614174000\"",
            Value::Uuid("123e4567-e89b-12d3-a456-426614174000".parse().unwrap()),
        ),
        (enumeration(&["a", "b"]), "\"b\"", Value::from("b")),
        (Shape::INT.nullable(), "null", Value::Null),
        (Shape::list(Shape::INT), " [ 1 , 2 ] ", Value::list(vec![Value::Int(1), Value::Int(2)])),
        (Shape::map(Shape::INT), "{\"a\":1}", Value::record([("a", Value::Int(1))])),
        (Shape::ANY, "[null,{}]", Value::list(vec![Value::Null, Value::record::<&str>([])])),
    ];
    for (shape, json, expected) in cases {
        assert_eq!(decode(&shape, json).unwrap(), expected, "{json}");
    }
}

#[test]
fn each_kind_refuses_what_is_of_another() {
    let cases = [
        (Shape::BOOL, "1", "D0004", "expected bool, found 1"),
        (Shape::INT, "\"5\"", "D0004", "expected integer, found \"5\""),
        (Shape::INT, "1.5", "D0004", "expected integer, found 1.5"),
        (Shape::INT, "null", "D0004", "expected integer, found null"),
        (Shape::INT, "18446744073709551616", "D0005", "does not fit into a 64-bit integer"),
        (Shape::INT, "1e30", "D0005", "does not fit into a 64-bit integer"),
        (Shape::FLOAT, "[1]", "D0004", "expected number, found a list"),
        (Shape::string(), "{\"a\":[1]}", "D0004", "expected text, found an object"),
        (Shape::BYTES, "\"?\"", "D0006", "\"?\" is not base64"),
        (Shape::TIMESTAMP, "\"yesterday\"", "D0006", "\"yesterday\" is not a date-time"),
        (Shape::DATE, "\"2013-02-30\"", "D0006", "\"2013-02-30\" is not a date"),
        (Shape::TIME, "\"25:00:00\"", "D0006", "is not a time"),
        (Shape::DURATION, "\"P1M\"", "D0006", "is an exact length"),
        (Shape::DURATION, "\"P1Y2M3DT1H\"", "D0006", "is an exact length"),
        (Shape::DURATION, "\"PT1.1234567891S\"", "D0006", "more than nine decimal places"),
        (Shape::TIMESTAMP, "\"2013-01-01T10:00:00.1234567891Z\"", "D0006", "more than nine decimal places"),
        (Shape::TIMESTAMP, "\"2013-01-01T10:00:60Z\"", "D0006", "a leap second can only be"),
        (Shape::DATE, "\"0000-12-31\"", "D0005", "outside the range of dates, 0001-01-01 to 9999-12-31"),
        (Shape::DATE, "\"2013-02-29\"", "D0006", "is not a date such as 2013-01-01"),
        (Shape::TIME, "\"10:00:00+01:00\"", "D0006", "the format `time`"),
        (text(Length::default(), None, Some(Format::Time)), "\"10:00:00\"", "D0006", "`time-local`"),
        (Shape::FLOAT, "9007199254740993", "D0106", "would become 9007199254740992.0"),
        (Shape::FLOAT, "12345678901234567.89", "D0106", "the format `decimal`"),
        (Shape::FLOAT, "0.1000000000000000055", "D0106", "more digits than a double keeps"),
        (Shape::FLOAT, "1e-400", "D0106", "too close to zero for a double"),
        (Shape::UUID, "\"{123e4567-e89b-12d3-a456-426614174000}\"", "D0006", "is not a UUID"),
        (Shape::DECIMAL, "\"12.50\"", "D0004", "expected decimal, found \"12.50\""),
        (text(Length::default(), None, Some(Format::Decimal)), "\".5\"", "D0006", "is not a valid `decimal`"),
        (text(Length::default(), None, Some(Format::Decimal)), "12.50", "D0004", "expected text"),
        (enumeration(&["a", "b"]), "\"c\"", "D0005", "\"c\" is not one of \"a\", \"b\""),
        (enumeration(&["a", "b"]), "1", "D0005", "1 is not one of"),
        (Shape::list(Shape::INT), "{}", "D0004", "expected list of integer, found an object"),
    ];
    for (shape, json, code, message) in cases {
        check(&shape, json, &[(code, "", message)]);
    }
}

#[test]
fn a_double_that_is_written_with_all_its_digits_is_kept() {
    let decoder = Decoder::new(&Shape::FLOAT).unwrap();
    for text in [
        "48.053808600000004",
        "-122.90254470000001",
        "0.10000000000000001",
        "0.1000000000000000055511151231257827",
    ] {
        assert_eq!(decoder.decode(text.as_bytes()).unwrap(), Value::Float(text.parse().unwrap()), "{text}");
    }
}

#[test]
fn constraints_are_checked() {
    let length = Length { min: Some(2), max: Some(3) };
    let float = |range| Shape::of(Kind::Float(range));
    let decimal = |text: &str| text.parse::<Decimal>().unwrap();
    let bound = |value, exclusive| Some(tenon_model::shape::Bound::new(decimal(value), exclusive));
    let list = |length, unique| {
        Shape::of(Kind::List(Arc::new(tenon_model::shape::List { item: Shape::ANY, length, unique })))
    };
    let tenth =
        FloatRange { min: None, max: None, multiple_of: Some(Arc::new(decimal("0.1"))), ..FloatRange::ANY };
    let cases = [
        (text(length, None, None), "\"日本\"", None),
        (text(length, None, None), "\"日\"", Some("has 1 character, and at least 2 are required")),
        (text(length, None, None), "\"abcd\"", Some("has 4 characters, and at most 3 are allowed")),
        (text(Length::default(), Some("^[A-Z]{2}$"), None), "\"UA\"", None),
        (
            text(Length::default(), Some("^[A-Z]{2}$"), None),
            "\"ua\"",
            Some("does not match the pattern `^[A-Z]{2}$`"),
        ),
        (text(Length::default(), None, Some(Format::Email)), "\"a@b.c\"", None),
        (text(Length::default(), None, Some(Format::Email)), "\"a\"", Some("is not a valid `email`")),
        (int(1, 12), "12", None),
        (int(1, 12), "13", Some("13 is greater than the maximum of 12")),
        (int(1, 12), "0", Some("0 is less than the minimum of 1")),
        (
            Shape::of(Kind::Int(IntRange { multiple_of: Some(5), ..IntRange::default() })),
            "7",
            Some("is not a multiple of 5"),
        ),
        (
            float(FloatRange { min: bound("0", true), ..FloatRange::default() }),
            "0",
            Some("is not greater than 0"),
        ),
        (float(FloatRange { max: bound("1.5", false), ..FloatRange::default() }), "1.5", None),
        (
            float(FloatRange { max: bound("1.5", false), ..FloatRange::default() }),
            "1.6",
            Some("greater than the maximum of 1.5"),
        ),
        (float(tenth.clone()), "0.3", None),
        (float(tenth), "0.35", Some("is not a multiple of 0.1")),
        (list(length, false), "[1]", Some("the list has 1 item")),
        (list(Length::default(), true), "[1,2]", None),
        (Shape::of(Kind::Bytes(length)), "\"aGVsbG8=\"", Some("has 5 bytes")),
    ];
    for (shape, json, expected) in cases {
        match expected {
            None => assert!(decode(&shape, json).is_ok(), "{json}"),
            Some(message) => {
                assert!(
                    problems(&shape, json)[0].2.contains(message),
                    "{json}: {:?}",
                    problems(&shape, json)
                );
            }
        }
    }
    check(
        &list(Length::default(), true),
        "[1,{\"a\":1},1.0]",
        &[("D0005", "/2", "1.0 repeats the item at /0, and no two may be equal")],
    );
}

#[test]
fn a_record_has_its_fields_in_the_order_of_the_contract_with_defaults_filled_in() {
    let mut unit = Field::optional("unit", Shape::string());
    unit.default = Some(Value::from("km"));
    let shape = open(vec![Field::required("a", Shape::INT), unit, Field::optional("b", Shape::INT)]);
    let value = decode(&shape, r#"{"z":1,"b":2,"y":null,"a":3}"#).unwrap();
    assert_eq!(to_string(&value), r#"{"a":3,"unit":"km","b":2,"z":1,"y":null}"#);
}

#[test]
fn every_violation_is_named_with_its_path() {
    let line =
        Shape::record(vec![Field::required("price", Shape::FLOAT), Field::required("sku", Shape::string())]);
    let shape = Shape::record(vec![
        Field::required("id", Shape::INT),
        Field::required("lines", Shape::list(line)),
        Field::optional("a/b~c", Shape::BOOL),
    ]);
    check(
        &shape,
        r#"{"lines":[{"price":"x","sku":"s"},{"pric":1,"sku":2}],"a/b~c":0}"#,
        &[
            ("D0004", "/lines/0/price", "expected number, found \"x\""),
            ("D0003", "/lines/1/pric", "the contract has no field `pric`"),
            ("D0004", "/lines/1/sku", "expected text, found 2"),
            ("D0002", "/lines/1/price", "the required field `price` is missing"),
            ("D0004", "/a~1b~0c", "expected bool, found 0"),
            ("D0002", "/id", "the required field `id` is missing"),
        ],
    );
    let report = decode(&shape, r#"{"idd":1,"id":1,"lines":[]}"#).unwrap_err();
    assert_eq!(report.details()[0].advice(), Some("use `id`, the nearest field of the contract"));
}

#[test]
fn at_most_twenty_violations_are_told_and_the_others_counted() {
    let json = format!("[{}0]", "\"x\",".repeat(1_000));
    let report = decode(&Shape::list(Shape::INT), &json).unwrap_err();
    assert_eq!(report.code().id, "D0001");
    assert_eq!(report.details().len(), 20);
    assert!(report.message().contains("1000 places"), "{}", report.message());
}

#[test]
fn sensitive_content_never_appears_in_messages() {
    let mut card = Field::required("card", Shape::record(vec![Field::required("number", int(0, 9))]));
    card.sensitivity = Some(Sensitivity::Secret);
    let mut name = Field::required("name", enumeration(&["x"]));
    name.sensitivity = Some(Sensitivity::Personal);
    let mut either = Field::optional(
        "either",
        union(
            None,
            vec![
                ("a", int(0, 1)),
                ("b", Shape::of(Kind::Int(IntRange { min: Some(5), max: Some(6), multiple_of: None }))),
            ],
        ),
    );
    either.sensitivity = Some(Sensitivity::Secret);
    let shape = Shape::record(vec![card, name, either]);
    for json in [
        r#"{"card":{"number":4242},"name":"x"}"#,
        r#"{"card":{"number":"4242"},"name":"x"}"#,
        r#"{"card":{"number":42.42e1},"name":"4242"}"#,
        r#"{"card":4242,"name":4242}"#,
        r#"{"card":{"number":4242e99999999999999999999},"name":"x"}"#,
        r#"{"card":{"number":1},"name":"x","either":4242}"#,
    ] {
        let report = decode(&shape, json).unwrap_err();
        assert!(!report.to_string().contains("42"), "{report}");
    }
}

#[test]
fn what_is_not_json_ends_at_its_line_and_column() {
    let cases = [
        ("", "expected a value, found the end at line 1, column 1"),
        ("{", "expected a field name in quotes, found the end at line 1, column 2"),
        ("{\"a\" 1}", "expected `:`, found `1` at line 1, column 6"),
        ("{\"a\":1,}", "expected a field name in quotes, found `}` at line 1, column 8"),
        ("[1 2]", "expected `,` or `]`, found `2` at line 1, column 4"),
        ("[1,]", "expected a value, found `]` at line 1, column 4"),
        ("[1,\n \"é\" x]", "expected `,` or `]`, found `x` at line 2, column 6"),
        ("tru", "expected `true`, found the end at line 1, column 4"),
        ("nulL", "expected `null`, found `L` at line 1, column 4"),
        ("01", "expected a number, found `1` at line 1, column 2"),
        ("1.", "expected a number, found the end at line 1, column 3"),
        ("+1", "expected a value, found `+`"),
        ("NaN", "expected a value, found `N`"),
        ("'a'", "expected a value, found `'`"),
        ("\"a", "expected `\"`, found the end"),
        ("\"a\nb\"", "an unescaped control character in text at line 1, column 3"),
        ("\"\\x\"", "expected an escape such as `\\n`, found `x`"),
        ("\"\\ud800\"", "half of a surrogate pair is alone at line 1, column 2"),
        ("\"\\udc00\\ud800\"", "half of a surrogate pair"),
        ("\"\\ud800\\u0041\"", "half of a surrogate pair"),
        ("\"\\u00g0\"", "expected a hexadecimal digit, found `g`"),
        ("1 1", "expected the end, found `1` at line 1, column 3"),
        ("\u{feff}1", "expected a value, found `\\u{feff}`"),
        ("// c\n1", "expected a value, found `/`"),
    ];
    for (json, message) in cases {
        for shape in [Shape::ANY, Shape::list(Shape::INT), tree()] {
            let report = decode(&shape, json).unwrap_err();
            assert_eq!(report.code().id, "D0101", "{json:?}: {report}");
            assert!(report.message().contains(message), "{json:?}: {report}");
        }
    }
}

#[test]
fn a_field_that_stands_twice_is_refused_wherever_it_is() {
    let closed = Shape::record(vec![Field::required("a", Shape::INT)]);
    let cases = [
        (Shape::ANY, "[{\"a\":1,\"a\":1}]", "/0/a"),
        (closed.clone(), "{\"a\":1,\"\\u0061\":1}", "/a"),
        (closed, "{\"a\":1,\"b\":1,\"b\":1}", "/b"),
        (open(vec![]), "{\"b\":1,\"b\":1}", "/b"),
        (Shape::map(Shape::INT), "{\"b\":1,\"b\":1}", "/b"),
    ];
    for (shape, json, path) in cases {
        check(&shape, json, &[("D0102", path, "appears twice")]);
    }
}

#[test]
fn nesting_beyond_the_limit_is_refused_without_following_it() {
    let deep = "[".repeat(100_000) + &"]".repeat(100_000);
    let objects = "{\"name\":\"x\",\"children\":[".repeat(50_000);
    let tagged = union(Some("t"), vec![("a", open(vec![Field::required("t", enumeration(&["a"]))]))]);
    for (shape, json) in [
        (Shape::ANY, &deep),
        (Shape::INT, &deep),
        (tree(), &objects),
        (tagged, &format!("{{\"x\":{deep}")),
        (union(None, vec![("a", Shape::list(Shape::INT)), ("b", Shape::list(Shape::ANY))]), &deep),
    ] {
        check(&shape, json, &[("D0103", "", "more than 64 levels")]);
    }
    let just = "[".repeat(64) + &"]".repeat(64);
    assert!(decode(&Shape::ANY, &just).is_ok());
    check(&Shape::ANY, &format!("[{just}]"), &[("D0103", "", "levels")]);
}

#[test]
fn size_encoding_and_number_limits_hold() {
    let small = Decoder::open().with_limits(Limits { bytes: 4, depth: 64 });
    assert_eq!(small.decode(b"12345").unwrap_err().code().id, "D0104");
    let report = Decoder::open().decode(b"\"a\xff\"").unwrap_err();
    assert_eq!((report.code().id, report.message()), ("D0105", "byte 2 is 0xFF, which is not UTF-8"));
    let many = "9".repeat(200_000);
    for shape in [Shape::ANY, Shape::INT, Shape::FLOAT, Shape::DECIMAL] {
        check(&Shape::list(shape.clone()), &format!("[{many}]"), &[("D0106", "/0", "number")]);
        if shape != Shape::INT {
            check(&shape, "1e999999999", &[("D0106", "", "number")]);
        }
    }
    check(&Shape::INT, "1e999999999", &[("D0005", "", "does not fit into a 64-bit integer")]);
}

#[test]
fn a_tag_decides_the_variant_wherever_it_stands() {
    let circle = Shape::record(vec![
        Field::required("kind", enumeration(&["circle"])),
        Field::required("r", Shape::FLOAT),
    ]);
    let square = Shape::record(vec![
        Field::required("kind", enumeration(&["square"])),
        Field::required("a", Shape::FLOAT),
    ]);
    let shape = union(Some("kind"), vec![("circle", circle), ("square", square)]);
    assert_eq!(
        to_string(&decode(&shape, r#"{"a":2,"kind":"square"}"#).unwrap()),
        r#"{"kind":"square","a":2.0}"#
    );
    check(
        &shape,
        r#"{"kind":"circle","a":2}"#,
        &[("D0003", "/a", "no field `a`"), ("D0002", "/r", "missing")],
    );
    check(
        &shape,
        r#"{"kind":"oval"}"#,
        &[("D0005", "/kind", "\"oval\" is not one of \"circle\", \"square\"")],
    );
    check(&shape, r#"{"kind":1}"#, &[("D0004", "/kind", "expected one of")]);
    check(&shape, r#"{"a":{}}"#, &[("D0002", "/kind", "missing")]);
    check(&shape, "[]", &[("D0004", "", "found a list")]);
}

#[test]
fn untagged_variants_are_told_apart_by_kind_or_tried_in_order() {
    let shape =
        union(None, vec![("i", Shape::INT), ("n", Shape::FLOAT), ("t", Shape::DATE), ("s", Shape::string())]);
    assert_eq!(decode(&shape, "5").unwrap(), Value::Int(5));
    assert_eq!(decode(&shape, "5.5").unwrap(), Value::Float(5.5));
    assert_eq!(decode(&shape, "\"2013-01-01\"").unwrap(), Value::Date("2013-01-01".parse().unwrap()));
    assert_eq!(decode(&shape, "\"x\"").unwrap(), Value::from("x"));
    check(&shape, "true", &[("D0004", "", "expected integer or number or date or text, found true")]);
    let one = union(None, vec![("i", Shape::INT), ("l", Shape::list(Shape::INT))]);
    check(&one, "[1,\"x\"]", &[("D0004", "/1", "expected integer")]);
    let two = union(None, vec![("d", Shape::DATE), ("t", Shape::TIMESTAMP)]);
    check(&two, "\"x\"", &[("D0004", "", "not date because \"x\" is not a date")]);
}

#[test]
fn nested_alternatives_cannot_multiply_the_work() {
    // Each level has two alternatives that only differ at the innermost value: two to the power of sixty ways.
    let named = Types::default().declare("node");
    let inner = || Shape::of(Kind::Named(named.clone()));
    let variant = |last| Shape::record(vec![Field::optional("next", inner()), Field::optional("last", last)]);
    let node = union(None, vec![("a", variant(Shape::BOOL)), ("b", variant(Shape::INT))]);
    named.define(&node);
    let json = "{\"next\":".repeat(60) + "{\"last\":\"x\"}" + &"}".repeat(60);
    let report = decode(&node, &json).unwrap_err();
    assert!(["D0104", "D0001"].contains(&report.code().id), "{report}");
    assert!(decode(&node, "{\"next\":{\"last\":1}}").is_ok());
}

#[test]
fn a_member_keeps_the_digits_that_it_is_sent_with() {
    let decimal = |text: &str| Value::from(text.parse::<Decimal>().unwrap());
    let values: Arc<[Value]> = Arc::from([decimal("1.10"), decimal("2"), Value::from("x")]);
    let shape = Shape::of(Kind::Enum(values));
    for json in ["1.1", "1.100", "2.0", "\"x\""] {
        assert_eq!(to_string(&decode(&shape, json).unwrap()), json);
    }
    check(&shape, "1.11", &[("D0005", "", "is not")]);
}

/// So many records, each with a field that it alone has, and one that all have.
fn many(count: usize) -> Shape {
    let one = |at: usize| {
        let fields =
            vec![Field::required(format!("id{at}"), Shape::INT), Field::optional("note", Shape::string())];
        ("v", Shape::record(fields))
    };
    union(None, (0..count).map(one).collect())
}

#[test]
fn of_many_alternatives_those_are_tried_that_the_fields_allow() {
    let decoder = Decoder::new(&many(500)).unwrap();
    for json in [r#"{"id499": 1}"#, r#"{"note": "x", "id250": 1}"#] {
        let (read, bytes) = decoder.decode_counting(json.as_bytes());
        assert!(read.is_ok());
        assert!(bytes <= json.len() * 3, "{json}: {bytes} bytes");
    }
}

#[test]
fn of_many_alternatives_the_nearest_say_why_they_do_not_fit() {
    let shape = many(20);
    let reasons = "not object because expected integer, found \"x\"; not object because";
    check(&shape, r#"{"id17": "x"}"#, &[("D0004", "", reasons)]);
    check(&shape, r#"{"id17": "x"}"#, &[("D0004", "", "; and none of 12 more")]);
    check(
        &shape,
        r#"{"id17": 1, "other": 2}"#,
        &[("D0004", "", "object: not object because the contract has no field `other`")],
    );
    check(&shape, "{}", &[("D0004", "", "not object because the required field `id0` is missing")]);
}
