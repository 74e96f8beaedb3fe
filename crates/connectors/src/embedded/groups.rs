//! How far each consumer group of a topic has come: a file to which commits are appended.
//!
//! | at | size | what |
//! |---|---|---|
//! | 0 | 8 | `TENONGRP` |
//! | 8 | 4 | version of the format: 1 |
//! | then, each | 4 | CRC-32C of the rest of the entry |
//! | | 2 | length of the group's name |
//! | | 8 | the offset that the group has committed |
//! | | | the name in UTF-8 |
//!
//! The last entry of a group counts. When the file has grown large it is written anew with one entry per group.
//!
//! How far all groups have come is noted apart from the topic before anybody is told, so that an older copy of the file is
//! recognised (see [`mark`](crate::mark)). What is noted is the sum of their offsets, which only grows.

use std::{
    collections::BTreeMap,
    io,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

use tenon_errors::Report;
use tenon_model::Str;

use super::{
    committer::Work,
    disk::{Disk, DiskFile, read_chunk, refused},
    frame::{u32_at, u64_at},
    log::damaged,
    recovery::Access,
    segment::newer,
};
use crate::{
    mark::{self, Mark, MarkFile, Places},
    parts,
};

/// The committed offsets that are durable, shared with whoever subscribes.
pub(crate) type Committed = Arc<Mutex<BTreeMap<Str, u64>>>;

const MARK: &str = ".groups";
const MAGIC: &[u8; 8] = b"TENONGRP";
const FILE: &str = "groups.log";
const VERSION: u32 = 1;
const HEADER: usize = 12;
const FIXED: usize = 14;

/// The file is written anew when it is this much larger than it has to be.
const GROWTH: u64 = 64;
/// Below this size it is not worth it.
const SMALL: u64 = 64 << 10;
/// A file that grew beyond this is not ours.
const MAX_SIZE: u64 = 1 << 30;

/// Writes the file of committed offsets.
pub(crate) struct Groups {
    disk: Arc<dyn Disk>,
    path: PathBuf,
    committed: Committed,
    // `None` until the first commit, and after a failure: then the file is written anew, since nothing is known about
    // what a failed sync has left.
    file: Option<(Arc<dyn DiskFile>, u64)>,
    compact: u64,
    /// Where it is noted how far they are; nothing outside of a state folder.
    mark: Option<MarkFile>,
}

/// What a state folder calls a topic, and where it notes how far its groups have come.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Noted<'n> {
    pub(crate) part: &'n str,
    pub(crate) apart: &'n Path,
}

/// What the mark of the groups of the topic `part` is called. No part is: names of topics have no dot.
pub(crate) fn mark_name(part: &str) -> String {
    format!("{part}{MARK}")
}

/// Whether a mark is one of groups.
pub(crate) fn is_mark(name: &str) -> bool {
    name.starts_with("topics/") && name.ends_with(MARK)
}

/// A commit that is asked for: the group and its offset.
pub(crate) type Commit = (Str, u64);

