//! How many commits a database has taken: counted in the file itself, and noted beside it after each.
//!
//! SQLite takes a write-ahead log that is gone, or whose end is damaged, for one that never was. By the count in the file
//! and the notes of it (see [`crate::mark`]), such a loss is noticed, and so is an older copy of the file.

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
    mark::{self, Mark, MarkFile, Places},
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

/// A database to be opened.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place<'p> {
    /// The file.
    pub(crate) path: &'p Path,
    /// What it is called in reports.
    pub(crate) name: &'p str,
    /// What is to be done where it is missing.
    pub(crate) missing: Missing,
    /// Where it is noted apart from the file how far it has come, if it is part of a state folder.
    pub(crate) apart: Option<&'p Path>,
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

/// What is noted of a database: beside it, and apart from it.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Notes {
    pub(crate) beside: Option<Mark>,
    pub(crate) apart: Option<Mark>,
}

impl Notes {
    /// Those of the file at `path`, the one apart being at `apart`.
    ///
    /// # Errors
    /// `E0003` if the disk refuses.
    pub(crate) fn read(path: &Path, apart: Option<&Path>) -> Result<Self, Report> {
        let read = |path: &Path| {
            mark::read_apart(&SystemDisk, Some(path))
                .map_err(|error| Report::new(&IO_FAILED, format!("reading `{}`: {error}", path.display())))
        };
        Ok(Self { beside: read(&note_path(path))?, apart: apart.map(read).transpose()?.flatten() })
    }

    /// How many commits were acknowledged.
    pub(crate) fn acknowledged(self) -> u64 {
        self.all().map(|note| note.end).max().unwrap_or(0)
    }

    /// Refuses a file called `name` that says `found` of itself: its identity and its commits.
    ///
    /// # Errors
    /// `Y0205`; `Y0206` of the engine's own state that is older.
    pub(crate) fn admit(self, name: &str, found: Option<(u64, u64)>, missing: Missing) -> Result<(), Report> {
        let (acknowledged, commits) = (self.acknowledged(), found.map_or(0, |(_, commits)| commits));
        if found.is_some_and(|(identity, _)| self.all().any(|note| note.identity != identity)) {
            return Err(parts::mismatch(name, "is not the one that was here before"));
        }
        if commits >= acknowledged {
            return Ok(());
        }
        Err(match missing {
            Missing::Refused => parts::older(name, commits, acknowledged),
            Missing::Made => parts::outdated(&format!("{acknowledged} were acknowledged"), commits),
        })
    }

    fn all(self) -> impl Iterator<Item = Mark> {
        [self.beside, self.apart].into_iter().flatten()
    }
}

/// Whether there is a file to open. One that is gone while its write-ahead log or a note of it is there is refused, before
/// SQLite makes a new one.
///
/// # Errors
/// `Y0205`.
pub(crate) fn is_there(path: &Path, name: &str, missing: Missing, notes: Notes) -> Result<bool, Report> {
    if size(path) > 0 {
        return whole(path, name).map(|()| true);
    }
    if size(&beside(path, "-wal")) > 0 {
        return Err(parts::mismatch(name, "is missing, and its write-ahead log is there"));
    }
    if notes.acknowledged() > 0 && missing == Missing::Refused {
        return Err(parts::mismatch(name, "is missing"));
    }
    Ok(false)
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
        let what = format!("is cut off: it has {length} bytes, and {expected} were written");
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
    /// Opens the ledger of the file of `place`, which `connection` has open for writing, and which `notes` are of. `was_there` is
    /// whether it was before it was opened.
    ///
    /// # Errors
    /// `Y0205` or `Y0206` if the file is another one than the notes are of, or holds less than they say.
    pub(crate) fn open(
        connection: &Connection,
        place: Place<'_>,
        (notes, was_there): (Notes, bool),
    ) -> Result<Self, Report> {
        let Place { path, name, missing, apart } = place;
        let found = look(connection)?;
        if was_there || found.is_some() {
            notes.admit(name, found, missing)?;
        }
        // The engine's own state goes by the same identity when it is made anew, since its parts know it by that.
        let before = notes.beside.or(notes.apart);
        let identity = before.filter(|_| found.is_none()).map(|note| mark::text(note.identity));
        let made =
            connection.execute_batch(DDL).and_then(|()| connection.execute(MAKE, [identity.as_deref()]));
        made.map_err(|error| failure::report("preparing the database", &error))?;
        let (identity, commits) = look(connection)?.unwrap_or_default();
        let io = |error: std::io::Error| {
            Report::new(&IO_FAILED, format!("writing beside `{}`: {error}", path.display()))
        };
        let kept = before.filter(|note| note.identity == identity).unwrap_or_default();
        let note = Mark { identity, end: commits, ..kept };
        let beside = note_path(path);
        let note = MarkFile::open(&SystemDisk, Places { own: &beside, apart }, note).map_err(io)?;
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
        self.still_there()
    }

    /// That the file that was opened is still in its place.
    ///
    /// # Errors
    /// `Y0207` if it is gone, or another one lies there.
    pub(crate) fn still_there(&self) -> Result<(), Report> {
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
