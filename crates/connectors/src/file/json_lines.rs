//! Files of JSON values, one per line, as sources.

use std::{
    fs::File,
    path::{Path, PathBuf},
    sync::Arc,
};

use async_trait::async_trait;
use bytes::Bytes;
use memchr::memchr;
use tenon_contracts::json::Decoder;
use tenon_errors::{Place, Report, catalogue::data::TOO_LARGE};
use tenon_model::{Headers, Payload, Shape, Str, Value};
use tenon_ports::{Arrival, Batch, Checkpoint, Origin, Position, Source};

use super::{
    fingerprint,
    input::{Input, refused},
    source::{self, FileRows},
    tail::Tail,
};
use crate::blocking;

/// What is kept of a line that is longer.
const CLIPPED: usize = 64 << 10;

/// The values of a file, one per line, decoded by their contract. Blank lines are no values.
///
/// A line that cannot be read is an arrival whose payload is a report with the place `file:line:1`: `D0104` beyond
/// the limit (then its bytes are the first 64 KiB), and what the decoder says. Positions are bytes and lines; they are kept
/// by the caller: `commit` does nothing.
pub struct JsonLinesSource {
    rows: FileRows<Decoded>,
    fingerprint: Str,
}

impl JsonLinesSource {
    /// Opens the file at `path`, which reports call `name`, at the position of `checkpoint` if it is the file that the
    /// checkpoint is about, else at its start.
    ///
    /// # Errors
    /// `Y0302` if the file is absent or not permitted, `E0003` for other refusals; the errors of compiling the contract.
    pub async fn open(
        path: &Path,
        name: &str,
        shape: &Shape,
        max_row: usize,
        checkpoint: Option<Checkpoint>,
    ) -> Result<Self, Report> {
        let decoder = Decoder::new(shape)?;
        let (path, name) = (path.to_owned(), Str::from(name));
        blocking::run(move || Self::open_blocking(path, name, decoder, max_row, checkpoint.as_ref())).await?
    }

    /// Identifies the content of the file. It stays when the file grows, and is another one for another file.
    #[must_use]
    pub fn fingerprint(&self) -> Str {
        self.fingerprint.clone()
    }

    fn open_blocking(
        path: PathBuf,
        name: Str,
        decoder: Decoder,
        limit: usize,
        checkpoint: Option<&Checkpoint>,
    ) -> Result<Self, Report> {
        let failed = |error| refused(&path, &error);
        let mut file = File::open(&path).map_err(failed)?;
        let size = file.metadata().map_err(failed)?.len();
        let start = fingerprint::start(&mut file, size, checkpoint, (&path, &name))?;
        let position = start.position.unwrap_or_default();
        let input = Input::of_file(file, position.offset, size).map_err(failed)?;
        let (file, line) = (Arc::from(name.as_str()), position.line.max(1));
        let tail = Tail::default();
        let decoded = Decoded { path, file, source: name, input, line, limit, tail, decoder };
        Ok(Self { rows: FileRows::new(decoded, size), fingerprint: start.fingerprint })
    }
}

#[async_trait]
impl Source for JsonLinesSource {
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

struct Decoded {
    path: PathBuf,
    file: Arc<str>,
    source: Str,
    input: Input,
    line: u64,
    limit: usize,
    tail: Tail,
    decoder: Decoder,
}

impl source::Rows for Decoded {
    fn next(&mut self) -> Result<Option<Arrival>, Report> {
        self.line().map_err(|error| refused(&self.path, &error))
    }
}

impl Decoded {
    fn line(&mut self) -> std::io::Result<Option<Arrival>> {
        loop {
            let window = self.input.window();
            let visible = &window[..window.len().min(self.limit + 1)];
            let position = Position { offset: self.input.offset(), line: self.line, tail: 0 };
            let line = match memchr(b'\n', visible) {
                Some(length) => self.input.take(length + 1),
                None if visible.len() > self.limit => return self.too_large(position).map(Some),
                None if !self.input.is_whole() => {
                    self.input.extend()?;
                    continue;
                }
                None if visible.is_empty() => return Ok(None),
                None => self.input.take(window.len()),
            };
            self.tail.passes(&line);
            self.line += 1;
            let content = line.trim_ascii();
            if !content.is_empty() {
                let bytes = line.slice_ref(content);
                let decoded = self.decoder.decode(&bytes);
                return Ok(Some(self.arrival(position, bytes, decoded)));
            }
        }
    }

