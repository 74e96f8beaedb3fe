//! What the cells of a row are.

use std::ops::Range;

use memchr::memchr;

use super::Dialect;

/// One cell of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cell<'a> {
    /// Its content, with quotes and escapes resolved.
    pub bytes: &'a [u8],
    /// Whether it stood in quotes.
    pub quoted: bool,
}

impl<'a> From<&'a [u8]> for Cell<'a> {
    fn from(bytes: &'a [u8]) -> Self {
        Self { bytes, quoted: false }
    }
}

/// The cells of a row without quotes and escapes.
pub fn plain(row: &[u8], delimiter: u8) -> impl Iterator<Item = Cell<'_>> {
    let mut ends = memchr::memchr_iter(delimiter, row);
    let mut next = Some(0);
    std::iter::from_fn(move || {
        let start = next?;
        let end = ends.next();
        next = end.map(|end| end + 1);
        Some(Cell::from(&row[start..end.unwrap_or(row.len())]))
    })
}

/// The cells of rows that hold quotes. One is used for all rows of a file, so that it allocates for none.
#[derive(Debug, Default)]
pub struct Cells {
    // Contents with doubled quotes and escapes resolved, one after the other.
    resolved: Vec<u8>,
    cells: Vec<Part>,
}

#[derive(Debug)]
struct Part {
    range: Range<usize>,
    /// Whether the range is one of `resolved`, not of the row.
    resolved: bool,
    quoted: bool,
}

impl Cells {
    /// The cells of a row, of either form, whose quotes are all closed and followed by a delimiter or the end.
    pub fn split<'a>(&'a mut self, row: &'a [u8], dialect: Dialect) -> impl Iterator<Item = Cell<'a>> {
        self.resolved.clear();
        self.cells.clear();
        let mut at = 0;
        loop {
            at = match (dialect.quote, dialect.escape) {
                (quote, Some(escape)) => self.escaped(row, at, dialect.delimiter, quote, escape),
                (Some(quote), None) if row.get(at) == Some(&quote) => self.quoted(row, at + 1, quote),
                _ => {
                    let end = memchr(dialect.delimiter, &row[at..]).map_or(row.len(), |length| at + length);
                    self.cells.push(Part { range: at..end, resolved: false, quoted: false });
                    end
                }
            };
            if at >= row.len() {
                break;
            }
            at += 1;
        }
        let Self { resolved, cells } = &*self;
        cells.iter().map(move |part| {
            let from = if part.resolved { resolved.as_slice() } else { row };
            Cell { bytes: &from[part.range.clone()], quoted: part.quoted }
        })
    }

    /// Takes the cell whose content begins at `start`; returns where its closing quote ends.
    fn quoted(&mut self, row: &[u8], start: usize, mark: u8) -> usize {
        let resolved = self.resolved.len();
        let mut from = start;
        loop {
            let quote = memchr(mark, &row[from..]).map_or(row.len(), |length| from + length);
            if row.get(quote + 1) == Some(&mark) {
                self.resolved.extend_from_slice(&row[from..=quote]);
                from = quote + 2;
                continue;
            }
            if from == start {
                self.cells.push(Part { range: start..quote, resolved: false, quoted: true });
            } else {
                self.resolved.extend_from_slice(&row[from..quote]);
                let range = resolved..self.resolved.len();
                self.cells.push(Part { range, resolved: true, quoted: true });
            }
            return quote + 1;
        }
    }

    /// Takes the cell that begins at `start`, in a dialect with an escape; returns where it ends.
    fn escaped(&mut self, row: &[u8], start: usize, delimiter: u8, quote: Option<u8>, escape: u8) -> usize {
        let resolved = self.resolved.len();
        let quoted = quote.is_some() && row.get(start) == quote.as_ref();
        let mut at = start + usize::from(quoted);
        while let Some(&byte) = row.get(at) {
            if byte == escape {
                let length = escaped(&row[at..]);
                self.resolved.extend_from_slice(&row[at + 1..at + 1 + length]);
                at += 1 + length;
                continue;
            }
            if quoted && Some(byte) == quote {
                at += 1;
                if row.get(at) != quote.as_ref() {
                    break;
                }
            } else if !quoted && byte == delimiter {
                break;
            }
            self.resolved.push(byte);
            at += 1;
        }
        self.cells.push(Part { range: resolved..self.resolved.len(), resolved: true, quoted });
        at
    }
}

/// How many bytes the escape at the start of `bytes` takes the meaning from: one, or both of a line break; none at the end.
fn escaped(bytes: &[u8]) -> usize {
    if bytes[1..].starts_with(b"\r\n") { 2 } else { usize::from(bytes.len() > 1) }
}
