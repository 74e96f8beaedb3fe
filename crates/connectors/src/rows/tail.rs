//! Recognising what lies before a position, so that reading goes on in the file that it was made in.
//!
//! The tail of a position is the CRC-32C of everything before it in its lower 32 bits and, in the next 31 bits, the length of
//! the last row where that had no line break, so that its start can be found again. The highest bit is set. Where it is not,
//! an earlier Tenon made the position: then the check is of the last rows only, and the length is how long they are, up to
//! 8 KiB or one row. Positions keep the tail between runs, so it has to be the same in every version of Tenon.

use std::io::{self, Read};

use tenon_ports::Position;

use super::blob::Blob;

/// Set where the check is of everything before a position.
const WHOLE: u64 = 1 << 63;

/// What is read at once to look at what lies before a position.
const CHUNK: usize = 1 << 20;

/// The row that was taken last.
#[derive(Debug, Default)]
pub(crate) struct Tail {
    started: u32,
    open: u32,
}

impl Tail {
    /// A row went by, with its line break if it has one; `started` is the check of everything before it.
    pub(crate) fn passes(&mut self, started: u32, row: &[u8]) {
        let length = if row.ends_with(b"\n") { 0 } else { row.len() };
        // One too long for the number is not found again, as one that nobody kept.
        let open = u32::try_from(length).ok().filter(|length| *length < 1 << 31).unwrap_or(0);
        *self = Self { started, open };
    }

    /// Bytes went by that nobody kept.
    pub(crate) fn loses(&mut self) {
        self.open = 0;
    }

    /// The check of everything before the row that was taken last.
    pub(crate) fn started(&self) -> u32 {
        self.started
    }

    /// The tail of a position, given the check of everything before it.
    pub(crate) fn value(&self, check: u32) -> u64 {
        WHOLE | u64::from(self.open) << 32 | u64::from(check)
    }
}

/// A tail that a position came with.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Kept {
    /// Whether the check is of everything before the position.
    pub(crate) is_whole: bool,
    /// How much of what lies before the position the check is of, or, if it is of everything, how long the open row is.
    pub(crate) length: u64,
    check: u32,
}

impl Kept {
    pub(crate) fn of(position: Position) -> Self {
        let is_whole = position.tail & WHOLE != 0;
        let length = (position.tail & !WHOLE) >> 32;
        #[expect(clippy::cast_possible_truncation, reason = "the lower half")]
        Self { is_whole, length, check: position.tail as u32 }
    }

    /// Whether what was looked at is what lies before a position now: `whole` is the check of everything, `last` are the bytes
    /// that the check of an earlier Tenon is of.
    pub(crate) fn recognises(self, whole: u32, last: &[u8]) -> bool {
        match (self.is_whole, self.length) {
            (true, _) => self.check == whole,
            // Nothing was kept.
            (false, 0) => true,
            (false, _) => self.check == crc32c::crc32c(last),
        }
    }
}

/// Where to go on in a file after it was read up to `at`, and the check of everything before; nothing if what lies before is
/// not what was read.
///
/// If the last row had no line break, it may have been on its way. A line break that came since is skipped; a row that
/// goes on is read again from its start, as a whole.
pub(crate) fn resume(blob: &mut dyn Blob, at: Position) -> io::Result<Option<(Position, u32)>> {
    let size = blob.size();
    let kept = Kept::of(at);
    if kept.length > at.offset {
        return Ok(None);
    }
    let from = at.offset.saturating_sub(kept.length.max(1));
    let mut file = blob.read_at(0)?;
    let started = check_of(file.as_mut(), from)?;
    let mut before = Vec::new();
    file.by_ref().take(at.offset - from).read_to_end(&mut before)?;
    let mut after = Vec::new();
    file.take(2.min(size.saturating_sub(at.offset))).read_to_end(&mut after)?;
    let check = crc32c::crc32c_append(started, &before);
    if !kept.recognises(check, &before) {
        return Ok(None);
    }
    let past = |breaks: &[u8]| {
        let offset = at.offset + breaks.len() as u64;
        Some((Position { offset, tail: 0, ..at }, crc32c::crc32c_append(check, breaks)))
    };
    Ok(match (before.last(), after.as_slice()) {
        (None | Some(b'\n'), _) | (_, []) => Some((at, check)),
        (_, [b'\n', ..]) => past(b"\n"),
        (_, b"\r\n") => past(b"\r\n"),
        _ if kept.length == 0 => None,
        _ => {
            let lines = 1 + memchr::memchr_iter(b'\n', &before).count() as u64;
            let line = at.line.saturating_sub(lines).max(1);
            Some((Position { offset: from, line, tail: 0 }, started))
        }
    })
}

/// The check of the next `length` bytes.
fn check_of(file: &mut dyn Read, length: u64) -> io::Result<u32> {
    let (mut check, mut left) = (0, length);
    let mut buffer = vec![0; CHUNK.min(usize::try_from(length).unwrap_or(CHUNK))];
    while left > 0 {
        let wanted = buffer.len().min(usize::try_from(left).unwrap_or(CHUNK));
        match file.read(&mut buffer[..wanted]) {
            Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
            Ok(read) => {
                check = crc32c::crc32c_append(check, &buffer[..read]);
                left -= read as u64;
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(check)
}
