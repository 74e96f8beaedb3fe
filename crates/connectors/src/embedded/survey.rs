//! Looking for everything that is damaged in a topic, with what is sound around it.

use std::{
    io,
    ops::Range,
    path::{Path, PathBuf},
    sync::Arc,
};

use tenon_errors::{Report, counted};

use super::{
    disk::{Disk, DiskFile, read_chunk, refused},
    frame::{HEAD, Head, u64_at},
    header::{self, Header},
    log::{damaged, file_name},
    recovery::{self, Allowances},
    segment,
    skips::{self, Skip},
};
use crate::mark::Mark;

const CHUNK: usize = 1 << 20;

/// What is damaged in a topic.
#[derive(Debug, Default)]
pub(crate) struct Survey {
    /// What there is, in order.
    pub(crate) found: Vec<Damage>,
    /// How the topic is opened with all of it skipped.
    pub(crate) allowances: Allowances,
}

/// One place that is damaged.
#[derive(Debug, Clone)]
pub(crate) struct Damage {
    /// The file, or the folder where files are gone.
    pub(crate) path: PathBuf,
    /// What it is.
    pub(crate) kind: Kind,
}

/// What is damaged, and so what becomes of it.
#[derive(Debug, Clone)]
pub(crate) enum Kind {
    /// Readers go past it.
    Skip(Skip),
    /// As [`Kind::Skip`], at the end of the topic: what stands there is cut off, so that it can be written on.
    Tail(Skip),
    /// The header can be written again as it was.
    Header(Header),
    /// Everything before the topic now begins at this offset is gone, from the other one on.
    Start(u64, u64),
}

impl Damage {
    /// The offsets that readers go past for it.
    pub(crate) fn lost(&self) -> Option<Range<u64>> {
        match &self.kind {
            Kind::Skip(skip) | Kind::Tail(skip) => Some(skip.lost()),
            Kind::Header(_) | Kind::Start(..) => None,
        }
    }

    /// The report of it: where, and which records are lost.
    pub(crate) fn report(&self) -> Report {
        let what = match &self.kind {
            Kind::Skip(skip) | Kind::Tail(skip) => {
                let lost = skip.lost();
                let records = counted(usize::try_from(lost.end - lost.start).unwrap_or(usize::MAX), "record");
                let which = match lost.end - lost.start {
                    0 => "no record is lost".to_owned(),
                    1 => format!("{records} with offset {} is lost", lost.start),
                    _ => format!("{records} with offsets {} to {} are lost", lost.start, lost.end - 1),
                };
                format!("{} at byte {}: {which}", skip.what, skip.from.1)
            }
            Kind::Header(_) => "the header of the segment is damaged; what it was is known".to_owned(),
            Kind::Start(now, before) => {
                format!("the records with offsets {before} to {} are not there", now.saturating_sub(1))
            }
        };
        damaged(&self.path, what)
    }
}

/// Looks at every record of the topic in `folder`, of which `acknowledged` were acknowledged at least. What is skipped already
/// counts as sound, and so does a torn end, which never was acknowledged.
///
/// # Errors
/// `Y0201` if there is something that cannot be skipped, `Y0203` if the disk refuses.
pub(crate) fn survey(disk: &dyn Disk, folder: &Path, acknowledged: u64) -> Result<Survey, Report> {
    let mark = recovery::read_mark(disk, folder)?;
    let acknowledged = acknowledged.max(mark.map_or(0, |mark| mark.end));
    let skips = skips::read(disk, folder)?;
    let bases = recovery::bases(disk, folder, &skips)?;
    let Some(first) = bases.first().copied() else {
        return Err(damaged(
            folder,
            format!("all segments are missing; {acknowledged} records were published"),
        ));
    };
    let mut survey =
        Survey { allowances: Allowances { skips, ..Allowances::default() }, ..Survey::default() };
    if let Some(start) = mark.map(|mark| mark.start).filter(|start| first > *start) {
        survey.found.push(Damage { path: folder.to_owned(), kind: Kind::Start(first, start) });
        survey.allowances.start = Some(first);
    }
    for (at, base) in bases.iter().enumerate() {
        let walk = Walk {
            path: folder.join(file_name(*base)),
            next: bases.get(at + 1).copied(),
            acknowledged,
            mark,
        };
        walk.look(disk, *base, &mut survey)?;
    }
    Ok(survey)
}

