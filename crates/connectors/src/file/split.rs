//! Splitting CSV into cells (RFC 4180).

use std::ops::Range;

use memchr::{memchr, memchr3};

/// The cells of one row. Cells with doubled quotes are unescaped into a text of their own.
#[derive(Default)]
pub(super) struct Cells {
    cells: Vec<Cell>,
    unescaped: Vec<u8>,
}

enum Cell {
    Plain(Range<usize>),
    Unescaped(Range<usize>),
}

impl Cells {
    /// The cells, given the bytes that were split.
    pub(super) fn iter<'a>(&'a self, row: &'a [u8]) -> impl Iterator<Item = &'a [u8]> {
        self.cells.iter().map(|cell| match cell {
            Cell::Plain(range) => &row[range.clone()],
            Cell::Unescaped(range) => &self.unescaped[range.clone()],
        })
    }

    /// Whether the row is a single empty cell: an empty line.
    pub(super) fn is_blank(&self) -> bool {
        matches!(self.cells.as_slice(), [Cell::Plain(range)] if range.is_empty())
    }
}

/// What came of splitting.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Split {
    /// A row of this many bytes, its line break included.
    Row(usize),
    /// The bytes end before the row does; whether they end inside quotes.
    Incomplete {
        /// Inside quotes, line breaks belong to the cell.
        quoted: bool,
    },
    /// The row is not CSV: why, at which byte.
    Bad(&'static str, usize),
}

/// Splits the first row of `bytes` into `cells`. At the `end` of the input a row needs no line break.
pub(super) fn split(bytes: &[u8], delimiter: u8, end: bool, cells: &mut Cells) -> Split {
    cells.cells.clear();
    cells.unescaped.clear();
    let mut at = 0;
    loop {
        let after = if bytes.get(at) == Some(&b'"') {
            match quoted(bytes, at, cells) {
                Some(after) => after,
                None => return Split::Incomplete { quoted: true },
            }
        } else {
            let stop = memchr3(delimiter, b'\n', b'"', &bytes[at..]).map_or(bytes.len(), |found| at + found);
            if bytes.get(stop) == Some(&b'"') {
                return Split::Bad("a quote stands inside a cell that does not start with one", stop);
            }
            let ends_line = bytes.get(stop) == Some(&b'\n') || (end && stop == bytes.len());
            let content = if ends_line && stop > at && bytes[stop - 1] == b'\r' { stop - 1 } else { stop };
            cells.cells.push(Cell::Plain(at..content));
            stop
        };
        match (bytes.get(after), bytes.get(after + 1)) {
            (Some(byte), _) if *byte == delimiter => at = after + 1,
            (Some(b'\n'), _) => return Split::Row(after + 1),
            (Some(b'\r'), Some(b'\n')) => return Split::Row(after + 2),
            (Some(b'\r'), None) if end => return Split::Row(after + 1),
            (None, _) if end => return Split::Row(after),
            (None, _) | (Some(b'\r'), None) => return Split::Incomplete { quoted: false },
            (Some(_), _) => return Split::Bad("text stands after the closing quote of a cell", after),
        }
    }
}

/// Reads the quoted cell that starts at `start`; returns the position after its closing quote.
fn quoted(bytes: &[u8], start: usize, cells: &mut Cells) -> Option<usize> {
    let mut from = start + 1;
    let unescaped_start = cells.unescaped.len();
    loop {
        let quote = from + memchr(b'"', &bytes[from..])?;
        if bytes.get(quote + 1) == Some(&b'"') {
            cells.unescaped.extend_from_slice(&bytes[from..=quote]);
            from = quote + 2;
            continue;
        }
        if cells.unescaped.len() == unescaped_start {
            cells.cells.push(Cell::Plain(from..quote));
        } else {
            cells.unescaped.extend_from_slice(&bytes[from..quote]);
            cells.cells.push(Cell::Unescaped(unescaped_start..cells.unescaped.len()));
        }
        return Some(quote + 1);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn check(text: &str, expected: &[&str]) {
        let mut cells = Cells::default();
        assert_eq!(split(text.as_bytes(), b',', true, &mut cells), Split::Row(text.len()), "{text:?}");
        let seen: Vec<_> =
            cells.iter(text.as_bytes()).map(|cell| std::str::from_utf8(cell).unwrap()).collect();
        assert_eq!(seen, expected, "{text:?}");
    }

    #[test]
    fn cells_are_split_as_the_standard_says() {
        check("a,b\n", &["a", "b"]);
        check("a,b\r\n", &["a", "b"]);
        check("a,", &["a", ""]);
        check("\"a,b\",\"c\"\"d\"\r\n", &["a,b", "c\"d"]);
        check("\"two\nlines\",x\n", &["two\nlines", "x"]);
        check("\"\",\"\"\"\"\n", &["", "\""]);
    }

    #[test]
    fn what_is_not_csv_is_named_with_its_byte() {
        let check = |text: &str, end: bool, expected: Split| {
            assert_eq!(split(text.as_bytes(), b',', end, &mut Cells::default()), expected, "{text:?}");
        };
        check("a\"b,c\n", true, Split::Bad("a quote stands inside a cell that does not start with one", 1));
        check("\"a\"b,c\n", true, Split::Bad("text stands after the closing quote of a cell", 3));
        check("\"a,b\n", true, Split::Incomplete { quoted: true });
        check("a,b", false, Split::Incomplete { quoted: false });
        check("\"a\"\r", false, Split::Incomplete { quoted: false });
    }

    proptest! {
        #[test]
        fn cells_written_with_quotes_are_read_back(cells in proptest::collection::vec("[a\",\r\n ]{0,6}", 1..5)) {
            let row: Vec<_> = cells.iter().map(|cell| format!("\"{}\"", cell.replace('"', "\"\""))).collect();
            check(&format!("{}\n", row.join(",")), &cells.iter().map(String::as_str).collect::<Vec<_>>());
        }

        #[test]
        fn any_bytes_are_split_without_panic(bytes in proptest::collection::vec(any::<u8>(), 0..64), end: bool) {
            let mut cells = Cells::default();
            if let Split::Row(length) = split(&bytes, b',', end, &mut cells) {
                prop_assert!(length <= bytes.len());
                prop_assert!(cells.iter(&bytes).count() >= 1);
            }
        }
    }
}
