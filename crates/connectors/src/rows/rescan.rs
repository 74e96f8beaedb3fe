//! Going on in a text that can be read from its start only.

use bytes::Bytes;
use tenon_errors::{Report, catalogue::system::FILE_CHANGED};
use tenon_ports::Position;

use super::{
    input::Input,
    tail::{Kept, Tail},
};

/// What a reader of rows shows of the row that it took last.
pub(crate) trait Scan {
    /// A row that was taken.
    type Row;

    /// Takes the next row without decoding it.
    fn take(&mut self) -> Result<Option<Self::Row>, Report>;

    /// What it reads, up to the next row.
    fn input(&self) -> &Input;

    /// By what the row that was taken last is found again.
    fn tail(&self) -> &Tail;

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
    loop {
        let input = scan.input();
        if input.offset() == at.offset {
            let is_same = kept.recognises(input.check(), input.last(kept.length));
            return if is_same { Ok(None) } else { Err(changed()) };
        }
        let Some(row) = scan.take()? else { return Err(changed()) };
        if scan.input().offset() <= at.offset {
            continue;
        }
        let (start, bytes) = S::of(&row);
        let before = usize::try_from(kept.length).ok().and_then(|length| bytes.get(..length));
        let is_same = before.is_some_and(|before| {
            kept.recognises(crc32c::crc32c_append(scan.tail().started(), before), before)
        });
        if kept.length == 0 || start + kept.length != at.offset || !is_same {
            return Err(changed());
        }
        return Ok((bytes.len() as u64 > kept.length).then_some(row));
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
