//! The cells of a row.

use std::ops::Range;

use memchr::memchr;

/// The cells of rows that hold quotes. One is used for all rows of a file, so that it allocates for none.
#[derive(Debug, Default)]
pub(crate) struct QuotedCells {
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
pub(crate) fn plain(row: &[u8], delimiter: u8) -> impl Iterator<Item = &[u8]> {
    let mut ends = memchr::memchr_iter(delimiter, row);
    let mut next = Some(0);
    std::iter::from_fn(move || {
        let start = next?;
        let end = ends.next();
        next = end.map(|end| end + 1);
        Some(&row[start..end.unwrap_or(row.len())])
    })
}

impl QuotedCells {
    /// The cells of a row whose quotes are all closed and followed by a delimiter or the end.
    pub(crate) fn split<'a>(&'a mut self, row: &'a [u8], delimiter: u8) -> impl Iterator<Item = &'a [u8]> {
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
