//! Whether a state folder, or a copy of one, is sound: every byte that carries a check, and how the parts fit together.

use std::{path::Path, sync::Arc};

use tenon_errors::{Report, catalogue::system::DATABASE_UNUSABLE};
use tenon_model::Str;
use tenon_ports::Parts;

use super::{
    MANIFEST, holds, is_state, manifest,
    walk::{Kind, parts},
};
use crate::{
    embedded::{
        disk::{Disk, SystemDisk},
        header,
        recovery::{self, Access, Known},
    },
    mark,
    parts::{self as fitting, Own},
    sqlite::{connection, failure, ledger},
    state::SqliteState,
};

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
    let remembered = SqliteState::remembered_in(folder);
    let remembered = remembered.unwrap_or_else(|report| {
        problems.push(report);
        Parts::default()
    });
    let mut found = Vec::new();
    for (kind, name) in parts(folder)? {
        let path = folder.join(&name);
        let text = name.to_string_lossy().into_owned();
        match kind {
            Kind::Plain => {}
            Kind::Database => problems.extend(database(&path, &text, &remembered).err()),
            Kind::Topic => problems.extend(topic(&path, &text, &remembered).err()),
        }
        found.push(text);
    }
    for name in remembered.known.keys().filter(|name| !found.iter().any(|it| it == name.as_str())) {
        problems.extend(fitting::fit(&remembered, name, None).err());
    }
    Ok(problems)
}

fn database(path: &Path, name: &str, remembered: &Parts) -> Result<(), Report> {
    // Before the file is looked at, since both grow while somebody writes.
    let noted = ledger::noted(path)?.map(|(_, note)| note);
    let connection = connection::inspector(path)?;
    let found = connection.query_row("PRAGMA integrity_check(1)", [], |row| row.get::<_, String>(0));
    let found = found.map_err(|error| failure::report(&format!("checking `{name}`"), &error))?;
    if found != "ok" {
        let message = format!("the database `{name}` is damaged: {found}");
        return Err(Report::new(&DATABASE_UNUSABLE, message).hint("restore the state folder from a copy"));
    }
    let Some((identity, commits)) = ledger::look(&connection)? else { return Ok(()) };
    if let Some(note) = noted
        && (note.identity != identity || note.end > commits)
    {
        return Err(fitting::older(name, commits, note.end));
    }
    if name != "tenon.db" {
        let (folder, seen) = noted.map_or((0, 0), |note| (note.folder, note.seen));
        fitting::fit(remembered, name, Some(Own { identity, folder, seen }))?;
        fitting::reaches(remembered, name, commits)?;
    }
    Ok(())
}

fn topic(path: &Path, name: &str, remembered: &Parts) -> Result<(), Report> {
    let disk: Arc<dyn Disk> = Arc::new(SystemDisk);
    let marked = recovery::read_mark(disk.as_ref(), path)?.map(|(_, mark)| mark);
    let short = Str::new(name.trim_start_matches("topics/"));
    let log =
        recovery::open(&disk, path, &short, Access::Read, jiff::Timestamp::UNIX_EPOCH, Known::default())?;
    for segment in log.full() {
        let file =
            disk.open_to_read(&segment.path).map_err(|error| super::failed("read", &segment.path, &error))?;
        let from = (segment.header.base, header::LENGTH as u64);
        let scan = recovery::scan(file.as_ref(), segment.header.salt, from, segment.length(), &segment.skips);
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
    fitting::fit(remembered, name, Some(own))?;
    fitting::reaches(remembered, name, end)
}
