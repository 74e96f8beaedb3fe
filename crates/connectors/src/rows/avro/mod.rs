//! Object container files of Avro. The file is read block by block: what is held is never more than one of them.
//!
//! Each row is resolved from the schema that the file was written with to that of the contract, and its bytes are those of the first,
//! which is the context of its dead letter. Rows are counted: that is their position, since a row of a compressed block lies at no byte of
//! the file. What comes before a position is recognised by all bytes up to the end of the block that it lies in or behind.
//!
//! A row that does not follow the contract costs only itself. A row after which nothing can be told costs the rest of its block, and a
//! damaged block is one row: each is one arrival that says so.

mod blocks;
#[cfg(test)]
mod tests;

use bytes::Bytes;
use tenon_contracts::{
    avro::{
        Schema,
        codec::{
            Decoder,
            container::{Bodiless, Compression, Header, MAGIC},
        },
    },
    json::Limits,
};
use tenon_errors::{
    Report, Reports,
    catalogue::{
        data::{BAD_ENCODING, TOO_LARGE, WRONG_HEADER},
        system::FILE_AWAITED,
    },
};
use tenon_model::Value;
use tenon_ports::{Arrival, FileFormat, Position};

use self::blocks::{Block, Blocks, Damaged, LARGEST};
use super::{
    arrival::{CLIPPED, File},
    blob::{AWAITED, refused},
    content::Content,
    input::Input,
    rescan::changed_before,
    source,
    tail::{Kept, Tail},
};

/// The rows of a file, and the schema that they were written with.
pub(super) fn open(
    mut content: Content,
    schema: &Schema,
    format: &FileFormat,
) -> Result<(Box<dyn source::Rows>, Bytes), Report> {
    let file = File::new(content.name(), None);
    let mut input = content.begin()?;
    let header = header(&mut input, &file)?;
    let decoder = Decoder::between(&header.schema, schema)
        .map_err(|reports| wrong(&file, "is not read by the schema of the contract", reports))?;
    let decoder = decoder.with_limits(Limits { bytes: LARGEST, ..Limits::default() });
    let decoder = format.part.as_ref().map_or(decoder.clone(), |ways| decoder.part(ways));
    input.follow(content.growth()?);
    let blocks = Blocks::new(input, &header, content.name());
    let compression = header.compression;
    let (block, bodiless, limit) = (Open::default(), Bodiless::default(), format.max_row);
    let mut rows = Rows { blocks, compression, decoder, file, limit, block, bodiless, taken: 0 };
    if let Some(position) = content.resume() {
        rows.go_to(position)?;
    }
    Ok((Box::new(rows), Bytes::from(header.text)))
}

/// Takes the header.
fn header(input: &mut Input, file: &File) -> Result<Header, Report> {
    let mut length = 64 << 10;
    loop {
        blocks::fill(input, length).map_err(|error| refused(file.name(), &error))?;
        match Header::read(input.window()) {
            Ok(header) => {
                input.take(header.length);
                return Ok(header);
            }
            Err(reports) if !input.window().starts_with(MAGIC) => {
                return Err(wrong(file, "is not that of an Avro file", reports));
            }
            Err(_) if !input.is_whole() && length < Header::LONGEST => length *= 2,
            Err(reports) if reports.iter().all(|it| it.code() == &BAD_ENCODING) && input.is_whole() => {
                let message = format!("`{}` ends within its header", file.name());
                return Err(Report::new(&FILE_AWAITED, message)
                    .at(file.place(1))
                    .with_details(reports)
                    .hint("write the file; best under another name, and then rename it")
                    .retry_after(AWAITED));
            }
            Err(reports) => return Err(wrong(file, "cannot be read", reports)),
        }
    }
}

fn wrong(file: &File, what: &str, reports: Reports) -> Report {
    Report::new(&WRONG_HEADER, format!("the header of `{}` {what}", file.name()))
        .at(file.place(1))
        .with_details(reports)
        .hint("write the file anew, or correct the contract")
}

/// The largest block whose memory is shared by its rows.
const SHARED: usize = 1 << 20;

/// The first bytes of what is too large to be kept, without its memory.
fn clipped(bytes: &[u8]) -> Bytes {
    Bytes::copy_from_slice(&bytes[..bytes.len().min(CLIPPED)])
}

/// Rows as they are taken and decoded.
struct Rows {
    blocks: Blocks,
    compression: Compression,
    decoder: Decoder,
    file: File,
    limit: usize,
    block: Open,
    bodiless: Bodiless,
    /// How many rows were taken.
    taken: u64,
}

/// The block that rows are taken from.
#[derive(Default)]
struct Open {
    number: u64,
    /// What is left of it.
    bytes: Bytes,
    /// How many rows that is.
    count: u32,
}

