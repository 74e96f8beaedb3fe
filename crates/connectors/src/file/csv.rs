//! Rows of a CSV file as messages.

use std::path::Path;

use async_trait::async_trait;
use bytes::Bytes;
use tenon_contracts::text::RowDecoder;
use tenon_errors::{
    Place, Report,
    catalogue::data::{BAD_CSV, TOO_LARGE, WRONG_HEADER},
};
use tenon_model::{Headers, Payload, Shape, Str};
use tenon_ports::{Arrival, Batch, Checkpoint, Origin, Position, Source};

use super::{
    blocking::{Blocking, Read},
    reader::Reader,
    split::{Cells, Split, split},
};

/// The most bytes of rows in one batch.
const MAX_BATCH: usize = 4 << 20;

/// How a CSV file is read.
#[derive(Debug, Clone)]
pub struct CsvOptions {
    /// The byte between cells.
    pub delimiter: u8,
    /// Cells of these texts count as absent.
    pub absent: Vec<Str>,
    /// The largest row, in bytes.
    pub max_row: usize,
}

impl Default for CsvOptions {
    fn default() -> Self {
        Self { delimiter: b',', absent: Vec::new(), max_row: 1 << 20 }
    }
}

/// A CSV file with a header line. `commit` has no effect: positions of files are kept by the flow's checkpoint.
pub struct CsvSource {
    rows: Blocking<Rows>,
    fingerprint: Str,
    header: Bytes,
}

struct Rows {
    reader: Reader,
    name: Str,
    options: CsvOptions,
    decoder: RowDecoder,
    cells: Cells,
}

impl CsvSource {
    /// Opens the file at `path`, which messages call `name`, and goes on from `checkpoint` if it was made in the same
    /// content.
    ///
    /// # Errors
    /// `P0002` if it cannot be read, `D0203` if its header does not fit `shape`.
    pub async fn open(
        path: &Path,
        name: &str,
        shape: &Shape,
        options: CsvOptions,
        checkpoint: Option<Checkpoint>,
    ) -> Result<Self, Report> {
        let mut reader = Reader::open(path, name)?;
        let fingerprint = reader.fingerprint()?;
        let header = header(&mut reader, name, &options)?;
        let decoder = decoder(&header, name, shape, &options)?;
        if let Some(checkpoint) = checkpoint
            && checkpoint.position.offset > reader.position().offset
        {
            if reader.continues(&checkpoint)? {
                reader.seek(checkpoint.position)?;
            } else {
                tracing::warn!(
                    file = name,
                    "the file is not the one that was read before: it is read from its start"
                );
            }
        }
        let rows = Rows { reader, name: Str::new(name), options, decoder, cells: Cells::default() };
        Ok(Self { rows: Blocking::new(rows), fingerprint, header })
    }

    /// Identifies the content of the file.
    #[must_use]
    pub fn fingerprint(&self) -> Str {
        self.fingerprint.clone()
    }

    /// The header line, without which a row's bytes cannot be read.
    #[must_use]
    pub fn header(&self) -> Bytes {
        self.header.clone()
    }
}

#[async_trait]
impl Source for CsvSource {
    async fn next(&mut self, max: usize) -> Result<Batch, Report> {
        self.rows.next(max, |rows| rows.reader.progress()).await
    }

    async fn commit(&mut self, _position: Position) -> Result<(), Report> {
        Ok(())
    }

    fn lag(&self) -> Option<u64> {
        None
    }

    fn progress(&self) -> Option<f64> {
        Some(self.rows.progress())
    }
}

fn header(reader: &mut Reader, name: &str, options: &CsvOptions) -> Result<Bytes, Report> {
    while !reader.at_end() && reader.buffered().len() < options.max_row && !reader.buffered().contains(&b'\n')
    {
        reader.fill()?;
    }
    if reader.buffered().starts_with(b"\xef\xbb\xbf") {
        reader.take(3);
    }
    match split(reader.buffered(), options.delimiter, reader.at_end(), &mut Cells::default()) {
        Split::Row(length) => Ok(reader.take(length)),
        Split::Bad(why, _) => {
            Err(Report::new(&WRONG_HEADER, format!("the header of `{name}` is not CSV: {why}")))
        }
        Split::Incomplete { .. } => Err(Report::new(
            &WRONG_HEADER,
            format!("the header of `{name}` has no end within {} bytes", options.max_row),
        )),
    }
}

