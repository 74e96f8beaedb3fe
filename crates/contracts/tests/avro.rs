//! Avro beside the implementation of the Avro project: on generated schemas and values, both write the same bytes and read what the
//! other one wrote. `AVRO_SAMPLES=10000` runs the long form.
#![allow(
    clippy::unwrap_used,
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    reason = "a test fails by panicking, and numbers are drawn at random"
)]

use std::{collections::HashMap, fmt::Write, sync::Arc};

use apache_avro::{Decimal as TheirDecimal, Schema as TheirSchema, types::Value as Theirs};
use tenon_contracts::avro::{
    codec::{Decoder, Encoder},
    parse,
};
use tenon_model::{Decimal, Instant, Value};

/// How many schemas are drawn, each with some values, in a normal run.
const SAMPLES: u64 = 300;
const VALUES: usize = 5;

/// Numbers that are the same in each run (xorshift64*).
struct Draw(u64);

impl Draw {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D)
    }

    fn below(&mut self, count: u64) -> u64 {
        self.next() % count
    }

    /// Small numbers, large ones and the ends alike.
    fn long(&mut self) -> i64 {
        match self.below(6) {
            0 => 0,
            1 => i64::MAX,
            2 => i64::MIN,
            3 => self.next() as i64,
            _ => self.next() as i64 >> self.below(63),
        }
    }

    fn text(&mut self) -> String {
        const LETTERS: &[char] = &['a', 'Z', '0', ' ', '"', '\\', 'é', '√', '𝄞', '\n'];
        (0..self.below(40)).map(|_| LETTERS[self.below(LETTERS.len() as u64) as usize]).collect()
    }
}

