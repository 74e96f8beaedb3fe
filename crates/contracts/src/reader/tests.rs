use tenon_errors::catalogue::data::CONTRACT_VIOLATION;
use tenon_model::{Headers, Name};

use super::*;
use crate::{
    Writer,
    format::{
        NoFiles, Text,
        encoding::{AVRO, JSON, PROTOBUF},
    },
};

fn contract(file: &str, text: &str) -> Arc<Contract> {
    let version = file.split('.').next().unwrap().parse().unwrap();
    let reference = ContractRef { name: Name::new("order").unwrap(), version };
    let path = format!("contracts/order/{file}");
    Arc::new(Contract::read(&reference, &path, &Text::from(text), &NoFiles).unwrap().0)
}

const ONE: &str = r#"{ "type": "record", "name": "Order", "fields": [
    { "name": "id", "type": "string" }, { "name": "amount", "type": "int" } ] }"#;
const TWO: &str = r#"{ "type": "record", "name": "Order", "fields": [
    { "name": "amount", "type": "long" }, { "name": "id", "type": "string" },
    { "name": "currency", "type": "string", "default": "EUR" } ] }"#;
const THREE: &str = r#"{ "type": "object", "required": ["id", "amount"], "additionalProperties": false,
    "properties": { "id": { "type": "string" }, "amount": { "type": "integer", "maximum": 100 } } }"#;
const PROTO: &str = "syntax = \"proto3\"; message Line { int32 n = 1; }\n\
    message Order { message Part { string id = 1; } string id = 1; int64 amount = 2; }";

/// A reader of version `target`, and the versions.
fn reader(target: u32) -> (Reader, Vec<Arc<Contract>>) {
    let versions = vec![
        contract("1.avsc", ONE),
        contract("2.avsc", TWO),
        contract("3.json", THREE),
        contract("4.proto", PROTO),
    ];
    let target = versions.iter().find(|it| it.reference.version == target).unwrap();
    (Reader::new(target, &versions).unwrap(), versions)
}

fn said<'a>(contract: Option<&'a str>, content_type: Option<&'a str>) -> Said<'a> {
    Said { contract, content_type, schema_id: None }
}

/// The bytes of a value of a version, with what they say of themselves.
fn written(
    contract: &Arc<Contract>,
    encoding: &'static Encoding,
    ids: &SchemaIds,
    json: &str,
) -> (Vec<u8>, Headers) {
    let value = Decoder::new(&contract.shape).unwrap().decode(json.as_bytes()).unwrap();
    let writer = Writer::new(contract, encoding, ids).unwrap();
    let (mut bytes, mut headers) = (Vec::new(), Headers::new());
    writer.write(&value, &mut bytes).unwrap();
    writer.say(&mut headers);
    (bytes, headers)
}

fn read(reader: &Reader, bytes: &[u8], said: Said<'_>) -> String {
    match reader.read(bytes, said) {
        Ok(value) => json::to_string(&value),
        Err(report) => {
            let details = report.details().iter();
            let details: Vec<_> =
                details.map(|it| format!("{} {}", it.data_path().unwrap_or("-"), it.code().id)).collect();
            format!("{}: {} [{}]", report.code().id, report.message(), details.join(", "))
        }
    }
}

