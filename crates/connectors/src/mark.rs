//! How far a part of the state folder was durable when it last said so to anybody: a small file with the part, and the same
//! once more apart from it, in the folder `marks`.
//!
//! Both are written after each sync of the part and before anybody is told, but not synced themselves: so they never claim
//! too much, they are exact after a process was killed, and after a loss of power they may claim less. By the one with the
//! part, what was acknowledged and is gone is told from a torn end, which never was; by the one apart, an older copy of the
//! part is recognised, which brings its own mark.
//!
//! A file has two slots of 128 bytes, which are written in turn; the newer one that is whole counts.
//!
//! | at | size | what |
//! |---|---|---|
//! | 0 | 8 | `TENONMRK` |
//! | 8 | 4 | version of the format: 1 |
//! | 12 | 4 | of a topic: salt of the segment that is written |
//! | 16 | 8 | number of this write |
//! | 24 | 8 | identity of the part |
//! | 32 | 8 | identity of the state folder, or 0 |
//! | 40 | 8 | commits of the engine's own state that were seen |
//! | 48 | 8 | of a topic: offset of the oldest record |
//! | 56 | 8 | records of a topic, commits of a database |
//! | 64 | 8 | of a topic: first offset of the segment that is written |
//! | 72 | 8 | of a topic: its bytes |
//! | 80 | 4 | CRC-32C of bytes 0 to 79 |

use std::{
    io,
    path::{Path, PathBuf},
    sync::Arc,
};

use tenon_model::Str;
use tenon_ports::Commits;

use crate::embedded::disk::{Disk, DiskFile, read_chunk};

const SLOT: usize = 128;
const CHECKED: usize = 80;
const MAGIC: &[u8; 8] = b"TENONMRK";
const VERSION: u32 = 1;

/// What a mark says.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Mark {
    pub(crate) identity: u64,
    pub(crate) folder: u64,
    pub(crate) seen: u64,
    pub(crate) start: u64,
    pub(crate) end: u64,
    pub(crate) base: u64,
    pub(crate) length: u64,
    pub(crate) salt: u32,
}

/// The folder of the marks that are kept apart, in the state folder. In it, a file is named as its part is.
pub(crate) const FOLDER: &str = "marks";

/// Where the mark of a part is kept.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Places<'p> {
    /// With the part.
    pub(crate) own: &'p Path,
    /// Apart from it, if the part is in a state folder.
    pub(crate) apart: Option<&'p Path>,
}

/// The files, open for writing.
pub(crate) struct MarkFile {
    files: Vec<Arc<dyn DiskFile>>,
    path: PathBuf,
    number: u64,
    mark: Mark,
    unsynced: bool,
    /// Whether the last write failed; it is said once.
    failing: bool,
    /// The commits of the engine's own state, which are noted with everything else.
    seen: Option<Commits>,
}

/// The newest mark in the file at `path` that is whole.
pub(crate) fn read(disk: &dyn Disk, path: &Path) -> io::Result<Option<(u64, Mark)>> {
    let bytes = match disk.open_to_read(path).and_then(|file| read_chunk(file.as_ref(), 0, 2 * SLOT)) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    Ok(bytes.chunks_exact(SLOT).filter_map(decode).max_by_key(|(number, _)| *number))
}

/// The newest mark in the file at `path`, if there is to be one.
pub(crate) fn read_apart(disk: &dyn Disk, path: Option<&Path>) -> io::Result<Option<Mark>> {
    Ok(path.map(|path| read(disk, path)).transpose()?.flatten().map(|(_, mark)| mark))
}

impl MarkFile {
    /// Opens the files, or makes them, and puts `mark` into each durably.
    pub(crate) fn open(disk: &dyn Disk, places: Places<'_>, mark: Mark) -> io::Result<Self> {
        let Places { own, apart } = places;
        if let Some(folder) = apart.and_then(Path::parent) {
            disk.create_folder(folder)?;
        }
        let mut number = 0;
        for path in [Some(own), apart].into_iter().flatten() {
            number = number.max(read(disk, path)?.map_or(0, |(number, _)| number));
        }
        number += 1;
        let paths = [Some(own), apart].into_iter().flatten();
        let files = paths.map(|path| put(disk, path, number, &mark)).collect::<io::Result<_>>()?;
        Ok(Self { files, path: own.to_owned(), number, mark, unsynced: false, failing: false, seen: None })
    }

    /// What it says now.
    pub(crate) fn mark(&self) -> Mark {
        self.mark
    }

