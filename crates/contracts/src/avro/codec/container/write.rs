//! Writing a file into memory.

use std::sync::Arc;

use tenon_errors::Report;
use tenon_model::Value;

use super::{Compression, header::MAGIC};
use crate::avro::{
    Schema,
    codec::{
        Encoder,
        bytes::{write_long, write_octets},
    },
};

/// The size at which a block is closed.
const BLOCK: usize = 64 << 10;

/// Writes a file into memory.
#[derive(Debug)]
pub struct Writer {
    encoder: Encoder,
    compression: Compression,
    sync: [u8; 16],
    out: Vec<u8>,
    block: Vec<u8>,
    count: i64,
}

impl Writer {
    /// A file of values of `schema`. `sync` is the mark that ends each block: 16 bytes that no other file has, such as those of
    /// a new UUID.
    #[must_use]
    pub fn new(schema: &Arc<Schema>, compression: Compression, sync: [u8; 16]) -> Self {
        let mut out = MAGIC.to_vec();
        write_long(2, &mut out);
        write_octets(b"avro.schema", &mut out);
        write_octets(schema.to_json().to_string().as_bytes(), &mut out);
        write_octets(b"avro.codec", &mut out);
        write_octets(compression.name().as_bytes(), &mut out);
        write_long(0, &mut out);
        out.extend_from_slice(&sync);
        let encoder = Encoder::new(Arc::clone(schema));
        Self { encoder, compression, sync, out, block: Vec::new(), count: 0 }
    }

    /// Adds a value. After an error it is as if it had not been asked to.
    ///
    /// # Errors
    /// As for [`Encoder::encode`].
    pub fn write(&mut self, value: &Value) -> Result<(), Report> {
        self.encoder.encode(value, &mut self.block)?;
        self.count += 1;
        if self.block.len() >= BLOCK { self.close_block() } else { Ok(()) }
    }

    fn close_block(&mut self) -> Result<(), Report> {
        if self.count == 0 {
            return Ok(());
        }
        let packed = self.compression.pack(std::mem::take(&mut self.block))?;
        write_long(self.count, &mut self.out);
        write_octets(&packed, &mut self.out);
        self.out.extend_from_slice(&self.sync);
        self.count = 0;
        Ok(())
    }

    /// The bytes of the file.
    ///
    /// # Errors
    /// `D0107` if the last block cannot be compressed.
    pub fn finish(mut self) -> Result<Vec<u8>, Report> {
        self.close_block()?;
        Ok(self.out)
    }
}
