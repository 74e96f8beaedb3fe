//! Reading, writing, decoding and encoding, by examples.

mod codec;
mod derived;
mod hostile;
mod identity;
mod locate;
mod read;
mod refuse;
mod write;

use tenon_errors::Reports;

use super::Document;
use crate::format::{InMemory, Source};

/// A schema without a namespace that holds `inside`.
fn schema(inside: &str) -> String {
    format!("<xs:schema xmlns:xs='http://www.w3.org/2001/XMLSchema'>{inside}</xs:schema>")
}

fn document(text: &str, files: &[(&str, &str)]) -> Result<Document, Reports> {
    Document::read(&Source { file: "order/1.xsd", text, files: &InMemory(files) })
}

fn read(inside: &str) -> Document {
    document(&schema(inside), &[]).unwrap_or_else(|reports| panic!("{inside}: {reports:?}"))
}