/// A walk over one segment.
struct Walk {
    path: PathBuf,
    /// The first offset of the segment after it.
    next: Option<u64>,
    acknowledged: u64,
    mark: Option<Mark>,
}

impl Walk {
    fn look(&self, disk: &dyn Disk, base: u64, survey: &mut Survey) -> Result<(), Report> {
        let failed = |error: io::Error| refused("read", &self.path, &error);
        let file = disk.open_to_read(&self.path).map_err(failed)?;
        // A header that is written again makes a shorter file as long.
        let length = file.length().map_err(failed)?.max(header::LENGTH as u64);
        let header = match segment::read_header(file.as_ref(), &self.path, base) {
            Ok(header) => header,
            Err(report) => {
                let header = self.known_header(disk, base).ok_or(report)?;
                self.push(survey, Kind::Header(header));
                header
            }
        };
        let known = skips::of(&survey.allowances.skips, header);
        let mut at = (base, header::LENGTH as u64);
        loop {
            let scan = segment::scan(file.as_ref(), header.salt, at, length, &known).map_err(failed)?;
            at = (scan.extent.end, scan.extent.length);
            let Some(what) = scan.stopped else { break };
            let skip = |to| Skip { base, salt: header.salt, from: at, to, what: what.to_owned() };
            let limit = self.next.unwrap_or(u64::MAX);
            if let Some(to) = resync(file.as_ref(), header.salt, at, length, limit).map_err(failed)? {
                self.push(survey, Kind::Skip(skip(to)));
                at = to;
                continue;
            }
            match self.next {
                Some(next) => self.push(survey, Kind::Skip(skip((next, length)))),
                None if self.acknowledged > at.0 => {
                    self.push(survey, Kind::Tail(skip((self.acknowledged, at.1))));
                }
                // A torn end, as a crash leaves it.
                None => {}
            }
            return Ok(());
        }
        let end = self.next.unwrap_or(self.acknowledged);
        if end > at.0 {
            let what = "the file ends".to_owned();
            let skip = Skip { base, salt: header.salt, from: at, to: (end, at.1), what };
            self.push(survey, Kind::Skip(skip));
        } else if self.next.is_some() && end < at.0 {
            return Err(damaged(
                &self.path,
                format!("it goes on to offset {}, and so does the next file", at.0),
            ));
        }
        Ok(())
    }

    fn push(&self, survey: &mut Survey, kind: Kind) {
        match &kind {
            Kind::Skip(skip) | Kind::Tail(skip) => survey.allowances.skips.push(skip.clone()),
            Kind::Header(header) => drop(survey.allowances.headers.insert(header.base, *header)),
            Kind::Start(..) => {}
        }
        survey.found.push(Damage { path: self.path.clone(), kind });
    }

    /// The header as its index or the mark knows it.
    fn known_header(&self, disk: &dyn Disk, base: u64) -> Option<Header> {
        let marked = self.mark.filter(|mark| mark.base == base && mark.salt != 0).map(|mark| mark.salt);
        let salt = segment::indexed_salt(disk, &self.path).or(marked)?;
        let made = disk.modified(&self.path).ok()?.as_millisecond();
        Some(Header { salt, base, made })
    }
}

