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
    RowDecoder,
    csv::{self, Cells, Fault, Form},
};
use tenon_errors::{
    Place, Report, Reports,
    catalogue::data::{BAD_CSV, BAD_ENCODING, TOO_LARGE, WRONG_HEADER},
};
use tenon_model::{Headers, Payload, Shape, Str, Value};
use tenon_ports::{Arrival, Batch, Checkpoint, Origin, Position, Source};

use self::rows::{Kind, Row, Rows};
use super::{
    fingerprint::{self, Start},
    input::{Input, refused},
    source::{self, FileRows},
};
use crate::blocking;

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// How a CSV file is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CsvOptions {
    /// What separates cells: neither a quote nor a line break.
    pub delimiter: u8,
    /// Cells of these texts count as absent; the empty cell always does.
    pub absent: Vec<Str>,
    /// The most bytes of a row.
    pub max_row: usize,
}

impl Default for CsvOptions {
    fn default() -> Self {
        Self { delimiter: b',', absent: Vec::new(), max_row: 1 << 20 }
    }
}

/// The rows of a CSV file, decoded by the contract of its rows. Empty lines are no rows.
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
    /// `D0203` if the header does not fit the contract; `P0002` if the file is absent or not permitted, `E0003` for
    /// other refusals; `D0201`, `D0104` or `D0105` if the header itself cannot be read.
    pub async fn open(
        path: &Path,
        name: &str,
        shape: &Shape,
        options: CsvOptions,
        checkpoint: Option<Checkpoint>,
    ) -> Result<Self, Report> {
        let (path, source, name) = (path.to_owned(), Str::from(name), Arc::from(name));
        let (delimiter, limit) = (options.delimiter, options.max_row);
        let open = move || Opened::new(path, name, delimiter, limit, checkpoint.as_ref());
        let opened = blocking::run(open).await??;
        let decoder = decoder(&opened, shape, &options)?;
        let Opened { path, name: file, header, start, rows, size } = opened;
        let cells = Cells::default();
        let decoded = Decoded { path, file, source, rows, decoder, delimiter, limit, cells };
        Ok(Self { rows: FileRows::new(decoded, size), fingerprint: start.fingerprint, header: header.bytes })
    }

    /// Identifies the content of the file. It stays when the file grows, and is another one for another file.
    #[must_use]
    pub fn fingerprint(&self) -> Str {
        self.fingerprint.clone()
    }

    /// The header line as it stands in the file, without its line break and byte order mark.
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
    header: Row,
    start: Start,
    rows: Rows,
    size: u64,
}

impl Opened {
    fn new(
        path: PathBuf,
        name: Arc<str>,
        delimiter: u8,
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
        let mut rows = Rows::new(input, delimiter, limit, 1);
        let Some(header) = rows.next().map_err(failed)? else {
            let message = format!("`{name}` is empty: it has no header line");
            return Err(Report::new(&WRONG_HEADER, message)
                .at(place(&name, 1))
                .hint("write the names of the columns into the first line"));
        };
        if let Some(position) = start.position.filter(|position| position.offset > rows.position().0) {
            let input = Input::of_file(file, position.offset, size).map_err(failed)?;
            rows = Rows::new(input, delimiter, limit, position.line.max(1));
        }
        Ok(Self { path, name, header, start, rows, size })
    }
}

/// A file of which rows are read and decoded.
struct Decoded {
    path: PathBuf,
    file: Arc<str>,
    source: Str,
    rows: Rows,
    decoder: RowDecoder,
    delimiter: u8,
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
            Kind::Whole(Form::Plain) => self.decoder.decode(csv::plain(&row.bytes, self.delimiter)),
            Kind::Whole(Form::Quoted) => self.decoder.decode(self.cells.split(&row.bytes, self.delimiter)),
            bad => Err(unreadable(bad, self.limit)),
        }
    }
}

fn decoder(opened: &Opened, shape: &Shape, options: &CsvOptions) -> Result<RowDecoder, Report> {
    let place = place(&opened.name, opened.header.line);
    let row = &opened.header.bytes;
    let text = std::str::from_utf8(row).map_err(|error| {
        let message = format!("the header is not UTF-8 from byte {}", error.valid_up_to());
        Report::new(&BAD_ENCODING, message).at(place.clone()).hint("convert the file to UTF-8")
    })?;
    let mut quoted = Cells::default();
    let names: Vec<&[u8]> = match opened.header.kind {
        Kind::Whole(Form::Plain) => csv::plain(text.as_bytes(), options.delimiter).collect(),
        Kind::Whole(Form::Quoted) => quoted.split(text.as_bytes(), options.delimiter).collect(),
        bad => return Err(unreadable(bad, options.max_row).at(place)),
    };
    // Parts of UTF-8 between ASCII characters are UTF-8.
    let names: Vec<&str> =
        names.into_iter().map(|name| std::str::from_utf8(name).unwrap_or_default()).collect();
    RowDecoder::new(shape, &names, &options.absent)
        .map_err(|reports| header_report(reports, &opened.name, place))
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
