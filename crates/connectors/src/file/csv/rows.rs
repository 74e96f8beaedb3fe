//! Where a row of CSV ends (RFC 4180), and how to go on after one that never does.
//!
//! A cell is quoted if its first character is a quote; quotes inside of it are doubled, and stand in no other cell.
//! Line breaks are `\n` and `\r\n`. A row that breaks these rules ends with its first line, so that one stray quote
//! costs one row.

use std::io;

use bytes::Bytes;
use memchr::{memchr, memchr_iter, memchr2, memchr3};

use super::super::input::Input;

/// What is kept of a row that is too large to be kept whole.
pub(crate) const CLIPPED: usize = 64 << 10;

/// Takes one row after the other off an input.
pub(crate) struct Rows {
    input: Input,
    delimiter: u8,
    limit: usize,
    line: u64,
    // A row that was given up reached to here. Rows that begin before end with their line, so that a file of nothing but
    // stray quotes is not looked through again from each of its lines.
    suspect: u64,
}

/// A row, or what stands where one should be.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Row {
    /// Where it begins in the file.
    pub(crate) offset: u64,
    /// The line that it begins on, from 1.
    pub(crate) line: u64,
    /// The bytes without the line break; only the first ones of [`Kind::TooLarge`].
    pub(crate) bytes: Bytes,
    /// What it is.
    pub(crate) kind: Kind,
}

/// What a row is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Without any quote: cells are what lies between delimiters.
    Plain,
    /// With quoted cells, all closed.
    Quoted,
    /// The first line of a row in which text follows the closing quote of a cell.
    TextAfterQuote,
    /// The first line of a row in which a quote stands inside of a cell that does not begin with one.
    StrayQuote,
    /// The first line of a row in which a quote is not closed before the end of the file or the limit.
    Unclosed,
    /// Larger than the limit: at least so many bytes.
    TooLarge(u64),
}

impl Rows {
    /// The rows of `input`, which begins with line `line`. A row has at most `limit` bytes.
    pub(crate) fn new(input: Input, delimiter: u8, limit: usize, line: u64) -> Self {
        Self { input, delimiter, limit, line, suspect: 0 }
    }

    /// Where the next row begins: byte and line.
    pub(crate) fn position(&self) -> (u64, u64) {
        (self.input.offset(), self.line)
    }

    /// The next row that is not empty. After an error it can be called again.
    pub(crate) fn next(&mut self) -> io::Result<Option<Row>> {
        loop {
            if self.input.window().is_empty() && !self.input.is_whole() {
                self.input.extend()?;
            }
            let window = self.input.window();
            if window.is_empty() {
                return Ok(None);
            }
            let visible = &window[..window.len().min(self.limit + 2)];
            let is_whole = self.input.is_whole() && visible.len() == window.len();
            let within_line = self.input.offset() < self.suspect;
            match end_of_row(visible, self.delimiter, is_whole, within_line) {
                End::Row(length, kind) => {
                    let row = self.take(length, kind);
                    if !row.bytes.is_empty() {
                        return Ok(Some(row));
                    }
                }
                End::Bad { seen, kind } => return self.give_up(seen, kind).map(Some),
                End::Unknown { .. } if visible.len() == window.len() && !self.input.is_whole() => {
                    self.input.extend()?;
                }
                End::Unknown { in_quotes: true } => {
                    return self.give_up(visible.len(), Kind::Unclosed).map(Some);
                }
                End::Unknown { in_quotes: false } => {
                    return self.give_up(visible.len(), Kind::TooLarge(visible.len() as u64)).map(Some);
                }
            }
        }
    }

    /// Takes a row of `length` bytes with its line break.
    fn take(&mut self, length: usize, kind: Kind) -> Row {
        let (offset, line) = self.position();
        let bytes = self.input.take(length);
        self.line += match kind {
            Kind::Quoted => {
                let breaks = memchr_iter(b'\n', &bytes).count() as u64;
                breaks + u64::from(bytes.last() != Some(&b'\n'))
            }
            _ => 1,
        };
        let content = without_break(&bytes);
        if content > self.limit {
            let kind = Kind::TooLarge(length as u64);
            return Row { offset, line, bytes: Bytes::copy_from_slice(&bytes[..content.min(CLIPPED)]), kind };
        }
        Row { offset, line, bytes: bytes.slice(..content), kind }
    }

