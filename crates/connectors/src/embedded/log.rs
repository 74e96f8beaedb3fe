//! The segments of one topic as readers and the writer see them.

use std::{
    collections::VecDeque,
    io,
    ops::Range,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock},
};

use tenon_errors::{Report, catalogue::system::LOG_DAMAGED};
use tenon_model::Str;
use tokio::sync::watch;

use super::{
    disk::Disk,
    header::Header,
    index::{Index, Summary},
    skips::Skip,
};
use crate::mark::{Mark, MarkFile};

/// The segments of a topic, oldest first. There is always at least one; only the last one is written.
pub(crate) struct Log {
    /// The topic.
    pub(crate) name: Str,
    /// What tells it from another one of this name.
    pub(crate) identity: Str,
    /// Where the files are.
    pub(crate) folder: PathBuf,
    /// What they are reached through.
    pub(crate) disk: Arc<dyn Disk>,
    segments: RwLock<VecDeque<Arc<Segment>>>,
    durable: watch::Sender<u64>,
    // `None` when the topic was opened for reading only.
    mark: Option<Mutex<MarkFile>>,
}

/// One file of records.
pub(crate) struct Segment {
    /// Where it is.
    pub(crate) path: PathBuf,
    /// What its first bytes say.
    pub(crate) header: Header,
    /// What readers go past.
    pub(crate) skips: Vec<Skip>,
    extent: Mutex<Extent>,
}

/// How far a segment reaches. Readers never look beyond it.
#[derive(Debug, Clone)]
pub(crate) struct Extent {
    /// Bytes that are durable.
    pub(crate) length: u64,
    /// The offset after the last record that is durable.
    pub(crate) end: u64,
    /// Where records lie.
    pub(crate) index: Index,
    /// When the segment became full, in milliseconds; `None` while it is written.
    pub(crate) sealed: Option<i64>,
}

impl Log {
    /// A log of these segments, which must not be empty and follow one another.
    pub(crate) fn new(
        name: Str,
        identity: Str,
        folder: PathBuf,
        disk: Arc<dyn Disk>,
        segments: VecDeque<Arc<Segment>>,
        mark: Option<MarkFile>,
    ) -> Self {
        let end = segments.back().map_or(0, |segment| segment.end());
        Self {
            name,
            identity,
            folder,
            disk,
            segments: RwLock::new(segments),
            durable: watch::Sender::new(end),
            mark: mark.map(Mutex::new),
        }
    }

