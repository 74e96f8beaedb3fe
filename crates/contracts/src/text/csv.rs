//! CSV (RFC 4180): where a row ends, and what its cells are. Everything that reads rows splits them here, so that a row is
//! the same whether it is read from a file, checked as a header or replayed.
//!
//! A cell is quoted if its first character is a quote; quotes inside of it are doubled, and stand in no other cell.
//! Line breaks are `\n` and `\r\n`.

use std::ops::Range;

use memchr::{memchr, memchr2, memchr3};
use tenon_errors::{Report, catalogue::data::BAD_CSV};

/// The form of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// Without any quote: cells are what lies between delimiters.
    Plain,
    /// With quoted cells, all closed.
    Quoted,
}

/// Why something is no row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// Text follows the closing quote of a cell.
    TextAfterQuote,
    /// A quote stands inside of a cell that does not begin with one.
    StrayQuote,
    /// A quote is not closed within what can be a row.
    Unclosed,
}

impl Fault {
    /// The report for it: `D0201`.
    #[must_use]
    pub fn report(self) -> Report {
        let (message, hint) = match self {
            Self::TextAfterQuote => {
                ("text follows the closing quote of a cell", "double the quotes inside of a quoted cell")
            }
            Self::StrayQuote => (
                "a quote stands inside of a cell that does not begin with one",
                "put the whole cell into quotes, and double those inside of it",
            ),
            Self::Unclosed => ("the quote of a cell is not closed", "close the quote"),
        };
        Report::new(&BAD_CSV, message).hint(hint)
    }
}

/// The cells of one whole row, with or without its line break.
///
/// # Errors
/// `D0201` if it is not exactly one row.
pub fn split<'a>(
    cells: &'a mut Cells,
    row: &'a [u8],
    delimiter: u8,
) -> Result<impl Iterator<Item = &'a [u8]>, Report> {
    let row = if row.ends_with(b"\n") { &row[..without_break(row)] } else { row };
    match end_of_row(row, delimiter, true, false) {
        End::Row(length, _) if length == row.len() => Ok(cells.split(row, delimiter)),
        End::Bad { fault, .. } => Err(fault.report()),
        End::Row(..) | End::Unknown { .. } => {
            Err(Report::new(&BAD_CSV, "a line break stands outside of quotes")
                .hint("put the cell with the line break into quotes"))
        }
    }
}

/// How long a line is without its break.
#[must_use]
pub fn without_break(line: &[u8]) -> usize {
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    line.strip_suffix(b"\r").unwrap_or(line).len()
}

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
pub fn end_of_row(bytes: &[u8], delimiter: u8, is_whole: bool, within_line: bool) -> End {
    match memchr2(b'\n', b'"', bytes) {
        Some(at) if bytes[at] == b'\n' => End::Row(at + 1, Form::Plain),
        Some(_) => Quoted { bytes, delimiter, is_whole, within_line }.end(),
        None if is_whole => End::Row(bytes.len(), Form::Plain),
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
                    [b'\n', ..] => return End::Row(at + 1, Form::Quoted),
                    [b'\r', b'\n', ..] => return End::Row(at + 2, Form::Quoted),
                    [byte, ..] if *byte == self.delimiter => at += 1,
                    _ => return End::Bad { seen: at, fault: Fault::TextAfterQuote },
                }
            } else {
                let Some(length) = memchr3(self.delimiter, b'\n', b'"', &self.bytes[at..]) else {
                    return self.at_end_of_sight();
                };
                at += length;
                match self.bytes[at] {
                    b'\n' => return End::Row(at + 1, Form::Quoted),
                    b'"' => return End::Bad { seen: at, fault: Fault::StrayQuote },
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

/// The cells of rows that hold quotes. One is used for all rows of a file, so that it allocates for none.
#[derive(Debug, Default)]
pub struct Cells {
    // Contents with doubled quotes resolved, one after the other.
    resolved: Vec<u8>,
    cells: Vec<Cell>,
}

#[derive(Debug)]
enum Cell {
    /// As it stands in the row.
    Raw(Range<usize>),
    /// In `resolved`.
    Resolved(Range<usize>),
}

/// The cells of a row without quotes.
pub fn plain(row: &[u8], delimiter: u8) -> impl Iterator<Item = &[u8]> {
    let mut ends = memchr::memchr_iter(delimiter, row);
    let mut next = Some(0);
    std::iter::from_fn(move || {
        let start = next?;
        let end = ends.next();
        next = end.map(|end| end + 1);
        Some(&row[start..end.unwrap_or(row.len())])
    })
}

impl Cells {
    /// The cells of a row, of either form, whose quotes are all closed and followed by a delimiter or the end.
    pub fn split<'a>(&'a mut self, row: &'a [u8], delimiter: u8) -> impl Iterator<Item = &'a [u8]> {
        self.resolved.clear();
        self.cells.clear();
        let mut at = 0;
        loop {
            at = if row.get(at) == Some(&b'"') {
                self.quoted(row, at + 1)
            } else {
                let end = memchr(delimiter, &row[at..]).map_or(row.len(), |length| at + length);
                self.cells.push(Cell::Raw(at..end));
                end
            };
            if at >= row.len() {
                break;
            }
            at += 1;
        }
        let Self { resolved, cells } = &*self;
        cells.iter().map(move |cell| match cell {
            Cell::Raw(range) => &row[range.clone()],
            Cell::Resolved(range) => &resolved[range.clone()],
        })
    }

    /// Takes the cell whose content begins at `start`; returns where its closing quote ends.
    fn quoted(&mut self, row: &[u8], start: usize) -> usize {
        let resolved = self.resolved.len();
        let mut from = start;
        loop {
            let quote = memchr(b'"', &row[from..]).map_or(row.len(), |length| from + length);
            if row.get(quote + 1) == Some(&b'"') {
                self.resolved.extend_from_slice(&row[from..=quote]);
                from = quote + 2;
                continue;
            }
            if from == start {
                self.cells.push(Cell::Raw(start..quote));
            } else {
                self.resolved.extend_from_slice(&row[from..quote]);
                self.cells.push(Cell::Resolved(resolved..self.resolved.len()));
            }
            return quote + 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(row: &str, expected: &[&str]) {
        let mut cells = Cells::default();
        let cells = split(&mut cells, row.as_bytes(), b',').unwrap();
        let cells: Vec<_> = cells.map(|cell| String::from_utf8_lossy(cell).into_owned()).collect();
        assert_eq!(cells, expected, "{row}");
    }

    #[test]
    fn rows_are_split_as_the_standard_says() {
        check("a,b,c\r\n", &["a", "b", "c"]);
        check("a,,", &["a", "", ""]);
        check("", &[""]);
        check("\"a,b\",c", &["a,b", "c"]);
        check("\"\",\"say \"\"hi\"\"\"\n", &["", "say \"hi\""]);
        check("\"two\nlines\",x", &["two\nlines", "x"]);
    }

    #[test]
    fn what_is_not_exactly_one_row_is_refused() {
        for row in ["\"open", "\"a\"b,c", "3,a\"b\"", "a,b\nc,d\n"] {
            let mut cells = Cells::default();
            let report = split(&mut cells, row.as_bytes(), b',').err().unwrap();
            assert_eq!(report.code(), &BAD_CSV, "{row}");
        }
    }
}
