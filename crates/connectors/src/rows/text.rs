//! The text of a document as it goes by, with the line and the column that are reached.

use bytes::Bytes;
use memchr::{memchr_iter, memrchr};
use tenon_errors::{Place, Report};
use tenon_model::Str;
use tenon_ports::Position;

use super::{blob::refused, input::Input};

/// A document that is read in order and never held as a whole.
pub(super) struct Text {
    input: Input,
    name: Str,
    line: u64,
    column: u64,
}

impl Text {
    pub(super) fn new(input: Input, name: Str) -> Self {
        Self { input, name, line: 1, column: 1 }
    }

    pub(super) fn name(&self) -> &Str {
        &self.name
    }

    /// What is read.
    pub(super) fn input(&self) -> &Input {
        &self.input
    }

    /// What has been read and not taken.
    pub(super) fn window(&self) -> &[u8] {
        self.input.window()
    }

    /// Whether the window reaches to the end of the document.
    pub(super) fn is_whole(&self) -> bool {
        self.input.is_whole()
    }

    /// Where the window begins; `tail` tells what comes before it.
    pub(super) fn position(&self, tail: u64) -> Position {
        Position { offset: self.input.offset(), line: self.line, tail }
    }

    /// Where the window begins in its line, in characters from 1.
    pub(super) fn column(&self) -> u64 {
        self.column
    }

    /// Makes the window longer, unless it is whole.
    pub(super) fn extend(&mut self) -> Result<(), Report> {
        self.input.extend().map_err(|error| refused(&self.name, &error))
    }

    /// Takes the first `length` bytes of the window.
    pub(super) fn take(&mut self, length: usize) -> Bytes {
        let bytes = self.input.take(length);
        let breaks = memchr_iter(b'\n', &bytes).count() as u64;
        let last = memrchr(b'\n', &bytes).map_or(&bytes[..], |at| &bytes[at + 1..]);
        // Characters begin with bytes that do not continue one.
        let characters = last.iter().filter(|byte| **byte & 0xC0 != 0x80).count() as u64;
        self.column = if breaks > 0 { 1 } else { self.column } + characters;
        self.line += breaks;
        bytes
    }

    /// Takes the whole window.
    pub(super) fn take_all(&mut self) -> Bytes {
        self.take(self.window().len())
    }

    /// The next byte that is not blank, which is not taken; nothing at the end.
    pub(super) fn peek(&mut self) -> Result<Option<u8>, Report> {
        loop {
            let window = self.window();
            let blank = |byte: &u8| matches!(byte, b' ' | b'\n' | b'\r' | b'\t');
            if let Some(length) = window.iter().position(|byte| !blank(byte)) {
                let byte = window[length];
                if length > 0 {
                    self.take(length);
                }
                return Ok(Some(byte));
            }
            self.take_all();
            if self.is_whole() {
                return Ok(None);
            }
            self.extend()?;
        }
    }

    /// `report` with the place of the window.
    pub(super) fn at(&self, report: Report) -> Report {
        report.at(place(&self.name, self.line, self.column))
    }
}

/// A place in `file`.
pub(super) fn place(file: &str, line: u64, column: u64) -> Place {
    let [line, column] = [line, column].map(|it| u32::try_from(it).unwrap_or(u32::MAX));
    Place { line, column, ..Place::file(file) }
}
