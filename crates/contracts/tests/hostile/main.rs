//! Contracts that are made to be slow or large: each is read, run and written again, with work and memory that grow as its text
//! does, or it is refused by a limit that its report names.
//!
//! Work is seen by what is allocated, which is the same at each run: a file of twice the size may allocate three times as much,
//! beside a fixed slack.
#![allow(clippy::expect_used, clippy::print_stderr, reason = "a test fails by panicking")]

mod absent;
mod chains;
mod memory;
mod wide;

use tenon_contracts::{
    format::{self, NoFiles, Sought, Source},
    json::Decoder,
};

/// What every file may take, however small it is, in bytes: parts that come from others are bounded by their number, of which a small
/// file may have all.
const FIXED: usize = 256 << 20;
/// What a file of twice the size may allocate beyond three times as much.
const SLACK: usize = 16 << 20;
/// The most bytes of the heap at one time for each byte of a file.
const PER_BYTE: usize = 1_500;

/// How a file is made of a size: its name, and its text.
struct Case {
    name: &'static str,
    file: &'static str,
    text: fn(usize) -> String,
}

fn each(size: usize, part: impl Fn(usize) -> String, between: &str) -> String {
    (0..size).map(part).collect::<Vec<_>>().join(between)
}

fn xsd(inside: &str) -> String {
    format!("<xs:schema xmlns:xs='http://www.w3.org/2001/XMLSchema'>{inside}</xs:schema>")
}

/// Reads a file, and data by its first types, and writes those again. What is told of it, if it is refused.
fn used(file: &str, text: &str) -> String {
    let format = format::of(file, text).expect("it is a file of a format");
    let source = Source { file, text, files: &NoFiles };
    let schema = match format.read(&source) {
        Ok(schema) => schema,
        Err(reports) => {
            let first = reports.iter().next().expect("there is a report");
            assert!(!first.places().is_empty(), "{file}: {first} has no place");
            return first.message().to_owned();
        }
    };
    for definition in schema.types.iter().take(2) {
        let shape = &definition.shape;
        let decoder = match Decoder::new(shape) {
            Ok(decoder) => decoder,
            Err(report) => return report.message().to_owned(),
        };
        let _ = decoder.decode(b"{\"a\":[1,{\"b\":null}],\"p1\":\"x\"}");
        let _ = format.write("a", shape);
        let _ = format.locate(&source, &definition.name, "a.b[].c", Sought::Value);
    }
    String::new()
}

/// Holds each case at two sizes against the bounds.
fn check(cases: &[Case], size: usize) {
    let only = std::env::var("HOSTILE").ok();
    for case in cases.iter().filter(|case| only.as_ref().is_none_or(|only| case.name.contains(only))) {
        let [small, large] = [size, 2 * size].map(|size| {
            let text = (case.text)(size);
            let (told, taken) = memory::measured(|| used(case.file, &text));
            let most = FIXED + PER_BYTE * text.len();
            assert!(taken.peak < most, "{}: {} bytes for {}", case.name, taken.peak, text.len());
            (told, taken)
        });
        if small.0 == large.0 {
            let most = 3 * small.1.total + SLACK;
            assert!(large.1.total < most, "{}: {} bytes, then {}", case.name, small.1.total, large.1.total);
        }
        eprintln!(
            "{}: {:?}, {} MiB, {} MiB in all",
            case.name,
            large.0,
            large.1.peak >> 20,
            large.1.total >> 20
        );
    }
}
