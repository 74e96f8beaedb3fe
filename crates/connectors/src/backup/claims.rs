//! The claims of requests in a copy.
//!
//! What requests bring about is copied after `tenon.db`, and a claim is stored before any of it happens. So the claims are
//! taken last: each effect in the copy has its claim. Those that were complete when `tenon.db` was copied have all their
//! effects in it; all others are open in the copy, so that what is missing is done when it is run. For that, what claims have to
//! do is not forgotten while a copy is made (see the triggers in the schema of the state).

use std::{
    path::{Path, PathBuf},
    sync::{
        Arc, Condvar, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    thread::JoinHandle,
    time::Duration,
};

use rusqlite::{Connection, OptionalExtension};
use tenon_errors::{
    Report,
    catalogue::{engine::BAD_USAGE, system::DATABASE_BUSY},
};

use crate::{
    blocking,
    sqlite::{connection, failure},
    state::claims::BRING,
};

/// For how long nothing is forgotten after it was last said; if this process ends, no longer than that.
const HELD: &str = "30000";
/// How often it is said again.
const EVERY: Duration = Duration::from_secs(5);

const NOW: &str = "CAST(unixepoch('subsec') * 1000 AS INTEGER)";
const HAS_TABLE: &str = "SELECT 1 FROM sqlite_schema WHERE name = 'copying'";

/// While it is there, the state keeps what its claims had to do.
pub(super) struct Hold {
    path: PathBuf,
    stop: Arc<(Mutex<bool>, Condvar)>,
    lapsed: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Hold {
    /// Begins; nothing where the file is of an earlier Tenon, or nobody can write it.
    ///
    /// # Errors
    /// `E0002` if another copy is being made.
    pub(super) fn begin(path: &Path) -> Result<Option<Self>, Report> {
        let failed = |error| failure::report("beginning a copy of `tenon.db`", &error);
        let looking = connection::inspector(path)?;
        if looking.query_row(HAS_TABLE, [], |_| Ok(())).optional().map_err(failed)?.is_none() {
            return Ok(None);
        }
        drop(looking);
        let writable = std::fs::OpenOptions::new().write(true).open(path).is_ok();
        let connection = match connection::writer(path) {
            Ok(connection) => connection,
            Err(_) if !writable => return Ok(None),
            Err(report) => return Err(report),
        };
        let begin = format!(
            "INSERT INTO copying VALUES (1, {NOW} + {HELD})
             ON CONFLICT (one) DO UPDATE SET until = excluded.until WHERE until <= {NOW}"
        );
        if connection.execute(&begin, []).map_err(failed)? == 0 {
            return Err(Report::new(&BAD_USAGE, "another copy of this state is being made")
                .hint("wait until it is done; one that was ended is forgotten after half a minute"));
        }
        connection.execute("DELETE FROM due_done", []).map_err(failed)?;
        let (stop, lapsed) =
            (Arc::new((Mutex::new(false), Condvar::new())), Arc::new(AtomicBool::new(false)));
        let (stopping, lapsing) = (Arc::clone(&stop), Arc::clone(&lapsed));
        let thread = std::thread::Builder::new()
            .name("copying".to_owned())
            .spawn(move || keep(&connection, &stopping, &lapsing))
            .map_err(|error| super::failed("start a thread for", path, &error))?;
        Ok(Some(Self { path: path.to_owned(), stop, lapsed, thread: Some(thread) }))
    }

    /// Brings the claims into the copy at `copy`.
    ///
    /// # Errors
    /// `Y0103` if something was forgotten meanwhile.
    pub(super) fn bring(&self, copy: &Path) -> Result<(), Report> {
        let failed = |error| failure::report("copying claims", &error);
        let connection = Connection::open(copy).map_err(failed)?;
        let live = self.path.to_string_lossy().into_owned();
        let bring = || {
            connection.pragma_update(None, "foreign_keys", true)?;
            connection.busy_timeout(Duration::from_secs(30))?;
            connection.execute("ATTACH ? AS live", [live])?;
            connection.execute_batch(&format!("BEGIN;{BRING}COMMIT;DETACH live;"))
        };
        bring().map_err(failed)?;
        if self.lapsed.load(Relaxed) {
            return Err(Report::new(&DATABASE_BUSY, "`tenon.db` could not be written while it was copied")
                .hint("make the copy again, into another folder"));
        }
        Ok(())
    }
}

impl Drop for Hold {
    fn drop(&mut self) {
        *self.stop.0.lock().unwrap_or_else(PoisonError::into_inner) = true;
        self.stop.1.notify_all();
        if let Some(thread) = self.thread.take() {
            blocking::join(thread, "a copy");
        }
    }
}

/// Says again and again that a copy is being made, until it is done.
fn keep(connection: &Connection, (stop, woken): &(Mutex<bool>, Condvar), lapsed: &AtomicBool) {
    let again = format!("UPDATE copying SET until = {NOW} + {HELD} WHERE until > {NOW}");
    let mut stopped = stop.lock().unwrap_or_else(PoisonError::into_inner);
    while !*stopped {
        if !matches!(connection.execute(&again, []), Ok(1)) {
            // One that is only late finds that it is not over yet.
            let left = format!("SELECT 1 FROM copying WHERE until > {NOW}");
            let holds = connection.query_row(&left, [], |_| Ok(())).optional();
            lapsed.fetch_or(!matches!(holds, Ok(Some(()))), Relaxed);
        }
        stopped = woken.wait_timeout(stopped, EVERY).unwrap_or_else(PoisonError::into_inner).0;
    }
    // If this fails, it is over by itself.
    let _ = connection.execute_batch("DELETE FROM copying; DELETE FROM due_done;");
}
