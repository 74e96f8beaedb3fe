//! How fast Avro's binary data becomes values, beside the implementation of the Avro project:
//! `cargo run --release -p tenon-contracts --example avro_throughput`.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a program for developers at a terminal")]

use std::{sync::Arc, time::Instant};

use tenon_contracts::avro::{
    codec::{Decoder, Encoder},
    parse,
};
use tenon_model::Value;

const MESSAGES: i64 = 20_000;
const SCHEMA: &str = r#"{"type": "record", "name": "Flight", "fields": [
    {"name": "id", "type": "long"}, {"name": "carrier", "type": "string"}, {"name": "origin", "type": "string"},
    {"name": "destination", "type": "string"}, {"name": "delay", "type": ["null", "int"]},
    {"name": "distance", "type": "double"}, {"name": "cancelled", "type": "boolean"},
    {"name": "departed", "type": {"type": "long", "logicalType": "timestamp-millis"}},
    {"name": "stops", "type": {"type": "array", "items": "string"}}]}"#;

fn main() {
    let schema = parse(SCHEMA).unwrap();
    let encoder = Encoder::new(Arc::clone(&schema));
    let messages: Vec<Vec<u8>> = (0..MESSAGES).map(|n| encoded(&encoder, n)).collect();
    let decoder = Decoder::new(&schema).unwrap();
    let ours = timed("Tenon", || messages.iter().filter(|bytes| decoder.decode(bytes).is_ok()).count());
    let theirs = apache_avro::Schema::parse_str(SCHEMA).unwrap();
    let reader = apache_avro::reader::datum::GenericDatumReader::builder(&theirs).build().unwrap();
    let other = timed("apache-avro", || {
        messages.iter().filter(|bytes| reader.read_value(&mut &bytes[..]).is_ok()).count()
    });
    println!("Tenon takes {:.2} of the time of apache-avro", ours / other);
}

fn encoded(encoder: &Encoder, n: i64) -> Vec<u8> {
    let at = tenon_model::Instant::from_second(1_356_998_400 + n * 60).unwrap();
    let stops = (0..n % 3).map(|stop| Value::from(format!("S{stop}"))).collect();
    let value = Value::record([
        ("id", Value::Int(n)),
        ("carrier", Value::from("UA")),
        ("origin", Value::from("EWR")),
        ("destination", Value::from("San Francisco International Airport")),
        ("delay", if n % 4 == 0 { Value::Null } else { Value::Int(n % 90) }),
        ("distance", Value::Float(2_565.5)),
        ("cancelled", Value::Bool(n % 50 == 0)),
        ("departed", Value::Timestamp(at)),
        ("stops", Value::list(stops)),
    ]);
    let mut out = Vec::new();
    encoder.encode(&value, &mut out).unwrap();
    out
}

/// The seconds of the best of five runs, so that the machine's other work does not count.
#[allow(clippy::cast_precision_loss, reason = "it is shown to people")]
fn timed(what: &str, mut run: impl FnMut() -> usize) -> f64 {
    let mut best = f64::INFINITY;
    for _ in 0..6 {
        let start = Instant::now();
        assert_eq!(run() as i64, MESSAGES);
        best = best.min(start.elapsed().as_secs_f64());
    }
    println!("{what}: {:.1} ms for {MESSAGES}, {:.0} ns each", best * 1e3, best * 1e9 / MESSAGES as f64);
    best
}
