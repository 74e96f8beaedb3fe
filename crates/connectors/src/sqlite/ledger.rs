//! How many commits a database has taken: counted in the file itself, and noted beside it after each.
//!
//! SQLite takes a write-ahead log that is gone, or whose end is damaged, for one that never was. By the count in the file
//! and the note beside it (see [`crate::mark`]) such a loss is noticed, and so is an older copy of the file.

use std::{
    ffi::OsString,
    fs::File,
    io::Read,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

use rusqlite::{Connection, OptionalExtension};
use tenon_errors::{Report, catalogue::engine::IO_FAILED};
use tenon_ports::{Commits, Part};

use super::failure;
use crate::{
    embedded::disk::SystemDisk,
    lock,
    mark::{self, Mark, MarkFile},
    parts::{self, Own},
};

/// The table, in every file that Tenon writes. Its name begins with `_`, which no table of a project does.
const DDL: &str = "CREATE TABLE IF NOT EXISTS _tenon_part (
  one INTEGER NOT NULL PRIMARY KEY CHECK (one = 1),
  identity TEXT NOT NULL,
  commits INTEGER NOT NULL
) STRICT";
const MAKE: &str = "INSERT OR IGNORE INTO _tenon_part VALUES (1, coalesce(?, lower(hex(randomblob(8)))), 0)";
const LOAD: &str = "SELECT identity, commits FROM _tenon_part";
const COUNT: &str = "UPDATE _tenon_part SET commits = commits + 1 RETURNING commits";
const HAS_TABLE: &str = "SELECT 1 FROM sqlite_schema WHERE name = '_tenon_part'";

/// What a file says of itself, and the note beside it.
#[derive(Clone)]
pub(crate) struct Ledger(Arc<Inner>);

struct Inner {
    path: PathBuf,
    /// By this it is noticed that another one lies in its place.
    file: File,
    identity: u64,
    note: Mutex<MarkFile>,
    /// How many are durable.
    durable: Commits,
}

/// What is to be done where a file is missing, or older than the note beside it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Missing {
    /// It is refused.
    Refused,
    /// A new file is made where there is none; one that is older is refused.
    Made,
}

/// The path of the note beside a database.
pub(crate) fn note_path(path: &Path) -> PathBuf {
    beside(path, "-mark")
}

fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = OsString::from(path.as_os_str());
    name.push(ending);
    name.into()
}

fn size(path: &Path) -> u64 {
    std::fs::metadata(path).map_or(0, |metadata| metadata.len())
}

/// What the note beside the file at `path` says.
pub(crate) fn noted(path: &Path) -> Result<Option<(u64, Mark)>, Report> {
    let path = note_path(path);
    mark::read(&SystemDisk, &path)
        .map_err(|error| Report::new(&IO_FAILED, format!("reading `{}`: {error}", path.display())))
}

/// Refuses a file that is gone while its write-ahead log or the note beside it is there, before SQLite makes a new one.
///
/// # Errors
/// `Y0205`.
pub(crate) fn is_there(path: &Path, name: &str, missing: Missing) -> Result<(), Report> {
    if size(path) > 0 {
        return whole(path, name);
    }
    if size(&beside(path, "-wal")) > 0 {
        return Err(parts::mismatch(name, "it is missing, and its write-ahead log is there"));
    }
    match noted(path)? {
        Some((_, note)) if note.end > 0 && missing == Missing::Refused => {
            Err(parts::mismatch(name, "it is missing"))
        }
        _ => Ok(()),
    }
}

/// Refuses a file to look at that is cut off.
///
/// # Errors
/// `Y0205`.
pub(crate) fn is_whole(path: &Path) -> Result<(), Report> {
    let name = path.file_name().unwrap_or(path.as_os_str());
    whole(path, &name.to_string_lossy())
}

/// Refuses a file that is shorter than its header says, which SQLite takes for one with fewer rows. While there is a
/// write-ahead log, pages may be on their way from it.
fn whole(path: &Path, name: &str) -> Result<(), Report> {
    let mut header = [0; 100];
    let read = File::open(path).and_then(|mut file| file.read_exact(&mut header));
    if read.is_err() || &header[..16] != b"SQLite format 3\0" || size(&beside(path, "-wal")) > 0 {
        // SQLite says what is wrong with it, if anything is.
        return Ok(());
    }
    let number = |at: usize| u32::from_be_bytes([header[at], header[at + 1], header[at + 2], header[at + 3]]);
    let page = match u16::from_be_bytes([header[16], header[17]]) {
        1 => 65536,
        page => u64::from(page),
    };
    let pages = if number(24) == number(92) { u64::from(number(28)) } else { 0 };
    let (length, expected) = (size(path), page * pages);
    if length < expected || page > 0 && length % page > 0 {
        let what = format!("it is cut off: it has {length} bytes, and {expected} were written");
        return Err(parts::mismatch(name, &what));
    }
    Ok(())
}

