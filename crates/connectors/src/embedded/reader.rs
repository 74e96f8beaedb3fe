//! Reading a topic from an offset on, following its writer.

use std::{io, ops::Range, sync::Arc};

use bytes::Bytes;
use tenon_errors::{Report, catalogue::engine::INTERNAL};
use tenon_ports::Record;
use tokio::sync::watch;

use super::{
    disk::{DiskFile, read_chunk, refused},
    frame::{HEAD, decode_body},
    frames::{Frames, Step},
    log::{Log, Segment, damaged},
};
use crate::blocking;

/// What is read from a file at once. Values share this memory, so that keeping one small value keeps all of it.
const CHUNK: usize = 128 << 10;

/// The most bytes of a batch, plus one record.
const BATCH: usize = 1 << 20;

/// Reads records in order. It sees only what is durable.
pub(crate) struct Reader {
    log: Arc<Log>,
    durable: watch::Receiver<u64>,
    next: u64,
    cursor: Option<Cursor>,
    gone: Option<Range<u64>>,
}

struct Cursor {
    segment: Arc<Segment>,
    file: Arc<dyn DiskFile>,
    frames: Frames,
}

impl Reader {
    /// A reader that starts at offset `next`, or at the oldest record after it.
    ///
    /// # Errors
    /// `Y0201` if the topic ends before `next`: somebody has seen records that are gone.
    pub(crate) fn new(log: Arc<Log>, next: u64) -> Result<Self, Report> {
        let durable = log.watch();
        let end = *durable.borrow();
        if next > end {
            let what = format!("the topic ends at offset {end}, and a reader has come to {next} before");
            return Err(damaged(&log.folder, what));
        }
        Ok(Self { log, durable, next, cursor: None, gone: None })
    }

    /// The next records with their offsets, at most `max` and about 1 MiB; waits until there is one.
    ///
    /// Dropping the future loses nothing: the state changes only between waits.
    pub(crate) async fn next(&mut self, max: usize) -> Result<Vec<(u64, Record)>, Report> {
        loop {
            self.wait().await?;
            self.locate().await?;
            let Some(cursor) = &mut self.cursor else { continue };
            let mut records = Vec::new();
            let taken = cursor.take(self.next, max.max(1), &mut records);
            if taken.is_err() {
                // The next call comes to the same place again.
                self.cursor = None;
            }
            if let Some((offset, _)) = records.last() {
                // Before what is damaged comes what is sound.
                self.next = offset + 1;
                return Ok(records);
            }
            let needed = taken?;
            let Some(cursor) = &mut self.cursor else { continue };
            cursor.fetch(needed).await?;
        }
    }

    /// The offset of the record that comes next.
    pub(crate) fn position(&self) -> u64 {
        self.next
    }

    /// Takes the offsets of records that were removed before this reader came to them.
    pub(crate) fn take_gone(&mut self) -> Option<Range<u64>> {
        self.gone.take()
    }

    /// How many records wait.
    pub(crate) fn lag(&self) -> u64 {
        self.durable.borrow().saturating_sub(self.next)
    }

    /// Waits until the next record is durable.
    async fn wait(&mut self) -> Result<(), Report> {
        let next = self.next;
        match self.durable.wait_for(|end| *end > next).await {
            Ok(_) => Ok(()),
            // The sender lives in the log, which this holds.
            Err(_) => Err(Report::new(&INTERNAL, "a topic was closed under its reader")),
        }
    }

    /// Opens the segment of the next record, unless it is open.
    async fn locate(&mut self) -> Result<(), Report> {
        if self.cursor.as_ref().is_some_and(|cursor| self.next < cursor.segment.end()) {
            return Ok(());
        }
        self.cursor = None;
        let start = self.log.start();
        if self.next < start {
            let from = self.gone.as_ref().map_or(self.next, |gone| gone.start);
            self.gone = Some(from..start);
            self.next = start;
            // There may be nothing yet at the start.
            return Ok(());
        }
        let Some(segment) = self.log.segment_of(self.next) else { return Ok(()) };
        let (disk, path) = (self.log.disk.clone(), segment.path.clone());
        match blocking::run(move || disk.open_to_read(&path)).await? {
            Ok(file) => {
                let (offset, position) = segment.floor(self.next);
                let frames = Frames::new(segment.header.salt, offset, position);
                self.cursor = Some(Cursor { segment, file, frames });
                Ok(())
            }
            // Removed since: the start has moved on.
            Err(error) if error.kind() == io::ErrorKind::NotFound && self.log.start() > self.next => Ok(()),
            Err(error) => Err(refused("open", &segment.path, &error)),
        }
    }
}

impl Cursor {
    /// Takes records from offset `from` on out of what was fetched. Returns how many bytes the next one needs.
    fn take(&mut self, from: u64, max: usize, records: &mut Vec<(u64, Record)>) -> Result<usize, Report> {
        let mut bytes = 0;
        while records.len() < max && bytes < BATCH {
            let position = self.frames.position();
            match self.frames.step() {
                Step::More(needed) => return Ok(needed),
                Step::Damaged(what) => {
                    return Err(self.segment.damaged(what, position, self.frames.offset()));
                }
                Step::Frame(head, _) if head.offset < from => {}
                Step::Frame(head, body) => {
                    bytes += HEAD + body.len();
                    let record = decode_body(&body).ok_or_else(|| {
                        self.segment.damaged("a record of another format", position, head.offset)
                    })?;
                    records.push((head.offset, record));
                }
            }
        }
        Ok(HEAD)
    }

    /// Fetches at least `needed` bytes of the next record, and more where there is more.
    async fn fetch(&mut self, needed: usize) -> Result<(), Report> {
        let position = self.frames.position();
        let left = usize::try_from(self.segment.length().saturating_sub(position)).unwrap_or(usize::MAX);
        let file = self.file.clone();
        let read = move || read_chunk(file.as_ref(), position, left.min(CHUNK.max(needed)));
        let chunk =
            blocking::run(read).await?.map_err(|error| refused("read", &self.segment.path, &error))?;
        if chunk.len() < needed {
            return Err(self.segment.damaged("the file ends", position, self.frames.offset()));
        }
        self.frames.feed(Bytes::from(chunk));
        Ok(())
    }
}
