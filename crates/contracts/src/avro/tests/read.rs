//! Schemas that are read, and those that are refused.

use tenon_model::{Kind, Shape, Value};

use super::schema;
use crate::{
    avro::{Avro, read_file},
    format::{Definition, Format, NoFiles, Source},
    json::{Decoder, to_string},
};

fn definition(text: &str) -> Definition {
    let source = Source { file: "order/1.avsc", text, files: &NoFiles };
    Avro.read(&source).unwrap_or_else(|reports| panic!("{text}: {reports:?}")).into_only().unwrap()
}

const ORDER: &str = r#"{
  "type": "record", "name": "Order", "namespace": "shop", "doc": "What was bought.", "aliases": ["Purchase"],
  "fields": [
    {"name": "id", "type": {"type": "string", "logicalType": "uuid"}, "doc": "Of the shop."},
    {"name": "price", "type": {"type": "bytes", "logicalType": "decimal", "precision": 6, "scale": 2}},
    {"name": "placed", "type": {"type": "long", "logicalType": "timestamp-millis"}, "order": "descending"},
    {"name": "state", "type": {"type": "enum", "name": "State", "symbols": ["OPEN", "DONE"]}, "default": "OPEN"},
    {"name": "hash", "type": {"type": "fixed", "name": "util.Md5", "size": 16}},
    {"name": "notes", "type": {"type": "map", "values": "string"}, "default": {}},
    {"name": "parent", "type": ["null", "Order"], "default": null},
    {"name": "last", "type": ["null", "State", "int"], "default": 7}
  ]}"#;

#[test]
fn a_schema_becomes_a_shape() {
    let order = definition(ORDER);
    assert_eq!((order.name.as_str(), order.doc.as_deref()), ("shop.Order", Some("What was bought.")));
    let Kind::Named(named) = &order.shape.kind else { panic!("{:?}", order.shape) };
    assert_eq!(named.about().aliases, ["shop.Purchase"]);
    let field = |name: &str| order.shape.field(name).unwrap();
    assert_eq!(field("id").shape, Shape::UUID);
    assert_eq!(field("placed").shape, Shape::TIMESTAMP);
    assert!(field("parent").shape.allows_null());
    assert_eq!(field("parent").stand_in(), Some(&Value::Null));
    assert_eq!(field("last").default, Some(Value::Int(7)));
    assert!(field("price").required && !field("state").required);
    let Kind::Named(state) = &field("state").shape.kind else { panic!() };
    assert_eq!(state.about().members[1].number, Some(1));
}

#[test]
fn data_in_json_follows_the_shape() {
    let decoder = Decoder::new(&definition(ORDER).shape).unwrap();
    let json = r#"{"id":"6ba7b810-9dad-11d1-80b4-00c04fd430c8","price":12.50,"placed":"2013-01-01T10:00:00Z","hash":"AAAAAAAAAAAAAAAAAAAAAA=="}"#;
    let value = decoder.decode(json.as_bytes()).unwrap();
    let shown = to_string(&value);
    assert!(
        shown.ends_with(
            r#""state":"OPEN","hash":"AAAAAAAAAAAAAAAAAAAAAA==","notes":{},"parent":null,"last":7}"#
        ),
        "{shown}"
    );
    let bad = json.replace("12.50", "12.505");
    assert!(decoder.decode(bad.as_bytes()).is_err());
}

#[test]
fn the_canonical_form_has_what_data_is_read_by() {
    let canonical = schema(ORDER).canonical();
    let expected = concat!(
        r#"{"name":"shop.Order","type":"record","fields":[{"name":"id","type":"string"},{"name":"price","type":"bytes"},"#,
        r#"{"name":"placed","type":"long"},{"name":"state","type":{"name":"shop.State","type":"enum","symbols":["OPEN","DONE"]}},"#,
        r#"{"name":"hash","type":{"name":"util.Md5","type":"fixed","size":16}},{"name":"notes","type":{"type":"map","values":"string"}},"#,
        r#"{"name":"parent","type":["null","shop.Order"]},{"name":"last","type":["null","shop.State","int"]}]}"#
    );
    assert_eq!(canonical, expected);
    // Whatever has the same canonical form has the same fingerprints, and the form is its own.
    assert_eq!(schema(&canonical).canonical(), canonical);
    assert_eq!(schema(&canonical).rabin(), schema(ORDER).rabin());
    assert_eq!(schema(&canonical).sha256(), schema(ORDER).sha256());
}