    /// The file that says how far the topic is durable, unless it was opened for reading only.
    pub(crate) fn mark(&self) -> Option<MutexGuard<'_, MarkFile>> {
        Some(self.mark.as_ref()?.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// The offset of the oldest record.
    pub(crate) fn start(&self) -> u64 {
        self.read(|segments| segments.front().map_or(0, |segment| segment.header.base))
    }

    /// The offset that the next record will get.
    pub(crate) fn end(&self) -> u64 {
        *self.durable.borrow()
    }

    /// Tells when the end moves.
    pub(crate) fn watch(&self) -> watch::Receiver<u64> {
        self.durable.subscribe()
    }

    /// Bytes on disk.
    pub(crate) fn bytes(&self) -> u64 {
        self.read(|segments| segments.iter().map(|segment| segment.length()).sum())
    }

    /// The offsets of the records that are skipped as damaged, of those that would still be kept.
    pub(crate) fn skipped(&self) -> Vec<Range<u64>> {
        let of = |segment: &Arc<Segment>| segment.skips.iter().map(Skip::lost).collect::<Vec<_>>();
        let mut lost = self.read(|segments| segments.iter().flat_map(of).collect::<Vec<_>>());
        lost.retain(|lost| !lost.is_empty());
        lost.sort_unstable_by_key(|lost| lost.start);
        lost
    }

    /// The segment in which `offset` lies or will lie; the oldest one for an offset before it.
    pub(crate) fn segment_of(&self, offset: u64) -> Option<Arc<Segment>> {
        self.read(|segments| {
            let after = segments.partition_point(|segment| segment.header.base <= offset);
            segments.get(after.saturating_sub(1)).cloned()
        })
    }

    /// The full segments, oldest first.
    pub(crate) fn full(&self) -> Vec<Arc<Segment>> {
        self.read(|segments| segments.iter().take(segments.len().saturating_sub(1)).cloned().collect())
    }

    /// Adds a segment at the end; it is written from now on.
    pub(crate) fn push(&self, segment: Arc<Segment>) {
        self.segments.write().unwrap_or_else(PoisonError::into_inner).push_back(segment);
    }

    /// Takes the oldest segment out, unless it is the only one.
    pub(crate) fn pop(&self) -> Option<Arc<Segment>> {
        let mut segments = self.segments.write().unwrap_or_else(PoisonError::into_inner);
        if segments.len() > 1 { segments.pop_front() } else { None }
    }

    /// Tells readers that everything before `end` is durable.
    pub(crate) fn advance(&self, end: u64) {
        self.durable.send_replace(end);
    }

    fn read<T>(&self, look: impl FnOnce(&VecDeque<Arc<Segment>>) -> T) -> T {
        look(&self.segments.read().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Segment {
    /// A segment that reaches as far as `extent` says.
    pub(crate) fn new(path: PathBuf, header: Header, extent: Extent) -> Self {
        Self { path, header, skips: Vec::new(), extent: Mutex::new(extent) }
    }

    /// The same, with `skips` gone past.
    pub(crate) fn skipping(mut self, skips: Vec<Skip>) -> Self {
        {
            let mut extent = self.extent();
            let at = (extent.end, extent.length);
            if let Some(skip) = skips.iter().find(|skip| skip.to.1 == at.1 && skip.holds(at)) {
                extent.end = skip.to.0;
            }
        }
        self.skips = skips;
        self
    }

    /// How far it reaches, to look at or to move on.
    pub(crate) fn extent(&self) -> MutexGuard<'_, Extent> {
        self.extent.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Bytes that are durable.
    pub(crate) fn length(&self) -> u64 {
        self.extent().length
    }

    /// The offset after the last record that is durable.
    pub(crate) fn end(&self) -> u64 {
        self.extent().end
    }

    /// The nearest record at or before `offset` whose place is known: its offset and position.
    pub(crate) fn floor(&self, offset: u64) -> (u64, u64) {
        self.extent().index.floor(offset, self.header.base)
    }

    /// `mark`, saying that this is the segment that is written and how far it is durable.
    pub(crate) fn marked(&self, mark: Mark) -> Mark {
        let extent = self.extent();
        let Header { base, salt, .. } = self.header;
        Mark { end: extent.end, length: extent.length, base, salt, ..mark }
    }

    /// Where its index file is.
    pub(crate) fn index_path(&self) -> PathBuf {
        self.path.with_extension("index")
    }

    /// Writes the index file of a segment that became full at `sealed`.
    pub(crate) fn write_index(&self, disk: &dyn Disk, sealed: i64) -> io::Result<()> {
        let summary = {
            let mut extent = self.extent();
            extent.sealed = Some(sealed);
            Summary {
                salt: self.header.salt,
                length: extent.length,
                end: extent.end,
                sealed,
                index: extent.index.clone(),
            }
        };
        disk.create(&self.index_path())?.write_at(&summary.write(), 0)
    }

    /// The report for a record that is not what was written: `Y0201`.
    pub(crate) fn damaged(&self, what: &str, position: u64, offset: u64) -> Report {
        damaged(&self.path, format!("{what} at byte {position}, where the record with offset {offset} was"))
    }
}

/// The file name of the segment that begins at offset `base`.
pub(crate) fn file_name(base: u64) -> String {
    format!("{base:020}.log")
}

/// The offset at which the segment of this file name begins, if it is one.
pub(crate) fn base_of(name: &str) -> Option<u64> {
    let digits = name.strip_suffix(".log").filter(|digits| digits.len() == 20)?;
    digits.bytes().all(|digit| digit.is_ascii_digit()).then(|| digits.parse().ok())?
}

/// The report for a file of a topic that is not what was written: `Y0201`.
pub(crate) fn damaged(path: &Path, what: impl std::fmt::Display) -> Report {
    let part = if path.extension().is_some() { path.parent().unwrap_or(path) } else { path };
    let topic = part.file_name().unwrap_or_default().to_string_lossy();
    Report::new(&LOG_DAMAGED, format!("`{}`: {what}", path.display())).hint(format!(
        "restore the state folder from a copy with `tenon state restore`, or go on without what is damaged with `tenon state skip topics/{topic}`; `tenon explain Y0201` says more"
    ))
}
