//! Avro: schemas, the binary encoding, object container files and the JSON encoding.

use std::sync::{Arc, LazyLock};

use tenon_contracts::{
    avro::{
        self, Schema as Parsed,
        codec::{
            AvroCodec, JsonCodec,
            container::{Compression, Reader, Writer},
        },
    },
    format::Codec,
    json::Decoder,
    sample::{Samples, Sort},
};
use tenon_model::Value;

use super::{comes_back, is_judged_alike, outcome_of_all};
use crate::{Target, seeds};

pub(super) const SCHEMA: Target = Target { name: "avro-schema", seeds: of_schema, run: schema };
pub(super) const BINARY: Target = Target { name: "avro-binary", seeds: of_binary, run: binary };
pub(super) const CONTAINER: Target = Target { name: "avro-container", seeds: of_container, run: container };
pub(super) const JSON: Target = Target { name: "avro-json", seeds: of_json, run: json };

const TEXT: &str = include_str!("../../types/everything.avsc");
static EVERYTHING: LazyLock<Arc<Parsed>> = LazyLock::new(|| avro::parse(TEXT).expect("the schema is read"));
static CODEC: LazyLock<AvroCodec> = LazyLock::new(|| AvroCodec::new(&EVERYTHING).expect("it can be run"));
static PART: LazyLock<Arc<dyn Codec>> = LazyLock::new(|| {
    let ways = [vec!["id".into()], vec!["lines".into(), "next".into(), "sku".into()]];
    CODEC.part(&ways).expect("it can leave something out")
});
static IN_JSON: LazyLock<JsonCodec> = LazyLock::new(|| JsonCodec::new(Arc::clone(&EVERYTHING)));

fn of_schema() -> Vec<Vec<u8>> {
    seeds::texts(&[
        TEXT,
        r#""string""#,
        r#"["null", {"type": "map", "values": ["int", "string"]}]"#,
        r#"{"type": "record", "name": "a.b.Node", "aliases": ["N"], "fields": [{"name": "next", "type": ["null", "Node"], "default": null}]}"#,
        r#"{"type": "enum", "name": "E", "symbols": ["A", "B"], "default": "A"}"#,
    ])
}

fn schema(bytes: &[u8]) -> u64 {
    let Ok(text) = std::str::from_utf8(bytes) else { return 2 };
    let read = avro::parse(text);
    if let Ok(schema) = &read {
        let canonical = schema.canonical();
        let again =
            avro::parse(&canonical).unwrap_or_else(|reports| panic!("{canonical} is not read: {reports:?}"));
        assert_eq!(again.canonical(), canonical);
        let _ = schema.shape();
    }
    let _ = avro::read_file("a.avsc", text);
    outcome_of_all(&read)
}

/// Values of the schema.
fn values() -> Vec<Value> {
    let shape = EVERYTHING.shape().expect("the schema has a shape");
    let decoder = Decoder::new(&shape).expect("it can be run");
    let samples = Samples::new(&shape, Sort::Valid, 7).take(40);
    samples.filter_map(|sample| decoder.decode(sample.value.to_string().as_bytes()).ok()).collect()
}

fn of_binary() -> Vec<Vec<u8>> {
    written(&*CODEC)
}

fn written(codec: &dyn Codec) -> Vec<Vec<u8>> {
    let encode = |value: &Value| {
        let mut out = Vec::new();
        codec.encode(value, &mut out).ok().map(|()| out)
    };
    let made: Vec<Vec<u8>> = values().iter().filter_map(encode).collect();
    assert!(!made.is_empty(), "no value of the schema is written");
    made
}

fn binary(bytes: &[u8]) -> u64 {
    is_judged_alike(&CODEC.decode(bytes), &PART.decode(bytes));
    comes_back(&*CODEC, bytes)
}

fn of_container() -> Vec<Vec<u8>> {
    let file = |compression| {
        let mut writer = Writer::new(&EVERYTHING, compression, [7; 16]);
        for value in values().iter().take(5) {
            // Times finer than the schema keeps are valid by its shape, and refused here.
            let _ = writer.write(value);
        }
        writer.finish().expect("the file is written")
    };
    Compression::ALL.iter().map(|(compression, _)| file(*compression)).collect()
}

fn container(bytes: &[u8]) -> u64 {
    let opened = Reader::new(bytes, None);
    let first = outcome_of_all(&opened);
    // A block may have as many values without bytes as it likes, which its reader takes one by one.
    let last = opened.into_iter().flatten().take(10_000).find_map(Result::err);
    first ^ last.map_or(0, |report| super::hash(&[report]))
}

fn of_json() -> Vec<Vec<u8>> {
    let encode = |value: &Value| {
        let mut out = Vec::new();
        IN_JSON.encode(value, &mut out).ok().map(|()| out)
    };
    values().iter().filter_map(encode).collect()
}

fn json(bytes: &[u8]) -> u64 {
    let read = IN_JSON.decode(bytes);
    if let Ok(value) = &read {
        let mut written = Vec::new();
        IN_JSON.encode(value, &mut written).expect("what is read is written");
        assert_eq!(&IN_JSON.decode(&written).expect("what is written is read"), value);
    }
    super::outcome(&read)
}
