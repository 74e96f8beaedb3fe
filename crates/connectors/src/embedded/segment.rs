//! Opening and making the file of one segment, whatever a crash has left of it.

use std::{io, path::Path, sync::Arc};

use jiff::Timestamp;
use tenon_errors::{Report, catalogue::system::STATE_NEWER};

use super::{
    disk::{Disk, DiskFile, read_chunk, refused},
    frame::{HEAD, Head, u64_at},
    frames::{Frames, Step},
    header::{self, BadHeader, Header},
    index::{Index, Summary},
    log::{Extent, Segment, damaged, file_name},
    recovery::{Access, Allowances},
    skips::{self, Skip},
};
use crate::parts;

/// The largest index file that is believed; one of 16 bytes per 64 KiB of a segment is far smaller.
const MAX_INDEX: u64 = 64 << 20;

const CHUNK: usize = 1 << 20;

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

/// The salt of the full segment at `path`, as its index file says.
pub(crate) fn indexed_salt(disk: &dyn Disk, segment: &Path) -> Option<u32> {
    Some(index(disk, segment)?.salt)
}

/// Opens a segment that is not the last one: by its index file, or else by a scan.
pub(super) fn open_full(
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
pub(super) struct Acknowledged {
    /// As its own mark says.
    pub(super) marked: u64,
    /// As the state folder remembers.
    pub(super) known: u64,
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
pub(super) fn open_last(
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
