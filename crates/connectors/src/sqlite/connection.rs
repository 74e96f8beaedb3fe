//! Opening connections with the settings that Tenon's promises rest on.

use std::{fs, path::Path, time::Duration};

use rusqlite::{Connection, OpenFlags, config::DbConfig};
use tenon_errors::{Report, catalogue::engine::IO_FAILED};

use super::{failure, order};

/// How long a statement waits for a lock that another process holds, before it is reported as busy.
const LOCK_WAIT: Duration = Duration::from_secs(5);
/// Prepared statements kept per connection. A plan has a handful for each of its tables and each form of query.
const STATEMENTS: usize = 256;
/// Pages that a reading connection keeps, in KiB (SQLite takes it as a negative number). Enough for the reference
/// tables that flows look rows up in; SQLite's own 2 MiB are not.
const READER_CACHE: i64 = -8 << 10;
/// Pages that the writing connection keeps, in KiB. Rows come in no order of their key, so each touches another leaf of
/// the table and of its indexes: with the usual 2 MiB a leaf is read and written again for every row that falls on it.
const WRITER_CACHE: i64 = -16 << 10;
/// Pages in the log before it is copied into the database, 32 MiB of them: a page that is written often meanwhile is
/// copied once.
const CHECKPOINT_PAGES: i64 = 8 << 10;
/// What the write-ahead log is cut back to after a checkpoint.
const LOG_BYTES: i64 = 64 << 20;

/// The one connection that writes. Creates the file and its folder where they are missing.
///
/// WAL lets readers go on while it writes; `synchronous = FULL` syncs the log at every commit, so that what was
/// committed survives the loss of power.
pub(crate) fn writer(path: &Path) -> Result<Connection, Report> {
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        fs::create_dir_all(folder).map_err(|error| {
            Report::new(&IO_FAILED, format!("creating the folder `{}`: {error}", folder.display()))
                .hint("make the folder writable for this user")
        })?;
    }
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE;
    open(path, flags, LOCK_WAIT, |connection| {
        connection.pragma_update_and_check(None, "journal_mode", "WAL", |_| Ok(()))?;
        connection.pragma_update(None, "synchronous", "FULL")?;
        connection.pragma_update(None, "cache_size", WRITER_CACHE)?;
        connection.pragma_update_and_check(None, "wal_autocheckpoint", CHECKPOINT_PAGES, |_| Ok(()))?;
        connection.pragma_update_and_check(None, "journal_size_limit", LOG_BYTES, |_| Ok(()))?;
        connection.pragma_update(None, "foreign_keys", true)
    })
}

/// A connection that can only read and waits for locks.
pub(crate) fn reader(path: &Path) -> Result<Connection, Report> {
    open_reader(path, LOCK_WAIT)
}

/// A connection that can only read and never waits, for use on threads that must not be held up.
pub(crate) fn impatient_reader(path: &Path) -> Result<Connection, Report> {
    open_reader(path, Duration::ZERO)
}

/// A connection that looks at a file which may not be in use. It is opened for writing, and then forbidden to write:
/// the last connection to close tidies up the files of the log, which one opened for reading would leave behind. Where the
/// file cannot be written, it is read as it is.
pub(crate) fn inspector(path: &Path) -> Result<Connection, Report> {
    let look = |connection: &Connection| {
        connection.pragma_update(None, "query_only", true)?;
        connection.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(()))
    };
    match open(path, OpenFlags::SQLITE_OPEN_READ_WRITE, LOCK_WAIT, look) {
        Err(report) if has_no_log(path) && !is_writable(path) => {
            immutable(path).and_then(|connection| look(&connection).map(|()| connection)).map_err(|_| report)
        }
        opened => opened,
    }
}

/// A connection to a file that nobody can change, which needs no other files beside it.
fn immutable(path: &Path) -> rusqlite::Result<Connection> {
    let text = path.to_string_lossy().replace('%', "%25").replace('?', "%3f").replace('#', "%23");
    let flags =
        OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(format!("file:{text}?immutable=1"), flags)?;
    keep_statements(&connection)?;
    Ok(connection)
}

/// Keeps prepared statements. SQLite may look at the values that are bound to one while planning it, and plans it anew for
/// each other value then, which costs more than most statements do; so it may not.
fn keep_statements(connection: &Connection) -> rusqlite::Result<()> {
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true).map(|_| ())
}

/// Whether nothing was committed that is not in the file itself.
fn has_no_log(path: &Path) -> bool {
    let mut log = path.as_os_str().to_owned();
    log.push("-wal");
    fs::metadata(log).map_or(true, |metadata| metadata.len() == 0)
}

fn is_writable(path: &Path) -> bool {
    let folder = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    fs::OpenOptions::new().write(true).open(path).is_ok() && tempfile_can_be_made(folder)
}

fn tempfile_can_be_made(folder: &Path) -> bool {
    let probe = folder.join(format!(".probe-{}", std::process::id()));
    let made = fs::OpenOptions::new().write(true).create_new(true).open(&probe).is_ok();
    made && fs::remove_file(probe).is_ok()
}

/// A database that lives as long as this connection.
pub(crate) fn memory() -> Result<Connection, Report> {
    let connection = Connection::open_in_memory()
        .map_err(|error| failure::report("opening a database in memory", &error))?;
    let prepared = keep_statements(&connection).and_then(|()| order::register(&connection));
    prepared.map_err(|error| failure::report("opening a database in memory", &error))?;
    Ok(connection)
}

fn open_reader(path: &Path, wait: Duration) -> Result<Connection, Report> {
    open(path, OpenFlags::SQLITE_OPEN_READ_ONLY, wait, |connection| {
        connection.pragma_update(None, "cache_size", READER_CACHE)
    })
}

fn open(
    path: &Path,
    access: OpenFlags,
    wait: Duration,
    configure: impl FnOnce(&Connection) -> rusqlite::Result<()>,
) -> Result<Connection, Report> {
    // A connection is only ever used by one thread at a time, so SQLite's own mutex is left out.
    let opened = Connection::open_with_flags(path, access | OpenFlags::SQLITE_OPEN_NO_MUTEX);
    let configured = opened.and_then(|connection| {
        connection.busy_timeout(wait)?;
        order::register(&connection)?;
        keep_statements(&connection)?;
        configure(&connection)?;
        Ok(connection)
    });
    configured.map_err(|error| failure::report(&format!("opening the database `{}`", path.display()), &error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_cannot_be_written_is_read_without_others_beside_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a ?#%.db");
        let connection = writer(&path).unwrap();
        connection.execute_batch("CREATE TABLE t (n INTEGER); INSERT INTO t VALUES (7)").unwrap();
        drop(connection);
        assert!(has_no_log(&path));
        let connection = immutable(&path).unwrap();
        assert_eq!(connection.query_row("SELECT n FROM t", [], |row| row.get::<_, i64>(0)).unwrap(), 7);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}
