//! Lines of JSON as messages.

use std::path::Path;

use async_trait::async_trait;
use memchr::memchr;
use tenon_contracts::json::Decoder;
use tenon_errors::{Place, Report, catalogue::data::TOO_LARGE};
use tenon_model::{Headers, Payload, Shape, Str};
use tenon_ports::{Arrival, Batch, Checkpoint, Origin, Position, Source};

use super::{
    blocking::{Blocking, Read},
    reader::Reader,
};

/// The largest line, in bytes.
const MAX_LINE: usize = 1 << 20;
/// The most bytes of lines in one batch.
const MAX_BATCH: usize = 4 << 20;

/// A file with one JSON value per line. `commit` has no effect: positions of files are kept by the flow's checkpoint.
pub struct JsonLinesSource {
    lines: Blocking<Lines>,
    fingerprint: Str,
}

struct Lines {
    reader: Reader,
    name: Str,
    decoder: Decoder,
}

impl JsonLinesSource {
    /// Opens the file at `path`, which messages call `name`, and goes on from `checkpoint` if it was made in the same
    /// content.
    ///
    /// # Errors
    /// `P0002` if it cannot be read.
    pub async fn open(
        path: &Path,
        name: &str,
        shape: &Shape,
        checkpoint: Option<Checkpoint>,
    ) -> Result<Self, Report> {
        let mut reader = Reader::open(path, name)?;
        let fingerprint = reader.fingerprint()?;
        if let Some(checkpoint) = checkpoint
            && reader.continues(&checkpoint)?
        {
            reader.seek(checkpoint.position)?;
        }
        let lines = Lines { reader, name: Str::new(name), decoder: Decoder::new(shape)? };
        Ok(Self { lines: Blocking::new(lines), fingerprint })
    }

    /// Identifies the content of the file.
    #[must_use]
    pub fn fingerprint(&self) -> Str {
        self.fingerprint.clone()
    }
}

#[async_trait]
impl Source for JsonLinesSource {
    async fn next(&mut self, max: usize) -> Result<Batch, Report> {
        self.lines.next(max, |lines| lines.reader.progress()).await
    }

    async fn commit(&mut self, _position: Position) -> Result<(), Report> {
        Ok(())
    }

    fn lag(&self) -> Option<u64> {
        None
    }

    fn progress(&self) -> Option<f64> {
        Some(self.lines.progress())
    }
}

impl Read for Lines {
    fn read(&mut self, max: usize) -> Result<Batch, Report> {
        let mut batch = Batch::default();
        let mut bytes = 0;
        while batch.arrivals.len() < max && bytes < MAX_BATCH {
            match self.line()? {
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

impl Lines {
    /// The next line that is not empty; `None` at the end.
    fn line(&mut self) -> Result<Option<Arrival>, Report> {
        loop {
            let buffered = self.reader.buffered();
            let newline = memchr(b'\n', buffered);
            if newline.is_none() && !self.reader.at_end() && buffered.len() <= MAX_LINE {
                self.reader.fill()?;
                continue;
            }
            if buffered.is_empty() {
                return Ok(None);
            }
            let length = newline.map_or(buffered.len(), |at| at + 1);
            let start = self.reader.position();
            let line = self.reader.take_line()?;
            if line.trim_ascii().is_empty() {
                continue;
            }
            let payload = if length > MAX_LINE {
                Err(Report::new(&TOO_LARGE, format!("the line is longer than {MAX_LINE} bytes")))
            } else {
                self.decoder
                    .decode(line.trim_ascii())
                    .map(|value| Payload { bytes: Some(line.clone()), value: Some(value) })
            };
            let number = u32::try_from(start.line).unwrap_or(u32::MAX);
            let place =
                Place { file: self.name.as_str().into(), line: number, column: 1, span: 0..0, label: None };
            return Ok(Some(Arrival {
                origin: Origin { source: self.name.clone(), position: start },
                next: self.reader.position(),
                bytes: line,
                payload: payload.map_err(|report| report.at(place)),
                key: None,
                headers: Headers::new(),
                time: None,
            }));
        }
    }
}
