//! Reading, writing, decoding and encoding, by examples.

mod codec;
mod derived;
mod hostile;
mod identity;
mod read;
mod refuse;
mod write;

use std::{collections::HashMap, sync::Arc};

use tenon_errors::{Report, Reports, catalogue::contract::BAD_CONTRACT_FILE};

use super::Document;
use crate::format::{Files, Source};

/// Files in memory.
struct Memory(HashMap<&'static str, &'static str>);

impl Files for Memory {
    fn read(&self, path: &str) -> Result<Arc<str>, Report> {
        let text = self.0.get(path).map(|text| Arc::from(*text));
        text.ok_or_else(|| Report::new(&BAD_CONTRACT_FILE, format!("there is no file `{path}` here")))
    }
}

/// A schema without a namespace that holds `inside`.
fn schema(inside: &str) -> String {
    format!("<xs:schema xmlns:xs='http://www.w3.org/2001/XMLSchema'>{inside}</xs:schema>")
}

fn document(text: &str, files: &[(&'static str, &'static str)]) -> Result<Document, Reports> {
    let files = Memory(files.iter().copied().collect());
    Document::read(&Source { file: "order/1.xsd", text, files: &files })
}

fn read(inside: &str) -> Document {
    document(&schema(inside), &[]).unwrap_or_else(|reports| panic!("{inside}: {reports:?}"))
}
