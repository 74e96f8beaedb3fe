//! Opening a topic after whatever happened to the process before.

use std::{
    collections::{BTreeMap, VecDeque},
    io,
    path::Path,
    sync::Arc,
};

use jiff::Timestamp;
use tenon_errors::{Report, catalogue::system::STATE_NEWER};
use tenon_model::Str;

use super::{
    disk::{Disk, DiskFile, read_chunk, refused},
    frame::{HEAD, Head, u64_at},
    frames::{Frames, Step},
    header::{self, BadHeader, Header},
    identity::{self, Found},
    index::{Index, Summary},
    log::{Extent, Log, Segment, base_of, damaged, file_name},
    skips::{self, Skip},
};
use crate::{
    mark::{self, Mark, MarkFile},
    parts,
};

/// The file that says how far the topic is durable.
pub(crate) const MARK: &str = "mark";

/// The largest index file that is believed; one of 16 bytes per 64 KiB of a segment is far smaller.
const MAX_INDEX: u64 = 64 << 20;

const CHUNK: usize = 1 << 20;

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
pub(crate) struct Known {
    /// Its identity.
    pub(crate) identity: Option<u64>,
    /// It has had this many records at least.
    pub(crate) count: u64,
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
    known: Known,
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
    known: Known,
    allowed: &Allowances,
) -> Result<Log, Report> {
    let mut bases = list(disk.as_ref(), folder)?;
    drop_empty_end(disk.as_ref(), folder, &mut bases, access, &allowed.skips)?;
    let marked = read_mark(disk.as_ref(), folder)?;
    let mark = marked.map(|(_, mark)| Mark { start: allowed.start.unwrap_or(mark.start), ..mark });
    begins(bases.first().copied(), mark, known, folder)?;
    let last = bases.pop();
    let identity = identify(disk.as_ref(), folder, last.is_none(), access, mark, known)?;
    let mut segments = VecDeque::with_capacity(bases.len() + 1);
    for base in bases {
        let segment = open_full(disk.as_ref(), folder, base, access, allowed)?;
        follows(segments.back(), base, folder)?;
        segments.push_back(Arc::new(segment));
    }
    let active = match last {
        Some(base) => {
            follows(segments.back(), base, folder)?;
            let acknowledged = Acknowledged { marked: mark.map_or(0, |mark| mark.end), known: known.count };
            open_last(disk.as_ref(), (folder, name), base, access, now, (acknowledged, allowed))?
        }
        None if access == Access::Write => make(disk.as_ref(), folder, 0, now)?.0,
        None => return Err(damaged(folder, "there is no segment")),
    };
    segments.push_back(Arc::new(active));
    if access == Access::Read {
        return Ok(Log::new(name.clone(), identity, folder.to_owned(), disk.clone(), segments, None));
    }
    // Segments that a killed process has made or removed without coming to this.
    disk.sync_folder(folder).map_err(|error| refused("sync the folder", folder, &error))?;
    let file = write_mark(disk.as_ref(), folder, marked, &identity, &segments)?;
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
    let Some((number, mark)) = read_mark(disk, folder)? else { return Ok(()) };
    let path = folder.join(MARK);
    let written = MarkFile::open(disk, &path, number + 1, Mark { start, ..mark });
    written.map(drop).map_err(|error| refused("write", &path, &error))
}

/// The salt of the full segment at `path`, as its index file says.
pub(crate) fn indexed_salt(disk: &dyn Disk, segment: &Path) -> Option<u32> {
    Some(index(disk, segment)?.salt)
}

/// Reads the mark of the topic in `folder`: the number of its last write, and what it says.
///
/// # Errors
/// `Y0203` if the disk refuses.
pub(crate) fn read_mark(disk: &dyn Disk, folder: &Path) -> Result<Option<(u64, Mark)>, Report> {
    let path = folder.join(MARK);
    mark::read(disk, &path).map_err(|error| refused("read", &path, &error))
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
    folder: &Path,
    before: Option<(u64, Mark)>,
    identity: &str,
    segments: &VecDeque<Arc<Segment>>,
) -> Result<MarkFile, Report> {
    let number = before.map_or(1, |(number, _)| number + 1);
    let before = before.map(|(_, mark)| mark).unwrap_or_default();
    let mut mark = Mark { identity: mark::number(identity), ..before };
    if let (Some(first), Some(last)) = (segments.front(), segments.back()) {
        mark = Mark { start: first.header.base, ..last.marked(mark) };
    }
    let path = folder.join(MARK);
    MarkFile::open(disk, &path, number, mark).map_err(|error| refused("write", &path, &error))
}

