//! Reading a topic from an offset on, following its writer.

use std::{collections::VecDeque, io, ops::Range, sync::Arc};

use bytes::Bytes;
use tenon_errors::{Report, catalogue::engine::INTERNAL};
use tenon_ports::{Gone, Record};
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
    gone: VecDeque<Gone>,
    // Something is gone that was not told of with records.
    untold: bool,
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
        Ok(Self { log, durable, next, cursor: None, gone: VecDeque::new(), untold: false })
    }

    /// The next records with their offsets, at most `max` and about 1 MiB; waits until there is one, or until some are gone
    /// after which there is none.
    ///
    /// Dropping the future loses nothing: the state changes only between waits.
    pub(crate) async fn next(&mut self, max: usize) -> Result<Vec<(u64, Record)>, Report> {
        loop {
            if self.untold && self.lag() == 0 {
                self.untold = false;
                return Ok(Vec::new());
            }
            self.wait().await?;
            self.locate().await?;
            let Some(cursor) = &mut self.cursor else { continue };
            let (mut records, mut lost) = (Vec::new(), Vec::new());
            let taken = cursor.take(self.next, max.max(1), &mut records, &mut lost);
            // Where no record is left in the segment, the walk stands behind what is skipped at its end.
            let reached = cursor.frames.offset();
            if taken.is_err() {
                // The next call comes to the same place again.
                self.cursor = None;
            }
            lost.into_iter().for_each(|lost| self.lose(lost, true));
            if let Some((offset, _)) = records.last() {
                // Before what is damaged comes what is sound.
                self.next = offset + 1;
                self.untold = false;
                return Ok(records);
            }
            let needed = taken?;
            if reached > self.next {
                self.lose(self.next..reached, true);
                self.next = reached;
                continue;
            }
            let Some(cursor) = &mut self.cursor else { continue };
            cursor.fetch(needed).await?;
        }
    }

    /// The offset of the record that comes next.
    pub(crate) fn position(&self) -> u64 {
        self.next
    }

    /// Takes the offsets of records that were removed before this reader came to them, or are skipped as damaged.
    pub(crate) fn take_gone(&mut self) -> Option<Gone> {
        self.gone.pop_front()
    }

    fn lose(&mut self, offsets: Range<u64>, damaged: bool) {
        self.untold = true;
        match self.gone.back_mut() {
            Some(last) if last.damaged == damaged && last.offsets.end == offsets.start => {
                last.offsets.end = offsets.end;
            }
            _ => self.gone.push_back(Gone { offsets, damaged }),
        }
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
            self.lose(self.next..start, false);
            self.next = start;
            // There may be nothing yet at the start.
            return Ok(());
        }
        let Some(segment) = self.log.segment_of(self.next) else { return Ok(()) };
        let (disk, path) = (self.log.disk.clone(), segment.path.clone());
        match blocking::run(move || disk.open_to_read(&path)).await? {
            Ok(file) => {
                let (offset, position) = segment.floor(self.next);
                let frames = Frames::new(segment.header.salt, offset, position, &segment.skips);
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
    /// Takes records from offset `from` on out of what was fetched, and the offsets that are skipped before any of them. Returns
    /// how many bytes the next one needs.
    fn take(
        &mut self,
        from: u64,
        max: usize,
        records: &mut Vec<(u64, Record)>,
        lost: &mut Vec<Range<u64>>,
    ) -> Result<usize, Report> {
        let (mut bytes, mut expected) = (0, from);
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
                    if head.offset > expected {
                        lost.push(expected..head.offset);
                    }
                    expected = head.offset + 1;
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
