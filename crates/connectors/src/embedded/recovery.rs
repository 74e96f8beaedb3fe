//! Opening a topic after whatever happened to the process before.

use std::{
    collections::{BTreeMap, VecDeque},
    io,
    path::Path,
    sync::Arc,
};

use jiff::Timestamp;
use tenon_errors::Report;
use tenon_model::Str;

use super::{
    disk::{Disk, refused},
    header::{self, Header},
    identity::{self, Found},
    log::{Log, Segment, base_of, damaged, file_name},
    segment::{self, Acknowledged},
    skips::{self, Skip},
};
use crate::mark::{self, Mark, MarkFile, Places};

/// The file that says how far the topic is durable.
pub(crate) const MARK: &str = "mark";

/// What an opener may do with the files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Access {
    /// It holds the lock: it mends what a crash left, and goes on writing.
    Write,
    /// Somebody else may be writing: it changes nothing, and takes a torn end for a record on its way.
    Read,
}

/// What others know of a topic that is opened.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Known<'k> {
    /// Its identity.
    pub(crate) identity: Option<u64>,
    /// It has had this many records at least.
    pub(crate) count: u64,
    /// Where its mark is kept apart.
    pub(crate) apart: Option<&'k Path>,
    /// Somebody has said that it is taken as it is found.
    pub(crate) is_taken: bool,
}

/// What is not held against a topic that is opened, since somebody has said so.
#[derive(Debug, Clone, Default)]
pub(crate) struct Allowances {
    /// What is gone past.
    pub(crate) skips: Vec<Skip>,
    /// Headers that are known better than they stand in their files, by the first offset of their segment.
    pub(crate) headers: BTreeMap<u64, Header>,
    /// Where the topic begins now.
    pub(crate) start: Option<u64>,
}

/// Opens the topic `name` in `folder`, going past what its file of skipped records says. A torn end is cut off; it was
/// never acknowledged. What is found sound counts as durable from here on, so a writer makes it so: a process that was
/// killed between a write and its sync leaves records that can be read and that a loss of power would still take away.
///
/// # Errors
/// `Y0201` if something is gone that was durable, `Y0205` if the topic is older than `known`, `Y0202` or `Y0203` if the
/// disk refuses.
pub(crate) fn open(
    disk: &Arc<dyn Disk>,
    folder: &Path,
    name: &Str,
    access: Access,
    now: Timestamp,
    known: Known<'_>,
) -> Result<Log, Report> {
    if access == Access::Write {
        disk.create_folder(folder).map_err(|error| refused("make the folder", folder, &error))?;
    }
    let allowed = Allowances { skips: skips::read(disk.as_ref(), folder)?, ..Allowances::default() };
    open_with(disk, (folder, name), access, now, known, &allowed)
}

/// As [`open`], allowing what `allowed` says instead of what the topic itself does.
///
/// # Errors
/// As those of [`open`].
pub(crate) fn open_with(
    disk: &Arc<dyn Disk>,
    (folder, name): (&Path, &Str),
    access: Access,
    now: Timestamp,
    known: Known<'_>,
    allowed: &Allowances,
) -> Result<Log, Report> {
    let mut bases = list(disk.as_ref(), folder)?;
    drop_empty_end(disk.as_ref(), folder, &mut bases, access, &allowed.skips)?;
    let marked = read_mark(disk.as_ref(), folder)?;
    let mark = marked.map(|mark| Mark { start: allowed.start.unwrap_or(mark.start), ..mark });
    begins(bases.first().copied(), mark, known, folder)?;
    let last = bases.pop();
    let identity = identify(disk.as_ref(), folder, last.is_none(), access, mark, known)?;
    let mut segments = VecDeque::with_capacity(bases.len() + 1);
    for base in bases {
        let segment = segment::open_full(disk.as_ref(), folder, base, access, allowed)?;
        follows(segments.back(), base, folder)?;
        segments.push_back(Arc::new(segment));
    }
    let active = match last {
        Some(base) => {
            follows(segments.back(), base, folder)?;
            let acknowledged = Acknowledged { marked: mark.map_or(0, |mark| mark.end), known: known.count };
            segment::open_last(disk.as_ref(), (folder, name), base, access, now, (acknowledged, allowed))?
        }
        None if access == Access::Write => segment::make(disk.as_ref(), folder, 0, now)?.0,
        None => return Err(damaged(folder, "there is no segment")),
    };
    segments.push_back(Arc::new(active));
    if access == Access::Read {
        return Ok(Log::new(name.clone(), identity, folder.to_owned(), disk.clone(), segments, None));
    }
    // Segments that a killed process has made or removed without coming to this.
    disk.sync_folder(folder).map_err(|error| refused("sync the folder", folder, &error))?;
    let file = write_mark(disk.as_ref(), (folder, known.apart), marked, &identity, &segments)?;
    Ok(Log::new(name.clone(), identity, folder.to_owned(), disk.clone(), segments, Some(file)))
}

/// The first offsets of the segments in `folder`, in order, without an empty one at the end that does not count.
///
/// # Errors
/// `Y0203` if the disk refuses.
pub(crate) fn bases(disk: &dyn Disk, folder: &Path, skips: &[Skip]) -> Result<Vec<u64>, Report> {
    let mut bases = list(disk, folder)?;
    drop_empty_end(disk, folder, &mut bases, Access::Read, skips)?;
    Ok(bases)
}

