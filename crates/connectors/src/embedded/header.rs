//! The first 40 bytes of a segment file.
//!
//! | at | size | what |
//! |---|---|---|
//! | 0 | 8 | `TENONLOG` |
//! | 8 | 4 | version of the format: 1 |
//! | 12 | 4 | salt of the checks of heads, drawn when the segment is made |
//! | 16 | 8 | offset of the first record |
//! | 24 | 8 | when the segment was made: milliseconds since 1970-01-01T00:00:00Z, signed |
//! | 32 | 4 | 0 |
//! | 36 | 4 | CRC-32C of bytes 0 to 35 |

use super::frame::{u32_at, u64_at};

/// Bytes of a header; the first record begins here.
pub(crate) const LENGTH: usize = 40;

/// The version of the format that is written and read.
pub(crate) const VERSION: u32 = 1;

const MAGIC: &[u8; 8] = b"TENONLOG";

/// What the header of a segment says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Header {
    /// What the checks of heads start from.
    pub(crate) salt: u32,
    /// The offset of the first record.
    pub(crate) base: u64,
    /// When the segment was made, in milliseconds.
    pub(crate) made: i64,
}

/// Why a header cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum BadHeader {
    /// It is not a header, or not a whole one.
    Damaged,
    /// It is of this other version of the format.
    Version(u32),
}

impl Header {
    /// The header as bytes.
    pub(crate) fn write(&self) -> [u8; LENGTH] {
        let mut bytes = [0; LENGTH];
        bytes[..8].copy_from_slice(MAGIC);
        bytes[8..12].copy_from_slice(&VERSION.to_le_bytes());
        bytes[12..16].copy_from_slice(&self.salt.to_le_bytes());
        bytes[16..24].copy_from_slice(&self.base.to_le_bytes());
        bytes[24..32].copy_from_slice(&self.made.to_le_bytes());
        let check = crc32c::crc32c(&bytes[..36]);
        bytes[36..].copy_from_slice(&check.to_le_bytes());
        bytes
    }

    /// Reads a header from the first bytes of a file.
    pub(crate) fn read(bytes: &[u8]) -> Result<Self, BadHeader> {
        let bytes = bytes.get(..LENGTH).ok_or(BadHeader::Damaged)?;
        if &bytes[..8] != MAGIC || u32_at(bytes, 36) != crc32c::crc32c(&bytes[..36]) {
            return Err(BadHeader::Damaged);
        }
        match u32_at(bytes, 8) {
            VERSION => Ok(Self {
                salt: u32_at(bytes, 12),
                base: u64_at(bytes, 16),
                made: u64_at(bytes, 24).cast_signed(),
            }),
            other => Err(BadHeader::Version(other)),
        }
    }
}
