//! Going on in a text that can be read from its start only.

use bytes::Bytes;
use tenon_errors::{Report, catalogue::system::FILE_CHANGED};
use tenon_ports::Position;

/// What a reader of rows shows of the row that it took last.
pub(crate) trait Scan {
    /// A row that was taken.
    type Row;

    /// Takes the next row without decoding it.
    fn take(&mut self) -> Result<Option<Self::Row>, Report>;

    /// Where the next row begins.
    fn offset(&self) -> u64;

    /// By what the bytes before the next row are recognised.
    fn tail(&self) -> u64;

    /// Where a row begins, and its bytes without a line break.
    fn of(row: &Self::Row) -> (u64, &Bytes);
}

/// Takes rows up to the position `at`, which an earlier reader of the same text went on at. If the last row before it had
/// no end then and has gone on since, it is given back, as a whole.
///
/// # Errors
/// `Y0301` if other rows come before that position than did then.
pub(crate) fn rescan<S: Scan>(scan: &mut S, at: Position, name: &str) -> Result<Option<S::Row>, Report> {
    let changed = || {
        let message = format!(
            "the text of `{name}` holds something else before byte {} than was read there before",
            at.offset
        );
        Report::new(&FILE_CHANGED, message)
            .hint("give the new file a new name, or read it from its start with `--restart-source FLOW`")
    };
    loop {
        if scan.offset() == at.offset {
            return if at.tail == 0 || scan.tail() == at.tail { Ok(None) } else { Err(changed()) };
        }
        let Some(row) = scan.take()? else { return Err(changed()) };
        if scan.offset() <= at.offset {
            continue;
        }
        let length = at.tail >> 32;
        let (start, bytes) = S::of(&row);
        let before = usize::try_from(length).ok().and_then(|length| bytes.get(..length));
        let is_same =
            before.is_some_and(|before| u64::from(crc32c::crc32c(before)) == at.tail & u64::from(u32::MAX));
        if length == 0 || start + length != at.offset || !is_same {
            return Err(changed());
        }
        return Ok((bytes.len() as u64 > length).then_some(row));
    }
}