/// The next sound record behind `at`, where none is.
fn resync(
    file: &dyn DiskFile,
    salt: u32,
    (offset, position): (u64, u64),
    length: u64,
    limit: u64,
) -> io::Result<Option<(u64, u64)>> {
    let mut from = position + 1;
    while from + (HEAD as u64) <= length {
        let chunk = read_chunk(file, from, CHUNK)?;
        if chunk.len() < HEAD {
            break;
        }
        for (at, window) in chunk.windows(HEAD).enumerate() {
            // Offsets count up by one per record, so a true one cannot be further away than records fit.
            let place = from + at as u64;
            let found = u64_at(window, 8);
            let furthest = offset + (place - position) / HEAD as u64 + 1;
            if found < offset || found > furthest || found >= limit {
                continue;
            }
            let Some(head) = Head::read(window, salt) else { continue };
            let body = read_chunk(file, place + HEAD as u64, head.length)?;
            if head.matches(&body) {
                return Ok(Some((found, place)));
            }
        }
        from += (chunk.len() - HEAD + 1) as u64;
    }
    Ok(None)
}

/// Gives up everything that is damaged in the topic in `folder`: it is kept aside in `damaged`, noted in `skipped`, and the topic
/// can be opened. Repeating it after an interruption does what is missing. Returns what it was.
///
/// # Errors
/// `Y0201` if there is something that cannot be skipped, `Y0202` or `Y0203` if the disk refuses.
pub(crate) fn skip(disk: &Arc<dyn Disk>, folder: &Path, acknowledged: u64) -> Result<Vec<Damage>, Report> {
    let Survey { found, allowances } = survey(disk.as_ref(), folder, acknowledged)?;
    if found.is_empty() {
        return Ok(found);
    }
    for damage in &found {
        match &damage.kind {
            Kind::Skip(skip) => keep(disk.as_ref(), damage, skip.from.1, skip.to.1)?,
            Kind::Tail(skip) => keep(disk.as_ref(), damage, skip.from.1, u64::MAX)?,
            Kind::Header(_) => keep(disk.as_ref(), damage, 0, header::LENGTH as u64)?,
            Kind::Start(..) => {}
        }
    }
    skips::write(disk.as_ref(), folder, &allowances.skips)?;
    for damage in &found {
        let failed = |error: io::Error| refused("write", &damage.path, &error);
        match &damage.kind {
            Kind::Skip(_) => {}
            Kind::Tail(skip) => {
                let file = disk.open(&damage.path).map_err(failed)?;
                file.truncate(skip.from.1).and_then(|()| file.sync()).map_err(failed)?;
            }
            Kind::Header(header) => {
                let file = disk.open(&damage.path).map_err(failed)?;
                file.write_at(&header.write(), 0).and_then(|()| file.sync()).map_err(failed)?;
            }
            Kind::Start(start, _) => recovery::begin_at(disk.as_ref(), folder, *start)?,
        }
    }
    Ok(found)
}

/// Copies the bytes of a file into `damaged`, durably.
fn keep(disk: &dyn Disk, damage: &Damage, from: u64, to: u64) -> Result<(), Report> {
    let (Some(folder), Some(name)) = (damage.path.parent(), damage.path.file_stem()) else { return Ok(()) };
    let folder = folder.join("damaged");
    let path = folder.join(format!("{}-{from}.bytes", name.to_string_lossy()));
    let copy = || {
        let file = disk.open_to_read(&damage.path)?;
        let to = to.min(file.length()?);
        if to <= from {
            return Ok(());
        }
        disk.create_folder(&folder)?;
        let copy = disk.create(&path)?;
        let mut at = from;
        while at < to {
            let left = usize::try_from(to - at).unwrap_or(usize::MAX);
            let bytes = read_chunk(file.as_ref(), at, left.min(CHUNK))?;
            if bytes.is_empty() {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            copy.write_at(&bytes, at - from)?;
            at += bytes.len() as u64;
        }
        copy.sync()?;
        disk.sync_folder(&folder)
    };
    copy().map_err(|error| refused("keep what is damaged in", &path, &error))
}
