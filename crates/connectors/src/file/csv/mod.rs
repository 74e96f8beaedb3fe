//! CSV files as sources (RFC 4180), with a header line.

mod rows;

#[cfg(test)]
mod tests;

use std::{
    fs::File,
    path::{Path, PathBuf},
    sync::Arc,
};

use async_trait::async_trait;
use bytes::Bytes;
use tenon_contracts::text::{
    RowDecoder, RowRules,
    csv::{self, Cells, Dialect, Fault, Form},
};
use tenon_errors::{
    Place, Report, Reports,
    catalogue::{
        data::{BAD_CSV, BAD_ENCODING, TOO_LARGE, WRONG_HEADER},
        system::FILE_AWAITED,
    },
};
use tenon_model::{Headers, Payload, Shape, Str, Value};
use tenon_ports::{Arrival, Batch, Checkpoint, CsvFormat, Origin, Position, Source};

use self::rows::{Kind, Lines, Row, Rows};
use super::{
    connector::AWAITED,
    fingerprint::{self, Start},
    input::{Input, refused},
    source::{self, FileRows},
};
use crate::blocking;

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// The rows of a CSV file, decoded by the contract of its rows. Empty lines are no rows, unless there is but
/// one column: then they are rows with an empty cell.
///
/// A row that cannot be read is an arrival whose payload is a report with the place `file:line:1`: `D0201` for quotes
/// that are not closed, followed by text or out of place, `D0202` for another number of cells than the header has,
/// `D0104` beyond the limit (then its bytes are the first 64 KiB), `D0105` for other bytes than UTF-8, and what the
/// contract says. After a row that is not CSV or is too large, reading goes on after its first line.
///
/// Positions are bytes and lines of the file. They are kept by the caller, in [`tenon_ports::State`] or a database:
/// `commit` does nothing.
pub struct CsvSource {
    rows: FileRows<Decoded>,
    fingerprint: Str,
    header: Bytes,
}

impl CsvSource {
    /// Opens the file at `path`, which reports call `name`, at the position of `checkpoint` if it is the file that the
    /// checkpoint is about, else at its first row.
    ///
    /// # Errors
    /// `D0203` if the header does not fit the contract; `Y0302` if the file is absent, not permitted or empty, `E0003`
    /// for other refusals; `D0201`, `D0104` or `D0105` if the header itself cannot be read.
    pub async fn open(
        path: &Path,
        name: &str,
        shape: &Shape,
        format: &CsvFormat,
        max_row: usize,
        checkpoint: Option<Checkpoint>,
    ) -> Result<Self, Report> {
        let (path, source, name) = (path.to_owned(), Str::from(name), Arc::from(name));
        let options = format.clone();
        let open = move || Opened::new(path, name, &options, max_row, checkpoint.as_ref());
        let opened = blocking::run(open).await??;
        let rules = &format.rules;
        let decoder = decoder(&opened.header, shape, rules, &opened.name)?;
        let Opened { path, name: file, header, start, rows, size } = opened;
        let (dialect, cells) = (format.dialect, Cells::default());
        let decoded = Decoded { path, file, source, rows, decoder, dialect, limit: max_row, cells };
        Ok(Self { rows: FileRows::new(decoded, size), fingerprint: start.fingerprint, header: header.bytes })
    }

    /// Identifies the content of the file. It stays when the file grows, and is another one for another file.
    #[must_use]
    pub fn fingerprint(&self) -> Str {
        self.fingerprint.clone()
    }

    /// The header line as it stands in the file, without its line break and byte order mark; one of the names that were
    /// given where the file has none.
    #[must_use]
    pub fn header(&self) -> Bytes {
        self.header.clone()
    }
}

#[async_trait]
impl Source for CsvSource {
    async fn next(&mut self, max: usize) -> Result<Batch, Report> {
        self.rows.next(max).await
    }

    async fn commit(&mut self, _: Position) -> Result<(), Report> {
        Ok(())
    }

    fn lag(&self) -> Option<u64> {
        None
    }

    fn progress(&self) -> Option<f64> {
        Some(self.rows.progress())
    }
}

/// A file whose header has been read.
struct Opened {
    path: PathBuf,
    name: Arc<str>,
    header: Header,
    start: Start,
    rows: Rows,
    size: u64,
}

/// The names of the columns.
struct Header {
    names: Vec<String>,
    bytes: Bytes,
    line: u64,
}

impl Opened {
    fn new(
        path: PathBuf,
        name: Arc<str>,
        format: &CsvFormat,
        limit: usize,
        checkpoint: Option<&Checkpoint>,
    ) -> Result<Self, Report> {
        let failed = |error| refused(&path, &error);
        let mut file = File::open(&path).map_err(failed)?;
        let size = file.metadata().map_err(failed)?.len();
        let start = fingerprint::start(&mut file, size, checkpoint, (&path, &name))?;
        if checkpoint.is_some_and(|checkpoint| checkpoint.fingerprint != start.fingerprint) {
            tracing::warn!(file = %name, "another file than was read before is read from its start");
        }
        let mut input = Input::of_file(file.try_clone().map_err(failed)?, 0, size).map_err(failed)?;
        skip_byte_order_mark(&mut input).map_err(failed)?;
        let lines = Lines { dialect: format.dialect, comment: format.comment, empty: false };
        let mut rows = Rows::new(input, lines, limit, 1);
        for _ in 0..format.skip {
            rows.skip_line().map_err(failed)?;
        }
        let header = match &format.header {
            Some(names) => Header::of_names(names, format.dialect),
            None => match rows.next().map_err(failed)? {
                Some(row) => Header::read(&row, format.dialect, limit, &name)?,
                None => {
                    let message = format!("`{name}` is empty: it has no header line yet");
                    return Err(Report::new(&FILE_AWAITED, message)
                        .at(place(&name, 1))
                        .hint("write the names of the columns into the first line")
                        .retry_after(AWAITED));
                }
            },
        };
        let lines = Lines { empty: header.names.len() == 1, ..lines };
        if let Some(position) = start.position.filter(|position| position.offset > rows.position().0) {
            let input = Input::of_file(file, position.offset, size).map_err(failed)?;
            rows = Rows::new(input, lines, limit, position.line.max(1));
        } else if lines.empty {
            rows.keep_empty_lines();
        }
        Ok(Self { path, name, header, start, rows, size })
    }
}

