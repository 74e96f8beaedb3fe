//! Reading a file that is in memory.

use std::sync::Arc;

use tenon_errors::{Report, Reports};
use tenon_model::Value;

use super::{BlockHead, Bodiless, Compression, Header, malformed};
use crate::{
    avro::{Schema, codec::Decoder},
    json::Limits,
};

/// The values of a file, one after the other. After an error there are no more.
#[derive(Debug)]
pub struct Reader<'b> {
    schema: Arc<Schema>,
    decoder: Decoder,
    compression: Compression,
    sync: [u8; 16],
    rest: &'b [u8],
    limits: Limits,
    block: Vec<u8>,
    /// Where the next value of the block begins.
    at: usize,
    /// How many values of the block are to come.
    count: usize,
    bodiless: Bodiless,
    has_failed: bool,
}

impl<'b> Reader<'b> {
    /// Opens a file that is read as it was written, or by `reader`.
    ///
    /// # Errors
    /// `D0105` for what is no such file, `C0001` for a schema that is none, `C0202` for what `reader` does not read, `C0002` for other
    /// compressions.
    pub fn new(file: &'b [u8], reader: Option<&Schema>) -> Result<Self, Reports> {
        let header = Header::read(file)?;
        Ok(Self {
            decoder: Decoder::between(&header.schema, reader.unwrap_or(&header.schema))?,
            schema: header.schema,
            compression: header.compression,
            sync: header.sync,
            rest: &file[header.length..],
            limits: Limits::default(),
            block: Vec::new(),
            at: 0,
            count: 0,
            bodiless: Bodiless::default(),
            has_failed: false,
        })
    }

    /// The schema that the file was written with.
    #[must_use]
    pub fn schema(&self) -> &Arc<Schema> {
        &self.schema
    }

    fn value(&mut self) -> Result<Option<Value>, Report> {
        while self.count == 0 {
            if self.at < self.block.len() {
                let more = self.block.len() - self.at;
                return Err(malformed(format!("{more} bytes follow the values of a block")));
            }
            if self.rest.is_empty() {
                return Ok(None);
            }
            self.open_block()?;
        }
        let bytes = self.block.get(self.at..).unwrap_or_default();
        let (value, rest) = self.decoder.decode_first(bytes)?;
        self.at = self.block.len() - rest.len();
        self.count -= 1;
        Ok(Some(value))
    }

    fn open_block(&mut self) -> Result<(), Report> {
        let head = BlockHead::read(self.rest)?;
        let stored = self.rest.get(head.length..).and_then(|rest| rest.split_at_checked(head.size));
        let Some((bytes, (sync, rest))) = stored.and_then(|(it, rest)| Some((it, rest.split_first_chunk()?)))
        else {
            return Err(malformed("the file ends within a block"));
        };
        if *sync != self.sync {
            return Err(malformed("a block does not end with the mark of its file"));
        }
        self.rest = rest;
        self.block = self.compression.unpack(bytes, self.limits.bytes)?;
        self.at = 0;
        self.count = head.count as usize;
        self.bodiless.take(&self.decoder, head.count, bytes.len())?;
        if self.decoder.has_bytes() && self.count > self.block.len() {
            return Err(malformed(format!(
                "a block of {} bytes is to have {} values",
                self.block.len(),
                self.count
            )));
        }
        Ok(())
    }
}

impl Iterator for Reader<'_> {
    type Item = Result<Value, Report>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.has_failed {
            return None;
        }
        let value = self.value();
        self.has_failed = value.is_err();
        value.transpose()
    }
}
