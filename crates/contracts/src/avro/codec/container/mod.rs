//! Object container files (section "Object Container Files" of the specification).
//!
//! Blocks are stored as they are (`null`), or with `deflate`, `snappy` or `zstandard`. Others (`bzip2`, `xz`) are refused with their
//! name. A file is read in bounded memory: one block after the other. [`Reader`] reads one that is in memory; who has one elsewhere finds
//! its blocks by [`Header`] and [`BlockHead`].

mod compression;
mod header;
mod read;
mod write;

use tenon_errors::{Report, Reports, catalogue::data::BAD_ENCODING};

pub use self::{
    compression::Compression,
    header::{BlockHead, Header, MAGIC},
    read::Reader,
    write::Writer,
};
use super::Decoder;
use crate::avro::{Schema, parse};

/// What reads single rows of a file, whose header has the schema `writer`, by `reader`.
///
/// # Errors
/// `C0001` for a schema that is none, else as for [`Decoder::between`].
pub fn row_decoder(writer: &str, reader: &Schema) -> Result<Decoder, Reports> {
    Decoder::between(parse(writer)?.as_ref(), reader)
}

fn malformed(message: impl Into<String>) -> Report {
    Report::new(&BAD_ENCODING, message)
}