/// What the file says of itself without being changed: its identity and its commits.
pub(crate) fn look(connection: &Connection) -> Result<Option<(u64, u64)>, Report> {
    let run = || {
        if connection.query_row(HAS_TABLE, [], |_| Ok(())).optional()?.is_none() {
            return Ok(None);
        }
        let row = connection.query_row(LOAD, [], |row| Ok((row.get::<_, String>(0)?, row.get::<_, i64>(1)?)));
        row.optional()
    };
    let row = run().map_err(|error| failure::report("reading how far a database has come", &error))?;
    Ok(row.map(|(identity, commits)| (mark::number(&identity), commits.unsigned_abs())))
}

impl Ledger {
    /// Opens the ledger of the file at `path`, which `connection` has open for writing. It is called `name` in reports.
    ///
    /// # Errors
    /// `Y0205` if the file is another one than the note beside it is of, or holds less than that says.
    pub(crate) fn open(
        connection: &Connection,
        path: &Path,
        name: &str,
        missing: Missing,
    ) -> Result<Self, Report> {
        let before = noted(path)?;
        let found = look(connection)?;
        if let Some((_, note)) = before {
            match found {
                Some((identity, _)) if identity != note.identity => {
                    return Err(parts::mismatch(name, "it is not the one that was here before"));
                }
                Some((_, commits)) if commits < note.end => {
                    return Err(match missing {
                        Missing::Refused => parts::older(name, commits, note.end),
                        Missing::Made => parts::outdated(&format!("{} were acknowledged", note.end), commits),
                    });
                }
                None if note.end > 0 && missing == Missing::Refused => {
                    return Err(parts::older(name, 0, note.end));
                }
                Some(_) | None => {}
            }
        }
        // The engine's own state goes by the same identity when it is made anew, since its parts know it by that.
        let identity = before.filter(|_| found.is_none()).map(|(_, note)| mark::text(note.identity));
        let made =
            connection.execute_batch(DDL).and_then(|()| connection.execute(MAKE, [identity.as_deref()]));
        made.map_err(|error| failure::report("preparing the database", &error))?;
        let (identity, commits) = look(connection)?.unwrap_or_default();
        let io = |error: std::io::Error| {
            Report::new(&IO_FAILED, format!("writing beside `{}`: {error}", path.display()))
        };
        let number = before.map_or(1, |(number, _)| number + 1);
        let kept = before.map(|(_, note)| note).filter(|note| note.identity == identity).unwrap_or_default();
        let note = Mark { identity, end: commits, ..kept };
        let note = MarkFile::open(&SystemDisk, &note_path(path), number, note).map_err(io)?;
        let file = File::open(path).map_err(io)?;
        let durable = Commits::default();
        durable.reach(commits);
        Ok(Self(Arc::new(Inner { path: path.to_owned(), file, identity, note: Mutex::new(note), durable })))
    }

    /// Counts one more commit, in the transaction that is open.
    pub(crate) fn count(connection: &Connection) -> rusqlite::Result<u64> {
        let mut statement = connection.prepare_cached(COUNT)?;
        Ok(statement.query_row([], |row| row.get::<_, i64>(0))?.unsigned_abs())
    }

    /// Notes that there are `commits`, before anybody is told; `None` after one that a loss of power can still take away.
    ///
    /// # Errors
    /// `Y0207` if another file lies in the place of the one that was written.
    pub(crate) fn committed(&self, commits: Option<u64>) -> Result<(), Report> {
        if let Some(commits) = commits {
            self.note().update(|note| note.end = note.end.max(commits));
            self.0.durable.reach(commits);
        }
        lock::still_there(&self.0.file, &self.0.path)
    }

    /// Makes the note durable.
    pub(crate) fn close(&self) {
        // It may then claim less after a loss of power.
        let _ = self.note().sync();
    }

    /// Notes the state folder that the file is part of, and from now on the commits of the engine's own state.
    pub(crate) fn join(&self, folder: u64, seen: &Commits) -> Part {
        self.note().join(folder, seen);
        self.part()
    }

    /// How many commits are durable, also later.
    pub(crate) fn durable(&self) -> Commits {
        self.0.durable.clone()
    }

    /// What the file is recognised by.
    pub(crate) fn part(&self) -> Part {
        Part { identity: mark::text(self.0.identity), count: self.note().mark().end }
    }

    /// What it says of itself.
    pub(crate) fn own(&self) -> (Own, u64) {
        let Mark { identity, folder, seen, end, .. } = self.note().mark();
        (Own { identity, folder, seen }, end)
    }

    fn note(&self) -> std::sync::MutexGuard<'_, MarkFile> {
        self.0.note.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
