//! What nobody wants of a message is held against its contract as if it were read: whatever is wanted, the verdict is the same, in the
//! same words, and what is built is the same. Over made-up contracts, values of them, and damaged bytes. `WANTED_TYPES=1000` is the long
//! form.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test fails by panicking, and says what it saw"
)]

mod generated;

use std::sync::Arc;

use proptest::{
    strategy::{Strategy, ValueTree},
    test_runner::{Config, RngAlgorithm, TestRng, TestRunner},
};
use tenon_contracts::{
    FORMATS, Format,
    format::{Codec, NoFiles, Source},
    json::{self, Decoder},
    sample::{Samples, Sort},
};
use tenon_errors::Report;
use tenon_model::{Kind, Shape, Str, Value};

type Way = Vec<Str>;

const EVERYTHING_AVRO: &str = include_str!("../../../fuzz/types/everything.avsc");
const EVERYTHING_PROTO: &str = include_str!("../../../fuzz/types/everything.proto");
/// What only older files have.
const OLDER_PROTO: &str = r#"
syntax = "proto2";
enum Size { SMALL = 3; LARGE = 5; }
message Everything {
  required int32 id = 1; optional string name = 2 [default = "none"]; repeated int32 packed = 3 [packed = true];
  repeated int64 plain = 4; optional Size size = 5; repeated Size sizes = 6;
  optional group Single = 7 { optional int32 a = 1; repeated group Deep = 2 { required string b = 3; } }
  repeated group Many = 8 { optional Everything all = 1; }
  oneof choice { int32 c1 = 9; group Chosen = 10 { optional bool c = 1; } }
  optional Everything next = 11; map<string, Everything> others = 12;
  extensions 100 to 200;
}
extend Everything { optional int32 extra = 100; repeated string more = 101; }"#;

/// How many contracts.
fn count() -> usize {
    std::env::var("WANTED_TYPES").ok().and_then(|count| count.parse().ok()).unwrap_or(150)
}

/// Numbers from a seed.
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % end.max(1)
    }
}

/// Ways to some of the fields of `shape`, and of records in them that nothing stands in for.
fn ways(shape: &Shape, dice: &mut Dice, depth: usize) -> Vec<Way> {
    let resolved = shape.resolved();
    match &resolved.kind {
        Kind::Record(record) => {
            let mut found = Vec::new();
            for field in record.fields() {
                let name = || field.name.clone();
                let below = match dice.below(3) {
                    0 => continue,
                    1 if field.default.is_none() && depth < 4 => ways(&field.shape, dice, depth + 1),
                    _ => Vec::new(),
                };
                if below.is_empty() {
                    found.push(vec![name()]);
                }
                found.extend(below.into_iter().map(|way| [vec![name()], way].concat()));
            }
            found
        }
        Kind::List(list) if !list.unique => ways(&list.item, dice, depth),
        _ => Vec::new(),
    }
}

/// `value` without what no way leads to; what is in maps and unions is left whole.
fn projected(value: &Value, shape: &Shape, ways: &[&[Str]]) -> Value {
    if ways.iter().any(|way| way.is_empty()) {
        return value.clone();
    }
    let resolved = shape.resolved();
    match (value, &resolved.kind) {
        (Value::List(items), Kind::List(list)) if !list.unique => {
            Value::list(items.iter().map(|item| projected(item, &list.item, ways)).collect())
        }
        (Value::Map(map), Kind::Record(record)) => {
            let entries = map.iter().filter_map(|(key, value)| {
                let split = ways.iter().filter_map(|way| way.split_first());
                let below: Vec<_> = split
                    .filter(|(first, _)| Some(first.as_str()) == key.as_str())
                    .map(|(_, rest)| rest)
                    .collect();
                let (_, field) = record.field(key.as_str()?)?;
                (!below.is_empty()).then(|| (key.clone(), projected(value, &field.shape, &below)))
            });
            Value::Map(Arc::new(entries.collect()))
        }
        (other, _) => other.clone(),
    }
}

/// Two readers of the same: of all, and of what some ways lead to.
struct Pair<'p> {
    shape: &'p Shape,
    ways: Vec<Way>,
    whole: &'p dyn Fn(&[u8]) -> Result<Value, Report>,
    part: &'p dyn Fn(&[u8]) -> Result<Value, Report>,
}

#[derive(Default)]
struct Seen {
    accepted: usize,
    refused: usize,
    smaller: usize,
}

