//! CSV (RFC 4180 and its dialects).
//!
//! Of rows that cannot be read, `D0201` is one with quotes that are not closed, followed by text or out of place, and
//! `D0202` one with another number of cells than there are columns. After a row that is not CSV, reading goes on after its first
//! line; after one that is too large, behind its end, or behind the line in which it shows that it is no row. Empty lines are no rows, unless there is but one column: then they are rows with an empty
//! cell.

mod beyond;
mod header;
mod rows;

#[cfg(test)]
mod tests;

use bytes::Bytes;
use tenon_contracts::text::{
    RowDecoder,
    csv::{self, Cells, Dialect, Fault, Form},
};
use tenon_errors::{
    Report,
    catalogue::data::{BAD_CSV, TOO_LARGE},
};
use tenon_model::{Shape, Value};
use tenon_ports::{Arrival, CsvFormat, Position};

use self::{
    header::Header,
    rows::{Kind, Lines, Row, Rows},
};
use super::{
    arrival::File,
    blob::refused,
    content::Content,
    input::Input,
    rescan::{Resumed, Scan},
    source,
};

/// The rows of a CSV file, and its header line as it stands in the file, or one of the names that were given.
pub(super) fn open(
    mut content: Content,
    format: &CsvFormat,
    limit: usize,
    shape: &Shape,
) -> Result<(Box<dyn source::Rows>, Bytes), Report> {
    let file = File::new(content.name(), content.encoding());
    let dialect = format.dialect;
    let lines = Lines { dialect, comment: format.comment, empty: false };
    let mut rows = Rows::new(content.begin()?, lines, limit, 1);
    for _ in 0..format.skip {
        rows.skip_line().map_err(|error| refused(file.name(), &error))?;
    }
    let header = match &format.header {
        Some(names) => Header::of_names(names, dialect),
        None => {
            let row = rows.next().map_err(|error| refused(file.name(), &error))?;
            Header::read(row, dialect, limit, &file)?
        }
    };
    let decoder = header.decoder(shape, format, &file)?;
    let lines = Lines { empty: header.names.len() == 1, ..lines };
    if lines.empty {
        rows.keep_empty_lines();
    }
    let resume = content.resume();
    if let Some(position) = resume.filter(|it| content.is_plain() && it.offset > rows.position().0) {
        rows = Rows::new(content.from(position)?, lines, limit, position.line.max(1));
    }
    let from = resume.filter(|_| !content.is_plain());
    let mut rows = Resumed::from(Scanned { rows, file }, from, &content.name())?;
    rows.scan.rows.follow(content.growth()?);
    let rows = Decoded { rows, decoder, dialect, limit, cells: Cells::default() };
    Ok((Box::new(rows), header.bytes))
}

/// Rows as they are taken, not decoded.
struct Scanned {
    rows: Rows,
    file: File,
}

impl Scan for Scanned {
    type Row = Row;

    fn take(&mut self) -> Result<Option<Row>, Report> {
        self.rows.next().map_err(|error| refused(self.file.name(), &error))
    }

    fn input(&self) -> &Input {
        self.rows.input()
    }

    fn of(row: &Row) -> (u64, &Bytes) {
        (row.offset, &row.bytes)
    }
}

/// A file of which rows are read and decoded.
struct Decoded {
    rows: Resumed<Scanned>,
    decoder: RowDecoder,
    dialect: Dialect,
    limit: usize,
    cells: Cells,
}

impl source::Rows for Decoded {
    fn next(&mut self) -> Result<Option<Arrival>, Report> {
        let row = self.rows.take()?;
        Ok(row.map(|row| self.arrival(row)))
    }

    fn waits(&self) -> bool {
        self.rows.scan.rows.input().waits()
    }
}

impl Decoded {
    fn arrival(&mut self, row: Row) -> Arrival {
        let decoded = self.decode(&row);
        let Scanned { rows, file } = &self.rows.scan;
        let (offset, line) = rows.position();
        let next = Position { offset, line, tail: rows.tail().value(rows.input().check()) };
        let position = Position { offset: row.offset, line: row.line, tail: 0 };
        let clipped = row.kind.is_clipped();
        Arrival { clipped, ..file.arrival(position, next, row.bytes, decoded) }
    }

    fn decode(&mut self, row: &Row) -> Result<Value, Report> {
        match row.kind {
            Kind::Whole(Form::Plain) => self.decoder.decode(csv::plain(&row.bytes, self.dialect.delimiter)),
            Kind::Whole(Form::Quoted) => self.decoder.decode(self.cells.split(&row.bytes, self.dialect)),
            Kind::BrokenOff { opened, .. } => {
                Err(unreadable(row, self.limit).at(self.rows.scan.file.place(opened)))
            }
            Kind::Bad(_) | Kind::TooLarge { .. } => Err(unreadable(row, self.limit)),
        }
    }
}

fn unreadable(row: &Row, limit: usize) -> Report {
    match row.kind {
        Kind::TooLarge { bytes, lines } => {
            let row = if lines == 1 { "row".to_owned() } else { format!("row of {lines} lines") };
            Report::new(&TOO_LARGE, format!("the {row} has {bytes} bytes, and {limit} are allowed"))
                .hint("look for a quote or a line break that is missing, or allow more with `row`")
        }
        Kind::BrokenOff { fault, opened, lines } => broken_off(fault, row.line, opened, lines),
        Kind::Bad(Fault::Unclosed) | Kind::Whole(_) => {
            Report::new(&BAD_CSV, "the quote of a cell is not closed")
                .hint("close the quote; as it is, the lines that follow are rows of their own")
        }
        Kind::Bad(fault) => fault.report(),
    }
}

/// Of lines from `line` on that are no rows.
fn broken_off(fault: Fault, line: u64, opened: u64, lines: u64) -> Report {
    let to = line + lines - 1;
    if fault == Fault::Unclosed {
        let message = format!(
            "the quote of a cell that begins on line {opened} is not closed before the end of the file: \
             nothing from line {line} to the last one, {to}, is read as a row"
        );
        return Report::new(&BAD_CSV, message)
            .hint("close the quote; if it belongs to the text, quote the cell and double it");
    }
    let found = fault.report();
    let message = format!(
        "{} on line {to}, far from where its row begins: lines {line} to {to} are not read as rows",
        found.message()
    );
    let hint = format!("look at the quote on line {opened}; {}", found.advice().unwrap_or_default());
    Report::new(&BAD_CSV, message).hint(hint)
}
