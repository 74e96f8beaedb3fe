//! Recognising what lies before a position, so that reading goes on in the file that it was made in.
//!
//! A tail is the length of the whole rows before a position that were looked at, up to 8 KiB or one row, in its upper 32 bits,
//! and their CRC-32C in its lower ones. Positions keep it between runs, so it has to be the same in every version of Tenon.

use std::io::{self, Read};

use tenon_ports::Position;

use super::blob::Blob;

/// From this many bytes on, looking starts anew.
const LONG: u32 = 8 << 10;

/// Looks at the rows of a file as they go by.
#[derive(Debug, Default)]
pub(crate) struct Tail {
    length: u32,
    check: u32,
}

impl Tail {
    /// A row went by, with its line break. The last one may have none; it is then looked at alone, so that its start can be
    /// found again.
    pub(crate) fn passes(&mut self, row: &[u8]) {
        let length = u32::try_from(row.len()).unwrap_or(u32::MAX);
        if self.length.saturating_add(length) > LONG || !row.ends_with(b"\n") {
            *self = Self::default();
        }
        self.length = self.length.saturating_add(length);
        self.check = crc32c::crc32c_append(self.check, row);
    }

    /// Bytes went by that nobody kept.
    pub(crate) fn loses(&mut self) {
        *self = Self::default();
    }

    /// The tail of the position after what went by last.
    pub(crate) fn value(&self) -> u64 {
        u64::from(self.length) << 32 | u64::from(self.check)
    }
}

/// Where to go on in a file after it was read up to `at`; nothing if what lies before that is not
/// what was read.
///
/// If the last row had no line break, it may have been on its way. A line break that came since is skipped; a row that
/// goes on is read again from its start, as a whole.
pub(crate) fn resume(blob: &mut dyn Blob, at: Position) -> io::Result<Option<Position>> {
    let size = blob.size();
    let length = at.tail >> 32;
    if length > at.offset {
        return Ok(None);
    }
    let from = at.offset.saturating_sub(length.max(1));
    let mut before = Vec::new();
    let mut file = blob.read_at(from)?;
    file.by_ref().take(at.offset - from).read_to_end(&mut before)?;
    let mut after = Vec::new();
    file.take(2.min(size.saturating_sub(at.offset))).read_to_end(&mut after)?;
    if length > 0 && u64::from(crc32c::crc32c(&before)) != at.tail & u64::from(u32::MAX) {
        return Ok(None);
    }
    Ok(match (before.last(), after.as_slice()) {
        (None | Some(b'\n'), _) | (_, []) => Some(at),
        (_, [b'\n', ..]) => Some(Position { offset: at.offset + 1, tail: 0, ..at }),
        (_, b"\r\n") => Some(Position { offset: at.offset + 2, tail: 0, ..at }),
        _ if length == 0 => None,
        _ => {
            let lines = 1 + memchr::memchr_iter(b'\n', &before).count() as u64;
            Some(Position { offset: from, line: at.line.saturating_sub(lines).max(1), tail: 0 })
        }
    })
}
