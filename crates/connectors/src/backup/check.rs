//! Whether a state folder, or a copy of one, is sound: every byte that carries a check, and how the parts fit together.

use std::{collections::BTreeSet, path::Path, sync::Arc};

use tenon_errors::{
    Report,
    catalogue::system::{DATABASE_DAMAGED, STATE_MISMATCH, STATE_OUTDATED},
};
use tenon_model::Str;
use tenon_ports::{
    Parts,
    input::{consumer, stream_name},
};

use super::{
    MANIFEST, holds, is_state, manifest,
    walk::{self, Kind, parts},
};
use crate::{
    embedded::{
        contract,
        disk::{Disk, SystemDisk},
        groups::{self, Noted},
        header,
        recovery::{self, Access, Known},
        segment,
        topic::remembered_identity,
    },
    mark::{self, Mark},
    parts::{self as fitting, Own},
    sqlite::{
        connection, failure,
        ledger::{self, Notes},
        position,
    },
    state::SqliteState,
};

/// Looks at everything in `folder`, a copy or a state folder; returns what is wrong, which may be that the copy is not finished.
/// Blocks.
///
/// # Errors
/// What keeps it from looking at all.
pub fn verify_copy(folder: &Path) -> Result<Vec<Report>, Report> {
    let mut problems = verify(folder)?;
    if !folder.join(MANIFEST).exists() && !walk::has_been_in_use(folder) {
        let message = format!("the copy `{}` is not finished: it has no `{MANIFEST}`", folder.display());
        let report = Report::new(&STATE_MISMATCH, message);
        problems.insert(0, report.hint("use another copy, or make one again with `tenon state backup`"));
    }
    Ok(problems)
}

/// The parts of a state folder, and what is wrong with them.
pub(crate) struct Condition {
    /// The parts that there are, or should be, by their path in the folder.
    pub(crate) parts: BTreeSet<Str>,
    /// Of these, those that the next start takes as they are found.
    pub(crate) taken: BTreeSet<Str>,
    /// What is wrong, and with which part.
    pub(crate) problems: Vec<(Str, Report)>,
}

impl Condition {
    fn note(&mut self, part: &str, report: Report) {
        // Whichever part shows it, it is the engine's own state that is older than the rest.
        let part = if report.code() == &STATE_OUTDATED { walk::OWN } else { part };
        self.problems.push((Str::new(part), report));
    }
}

/// Looks at everything in the state folder or copy `folder`, which may be in use; returns what is wrong. Blocks.
///
/// # Errors
/// What keeps it from looking at all.
pub fn verify(folder: &Path) -> Result<Vec<Report>, Report> {
    is_state(folder)?;
    let mut problems = Vec::new();
    if folder.join(MANIFEST).exists() {
        problems.extend(manifest(folder).and_then(|files| holds(folder, &files)).err());
    }
    problems.extend(condition(folder)?.problems.into_iter().map(|(_, report)| report));
    Ok(problems)
}

/// The condition of every part of the state folder `folder`, which may be in use, and may lack its `tenon.db`. Blocks.
///
/// # Errors
/// What keeps it from looking at all.
pub(crate) fn condition(folder: &Path) -> Result<Condition, Report> {
    let mut found = Condition {
        parts: BTreeSet::from([Str::from(walk::OWN)]),
        taken: BTreeSet::new(),
        problems: Vec::new(),
    };
    let (remembered, sources) = match own(folder) {
        Ok(own) => own,
        Err(report) => {
            found.note(walk::OWN, report);
            (SqliteState::unremembered(folder), Vec::new())
        }
    };
    let marked = marked(&remembered)?;
    let mut come = Come { sources, consumers: Vec::new() };
    for (kind, name) in parts(folder)? {
        let path = folder.join(&name);
        let text = name.to_string_lossy().into_owned();
        let looked = match kind {
            // What should be a database may be none any more.
            Kind::Plain => continue,
            Kind::Database => database((folder, &path), &text, &remembered, &mut come),
            Kind::Topic => topic((folder, &path), &text, &remembered, &come),
        };
        if let Err(report) = looked {
            found.note(&text, report);
        }
        found.parts.insert(text.into());
    }
    let gone: BTreeSet<Str> = remembered.known.keys().cloned().chain(marked).collect();
    for name in gone {
        if !found.parts.contains(&name) {
            let apart = marked_apart(&remembered, &name)?;
            if let Err(report) = fitting::fit(&remembered, &name, None, apart) {
                found.note(&name, report);
            }
            found.parts.insert(name);
        }
    }
    let is_taken = |name: &&Str| match name.as_str() {
        // What a new one cannot find out is told by the start, which knows the flows.
        walk::OWN => !remembered.settled && found.parts.len() > 1,
        name => remembered.settled && remembered.takes(name),
    };
    found.taken = found.parts.iter().filter(is_taken).cloned().collect();
    Ok(found)
}

/// How far a flow has come: source, fingerprint, offset.
type SourcePosition = (Str, Str, u64);

/// What `tenon.db` remembers of the parts, and how far flows have come as it says. It is read before the topics are looked at, since
/// all grow while somebody writes.
fn own(folder: &Path) -> Result<(Parts, Vec<SourcePosition>), Report> {
    if !folder.join(walk::OWN).exists() {
        return Err(fitting::mismatch(walk::OWN, fitting::MISSING));
    }
    Ok((SqliteState::remembered_in(folder)?, SqliteState::positions_in(folder)?))
}