    /// Takes the first line of a row that was looked at for `seen` bytes and is none. A line that does not end there, nor
    /// within the limit, is skipped however long it is.
    fn give_up(&mut self, seen: usize, kind: Kind) -> io::Result<Row> {
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
            return Ok(self.take(length + 1, kind));
        }
        if self.input.is_whole() && seen == window.len() {
            return Ok(self.take(seen, kind));
        }
        let (offset, line) = self.position();
        let bytes = Bytes::copy_from_slice(&window[..seen.min(CLIPPED)]);
        self.input.skip_line()?;
        self.line += 1;
        Ok(Row { offset, line, bytes, kind: Kind::TooLarge(self.input.offset() - offset) })
    }
}

/// Where a row ends.
#[derive(Debug, PartialEq, Eq)]
enum End {
    /// After so many bytes, line break included.
    Row(usize, Kind),
    /// It is no row, as its first bytes show, so many of them.
    Bad { seen: usize, kind: Kind },
    /// Further than can be seen.
    Unknown { in_quotes: bool },
}

/// The end of the row at the start of `bytes`. `is_whole` says that nothing comes after them; `within_line` that the
/// row must end with its line.
fn end_of_row(bytes: &[u8], delimiter: u8, is_whole: bool, within_line: bool) -> End {
    match memchr2(b'\n', b'"', bytes) {
        Some(at) if bytes[at] == b'\n' => End::Row(at + 1, Kind::Plain),
        Some(_) => Quoted { bytes, delimiter, is_whole, within_line }.end(),
        None if is_whole => End::Row(bytes.len(), Kind::Plain),
        None => End::Unknown { in_quotes: false },
    }
}

struct Quoted<'a> {
    bytes: &'a [u8],
    delimiter: u8,
    is_whole: bool,
    within_line: bool,
}

impl Quoted<'_> {
    fn end(&self) -> End {
        let mut at = 0;
        // Each turn begins where a cell does.
        loop {
            if self.bytes.get(at) == Some(&b'"') {
                match self.closing_quote(at + 1) {
                    Ok(after) => at = after,
                    Err(end) => return end,
                }
                match &self.bytes[at..] {
                    [] | [b'\r'] => return self.at_end_of_sight(),
                    [b'\n', ..] => return End::Row(at + 1, Kind::Quoted),
                    [b'\r', b'\n', ..] => return End::Row(at + 2, Kind::Quoted),
                    [byte, ..] if *byte == self.delimiter => at += 1,
                    _ => return End::Bad { seen: at, kind: Kind::TextAfterQuote },
                }
            } else {
                let Some(length) = memchr3(self.delimiter, b'\n', b'"', &self.bytes[at..]) else {
                    return self.at_end_of_sight();
                };
                at += length;
                match self.bytes[at] {
                    b'\n' => return End::Row(at + 1, Kind::Quoted),
                    b'"' => return End::Bad { seen: at, kind: Kind::StrayQuote },
                    _ => at += 1,
                }
            }
        }
    }

    /// The byte after the quote that closes a cell whose content begins at `at`.
    fn closing_quote(&self, mut at: usize) -> Result<usize, End> {
        loop {
            let rest = &self.bytes[at..];
            let found = if self.within_line { memchr2(b'"', b'\n', rest) } else { memchr(b'"', rest) };
            match found {
                Some(length) if rest[length] == b'\n' => return Err(self.unclosed(at + length)),
                Some(length) => at += length + 1,
                None if self.is_whole => return Err(self.unclosed(self.bytes.len())),
                None => return Err(End::Unknown { in_quotes: true }),
            }
            if self.bytes.get(at) != Some(&b'"') {
                return Ok(at);
            }
            at += 1;
        }
    }

    fn unclosed(&self, seen: usize) -> End {
        End::Bad { seen, kind: Kind::Unclosed }
    }

    fn at_end_of_sight(&self) -> End {
        if self.is_whole {
            End::Row(self.bytes.len(), Kind::Quoted)
        } else {
            End::Unknown { in_quotes: false }
        }
    }
}

/// How long a line is without its break.
fn without_break(line: &[u8]) -> usize {
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    line.strip_suffix(b"\r").unwrap_or(line).len()
}
