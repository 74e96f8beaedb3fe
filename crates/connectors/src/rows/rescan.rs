//! Going on in a text that can be read from its start only.

use bytes::Bytes;
use tenon_errors::{Report, catalogue::system::FILE_CHANGED};
use tenon_ports::Position;

use super::{input::Input, tail::Kept};

/// What a reader of rows shows of the row that it took last.
pub(crate) trait Scan {
    /// A row that was taken.
    type Row;

    /// Takes the next row without decoding it.
    fn take(&mut self) -> Result<Option<Self::Row>, Report>;

    /// What it reads, up to the next row.
    fn input(&self) -> &Input;

    /// Where a row begins, and its bytes without a line break.
    fn of(row: &Self::Row) -> (u64, &Bytes);
}

/// A scan, and the row that it took while it looked for its position.
pub(crate) struct Resumed<S: Scan> {
    pub(crate) scan: S,
    pending: Option<S::Row>,
}

impl<S: Scan> Resumed<S> {
    /// From the position `at` on, which an earlier reader of the same text went on at; from where `scan` is, if there was none.
    ///
    /// # Errors
    /// `Y0301` if other rows come before that position than did then.
    pub(crate) fn from(mut scan: S, at: Option<Position>, name: &str) -> Result<Self, Report> {
        let pending = at.map(|at| rescan(&mut scan, at, name)).transpose()?.flatten();
        Ok(Self { scan, pending })
    }

    /// The next row.
    pub(crate) fn take(&mut self) -> Result<Option<S::Row>, Report> {
        match self.pending.take() {
            Some(row) => Ok(Some(row)),
            None => self.scan.take(),
        }
    }
}

/// Takes rows up to the position `at`, which an earlier reader of the same text went on at. If the last row before it had
/// no end then and has gone on since, it is given back, as a whole.
///
/// # Errors
/// `Y0301` if other rows come before that position than did then.
fn rescan<S: Scan>(scan: &mut S, at: Position, name: &str) -> Result<Option<S::Row>, Report> {
    let changed = || changed(name, "the text of ", at);
    let kept = Kept::of(at);
    // A row that ended in quotes is taken once more, to see whether it goes on.
    let again = kept.in_quotes && kept.length > 0;
    loop {
        let input = scan.input();
        if input.offset() == at.offset && !again {
            let last = crc32c::crc32c(input.last(kept.length));
            return if kept.recognises(input.check(), last) { Ok(None) } else { Err(changed()) };
        }
        let Some(row) = scan.take()? else { return Err(changed()) };
        let input = scan.input();
        if input.offset() < at.offset || (input.offset() == at.offset && !again) {
            continue;
        }
        let (start, bytes) = S::of(&row);
        let length = usize::try_from(kept.length).unwrap_or(usize::MAX);
        let last = bytes.get(..length).map_or(0, crc32c::crc32c);
        let is_same = kept.recognises(input.noted().unwrap_or_default(), last);
        if kept.length == 0 || start + kept.length != at.offset || !is_same {
            return Err(changed());
        }
        let goes_on = if again { input.offset() > at.offset } else { bytes.len() > length };
        return Ok(goes_on.then_some(row));
    }
}

/// The report of a file that is not what it was before a position.
pub(crate) fn changed(name: &str, what: &str, at: Position) -> Report {
    changed_before(name, &format!("byte {}", at.offset), what)
}

/// The same, where `point` says what it was before.
pub(crate) fn changed_before(name: &str, point: &str, what: &str) -> Report {
    let message = format!("{what}`{name}` has other content before {point} than what was read there before");
    Report::new(&FILE_CHANGED, message).hint("give the new file a new name")
}
