//! Recognising what lies before a position, so that reading goes on in the file that it was made in.
//!
//! The tail of a position is the CRC-32C of everything before it in its lower 32 bits and, in the next 30 bits, the length of
//! the last row where that had no end, so that its start can be found again. The bit above says whether the row was in quotes
//! there, where a line break is no end. The highest bit is set. Where it is not, an earlier Tenon made the position: then the
//! check is of the last rows only, and the length is how long they are, up to 8 KiB or one row. Positions keep the tail between
//! runs, so it has to be the same in every version of Tenon.

use std::io::{self, Read};

use tenon_ports::Position;

use super::blob::Blob;

/// Set where the check is of everything before a position.
const WHOLE: u64 = 1 << 63;

/// Set where the last row ended in quotes.
const IN_QUOTES: u64 = 1 << 62;

/// What is read at once to look at what lies before a position.
const CHUNK: usize = 1 << 20;

/// The row that was taken last.
#[derive(Debug, Default)]
pub(crate) struct Tail {
    open: u64,
    in_quotes: bool,
}

impl Tail {
    /// A row went by, with its line break if it has one.
    pub(crate) fn passes(&mut self, row: &[u8]) {
        let length = if row.ends_with(b"\n") { 0 } else { row.len() };
        self.stays_open(length as u64, false);
    }

    /// A row of so many bytes went by that has no end yet; `in_quotes` says that no line break would be one.
    pub(crate) fn stays_open(&mut self, length: u64, in_quotes: bool) {
        // One too long for the number is not found again.
        let open = if length < IN_QUOTES >> 32 { length } else { 0 };
        *self = Self { open, in_quotes };
    }

    /// Bytes went by that nobody kept.
    pub(crate) fn loses(&mut self) {
        *self = Self::default();
    }

    /// The tail of a position, given the check of everything before it.
    pub(crate) fn value(&self, check: u32) -> u64 {
        let in_quotes = if self.in_quotes { IN_QUOTES } else { 0 };
        WHOLE | in_quotes | self.open << 32 | u64::from(check)
    }
}

/// A tail that a position came with.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Kept {
    /// Whether the check is of everything before the position.
    pub(crate) is_whole: bool,
    /// How much of what lies before the position the check is of, or, if it is of everything, how long the open row is.
    pub(crate) length: u64,
    /// Whether the open row ends in quotes.
    pub(crate) in_quotes: bool,
    check: u32,
}

impl Kept {
    pub(crate) fn of(position: Position) -> Self {
        let is_whole = position.tail & WHOLE != 0;
        let in_quotes = is_whole && position.tail & IN_QUOTES != 0;
        let flags = if is_whole { WHOLE | IN_QUOTES } else { 0 };
        let length = (position.tail & !flags) >> 32;
        #[expect(clippy::cast_possible_truncation, reason = "the lower half")]
        Self { is_whole, length, in_quotes, check: position.tail as u32 }
    }

    /// Whether what was looked at is what lies before a position now: `whole` is the check of everything, `last` that of the last
    /// `length` bytes, of which that of an earlier Tenon is.
    pub(crate) fn recognises(self, whole: u32, last: u32) -> bool {
        match (self.is_whole, self.length) {
            (true, _) => self.check == whole,
            // Nothing was kept.
            (false, 0) => true,
            (false, _) => self.check == last,
        }
    }
}

/// Where to go on in a file after it was read up to `at`, and the check of everything before; nothing if what lies before is
/// not what was read.
///
/// If the last row had no end, it may have been on its way. A line break that came since is skipped; a row that goes on is read
/// again from its start, as a whole.
pub(crate) fn resume(blob: &mut dyn Blob, at: Position) -> io::Result<Option<(Position, u32)>> {
    let size = blob.size();
    let kept = Kept::of(at);
    if kept.length > at.offset {
        return Ok(None);
    }
    let from = at.offset.saturating_sub(kept.length.max(1));
    let mut file = blob.read_at(0)?;
    let mut started = 0;
    pass(file.as_mut(), from, |bytes| started = crc32c::crc32c_append(started, bytes))?;
    let mut before = Seen { check: started, ..Seen::default() };
    pass(file.as_mut(), at.offset - from, |bytes| before.passes(bytes))?;
    let mut after = Vec::new();
    file.take(2.min(size.saturating_sub(at.offset))).read_to_end(&mut after)?;
    if !kept.recognises(before.check, before.own) {
        return Ok(None);
    }
    let past = |breaks: &[u8]| {
        let offset = at.offset + breaks.len() as u64;
        Some((Position { offset, tail: 0, ..at }, crc32c::crc32c_append(before.check, breaks)))
    };
    let has_end = matches!(before.last, None | Some(b'\n')) && !kept.in_quotes;
    Ok(match after.as_slice() {
        [] => Some((at, before.check)),
        _ if has_end => Some((at, before.check)),
        [b'\n', ..] if !kept.in_quotes => past(b"\n"),
        b"\r\n" if !kept.in_quotes => past(b"\r\n"),
        _ if kept.length == 0 => None,
        _ => {
            let lines = before.breaks + u64::from(before.last != Some(b'\n'));
            let line = at.line.saturating_sub(lines).max(1);
            Some((Position { offset: from, line, tail: 0 }, started))
        }
    })
}

/// Bytes that went by.
#[derive(Default)]
struct Seen {
    /// Of them and all before.
    check: u32,
    /// Of them alone.
    own: u32,
    breaks: u64,
    last: Option<u8>,
}

impl Seen {
    fn passes(&mut self, bytes: &[u8]) {
        self.check = crc32c::crc32c_append(self.check, bytes);
        self.own = crc32c::crc32c_append(self.own, bytes);
        self.breaks += memchr::memchr_iter(b'\n', bytes).count() as u64;
        self.last = bytes.last().copied();
    }
}

/// Shows the next `length` bytes, piece by piece.
fn pass(file: &mut dyn Read, length: u64, mut show: impl FnMut(&[u8])) -> io::Result<()> {
    let mut left = length;
    let mut buffer = vec![0; CHUNK.min(usize::try_from(length).unwrap_or(CHUNK))];
    while left > 0 {
        let wanted = buffer.len().min(usize::try_from(left).unwrap_or(CHUNK));
        match file.read(&mut buffer[..wanted]) {
            Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
            Ok(read) => {
                show(&buffer[..read]);
                left -= read as u64;
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}