impl Header {
    /// Of a file that does not begin with the names of its columns.
    fn of_names(names: &[Str], dialect: Dialect) -> Self {
        let bytes = csv::join(names.iter().map(|name| name.as_bytes()), dialect).into();
        Self { names: names.iter().map(ToString::to_string).collect(), bytes, line: 1 }
    }

    fn read(row: &Row, dialect: Dialect, limit: usize, file: &Arc<str>) -> Result<Self, Report> {
        let place = place(file, row.line);
        if let Err(error) = std::str::from_utf8(&row.bytes) {
            let message = format!("the header is not UTF-8 from byte {}", error.valid_up_to());
            return Err(Report::new(&BAD_ENCODING, message).at(place).hint("convert the file to UTF-8"));
        }
        let mut cells = Cells::default();
        let text = |cell: csv::Cell<'_>| String::from_utf8_lossy(cell.bytes).into_owned();
        let names = match row.kind {
            Kind::Whole(Form::Plain) => csv::plain(&row.bytes, dialect.delimiter).map(text).collect(),
            Kind::Whole(Form::Quoted) => cells.split(&row.bytes, dialect).map(text).collect(),
            bad => return Err(unreadable(bad, limit).at(place)),
        };
        Ok(Self { names, bytes: row.bytes.clone(), line: row.line })
    }
}

/// A file of which rows are read and decoded.
struct Decoded {
    path: PathBuf,
    file: Arc<str>,
    source: Str,
    rows: Rows,
    decoder: RowDecoder,
    dialect: Dialect,
    limit: usize,
    cells: Cells,
}

impl source::Rows for Decoded {
    fn next(&mut self) -> Result<Option<Arrival>, Report> {
        let row = self.rows.next().map_err(|error| refused(&self.path, &error))?;
        Ok(row.map(|row| self.arrival(row)))
    }
}

impl Decoded {
    fn arrival(&mut self, row: Row) -> Arrival {
        let decoded = self.decode(&row).map_err(|report| report.at(place(&self.file, row.line)));
        let (offset, line) = self.rows.position();
        let position = Position { offset: row.offset, line: row.line, tail: 0 };
        Arrival {
            origin: Origin { source: self.source.clone(), position },
            next: Position { offset, line, tail: self.rows.tail() },
            payload: decoded.map(Payload::of_value),
            clipped: matches!(row.kind, Kind::TooLarge(_)),
            bytes: row.bytes,
            key: None,
            headers: Headers::new(),
            time: None,
        }
    }

    fn decode(&mut self, row: &Row) -> Result<Value, Report> {
        match row.kind {
            Kind::Whole(Form::Plain) => self.decoder.decode(csv::plain(&row.bytes, self.dialect.delimiter)),
            Kind::Whole(Form::Quoted) => self.decoder.decode(self.cells.split(&row.bytes, self.dialect)),
            bad => Err(unreadable(bad, self.limit)),
        }
    }
}

fn decoder(header: &Header, shape: &Shape, rules: &RowRules, name: &Arc<str>) -> Result<RowDecoder, Report> {
    let names: Vec<&str> = header.names.iter().map(String::as_str).collect();
    RowDecoder::new(shape, &names, rules)
        .map_err(|reports| header_report(reports, name, place(name, header.line)))
}

/// One report for all that is wrong with a header.
fn header_report(reports: Reports, name: &str, place: Place) -> Report {
    let mut reports: Vec<Report> = reports.into_iter().collect();
    match (reports.len(), reports.pop()) {
        (1, Some(only)) => only.at(place),
        (_, last) => {
            let message = format!("the header of `{name}` does not fit the contract of its rows");
            reports.extend(last);
            Report::new(&WRONG_HEADER, message).at(place).with_details(reports)
        }
    }
}

fn unreadable(kind: Kind, limit: usize) -> Report {
    match kind {
        Kind::TooLarge(bytes) => {
            Report::new(&TOO_LARGE, format!("the row has at least {bytes} bytes, and {limit} are allowed"))
                .hint("look for a quote or a line break that is missing")
        }
        Kind::Bad(Fault::Unclosed) | Kind::Whole(_) => Report::new(
            &BAD_CSV,
            format!("the quote of a cell is not closed within {limit} bytes or the file"),
        )
        .hint("close the quote"),
        Kind::Bad(fault) => fault.report(),
    }
}

fn place(file: &Arc<str>, line: u64) -> Place {
    Place { line: u32::try_from(line).unwrap_or(u32::MAX), ..Place::file(file.clone()) }
}

fn skip_byte_order_mark(input: &mut Input) -> std::io::Result<()> {
    input.extend()?;
    if input.window().starts_with(BYTE_ORDER_MARK) {
        input.take(BYTE_ORDER_MARK.len());
    }
    Ok(())
}
