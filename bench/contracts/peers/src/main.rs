//! The peers of `bench/contracts`: hand-written Rust with serde, `jsonschema`, `serde_json`, `apache-avro`, `prost-reflect` and,
//! where it is built in, VRL. `transform flights|orders FILE`, `vrl PROGRAM FILE`, `measure FOLDER` as Tenon's side does it, and
//! `year FOLDER OUT`: what the flow `ingest-flights` of the flights example does.

mod binary;
mod flights;
mod orders;
#[cfg(feature = "vrl")]
mod remap;
mod wide;
mod year;

use std::{
    error::Error,
    fmt::Display,
    fs,
    io::{BufWriter, Write},
    path::Path,
    time::Instant,
};

type Outcome = Result<(), Box<dyn Error>>;

fn main() -> Outcome {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match &arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["transform", "flights", file] => transform(file, flights::transform),
        ["transform", "orders", file] => transform(file, orders::transform),
        #[cfg(feature = "vrl")]
        ["vrl", program, file] => {
            let program = remap::Remap::open(program)?;
            transform(file, |row, out| program.transform(row, out))
        }
        ["measure", folder] => measure(Path::new(folder)),
        ["year", folder, out] => year::run(Path::new(folder), Path::new(out)),
        _ => Err("usage: transform CASE FILE, vrl PROGRAM FILE where it is built in, measure FOLDER, or year FOLDER OUT".into()),
    }
}

fn transform(file: &str, work: impl Fn(&[u8], &mut Vec<u8>) -> Outcome) -> Outcome {
    let input = fs::read(file)?;
    let mut out = BufWriter::with_capacity(1 << 16, std::io::stdout().lock());
    let mut line = Vec::new();
    for row in lines(&input) {
        line.clear();
        work(row, &mut line)?;
        line.push(b'\n');
        out.write_all(&line)?;
    }
    Ok(out.flush()?)
}

fn measure(folder: &Path) -> Outcome {
    for (name, contract, work) in [
        (
            "flights",
            "flights/contracts/flight-row/1.json",
            flights::transform as fn(&[u8], &mut Vec<u8>) -> Outcome,
        ),
        ("orders", "orders/contracts/order/1.json", orders::transform),
    ] {
        let input = fs::read(folder.join(format!("{name}.jsonl")))?;
        let rows: Vec<&[u8]> = lines(&input).collect();
        let mut out = Vec::new();
        best(&format!("{name}: decode, validate, map, encode"), &rows, |row| {
            out.clear();
            work(row, &mut out)
        })?;
        let schema = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(contract))?;
        let schema =
            jsonschema::options().should_validate_formats(true).build(&serde_json::from_str(&schema)?)?;
        let valid =
            |value: &serde_json::Value| schema.is_valid(value).then_some(()).ok_or("a row is not valid");
        best(&format!("{name}: read and validate"), &rows, |row| {
            let value: serde_json::Value = serde_json::from_slice(row)?;
            valid(&value).map_err(Box::<dyn Error>::from)
        })?;
        let values: Vec<serde_json::Value> =
            rows.iter().map(|row| serde_json::from_slice(row)).collect::<Result<_, _>>()?;
        best(&format!("{name}: validate"), &values, valid)?;
    }
    wide::measure(folder)?;
    binary::measure(folder)
}

fn lines(input: &[u8]) -> impl Iterator<Item = &[u8]> {
    input.split(|byte| *byte == b'\n').filter(|row| !row.is_empty())
}

/// As Tenon's side measures.
fn best<T, E: Display>(
    what: &str,
    items: &[T],
    mut work: impl FnMut(&T) -> Result<(), E>,
) -> Result<(), String> {
    // Short runs, of which one falls between what else the machine does.
    let items = &items[..items.len().min(1_500)];
    let mut best = f64::INFINITY;
    for _ in 0..60 {
        let started = Instant::now();
        for item in items {
            work(item).map_err(|error| format!("{what}: {error}"))?;
        }
        best = best.min(started.elapsed().as_secs_f64());
    }
    println!("{what}\t{:.1}", best * 1e9 / items.len() as f64);
    Ok(())
}
