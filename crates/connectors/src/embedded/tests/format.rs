//! The bytes on disk stay what they are: files of every released version can be read.

use super::{
    super::{header, index::Summary},
    *,
};

/// A segment of format 1 as it was written when the format was made.
const SEGMENT: &str = "\
54454e4f4e4c4f4701000000ed5eed5e00000000000000000000000000000000
00000000eb505125c3bfcb9149000000000000000000000000000000956b7cf6
24b7e250000000000065cd1d030200000055410600696e676573746712000000
000000020000000200070063652d7479706506000000666c696768740500656d
707479000000007b7dd2decda0150000000100000000000000010000003c145a
88ffffffffffffffff804d19f10000007365636f6e64";

fn example() -> Vec<Record> {
    let mut headers = Headers::new();
    headers.set("ce-type", "flight");
    headers.set("empty", "");
    let producer = Producer { name: Str::from("ingest"), sequence: 4711, part: 2 };
    let time = "2013-01-01T10:15:00.5Z".parse().unwrap();
    vec![
        Record { key: Some(Str::from("UA")), value: "{}".into(), headers, time, producer: Some(producer) },
        Record { time: "1969-12-31T23:59:58.75Z".parse().unwrap(), ..record("second") },
    ]
}

fn hex(bytes: &[u8]) -> String {
    let digits: Vec<String> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    digits.chunks(32).map(<[String]>::concat).collect::<Vec<_>>().join("\n")
}

fn bytes(hex: &str) -> Vec<u8> {
    let digits: Vec<u8> = hex.bytes().filter(u8::is_ascii_hexdigit).collect();
    digits.chunks(2).map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap()).collect()
}

#[test]
fn records_are_written_as_the_format_says() {
    let disk = SimDisk::default();
    let mut writer = Writer::open(&disk, TopicSettings::default(), &StillClock::new()).unwrap();
    writer.appender.commit(&mut vec![frame::encode(&example()).unwrap()]).unwrap();
    assert_eq!(hex(&disk.get(format!("{FOLDER}/00000000000000000000.log"))), SEGMENT);
}

#[test]
fn a_segment_of_format_1_is_read() {
    let disk = SimDisk::default();
    disk.put(format!("{FOLDER}/00000000000000000000.log"), bytes(SEGMENT));
    let writer = Writer::open(&disk, TopicSettings::default(), &StillClock::new()).unwrap();
    let records: Vec<Record> = read_all(&writer.log).unwrap().into_iter().map(|(_, record)| record).collect();
    assert_eq!(records, example());
}

#[test]
fn an_index_file_is_read_back_and_a_damaged_one_is_not() {
    let disk = SimDisk::default();
    let settings = TopicSettings { segment_size: 200_000, ..TopicSettings::default() };
    let mut writer = Writer::open(&disk, settings, &StillClock::new()).unwrap();
    let value = "x".repeat(1000);
    for _ in 0..300 {
        writer.publish(&[&[&value]]).unwrap();
    }
    let path = format!("{FOLDER}/00000000000000000000.index");
    let content = disk.get(&path);
    let summary = Summary::read(&content).unwrap();
    assert_eq!(summary.write(), content);
    let (offset, position) = summary.index.floor(150, 0);
    assert!(offset <= 150 && position > header::LENGTH as u64);
    for at in 0..content.len() {
        let mut damaged = content.clone();
        damaged[at] ^= 4;
        assert_eq!(Summary::read(&damaged), None);
        assert_eq!(Summary::read(&content[..at]), None);
    }
    // Without it, or with one of another file, the segment is scanned.
    for other in [Vec::new(), vec![1; 100]] {
        disk.put(&path, other);
        let writer = Writer::open(&disk, settings, &StillClock::new()).unwrap();
        assert_eq!(read_all(&writer.log).unwrap().len(), 300);
        assert_eq!(Summary::read(&disk.get(&path)).unwrap().index, summary.index);
    }
}

#[test]
fn records_beyond_the_limits_are_refused() {
    use tenon_errors::catalogue::data::TOO_LARGE;
    let mut headers = Headers::new();
    for header in 0..=frame::MAX_HEADERS {
        headers.set(header.to_string(), "");
    }
    let mut long_name = Headers::new();
    long_name.set("x".repeat(70_000), "");
    let large = vec![b'x'; frame::MAX_BODY - 100];
    for records in [
        vec![record(vec![0; frame::MAX_BODY + 1])],
        vec![record(vec![0; frame::MAX_BODY])],
        vec![Record { headers, ..record("") }],
        vec![Record { headers: long_name, ..record("") }],
        vec![record(large); 5],
    ] {
        assert_eq!(frame::encode(&records).unwrap_err().code(), &TOO_LARGE);
    }
}
