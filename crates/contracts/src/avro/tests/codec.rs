//! The encodings of data.

use std::sync::Arc;

use tenon_model::Value;

use super::{schema, value};
use crate::{
    avro::codec::{
        AvroCodec, Decoder, Encoder, JsonCodec, SingleObjects,
        container::{Compression, Reader, Writer},
    },
    format::Codec,
};

fn encoded(text: &str, value: &Value) -> Result<Vec<u8>, tenon_errors::Report> {
    let mut out = Vec::new();
    Encoder::new(schema(text)).encode(value, &mut out).map(|()| out)
}

/// The bytes of the value `json`, which come back.
fn check(text: &str, json: &str, expected: &[u8]) {
    let schema = schema(text);
    let value = value(&schema, json);
    assert_eq!(encoded(text, &value).unwrap(), expected, "{json} by {text}");
    assert_eq!(Decoder::new(&schema).unwrap().decode(expected).unwrap(), value, "{json} by {text}");
    let mut out = Vec::new();
    JsonCodec::new(schema).encode(&value, &mut out).unwrap();
    assert_eq!(String::from_utf8(out).unwrap(), json);
}

#[test]
fn values_have_the_bytes_of_the_specification() {
    for (n, expected) in [
        (0, &[0][..]),
        (-1, &[1]),
        (1, &[2]),
        (-64, &[0x7F]),
        (64, &[0x80, 1]),
        (i64::MAX, &[0xFE, 255, 255, 255, 255, 255, 255, 255, 255, 1]),
    ] {
        check("\"long\"", &n.to_string(), expected);
    }
    check("\"boolean\"", "true", &[1]);
    check("\"string\"", "\"foo\"", &[6, 0x66, 0x6F, 0x6F]);
    check("\"bytes\"", "\"\u{FF}\"", &[2, 0xFF]);
    check("\"float\"", "0.1", &0.1f32.to_le_bytes());
    check("\"double\"", "0.1", &0.1f64.to_le_bytes());
    check(r#"{"type": "array", "items": "long"}"#, "[3,27]", &[4, 6, 0x36, 0]);
    check(r#"{"type": "map", "values": "int"}"#, r#"{"a":1}"#, &[2, 2, 0x61, 2, 0]);
    check(r#"["null", "string"]"#, r#"{"string":"a"}"#, &[2, 2, 0x61]);
    check(r#"["null", "string"]"#, "null", &[0]);
    check(r#"{"type": "enum", "name": "E", "symbols": ["A", "B"]}"#, "\"B\"", &[2]);
    check(r#"{"type": "fixed", "name": "F", "size": 2}"#, "\"ab\"", b"ab");
    let record = r#"{"type": "record", "name": "test", "fields": [{"name": "a", "type": "long"}, {"name": "b", "type": "string"}]}"#;
    check(record, r#"{"a":27,"b":"foo"}"#, &[0x36, 6, 0x66, 0x6F, 0x6F]);
}

#[test]
fn logical_types_have_values_of_their_own() {
    let of = |form: &str, logical: &str| format!(r#"{{"type": "{form}", "logicalType": "{logical}"}}"#);
    let at = Value::Timestamp("1969-12-31T23:59:59.999Z".parse().unwrap());
    assert_eq!(encoded(&of("long", "timestamp-millis"), &at).unwrap(), [1]);
    assert_eq!(encoded(&of("int", "date"), &Value::Date("1970-01-02".parse().unwrap())).unwrap(), [2]);
    assert_eq!(
        encoded(&of("int", "time-millis"), &Value::Time("00:00:00.001".parse().unwrap())).unwrap(),
        [2]
    );
    let decimal = r#"{"type": "bytes", "logicalType": "decimal", "precision": 5, "scale": 2}"#;
    let number = |text: &str| Value::from(text.parse::<tenon_model::Decimal>().unwrap());
    for (text, bytes) in
        [("0", &[2, 0][..]), ("1.5", &[4, 0, 0x96]), ("-1", &[2, 0x9C]), ("-999.99", &[6, 0xFE, 0x79, 0x61])]
    {
        assert_eq!(encoded(decimal, &number(text)).unwrap(), bytes, "{text}");
        assert_eq!(Decoder::new(&schema(decimal)).unwrap().decode(bytes).unwrap(), number(text));
    }
    let fixed =
        r#"{"type": "fixed", "name": "F", "size": 4, "logicalType": "decimal", "precision": 5, "scale": 2}"#;
    assert_eq!(encoded(fixed, &number("-1")).unwrap(), [0xFF, 0xFF, 0xFF, 0x9C]);
    let id = Value::Uuid("6ba7b810-9dad-11d1-80b4-00c04fd430c8".parse().unwrap());
    assert_eq!(encoded(&of("string", "uuid"), &id).unwrap().len(), 37);
    let fixed = r#"{"type": "fixed", "name": "U", "size": 16, "logicalType": "uuid"}"#;
    assert_eq!(Decoder::new(&schema(fixed)).unwrap().decode(&encoded(fixed, &id).unwrap()).unwrap(), id);
}

#[test]
fn what_would_be_lost_is_refused_with_its_path() {
    let refused = |text: &str, value: &Value| {
        let report = encoded(text, value).unwrap_err();
        let detail = report.details().first().unwrap_or(&report).clone();
        (detail.code().id, detail.data_path().unwrap_or_default().to_owned())
    };
    let at = Value::Timestamp("2013-01-01T10:00:00.0001Z".parse().unwrap());
    assert_eq!(refused(r#"{"type": "long", "logicalType": "timestamp-millis"}"#, &at).0, "D0005");
    assert_eq!(refused("\"int\"", &Value::Int(1 << 40)).0, "D0005");
    assert_eq!(refused("\"float\"", &Value::Float(0.1 + 1e-15)).0, "D0005");
    let record = r#"{"type": "record", "name": "R", "fields": [
        {"name": "a", "type": {"type": "array", "items": "int"}}, {"name": "b", "type": ["null", "int"], "default": null}]}"#;
    let list = |item: Value| ("a", Value::list(vec![Value::Int(1), item]));
    assert_eq!(refused(record, &Value::record([list(Value::from("x"))])), ("D0004", "/a/1".into()));
    assert_eq!(refused(record, &Value::record([("b", Value::Null)])), ("D0002", "/a".into()));
    assert_eq!(
        refused(record, &Value::record([list(Value::Int(1)), ("c", Value::Null)])),
        ("D0003", "/c".into())
    );
    assert_eq!(
        refused(record, &Value::record([list(Value::Int(1)), ("b", Value::from("x"))])),
        ("D0004", "/b".into())
    );
    assert_eq!(
        encoded(record, &Value::record([list(Value::Int(1))])).unwrap(),
        [4, 2, 2, 0, 0],
        "a default is written"
    );
}

#[test]
fn the_first_branch_that_takes_a_value_writes_it() {
    let union = r#"["null", "int", "long", "double", {"type": "enum", "name": "E", "symbols": ["A"]}, "string",
        {"type": "record", "name": "P", "fields": [{"name": "x", "type": "int"}]},
        {"type": "record", "name": "Q", "fields": [{"name": "x", "type": "string"}]}, {"type": "map", "values": "int"}]"#;
    let cases = [
        (Value::Int(1), 1),
        (Value::Int(1 << 40), 2),
        (Value::Float(1.0), 3),
        (Value::from("A"), 4),
        (Value::from("B"), 5),
        (Value::record([("x", Value::Int(1))]), 6),
        (Value::record([("x", Value::from("y"))]), 7),
        (Value::record([("z", Value::Int(1))]), 8),
    ];
    for (value, branch) in cases {
        assert_eq!(encoded(union, &value).unwrap()[0], branch * 2, "{value}");
    }
}

const PERSON: &str = r#"{"type": "record", "name": "Person", "fields": [
    {"name": "name", "type": "string"}, {"name": "age", "type": ["null", "int"], "default": null}]}"#;

fn people(count: i64) -> Vec<Value> {
    let person = |n| Value::record([("name", Value::from(format!("person {n}"))), ("age", Value::Int(n))]);
    (0..count).map(person).collect()
}

#[test]
fn container_files_come_back_with_every_compression() {
    let schema = schema(PERSON);
    for (compression, _) in Compression::ALL.iter().copied() {
        let mut writer = Writer::new(&schema, compression, [7; 16]);
        for person in &people(20_000) {
            writer.write(person).unwrap();
        }
        let file = writer.finish().unwrap();
        let reader = Reader::new(&file, None).unwrap();
        assert_eq!(reader.schema().canonical(), schema.canonical());
        assert_eq!(reader.collect::<Result<Vec<_>, _>>().unwrap(), people(20_000));
        // A file that was cut off, or changed, is told.
        for end in [3, 40, file.len() - 1] {
            let whole = Reader::new(&file[..end], None).map(Iterator::collect::<Result<Vec<_>, _>>);
            assert!(!matches!(whole, Ok(Ok(_))), "{compression:?} {end}");
        }
    }
}

#[test]
fn a_container_file_is_read_by_another_schema() {
    let mut writer = Writer::new(&schema(PERSON), Compression::Null, [1; 16]);
    writer.write(&people(1)[0]).unwrap();
    let file = writer.finish().unwrap();
    let names =
        schema(r#"{"type": "record", "name": "Person", "fields": [{"name": "name", "type": "string"}]}"#);
    let read: Vec<_> = Reader::new(&file, Some(&names)).unwrap().map(Result::unwrap).collect();
    assert_eq!(read, [Value::record([("name", Value::from("person 0"))])]);
}

#[test]
fn a_compression_that_is_not_read_is_named() {
    let file = Writer::new(&schema(PERSON), Compression::Null, [1; 16]).finish().unwrap();
    let at = file.windows(5).position(|window| window == b"\x08null").unwrap();
    let other = [&file[..at], b"\x04xz", &file[at + 5..]].concat();
    let reports = Reader::new(&other, None).unwrap_err();
    assert!(reports.iter().next().unwrap().message().contains("`xz`"), "{reports:?}");
}

#[test]
fn single_objects_name_their_schema() {
    let (old, new) = (schema(PERSON), schema(&PERSON.replace("\"string\"", "[\"null\", \"string\"]")));
    let mut out = Vec::new();
    SingleObjects::new(&old).unwrap().encode(&people(1)[0], &mut out).unwrap();
    assert_eq!(out[..2], [0xC3, 1]);
    assert_eq!(out[2..10], old.rabin().to_le_bytes());
    let mut objects = SingleObjects::new(&new).unwrap();
    assert_eq!(objects.decode(&out).unwrap_err().code().id, "C0202");
    objects.add_writer(&old).unwrap();
    assert_eq!(objects.decode(&out).unwrap(), people(1)[0]);
    assert_eq!(objects.decode(b"{}").unwrap_err().code().id, "D0105");
}

#[test]
fn a_codec_leaves_no_half_value() {
    let codec = AvroCodec::new(&Arc::clone(&schema(PERSON))).unwrap();
    let mut out = b"before".to_vec();
    assert!(
        codec
            .encode(&Value::record([("name", Value::from("x")), ("age", Value::from("y"))]), &mut out)
            .is_err()
    );
    assert_eq!(out, b"before");
}

#[test]
fn local_times_and_periods_have_values_of_their_own() {
    let local = |text: &str| Value::LocalDateTime(text.parse().unwrap());
    let of = |unit: &str| format!(r#"{{"type": "long", "logicalType": "local-timestamp-{unit}"}}"#);
    for (unit, bytes) in [("millis", &[0x80, 0x7D][..]), ("micros", &[0x80, 0xC8, 0xD0, 0x07])] {
        let schema = schema(&of(unit));
        let value = local("1970-01-01T00:00:08");
        assert_eq!(encoded(&of(unit), &value).unwrap(), bytes, "{unit}");
        assert_eq!(Decoder::new(&schema).unwrap().decode(bytes).unwrap(), value, "{unit}");
    }
    let report = encoded(&of("millis"), &local("1970-01-01T00:00:00.0001")).unwrap_err();
    assert!(report.details()[0].message().contains("parts below millis"), "{report}");
    assert!(encoded(&of("nanos"), &local("9999-12-31T00:00:00")).is_err(), "nanoseconds end in 2262");
    assert!(encoded(&of("nanos"), &Value::Int(1)).is_err());

    let text = r#"{"type": "fixed", "name": "D", "size": 12, "logicalType": "duration"}"#;
    let period = |text: &str| Value::from(text.parse::<tenon_model::Period>().unwrap());
    let bytes = [14, 0, 0, 0, 3, 0, 0, 0, 0xF4, 1, 0, 0];
    assert_eq!(encoded(text, &period("P1Y2M3DT0.5S")).unwrap(), bytes);
    assert_eq!(Decoder::new(&schema(text)).unwrap().decode(&bytes).unwrap(), period("P1Y2M3DT0.5S"));
    for (wrong, part) in [
        ("-P1M", "has -1 months"),
        ("PT0.0001S", "below milliseconds"),
        ("P4294967296D", "0 to 4294967295"),
        ("PT4294967.296S", "4294967296 milliseconds"),
    ] {
        let report = encoded(text, &period(wrong)).unwrap_err();
        assert!(report.details()[0].message().contains(part), "{wrong}: {report}");
    }
    let union = r#"["null", {"type": "fixed", "name": "D", "size": 12, "logicalType": "duration"}, {"type": "long", "logicalType": "local-timestamp-micros"}]"#;
    for value in [Value::Null, period("P1M"), local("2026-01-31T12:00:00.5")] {
        let bytes = encoded(union, &value).unwrap();
        assert_eq!(Decoder::new(&schema(union)).unwrap().decode(&bytes).unwrap(), value);
        let codec = JsonCodec::new(schema(union));
        let mut json = Vec::new();
        codec.encode(&value, &mut json).unwrap();
        assert_eq!(codec.decode(&json).unwrap(), value);
    }
    let written = schema(&of("millis"));
    let read = schema(&of("micros"));
    let bytes = encoded(&of("millis"), &local("2026-01-31T12:00:00")).unwrap();
    assert_eq!(
        Decoder::between(&written, &read).unwrap().decode(&bytes).unwrap(),
        local("2026-01-31T12:00:00")
    );
    let instants = schema(r#"{"type": "long", "logicalType": "timestamp-millis"}"#);
    assert!(Decoder::between(&written, &instants).is_err(), "a local time is not an instant");
}
