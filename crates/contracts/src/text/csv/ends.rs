//! Where a row ends.

use memchr::{memchr, memchr2, memchr3};

use super::{Dialect, Fault, Form, escaped};

/// Where a row ends.
#[derive(Debug, PartialEq, Eq)]
pub enum End {
    /// After so many bytes, line break included.
    Row(usize, Form),
    /// It is no row, as its first bytes show.
    Bad {
        /// So many of them.
        seen: usize,
        /// What is wrong.
        fault: Fault,
    },
    /// Further than can be seen.
    Unknown {
        /// Whether a cell is open there.
        in_quotes: bool,
    },
}

/// The end of the row at the start of `bytes`. `is_whole` says that nothing comes after them; `within_line` that the
/// row must end with its line.
#[must_use]
pub fn end_of_row(bytes: &[u8], dialect: Dialect, is_whole: bool, within_line: bool) -> End {
    let found = match (dialect.quote, dialect.escape) {
        (Some(quote), None) => memchr2(b'\n', quote, bytes),
        (None, None) => memchr(b'\n', bytes),
        (None, Some(escape)) => memchr2(b'\n', escape, bytes),
        (Some(quote), Some(escape)) => memchr3(b'\n', quote, escape, bytes),
    };
    match found {
        Some(at) if bytes[at] == b'\n' => End::Row(at + 1, Form::Plain),
        Some(_) => match (dialect.quote, dialect.escape) {
            (Some(quote), None) => {
                Quoted { bytes, delimiter: dialect.delimiter, quote, is_whole, within_line }.end()
            }
            _ => escaped::end(bytes, dialect, is_whole, within_line),
        },
        None if is_whole => End::Row(bytes.len(), Form::Plain),
        None => End::Unknown { in_quotes: false },
    }
}

struct Quoted<'a> {
    bytes: &'a [u8],
    delimiter: u8,
    quote: u8,
    is_whole: bool,
    within_line: bool,
}

impl Quoted<'_> {
    fn end(&self) -> End {
        let mut at = 0;
        // Each turn begins where a cell does.
        loop {
            if self.bytes.get(at) == Some(&self.quote) {
                match self.closing_quote(at + 1) {
                    Ok(after) => at = after,
                    Err(end) => return end,
                }
                match &self.bytes[at..] {
                    [] | [b'\r'] => return self.at_end_of_sight(),
                    [b'\n', ..] => return End::Row(at + 1, Form::Quoted),
                    [b'\r', b'\n', ..] => return End::Row(at + 2, Form::Quoted),
                    [byte, ..] if *byte == self.delimiter => at += 1,
                    _ => return End::Bad { seen: at, fault: Fault::TextAfterQuote },
                }
            } else {
                let Some(length) = memchr3(self.delimiter, b'\n', self.quote, &self.bytes[at..]) else {
                    return self.at_end_of_sight();
                };
                at += length;
                match self.bytes[at] {
                    b'\n' => return End::Row(at + 1, Form::Quoted),
                    byte if byte == self.quote => return End::Bad { seen: at, fault: Fault::StrayQuote },
                    _ => at += 1,
                }
            }
        }
    }

    /// The byte after the quote that closes a cell whose content begins at `at`.
    fn closing_quote(&self, mut at: usize) -> Result<usize, End> {
        loop {
            let rest = &self.bytes[at..];
            let found =
                if self.within_line { memchr2(self.quote, b'\n', rest) } else { memchr(self.quote, rest) };
            match found {
                Some(length) if rest[length] == b'\n' => return Err(self.unclosed(at + length)),
                Some(length) => at += length + 1,
                None if self.is_whole => return Err(self.unclosed(self.bytes.len())),
                None => return Err(End::Unknown { in_quotes: true }),
            }
            if self.bytes.get(at) != Some(&self.quote) {
                return Ok(at);
            }
            at += 1;
        }
    }

    fn unclosed(&self, seen: usize) -> End {
        End::Bad { seen, fault: Fault::Unclosed }
    }

    fn at_end_of_sight(&self) -> End {
        if self.is_whole {
            End::Row(self.bytes.len(), Form::Quoted)
        } else {
            End::Unknown { in_quotes: false }
        }
    }
}