    fn too_large(&mut self, position: Position) -> std::io::Result<Arrival> {
        let window = self.input.window();
        let bytes = Bytes::copy_from_slice(&window[..window.len().min(CLIPPED)]);
        self.input.skip_line()?;
        self.tail.loses();
        self.line += 1;
        let length = self.input.offset() - position.offset;
        let message = format!("the line has {length} bytes, and {} are allowed", self.limit);
        let report = Report::new(&TOO_LARGE, message).hint("write one value per line");
        Ok(Arrival { clipped: true, ..self.arrival(position, bytes, Err(report)) })
    }

    fn arrival(&self, position: Position, bytes: Bytes, decoded: Result<Value, Report>) -> Arrival {
        let line = u32::try_from(position.line).unwrap_or(u32::MAX);
        let place = || Place { line, ..Place::file(self.file.clone()) };
        Arrival {
            origin: Origin { source: self.source.clone(), position },
            next: Position { offset: self.input.offset(), line: self.line, tail: self.tail.value() },
            bytes,
            clipped: false,
            payload: decoded.map(Payload::of_value).map_err(|report| report.at(place())),
            key: None,
            headers: Headers::new(),
            time: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Read, repeat};

    use tenon_errors::catalogue::data::{BAD_ENCODING, BAD_JSON};
    use tenon_ports::ROW;

    use super::*;

    async fn read(content: &[u8], from: Option<Position>) -> Vec<Arrival> {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        std::io::Write::write_all(&mut file, content).unwrap();
        let open = |checkpoint| JsonLinesSource::open(file.path(), "in.jsonl", &Shape::ANY, ROW, checkpoint);
        let mut source = open(None).await.unwrap();
        if let Some(position) = from {
            let fingerprint = source.fingerprint();
            source = open(Some(Checkpoint { position, fingerprint, ..Checkpoint::default() })).await.unwrap();
        }
        let mut arrivals = Vec::new();
        loop {
            let batch = source.next(2).await.unwrap();
            arrivals.extend(batch.arrivals);
            if batch.end {
                assert_eq!(source.progress(), Some(1.0));
                return arrivals;
            }
        }
    }

    #[tokio::test]
    async fn each_line_is_a_value_and_a_bad_one_costs_only_itself() {
        let content = b"{\"a\":1}\r\n\n  \nnonsense\n[\"\xff\"]\n{\"a\":2}";
        let arrivals = read(content, None).await;
        let lines: Vec<u64> = arrivals.iter().map(|arrival| arrival.origin.position.line).collect();
        assert_eq!(lines, [1, 4, 5, 6]);
        assert_eq!(arrivals[0].bytes, "{\"a\":1}");
        assert!(arrivals[0].payload.is_ok() && arrivals[3].payload.is_ok());
        let report = arrivals[1].payload.as_ref().unwrap_err();
        assert_eq!(report.code(), &BAD_JSON);
        assert_eq!(report.places()[0].to_string(), "in.jsonl:4:1");
        assert_eq!(arrivals[2].payload.as_ref().unwrap_err().code(), &BAD_ENCODING);
        for (arrival, after) in arrivals.iter().zip(&arrivals[1..]) {
            let rest = read(content, Some(arrival.next)).await;
            assert_eq!(rest[0].origin, after.origin);
        }
    }

    #[test]
    fn a_line_of_a_gibibyte_is_skipped_without_being_held() {
        let length = 1 << 30;
        let reader = repeat(b'x').take(length).chain(&b"\n1\n"[..]);
        let mut decoded = Decoded {
            path: PathBuf::new(),
            file: Arc::from("f"),
            source: Str::from("f"),
            input: Input::new(Box::new(reader), 0, length + 3),
            line: 1,
            limit: ROW,
            tail: Tail::default(),
            decoder: Decoder::open(),
        };
        let first = decoded.line().unwrap().unwrap();
        assert_eq!(first.payload.unwrap_err().code(), &TOO_LARGE);
        assert_eq!((first.bytes.len(), first.next.line), (CLIPPED, 2));
        assert_eq!(decoded.line().unwrap().unwrap().payload.unwrap().value, Some(Value::Int(1)));
        assert!(decoded.line().unwrap().is_none());
    }
}
