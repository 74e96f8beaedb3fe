//! Data that says little of records that have much: fields that are not there take no room, or are filled in up to a limit that is told.

use tenon_contracts::{
    avro::{self, codec},
    format::{Codec, NoFiles, Source},
    json::Decoder,
    protobuf,
    text::CsvCodec,
    xsd::Document,
};
use tenon_errors::Report;
use tenon_model::{Field, Shape, Value};

use crate::{each, memory, xsd};

/// How many fields a record has, and how many records there are.
const FIELDS: usize = 1_000;
const RECORDS: usize = 20_000;
/// What the limit of filled fields may take, in bytes.
const FILLED: usize = 400 << 20;
/// The most bytes of the heap for each byte of data whose fields are not there.
const PER_BYTE: usize = 100;

fn records(field: impl Fn(String) -> Field) -> Shape {
    Shape::list(Shape::record((0..FIELDS).map(|n| field(format!("f{n}"))).collect()))
}

/// What is needed before, while nothing else is measured.
fn made<T>(make: impl FnOnce() -> T) -> T {
    memory::measured(make).0
}

/// Records of which no field is there.
fn take_no_room(name: &str, data: &[u8], decode: impl FnOnce(&[u8]) -> Result<Value, Report>) {
    let (decoded, taken) = memory::measured(|| decode(data).map(drop));
    assert_eq!(decoded, Ok(()), "{name}");
    let most = PER_BYTE * data.len();
    assert!(taken.peak < most, "{name}: {} bytes for {}", taken.peak, data.len());
}

/// Records all of whose fields are filled in.
fn are_refused(name: &str, data: &[u8], decode: impl FnOnce(&[u8]) -> Result<Value, Report>) {
    let (decoded, taken) = memory::measured(|| decode(data).map(drop));
    let report = decoded.expect_err(name);
    let told = "more than 4194304 absent fields would be filled with their defaults";
    assert_eq!((report.code().id, report.message()), ("D0104", told), "{name}");
    assert!(taken.peak < FILLED, "{name}: {} bytes for {}", taken.peak, data.len());
}

fn filled(name: String) -> Field {
    Field { default: Some(Value::Int(1)), ..Field::optional(name, Shape::INT) }
}

#[test]
fn records_of_json_without_their_fields() {
    let data = format!("[{}]", each(RECORDS, |_| "{}".to_owned(), ","));
    let optional = Decoder::new(&records(|name| Field::optional(name, Shape::INT))).expect("it can be run");
    take_no_room("json", data.as_bytes(), |data| optional.decode(data));
    let shape = records(filled);
    let defaults = Decoder::new(&shape).expect("it can be run");
    are_refused("json", data.as_bytes(), |data| defaults.decode(data));
    // Whether they are wanted or not.
    for wanted in ["f1", "none"] {
        let part = Decoder::of_judged_part(&shape, &[vec![wanted.into()]]).expect("it can be run");
        are_refused("json, in part", data.as_bytes(), |data| part.decode(data));
    }
}

#[test]
fn rows_of_csv_without_most_columns() {
    let data = format!("f0\r\n{}", each(RECORDS, |_| "1\r\n".to_owned(), ""));
    let optional = records(|name| Field::optional(name, Shape::INT));
    let codec = CsvCodec::new(&optional).expect("it has rows");
    take_no_room("csv", data.as_bytes(), |data| codec.decode(data));
    let codec = CsvCodec::new(&records(filled)).expect("it has rows");
    are_refused("csv", data.as_bytes(), |data| codec.decode(data));
}

