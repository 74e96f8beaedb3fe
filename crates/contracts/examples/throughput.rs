//! How fast rows and JSON messages become values: `cargo run --release -p tenon-contracts --example throughput`.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a program for developers at a terminal")]

use std::{fs, path::Path, time::Instant};

use tenon_contracts::{
    json,
    json::Decoder,
    json_schema,
    text::{RowDecoder, RowRules},
    validate::Validator,
};
use tenon_document::parse;

/// The rows of January, the month that the product is measured on.
const ROWS: usize = 27_004;

fn main() {
    let flights = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/flights");
    let schema = fs::read_to_string(flights.join("contracts/flight-row/1.json")).unwrap();
    let shape = json_schema::read(&parse("1.json", &schema).unwrap()).unwrap().into_only().unwrap().shape;
    let csv = fs::read_to_string(flights.join("data/flights.csv")).unwrap();
    let mut lines = csv.lines();
    let header: Vec<&str> = lines.next().unwrap().split(',').collect();
    let lines: Vec<&str> = lines.cycle().take(ROWS).collect();

    let rows =
        RowDecoder::new(&shape, &header, &RowRules { absent: vec!["NA".into()], ..RowRules::default() })
            .unwrap();
    timed("rows decoded", || {
        lines.iter().filter(|line| rows.decode(line.split(',').map(str::as_bytes)).is_ok()).count()
    });
    let values: Vec<_> =
        lines.iter().map(|line| rows.decode(line.split(',').map(str::as_bytes)).unwrap()).collect();
    let messages = timed("messages encoded", || {
        let encode = |value| {
            let mut out = Vec::with_capacity(512);
            json::encode(value, &mut out);
            out
        };
        values.iter().map(encode).collect::<Vec<_>>()
    });
    let decoder = Decoder::new(&shape).unwrap();
    timed("messages decoded", || messages.iter().filter(|message| decoder.decode(message).is_ok()).count());
    let open = Decoder::open();
    timed("messages decoded without a contract", || {
        messages.iter().filter(|message| open.decode(message).is_ok()).count()
    });
    timed("messages read by serde_json", || {
        messages.iter().filter(|message| serde_json::from_slice::<serde_json::Value>(message).is_ok()).count()
    });
    let validator = Validator::new(&shape).unwrap();
    timed("values validated", || values.iter().filter(|value| validator.check(value).is_ok()).count());
}

/// The best of five runs, so that the machine's other work does not count.
fn timed<T>(what: &str, mut run: impl FnMut() -> T) -> T {
    let mut best = f64::INFINITY;
    let mut result = run();
    for _ in 0..5 {
        let start = Instant::now();
        result = run();
        best = best.min(start.elapsed().as_secs_f64());
    }
    println!("{what}: {:.1} ms for {ROWS}, {:.0} ns each", best * 1e3, best * 1e9 / ROWS as f64);
    result
}