    /// Changes what it says. A failure only makes it claim less than there is.
    pub(crate) fn update(&mut self, change: impl FnOnce(&mut Mark)) {
        let before = self.mark;
        change(&mut self.mark);
        if let Some(seen) = &self.seen {
            self.mark.seen = seen.get();
        }
        if self.mark == before && !self.failing {
            return;
        }
        self.number += 1;
        let bytes = encode(self.number, &self.mark);
        let write = |file: &Arc<dyn DiskFile>| file.write_at(&bytes, slot(self.number));
        let written = self.files.iter().map(write).fold(Ok(()), io::Result::and);
        self.unsynced = true;
        if let (Err(error), false) = (&written, self.failing) {
            tracing::warn!(path = %self.path.display(), %error, "cannot note how far a part of the state has come");
        }
        self.failing = written.is_err();
    }

    /// Notes the state folder that the part is in, and from now on the commits of the engine's own state.
    pub(crate) fn join(&mut self, folder: u64, seen: &Commits) {
        self.seen = Some(seen.clone());
        self.update(|mark| mark.folder = folder);
    }

    /// Makes what it says durable.
    pub(crate) fn sync(&mut self) -> io::Result<()> {
        if self.unsynced {
            self.files.iter().try_for_each(|file| file.sync())?;
            self.unsynced = false;
        }
        Ok(())
    }
}

/// An identity as the text that names it.
pub(crate) fn text(identity: u64) -> Str {
    format!("{identity:016x}").into()
}

/// The identity that a text names, or 0.
pub(crate) fn number(text: &str) -> u64 {
    u64::from_str_radix(text, 16).unwrap_or(0)
}

/// Puts `mark` durably into the file at `path`, which is made if it is absent, as write number `number`.
fn put(disk: &dyn Disk, path: &Path, number: u64, mark: &Mark) -> io::Result<Arc<dyn DiskFile>> {
    let (file, is_new) = match disk.open(path) {
        Ok(file) => (file, false),
        Err(error) if error.kind() == io::ErrorKind::NotFound => (disk.create(path)?, true),
        Err(error) => return Err(error),
    };
    file.write_at(&encode(number, mark), slot(number))?;
    file.sync()?;
    if let Some(folder) = path.parent().filter(|_| is_new) {
        disk.sync_folder(folder)?;
    }
    Ok(file)
}

fn slot(number: u64) -> u64 {
    (number % 2) * SLOT as u64
}

fn encode(number: u64, mark: &Mark) -> [u8; SLOT] {
    let mut bytes = [0; SLOT];
    bytes[..8].copy_from_slice(MAGIC);
    bytes[8..12].copy_from_slice(&VERSION.to_le_bytes());
    bytes[12..16].copy_from_slice(&mark.salt.to_le_bytes());
    let numbers =
        [number, mark.identity, mark.folder, mark.seen, mark.start, mark.end, mark.base, mark.length];
    for (place, number) in bytes[16..CHECKED].chunks_exact_mut(8).zip(numbers) {
        place.copy_from_slice(&number.to_le_bytes());
    }
    let check = crc32c::crc32c(&bytes[..CHECKED]);
    bytes[CHECKED..CHECKED + 4].copy_from_slice(&check.to_le_bytes());
    bytes
}

fn decode(bytes: &[u8]) -> Option<(u64, Mark)> {
    let small = |at: usize| Some(u32::from_le_bytes(bytes.get(at..at + 4)?.try_into().ok()?));
    let large = |at: usize| Some(u64::from_le_bytes(bytes.get(at..at + 8)?.try_into().ok()?));
    let sound = bytes.get(..8)? == MAGIC
        && small(8)? == VERSION
        && small(CHECKED)? == crc32c::crc32c(bytes.get(..CHECKED)?);
    if !sound {
        return None;
    }
    let mark = Mark {
        salt: small(12)?,
        identity: large(24)?,
        folder: large(32)?,
        seen: large(40)?,
        start: large(48)?,
        end: large(56)?,
        base: large(64)?,
        length: large(72)?,
    };
    Some((large(16)?, mark))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::embedded::disk::SystemDisk;

    #[test]
    fn the_newer_slot_counts_and_a_damaged_one_leaves_the_other() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("mark");
        assert_eq!(read(&SystemDisk, &path).unwrap(), None);
        let first = Mark { identity: 7, end: 1, ..Mark::default() };
        let apart = folder.path().join("marks/topics/t");
        let places = Places { own: &path, apart: Some(&apart) };
        let mut file = MarkFile::open(&SystemDisk, places, first).unwrap();
        file.update(|mark| mark.end = 2);
        assert_eq!(std::fs::read(&path).unwrap(), std::fs::read(&apart).unwrap());
        assert_eq!(read(&SystemDisk, &path).unwrap().unwrap(), (2, Mark { end: 2, ..first }));
        let sound = std::fs::read(&path).unwrap();
        for at in 0..CHECKED + 4 {
            let mut damaged = sound.clone();
            damaged[at] ^= 4;
            std::fs::write(&path, damaged).unwrap();
            assert_eq!(read(&SystemDisk, &path).unwrap().unwrap(), (1, first), "byte {at}");
        }
        std::fs::write(&path, "").unwrap();
        assert_eq!(read(&SystemDisk, &path).unwrap(), None);
    }
}
