//! Files as they are delivered, and as they should not be.

use std::{
    fs::{self, OpenOptions},
    io::Write,
    sync::Arc,
    time::UNIX_EPOCH,
};

use tenon_contracts::{
    avro::{
        Schema,
        codec::container::{Compression, Header, Writer},
        parse,
    },
    json::to_string,
};
use tenon_errors::Report;
use tenon_model::{Shape, Value};
use tenon_ports::{Arrival, Checkpoint, Compression as Packed, FileFormat, OpenedSource, RowFormat, Source};

use crate::{
    file::DiskFile,
    rows::{Blob, content::Content, layers::tests as packed, open, source::Rows, tests::Memory},
};

const PERSON: &str = r#"{"type": "record", "name": "Person", "fields": [
    {"name": "name", "type": "string"}, {"name": "age", "type": "double"}]}"#;
/// The same as it is written: another order, one field more, a number of another kind.
const WRITTEN: &str = r#"{"type": "record", "name": "Person", "fields": [
    {"name": "age", "type": "long"}, {"name": "note", "type": "bytes"}, {"name": "name", "type": "string"}]}"#;

fn format(schema: &str) -> FileFormat {
    FileFormat::of(RowFormat::Avro { schema: parse(schema).unwrap() })
}

fn person(n: i64) -> Value {
    let note = Value::Bytes(vec![b'x'; 20].into());
    Value::record([("age", Value::Int(n)), ("note", note), ("name", Value::from(format!("person {n}")))])
}

/// A file of these people; a block ends after each of `ends`.
fn file(compression: Compression, ends: &[i64]) -> Vec<u8> {
    let schema: Arc<Schema> = parse(WRITTEN).unwrap();
    let blocks = ends.iter().scan(0, |from, end| Some((std::mem::replace(from, *end), *end)));
    let mut file = Vec::new();
    for (from, end) in blocks {
        let mut writer = Writer::new(&schema, compression, [7; 16]);
        (from..end).for_each(|n| writer.write(&person(n)).unwrap());
        let written = writer.finish().unwrap();
        let header = Header::read(&written).unwrap().length;
        file.extend_from_slice(&written[if file.is_empty() { 0 } else { header }..]);
    }
    file
}

async fn source(content: &[u8], format: &FileFormat, at: Option<Checkpoint>) -> Result<OpenedSource, Report> {
    open(Memory::boxed("a.avro", content), format, &Shape::ANY, at).await
}

/// What came before the end, and the report of what ended it early.
async fn drain(mut source: Box<dyn Source>) -> (Vec<Arrival>, String) {
    let mut found = Vec::new();
    loop {
        match source.next(7).await {
            Err(report) => return (found, report.to_string()),
            Ok(batch) => {
                found.extend(batch.arrivals);
                if batch.end {
                    assert_eq!(source.progress(), Some(1.0));
                    return (found, String::new());
                }
            }
        }
    }
}

/// The rows with their lines and values, or with their places and codes.
fn told(arrivals: &[Arrival]) -> Vec<String> {
    let told = |arrival: &Arrival| match &arrival.payload {
        Ok(payload) => {
            let name = payload.value.as_ref().unwrap().get("name").unwrap().clone();
            format!("{} {}", arrival.origin.position.line, to_string(&name))
        }
        Err(report) => format!("{} {}", report.places()[0], report.code().id),
    };
    arrivals.iter().map(told).collect()
}

fn people(rows: std::ops::Range<i64>) -> Vec<String> {
    rows.map(|n| format!("{} \"person {n}\"", n + 1)).collect()
}

