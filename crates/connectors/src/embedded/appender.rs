//! The one writer of a topic: appends groups of records, syncs them, starts new segments and removes old ones.

use std::{io, sync::Arc, time::Instant};

use jiff::Timestamp;
use tenon_errors::Report;
use tenon_monitoring::Histogram;
use tenon_ports::Clock;

use super::{
    TopicSettings,
    committer::Work,
    disk::{DiskFile, read_chunk, refused},
    frame::Encoded,
    log::{Log, Segment},
    segment,
};

/// What file systems write at once at least. The block that holds the durable end is written anew after a failure.
const BLOCK: u64 = 4096;

/// Writes a topic.
pub(crate) struct Appender {
    log: Arc<Log>,
    settings: TopicSettings,
    clock: Arc<dyn Clock>,
    syncs: Histogram,
    active: Arc<Segment>,
    file: Arc<dyn DiskFile>,
    // Something failed: the file may hold bytes after the durable end, and a sync that succeeds proves nothing about
    // what was written before it. Nothing is written until `mend` has succeeded.
    suspect: bool,
    // How often it could not be written since it last could.
    refusals: u64,
    buffer: Vec<u8>,
}

impl Appender {
    /// A writer that goes on at the end of the log, which was opened for writing.
    ///
    /// # Errors
    /// `Y0202` or `Y0203` if the disk refuses.
    pub(crate) fn new(
        log: Arc<Log>,
        settings: TopicSettings,
        clock: Arc<dyn Clock>,
        syncs: Histogram,
    ) -> Result<Self, Report> {
        let Some(active) = log.segment_of(u64::MAX) else {
            return Err(super::log::damaged(&log.folder, "there is no segment"));
        };
        let file = log.disk.open(&active.path).map_err(|error| refused("open", &active.path, &error))?;
        let mut appender = Self {
            log,
            settings,
            clock,
            syncs,
            active,
            file,
            suspect: false,
            refusals: 0,
            buffer: Vec::new(),
        };
        appender.retain();
        Ok(appender)
    }

    /// Appends the records of all calls as one group; returns the first offset of each once all are durable.
    ///
    /// # Errors
    /// `Y0202` if the disk is full, `Y0203` for other failures of it: the group is not part of the log then, and the
    /// next call tries again on a file that was cut back to its durable end.
    fn append(&mut self, calls: &mut [Encoded]) -> Result<Vec<u64>, Report> {
        if self.suspect {
            self.mend()?;
        }
        let now = self.clock.now();
        if self.is_full(now) {
            self.roll(now)?;
        }
        let (length, group) = self.durable();
        let mut offset = group;
        let mut firsts = Vec::with_capacity(calls.len());
        for call in calls.iter_mut() {
            call.number(self.active.header.salt, offset, group);
            firsts.push(offset);
            offset += u64::from(call.count);
        }
        if let Err(error) = self.write(calls, length) {
            self.suspect = true;
            let report = refused("write", &self.active.path, &error);
            self.refusals += 1;
            // Whoever publishes is told each time, and says so: these lines say no more than what becomes of the file.
            if self.refusals.is_power_of_two() {
                let refusals = self.refusals;
                tracing::debug!(%report, refusals, "a topic could not be written; what was not acknowledged is cut off");
            }
            // Now, so that a full disk gets its space back; if it does not succeed, the next call tries again, and fails if it cannot.
            if let Err(report) = self.mend()
                && self.refusals.is_power_of_two()
            {
                tracing::debug!(%report, "a topic could not be repaired yet");
            }
            return Err(report);
        }
        if self.refusals > 0 {
            tracing::debug!(topic = %self.log.name, refusals = self.refusals, "a topic can be written again");
            self.refusals = 0;
        }
        self.advance(calls, length, group);
        Ok(firsts)
    }

    /// Writes the calls with one write and makes them durable with one sync.
    fn write(&mut self, calls: &[Encoded], position: u64) -> io::Result<()> {
        match calls {
            [one] => self.file.write_at(&one.bytes, position)?,
            many => {
                self.buffer.clear();
                for call in many {
                    self.buffer.extend_from_slice(&call.bytes);
                }
                self.file.write_at(&self.buffer, position)?;
                self.buffer.shrink_to(1 << 20);
            }
        }
        let began = Instant::now();
        let synced = self.file.sync();
        self.syncs.record(began.elapsed());
        synced
    }

    /// Shows readers what has become durable.
    fn advance(&self, calls: &[Encoded], mut position: u64, mut offset: u64) {
        let mut extent = self.active.extent();
        for call in calls {
            for start in call.starts() {
                extent.index.note(offset, position + start as u64);
                offset += 1;
            }
            position += call.bytes.len() as u64;
        }
        extent.length = position;
        extent.end = offset;
        drop(extent);
        self.note();
        self.log.advance(offset);
    }

    /// Notes how far the topic is durable, before anybody is told.
    fn note(&self) {
        if let Some(mut file) = self.log.mark() {
            file.update(|mark| *mark = self.active.marked(*mark));
        }
    }

    /// Makes durable what was noted.
    fn sync_mark(&self) -> io::Result<()> {
        self.log.mark().map_or(Ok(()), |mut file| file.sync())
    }

