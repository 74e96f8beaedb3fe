//! The bytes of a compressed stream, which knows where its members begin.

use std::{
    fmt,
    io::{self, BufRead, Read},
};

use tenon_ports::Compression;

use super::compression::{Broken, begins};

/// As many bytes as tell whether a member begins.
pub(super) const PEEKED: usize = 4;

pub(super) struct Members<R> {
    bytes: R,
    /// What was looked at and not yet read, up to `end`.
    peeked: [u8; PEEKED],
    start: usize,
    end: usize,
    /// How many bytes were read.
    position: u64,
    /// Where the member begins that is read.
    member: u64,
    ran_out: bool,
    /// What the place that the bytes are in has refused.
    refused: Option<io::Error>,
}

impl<R: BufRead> Members<R> {
    pub(super) fn new(bytes: R) -> Self {
        let peeked = [0; PEEKED];
        Self { bytes, peeked, start: 0, end: 0, position: 0, member: 0, ran_out: false, refused: None }
    }

    /// Whether there is another member, which begins here.
    ///
    /// # Errors
    /// [`Broken::Trailing`] where something else follows.
    pub(super) fn begin(&mut self, compression: Compression) -> io::Result<bool> {
        self.member = self.position;
        while self.start == 0 && self.end < PEEKED {
            match self.bytes.read(&mut self.peeked[self.end..]) {
                Ok(0) => break,
                Ok(read) => self.end += read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        let head = &self.peeked[self.start..self.end];
        if head.is_empty() || begins(compression, head) {
            return Ok(!head.is_empty());
        }
        Err(Broken::Trailing { at: self.member }.into())
    }

    /// Whether more was asked for than there is.
    pub(super) fn ran_out(&self) -> bool {
        self.ran_out
    }

    /// Why the member that is read cannot be: what the place has refused, or else what is wrong with the bytes.
    pub(super) fn broken(&mut self, cut_off: bool, why: &dyn fmt::Display) -> io::Error {
        match self.refused.take() {
            Some(error) => error,
            None if cut_off => Broken::CutOff { at: self.member }.into(),
            None => Broken::Damaged { at: self.member, why: why.to_string() }.into(),
        }
    }
}

impl<R: BufRead> Read for Members<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.fill_buf()?.read(buffer)?;
        self.consume(read);
        Ok(read)
    }
}

impl<R: BufRead> BufRead for Members<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.start < self.end {
            return Ok(&self.peeked[self.start..self.end]);
        }
        match self.bytes.fill_buf() {
            Ok(found) => {
                self.ran_out = found.is_empty();
                Ok(found)
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => Err(error),
            Err(error) => {
                let said = io::Error::new(error.kind(), error.to_string());
                self.refused = Some(error);
                Err(said)
            }
        }
    }

    fn consume(&mut self, count: usize) {
        self.position += count as u64;
        if self.start < self.end {
            self.start += count;
            if self.start == self.end {
                (self.start, self.end) = (0, 0);
            }
        } else {
            self.bytes.consume(count);
        }
    }
}
