//! What each format writes it reads again, as the same value, and writes the same bytes of it: over values that are made of
//! contracts by `sample`. `ROUND_TRIPS=10000` is the long form.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test fails by panicking, and says what it saw"
)]

use std::sync::Arc;

use tenon_contracts::{
    FORMATS,
    avro::{
        self,
        codec::{
            AvroCodec, JsonCodec, SingleObjects,
            container::{Compression, Reader, Writer},
        },
    },
    format::{Codec, NoFiles, Source},
    json::{self, Decoder},
    protobuf::{self, codec},
    sample::{Samples, Sort},
    sql::{self, Dialect},
    text::CsvCodec,
    wsdl::{self, Envelope, Reply},
    xsd,
};
use tenon_document::parse;
use tenon_model::{Field, Shape, Value};

const EVERYTHING_JSON: &str = include_str!("../../../fuzz/types/everything.json");
const EVERYTHING_AVRO: &str = include_str!("../../../fuzz/types/everything.avsc");
const EVERYTHING_PROTO: &str = include_str!("../../../fuzz/types/everything.proto");
const EVERYTHING_XSD: &str = include_str!("../../../fuzz/types/everything.xsd");

/// How many values of each format.
fn count() -> usize {
    std::env::var("ROUND_TRIPS").ok().and_then(|count| count.parse().ok()).unwrap_or(100)
}

/// Values by chance, and those at the bounds of the contract.
fn values(shape: &Shape) -> impl Iterator<Item = Value> {
    let decoder = Decoder::new(shape).unwrap();
    let of = |sort, count| Samples::new(shape, sort, 11).take(count);
    let all: Vec<_> = of(Sort::Boundary, count() / 4).chain(of(Sort::Valid, count())).collect();
    assert!(!all.is_empty());
    all.into_iter().map(move |sample| decoder.decode(sample.value.to_string().as_bytes()).unwrap())
}

/// Whether equal values have equal bytes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    Canonical,
    /// Numbers that no contract describes are `1` or `1.0`, as they were.
    Natural,
}

/// What the codec writes comes back as the value, and is written the same again. Values that it refuses to write, since its
/// types say less than shapes do, are few.
fn check(codec: &dyn Codec, form: Form, values: impl Iterator<Item = Value>) {
    let (mut written, mut refused) = (0, 0);
    for value in values {
        let mut bytes = Vec::new();
        if codec.encode(&value, &mut bytes).is_err() {
            assert!(bytes.is_empty(), "something was written of what is refused");
            refused += 1;
            continue;
        }
        let shown = String::from_utf8_lossy(&bytes).into_owned();
        let read = codec.decode(&bytes).unwrap_or_else(|report| panic!("{shown} is not read: {report}"));
        let mut again = Vec::new();
        codec.encode(&read, &mut again).unwrap();
        let shown_again = String::from_utf8_lossy(&again);
        assert!(again == bytes || form == Form::Natural, "{shown} is written otherwise: {shown_again}");
        let back =
            codec.decode(&again).unwrap_or_else(|report| panic!("{shown_again} is not read: {report}"));
        assert_eq!(back, read, "{shown_again}");
        written += 1;
    }
    // Shown by `make properties`.
    println!("{}: {written} values came back, {refused} were refused", codec.encoding().name);
    assert!(written > refused, "{written} were written and {refused} refused");
}

#[derive(Debug)]
struct Json(Decoder);

impl Codec for Json {
    fn encoding(&self) -> &'static tenon_contracts::format::Encoding {
        &tenon_contracts::format::encoding::JSON
    }
    fn decode(&self, bytes: &[u8]) -> Result<Value, tenon_errors::Report> {
        self.0.decode(bytes)
    }
    fn encode(&self, value: &Value, out: &mut Vec<u8>) -> Result<(), tenon_errors::Report> {
        json::encode(value, out);
        Ok(())
    }
}

fn json_shape() -> Shape {
    let schema = tenon_contracts::json_schema::read(&parse("a.json", EVERYTHING_JSON).unwrap()).unwrap();
    schema.into_only().unwrap().shape
}

#[test]
fn json_comes_back() {
    let shape = json_shape();
    check(&Json(Decoder::new(&shape).unwrap()), Form::Canonical, values(&shape));
    check(
        &Json(Decoder::open()),
        Form::Canonical,
        values(&shape).map(|value| Decoder::open().decode(json::to_string(&value).as_bytes()).unwrap()),
    );
}