#[test]
fn a_schema_is_printed_as_what_it_is() {
    let order = schema(ORDER);
    let printed = schema(&order.to_json().to_string());
    assert_eq!(printed.to_json(), order.to_json());
    assert_eq!(printed.shape().unwrap(), order.shape().unwrap());
}

#[test]
fn fingerprints_are_those_of_the_specification() {
    // Of Avro's test vectors for fingerprints (share/test/data/schema-tests.txt).
    let cases: &[(&str, i64)] = &[
        ("\"null\"", 7_195_948_357_588_979_594),
        ("\"boolean\"", -6_970_731_678_124_411_036),
        ("\"int\"", 8_247_732_601_305_521_295),
    ];
    for (text, expected) in cases {
        assert_eq!(schema(text).rabin().cast_signed(), *expected, "{text}");
    }
    assert_eq!(format!("{:02x?}", &schema("\"int\"").sha256()[..4]), "[3f, 2b, 87, a9]");
}

#[test]
fn the_types_of_a_protocol_are_read() {
    let text = r#"{"protocol": "P", "namespace": "n", "types": [
        {"type": "enum", "name": "Kind", "symbols": ["A"]},
        {"type": "record", "name": "Thing", "fields": [{"name": "kind", "type": "Kind"}]}],
        "messages": {"get": {"request": [], "response": "Thing"}}}"#;
    let read = Avro.read(&Source { file: "thing/1.avpr", text, files: &NoFiles }).unwrap();
    assert_eq!(read.of_name("thing").unwrap().name, "n.Thing");
    assert_eq!(read.operations.len(), 1);
}

