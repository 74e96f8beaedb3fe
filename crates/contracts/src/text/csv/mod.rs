//! CSV (RFC 4180 and its dialects): where a row ends, and what its cells are. Everything that reads rows splits them here,
//! so that a row is the same whether it is read from a file, checked as a header or replayed.
//!
//! A cell is quoted if its first character is a quote; quotes inside of it are doubled, and stand in no other cell. A
//! dialect may have an escape as well: the character after it means nothing but itself. Line breaks are `\n` and `\r\n`.

mod cells;
mod ends;
mod guess;
mod walk;
mod write;

use tenon_errors::{Report, catalogue::data::BAD_CSV};

pub use self::{
    cells::{Cell, Cells, plain},
    ends::{End, end_of_row},
    guess::{Misread, other_delimiter},
    walk::{Stop, Walk},
    write::join,
};

/// The characters that mean something in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Dialect {
    /// Between cells.
    pub delimiter: u8,
    /// Around cells that hold delimiters, line breaks or quotes; `None` where no character does that.
    pub quote: Option<u8>,
    /// Before a character that means nothing but itself.
    pub escape: Option<u8>,
}

impl Default for Dialect {
    /// That of RFC 4180.
    fn default() -> Self {
        Self { delimiter: b',', quote: Some(b'"'), escape: None }
    }
}

/// The form of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// Without any quote or escape: cells are what lies between delimiters.
    Plain,
    /// With quoted cells, all closed, or with escapes.
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
    /// Nothing follows an escape.
    DanglingEscape,
}

impl Fault {
    /// The report for it: `D0201`.
    #[must_use]
    pub fn report(self) -> Report {
        let (message, hint) = match self {
            Self::TextAfterQuote => {
                ("text follows the closing quote of a cell", "double the quotes inside a quoted cell")
            }
            Self::StrayQuote => (
                "a cell that does not begin with a quote contains one",
                "quote the whole cell, and double the quotes inside it",
            ),
            Self::Unclosed => ("the quote of a cell is not closed", "close the quote"),
            Self::DanglingEscape => {
                ("the row ends with an escape that nothing follows", "escape the escape itself")
            }
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
    dialect: Dialect,
) -> Result<impl Iterator<Item = Cell<'a>>, Report> {
    let row = if row.ends_with(b"\n") { &row[..without_break(row)] } else { row };
    match end_of_row(row, dialect, true, false) {
        End::Row(length, _) if length == row.len() => Ok(cells.split(row, dialect)),
        End::Bad { fault, .. } => Err(fault.report()),
        End::Row(..) | End::Unknown => Err(Report::new(&BAD_CSV, "a line break is not within quotes")
            .hint("put the cell with the line break into quotes")),
    }
}

/// How long a line is without its break.
#[must_use]
pub fn without_break(line: &[u8]) -> usize {
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    line.strip_suffix(b"\r").unwrap_or(line).len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(row: &str, dialect: Dialect, expected: &[&str]) {
        let mut cells = Cells::default();
        let cells = split(&mut cells, row.as_bytes(), dialect).unwrap();
        let cells: Vec<_> = cells.map(|cell| String::from_utf8_lossy(cell.bytes).into_owned()).collect();
        assert_eq!(cells, expected, "{row}");
    }

    #[test]
    fn rows_are_split_as_the_standard_says() {
        let check = |row, expected: &[&str]| check(row, Dialect::default(), expected);
        check("a,b,c\r\n", &["a", "b", "c"]);
        check("a,,", &["a", "", ""]);
        check("", &[""]);
        check("\"a,b\",c", &["a,b", "c"]);
        check("\"\",\"say \"\"hi\"\"\"\n", &["", "say \"hi\""]);
        check("\"two\nlines\",x", &["two\nlines", "x"]);
        check("\"a\",", &["a", ""]);
    }

    #[test]
    fn rows_are_split_as_their_dialect_says() {
        let escaped = Dialect { escape: Some(b'\\'), ..Dialect::default() };
        check("a\\,b,\\\"c", escaped, &["a,b", "\"c"]);
        check("\"a\\\"b\",\"c\"\"d\"", escaped, &["a\"b", "c\"d"]);
        check("\"\\\\\",\\\\", escaped, &["\\", "\\"]);
        check("a\\\nb,c\n", escaped, &["a\nb", "c"]);
        check("a\\\r\nb,\r\n", escaped, &["a\r\nb", ""]);
        check("\"a\n\\\nb\"", escaped, &["a\n\nb"]);
        let unquoted = Dialect { delimiter: b'\t', quote: None, escape: None };
        check("5\" pipe\t\"x\"\n", unquoted, &["5\" pipe", "\"x\""]);
        check("a\\\tb\t\"", Dialect { escape: Some(b'\\'), ..unquoted }, &["a\tb", "\""]);
        check("'a;b';\"", Dialect { delimiter: b';', quote: Some(b'\''), escape: None }, &["a;b", "\""]);
    }

    #[test]
    fn what_is_not_exactly_one_row_is_refused() {
        let escaped = Dialect { escape: Some(b'\\'), ..Dialect::default() };
        for dialect in [Dialect::default(), escaped] {
            for row in ["\"open", "\"a\"b,c", "3,a\"b\"", "a,b\nc,d\n"] {
                let mut cells = Cells::default();
                let report = split(&mut cells, row.as_bytes(), dialect).err().unwrap();
                assert_eq!(report.code(), &BAD_CSV, "{row}");
            }
        }
        for row in ["a,b\\", "\"a\\\"", "\"a\\"] {
            let mut cells = Cells::default();
            assert!(split(&mut cells, row.as_bytes(), escaped).is_err(), "{row}");
        }
    }

    #[test]
    fn the_ends_of_rows_are_found_however_much_is_seen() {
        let escaped = Dialect { escape: Some(b'\\'), ..Dialect::default() };
        let content = b"a\\\r\nb,\"c\\\"\nd\"\"\"\r\nnext";
        let whole = content.len() - 4;
        for seen in 0..content.len() {
            match end_of_row(&content[..seen], escaped, false, false) {
                End::Unknown => assert!(seen < whole, "{seen}"),
                end => assert_eq!((end, seen >= whole), (End::Row(whole, Form::Quoted), true), "{seen}"),
            }
        }
    }
}
