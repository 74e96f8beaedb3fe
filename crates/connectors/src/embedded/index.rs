//! Where records lie in a segment, for every so many bytes: in memory for all segments, in a file for those that are
//! full. The file only saves a scan at start; it is made again when it is absent or does not fit.
//!
//! | at | size | what |
//! |---|---|---|
//! | 0 | 8 | `TENONIDX` |
//! | 8 | 4 | version of the format: 1 |
//! | 12 | 4 | salt of the segment |
//! | 16 | 8 | length of the segment in bytes |
//! | 24 | 8 | offset after the last record |
//! | 32 | 8 | when the segment became full: milliseconds since 1970-01-01T00:00:00Z, signed |
//! | 40 | 16 each | offset of a record, position in the file |
//! | end | 4 | CRC-32C of everything before |

use super::{
    frame::{u32_at, u64_at},
    header,
};

/// One entry for this many bytes: what a reader has to skip over at most.
const INTERVAL: u64 = 64 << 10;

const MAGIC: &[u8; 8] = b"TENONIDX";
const VERSION: u32 = 1;
const FIXED: usize = 40;

/// Offsets and positions of some records of a segment, in order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Index(Vec<(u64, u64)>);

impl Index {
    /// Notes a record, if the last one noted is far enough away.
    pub(crate) fn note(&mut self, offset: u64, position: u64) {
        if self.0.last().is_none_or(|(_, last)| position - last >= INTERVAL) {
            self.0.push((offset, position));
        }
    }

    /// The nearest noted record at or before `offset`: its offset and position. `base` is the segment's first offset.
    pub(crate) fn floor(&self, offset: u64, base: u64) -> (u64, u64) {
        match self.0.partition_point(|(noted, _)| *noted <= offset) {
            0 => (base, header::LENGTH as u64),
            after => self.0[after - 1],
        }
    }
}

/// What an index file says about a segment that is full.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Summary {
    /// The segment's salt, which ties the index to it.
    pub(crate) salt: u32,
    /// Bytes of the segment.
    pub(crate) length: u64,
    /// The offset after its last record.
    pub(crate) end: u64,
    /// When it became full, in milliseconds.
    pub(crate) sealed: i64,
    /// Its index.
    pub(crate) index: Index,
}

impl Summary {
    /// The content of the index file.
    pub(crate) fn write(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(FIXED + self.index.0.len() * 16 + 4);
        bytes.extend_from_slice(MAGIC);
        bytes.extend_from_slice(&VERSION.to_le_bytes());
        bytes.extend_from_slice(&self.salt.to_le_bytes());
        bytes.extend_from_slice(&self.length.to_le_bytes());
        bytes.extend_from_slice(&self.end.to_le_bytes());
        bytes.extend_from_slice(&self.sealed.to_le_bytes());
        for (offset, position) in &self.index.0 {
            bytes.extend_from_slice(&offset.to_le_bytes());
            bytes.extend_from_slice(&position.to_le_bytes());
        }
        let check = crc32c::crc32c(&bytes);
        bytes.extend_from_slice(&check.to_le_bytes());
        bytes
    }

    /// Reads an index file; `None` if it is not one, or not whole.
    pub(crate) fn read(bytes: &[u8]) -> Option<Self> {
        let (bytes, check) = bytes.split_at_checked(bytes.len().checked_sub(4)?)?;
        let entries = bytes.get(FIXED..)?;
        let sound = &bytes[..8] == MAGIC
            && u32_at(bytes, 8) == VERSION
            && u32_at(check, 0) == crc32c::crc32c(bytes)
            && entries.len().is_multiple_of(16);
        sound.then(|| Self {
            salt: u32_at(bytes, 12),
            length: u64_at(bytes, 16),
            end: u64_at(bytes, 24),
            sealed: u64_at(bytes, 32).cast_signed(),
            index: Index(
                entries.chunks_exact(16).map(|entry| (u64_at(entry, 0), u64_at(entry, 8))).collect(),
            ),
        })
    }
}