#[test]
fn avro_comes_back_in_each_of_its_forms() {
    let schema = avro::parse(EVERYTHING_AVRO).unwrap();
    let shape = schema.shape().unwrap();
    check(&AvroCodec::new(&schema).unwrap(), Form::Canonical, values(&shape));
    check(&SingleObjects::new(&schema).unwrap(), Form::Canonical, values(&shape));
    let in_json = JsonCodec::new(Arc::clone(&schema));
    for compression in [Compression::Null, Compression::Deflate] {
        let mut writer = Writer::new(&schema, compression, [3; 16]);
        let kept: Vec<Value> = values(&shape).filter(|value| writer.write(value).is_ok()).collect();
        let file = writer.finish().unwrap();
        let read: Vec<Value> = Reader::new(&file, None).unwrap().map(Result::unwrap).collect();
        assert!(read == kept, "other values come back");
    }
    for value in values(&shape) {
        let mut text = Vec::new();
        if in_json.encode(&value, &mut text).is_ok() {
            assert_eq!(in_json.decode(&text).unwrap(), value, "{}", String::from_utf8_lossy(&text));
        }
    }
}

#[test]
fn protobuf_comes_back_in_both_of_its_forms() {
    let source = Source { file: "everything.proto", text: EVERYTHING_PROTO, files: &NoFiles };
    let read = protobuf::read(&source).unwrap();
    let shape = &read.schema.of_name("Everything").unwrap().shape;
    check(
        &codec::Binary::new(&read.definitions, "shop.Everything").unwrap(),
        Form::Canonical,
        values(shape).map(|it| known(&it)),
    );
    check(
        &codec::Json::new(&read.definitions, "shop.Everything").unwrap(),
        Form::Natural,
        values(shape).map(|it| known(&it)),
    );
}

/// The value without fields for what the contract leaves open: what is made up for them is neither Protobuf nor XML.
fn known(value: &Value) -> Value {
    match value {
        Value::List(items) => Value::list(items.iter().map(known).collect()),
        Value::Map(map) => {
            let fields =
                map.iter().filter(|(key, _)| !matches!(key.as_str(), Some("unknown_fields" | "any")));
            Value::Map(Arc::new(fields.map(|(key, value)| (key.clone(), known(value))).collect()))
        }
        other => other.clone(),
    }
}

#[test]
fn xml_comes_back() {
    let source = Source { file: "everything.xsd", text: EVERYTHING_XSD, files: &NoFiles };
    let document = xsd::Document::read(&source).unwrap();
    let shape = document.schema().types.into_iter().find(|it| it.name == "order").unwrap().shape;
    let values = values(&shape).map(|it| known(&it));
    check(&document.codec("order").unwrap(), Form::Canonical, values);
}

const ROWS: &str = r#"{ "type": "array", "items": { "type": "object", "additionalProperties": false,
  "required": ["id", "at", "price"], "properties": {
    "id": { "type": "integer" }, "at": { "type": "string", "format": "date-time" }, "price": { "type": "number", "format": "decimal" },
    "name": { "type": ["string", "null"] }, "code": { "type": "string", "pattern": "^[A-Z]{2,3}$" }, "share": { "type": "number" },
    "kept": { "type": "boolean" }, "day": { "type": "string", "format": "date" }, "hour": { "type": "string", "format": "time-local" },
    "taken": { "type": "string", "format": "duration" }, "key": { "type": "string", "format": "uuid" },
    "hash": { "type": "string", "contentEncoding": "base64" }, "kind": { "enum": ["a", "b", "c,\"d\""] } } } }"#;

#[test]
fn csv_comes_back() {
    let schema = tenon_contracts::json_schema::read(&parse("rows.json", ROWS).unwrap()).unwrap();
    let shape = schema.into_only().unwrap().shape;
    check(&CsvCodec::new(&shape).unwrap(), Form::Canonical, values(&shape));
}

const SHOP: &str = r#"<definitions xmlns="http://schemas.xmlsoap.org/wsdl/" xmlns:soap="http://schemas.xmlsoap.org/wsdl/soap/"
    xmlns:soap12="http://schemas.xmlsoap.org/wsdl/soap12/" xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:t="urn:shop" targetNamespace="urn:shop">
  <types>TYPES</types>
  <message name="order"><part name="p" element="t:order"/></message>
  <portType name="Shop"><operation name="place"><input message="t:order"/><output message="t:order"/></operation></portType>
  <binding name="Soap" type="t:Shop"><soap:binding transport="http://schemas.xmlsoap.org/soap/http"/>
    <operation name="place"><input><soap:body use="literal"/></input><output><soap:body use="literal"/></output></operation></binding>
  <binding name="Soap12" type="t:Shop"><soap12:binding transport="http://schemas.xmlsoap.org/soap/http"/>
    <operation name="place"><input><soap12:body use="literal"/></input><output><soap12:body use="literal"/></output></operation></binding>
</definitions>"#;

/// The replies of an operation; its requests are read and written as well.
#[derive(Debug)]
struct Soap(Envelope);

