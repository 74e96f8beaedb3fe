//! What is on the wire.

use std::sync::Arc;

use tenon_model::{Key, Map, Value};

use super::{super::codec, read};
use crate::format::Codec;

const TEXT: &str = r#"syntax = "proto3"; import "google/protobuf/any.proto";
message A { int32 n = 1; string s = 2; A a = 3; repeated int32 list = 4; map<string, int32> map = 5; google.protobuf.Any any = 6;
  oneof o { A x = 7; int32 y = 8; } E e = 9; sint32 z = 10; float f = 11; }
enum E { ZERO = 0; }"#;

fn binary() -> codec::Binary {
    codec::Binary::new(&read(TEXT).definitions, "A").unwrap()
}

fn json() -> codec::Json {
    codec::Json::new(&read(TEXT).definitions, "A").unwrap()
}

fn written(value: &Value) -> Vec<u8> {
    let mut out = Vec::new();
    binary().encode(value, &mut out).unwrap();
    out
}

#[test]
fn fields_are_as_the_specification_writes_them() {
    assert_eq!(written(&Value::record([("n", Value::Int(150))])), [8, 0x96, 1]);
    assert_eq!(written(&Value::record([("s", Value::from("testing"))])), b"\x12\x07testing");
    assert_eq!(written(&Value::record([("z", Value::Int(-2))])), [80, 3]);
    assert_eq!(written(&Value::record([("n", Value::Int(0))])), [0; 0]);
    assert_eq!(written(&Value::record([("f", Value::Float(-0.0))])), [93, 0, 0, 0, 0x80]);
}

#[test]
fn the_last_scalar_counts_and_messages_are_merged() {
    let value = binary().decode(&[8, 1, 8, 2, 26, 2, 8, 7, 26, 4, 18, 2, b'h', b'i']).unwrap();
    assert_eq!(value.get("n"), Some(&Value::Int(2)));
    let inner = value.get("a").unwrap();
    assert_eq!((inner.get("n"), inner.get("s")), (Some(&Value::Int(7)), Some(&Value::from("hi"))));
}

#[test]
fn lists_are_read_in_one_block_and_one_by_one() {
    let value = binary().decode(&[34, 2, 1, 2, 32, 3]).unwrap();
    assert_eq!(value.get("list"), Some(&Value::list(vec![Value::Int(1), Value::Int(2), Value::Int(3)])));
}

#[test]
fn the_last_of_a_oneof_counts() {
    let value = binary().decode(&[58, 2, 8, 1, 64, 5]).unwrap();
    assert_eq!((value.get("x"), value.get("y")), (None, Some(&Value::Int(5))));
    let both = Value::record([("x", Value::record::<&str>([])), ("y", Value::Int(1))]);
    let report = binary().encode(&both, &mut Vec::new()).unwrap_err();
    assert!(report.details()[0].message().contains("only one"), "{report}");
}

#[test]
fn what_the_contract_does_not_know_goes_out_as_it_came() {
    let bytes = [8, 1, 0xa0, 6, 9, 72, 77];
    let value = binary().decode(&bytes).unwrap();
    assert_eq!(value.get("unknown_fields"), Some(&Value::Bytes([0xa0, 6, 9].as_slice().into())));
    assert_eq!(value.get("e"), Some(&Value::Int(77)), "an open enumeration has every number");
    assert_eq!(written(&value), [8, 1, 72, 77, 0xa0, 6, 9]);
    let report = json().encode(&value, &mut Vec::new()).unwrap_err();
    assert!(report.details()[0].data_path() == Some("/unknown_fields"), "{report}");
}

