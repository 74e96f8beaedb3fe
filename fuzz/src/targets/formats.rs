//! Every format of contracts: its reader, and its writer on what is read. A new format is here without a line.

use tenon_contracts::{
    FORMATS as ALL,
    format::{NoFiles, Sought, Source},
    json::Decoder,
};

use super::outcome_of_all;
use crate::{TARGETS, Target};

pub(super) const FORMATS: Target = Target { name: "formats", seeds: of_formats, run: formats };

/// What the readers begin with, for each format.
fn of_formats() -> Vec<Vec<u8>> {
    let readers = TARGETS
        .iter()
        .filter(|target| ["json-schema", "avro-schema", "protobuf-text", "xsd"].contains(&target.name));
    let texts: Vec<Vec<u8>> = readers.flat_map(|target| (target.seeds)()).collect();
    let formats = 0..u8::try_from(ALL.len()).unwrap_or(u8::MAX);
    formats.flat_map(|at| texts.iter().map(move |text| [&[at], &text[..]].concat())).collect()
}

/// The first byte is the format.
fn formats(bytes: &[u8]) -> u64 {
    let Some((first, text)) = bytes.split_first() else { return 2 };
    let Ok(text) = std::str::from_utf8(text) else { return 2 };
    let format = ALL[usize::from(*first) % ALL.len()];
    let Some(ending) = format.endings().first() else { return 2 };
    let file = format!("a.{ending}");
    let source = Source { file: &file, text, files: &NoFiles };
    let read = format.read(&source);
    for definition in read.iter().flat_map(|schema| &schema.types).take(20) {
        Decoder::new(&definition.shape)
            .unwrap_or_else(|report| panic!("what is read cannot be run: {report:?}"));
        let _ = format.write("a", &definition.shape);
        let _ = format.locate(&source, &definition.name, "a", Sought::Value);
    }
    outcome_of_all(&read) ^ u64::from(*first)
}
