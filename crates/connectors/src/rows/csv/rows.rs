//! Taking rows of CSV off an input, and going on after one that never ends.
//!
//! A row that breaks the rules of [`tenon_contracts::text::csv`] within the limit ends with its first line, so that one stray
//! quote costs one row. One that is larger than the limit is left out up to its end ([`super::beyond`]).

use std::io;

use bytes::Bytes;
use memchr::{memchr, memchr_iter};
use tenon_contracts::text::csv::{Dialect, End, Fault, Form, Walk, end_of_row, without_break};

use super::beyond::Beyond;
use crate::rows::{Look, arrival::CLIPPED, input::Input, tail::Tail};

/// Takes one row after the other off an input.
pub(crate) struct Rows {
    input: Input,
    rules: Lines,
    limit: usize,
    line: u64,
    // A row that was given up reached to here. Rows that begin before end with their line, so that a file of nothing but
    // stray quotes is not looked through again from each of its lines.
    suspect: u64,
    // A row that goes by, also after an error.
    beyond: Option<Beyond>,
    // Where a line began that is left out, also after an error.
    skipped: Option<u64>,
    tail: Tail,
}

/// Which lines are rows.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Lines {
    /// How their cells are told apart.
    pub(crate) dialect: Dialect,
    /// Those that begin with it are none.
    pub(crate) comment: Option<u8>,
    /// Whether an empty one is a row, as where there is but one column.
    pub(crate) empty: bool,
}

/// A row, or what stands where one should be.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Row {
    /// Where it begins in the file.
    pub(crate) offset: u64,
    /// The line that it begins on, from 1.
    pub(crate) line: u64,
    /// The bytes without the line break; only the first ones if it [is clipped](Kind::is_clipped).
    pub(crate) bytes: Bytes,
    /// What it is.
    pub(crate) kind: Kind,
}

/// What a row is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A row.
    Whole(Form),
    /// The first line of what is no row.
    Bad(Fault),
    /// Larger than the limit.
    TooLarge {
        /// How large.
        bytes: u64,
        /// On how many lines it stands.
        lines: u64,
    },
    /// Larger than the limit, and no row as far as it goes: to the end of the file where a quote is not closed, else to the end of the
    /// line in which that shows.
    BrokenOff {
        /// What is wrong.
        fault: Fault,
        /// The line in which the last cell in quotes was opened.
        opened: u64,
        /// How many lines are none.
        lines: u64,
    },
}

impl Kind {
    /// Whether only the first bytes are there.
    pub(crate) fn is_clipped(self) -> bool {
        matches!(self, Self::TooLarge { .. } | Self::BrokenOff { .. })
    }
}

impl Rows {
    /// The rows of `input`, which begins with line `line`. A row has at most `limit` bytes.
    pub(crate) fn new(input: Input, rules: Lines, limit: usize, line: u64) -> Self {
        Self { input, rules, limit, line, suspect: 0, beyond: None, skipped: None, tail: Tail::default() }
    }

    /// From here on, empty lines are rows.
    pub(crate) fn keep_empty_lines(&mut self) {
        self.rules.empty = true;
    }

    /// Leaves out the next line, however long it is.
    pub(crate) fn skip_line(&mut self) -> io::Result<()> {
        let from = *self.skipped.get_or_insert(self.input.offset());
        self.input.skip_line()?;
        self.skipped = None;
        self.line += u64::from(self.input.offset() > from);
        self.tail.loses();
        Ok(())
    }

    /// Where the next row begins: byte and line.
    pub(crate) fn position(&self) -> (u64, u64) {
        (self.input.offset(), self.line)
    }

    /// What is read.
    pub(crate) fn input(&self) -> &Input {
        &self.input
    }

    /// From here on, a last row without a line break is waited for where the file may grow.
    pub(crate) fn follow(&mut self, look: Option<Look>) {
        self.input.follow(look);
    }

    /// By what the row that was taken last is found again.
    pub(crate) fn tail(&self) -> &Tail {
        &self.tail
    }