/// A schema that was drawn.
enum Drawn {
    Scalar(&'static str),
    Enum(String),
    Fixed(String, usize),
    Array(Box<Drawn>),
    Map(Box<Drawn>),
    Union(Vec<Drawn>),
    Record(String, Vec<Drawn>),
}

const SCALARS: &[(&str, &str)] = &[
    ("null", r#""null""#),
    ("boolean", r#""boolean""#),
    ("int", r#""int""#),
    ("long", r#""long""#),
    ("float", r#""float""#),
    ("double", r#""double""#),
    ("bytes", r#""bytes""#),
    ("string", r#""string""#),
    ("decimal", r#"{"type": "bytes", "logicalType": "decimal", "precision": 20, "scale": 4}"#),
    ("uuid", r#"{"type": "string", "logicalType": "uuid"}"#),
    ("date", r#"{"type": "int", "logicalType": "date"}"#),
    ("time-millis", r#"{"type": "int", "logicalType": "time-millis"}"#),
    ("time-micros", r#"{"type": "long", "logicalType": "time-micros"}"#),
    ("timestamp-millis", r#"{"type": "long", "logicalType": "timestamp-millis"}"#),
    ("timestamp-micros", r#"{"type": "long", "logicalType": "timestamp-micros"}"#),
    ("timestamp-nanos", r#"{"type": "long", "logicalType": "timestamp-nanos"}"#),
];

fn drawn(draw: &mut Draw, depth: u64, names: &mut usize) -> Drawn {
    let mut name = || {
        *names += 1;
        format!("N{names}")
    };
    match draw.below(if depth > 4 { 12 } else { 18 }) {
        12 => Drawn::Array(Box::new(drawn(draw, depth + 1, names))),
        13 => Drawn::Map(Box::new(drawn(draw, depth + 1, names))),
        // Values of these are of different kinds, so that each has one branch.
        14 | 15 => Drawn::Union(vec![
            Drawn::Scalar("null"),
            Drawn::Scalar("boolean"),
            Drawn::Scalar("long"),
            Drawn::Scalar("double"),
            Drawn::Scalar("string"),
            Drawn::Array(Box::new(drawn(draw, depth + 2, names))),
        ]),
        16 | 17 => {
            let name = name();
            Drawn::Record(name, (0..draw.below(6)).map(|_| drawn(draw, depth + 1, names)).collect())
        }
        10 => Drawn::Enum(name()),
        11 => Drawn::Fixed(name(), draw.below(20) as usize),
        _ => Drawn::Scalar(SCALARS[draw.below(SCALARS.len() as u64) as usize].0),
    }
}

fn written(schema: &Drawn) -> String {
    match schema {
        Drawn::Scalar(name) => SCALARS.iter().find(|(known, _)| known == name).unwrap().1.to_owned(),
        Drawn::Enum(name) => format!(r#"{{"type": "enum", "name": "{name}", "symbols": ["A", "B", "C"]}}"#),
        Drawn::Fixed(name, size) => format!(r#"{{"type": "fixed", "name": "{name}", "size": {size}}}"#),
        Drawn::Array(item) => format!(r#"{{"type": "array", "items": {}}}"#, written(item)),
        Drawn::Map(value) => format!(r#"{{"type": "map", "values": {}}}"#, written(value)),
        Drawn::Union(branches) => {
            format!("[{}]", branches.iter().map(written).collect::<Vec<_>>().join(", "))
        }
        Drawn::Record(name, fields) => {
            let mut text = String::new();
            for (at, field) in fields.iter().enumerate() {
                let comma = if at > 0 { ", " } else { "" };
                write!(text, r#"{comma}{{"name": "f{at}", "type": {}}}"#, written(field)).unwrap();
            }
            format!(r#"{{"type": "record", "name": "{name}", "fields": [{text}]}}"#)
        }
    }
}

/// A value, as both know it.
fn value(schema: &Drawn, draw: &mut Draw) -> (Value, Theirs) {
    match schema {
        Drawn::Scalar(name) => scalar(name, draw),
        Drawn::Enum(_) => {
            let at = draw.below(3) as usize;
            let symbol = ["A", "B", "C"][at];
            (Value::from(symbol), Theirs::Enum(at as u32, symbol.to_owned()))
        }
        Drawn::Fixed(_, size) => {
            let octets: Vec<u8> = (0..*size).map(|_| draw.next() as u8).collect();
            (Value::Bytes(octets.clone().into()), Theirs::Fixed(*size, octets))
        }
        Drawn::Array(item) => {
            let items = (0..draw.below(5)).map(|_| value(item, draw));
            let (ours, theirs): (Vec<_>, Vec<_>) = items.unzip();
            (Value::list(ours), Theirs::Array(theirs))
        }
        // Theirs have no order, so that only one entry has the same bytes each time.
        Drawn::Map(part) => match draw.below(3) {
            0 => (Value::Map(Arc::default()), Theirs::Map(HashMap::new())),
            _ => {
                let (key, (ours, theirs)) = (draw.text(), value(part, draw));
                (Value::record([(key.clone(), ours)]), Theirs::Map(HashMap::from([(key, theirs)])))
            }
        },
        Drawn::Union(branches) => {
            let at = draw.below(branches.len() as u64) as usize;
            let (ours, theirs) = value(&branches[at], draw);
            (ours, Theirs::Union(at as u32, Box::new(theirs)))
        }
        Drawn::Record(_, fields) => {
            let values: Vec<_> =
                fields.iter().enumerate().map(|(at, field)| (format!("f{at}"), value(field, draw))).collect();
            let ours = Value::record(values.iter().map(|(name, (ours, _))| (name.clone(), ours.clone())));
            (ours, Theirs::Record(values.into_iter().map(|(name, (_, theirs))| (name, theirs)).collect()))
        }
    }
}

fn scalar(name: &str, draw: &mut Draw) -> (Value, Theirs) {
    let n = draw.long();
    match name {
        "null" => (Value::Null, Theirs::Null),
        "boolean" => (Value::Bool(n > 0), Theirs::Boolean(n > 0)),
        "int" => (Value::Int((n as i32).into()), Theirs::Int(n as i32)),
        "long" => (Value::Int(n), Theirs::Long(n)),
        "float" => {
            let single = Some(f32::from_bits(n as u32)).filter(|n| n.is_finite()).unwrap_or(0.1);
            (Value::Float(zmij::Buffer::new().format(single).parse().unwrap()), Theirs::Float(single))
        }
        "double" => {
            let double = Some(f64::from_bits(n as u64)).filter(|n| n.is_finite()).unwrap_or(0.1);
            (Value::Float(double), Theirs::Double(double))
        }
        "bytes" => {
            let octets = draw.text().into_bytes();
            (Value::Bytes(octets.clone().into()), Theirs::Bytes(octets))
        }
        "string" => {
            let text = draw.text();
            (Value::from(text.as_str()), Theirs::String(text))
        }
        "decimal" => {
            let ours = format!("{n}e-4").parse::<Decimal>().unwrap();
            let (unscaled, _) = ours.as_big().with_scale(4).into_bigint_and_scale();
            (Value::from(ours), Theirs::Decimal(TheirDecimal::from(unscaled.to_signed_bytes_be())))
        }
        "uuid" => {
            let id = uuid::Uuid::from_u64_pair(draw.next(), draw.next());
            (Value::Uuid(id), Theirs::Uuid(apache_avro::Uuid::from_bytes(*id.as_bytes())))
        }
        _ => time(name, n),
    }
}

fn time(name: &str, n: i64) -> (Value, Theirs) {
    let day = n.rem_euclid(86_400_000_000);
    let of_day =
        |nanoseconds: i64| Value::Time(Instant::from_nanosecond(nanoseconds.into()).unwrap().to_utc().time());
    // About 3,000 years around 1970.
    let near = |per_second: i64| n % (50_000_000_000 * per_second);
    let at = |n: i64, per_second: i64| {
        let nanosecond = i128::from(n) * i128::from(1_000_000_000 / per_second);
        Value::Timestamp(Instant::from_nanosecond(nanosecond).unwrap())
    };
    match name {
        "date" => {
            let days = (n % 700_000) as i32;
            let start = Instant::from_second(i64::from(days) * 86_400).unwrap();
            (Value::Date(start.to_utc().date()), Theirs::Date(days))
        }
        "time-millis" => (of_day(day / 1_000 * 1_000_000), Theirs::TimeMillis((day / 1_000) as i32)),
        "time-micros" => (of_day(day * 1_000), Theirs::TimeMicros(day)),
        "timestamp-millis" => (at(near(1_000), 1_000), Theirs::TimestampMillis(near(1_000))),
        "timestamp-micros" => (at(near(1_000_000), 1_000_000), Theirs::TimestampMicros(near(1_000_000))),
        _ => (at(n, 1_000_000_000), Theirs::TimestampNanos(n)),
    }
}

#[test]
fn both_write_the_same_bytes_and_read_each_other() {
    let samples = std::env::var("AVRO_SAMPLES").ok().map_or(SAMPLES, |count| count.parse().unwrap());
    let mut draw = Draw(0x9E37_79B9_7F4A_7C15);
    for sample in 0..samples {
        let drawn = drawn(&mut draw, 0, &mut 0);
        let text = written(&drawn);
        let ours = parse(&text).unwrap_or_else(|reports| panic!("{text}: {reports:?}"));
        let theirs = TheirSchema::parse_str(&text).unwrap();
        // Theirs keeps `precision` and `scale`, and objects around primitive types, neither of which the specification does.
        if !text.contains("logicalType") {
            assert_eq!(ours.canonical(), theirs.canonical_form(), "{text}");
        }
        let (encoder, decoder) = (Encoder::new(Arc::clone(&ours)), Decoder::new(&ours).unwrap());
        for _ in 0..VALUES {
            let (value, their_value) = value(&drawn, &mut draw);
            let mut bytes = Vec::new();
            encoder.encode(&value, &mut bytes).unwrap_or_else(|report| panic!("{sample} {text}: {report}"));
            #[allow(deprecated, reason = "the plainest of their functions")]
            let their_bytes = apache_avro::to_avro_datum(&theirs, their_value.clone()).unwrap();
            assert_eq!(bytes, their_bytes, "{sample} {text}: {value:?}");
            assert_eq!(decoder.decode(&their_bytes).unwrap(), value, "{sample} {text}");
            #[allow(deprecated, reason = "the plainest of their functions")]
            let read = apache_avro::from_avro_datum(&theirs, &mut &bytes[..], None).unwrap();
            assert_eq!(read, their_value, "{sample} {text}");
        }
    }
}
