//! What contracts and mappings cost, for `bench/contracts/run`, which holds it against peers.
//!
//! `transform CASE FILE` maps JSON lines to JSON lines on standard output, as jq does; `measure FOLDER` prints a line for each
//! part, its name and its nanoseconds for one message, and leaves the binary messages in the folder for the peers;
//! `decode DECODER ROUNDS` does nothing else, for `bench/contracts/instructions`, which counts.

mod binary;
mod case;
mod decoders;
mod documents;
mod time;

use std::{
    error::Error,
    fs,
    io::{BufWriter, Write},
    path::Path,
};

use self::{case::Case, time::best};

type Outcome = Result<(), Box<dyn Error>>;

fn main() -> Outcome {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match &arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["transform", case, file] => transform(&Case::open(case)?, file),
        ["measure", folder] => measure(Path::new(folder)),
        ["decode", rest @ ..] => decoders::decode(rest),
        _ => Err("usage: transform CASE FILE, measure FOLDER, or decode [DECODER ROUNDS]".into()),
    }
}

fn transform(case: &Case, file: &str) -> Outcome {
    let input = fs::read(file)?;
    let mut out = BufWriter::with_capacity(1 << 16, std::io::stdout().lock());
    let mut line = Vec::new();
    for row in lines(&input) {
        line.clear();
        case.transform(row, &mut line)?;
        line.push(b'\n');
        out.write_all(&line)?;
    }
    Ok(out.flush()?)
}

fn measure(folder: &Path) -> Outcome {
    for name in ["flights", "orders"] {
        let case = Case::open(name)?;
        let input = fs::read(folder.join(format!("{name}.jsonl")))?;
        let rows: Vec<&[u8]> = lines(&input).collect();
        let mut out = Vec::new();
        best(&format!("{name}: decode, validate, map, encode"), &rows, |row| {
            out.clear();
            case.transform(row, &mut out)
        })?;
        best(&format!("{name}: read and validate"), &rows, |row| case.decoder.decode(row).map(drop))?;
        let values: Vec<_> = rows.iter().map(|row| case.decoder.decode(row)).collect::<Result<_, _>>()?;
        best(&format!("{name}: validate"), &values, |value| case.input.check(value))?;
        best(&format!("{name}: map"), &values, |value| case.map(value.clone()).map(drop))?;
        best(&format!("{name}: encode"), &values, |value| {
            out.clear();
            tenon_contracts::json::encode(value, &mut out);
            Ok::<_, String>(())
        })?;
    }
    documents::measure(folder)?;
    binary::measure(folder)
}

fn lines(input: &[u8]) -> impl Iterator<Item = &[u8]> {
    input.split(|byte| *byte == b'\n').filter(|row| !row.is_empty())
}