#[tokio::test]
async fn rows_are_read_by_the_schema_of_the_contract_with_every_compression() {
    for (compression, name) in Compression::ALL {
        let content = file(*compression, &[3, 3, 40, 41]);
        let opened = source(&content, &format(PERSON), None).await.unwrap();
        assert_eq!(parse(std::str::from_utf8(&opened.context).unwrap()).unwrap(), parse(WRITTEN).unwrap());
        let (arrivals, failure) = drain(opened.source).await;
        assert_eq!((told(&arrivals), failure.as_str()), (people(0..41), ""), "{name}");
        let value = arrivals[4].payload.as_ref().unwrap().value.clone().unwrap();
        assert_eq!(to_string(&value), r#"{"name":"person 4","age":4.0}"#);
        // A row can be read alone, with the context of the file.
        let decoder = tenon_contracts::avro::codec::container::row_decoder(WRITTEN, &parse(PERSON).unwrap());
        assert_eq!(decoder.unwrap().decode(&arrivals[4].bytes).unwrap(), value);
    }
}

#[tokio::test]
async fn what_nobody_wants_of_a_row_is_not_built() {
    let content = file(Compression::Null, &[3]);
    let format = FileFormat { part: Some(Arc::from([vec!["age".into()]])), ..format(PERSON) };
    let (arrivals, _) = drain(source(&content, &format, None).await.unwrap().source).await;
    let values = arrivals.iter().map(|it| to_string(it.payload.as_ref().unwrap().value.as_ref().unwrap()));
    assert_eq!(values.collect::<Vec<_>>(), [r#"{"age":0.0}"#, r#"{"age":1.0}"#, r#"{"age":2.0}"#]);
    // The others of a row are held against the contract all the same.
    let name = content.windows(8).position(|it| it == b"person 1").unwrap();
    let broken = [&content[..name], &[0xFF], &content[name + 1..]].concat();
    let (arrivals, _) = drain(source(&broken, &format, None).await.unwrap().source).await;
    let codes: Vec<_> =
        arrivals.iter().map(|it| it.payload.as_ref().map(drop).map_err(|it| it.code().id)).collect();
    assert_eq!(codes, [Ok(()), Err("D0105"), Ok(())]);
}

#[tokio::test]
async fn reading_goes_on_after_any_row() {
    for compression in [Compression::Null, Compression::Snappy] {
        let content = file(compression, &[3, 5, 5, 9]);
        for packing in [Packed::None, Packed::Gzip] {
            let format = FileFormat { compression: packing, ..format(PERSON) };
            let content = match packing {
                Packed::Gzip => packed::gzip(&content),
                _ => content.clone(),
            };
            let opened = source(&content, &format, None).await.unwrap();
            let fingerprint = opened.fingerprint.clone();
            let (arrivals, _) = drain(opened.source).await;
            for (at, arrival) in arrivals.iter().enumerate() {
                let checkpoint = Checkpoint {
                    position: arrival.next,
                    fingerprint: fingerprint.clone(),
                    ..Checkpoint::default()
                };
                let opened = source(&content, &format, Some(checkpoint)).await.unwrap();
                assert_eq!(opened.fingerprint, fingerprint);
                let (rest, failure) = drain(opened.source).await;
                assert_eq!((told(&rest), failure.as_str()), (told(&arrivals[at + 1..]), ""));
                assert!(rest.iter().zip(&arrivals[at + 1..]).all(|(one, other)| one.next == other.next
                    && one.next.tail == other.next.tail
                    && one.bytes == other.bytes));
            }
        }
    }
}

#[tokio::test]
async fn other_content_before_the_position_is_noticed() {
    let content = file(Compression::Null, &[300, 500]);
    let opened = source(&content, &format(PERSON), None).await.unwrap();
    let fingerprint = opened.fingerprint.clone();
    let (arrivals, _) = drain(opened.source).await;
    let at = |row: usize| {
        let position = arrivals[row].next;
        Some(Checkpoint { position, fingerprint: fingerprint.clone(), ..Checkpoint::default() })
    };
    let mut other = content.clone();
    let changed = content.windows(10).position(|window| window == b"person 299").unwrap();
    other[changed] = b'P';
    for row in [310, 250] {
        let report = source(&other, &format(PERSON), at(row)).await.err().unwrap();
        let message =
            format!("`a.avro` has other content before row {} than what was read there before", row + 2);
        assert_eq!((report.code().id, report.message()), ("Y0301", message.as_str()));
    }
    let report = source(&file(Compression::Null, &[300]), &format(PERSON), at(310)).await.err().unwrap();
    assert_eq!(report.code().id, "Y0301");
    // What comes after it may be anything.
    let longer =
        [&content[..], &file(Compression::Null, &[2])[Header::read(&content).unwrap().length..]].concat();
    let (rest, failure) = drain(source(&longer, &format(PERSON), at(499)).await.unwrap().source).await;
    assert_eq!((rest.len(), failure.as_str()), (2, ""));
}

#[tokio::test]
async fn a_row_that_breaks_the_contract_costs_only_itself() {
    let written = r#"{"type": "record", "name": "Person", "fields": [{"name": "name", "type": "bytes"}, {"name": "age", "type": "double"}]}"#;
    let schema = parse(written).unwrap();
    let mut writer = Writer::new(&schema, Compression::Deflate, [7; 16]);
    for name in [&b"ann"[..], b"\xff", b"bea", &[b'x'; 2_000], b"eve"] {
        let name = Value::Bytes(name.into());
        writer.write(&Value::record([("name", name), ("age", Value::Float(1.0))])).unwrap();
    }
    let format = FileFormat { max_row: 1 << 10, ..format(PERSON) };
    let (arrivals, failure) =
        drain(source(&writer.finish().unwrap(), &format, None).await.unwrap().source).await;
    let expected = ["1 \"ann\"", "a.avro:2:1 D0105", "3 \"bea\"", "a.avro:4:1 D0104", "5 \"eve\""];
    assert_eq!((told(&arrivals), failure.as_str()), (expected.map(str::to_owned).to_vec(), ""));
    assert_eq!(arrivals.iter().map(|it| it.clipped).collect::<Vec<_>>(), [false, false, false, true, false]);
    assert_eq!(&arrivals[1].bytes[..2], b"\x02\xff");
}

#[tokio::test]
async fn a_damaged_block_is_told_and_reading_goes_on_after_it() {
    let check =
        async |compression, damage: &dyn Fn(&mut Vec<u8>, usize, usize), expected: &[&str], words: &str| {
            let content = file(compression, &[3, 6, 9]);
            // Where the second block begins and ends.
            let mark = |nth| memchr::memmem::find_iter(&content, &[7; 16]).nth(nth).unwrap() + 16;
            let mut damaged = content.clone();
            damage(&mut damaged, mark(1), mark(2));
            let opened = source(&damaged, &format(PERSON), None).await.unwrap();
            let (arrivals, failure) = drain(opened.source).await;
            assert_eq!(told(&arrivals), expected, "{words}");
            let reports = arrivals.iter().filter_map(|it| it.payload.as_ref().err()).map(Report::to_string);
            let all: Vec<String> = reports.chain([failure]).collect();
            assert!(all.concat().contains(words), "{all:?}");
            assert!(arrivals.iter().all(|it| it.clipped == it.payload.is_err()));
            // And reading goes on from everywhere.
            for (at, arrival) in arrivals.iter().enumerate() {
                let fingerprint = opened.fingerprint.clone();
                let at_row = Checkpoint { position: arrival.next, fingerprint, ..Checkpoint::default() };
                let rest =
                    drain(source(&damaged, &format(PERSON), Some(at_row)).await.unwrap().source).await.0;
                assert_eq!(told(&rest), expected[at + 1..]);
            }
        };
    let first = ["1 \"person 0\"", "2 \"person 1\"", "3 \"person 2\""];
    let with = |rest: &[&'static str]| [&first[..], rest].concat();
    let after_three = with(&["a.avro:4:1 D0107", "7 \"person 6\"", "8 \"person 7\"", "9 \"person 8\""]);
    for compression in [Compression::Snappy, Compression::Zstandard, Compression::Deflate] {
        check(
            compression,
            &|it, from, _| it[from + 3..from + 13].fill(0xFF),
            &after_three,
            "block 2 cannot be read",
        )
        .await;
    }
    // Its number of rows is not known then.
    let after_one = with(&["a.avro:4:1 D0105", "5 \"person 6\"", "6 \"person 7\"", "7 \"person 8\""]);
    check(Compression::Null, &|it, from, _| it[from..from + 11].fill(0xFF), &after_one, "block 2, at byte")
        .await;
    check(Compression::Null, &|it, from, _| it[from + 1] = 3, &after_one, "-2 is not a number of bytes")
        .await;
    check(Compression::Null, &|it, from, _| it[from + 1] ^= 2, &after_one, "does not end with the mark")
        .await;
    let beyond = |it: &mut Vec<u8>, from: usize, _: usize| {
        it.splice(from + 1..from + 3, [0x80, 0x80, 0x80, 0x02]);
    };
    check(Compression::Null, &beyond, &after_one, "reaches beyond the end of its file").await;
    let too_large = |it: &mut Vec<u8>, from: usize, _: usize| {
        it.splice(from + 1..from + 3, [0x80, 0x80, 0x80, 0x80, 0x02]);
    };
    let larger = with(&["a.avro:4:1 D0104", "5 \"person 6\"", "6 \"person 7\"", "7 \"person 8\""]);
    check(Compression::Null, &too_large, &larger, "a block of 268435456 bytes, and 33554432 are allowed")
        .await;
    // A length inside of a row.
    let lost = with(&["a.avro:4:1 D0105", "7 \"person 6\"", "8 \"person 7\"", "9 \"person 8\""]);
    let length = |it: &mut Vec<u8>, from: usize, _: usize| it[from + 4] = 0xFE;
    check(Compression::Null, &length, &lost, "a row of block 2 cannot be read").await;
    let fewer =
        with(&["4 \"person 3\"", "a.avro:5:1 D0105", "6 \"person 6\"", "7 \"person 7\"", "8 \"person 8\""]);
    let check_fewer = |it: &mut Vec<u8>, from: usize, _: usize| it[from] = 4;
    let content = file(Compression::Null, &[3, 6, 9]);
    let from = memchr::memmem::find_iter(&content, &[7; 16]).nth(1).unwrap() + 16;
    let mut damaged = content.clone();
    check_fewer(&mut damaged, from, 0);
    let (arrivals, _) = drain(source(&damaged, &format(PERSON), None).await.unwrap().source).await;
    assert_eq!(told(&arrivals), fewer);
    assert!(!arrivals[4].clipped);
    // Behind the last mark nothing is found.
    check(
        Compression::Null,
        &|it, _, to| it.truncate(to + 9),
        &with(&["4 \"person 3\"", "5 \"person 4\"", "6 \"person 5\""]),
        "ends within block 3",
    )
    .await;
    check(
        Compression::Null,
        &|it, _, to| it[to..].fill(0xFF),
        &with(&["4 \"person 3\"", "5 \"person 4\"", "6 \"person 5\""]),
        "block 3, at byte",
    )
    .await;
}

#[tokio::test]
async fn a_file_that_is_none_or_does_not_fit_is_told_when_it_is_opened() {
    let check = async |content: &[u8], contract: &str, expected: (&str, &str)| {
        let report = source(content, &format(contract), None).await.err().unwrap();
        let all = format!("{report} {:?}", report.details());
        assert_eq!(report.code().id, expected.0, "{all}");
        assert!(all.contains(expected.1), "{all}");
        assert_eq!(report.places()[0].file.as_ref(), "a.avro");
    };
    let content = file(Compression::Null, &[3]);
    check(b"id,name\n1,a\n", PERSON, ("D0203", "is not that of an Avro file")).await;
    check(b"", PERSON, ("Y0302", "is empty")).await;
    check(&content[..50], PERSON, ("Y0302", "ends within its header")).await;
    check(
        &content,
        &PERSON.replace("\"name\", \"type\": \"string\"", "\"name\", \"type\": \"int\""),
        ("D0203", "C0202"),
    )
    .await;
    let at = content.windows(5).position(|window| window == b"\x08null").unwrap();
    check(
        &[&content[..at], b"\x04xz", &content[at + 5..]].concat(),
        PERSON,
        ("D0203", "`xz`, which is not read"),
    )
    .await;
    check(b"Obj\x01\x02\x16avro.schema\x02{\0aaaaaaaaaaaaaaaa", PERSON, ("D0203", "cannot be read")).await;
}

#[tokio::test]
async fn a_block_that_becomes_too_large_is_refused_before_it_is_there() {
    let schema = parse("\"bytes\"").unwrap();
    for (compression, name) in &Compression::ALL[1..] {
        let mut writer = Writer::new(&schema, *compression, [7; 16]);
        writer.write(&Value::Bytes(vec![0; 33 << 20].into())).unwrap();
        writer.write(&Value::Bytes(b"b"[..].into())).unwrap();
        let content = writer.finish().unwrap();
        assert!(content.len() < 4 << 20, "{name}");
        let (arrivals, failure) =
            drain(source(&content, &format("\"bytes\""), None).await.unwrap().source).await;
        let codes: Vec<_> =
            arrivals.iter().map(|it| it.payload.as_ref().err().map(|it| it.code().id)).collect();
        assert_eq!((codes, failure.as_str()), (vec![Some("D0104"), None], ""), "{name}");
    }
}

#[tokio::test]
async fn rows_that_no_byte_is_written_for_are_bounded() {
    let written = r#"{"type": "record", "name": "Person", "fields": []}"#;
    let read =
        r#"{"type": "record", "name": "Person", "fields": [{"name": "age", "type": "int", "default": 7}]}"#;
    let writer = Writer::new(&parse(written).unwrap(), Compression::Null, [7; 16]);
    let header = writer.finish().unwrap();
    // A block of no bytes that is to have four thousand million rows, and one of three.
    let block = |count: &[u8]| [count, &[0], &[7; 16]].concat();
    let bomb = [&header[..], &block(&[0xFE, 0xFF, 0xFF, 0xFF, 0x1F]), &block(&[6])].concat();
    let (arrivals, failure) = drain(source(&bomb, &format(read), None).await.unwrap().source).await;
    let codes: Vec<_> = arrivals.iter().map(|it| it.payload.as_ref().err().map(|it| it.code().id)).collect();
    assert_eq!((codes, failure.as_str()), (vec![Some("D0104"), None, None, None], ""));
}

#[test]
fn a_block_that_is_still_written_is_waited_for() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.avro");
    let content = file(Compression::Deflate, &[2, 4, 6]);
    let blob = || Box::new(DiskFile::open(&path, "a.avro").unwrap()) as Box<dyn Blob>;
    let format = format(PERSON);
    let rows = || {
        let content = Content::open(blob(), &format, None).unwrap();
        super::open(content, &parse(PERSON).unwrap(), &format).unwrap().0
    };
    let append =
        |bytes: &[u8]| OpenOptions::new().append(true).open(&path).unwrap().write_all(bytes).unwrap();
    let take = |rows: &mut Box<dyn Rows>, count: usize| {
        for _ in 0..count {
            assert!(rows.next().unwrap().unwrap().payload.is_ok());
        }
    };
    let cut = content.len() - 30;
    fs::write(&path, &content[..cut]).unwrap();
    let mut reading = rows();
    take(&mut reading, 4);
    assert!(reading.next().is_err() && reading.waits());
    append(&content[cut..cut + 20]);
    assert!(reading.next().is_err() && reading.waits());
    append(&content[cut + 20..]);
    take(&mut reading, 2);
    assert!(reading.next().unwrap().is_none());
    // Nobody has written the file for long.
    fs::write(&path, &content[..cut]).unwrap();
    fs::File::options().write(true).open(&path).unwrap().set_modified(UNIX_EPOCH).unwrap();
    let mut reading = rows();
    take(&mut reading, 4);
    let report = reading.next().unwrap_err();
    assert!(!reading.waits() && report.message().contains("ends within block 3"), "{report}");
}