#[test]
fn a_message_is_decoded_as_the_version_that_it_says_and_lifted() {
    let (reader, versions) = reader(2);
    let (bytes, headers) = written(&versions[0], &AVRO, &SchemaIds::default(), r#"{"id":"a","amount":7}"#);
    assert_eq!(headers.get("content-type"), Some("avro/binary"));
    let seen = read(&reader, &bytes, Said::of(&headers));
    assert_eq!(seen, r#"{"amount":7,"id":"a","currency":"EUR"}"#);
    // By its own version the same bytes are something else, or nothing.
    assert!(read(&reader, &bytes, said(None, Some("avro/binary"))).starts_with("D0"));
    let json = br#"{"id":"a","amount":7}"#;
    assert_eq!(read(&reader, json, said(Some("order@1"), None)), seen);
    assert_eq!(read(&reader, json, said(Some("order@1"), Some("application/json"))), seen);
    assert_eq!(reader.show(&bytes, Said::of(&headers)).unwrap(), r#"{"id":"a","amount":7}"#);
}

#[test]
fn what_cannot_be_lifted_names_both_versions_and_every_reason() {
    let (reader, _) = reader(3);
    let seen = read(&reader, br#"{"id":"a","amount":700,"currency":"EUR"}"#, said(Some("order@2"), None));
    assert_eq!(
        seen,
        "D0402: a message of `order@2` cannot be read as `order@3` [/amount D0005, /currency D0003]"
    );
    // What breaks its own version says which that is.
    let report = reader.read(br#"{"id":"a"}"#, said(Some("order@1"), None)).unwrap_err();
    assert_eq!(report.code(), &CONTRACT_VIOLATION);
    assert!(report.message().starts_with("read as `order@1`, which it says it follows: "), "{report}");
}

#[test]
fn what_is_not_known_is_named_with_what_is() {
    let (reader, _) = reader(2);
    let json = br#"{"id":"a","amount":7}"#;
    for said in [said(Some("order@7"), None), said(Some("invoice@1"), None), said(Some("order"), None)] {
        let seen = read(&reader, json, said);
        assert!(
            seen.starts_with("D0401: ") && seen.contains("`order@1`, `order@2`, `order@3`, `order@4`"),
            "{seen}"
        );
    }
    for (contract, content_type) in
        [(None, "image/png"), (None, "application/protobuf"), (Some("order@3"), "avro/binary")]
    {
        let seen = read(&reader, json, said(contract, Some(content_type)));
        assert!(seen.starts_with("D0403: "), "{seen}");
    }
    assert_eq!(
        reader.show(json, said(Some("order@7"), None)).unwrap().as_bytes(),
        json,
        "it is JSON all the same"
    );
    assert!(reader.show(json, said(Some("order@7"), Some("avro/binary"))).is_err());
    let seen = read(&reader, json, said(Some("order@3"), Some("avro/binary")));
    assert!(seen.contains("`order@3` has application/json"), "{seen}");
}

#[test]
fn what_says_nothing_is_what_is_configured() {
    let (reader, versions) = reader(2);
    let reader = reader.with_encoding(&AVRO);
    let (bytes, _) = written(&versions[1], &AVRO, &SchemaIds::default(), r#"{"id":"a","amount":7}"#);
    assert_eq!(read(&reader, &bytes, Said::default()), r#"{"amount":7,"id":"a","currency":"EUR"}"#);
    assert_eq!(reader.media_type_unsaid(Said::default()), Some("avro/binary"));
    // What names its contract and no media type was published as JSON, whatever the topic is now.
    let json = br#"{"id":"a","amount":7,"currency":"USD"}"#;
    assert_eq!(read(&reader, json, said(Some("order@2"), None)), r#"{"amount":7,"id":"a","currency":"USD"}"#);
    assert_eq!(reader.media_type_unsaid(said(Some("order@2"), None)), None);
}

#[test]
fn ids_of_schemas_stand_before_the_data() {
    let ids = SchemaIds::new(vec![
        (1, SchemaId::Number(101)),
        (2, SchemaId::Number(205)),
        (4, SchemaId::Number(7)),
    ]);
    let (reader, versions) = reader(2);
    let reader = reader.with_encoding(&AVRO).with_schema_ids(ids.clone());
    let (bytes, headers) = written(&versions[0], &AVRO, &ids, r#"{"id":"a","amount":7}"#);
    assert_eq!(bytes, [0, 0, 0, 0, 101, 2, b'a', 14]);
    assert_eq!(headers.get("content-type"), Some("avro/binary; framing=confluent"));
    let lifted = r#"{"amount":7,"id":"a","currency":"EUR"}"#;
    assert_eq!(read(&reader, &bytes, Said::of(&headers)), lifted);
    // As others write it: with no header at all, or with the media type alone.
    assert_eq!(read(&reader, &bytes, Said::default()), lifted);
    assert_eq!(read(&reader, &bytes, said(None, Some("application/vnd.apache.avro"))), lifted);
    // What names its contract without a frame has none, also where it begins like one.
    let plain = [0, 0, 0, 0, 101, 2, b'a', 14];
    assert!(read(&reader, &plain, said(Some("order@1"), Some("avro/binary"))).starts_with("D0105"));
    let seen = read(&reader, &[0, 0, 0, 1, 0, 2], Said::default());
    assert_eq!(
        seen,
        "D0404: the message was written with the schema of id 256, and what is known here is 101 (version 1), 205 (version 2), 7 (version 4) []"
    );
    assert!(read(&reader, &[0, 0, 0], Said::default()).starts_with("D0109"));
    let seen = read(&reader, &bytes, said(Some("order@2"), Some("avro/binary; framing=confluent")));
    assert!(seen.starts_with("D0404: the message says that it follows `order@2`"), "{seen}");
}

#[test]
fn a_frame_of_protobuf_says_which_message_of_its_file_it_is() {
    let ids = SchemaIds::new(vec![(4, SchemaId::Number(7))]);
    let (reader, versions) = reader(4);
    let reader = reader.with_encoding(&PROTOBUF).with_schema_ids(ids.clone());
    let (bytes, headers) = written(&versions[3], &PROTOBUF, &ids, r#"{"id":"a","amount":7}"#);
    // The second message of the file: one position, which is 1, both doubled.
    assert_eq!(bytes, [0, 0, 0, 0, 7, 2, 2, 0x0a, 1, b'a', 0x10, 7]);
    assert_eq!(read(&reader, &bytes, Said::of(&headers)), r#"{"id":"a","amount":7}"#);
    assert_eq!(read(&reader, &bytes, Said::default()), r#"{"id":"a","amount":7}"#);
    let first = [0, 0, 0, 0, 7, 0, 0x08, 1];
    let seen = read(&reader, &first, Said::default());
    assert!(seen.starts_with("D0404: the message is the type at [0] of its schema"), "{seen}");
    for cut in 1..7 {
        assert!(read(&reader, &bytes[..cut], Said::default()).starts_with("D0"), "{cut}");
    }
}

#[test]
fn ids_of_schemas_may_stand_in_a_header() {
    let guid = "6e2f5a0c-7a9d-4c60-9c5a-5a3d9f0d6b11";
    let ids = SchemaIds::new(vec![(1, SchemaId::Guid(guid.parse().unwrap()))]);
    let (reader, versions) = reader(2);
    let reader = reader.with_encoding(&AVRO).with_schema_ids(ids.clone());
    let (bytes, headers) = written(&versions[0], &AVRO, &ids, r#"{"id":"a","amount":7}"#);
    assert_eq!((bytes.len(), headers.get("__value_schema_id")), (3, Some(guid)));
    let lifted = r#"{"amount":7,"id":"a","currency":"EUR"}"#;
    assert_eq!(read(&reader, &bytes, Said::of(&headers)), lifted);
    let foreign = Said { schema_id: Some(guid), ..Said::default() };
    assert_eq!(read(&reader, &bytes, foreign), lifted);
    let unknown = Said { schema_id: Some("6e2f5a0c-7a9d-4c60-9c5a-000000000000"), ..Said::default() };
    assert!(read(&reader, &bytes, unknown).starts_with("D0404"));
}

#[test]
fn a_value_that_would_become_another_is_not_lifted() {
    let one = contract(
        "1.avsc",
        r#"{ "type": "record", "name": "Order", "fields": [
        { "name": "id", "type": "bytes" }, { "name": "n", "type": "long" } ] }"#,
    );
    let two = contract(
        "2.json",
        r#"{ "type": "object", "properties": {
        "id": { "type": "string" }, "n": { "type": "number" } } }"#,
    );
    let reader = Reader::new(&two, &[one, Arc::clone(&two)]).unwrap();
    let of_one = said(Some("order@1"), Some("avro/binary"));
    assert_eq!(
        read(&reader, &[2, b'a', 2], of_one),
        "D0402: a message of `order@1` cannot be read as `order@2` without a change of what it says [/id D0402]"
    );
}

#[test]
fn json_that_says_that_it_is_of_today_is_read_at_once() {
    let (reader, _) = reader(3);
    for said in [
        Said::default(),
        said(Some("order@3"), None),
        said(None, Some("application/json")),
        said(Some("order@3"), Some("application/json")),
    ] {
        assert!(reader.is_plain(said), "{said:?}");
    }
    assert!(!reader.is_plain(said(Some("order@2"), None)));
    assert_eq!(*reader.encoding(), JSON);
}

#[test]
fn what_nobody_wants_is_left_out_in_every_encoding_that_can() {
    let json = r#"{"amount":7,"id":"a"}"#;
    let ids = SchemaIds::default();
    for (version, encoding) in [(2, &AVRO), (2, &JSON), (4, &PROTOBUF), (4, &JSON)] {
        let (reader, versions) = reader(version);
        let own = versions.iter().find(|it| it.reference.version == version).unwrap();
        let (bytes, headers) = written(own, encoding, &ids, json);
        let part = reader.part(&[vec!["amount".into()]]).unwrap();
        let read = |part: Option<&Part>| {
            json::to_string(&reader.read_part(&bytes, Said::of(&headers), part).unwrap())
        };
        assert_eq!(read(Some(&part)), r#"{"amount":7}"#, "{}", encoding.name);
        assert!(read(None).contains(r#""id":"a""#), "{}", encoding.name);
    }
    // What is lifted is read whole.
    let (reader, versions) = reader(2);
    let (bytes, headers) = written(&versions[0], &AVRO, &ids, r#"{"id":"a","amount":7}"#);
    let part = reader.part(&[vec!["amount".into()]]).unwrap();
    let value = reader.read_part(&bytes, Said::of(&headers), Some(&part)).unwrap();
    assert_eq!(json::to_string(&value), r#"{"amount":7,"id":"a","currency":"EUR"}"#);
}