    /// The next row. After an error it can be called again.
    pub(crate) fn next(&mut self) -> io::Result<Option<Row>> {
        loop {
            if let Some(beyond) = &mut self.beyond {
                let over = beyond.leave(&mut self.input)?;
                return Ok(self.behind(over));
            }
            if self.skipped.is_some() {
                self.skip_line()?;
            }
            if self.input.window().is_empty() && !self.input.is_whole() {
                self.input.extend()?;
            }
            let window = self.input.window();
            if window.is_empty() {
                return Ok(None);
            }
            if self.rules.comment == Some(window[0]) {
                self.skip_line()?;
                continue;
            }
            let visible = &window[..window.len().min(self.limit + 2)];
            let (seen, sees_all) = (visible.len(), visible.len() == window.len());
            let is_whole = self.input.is_whole() && sees_all;
            let within_line = self.input.offset() < self.suspect;
            match end_of_row(visible, self.rules.dialect, is_whole, within_line) {
                End::Row(length, _) if is_whole && length == seen && self.input.last_row_goes_on()? => {}
                // What is written of a cell may end with any line break.
                End::Bad { seen: to, fault: Fault::Unclosed }
                    if is_whole && to == seen && self.input.goes_on()? => {}
                End::Bad { .. } if is_whole && self.input.last_row_goes_on()? => {}
                End::Row(length, form) => {
                    let row = self.take(length, Kind::Whole(form));
                    if !row.bytes.is_empty() || self.rules.empty {
                        return Ok(Some(row));
                    }
                }
                End::Bad { seen, fault } => {
                    if let Some(row) = self.give_up(seen, fault)? {
                        return Ok(Some(row));
                    }
                }
                End::Unknown if sees_all => self.input.extend()?,
                End::Unknown => {
                    let walk = Walk::new(self.rules.dialect, within_line);
                    self.beyond = Some(Beyond::new(&self.input, self.line, seen, walk));
                }
            }
        }
    }

    /// Takes a row of `length` bytes with its line break.
    fn take(&mut self, length: usize, kind: Kind) -> Row {
        let (offset, line) = self.position();
        let bytes = self.input.take(length);
        self.tail.passes(&bytes);
        self.line += match kind {
            Kind::Whole(Form::Quoted) => {
                let breaks = memchr_iter(b'\n', &bytes).count() as u64;
                breaks + u64::from(bytes.last() != Some(&b'\n'))
            }
            _ => 1,
        };
        let content = without_break(&bytes);
        if content > self.limit {
            let kind = Kind::TooLarge { bytes: length as u64, lines: self.line - line };
            return Row { offset, line, bytes: Bytes::copy_from_slice(&bytes[..content.min(CLIPPED)]), kind };
        }
        Row { offset, line, bytes: bytes.slice(..content), kind }
    }

    /// Takes the first line of a row that was looked at for `seen` bytes and is none. One that does not end there, nor within the
    /// limit, is left out as what is beyond it.
    fn give_up(&mut self, seen: usize, fault: Fault) -> io::Result<Option<Row>> {
        self.suspect = self.suspect.max(self.input.offset() + seen as u64);
        while !self.input.is_whole() && self.input.window().len() < self.limit + 2 {
            if memchr(b'\n', self.input.window()).is_some() {
                break;
            }
            self.input.extend()?;
        }
        let window = self.input.window();
        let seen = window.len().min(self.limit + 2);
        if let Some(length) = memchr(b'\n', &window[..seen]) {
            return Ok(Some(self.take(length + 1, Kind::Bad(fault))));
        }
        if self.input.is_whole() && seen == window.len() {
            return Ok(Some(self.take(seen, Kind::Bad(fault))));
        }
        self.beyond = Some(Beyond::line(&self.input, self.line, seen, fault));
        Ok(None)
    }

    /// What stands for the row that went by.
    fn behind(&mut self, over: bool) -> Option<Row> {
        let (row, line) = self.beyond.take()?.finish(&self.input, over, &mut self.tail);
        self.line = line;
        Some(row)
    }
}