impl Pair<'_> {
    fn compare(&self, bytes: &[u8], seen: &mut Seen) {
        match ((self.whole)(bytes), (self.part)(bytes)) {
            (Ok(whole), Ok(part)) => {
                let ways: Vec<&[Str]> = self.ways.iter().map(Vec::as_slice).collect();
                let expected = json::to_string(&projected(&whole, self.shape, &ways));
                assert_eq!(json::to_string(&part), expected, "{:?} of {}", self.ways, bytes.escape_ascii());
                seen.accepted += 1;
                seen.smaller += usize::from(part != whole);
            }
            (whole, part) => {
                let words = |report: Report| format!("{report:?}");
                let (whole, part) = (whole.map_err(words), part.map_err(words));
                assert_eq!(part.err(), whole.err(), "{:?} of {}", self.ways, bytes.escape_ascii());
                seen.refused += 1;
            }
        }
    }

    /// The bytes as they are and damaged: a byte is another one, is not there or comes twice, and all comes twice.
    fn compare_damaged(&self, bytes: &[u8], dice: &mut Dice, seen: &mut Seen) {
        self.compare(bytes, seen);
        self.compare(&[bytes, bytes].concat(), seen);
        for _ in 0..6 {
            if bytes.is_empty() {
                return;
            }
            let at = dice.below(bytes.len());
            let other = [0, 1, 2, 0x7F, 0x80, 0xC3, 0xFF, b'"', b'{', b','][dice.below(10)];
            self.compare(&[&bytes[..at], &[other], &bytes[at + 1..]].concat(), seen);
            self.compare(&[&bytes[..at], &bytes[at + 1..]].concat(), seen);
            self.compare(&[&bytes[..=at], &bytes[at..]].concat(), seen);
        }
    }
}

/// Values of a contract and values near it, as JSON.
fn samples(shape: &Shape, count: usize) -> Vec<String> {
    let of = |sort| Samples::new(shape, sort, 5).take(count);
    [Sort::Valid, Sort::Boundary, Sort::Invalid]
        .into_iter()
        .flat_map(of)
        .map(|it| it.value.to_string())
        .collect()
}

/// A contract in a format that has an encoding of its own.
fn made(format: &dyn Format, shape: &Shape) -> Option<(Arc<dyn Codec>, Shape)> {
    let written = format.write("everything", shape).ok()?;
    read(format, &written.text)
}

/// The type called everything in a file.
fn read(format: &dyn Format, text: &str) -> Option<(Arc<dyn Codec>, Shape)> {
    let file = format!("everything.{}", format.endings()[0]);
    let schema = format.read(&Source { file: &file, text, files: &NoFiles }).unwrap();
    let position = schema.position_of("everything").ok()?;
    let codec = schema.codecs.as_ref().unwrap().codec(position).ok()??;
    Some((codec, schema.types[position].shape.clone()))
}

fn contracts() -> impl Iterator<Item = Shape> {
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &[7; 32]);
    let mut runner = TestRunner::new_with_rng(Config::default(), rng);
    let strategy = generated::contract::contract();
    (0..count()).map(move |_| strategy.new_tree(&mut runner).unwrap().current())
}

/// Goes through contracts in a format: those of `texts`, and made-up ones.
fn check(format: &str, texts: &[&str]) {
    let (mut seen, mut dice) = (Seen::default(), Dice(11));
    let format = *FORMATS.iter().find(|it| it.name() == format).unwrap();
    let given = texts.iter().map(|text| (read(format, text), 40));
    for (codec, count) in given.chain(contracts().map(|shape| (made(format, &shape), 4))) {
        let Some((codec, shape)) = codec else { continue };
        let Ok(decoder) = Decoder::new(&shape) else { continue };
        let written: Vec<Vec<u8>> = samples(&shape, count)
            .iter()
            .filter_map(|text| {
                let mut bytes = Vec::new();
                codec.encode(&decoder.decode(text.as_bytes()).ok()?, &mut bytes).ok().map(|()| bytes)
            })
            .collect();
        for _ in 0..4 {
            let ways = ways(&shape, &mut dice, 0);
            let part = codec.part(&ways).unwrap();
            let pair =
                Pair { shape: &shape, ways, whole: &|it| codec.decode(it), part: &|it| part.decode(it) };
            written.iter().for_each(|bytes| pair.compare_damaged(bytes, &mut dice, &mut seen));
        }
    }
    told(format.name(), &seen);
}

fn told(format: &str, seen: &Seen) {
    let Seen { accepted, refused, smaller } = seen;
    println!("{format}: {accepted} were read, {smaller} of them in part, {refused} were refused");
    assert!(*accepted > 1_000 && *refused > 1_000 && *smaller > 500, "{accepted} {smaller} {refused}");
}

#[test]
fn the_verdict_over_avro_is_the_same_whatever_is_wanted() {
    check("Avro", &[EVERYTHING_AVRO]);
}

#[test]
fn the_verdict_over_protobuf_is_the_same_whatever_is_wanted() {
    check("Protobuf", &[EVERYTHING_PROTO, OLDER_PROTO]);
}

#[test]
fn the_verdict_over_json_is_the_same_whatever_is_wanted() {
    let (mut seen, mut dice) = (Seen::default(), Dice(12));
    for shape in contracts() {
        let whole = Decoder::new(&shape).unwrap();
        let texts = samples(&shape, 4);
        for _ in 0..4 {
            let ways = ways(&shape, &mut dice, 0);
            let part = Decoder::of_judged_part(&shape, &ways).unwrap();
            let pair =
                Pair { shape: &shape, ways, whole: &|it| whole.decode(it), part: &|it| part.decode(it) };
            texts.iter().for_each(|text| pair.compare_damaged(text.as_bytes(), &mut dice, &mut seen));
        }
    }
    told("JSON", &seen);
}