/// That the oldest records are there: those before it were let go, which is noted before they are removed.
fn begins(first: Option<u64>, mark: Option<Mark>, known: Known, folder: &Path) -> Result<(), Report> {
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
    known: Known,
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
        (None, Access::Write) if found == Found::Absent && known.identity.is_none() => {
            identity::write(disk, folder, None)
        }
        (None, Access::Write) => {
            Err(damaged(&folder.join("identity"), "this is not the identity of the topic"))
        }
    }
}

/// Makes an empty segment that begins at offset `base`, durably. One of that name is overwritten.
pub(crate) fn make(
    disk: &dyn Disk,
    folder: &Path,
    base: u64,
    now: Timestamp,
) -> Result<(Segment, Arc<dyn DiskFile>), Report> {
    let path = folder.join(file_name(base));
    let header = Header { salt: disk.salt(), base, made: now.as_millisecond() };
    let made = disk.create(&path).and_then(|file| {
        file.write_at(&header.write(), 0)?;
        file.sync()?;
        disk.sync_folder(folder)?;
        Ok(file)
    });
    let file = made.map_err(|error| {
        // A file without records must not stay behind; if it does, `drop_empty_end` takes it away.
        let _ = disk.remove(&path);
        refused("make the segment", &path, &error)
    })?;
    let extent = Extent { length: header::LENGTH as u64, end: base, index: Index::default(), sealed: None };
    Ok((Segment::new(path, header, extent), file))
}

/// What a scan found.
#[derive(Debug)]
pub(crate) struct Scan {
    /// How far sound records reach.
    pub(crate) extent: Extent,
    /// Why they end there, if the file does not.
    pub(crate) stopped: Option<&'static str>,
    /// Where the last group of records begins.
    group: u64,
}

