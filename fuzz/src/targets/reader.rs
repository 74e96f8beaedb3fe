//! Messages that say what they are, and parameters of requests: version, encoding, registry frame and style are recognised first.

use std::sync::{Arc, LazyLock};

use tenon_contracts::{
    Contract,
    format::NoFiles,
    openapi::{
        Location,
        style::{Form, Style, StyleDecoder, encode},
    },
    reader::{Reader, Said, SchemaId, SchemaIds},
};
use tenon_model::{ContractRef, Field, Name, Shape, Value};

use super::outcome;
use crate::{Target, seeds};

pub(super) const FRAME: Target = Target { name: "frame", seeds: of_frame, run: frame };
pub(super) const PARAMETER: Target = Target { name: "parameter", seeds: of_parameter, run: parameter };

/// What a message may say of the media type of its bytes.
const MEDIA_TYPES: &[Option<&str>] = &[
    None,
    Some("application/json"),
    Some("avro/binary"),
    Some("application/vnd.apache.avro+json"),
    Some("application/x-protobuf; framing=confluent"),
    Some("application/vnd.apache.avro; framing=confluent"),
    Some("text/csv"),
    Some("application/xml"),
];

/// A reader for each of two contracts with ids in a registry.
static READERS: LazyLock<[Reader; 2]> = LazyLock::new(|| {
    [
        reader("everything.avsc", include_str!("../../types/everything.avsc")),
        reader("everything.proto", include_str!("../../types/everything.proto")),
    ]
});

fn reader(file: &str, text: &str) -> Reader {
    let reference = ContractRef { name: Name::new("everything").expect("it is a name"), version: 1 };
    let (contract, _) =
        Contract::read(&reference, file, &text.into(), &NoFiles).expect("the contract is read");
    let contract = Arc::new(contract);
    let reader = Reader::new(&contract, std::slice::from_ref(&contract)).expect("it can be run");
    reader.with_schema_ids(SchemaIds::new(vec![(1, SchemaId::Number(7))]))
}

fn of_frame() -> Vec<Vec<u8>> {
    let bodies: [&[u8]; 5] = [
        b"\x00\x00\x00\x00\x07\x00\x02\x61",
        b"\x00\x00\x00\x00\x07\x04\x02\x00\x08\x01",
        b"\x00\x00\x00\x00\x09",
        b"{\"id\":7}",
        b"a,b\n1,2\n",
    ];
    let firsts = 0..u8::try_from(2 * MEDIA_TYPES.len()).unwrap_or(u8::MAX);
    firsts.flat_map(|first| bodies.map(|body| [&[first], body].concat())).collect()
}

/// The first byte chooses the contract and what the message says of itself.
fn frame(bytes: &[u8]) -> u64 {
    let Some((first, body)) = bytes.split_first() else { return 2 };
    let first = usize::from(*first);
    let contract = (first & 64 != 0).then_some("everything@1");
    let said =
        Said { content_type: MEDIA_TYPES[(first >> 1) % MEDIA_TYPES.len()], contract, schema_id: None };
    let reader = &READERS[first % 2];
    let _ = reader.show(body, said);
    outcome(&reader.read(body, said)) ^ first as u64
}

const LOCATIONS: [Location; 4] = [Location::Path, Location::Query, Location::Header, Location::Cookie];

fn shapes() -> [Shape; 4] {
    let record = vec![
        Field::optional("a", Shape::INT),
        Field::optional("b", Shape::string()),
        Field::optional("c", Shape::list(Shape::DATE)),
    ];
    [Shape::FLOAT, Shape::string().nullable(), Shape::list(Shape::string()), Shape::record(record)]
}

/// The decoders of every shape in every place and style.
static DECODERS: LazyLock<Vec<(StyleDecoder, Style, Location)>> = LazyLock::new(|| {
    let mut all = Vec::new();
    for (shape, location) in shapes().iter().flat_map(|shape| LOCATIONS.map(|location| (shape, location))) {
        for (_, form) in Form::ALL {
            for explode in [false, true] {
                let style = Style { form: *form, explode, allow_reserved: explode };
                if let Ok(decoder) = StyleDecoder::new("p", shape, style, location) {
                    all.push((decoder, style, location));
                }
            }
        }
    }
    all
});

fn of_parameter() -> Vec<Vec<u8>> {
    let texts =
        ["p=a,1,b,x%20y", "p=1&p=2", "p[a]=1&p[b]=%C3%A9", ";p=1.5", ".a.b", "a=1,b=2", "p=%zz", "x", ""];
    let firsts = (0..u8::try_from(DECODERS.len()).unwrap_or(u8::MAX)).step_by(5);
    firsts
        .flat_map(|first| seeds::texts(&texts).into_iter().map(move |text| [&[first], &text[..]].concat()))
        .collect()
}

/// The first byte chooses shape, place and style. What is read is written, and that is read as the same.
fn parameter(bytes: &[u8]) -> u64 {
    let Some((first, text)) = bytes.split_first() else { return 2 };
    let Ok(text) = std::str::from_utf8(text) else { return 2 };
    let (decoder, style, location) = &DECODERS[usize::from(*first) % DECODERS.len()];
    let read = decoder.decode(text);
    // Where reserved characters stand as they are, so do escapes that a value holds (RFC 6570, section 3.2.3).
    let is_exact = |value: &Value| !(style.allow_reserved && value.to_string().contains('%'));
    if let Ok(Some(value)) = &read
        && is_exact(value)
        && let Ok(written) = encode("p", value, *style, *location)
    {
        let again =
            decoder.decode(&written).unwrap_or_else(|report| panic!("{written:?} is not read: {report:?}"));
        assert_eq!(again.as_ref(), Some(value), "{style:?} {location:?} {written:?}");
    }
    outcome(&read)
}