fn decoder(header: &Bytes, name: &str, shape: &Shape, options: &CsvOptions) -> Result<RowDecoder, Report> {
    let mut cells = Cells::default();
    split(header, options.delimiter, true, &mut cells);
    let names: Vec<String> =
        cells.iter(header).map(|cell| String::from_utf8_lossy(cell).trim().to_owned()).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    RowDecoder::new(shape, &names, &options.absent).map_err(|reports| {
        let message = format!("the header of `{name}` does not fit the contract of its rows");
        Report::new(&WRONG_HEADER, message).at(Place::file(name)).with_details(reports)
    })
}

impl Read for Rows {
    fn read(&mut self, max: usize) -> Result<Batch, Report> {
        let mut batch = Batch::default();
        let mut bytes = 0;
        while batch.arrivals.len() < max && bytes < MAX_BATCH {
            match self.row()? {
                Some(arrival) => {
                    bytes += arrival.bytes.len();
                    batch.arrivals.push(arrival);
                }
                None => {
                    batch.end = true;
                    break;
                }
            }
        }
        Ok(batch)
    }
}

impl Rows {
    /// The next row that is not an empty line; `None` at the end.
    fn row(&mut self) -> Result<Option<Arrival>, Report> {
        loop {
            let at_end = self.reader.at_end();
            if at_end && self.reader.buffered().is_empty() {
                return Ok(None);
            }
            let start = self.reader.position();
            let buffered = self.reader.buffered();
            match split(buffered, self.options.delimiter, at_end, &mut self.cells) {
                Split::Row(_) if self.cells.is_blank() => {
                    self.reader.take_line()?;
                }
                Split::Row(length) if length <= self.options.max_row => {
                    let row = self.reader.take(length);
                    let payload = self
                        .decoder
                        .decode(self.cells.iter(&row))
                        .map(|value| Payload { bytes: Some(row.clone()), value: Some(value) });
                    return Ok(Some(self.arrival(start, row, payload)));
                }
                Split::Incomplete { .. } if !at_end && buffered.len() <= self.options.max_row => {
                    self.reader.fill()?
                }
                Split::Incomplete { quoted: true } => {
                    let report = Report::new(&BAD_CSV, "a quote is opened in this row and never closed")
                        .hint("close the quote, or double quotes that belong to the text");
                    return self.refuse(start, report).map(Some);
                }
                Split::Row(_) | Split::Incomplete { quoted: false } => {
                    let message = format!("the row is longer than {} bytes", self.options.max_row);
                    return self.refuse(start, Report::new(&TOO_LARGE, message)).map(Some);
                }
                Split::Bad(why, at) => {
                    let report = Report::new(&BAD_CSV, format!("{why} (byte {} of the row)", at + 1));
                    return self.refuse(start, report).map(Some);
                }
            }
        }
    }

    /// Hands on a line that is no row; reading goes on behind it.
    fn refuse(&mut self, start: Position, report: Report) -> Result<Arrival, Report> {
        let line = self.reader.take_line()?;
        Ok(self.arrival(start, line, Err(report)))
    }

    fn arrival(&self, start: Position, bytes: Bytes, payload: Result<Payload, Report>) -> Arrival {
        let place = |report: Report| {
            let line = u32::try_from(start.line).unwrap_or(u32::MAX);
            report.at(Place { file: self.name.as_str().into(), line, column: 1, span: 0..0, label: None })
        };
        Arrival {
            origin: Origin { source: self.name.clone(), position: start },
            next: self.reader.position(),
            bytes,
            payload: payload.map_err(place),
            key: None,
            headers: Headers::new(),
            time: None,
        }
    }
}
