//! Object container files (section "Object Container Files" of the specification).
//!
//! Blocks are stored as they are (`null`), or with `deflate`, `snappy` or `zstandard`. Others (`bzip2`, `xz`) are refused with their
//! name. A file is read in bounded memory: one block after the other. [`Reader`] reads one that is in memory; who has one elsewhere finds
//! its blocks by [`Header`] and [`BlockHead`].

mod compression;
mod header;
mod read;
mod write;

use tenon_errors::{
    Report, Reports,
    catalogue::data::{BAD_ENCODING, TOO_LARGE},
};

pub use self::{
    compression::Compression,
    header::{BlockHead, Header, MAGIC},
    read::Reader,
    write::Writer,
};
use super::{Decoder, bytes::FREE};
use crate::avro::{Schema, parse};

/// Counts the values of a file that no byte is written for: a block of a few bytes can name as many as it likes.
#[derive(Debug, Clone, Copy)]
pub struct Bodiless {
    left: usize,
}

impl Default for Bodiless {
    fn default() -> Self {
        Self { left: FREE }
    }
}

impl Bodiless {
    /// Counts the values of a block of so many bytes, if values that `decoder` reads have none.
    ///
    /// # Errors
    /// `D0104` for more than a file may have.
    pub fn take(&mut self, decoder: &Decoder, count: u32, bytes: usize) -> Result<(), Report> {
        if decoder.has_bytes() {
            return Ok(());
        }
        self.left = self.left.saturating_add(bytes);
        match self.left.checked_sub(count as usize) {
            Some(left) => {
                self.left = left;
                Ok(())
            }
            None => {
                let message =
                    format!("a block is to have {count} values of no bytes, and a file may have {FREE}");
                Err(Report::new(&TOO_LARGE, message).hint("write a field that has a value"))
            }
        }
    }
}

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