impl Codec for Soap {
    fn encoding(&self) -> &'static tenon_contracts::format::Encoding {
        &tenon_contracts::format::encoding::XML
    }
    fn decode(&self, bytes: &[u8]) -> Result<Value, tenon_errors::Report> {
        match self.0.decode_reply(bytes)? {
            Reply::Value(value) => Ok(value),
            Reply::Fault(fault) => panic!("{fault:?}"),
        }
    }
    fn encode(&self, value: &Value, out: &mut Vec<u8>) -> Result<(), tenon_errors::Report> {
        self.0.encode_reply(value, out)?;
        let mut request = Vec::new();
        self.0.encode_request(value, &mut request)?;
        assert_eq!(self.0.decode_request(&request)?, self.decode(out)?);
        Ok(())
    }
}

#[test]
fn messages_of_soap_come_back() {
    let text = SHOP.replace("TYPES", EVERYTHING_XSD);
    let source = Source { file: "shop.wsdl", text: &text, files: &NoFiles };
    let document = wsdl::Document::read(&source).unwrap();
    let shape = document.schema().types.into_iter().find(|it| it.name == "order").unwrap().shape;
    for binding in ["Soap", "Soap12"] {
        let values = values(&shape).map(|it| known(&it));
        check(&Soap(document.envelope(binding, "place").unwrap()), Form::Canonical, values);
    }
}

const DIALECTS: [Dialect; 3] = [Dialect::Postgres, Dialect::MySql, Dialect::Sqlite];

/// Defaults of columns are literals, in the dialect of each database.
#[test]
fn literals_of_sql_come_back() {
    let text = |kind: &str| format!(r#"{{ "type": "string", "format": "{kind}" }}"#);
    let schemas = [
        r#"{ "type": "integer" }"#.to_owned(),
        r#"{ "type": "number", "format": "decimal" }"#.to_owned(),
        r#"{ "type": "string" }"#.to_owned(),
        r#"{ "type": "boolean" }"#.to_owned(),
        text("date"),
        text("date-time"),
        text("uuid"),
    ];
    let columns = 100;
    for (schema, dialect) in schemas.iter().flat_map(|it| DIALECTS.iter().map(move |dialect| (it, *dialect)))
    {
        let read = tenon_contracts::json_schema::read(&parse("a.json", schema).unwrap()).unwrap();
        let shape = read.into_only().unwrap().shape;
        let all: Vec<Value> = values(&shape).take(count() / schemas.len() + columns).collect();
        let mut kept = 0;
        for defaults in all.chunks(columns) {
            let fields = defaults.iter().enumerate().map(|(at, default)| {
                let name = format!("c{at}");
                Field { default: Some(default.clone()), ..Field::optional(name.as_str(), shape.clone()) }
            });
            let table = Shape::record(fields.collect());
            let written = sql::write_as("t", &table, dialect).unwrap();
            let read = sql::read_file("t.sql", &written.text, Some(dialect)).unwrap();
            let back = sql::schema(&read).into_only().unwrap().shape;
            let columns = back.as_record().unwrap();
            for (at, default) in defaults.iter().enumerate() {
                let name = format!("c{at}");
                let is_lost = written.losses.iter().any(|loss| loss.path == name);
                let found = columns.field(&name).unwrap().1.default.as_ref();
                assert!(found == Some(default) || is_lost, "{default:?} became {found:?}: {}", written.text);
                kept += usize::from(found == Some(default));
            }
        }
        // MySQL has no literal for an instant, and UUIDs are text there.
        let is_kept =
            dialect != Dialect::MySql || !["date-time", "uuid"].iter().any(|kind| schema.contains(kind));
        assert_eq!(2 * kept > all.len(), is_kept, "{kept} of {}: {schema} in {dialect:?}", all.len());
    }
}

/// A contract that a format writes is one that it reads, and the values of what was written without loss follow both.
#[test]
fn contracts_come_back_through_each_format() {
    // Closed records: of open ones, XML Schema is written with an `any` that its reader refuses as ambiguous.
    let text = include_str!("../../../examples/flights/contracts/flight/1.json");
    let schema = tenon_contracts::json_schema::read(&parse("a.json", text).unwrap()).unwrap();
    let shape = schema.into_only().unwrap().shape;
    for format in FORMATS {
        let Ok(written) = format.write("everything", &shape) else { continue };
        let ending = format.endings()[0];
        let file = format!("everything.{ending}");
        let source = Source { file: &file, text: &written.text, files: &NoFiles };
        let read = format.read(&source);
        let read = read
            .unwrap_or_else(|reports| panic!("{} is not read: {reports:?}\n{}", format.name(), written.text));
        assert!(!read.types.is_empty(), "{}", format.name());
        if written.losses.is_empty() {
            let back = Decoder::new(&read.into_only().unwrap().shape).unwrap();
            for value in values(&shape) {
                let text = json::to_string(&value);
                assert!(back.decode(text.as_bytes()).is_ok(), "{} refuses {text}", format.name());
            }
        }
    }
}