/// A code, a line and a column.
type Problem = (&'static str, u32, u32);

/// The problems of a schema, with their places.
fn problems(text: &str) -> Vec<Problem> {
    let reports = read_file("a.avsc", text).map(|_| text).unwrap_err();
    let place =
        |report: &tenon_errors::Report| report.places().first().map_or((0, 0), |it| (it.line, it.column));
    reports.iter().map(|report| (report.code().id, place(report).0, place(report).1)).collect()
}

#[test]
fn what_is_not_valid_is_told_with_its_place() {
    let record =
        |fields: &str| format!("{{\"type\": \"record\", \"name\": \"R\", \"fields\": [\n{fields}]}}");
    let cases: Vec<(String, Vec<Problem>)> = vec![
        ("\"strin\"".into(), vec![("C0001", 1, 1)]),
        ("5".into(), vec![("C0001", 1, 1)]),
        ("{}".into(), vec![("C0001", 1, 1)]),
        ("[\"int\", \"int\"]".into(), vec![("C0001", 1, 9)]),
        ("[\"int\", [\"null\"]]".into(), vec![("C0001", 1, 9)]),
        (record("{\"name\": \"1a\", \"type\": \"int\"}"), vec![("C0001", 2, 10)]),
        (record("{\"name\": \"a\"}, {\"type\": \"int\"}"), vec![("C0001", 2, 1), ("C0001", 2, 16)]),
        (record("{\"name\": \"a\", \"type\": \"int\"}, {\"name\": \"a\", \"type\": \"int\"}"), vec![("C0001", 2, 40)]),
        (record("{\"name\": \"a\", \"type\": \"int\", \"default\": \"x\"}"), vec![("C0006", 2, 41)]),
        (record("{\"name\": \"a\", \"type\": \"int\", \"default\": 3000000000}"), vec![("C0006", 2, 41)]),
        (record("{\"name\": \"a\", \"type\": [\"int\", \"null\"], \"default\": true}"), vec![("C0006", 2, 51)]),
        (record("{\"name\": \"a\", \"type\": \"int\", \"order\": \"up\"}"), vec![("C0001", 2, 39)]),
        (record("{\"name\": \"a\", \"type\": \"R\"}"), vec![("C0001", 0, 0)]),
        ("{\"type\": \"enum\", \"name\": \"E\", \"symbols\": [\"A\", \"A\", \"b-c\"]}".into(), vec![("C0001", 1, 48), ("C0001", 1, 53)]),
        ("{\"type\": \"enum\", \"name\": \"E\", \"symbols\": [\"A\"], \"default\": \"B\"}".into(), vec![("C0001", 1, 60)]),
        ("{\"type\": \"fixed\", \"name\": \"F\", \"size\": -1}".into(), vec![("C0001", 1, 40)]),
        ("{\"type\": \"fixed\", \"name\": \"int\", \"size\": 1}".into(), vec![("C0001", 1, 27)]),
        ("[{\"type\": \"fixed\", \"name\": \"F\", \"size\": 1}, {\"type\": \"fixed\", \"name\": \"F\", \"size\": 1}]".into(), vec![("C0001", 1, 71)]),
    ];
    for (text, expected) in cases {
        assert_eq!(problems(&text), expected, "{text}");
    }
}

#[test]
fn what_says_nothing_is_noted() {
    let notes = |text: &str| read_file("a.avsc", text).unwrap().notes.len();
    assert_eq!(notes(r#"{"type": "string", "logicalType": "date"}"#), 1);
    assert_eq!(notes(r#"{"type": "bytes", "logicalType": "decimal", "scale": 2}"#), 1);
    assert_eq!(
        notes(r#"{"type": "fixed", "name": "F", "size": 2, "logicalType": "decimal", "precision": 5}"#),
        1
    );
    assert_eq!(notes(r#"{"type": "string", "maxLength": 5}"#), 1);
    assert_eq!(notes(r#"{"type": "string", "avro.java.string": "String"}"#), 0);
}

#[test]
fn the_messages_of_a_protocol_are_operations() {
    let text = r#"{"protocol": "Orders", "namespace": "shop", "types": [
        {"type": "record", "name": "Order", "fields": [{"name": "id", "type": "int"}]},
        {"type": "error", "name": "Late", "doc": "Too late.", "fields": [{"name": "by", "type": "long"}]}],
      "messages": {
        "place": {"doc": "Places it.", "request": [{"name": "order", "type": "Order"}, {"name": "fast", "type": "boolean", "default": false}],
          "response": "int", "errors": ["Late"]},
        "ping": {"request": [], "response": "null", "one-way": true}}}"#;
    let read = Avro.read(&Source { file: "orders/1.avpr", text, files: &NoFiles }).unwrap();
    let [place, ping] = &read.operations[..] else { panic!("there are two operations") };
    assert_eq!((place.name.as_str(), place.doc.as_deref()), ("shop.Orders.place", Some("Places it.")));
    let input = place.input.as_record().unwrap();
    assert!(input.field("order").unwrap().1.shape.as_record().is_some());
    assert_eq!(input.field("fast").unwrap().1.default, Some(Value::Bool(false)));
    let errors: Vec<_> = place.errors.iter().map(|it| (it.name.as_str(), it.doc.as_deref())).collect();
    assert_eq!(errors, [("shop.Late", Some("Too late.")), ("string", Some("What the system says."))]);
    assert_eq!((place.place.line, ping.errors.len()), (5, 0));
    for (message, part) in [
        (r#"{"request": [], "response": "int", "one-way": true}"#, "goes one way, and answers"),
        (r#"{"request": []}"#, "has no `response`"),
        (r#"{"response": "null"}"#, "no list `request`"),
        (r#"{"request": [], "response": "Nothing"}"#, "is not defined up to here"),
        ("7", "a message is an object"),
    ] {
        let text = format!(r#"{{"protocol": "P", "messages": {{"m": {message}}}}}"#);
        let reports = Avro.read(&Source { file: "p/1.avpr", text: &text, files: &NoFiles }).unwrap_err();
        assert!(reports.iter().any(|report| report.message().contains(part)), "{message}: {reports:?}");
    }
}
