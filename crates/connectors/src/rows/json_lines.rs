//! One JSON value per line. Blank lines are no values.

use bytes::Bytes;
use memchr::memchr;
use tenon_contracts::json::Decoder;
use tenon_errors::{Report, catalogue::data::TOO_LARGE};
use tenon_ports::{Arrival, Position};

use super::{
    arrival::{CLIPPED, File},
    blob::refused,
    content::Content,
    input::Input,
    rescan::{Resumed, Scan},
    source,
    tail::Tail,
};

/// The values of a file, one per line.
pub(super) fn open(
    mut content: Content,
    limit: usize,
    decoder: Decoder,
) -> Result<(Box<dyn source::Rows>, Bytes), Report> {
    let file = File::new(content.name(), content.encoding());
    let (input, line) = match content.resume() {
        Some(position) if content.is_plain() => (content.from(position)?, position.line.max(1)),
        _ => (content.begin()?, 1),
    };
    let lines = Lines { input, line, limit, beyond: None, tail: Tail::default(), file };
    let from = content.resume().filter(|_| !content.is_plain());
    let mut lines = Resumed::from(lines, from, &content.name())?;
    lines.scan.input.follow(content.growth()?);
    Ok((Box::new(Decoded { lines, decoder }), Bytes::new()))
}

/// Takes one line after the other.
struct Lines {
    input: Input,
    line: u64,
    limit: usize,
    // A line that goes by, also after an error.
    beyond: Option<(Position, Bytes)>,
    tail: Tail,
    file: File,
}

/// A line that is not blank.
struct Line {
    position: Position,
    /// Without blanks around it; only the first ones of a line that is too long.
    bytes: Bytes,
    /// How long it is, if that is too long.
    too_long: Option<u64>,
}

impl Scan for Lines {
    type Row = Line;

    fn take(&mut self) -> Result<Option<Line>, Report> {
        self.next().map_err(|error| refused(self.file.name(), &error))
    }

    fn input(&self) -> &Input {
        &self.input
    }

    fn of(line: &Line) -> (u64, &Bytes) {
        (line.position.offset, &line.bytes)
    }
}

impl Lines {
    fn next(&mut self) -> std::io::Result<Option<Line>> {
        loop {
            if self.beyond.is_some() {
                return self.leave_out();
            }
            let window = self.input.window();
            let visible = &window[..window.len().min(self.limit + 1)];
            let position = Position { offset: self.input.offset(), line: self.line, tail: 0 };
            let line = match memchr(b'\n', visible) {
                Some(length) => self.input.take(length + 1),
                None if visible.len() > self.limit => {
                    let bytes = Bytes::copy_from_slice(&window[..window.len().min(CLIPPED)]);
                    self.beyond = Some((position, bytes));
                    continue;
                }
                None if !self.input.is_whole() => {
                    self.input.extend()?;
                    continue;
                }
                None if visible.is_empty() => return Ok(None),
                None if self.input.last_row_goes_on()? => continue,
                None => self.input.take(self.input.window().len()),
            };
            self.tail.passes(&line);
            self.line += 1;
            let content = line.trim_ascii();
            if !content.is_empty() {
                return Ok(Some(Line { position, bytes: line.slice_ref(content), too_long: None }));
            }
        }
    }

    /// Goes over the rest of a line that is too long.
    fn leave_out(&mut self) -> std::io::Result<Option<Line>> {
        let has_end = loop {
            if self.input.skip_line()? {
                break true;
            }
            if !self.input.goes_on()? {
                break false;
            }
        };
        let Some((position, bytes)) = self.beyond.take() else { return Ok(None) };
        let length = self.input.offset() - position.offset;
        if has_end {
            self.tail.loses();
        } else {
            self.tail.stays_open(length, false);
        }
        self.line += 1;
        Ok(Some(Line { position, bytes, too_long: Some(length) }))
    }
}

struct Decoded {
    lines: Resumed<Lines>,
    decoder: Decoder,
}

impl source::Rows for Decoded {
    fn next(&mut self) -> Result<Option<Arrival>, Report> {
        let line = self.lines.take()?;
        Ok(line.map(|line| self.arrival(line)))
    }

    fn waits(&self) -> bool {
        self.lines.scan.input.waits()
    }
}

impl Decoded {
    fn arrival(&self, line: Line) -> Arrival {
        let lines = &self.lines.scan;
        let decoded = match line.too_long {
            None => self.decoder.decode(&line.bytes),
            Some(length) => {
                let message = format!("the line has {length} bytes, and {} are allowed", lines.limit);
                Err(Report::new(&TOO_LARGE, message)
                    .hint("write one value per line, or allow longer ones with `row`"))
            }
        };
        let tail = lines.tail.value(lines.input.check());
        let next = Position { offset: lines.input.offset(), line: lines.line, tail };
        let clipped = line.too_long.is_some();
        Arrival { clipped, ..lines.file.arrival(line.position, next, line.bytes, decoded) }
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Read, repeat};

    use tenon_errors::catalogue::data::{BAD_ENCODING, BAD_JSON};
    use tenon_model::Shape;
    use tenon_ports::{Checkpoint, FileFormat, ROW, RowFormat};

    use super::{super::tests::Memory, *};

    async fn read(content: &[u8], from: Option<Position>) -> Vec<Arrival> {
        let format = FileFormat::of(RowFormat::JsonLines);
        let open = |checkpoint| {
            crate::rows::open(Memory::boxed("in.jsonl", content), &format, &Shape::ANY, checkpoint)
        };
        let mut opened = open(None).await.unwrap();
        if let Some(position) = from {
            let fingerprint = opened.fingerprint.clone();
            opened = open(Some(Checkpoint { position, fingerprint, ..Checkpoint::default() })).await.unwrap();
        }
        let mut source = opened.source;
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
        let mut lines = Lines {
            file: File::new("f".into(), None),
            input: Input::new(Box::new(reader), 0, length + 3),
            line: 1,
            limit: ROW,
            beyond: None,
            tail: Tail::default(),
        };
        let first = lines.next().unwrap().unwrap();
        assert_eq!(first.too_long, Some(length + 1));
        assert_eq!((first.bytes.len(), lines.line), (CLIPPED, 2));
        assert_eq!(lines.next().unwrap().unwrap().bytes, "1");
        assert!(lines.next().unwrap().is_none());
    }
}