fn list(disk: &dyn Disk, folder: &Path) -> Result<Vec<u64>, Report> {
    let names = disk.list(folder).map_err(|error| refused("list the folder", folder, &error))?;
    let mut bases: Vec<u64> = names.iter().filter_map(|name| base_of(name)).collect();
    bases.sort_unstable();
    Ok(bases)
}

/// Has the topic in `folder` begin at offset `start`: what was before is not missed any more.
///
/// # Errors
/// `Y0202` or `Y0203` if the disk refuses.
pub(crate) fn begin_at(disk: &dyn Disk, folder: &Path, start: u64) -> Result<(), Report> {
    let Some(mark) = read_mark(disk, folder)? else { return Ok(()) };
    let path = folder.join(MARK);
    let written = MarkFile::open(disk, Places { own: &path, apart: None }, Mark { start, ..mark });
    written.map(drop).map_err(|error| refused("write", &path, &error))
}

/// Reads the mark of the topic in `folder`.
///
/// # Errors
/// `Y0203` if the disk refuses.
pub(crate) fn read_mark(disk: &dyn Disk, folder: &Path) -> Result<Option<Mark>, Report> {
    let path = folder.join(MARK);
    mark::read(disk, &path)
        .map(|found| found.map(|(_, mark)| mark))
        .map_err(|error| refused("read", &path, &error))
}

/// Writes the identity of a topic that is copied into `folder`.
///
/// # Errors
/// `Y0202` or `Y0203` if the disk refuses.
pub(crate) fn write_identity(disk: &dyn Disk, folder: &Path, identity: &Str) -> Result<(), Report> {
    identity::write(disk, folder, Some(identity.clone())).map(drop)
}

fn write_mark(
    disk: &dyn Disk,
    (folder, apart): (&Path, Option<&Path>),
    before: Option<Mark>,
    identity: &str,
    segments: &VecDeque<Arc<Segment>>,
) -> Result<MarkFile, Report> {
    let mut mark = Mark { identity: mark::number(identity), ..before.unwrap_or_default() };
    if let (Some(first), Some(last)) = (segments.front(), segments.back()) {
        mark = Mark { start: first.header.base, ..last.marked(mark) };
    }
    let path = folder.join(MARK);
    MarkFile::open(disk, Places { own: &path, apart }, mark).map_err(|error| refused("write", &path, &error))
}

/// That the oldest records are there: those before it were let go, which is noted before they are removed.
fn begins(first: Option<u64>, mark: Option<Mark>, known: Known<'_>, folder: &Path) -> Result<(), Report> {
    let (start, end) = mark.map_or((0, known.count), |mark| (mark.start, mark.end.max(known.count)));
    match first {
        None if end > 0 => {
            Err(damaged(folder, format!("all segments are missing; {end} records were published")))
        }
        Some(first) if mark.is_some() && first > start => {
            Err(damaged(folder, format!("the records with offsets {start} to {} are not there", first - 1)))
        }
        _ => Ok(()),
    }
}

/// The identity of the topic, which is brought back from the mark, or made for a new topic and for one of an earlier Tenon.
fn identify(
    disk: &dyn Disk,
    folder: &Path,
    is_new: bool,
    access: Access,
    mark: Option<Mark>,
    known: Known<'_>,
) -> Result<Str, Report> {
    let found = identity::read(disk, folder)?;
    let settled = identity::settle(&found, mark.map(|mark| mark.identity), known.identity);
    match (settled, access) {
        (Some(text), Access::Write) if found != Found::Identity(text.clone()) => {
            tracing::warn!(path = %folder.display(), identity = %text, "the identity of a topic was gone and is written again");
            identity::write(disk, folder, Some(text))
        }
        (Some(text), _) => Ok(text),
        (None, Access::Read) => Ok(Str::default()),
        (None, Access::Write) if is_new => identity::write(disk, folder, None),
        (None, Access::Write) if known.is_taken || (found == Found::Absent && known.identity.is_none()) => {
            identity::write(disk, folder, None)
        }
        (None, Access::Write) => {
            let topic = folder.file_name().unwrap_or_default().to_string_lossy();
            let path = folder.join(identity::FILE);
            Err(damaged(&path, "this is not the identity of the topic").hint(format!(
                "restore the state folder from a copy with `tenon state restore`; `tenon state accept topics/{topic}` takes the topic as it is"
            )))
        }
    }
}

/// Forgets a last segment without records. It may stem from an attempt that failed, after which the segment before it
/// was written on, so that it does not follow that one.
fn drop_empty_end(
    disk: &dyn Disk,
    folder: &Path,
    bases: &mut Vec<u64>,
    access: Access,
    skips: &[Skip],
) -> Result<(), Report> {
    while let [_, .., last] = bases[..] {
        if skips.iter().any(|skip| skip.base == last) {
            // It says that its records are gone.
            break;
        }
        let path = folder.join(file_name(last));
        let failed = |error: io::Error| refused("read", &path, &error);
        if disk.open_to_read(&path).and_then(|file| file.length()).map_err(failed)? > header::LENGTH as u64 {
            break;
        }
        bases.pop();
        if access == Access::Write {
            disk.remove(&path).and_then(|()| disk.sync_folder(folder)).map_err(failed)?;
        }
    }
    Ok(())
}

fn follows(before: Option<&Arc<Segment>>, base: u64, folder: &Path) -> Result<(), Report> {
    match before {
        Some(before) if before.end() != base => Err(damaged(
            folder,
            format!("the records with offsets {} to {} are not there", before.end(), base.saturating_sub(1)),
        )),
        _ => Ok(()),
    }
}