impl Groups {
    /// Reads the file, if there is one. What a crash left at its end is ignored, and gone with the next commit. A group
    /// that has come further than the topic, which ends at `end`, has seen records that are gone: it is set back there, so
    /// that what is published in their place comes to it.
    ///
    /// # Errors
    /// `Y0201` if the file is something else, `Y0205` if it is older than what is noted of it, `Y0202` or `Y0203` if the disk
    /// refuses.
    pub(crate) fn open(
        disk: Arc<dyn Disk>,
        folder: &Path,
        end: u64,
        access: Access,
        noted: Option<Noted<'_>>,
    ) -> Result<Self, Report> {
        let path = folder.join(FILE);
        let mut entries = BTreeMap::new();
        let opened = if access == Access::Write { disk.open(&path) } else { disk.open_to_read(&path) };
        let file = match opened {
            Ok(file) => {
                let read = read(file.as_ref(), &path)?;
                if read.ignored > 0 && access == Access::Write {
                    tracing::warn!(path = %path.display(), bytes = read.ignored, "the last commits were torn by a crash");
                }
                if access == Access::Write {
                    // What is shown as committed has to stay so, also if the process before was killed before its sync.
                    file.sync().map_err(|error| refused("sync", &path, &error))?;
                }
                entries = read.entries;
                let compact = read.ignored == 0 && read.length == compact_size(&entries);
                compact.then_some((file, read.length))
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(refused("open", &path, &error)),
        };
        if let Some(noted) = noted {
            reaches(disk.as_ref(), noted, &entries)?;
        }
        let compact = compact_size(&entries);
        let mut groups = Self { disk, path, committed: Arc::default(), file, compact, mark: None };
        if access == Access::Write && entries.values().any(|offset| *offset > end) {
            entries.values_mut().for_each(|offset| *offset = end.min(*offset));
            let written = groups.rewrite(&entries);
            groups.file = Some(written.map_err(|error| refused("write", &groups.path, &error))?);
        }
        if let Some(Noted { apart, .. }) = noted.filter(|_| access == Access::Write) {
            let disk = groups.disk.as_ref();
            let begin = || {
                apart.parent().map_or(Ok(()), |folder| disk.create_folder(folder))?;
                let mark = Mark { end: sum(&entries), ..Mark::default() };
                MarkFile::open(disk, Places { own: apart, apart: None }, mark)
            };
            groups.mark = Some(begin().map_err(|error| refused("write", apart, &error))?);
        }
        *lock(&groups.committed) = entries;
        Ok(groups)
    }

    /// The committed offsets.
    pub(crate) fn committed(&self) -> Committed {
        self.committed.clone()
    }

    fn append(&mut self, changes: &BTreeMap<Str, u64>) -> io::Result<()> {
        let mut entries = lock(&self.committed).clone();
        entries.extend(changes.iter().map(|(group, offset)| (group.clone(), *offset)));
        let limit = (self.compact * GROWTH).max(SMALL);
        match self.file.take().filter(|(_, length)| *length <= limit) {
            Some((file, length)) => {
                let bytes = encode(changes);
                file.write_at(&bytes, length)?;
                file.sync()?;
                self.file = Some((file, length + bytes.len() as u64));
            }
            None => self.file = Some(self.rewrite(&entries)?),
        }
        self.compact = compact_size(&entries);
        if let Some(file) = &mut self.mark {
            file.update(|mark| mark.end = sum(&entries));
        }
        *lock(&self.committed) = entries;
        Ok(())
    }

    /// Writes a new file beside the old one and puts it in its place.
    fn rewrite(&self, entries: &BTreeMap<Str, u64>) -> io::Result<(Arc<dyn DiskFile>, u64)> {
        let beside = self.path.with_extension("new");
        let file = self.disk.create(&beside)?;
        let mut bytes = Vec::from(MAGIC);
        bytes.extend_from_slice(&VERSION.to_le_bytes());
        bytes.extend(encode(entries));
        file.write_at(&bytes, 0)?;
        file.sync()?;
        self.disk.rename(&beside, &self.path)?;
        if let Some(folder) = self.path.parent() {
            self.disk.sync_folder(folder)?;
        }
        Ok((file, bytes.len() as u64))
    }
}

impl Work for Groups {
    type Request = Commit;
    type Answer = ();

    fn commit(&mut self, requests: &mut Vec<Commit>) -> Result<Vec<()>, Report> {
        let mut changes = BTreeMap::new();
        {
            let committed = lock(&self.committed);
            for (group, offset) in requests.iter() {
                let before = changes.get(group).or_else(|| committed.get(group)).copied();
                // A group never goes back.
                if before.is_none_or(|before| before < *offset) {
                    changes.insert(group.clone(), *offset);
                }
            }
        }
        if !changes.is_empty() {
            self.append(&changes).map_err(|error| refused("write", &self.path, &error))?;
        }
        Ok(vec![(); requests.len()])
    }

    fn idle(&mut self) {}

    fn end(&mut self) {}