impl source::Rows for Rows {
    fn next(&mut self) -> Result<Option<Arrival>, Report> {
        loop {
            if self.block.count > 0 {
                return Ok(Some(self.row()));
            }
            match self.blocks.next()? {
                None => return Ok(None),
                Some(Err(Damaged { bytes, report })) => {
                    return Ok(Some(self.arrival(1, bytes.into(), true, Err(report))));
                }
                Some(Ok(block)) => {
                    if let Some(arrival) = self.enter(block) {
                        return Ok(Some(arrival));
                    }
                }
            }
        }
    }

    fn waits(&self) -> bool {
        self.blocks.waits()
    }
}

impl Rows {
    /// Unpacks a block; an arrival if that cannot be.
    fn enter(&mut self, block: Block) -> Option<Arrival> {
        let Block { number, count, bytes } = block;
        if count == 0 {
            return None;
        }
        let unpacked = match self.compression {
            Compression::Null => Ok(bytes.clone()),
            other => other.unpack(&bytes, LARGEST).map(Bytes::from),
        };
        let counted = unpacked.and_then(|unpacked| {
            self.bodiless.take(&self.decoder, count, bytes.len())?;
            Ok(unpacked)
        });
        match counted {
            Ok(bytes) => {
                self.block = Open { number, bytes, count };
                None
            }
            Err(report) => {
                let message = format!("block {number} cannot be read: {}", report.message());
                let mut report = Report::new(report.code(), message).with_details([report]);
                report = report.hint(format!("deliver its rows again: {count}, as it says"));
                Some(self.arrival(count, clipped(&bytes), true, Err(report)))
            }
        }
    }

    fn row(&mut self) -> Arrival {
        let block = self.block.bytes.clone();
        let (decoded, rest) = match self.decoder.decode_first(&block) {
            Ok((value, rest)) => (Ok(value), rest.len()),
            Err(report) => match self.decoder.skip_first(&block) {
                Ok(rest) => (Err(report), rest.len()),
                Err(_) => return self.give_up(&report),
            },
        };
        let bytes = block.slice(..block.len() - rest);
        self.block.bytes = block.slice(bytes.len()..);
        self.block.count -= 1;
        if self.block.count == 0 && rest > 0 {
            self.block.bytes = Bytes::new();
            let number = self.block.number;
            let message =
                format!("{rest} bytes follow the rows of block {number}, of which this is the last");
            let report = Report::new(&BAD_ENCODING, message)
                .hint("look at the rows of the block: one of them may have been read as another one");
            return self.arrival(1, bytes, false, Err(report));
        }
        if bytes.len() > self.limit {
            let message = format!("the row has {} bytes, and {} are allowed", bytes.len(), self.limit);
            let report = Report::new(&TOO_LARGE, message).hint("allow larger ones with `row`");
            return self.arrival(1, clipped(&bytes), true, Err(report));
        }
        // A row keeps the memory of its block, which is no more than rows have elsewhere unless the block is a large one.
        let bytes = if block.len() > SHARED { Bytes::copy_from_slice(&bytes) } else { bytes };
        self.arrival(1, bytes, false, decoded)
    }

    /// The rows of the block from here on, which cannot be told apart.
    fn give_up(&mut self, report: &Report) -> Arrival {
        let Open { number, bytes, count } = std::mem::take(&mut self.block);
        let message = format!("a row of block {number} cannot be read: {}", report.message());
        let hint = match count {
            1 => "deliver the row again".to_owned(),
            _ => format!(
                "deliver it and the {} rows after it in its block again: where they begin cannot be told",
                count - 1
            ),
        };
        let report = Report::new(report.code(), message).hint(hint);
        self.arrival(count, clipped(&bytes), true, Err(report))
    }

    /// What stands for so many rows.
    fn arrival(&mut self, rows: u32, bytes: Bytes, clipped: bool, decoded: Result<Value, Report>) -> Arrival {
        let position = Position { offset: self.taken, line: self.taken + 1, tail: 0 };
        self.taken += u64::from(rows);
        let tail = Tail::default().value(self.blocks.check());
        let next = Position { offset: self.taken, line: self.taken + 1, tail };
        Arrival { clipped, ..self.file.arrival(position, next, bytes, decoded) }
    }

    /// Goes to where an earlier reader went on.
    ///
    /// # Errors
    /// `Y0301` if other rows come before that than did then.
    fn go_to(&mut self, at: Position) -> Result<(), Report> {
        let changed = |file: &File| changed_before(file.name(), &format!("row {}", at.offset + 1), "");
        while self.taken < at.offset {
            match self.blocks.next()? {
                None => return Err(changed(&self.file)),
                Some(Err(_)) => self.taken += 1,
                // Of those that lie before, nothing is unpacked.
                Some(Ok(block)) if self.taken + u64::from(block.count) <= at.offset => {
                    self.taken += u64::from(block.count);
                }
                Some(Ok(block)) => {
                    if self.enter(block).is_none() {
                        while self.block.count > 0 && self.taken < at.offset {
                            self.row();
                        }
                    }
                }
            }
        }
        let is_same = Kept::of(at).recognises(self.blocks.check(), 0);
        if self.taken == at.offset && is_same { Ok(()) } else { Err(changed(&self.file)) }
    }
}