/// The names of the parts that have a mark apart from themselves.
fn marked(remembered: &Parts) -> Result<Vec<Str>, Report> {
    let Some(marks) = remembered.marks.as_ref().filter(|marks| marks.exists()) else { return Ok(Vec::new()) };
    let names = walk::files(marks)?;
    let names = names.iter().map(|name| Str::from(name.to_string_lossy()));
    Ok(names.filter(|name| !groups::is_mark(name) && !contract::is_note(name)).collect())
}

/// The mark that the part `name` has apart from itself.
fn marked_apart(remembered: &Parts, name: &str) -> Result<Option<Mark>, Report> {
    let Some(path) = remembered.mark_of(name) else { return Ok(None) };
    mark::read_apart(&SystemDisk, Some(&path)).map_err(|error| super::failed("read", &path, &error))
}

/// How far flows have come in topics.
struct Come {
    /// As `tenon.db` says: source, fingerprint, offset.
    sources: Vec<SourcePosition>,
    /// As databases say.
    consumers: Vec<(Str, u64)>,
}

impl Come {
    /// How far some flow has come in the topic of this name and identity.
    fn furthest(&self, name: &str, identity: &str) -> u64 {
        let stream = consumer("", &stream_name(name, identity));
        let sources = self.sources.iter().filter(|(source, print, _)| source == name && print == identity);
        let consumers = self.consumers.iter().filter(|(consumer, _)| consumer.ends_with(stream.as_str()));
        sources.map(|(.., offset)| *offset).chain(consumers.map(|(_, offset)| *offset)).max().unwrap_or(0)
    }
}

/// The part must be one of the folder, which may have gone on meanwhile.
fn fit(
    folder: &Path,
    remembered: &Parts,
    name: &str,
    (own, apart): (Own, Option<Mark>),
) -> Result<(), Report> {
    let mut now = remembered.clone();
    if own.seen > remembered.commits {
        now.commits = SqliteState::remembered_in(folder)?.commits;
    }
    fitting::fit(&now, name, Some(own), apart)
}

fn database(
    (folder, path): (&Path, &Path),
    name: &str,
    remembered: &Parts,
    come: &mut Come,
) -> Result<(), Report> {
    // Before the file is looked at, since both grow while somebody writes.
    let notes = Notes::read(path, remembered.mark_of(name).as_deref())?;
    let connection = connection::inspector(path)?;
    let found = connection.query_row("PRAGMA integrity_check(1)", [], |row| row.get::<_, String>(0));
    let found = found.map_err(|error| failure::report(&format!("checking `{name}`"), &error))?;
    if found != "ok" {
        let message = format!("the database `{name}` is damaged: {found}");
        return Err(Report::new(&DATABASE_DAMAGED, message).hint("restore the state folder from a copy"));
    }
    come.consumers.extend(position::all(&connection)?);
    let found = ledger::look(&connection)?;
    notes.admit(name, found, walk::missing(Path::new(name)))?;
    let Some((identity, commits)) = found else { return Ok(()) };
    if name != walk::OWN {
        let note = notes.beside.unwrap_or_default();
        let own = Own { identity, folder: note.folder, seen: note.seen };
        fit(folder, remembered, name, (own, None))?;
        fitting::reaches(remembered, name, commits)?;
    }
    Ok(())
}

fn topic((folder, path): (&Path, &Path), name: &str, remembered: &Parts, come: &Come) -> Result<(), Report> {
    let disk: Arc<dyn Disk> = Arc::new(SystemDisk);
    let marked = recovery::read_mark(disk.as_ref(), path)?;
    let marked_apart = marked_apart(remembered, name)?;
    let short = Str::new(name.strip_prefix("topics/").unwrap_or(name));
    contract::Notes::of(path, name, remembered.marks.as_deref()).check(disk.as_ref(), &short)?;
    let identity = remembered_identity(remembered, name, marked_apart);
    let known = Known { identity, ..Known::default() };
    let log = recovery::open(&disk, path, &short, Access::Read, jiff::Timestamp::UNIX_EPOCH, known)?;
    for segment in log.full() {
        let file =
            disk.open_to_read(&segment.path).map_err(|error| super::failed("read", &segment.path, &error))?;
        let from = (segment.header.base, header::LENGTH as u64);
        let scan = segment::scan(file.as_ref(), segment.header.salt, from, segment.length(), &segment.skips);
        let scan = scan.map_err(|error| super::failed("read", &segment.path, &error))?;
        if let Some(what) = scan.stopped {
            return Err(segment.damaged(what, scan.extent.length, scan.extent.end));
        }
    }
    let end = log.end();
    if let Some(mark) = marked.filter(|mark| mark.end > end) {
        return Err(crate::embedded::acknowledged_are_gone(&log, mark.end));
    }
    let own = Own {
        identity: mark::number(&log.identity),
        folder: marked.map_or(0, |mark| mark.folder),
        seen: marked.map_or(0, |mark| mark.seen),
    };
    fit(folder, remembered, name, (own, marked_apart))?;
    if let Some(apart) = marked_apart.filter(|apart| apart.end > end) {
        return Err(fitting::older(name, end, apart.end));
    }
    if let Some(apart) = remembered.mark_of(&groups::mark_name(name)) {
        groups::fit(disk.as_ref(), path, Noted { part: name, apart: &apart })?;
    }
    let furthest = come.furthest(&short, &log.identity);
    if furthest > end && !remembered.takes(name) {
        return Err(fitting::older(name, end, furthest));
    }
    fitting::reaches(remembered, name, end)
}
