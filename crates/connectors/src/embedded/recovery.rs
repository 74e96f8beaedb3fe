//! Opening a topic after whatever happened to the process before.

use std::{collections::VecDeque, io, path::Path, sync::Arc};

use jiff::Timestamp;
use tenon_errors::Report;
use tenon_model::Str;

use super::{
    disk::{Disk, DiskFile, read_chunk, refused},
    frame::{HEAD, Head, u64_at},
    frames::{Frames, Step},
    header::{self, BadHeader, Header},
    identity,
    index::{Index, Summary},
    log::{Extent, Log, Segment, base_of, damaged, file_name},
};

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

/// Opens the topic `name` in `folder`. A torn end is cut off; it was never acknowledged. What is found sound counts as
/// durable from here on, so a writer makes it so: a process that was killed between a write and its sync leaves records
/// that can be read and that a loss of power would still take away.
///
/// # Errors
/// `Y0201` if something is gone that was durable, `Y0202` or `Y0203` if the disk refuses.
pub(crate) fn open(
    disk: &Arc<dyn Disk>,
    folder: &Path,
    name: &Str,
    access: Access,
    now: Timestamp,
) -> Result<Log, Report> {
    if access == Access::Write {
        disk.create_folder(folder).map_err(|error| refused("make the folder", folder, &error))?;
    }
    let names = disk.list(folder).map_err(|error| refused("list the folder", folder, &error))?;
    let mut bases: Vec<u64> = names.iter().filter_map(|name| base_of(name)).collect();
    bases.sort_unstable();
    drop_empty_end(disk.as_ref(), folder, &mut bases, access)?;
    let last = bases.pop();
    let identity = identity::open(disk.as_ref(), folder, last.is_none(), access)?;
    let mut segments = VecDeque::with_capacity(bases.len() + 1);
    for base in bases {
        let segment = open_full(disk.as_ref(), folder, base, access)?;
        follows(segments.back(), base, folder)?;
        segments.push_back(Arc::new(segment));
    }
    let active = match last {
        Some(base) => {
            follows(segments.back(), base, folder)?;
            open_last(disk.as_ref(), folder, base, access, now)?
        }
        None if access == Access::Write => make(disk.as_ref(), folder, 0, now)?.0,
        None => return Err(damaged(folder, "there is no segment")),
    };
    segments.push_back(Arc::new(active));
    if access == Access::Write {
        // Segments that a killed process has made or removed without coming to this.
        disk.sync_folder(folder).map_err(|error| refused("sync the folder", folder, &error))?;
    }
    Ok(Log::new(name.clone(), identity, folder.to_owned(), disk.clone(), segments))
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

/// Walks over the records from `offset` at `position` to byte `limit`, checking each.
pub(crate) fn scan(
    file: &dyn DiskFile,
    salt: u32,
    (offset, position): (u64, u64),
    limit: u64,
) -> io::Result<Scan> {
    let mut frames = Frames::new(salt, offset, position);
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
) -> Result<(), Report> {
    while let [_, .., last] = bases[..] {
        let path = folder.join(file_name(last));
        let failed = |error: io::Error| refused("read", &path, &error);
        if disk.open(&path).and_then(|file| file.length()).map_err(failed)? > header::LENGTH as u64 {
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
fn open_full(disk: &dyn Disk, folder: &Path, base: u64, access: Access) -> Result<Segment, Report> {
    let path = folder.join(file_name(base));
    let failed = |error: io::Error| refused("read", &path, &error);
    let file = disk.open(&path).map_err(failed)?;
    let length = file.length().map_err(failed)?;
    let header = read_header(file.as_ref(), &path, base)?;
    if let Some(summary) = read_summary(disk, &path, header.salt, length) {
        let Summary { length, end, sealed, index, .. } = summary;
        return Ok(Segment::new(path, header, Extent { length, end, index, sealed: Some(sealed) }));
    }
    let scan = scan(file.as_ref(), header.salt, (base, header::LENGTH as u64), length).map_err(failed)?;
    let segment = Segment::new(path.clone(), header, scan.extent);
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

fn read_summary(disk: &dyn Disk, segment: &Path, salt: u32, length: u64) -> Option<Summary> {
    let file = disk.open(&segment.with_extension("index")).ok()?;
    let size = usize::try_from(file.length().ok().filter(|size| *size <= MAX_INDEX)?).ok()?;
    let summary = Summary::read(&read_chunk(file.as_ref(), 0, size).ok()?)?;
    (summary.salt == salt && summary.length == length).then_some(summary)
}

/// Opens the last segment, by a scan, since a crash may have torn its end.
fn open_last(
    disk: &dyn Disk,
    folder: &Path,
    base: u64,
    access: Access,
    now: Timestamp,
) -> Result<Segment, Report> {
    let path = folder.join(file_name(base));
    let failed = |error: io::Error| refused("read", &path, &error);
    let file = disk.open(&path).map_err(failed)?;
    let length = file.length().map_err(failed)?;
    let header = match read_header(file.as_ref(), &path, base) {
        Err(_) if length <= header::LENGTH as u64 && access == Access::Write => {
            tracing::warn!(path = %path.display(), "a segment was torn while it was made; it is made again");
            return Ok(make(disk, folder, base, now)?.0);
        }
        header => header?,
    };
    let scan = scan(file.as_ref(), header.salt, (base, header::LENGTH as u64), length).map_err(failed)?;
    let (stopped, group) = (scan.stopped, scan.group);
    let segment = Segment::new(path.clone(), header, scan.extent);
    if access == Access::Read {
        return Ok(segment);
    }
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

fn read_header(file: &dyn DiskFile, path: &Path, base: u64) -> Result<Header, Report> {
    let bytes = read_chunk(file, 0, header::LENGTH).map_err(|error| refused("read", path, &error))?;
    match Header::read(&bytes) {
        Ok(header) if header.base == base => Ok(header),
        Ok(header) => {
            Err(damaged(path, format!("the file holds the records from offset {} on", header.base)))
        }
        Err(BadHeader::Damaged) => Err(damaged(path, "the header of the segment is damaged")),
        Err(BadHeader::Version(version)) => Err(damaged(
            path,
            format!("the segment is of format {version}, and this Tenon reads format {}", header::VERSION),
        )),
    }
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