#[test]
fn records_of_avro_that_were_written_without_fields() {
    let schema = |fields: &str| {
        let item = format!("{{\"type\": \"record\", \"name\": \"R\", \"fields\": [{fields}]}}");
        avro::parse(&format!("{{\"type\": \"array\", \"items\": {item}}}")).expect("it is a schema")
    };
    let field = |n| format!("{{\"name\": \"f{n}\", \"type\": \"int\", \"default\": 1}}");
    let (writer, reader) = (schema(""), schema(&each(FIELDS, field, ",")));
    let decoder = codec::Decoder::between(&writer, &reader).expect("the one reads the other");
    // One block of so many items of no bytes, and the end.
    let data = [0xC0, 0xB8, 0x02, 0];
    are_refused("avro", &data, |data| decoder.decode(data));
    for wanted in ["f1", "none"] {
        let part = decoder.part(&[vec![wanted.into()]]);
        are_refused("avro, in part", &data, |data| part.decode(data));
    }
    let data = format!("[{}]", each(RECORDS, |_| "{}".to_owned(), ","));
    are_refused("avro in json", data.as_bytes(), |data| codec::JsonCodec::new(reader).decode(data));
}

#[test]
fn messages_of_protobuf_without_their_fields() {
    let codecs = |label: &str| {
        let field = |n| format!("{label} int32 f{n} = {};", n + 1);
        let fields = each(FIELDS, field, " ");
        let text = format!("syntax = \"proto3\"; message A {{ repeated B b = 1; }} message B {{ {fields} }}");
        let source = Source { file: "a.proto", text: &text, files: &NoFiles };
        let read = protobuf::read(&source).expect("it is a file of Protobuf");
        let binary = protobuf::codec::Binary::new(&read.definitions, "A").expect("it has the message");
        (binary, protobuf::codec::Json::new(&read.definitions, "A").expect("it has the message"))
    };
    let data = [10, 0].repeat(RECORDS);
    let json = format!("{{\"b\":[{}]}}", each(RECORDS, |_| "{}".to_owned(), ","));
    let (optional, in_json) = made(|| codecs("optional"));
    take_no_room("protobuf", &data, |data| optional.decode(data));
    take_no_room("protobuf in json", json.as_bytes(), |data| in_json.decode(data));
    // Without presence, what is absent is zero.
    let (filled, in_json) = made(|| codecs(""));
    are_refused("protobuf", &data, |data| filled.decode(data));
    for way in [&["b", "f1"][..], &["none"]] {
        let way = way.iter().map(|name| (*name).into()).collect();
        let part = filled.part(&[way]).expect("it can leave something out");
        are_refused("protobuf, in part", &data, |data| part.decode(data));
    }
    are_refused("protobuf in json", json.as_bytes(), |data| in_json.decode(data));
}

#[test]
fn elements_of_xml_without_their_parts() {
    let codec = |declared: &str, rest: &str| {
        let attributes =
            each(FIELDS, |n| format!("<xs:attribute name='f{n}' type='xs:int' {declared}/>"), "");
        let part = |n| format!("<xs:element name='p{n}' type='xs:int' minOccurs='0' {rest}/>");
        let item = format!(
            "<xs:complexType name='I'><xs:sequence>{}</xs:sequence>{attributes}</xs:complexType>",
            each(FIELDS, part, "")
        );
        let list =
            "<xs:sequence><xs:element name='i' type='I' minOccurs='0' maxOccurs='unbounded'/></xs:sequence>";
        let text =
            xsd(&format!("<xs:element name='a'><xs:complexType>{list}</xs:complexType></xs:element>{item}"));
        let source = Source { file: "a.xsd", text: &text, files: &NoFiles };
        let document = Document::read(&source).expect("it is a schema");
        document.codec("a").expect("it has the element")
    };
    let data = format!("<a>{}</a>", each(RECORDS, |_| "<i/>".to_owned(), ""));
    let optional = made(|| codec("", ""));
    take_no_room("xml", data.as_bytes(), |data| optional.decode(data));
    for (attribute, element) in [("default='1'", ""), ("", "maxOccurs='2'")] {
        let filled = made(|| codec(attribute, element));
        are_refused("xml", data.as_bytes(), |data| filled.decode(data));
    }
}