    fn check(&self) -> Result<(), Report> {
        match &self.file {
            Some((file, _)) => file.still_at(&self.path),
            None => Ok(()),
        }
    }
}

/// That the groups of the topic in `folder` have come as far as is noted of them.
///
/// # Errors
/// `Y0205` if they have not; what reading them reports.
pub(crate) fn fit(disk: &dyn Disk, folder: &Path, noted: Noted<'_>) -> Result<(), Report> {
    // Before the file, which may grow meanwhile.
    let before = noted_sum(disk, noted)?;
    let path = folder.join(FILE);
    let entries = match disk.open_to_read(&path) {
        Ok(file) => read(file.as_ref(), &path)?.entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => BTreeMap::new(),
        Err(error) => return Err(refused("open", &path, &error)),
    };
    hold(noted, &entries, before)
}

fn reaches(disk: &dyn Disk, noted: Noted<'_>, entries: &BTreeMap<Str, u64>) -> Result<(), Report> {
    hold(noted, entries, noted_sum(disk, noted)?)
}

fn hold(noted: Noted<'_>, entries: &BTreeMap<Str, u64>, before: u64) -> Result<(), Report> {
    if sum(entries) >= before {
        return Ok(());
    }
    let what =
        "has a `groups.log` that is older than the rest: consumer groups had come further than it says";
    Err(parts::mismatch(noted.part, what))
}

fn noted_sum(disk: &dyn Disk, noted: Noted<'_>) -> Result<u64, Report> {
    let read = mark::read_apart(disk, Some(noted.apart));
    Ok(read.map_err(|error| refused("read", noted.apart, &error))?.map_or(0, |mark| mark.end))
}

/// How far all of them have come together.
fn sum(entries: &BTreeMap<Str, u64>) -> u64 {
    entries.values().fold(0, |sum, offset| sum.saturating_add(*offset))
}

/// Locks the committed offsets; they are whole even if somebody panicked while looking at them.
pub(crate) fn lock(committed: &Committed) -> std::sync::MutexGuard<'_, BTreeMap<Str, u64>> {
    committed.lock().unwrap_or_else(PoisonError::into_inner)
}

struct Read {
    entries: BTreeMap<Str, u64>,
    length: u64,
    ignored: u64,
}

fn read(file: &dyn DiskFile, path: &Path) -> Result<Read, Report> {
    let failed = |error: io::Error| refused("read", path, &error);
    let length = file.length().map_err(failed)?;
    let size = usize::try_from(length.min(MAX_SIZE)).unwrap_or(usize::MAX);
    let bytes = read_chunk(file, 0, size).map_err(failed)?;
    if bytes.len() < HEADER || &bytes[..8] != MAGIC || length > MAX_SIZE {
        // It is put in place only when it is whole.
        return Err(damaged(path, "this is not a file of committed offsets")
            .hint("restore it from a copy, or remove it and say so with `tenon state accept`: flows go on from their checkpoints"));
    }
    let version = u32_at(&bytes, 8);
    if version != VERSION {
        return Err(newer(path, "file", version, VERSION));
    }
    let mut entries = BTreeMap::new();
    let mut at = HEADER;
    while let Some((group, offset, size)) = decode(&bytes[at..]) {
        entries.insert(group, offset);
        at += size;
    }
    Ok(Read { entries, length, ignored: length - at as u64 })
}

fn decode(bytes: &[u8]) -> Option<(Str, u64, usize)> {
    let fixed = bytes.get(..FIXED)?;
    let size = FIXED + usize::from(u16::from_le_bytes([fixed[4], fixed[5]]));
    let entry = bytes.get(..size)?;
    let sound = crc32c::crc32c(&entry[4..]) == u32_at(entry, 0);
    let name = std::str::from_utf8(&entry[FIXED..]).ok().filter(|_| sound)?;
    Some((Str::from(name), u64_at(entry, 6), size))
}

fn encode(entries: &BTreeMap<Str, u64>) -> Vec<u8> {
    let mut bytes = Vec::new();
    for (group, offset) in entries {
        let start = bytes.len();
        bytes.extend_from_slice(&[0; 4]);
        // `subscribe` refuses longer names.
        bytes.extend_from_slice(&u16::try_from(group.len()).unwrap_or(0).to_le_bytes());
        bytes.extend_from_slice(&offset.to_le_bytes());
        bytes.extend_from_slice(group.as_bytes());
        let check = crc32c::crc32c(&bytes[start + 4..]);
        bytes[start..start + 4].copy_from_slice(&check.to_le_bytes());
    }
    bytes
}

fn compact_size(entries: &BTreeMap<Str, u64>) -> u64 {
    (HEADER + entries.keys().map(|group| FIXED + group.len()).sum::<usize>()) as u64
}