    /// Makes the file what it was at the last sync that succeeded, by means that do not rely on the failed one: a new
    /// descriptor; everything after the durable end cut off; the block that holds the end written anew, since the
    /// failed sync may have torn it; and then a sync and a look at what is there.
    fn mend(&mut self) -> Result<(), Report> {
        let path = &self.active.path;
        let failed = |error: io::Error| refused("mend", path, &error);
        let (length, end) = self.durable();
        let file = self.log.disk.open(path).map_err(failed)?;
        file.truncate(length).map_err(failed)?;
        let block = length - length % BLOCK;
        let bytes = read_chunk(file.as_ref(), block, (length - block) as usize).map_err(failed)?;
        file.write_at(&bytes, block).map_err(failed)?;
        file.sync().map_err(failed)?;
        let from = self.active.floor(end);
        let (salt, skips) = (self.active.header.salt, &self.active.skips);
        let seen = segment::scan(file.as_ref(), salt, from, length, skips).map_err(failed)?;
        if seen.stopped.is_some() || seen.extent.end != end || seen.extent.length != length {
            let what = seen.stopped.unwrap_or("records are gone");
            return Err(self.active.damaged(what, seen.extent.length, seen.extent.end));
        }
        self.file = file;
        self.suspect = false;
        Ok(())
    }

    fn durable(&self) -> (u64, u64) {
        let extent = self.active.extent();
        (extent.length, extent.end)
    }

    /// Whether the active segment should be written no longer: it is large, or so old that it would hold what is in it
    /// back from `keep`.
    fn is_full(&self, now: Timestamp) -> bool {
        let (length, end) = self.durable();
        end > self.active.header.base
            && (length >= self.settings.effective_segment_size()
                || self.settings.keep.is_some_and(|keep| is_older(self.active.header.made, keep, now)))
    }

    /// Goes on in a new segment.
    fn roll(&mut self, now: Timestamp) -> Result<(), Report> {
        let disk = self.log.disk.clone();
        let (_, end) = self.durable();
        if let Err(error) = self.active.write_index(disk.as_ref(), now.as_millisecond()) {
            // Only costs a scan at the next start.
            tracing::warn!(path = %self.active.index_path().display(), %error, "cannot write an index file");
        }
        let (segment, file) = segment::make(disk.as_ref(), &self.log.folder, end, now)?;
        let segment = Arc::new(segment);
        self.file = file;
        self.active = segment.clone();
        self.log.push(segment);
        self.note();
        self.retain();
        Ok(())
    }

    /// Removes segments that `keep` and `keep_size` no longer cover, oldest first, never the active one.
    fn retain(&mut self) {
        let now = self.clock.now();
        let mut bytes = self.log.bytes();
        let mut removed = Vec::new();
        for segment in self.log.full() {
            let sealed = segment.extent().sealed.unwrap_or(i64::MAX);
            let too_old = self.settings.keep.is_some_and(|keep| is_older(sealed, keep, now));
            let too_many = self.settings.keep_size.is_some_and(|keep| bytes > keep);
            if !too_old && !too_many {
                break;
            }
            bytes -= segment.length();
            self.log.pop();
            removed.push(segment);
        }
        let Some(last) = removed.last() else { return };
        tracing::info!(topic = %self.log.name, start = last.end(), segments = removed.len(), "removed old records");
        if let Some(mut file) = self.log.mark() {
            file.update(|mark| mark.start = last.end());
        }
        if let Err(error) = self.sync_mark() {
            // What is missing without a note is taken for lost. At the next start it is there again, and removed.
            tracing::warn!(topic = %self.log.name, %error, "cannot note that old records are removed");
            return;
        }
        for segment in &removed {
            if let Err(error) = self.remove(segment) {
                // Going on would leave a gap. At the next start it is there again, and removed.
                tracing::warn!(path = %segment.path.display(), %error, "cannot remove a segment of old records");
                break;
            }
        }
    }

    /// Removes a segment durably, so that a later one is never gone before it.
    fn remove(&self, segment: &Segment) -> io::Result<()> {
        match self.log.disk.remove(&segment.index_path()) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        self.log.disk.remove(&segment.path)?;
        self.log.disk.sync_folder(&self.log.folder)
    }
}

impl Work for Appender {
    type Request = Encoded;
    type Answer = u64;

    fn commit(&mut self, requests: &mut Vec<Encoded>) -> Result<Vec<u64>, Report> {
        self.append(requests)
    }

    fn idle(&mut self) {
        let now = self.clock.now();
        if !self.suspect
            && self.settings.keep.is_some()
            && self.is_full(now)
            && let Err(report) = self.roll(now)
        {
            tracing::warn!(%report, "a topic could not start a new segment");
        }
        self.retain();
        if let Err(error) = self.sync_mark() {
            tracing::warn!(topic = %self.log.name, %error, "cannot sync how far a topic is durable");
        }
    }

    fn end(&mut self) {
        // At a stop that is not a crash, what was noted is exact also after a loss of power.
        let _ = self.sync_mark();
    }

    fn check(&self) -> Result<(), Report> {
        self.file.still_at(&self.active.path)
    }
}

fn is_older(since_millis: i64, keep: std::time::Duration, now: Timestamp) -> bool {
    let age = i128::from(now.as_millisecond()) - i128::from(since_millis);
    age >= 0 && age.unsigned_abs() > keep.as_millis()
}
