//! Protobuf: `.proto` files, the binary form and ProtoJSON.

use std::sync::{Arc, LazyLock};

use tenon_contracts::{
    format::{Codec, Format, NoFiles, Source},
    json::Decoder,
    protobuf::{
        self, Protobuf,
        codec::{Binary, Json},
    },
    sample::{Samples, Sort},
};
use tenon_model::Value;

use super::{comes_back, is_judged_alike, outcome_of_all};
use crate::{Target, seeds};

pub(super) const TEXT: Target = Target { name: "protobuf-text", seeds: of_text, run: text };
pub(super) const BINARY: Target = Target { name: "protobuf-binary", seeds: of_binary, run: binary };
pub(super) const JSON: Target = Target { name: "protobuf-json", seeds: of_json, run: json };

const EVERYTHING: &str = include_str!("../../types/everything.proto");
static READ: LazyLock<protobuf::Read> = LazyLock::new(|| {
    let source = Source { file: "everything.proto", text: EVERYTHING, files: &NoFiles };
    protobuf::read(&source).expect("the file is read")
});
static IN_BINARY: LazyLock<Binary> =
    LazyLock::new(|| Binary::new(&READ.definitions, "shop.Everything").expect("the message is there"));
static PART: LazyLock<Arc<dyn Codec>> = LazyLock::new(|| {
    let ways =
        [vec!["name".into()], vec!["lines".into(), "next".into(), "sku".into()], vec!["choice".into()]];
    IN_BINARY.part(&ways).expect("it can leave something out")
});
static IN_JSON: LazyLock<Json> =
    LazyLock::new(|| Json::new(&READ.definitions, "shop.Everything").expect("the message is there"));

fn of_text() -> Vec<Vec<u8>> {
    seeds::texts(&[
        EVERYTHING,
        "edition = \"2023\"; package a.b; message M { int32 a = 1 [features.field_presence = EXPLICIT]; extensions 100 to 199; }",
        "syntax = \"proto2\"; message M { required group G = 1 { optional bytes b = 2 [default = \"\\xff\"]; } reserved 5, 7 to 9; }",
        "syntax = \"proto3\"; service S { rpc Get (M) returns (stream M) { option deprecated = true; } } message M {}",
    ])
}

fn text(bytes: &[u8]) -> u64 {
    let Ok(text) = std::str::from_utf8(bytes) else { return 2 };
    let read = Protobuf.read(&Source { file: "a.proto", text, files: &NoFiles });
    for definition in read.iter().flat_map(|schema| &schema.types) {
        let _ = Protobuf.write("a", &definition.shape);
    }
    outcome_of_all(&read)
}

fn written(codec: &dyn Codec) -> Vec<Vec<u8>> {
    let definition = READ.schema.of_name("Everything").expect("the message is there");
    let decoder = Decoder::new(&definition.shape).expect("it can be run");
    let samples = Samples::new(&definition.shape, Sort::Valid, 3).take(60);
    let values = samples.filter_map(|sample| decoder.decode(sample.value.to_string().as_bytes()).ok());
    let encode = |value: Value| {
        let mut out = Vec::new();
        // ProtoJSON has no place for what is not known, which binary inputs get by chance.
        codec.encode(&known(&value), &mut out).ok().map(|()| out)
    };
    let made: Vec<Vec<u8>> = values.filter_map(encode).collect();
    assert!(!made.is_empty(), "no value of the message is written");
    made
}

/// The value without its unknown fields.
fn known(value: &Value) -> Value {
    match value {
        Value::List(items) => Value::list(items.iter().map(known).collect()),
        Value::Map(map) => {
            let fields = map.iter().filter(|(key, _)| key.as_str() != Some("unknown_fields"));
            Value::Map(Arc::new(fields.map(|(key, value)| (key.clone(), known(value))).collect()))
        }
        other => other.clone(),
    }
}

fn of_binary() -> Vec<Vec<u8>> {
    written(&*IN_BINARY)
}

fn binary(bytes: &[u8]) -> u64 {
    is_judged_alike(&IN_BINARY.decode(bytes), &PART.decode(bytes));
    comes_back(&*IN_BINARY, bytes)
}

fn of_json() -> Vec<Vec<u8>> {
    written(&*IN_JSON)
}

fn json(bytes: &[u8]) -> u64 {
    comes_back(&*IN_JSON, bytes)
}