/// Walks over the records from `offset` at `position` to byte `limit`, checking each, and going past `skips`.
pub(crate) fn scan(
    file: &dyn DiskFile,
    salt: u32,
    (offset, position): (u64, u64),
    limit: u64,
    skips: &[Skip],
) -> io::Result<Scan> {
    let mut frames = Frames::new(salt, offset, position, skips);
    let mut index = Index::default();
    let mut group = (None, position);
    let stopped = loop {
        let (offset, position) = (frames.offset(), frames.position());
        match frames.step() {
            Step::Frame(head, _) => {
                index.note(offset, position);
                if group.0 != Some(head.group) {
                    group = (Some(head.group), position);
                }
            }
            Step::Damaged(what) => break Some(what),
            Step::More(needed) => {
                let left = limit.saturating_sub(position);
                if left == 0 {
                    break None;
                }
                if left < needed as u64 {
                    break Some("a record is cut short");
                }
                let length = usize::try_from(left).unwrap_or(usize::MAX).min(CHUNK.max(needed));
                let chunk = read_chunk(file, position, length)?;
                if chunk.len() < needed {
                    break Some("the file became shorter while it was read");
                }
                frames.feed(chunk.into());
            }
        }
    };
    let extent = Extent { length: frames.position(), end: frames.offset(), index, sealed: None };
    Ok(Scan { extent, stopped, group: group.1 })
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

/// Opens a segment that is not the last one: by its index file, or else by a scan.
fn open_full(
    disk: &dyn Disk,
    folder: &Path,
    base: u64,
    access: Access,
    allowed: &Allowances,
) -> Result<Segment, Report> {
    let path = folder.join(file_name(base));
    let failed = |error: io::Error| refused("read", &path, &error);
    let file = disk.open_to_read(&path).map_err(failed)?;
    let length = file.length().map_err(failed)?;
    let header = allowed_header(file.as_ref(), &path, base, allowed)?;
    let skips = skips::of(&allowed.skips, header);
    if let Some(summary) = read_summary(disk, &path, header.salt, length) {
        let Summary { length, end, sealed, index, .. } = summary;
        let extent = Extent { length, end, index, sealed: Some(sealed) };
        return Ok(Segment::new(path, header, extent).skipping(skips));
    }
    let scan =
        scan(file.as_ref(), header.salt, (base, header::LENGTH as u64), length, &skips).map_err(failed)?;
    let segment = Segment::new(path.clone(), header, scan.extent).skipping(skips);
    if let Some(what) = scan.stopped {
        return Err(segment.damaged(what, segment.length(), segment.end()));
    }
    let sealed = disk.modified(&path).map_err(failed)?.as_millisecond();
    segment.extent().sealed = Some(sealed);
    if access == Access::Write
        && let Err(error) = segment.write_index(disk, sealed)
    {
        tracing::warn!(path = %segment.index_path().display(), %error, "cannot write an index file; it will be missed");
    }
    Ok(segment)
}

fn index(disk: &dyn Disk, segment: &Path) -> Option<Summary> {
    let file = disk.open_to_read(&segment.with_extension("index")).ok()?;
    let size = usize::try_from(file.length().ok().filter(|size| *size <= MAX_INDEX)?).ok()?;
    Summary::read(&read_chunk(file.as_ref(), 0, size).ok()?)
}

fn read_summary(disk: &dyn Disk, segment: &Path, salt: u32, length: u64) -> Option<Summary> {
    let summary = index(disk, segment)?;
    (summary.salt == salt && summary.length == length).then_some(summary)
}

/// What was acknowledged of a topic, by offset.
#[derive(Debug, Clone, Copy)]
struct Acknowledged {
    /// As its own mark says.
    marked: u64,
    /// As the state folder remembers.
    known: u64,
}

impl Acknowledged {
    /// Refuses a topic whose sound records end at `end`, where a file ends or is torn for the reason `stopped`.
    fn refuse(self, name: &str, segment: &Segment, stopped: Option<&str>) -> Result<(), Report> {
        let (position, end) = (segment.length(), segment.end());
        if end >= self.marked.max(self.known) {
            return Ok(());
        }
        if stopped.is_none() && (self.marked == end || self.marked == 0 && self.known > 0) && self.known > end
        {
            return Err(parts::older(name, end, self.known));
        }
        let what = stopped.unwrap_or("the file ends");
        let acknowledged = format!("{what}, and {} records were acknowledged,", self.marked.max(self.known));
        Err(segment.damaged(&acknowledged, position, end))
    }
}

/// Opens the last segment, by a scan, since a crash may have torn its end.
fn open_last(
    disk: &dyn Disk,
    (folder, name): (&Path, &str),
    base: u64,
    access: Access,
    now: Timestamp,
    (acknowledged, allowed): (Acknowledged, &Allowances),
) -> Result<Segment, Report> {
    let path = folder.join(file_name(base));
    let failed = |error: io::Error| refused("read", &path, &error);
    let file = open_file(disk, &path, access).map_err(failed)?;
    let length = file.length().map_err(failed)?;
    let header = match allowed_header(file.as_ref(), &path, base, allowed) {
        Err(_)
            if length <= header::LENGTH as u64
                && access == Access::Write
                && base >= acknowledged.marked.max(acknowledged.known) =>
        {
            tracing::warn!(path = %path.display(), "a segment was torn while it was made; it is made again");
            return Ok(make(disk, folder, base, now)?.0);
        }
        header => header?,
    };
    let skips = skips::of(&allowed.skips, header);
    let scan =
        scan(file.as_ref(), header.salt, (base, header::LENGTH as u64), length, &skips).map_err(failed)?;
    let (stopped, group) = (scan.stopped, scan.group);
    let segment = Segment::new(path.clone(), header, scan.extent).skipping(skips);
    if access == Access::Read {
        return Ok(segment);
    }
    acknowledged.refuse(&format!("topics/{name}"), &segment, stopped)?;
    let (position, end) = (segment.length(), segment.end());
    if let Some(what) = stopped {
        if was_durable(file.as_ref(), header.salt, position, end, length).map_err(failed)? {
            return Err(segment.damaged(what, position, end));
        }
        tracing::warn!(
            path = %path.display(), bytes = length - position, offset = end, reason = what,
            "the end of a topic is torn and is cut off; after a crash it holds only what was not acknowledged"
        );
        file.truncate(position).map_err(|error| refused("cut", &path, &error))?;
    }
    write_anew(file.as_ref(), group, position).map_err(|error| refused("sync", &path, &error))?;
    Ok(segment)
}

/// Makes the last group, from `from` to the end of the file at `end`, durable. A group is written only after the one
/// before it was synced, so nothing else is in doubt. It is written once more before the sync: if the sync of the process
/// before failed, the kernel takes what is in its cache for written, and a sync alone would do nothing.
fn write_anew(file: &dyn DiskFile, from: u64, end: u64) -> io::Result<()> {
    let mut position = from.min(end);
    while position < end {
        let left = usize::try_from(end - position).unwrap_or(usize::MAX);
        let bytes = read_chunk(file, position, left.min(CHUNK))?;
        if bytes.is_empty() {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        file.write_at(&bytes, position)?;
        position += bytes.len() as u64;
    }
    file.sync()
}

fn open_file(disk: &dyn Disk, path: &Path, access: Access) -> io::Result<Arc<dyn DiskFile>> {
    match access {
        Access::Write => disk.open(path),
        Access::Read => disk.open_to_read(path),
    }
}

fn allowed_header(
    file: &dyn DiskFile,
    path: &Path,
    base: u64,
    allowed: &Allowances,
) -> Result<Header, Report> {
    allowed.headers.get(&base).map_or_else(|| read_header(file, path, base), |header| Ok(*header))
}

/// Reads the header of the segment that begins at offset `base`.
///
/// # Errors
/// `Y0201` if it is damaged, `Y0208` if it is of a newer format, `Y0203` if the disk refuses.
pub(crate) fn read_header(file: &dyn DiskFile, path: &Path, base: u64) -> Result<Header, Report> {
    let bytes = read_chunk(file, 0, header::LENGTH).map_err(|error| refused("read", path, &error))?;
    match Header::read(&bytes) {
        Ok(header) if header.base == base => Ok(header),
        Ok(header) => {
            Err(damaged(path, format!("the file holds the records from offset {} on", header.base)))
        }
        Err(BadHeader::Damaged) => Err(damaged(path, "the header of the segment is damaged")),
        Err(BadHeader::Version(version)) => Err(newer(path, "segment", version, header::VERSION)),
    }
}

/// The report of a file whose format this Tenon does not know.
pub(crate) fn newer(path: &Path, what: &str, version: u32, known: u32) -> Report {
    let message = format!(
        "`{}`: the {what} is of format {version}, and this Tenon reads format {known}",
        path.display()
    );
    Report::new(&STATE_NEWER, message).hint("run the version of Tenon that wrote it, or a newer one")
}

/// Whether the record with offset `end`, which should lie at `position` and does not, had been durable: some later
/// record then says that its group began after it.
fn was_durable(file: &dyn DiskFile, salt: u32, mut position: u64, end: u64, length: u64) -> io::Result<bool> {
    while position + (HEAD as u64) <= length {
        let chunk = read_chunk(file, position, CHUNK)?;
        if chunk.len() < HEAD {
            break;
        }
        // Offsets count up by one per record, so a true one cannot be further away than records fit.
        let furthest = end + (length - position) / HEAD as u64 + 1;
        let proof = chunk.windows(HEAD).any(|window| {
            let offset = u64_at(window, 8);
            offset > end
                && offset <= furthest
                && Head::read(window, salt).is_some_and(|head| head.group > end)
        });
        if proof {
            return Ok(true);
        }
        position += (chunk.len() - HEAD + 1) as u64;
    }
    Ok(false)
}
