//! Data and schemas that are made to harm.

use proptest::prelude::*;

use super::schema;
use crate::avro::{
    codec::{
        Decoder,
        bytes::{write_long, write_octets},
        container::{Compression, Reader, Writer},
    },
    read_file,
};

/// The code with which the bytes are refused.
fn refused(text: &str, bytes: &[u8]) -> &'static str {
    let report = Decoder::new(&schema(text)).unwrap().decode(bytes).unwrap_err();
    report.details().first().unwrap_or(&report).code().id
}

const MANY: [u8; 10] = [0xFE, 255, 255, 255, 255, 255, 255, 255, 255, 1];

#[test]
fn counts_and_lengths_are_held_to_the_bytes_that_are_there() {
    assert_eq!(refused("\"string\"", &MANY), "D0105");
    assert_eq!(refused("\"bytes\"", &[1]), "D0105");
    assert_eq!(refused("\"long\"", &[0xFF; 11]), "D0105");
    assert_eq!(refused("\"int\"", &MANY), "D0105");
    assert_eq!(refused("\"boolean\"", &[2]), "D0105");
    assert_eq!(refused("\"string\"", &[2, 0xFF]), "D0105");
    assert_eq!(refused("[\"null\"]", &[2]), "D0105");
    assert_eq!(refused("\"null\"", &[0]), "D0105");
    assert_eq!(refused("\"double\"", &f64::NAN.to_le_bytes()), "D0005");
    assert_eq!(refused(r#"{"type": "array", "items": "int"}"#, &MANY), "D0105");
    assert_eq!(refused(r#"{"type": "map", "values": "null"}"#, &MANY), "D0105");
}

#[test]
fn items_without_bytes_are_counted() {
    assert_eq!(refused(r#"{"type": "array", "items": "null"}"#, &MANY), "D0104");
    let empty = r#"{"type": "array", "items": {"type": "record", "name": "R", "fields": [{"name": "a", "type": "null"}]}}"#;
    assert_eq!(refused(empty, &MANY), "D0104");
    // Records of records that have no bytes double with each level.
    let mut inner = r#"{"type": "record", "name": "R0", "fields": []}"#.to_owned();
    for level in 1..30 {
        let last = level - 1;
        inner = format!(
            r#"{{"type": "record", "name": "R{level}", "fields": [{{"name": "a", "type": {inner}}}, {{"name": "b", "type": "R{last}"}}]}}"#
        );
    }
    assert_eq!(refused(&inner, &[]), "D0104");
}

#[test]
fn blocks_of_nothing_in_each_other_are_counted_together() {
    // A block of a million nulls and its end.
    let nulls = [0x80, 0x80, 0x80, 0x01, 0];
    let list = |of: &str| format!(r#"{{"type": "array", "items": {of}}}"#);
    let map = |of: &str| format!(r#"{{"type": "map", "values": {of}}}"#);
    let inner = list("\"null\"");
    let lists = [&[0x80, 0x01][..], &nulls.repeat(64), &[0]].concat();
    assert_eq!(refused(&list(&inner), &lists), "D0104");
    assert_eq!(refused(&list(&list(&inner)), &[&[2][..], &lists, &[0]].concat()), "D0104");
    let entry = [&[2, b'a'][..], &nulls].concat();
    assert_eq!(refused(&map(&inner), &[&[0x80, 0x01][..], &entry.repeat(64), &[0]].concat()), "D0104");
    // Blocks that say how many bytes they have.
    assert_eq!(refused(&inner, &[&[0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x3F, 0][..], &[0]].concat()), "D0104");
    let record = r#"{"type": "record", "name": "R", "fields": [{"name": "a", "type": "null"}, {"name": "b", "type": "null"}]}"#;
    assert_eq!(refused(&list(&list(record)), &lists), "D0104");
}

/// A file that is written in `schema`, with this block of so many values.
fn container(schema: &str, compression: Compression, count: i64, block: &[u8]) -> Vec<u8> {
    let mut file = Writer::new(&super::schema(schema), compression, [7; 16]).finish().unwrap();
    write_long(count, &mut file);
    write_octets(block, &mut file);
    file.extend_from_slice(&[7; 16]);
    file
}

#[test]
fn files_of_values_without_bytes_are_bounded() {
    let codes = |file: &[u8]| -> Vec<Option<&'static str>> {
        Reader::new(file, None).unwrap().map(|it| it.err().map(|it| it.code().id)).collect()
    };
    assert_eq!(codes(&container("\"null\"", Compression::Null, 3, &[])), [None; 3]);
    assert_eq!(codes(&container("\"null\"", Compression::Null, 1 << 40, &[])), [Some("D0105")]);
    assert_eq!(codes(&container("\"null\"", Compression::Null, u32::MAX.into(), &[])), [Some("D0104")]);
    let empty = r#"{"type": "record", "name": "R", "fields": [{"name": "a", "type": "null"}]}"#;
    assert_eq!(codes(&container(empty, Compression::Deflate, 2_000_000, &[3, 0])), [Some("D0104")]);
    // Together as well: each block has half of what there may be.
    let half = container("\"null\"", Compression::Null, 600_000, &[]);
    let block = &half[half.len() - 20..];
    let both = [&half[..], block].concat();
    assert_eq!(Reader::new(&both, None).unwrap().filter(Result::is_ok).count(), 600_000);
    assert_eq!(codes(&container("\"int\"", Compression::Null, 5, &[2])), [Some("D0105")]);
}

#[test]
fn a_block_of_a_gibibyte_is_not_unpacked() {
    let mut packer = flate2::Compress::new(flate2::Compression::fast(), false);
    let zeros = vec![0; 1 << 20];
    let mut chunk = Vec::with_capacity(64 << 10);
    packer.compress_vec(&zeros, &mut chunk, flate2::FlushCompress::Full).unwrap();
    // Each of the chunks stands for itself; an empty one ends them.
    let packed = [&chunk.repeat(1 << 10)[..], &[3, 0]].concat();
    assert!(packed.len() < 8 << 20);
    let report = Reader::new(&container("\"bytes\"", Compression::Deflate, 1, &packed), None)
        .unwrap()
        .next()
        .unwrap()
        .unwrap_err();
    assert_eq!(report.code().id, "D0104");
}

#[test]
fn what_is_skipped_costs_no_more_than_its_bytes() {
    let writer = schema(
        r#"{"type": "record", "name": "R", "fields": [{"name": "a", "type": {"type": "array", "items": "null"}}]}"#,
    );
    let reader = schema(r#"{"type": "record", "name": "R", "fields": []}"#);
    let bytes = [&MANY[..], &[0]].concat();
    assert!(Decoder::between(&writer, &reader).unwrap().decode(&bytes).is_ok());
}

#[test]
fn levels_of_data_and_of_types_are_bounded() {
    let list = r#"{"type": "record", "name": "L", "fields": [{"name": "next", "type": ["null", "L"]}]}"#;
    assert_eq!(refused(list, &[2; 100_000]), "D0103");
    let names = |count: usize| -> String {
        let record = |n: usize| {
            let of = if n == 0 { "\"int\"".to_owned() } else { format!("\"R{}\"", n - 1) };
            format!(r#"{{"type": "record", "name": "R{n}", "fields": [{{"name": "a", "type": {of}}}]}}"#)
        };
        format!("[{}]", (0..count).map(record).collect::<Vec<_>>().join(","))
    };
    assert!(read_file("a.avsc", &names(100)).is_ok());
    // In a list all of them are near the top; the last alone is deep.
    let deep = names(5_000).replacen('[', r#"{"type": "map", "values": ["#, 1);
    let deep = format!("{deep}}}");
    let read = read_file("a.avsc", &deep);
    if let Ok(file) = read {
        assert!(Decoder::new(&file.schema).is_ok());
        assert!(file.schema.shape().is_ok());
        assert!(file.schema.canonical().len() > 10_000);
    }
    for open in ["[", "{\"type\": \"array\", \"items\": ", "{\"type\": "] {
        assert!(read_file("a.avsc", &open.repeat(100_000)).is_err());
    }
}

#[test]
fn a_ring_of_many_types_is_refused_for_its_depth() {
    let record = |n: usize| {
        let of = (n + 1) % 1_000;
        format!(
            r#"{{"name": "f{n}", "type": ["null", {{"type": "record", "name": "R{n}", "fields": [{{"name": "n", "type": ["null", "R{of}"]}}]}}]}}"#
        )
    };
    // Names have to be defined before they are used, so that only nesting makes a ring.
    let text = format!(
        r#"{{"type": "record", "name": "All", "fields": [{}]}}"#,
        (0..1_000).map(record).collect::<Vec<_>>().join(",")
    );
    assert!(read_file("a.avsc", &text).is_err());
}

#[test]
fn a_decimal_of_many_bytes_is_refused_before_it_is_computed() {
    let decimal = r#"{"type": "bytes", "logicalType": "decimal", "precision": 5, "scale": 2}"#;
    let mut bytes = Vec::new();
    bytes.extend_from_slice(&[0x80, 0x80, 0x80, 0x08]);
    bytes.resize(4 + (8 << 20), 0x7F);
    assert_eq!(refused(decimal, &bytes), "D0005");
}

const WIDE: &str = r#"{"type": "record", "name": "R", "fields": [
    {"name": "a", "type": ["null", "int", "string", {"type": "array", "items": ["null", "R"]}]},
    {"name": "b", "type": {"type": "map", "values": {"type": "bytes", "logicalType": "decimal", "precision": 9, "scale": 3}}},
    {"name": "c", "type": {"type": "long", "logicalType": "timestamp-nanos"}},
    {"name": "d", "type": ["float", "double", "boolean"]},
    {"name": "e", "type": {"type": "string", "logicalType": "uuid"}, "default": "6ba7b810-9dad-11d1-80b4-00c04fd430c8"}]}"#;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn no_bytes_make_the_decoder_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let decoder = Decoder::new(&schema(WIDE)).unwrap();
        let _ = decoder.decode(&bytes);
        let _ = Reader::new(&bytes, None).map(|reader| reader.take(100).count());
        let file = [b"Obj\x01", &bytes[..]].concat();
        let _ = Reader::new(&file, None).map(|reader| reader.take(100).count());
    }

    #[test]
    fn no_text_makes_the_reader_panic(text in r#"[\[\]{}:,"a-z0-9 ]{0,80}"#) {
        let _ = read_file("a.avsc", &text);
    }

    #[test]
    fn no_change_of_a_schema_makes_the_reader_panic(at in 0usize..900, byte in 32u8..127) {
        let mut text = WIDE.as_bytes().to_vec();
        let at = at % text.len();
        text[at] = byte;
        if let Ok(file) = read_file("a.avsc", &String::from_utf8(text).unwrap()) {
            let _ = (file.schema.shape(), Decoder::new(&file.schema), file.schema.canonical());
        }
    }
}