#[test]
fn an_any_is_the_record_of_its_type() {
    let value =
        json().decode(br#"{"any":{"@type":"type.googleapis.com/A","n":"5"},"map":{"b":2,"a":1}}"#).unwrap();
    assert_eq!(value.get("any").unwrap().get("n"), Some(&Value::Int(5)));
    let back = binary().decode(&written(&value)).unwrap();
    assert_eq!(back, value);
    let mut out = Vec::new();
    json().encode(&value, &mut out).unwrap();
    let expected = r#"{"map":{"a":1,"b":2},"any":{"@type":"type.googleapis.com/A","n":5}}"#;
    assert_eq!(String::from_utf8(out).unwrap(), expected);
    // Of a type that the contract does not have, the bytes are kept.
    let foreign = binary().decode(b"\x32\x07\x0a\x01q\x12\x02hi").unwrap();
    assert_eq!(foreign.get("any").unwrap().get("value"), Some(&Value::Bytes(b"hi".as_slice().into())));
    assert_eq!(written(&foreign), b"\x32\x07\x0a\x01q\x12\x02hi");
}

#[test]
fn hostile_bytes_are_refused() {
    let deep = |depth: usize| {
        (0..depth).fold(Vec::new(), |inner: Vec<u8>, _| {
            let mut out = vec![26];
            codec::write_length(inner.len() as u64, &mut out);
            out.extend(inner);
            out
        })
    };
    for (bytes, code) in [
        (vec![8], "D0109"),
        (vec![8, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2], "D0109"),
        (vec![18, 0xff, 0xff, 0xff, 0xff, 0x0f], "D0109"),
        (vec![0, 0], "D0109"),
        (vec![12], "D0109"),
        (vec![14], "D0109"),
        (vec![0xfb; 100_000], "D0109"),
        ([251, 7].repeat(100_000), "D0103"),
        (deep(100), "D0103"),
        (vec![18, 1, 0xff], "D0001"),
        (vec![93, 0, 0, 0x80, 0x7f], "D0001"),
        (vec![0; (16 << 20) + 1], "D0104"),
    ] {
        let report = binary().decode(&bytes).unwrap_err();
        assert_eq!(report.code().id, code, "{:?}: {report}", &bytes[..bytes.len().min(12)]);
    }
}

#[test]
fn violations_name_their_paths() {
    let wrong = Value::record([
        ("n", Value::Int(1 << 40)),
        ("list", Value::list(vec![Value::from("x")])),
        ("e", Value::from("NONE")),
        ("nn", Value::Int(1)),
    ]);
    let report = binary().encode(&wrong, &mut Vec::new()).unwrap_err();
    let paths: Vec<_> = report.details().iter().filter_map(|detail| detail.data_path()).collect();
    assert_eq!(paths, ["/nn", "/n", "/list/0", "/e"]);
    let report = json().decode(br#"{"n":1.5,"list":[null],"e":"X","s":7}"#).unwrap_err();
    assert_eq!(report.details().len(), 4, "{report}");
}

#[test]
fn json_takes_both_names_and_null() {
    let read = read("syntax = \"proto3\"; message M { int64 order_id = 1; bytes b = 2; bool c = 3; }");
    let json = codec::Json::new(&read.definitions, "M").unwrap();
    for text in [r#"{"orderId":"7","b":"-_8","c":null}"#, r#"{"order_id":7.0,"b":"+/8="}"#] {
        let value = json.decode(text.as_bytes()).unwrap();
        assert_eq!(value.get("order_id"), Some(&Value::Int(7)), "{text}");
        assert_eq!(value.get("b"), Some(&Value::Bytes([0xfb, 0xff].as_slice().into())));
    }
    assert!(json.decode(br#"{"orderId":7,"order_id":7}"#).is_err());
    assert!(json.decode(br#"{"orderId":9007199254740993.5}"#).is_err());
}

#[test]
fn maps_are_written_in_the_order_of_their_keys() {
    let map = |names: [&str; 2]| {
        let entries = names.map(|name| (Key::from(name), Value::Int(1)));
        Value::record([("map", Value::Map(Arc::new(entries.into_iter().collect())))])
    };
    assert_eq!(written(&map(["a", "b"])), written(&map(["b", "a"])));
}

#[test]
fn a_missing_required_field_has_the_same_path_in_both_forms() {
    let definitions = read("syntax = \"proto2\"; message A { required int32 n = 1; }").definitions;
    let binary = codec::Binary::new(&definitions, "A").unwrap();
    let json = codec::Json::new(&definitions, "A").unwrap();
    let empty = Value::Map(Arc::new(Map::new()));
    for codec in [&binary as &dyn Codec, &json] {
        let report = codec.encode(&empty, &mut Vec::new()).unwrap_err();
        assert_eq!(report.details()[0].data_path(), Some("/n"), "{report}");
    }
}

#[test]
fn a_member_of_a_oneof_that_is_not_understood_leaves_the_one_that_is() {
    let text = "syntax = \"proto2\"; message A { oneof o { int32 x = 1; E e = 2; } } enum E { ZERO = 0; }";
    let codec = codec::Binary::new(&read(text).definitions, "A").unwrap();
    let value = codec.decode(&[8, 7, 16, 5]).unwrap();
    assert_eq!(value.get("x"), Some(&Value::Int(7)), "{value}");
    let mut written = Vec::new();
    codec.encode(&value, &mut written).unwrap();
    assert_eq!(codec.decode(&written).unwrap(), value);
}

#[test]
fn data_of_no_contract_is_merged_as_messages_are() {
    let text = "syntax = \"proto3\"; import \"google/protobuf/struct.proto\"; message A { google.protobuf.Value v = 1; }";
    let codec = codec::Binary::new(&read(text).definitions, "A").unwrap();
    let json = |bytes: &[u8]| crate::json::to_string(&codec.decode(bytes).unwrap());
    let part = |name: u8| [0x0a, 9, 0x2a, 7, 0x0a, 5, 0x0a, 1, name, 0x12, 0];
    // `{"a": …}` and `{"b": …}`, of which each has nothing as its value, and then both of them with one.
    let report = codec.decode(&part(b'a')).unwrap_err();
    assert_eq!(report.details()[0].data_path(), Some("/v/a"), "{report}");
    let part = |name: u8, value: u8| [0x0a, 11, 0x2a, 9, 0x0a, 7, 0x0a, 1, name, 0x12, 2, 0x20, value];
    assert_eq!(json(&[part(b'a', 0), part(b'b', 1)].concat()), r#"{"v":{"a":false,"b":true}}"#);
    // Another kind in between begins anew.
    let number = [0x0a, 2, 0x20, 1];
    let parts = [&part(b'a', 0)[..], &number, &part(b'b', 1)].concat();
    assert_eq!(json(&parts), r#"{"v":{"b":true}}"#);
    assert_eq!(json(&[&part(b'a', 0)[..], &number].concat()), r#"{"v":true}"#);
}
