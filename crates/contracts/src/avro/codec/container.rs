//! Object container files (section "Object Container Files" of the specification).
//!
//! Blocks are stored as they are (`null`), with Deflate (`deflate`) or Zstandard (`zstandard`). Other codecs (`snappy`, `bzip2`, `xz`) are
//! refused with their names. A file is read in bounded memory: one block after the other.

use std::sync::Arc;

use tenon_errors::{Report, Reports, catalogue::data::TOO_LARGE};
use tenon_model::Value;

pub use super::compression::Compression;

use super::{
    Decoder, Encoder,
    bytes::{Cursor, write_long, write_octets},
    trouble::Trouble,
};
use crate::{
    avro::{Schema, parse},
    json::Limits,
};

const MAGIC: &[u8; 4] = b"Obj\x01";
/// The most bytes of the header: as many as a schema may have, and some more.
const MAX_META: usize = 8 << 20;
/// The size at which a block is closed.
const BLOCK: usize = 64 << 10;

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
    has_failed: bool,
}

impl<'b> Reader<'b> {
    /// Opens a file that is read as it was written, or by `reader`.
    ///
    /// # Errors
    /// `D0105` for what is no such file, `C0001` for a schema that is none, `C0202` for what `reader` does not read, `C0002` for other
    /// compressions.
    pub fn new(file: &'b [u8], reader: Option<&Schema>) -> Result<Self, Reports> {
        let Some(rest) = file.strip_prefix(MAGIC) else {
            return Err(
                malformed("the file does not begin with `Obj` and 1, as object container files do").into()
            );
        };
        let mut cursor = Cursor::new(rest);
        let header = header(&mut cursor).map_err(Trouble::into_report)?;
        let Some(schema) = header.schema else {
            return Err(malformed("the header of the file has no `avro.schema`").into());
        };
        let schema = parse(&schema)?;
        Ok(Self {
            decoder: Decoder::between(&schema, reader.unwrap_or(&schema))?,
            schema,
            compression: Compression::of_name(header.codec.as_deref().unwrap_or("null"))?,
            sync: header.sync,
            rest: cursor.rest(),
            limits: Limits::default(),
            block: Vec::new(),
            at: 0,
            count: 0,
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
        let mut cursor = Cursor::new(self.rest);
        let mut read = || Ok((cursor.long()?, cursor.octets()?, cursor.array::<16>()?));
        let (count, bytes, sync) = read().map_err(Trouble::into_report)?;
        if sync != self.sync {
            return Err(malformed("a block does not end with the mark of its file"));
        }
        self.rest = cursor.rest();
        self.block = self.compression.unpack(bytes, self.limits.bytes)?;
        self.at = 0;
        self.count =
            usize::try_from(count).map_err(|_| malformed(format!("{count} is not a number of values")))?;
        // Values without bytes are as many as the block says, and they are made one by one.
        if self.decoder.has_bytes() && self.count > self.block.len() {
            return Err(malformed(format!(
                "a block of {} bytes is to have {count} values",
                self.block.len()
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

#[derive(Default)]
struct Header {
    schema: Option<String>,
    codec: Option<String>,
    sync: [u8; 16],
}

fn header(cursor: &mut Cursor<'_>) -> Result<Header, Trouble> {
    let mut header = Header::default();
    let start = cursor.rest().len();
    while let Some((count, _)) = cursor.block(true)? {
        for _ in 0..count {
            let key = cursor.text()?;
            let place = match key {
                "avro.schema" => &mut header.schema,
                "avro.codec" => &mut header.codec,
                _ => {
                    cursor.octets()?;
                    continue;
                }
            };
            *place = Some(cursor.text()?.to_owned());
            if start - cursor.rest().len() > MAX_META {
                return Err(Trouble::new(&TOO_LARGE, format!("the header has more than {MAX_META} bytes")));
            }
        }
    }
    header.sync = cursor.array()?;
    Ok(header)
}

fn malformed(message: impl Into<String>) -> Report {
    Trouble::malformed(message).into_report()
}

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
