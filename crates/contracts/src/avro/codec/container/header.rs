//! What a file begins with, and what each of its blocks does.

use std::sync::Arc;

use tenon_errors::{Report, Reports, catalogue::data::TOO_LARGE};

use super::{Compression, malformed};
use crate::avro::{
    Schema,
    codec::{bytes::Cursor, trouble::Trouble},
    parse,
};

/// What every file begins with.
pub const MAGIC: &[u8; 4] = b"Obj\x01";
/// The most bytes of the header: as many as a schema may have, and some more.
const MAX_META: usize = 8 << 20;

/// What a file says of itself.
#[derive(Debug)]
pub struct Header {
    /// The schema that it was written with.
    pub schema: Arc<Schema>,
    /// The text of that schema, as it stands in the file.
    pub text: String,
    /// How its blocks are compressed.
    pub compression: Compression,
    /// What each block ends with.
    pub sync: [u8; 16],
    /// How many bytes all of this has.
    pub length: usize,
}

impl Header {
    /// The most bytes of one.
    pub const LONGEST: usize = MAGIC.len() + MAX_META + 16;

    /// The header that `bytes` begin with.
    ///
    /// # Errors
    /// `D0105` for what does not begin with one, `D0104` for one that is too long, `C0001` for a schema that is none, `C0002` for
    /// compressions that are not read.
    pub fn read(bytes: &[u8]) -> Result<Self, Reports> {
        let Some(rest) = bytes.strip_prefix(MAGIC) else {
            let message = "the file does not begin with `Obj` and 1, as object container files do";
            return Err(malformed(message).into());
        };
        let mut cursor = Cursor::new(rest);
        let meta = meta(&mut cursor).map_err(Trouble::into_report)?;
        let Some(text) = meta.schema else {
            return Err(malformed("the header of the file has no `avro.schema`").into());
        };
        Ok(Self {
            schema: parse(&text)?,
            text,
            compression: Compression::of_name(meta.codec.as_deref().unwrap_or("null"))?,
            sync: meta.sync,
            length: bytes.len() - cursor.rest().len(),
        })
    }
}

#[derive(Default)]
struct Meta {
    schema: Option<String>,
    codec: Option<String>,
    sync: [u8; 16],
}

fn meta(cursor: &mut Cursor<'_>) -> Result<Meta, Trouble> {
    let mut meta = Meta::default();
    let start = cursor.rest().len();
    while let Some((count, _)) = cursor.block(true)? {
        for _ in 0..count {
            let key = cursor.text()?;
            let place = match key {
                "avro.schema" => &mut meta.schema,
                "avro.codec" => &mut meta.codec,
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
    meta.sync = cursor.array()?;
    Ok(meta)
}

/// What stands before the bytes of a block. After them comes the mark of the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BlockHead {
    /// How many values the block has.
    pub count: u32,
    /// How many bytes it has, as they are stored.
    pub size: usize,
    /// How many bytes this is.
    pub length: usize,
}

impl BlockHead {
    /// The most bytes of one.
    pub const LONGEST: usize = 20;

    /// What `bytes` begin with.
    ///
    /// # Errors
    /// `D0105` for what is none.
    pub fn read(bytes: &[u8]) -> Result<Self, Report> {
        let mut cursor = Cursor::new(bytes);
        let numbers = cursor.long().and_then(|count| Ok((count, cursor.long()?)));
        let (count, size) = numbers.map_err(Trouble::into_report)?;
        let length = bytes.len() - cursor.rest().len();
        let not_one = |number: i64, of: &str| malformed(format!("{number} is not a number of {of}"));
        Ok(Self {
            count: u32::try_from(count).map_err(|_| not_one(count, "values"))?,
            size: usize::try_from(size).map_err(|_| not_one(size, "bytes"))?,
            length,
        })
    }
}
