//! One SQLite file: a thread that writes, threads that read, and connections for reads on the caller's thread.
//!
//! SQLite's calls block, so they run on threads of their own, which bounded queues lead to. The exception is a read
//! of one row: handing it to a thread and back costs as much as the read itself (see [`Store::read_here`]).

use std::{
    path::Path,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use rusqlite::Connection;
use tenon_errors::{Report, catalogue::system::DATABASE_FAILED};

use super::{
    connection,
    ledger::{self, Ledger, Notes, Place},
    readers::{Bystanders, Readers},
    task,
    writer::{Durability, Writer, Writing},
};
use crate::blocking;

/// The threads and connections of one file.
pub(crate) struct Store {
    bystanders: Option<Arc<Bystanders>>,
    // `None` once it is closed.
    threads: Mutex<Option<Threads>>,
    ledger: Option<Ledger>,
}

struct Threads {
    reading: Option<Readers>,
    writer: Option<Writer>,
}

impl Store {
    /// Opens the file, creating it where it is missing. `setup` runs on the writing connection before anything else.
    pub(crate) fn open(
        place: Place<'_>,
        setup: impl FnOnce(&Connection) -> Result<(), Report>,
    ) -> Result<Self, Report> {
        let Place { path, name, missing, apart } = place;
        let notes = Notes::read(path, apart)?;
        let was_there = ledger::is_there(path, name, missing, notes)?;
        let connection = connection::writer(path)?;
        let ledger = Ledger::open(&connection, place, (notes, was_there))?;
        setup(&connection)?;
        let bystanders = Bystanders::open(path)?;
        let reading = Readers::start(|| connection::reader(path))?;
        let writer = Writer::start(connection, Some(ledger.clone()))?;
        Ok(Self::of(Some(bystanders), Some(reading), Some(writer), Some(ledger)))
    }

    /// What the file says of itself, if it was opened for writing.
    pub(crate) fn ledger(&self) -> Option<&Ledger> {
        self.ledger.as_ref()
    }

    /// Opens a file that is there to look at it, also while another process writes it. Nothing is changed.
    ///
    /// # Errors
    /// `Y0205` if the file is cut off: SQLite would show it with fewer rows.
    pub(crate) fn observe(path: &Path) -> Result<Self, Report> {
        ledger::is_whole(path)?;
        let readers = Readers::start(|| connection::inspector(path))?;
        Ok(Self::of(None, Some(readers), None, None))
    }

    /// A database in memory, gone when the store is. It has one connection only, so reads wait for writes.
    pub(crate) fn in_memory(setup: impl FnOnce(&Connection) -> Result<(), Report>) -> Result<Self, Report> {
        let connection = connection::memory()?;
        setup(&connection)?;
        Ok(Self::of(None, None, Some(Writer::start(connection, None)?), None))
    }

    fn of(
        bystanders: Option<Bystanders>,
        reading: Option<Readers>,
        writer: Option<Writer>,
        ledger: Option<Ledger>,
    ) -> Self {
        let threads = Mutex::new(Some(Threads { reading, writer }));
        Self { bystanders: bystanders.map(Arc::new), threads, ledger }
    }

    /// Finishes the work that is queued, and closes the file. Nothing can be asked of it after that.
    pub(crate) async fn close(&self) {
        if let Some(finish) = self.finish()
            && let Err(report) = blocking::run(finish).await
        {
            tracing::error!(%report, "the threads of a database were not waited for");
        }
    }

    /// What closes it, unless that has begun.
    fn finish(&self) -> Option<impl FnOnce() + Send + use<>> {
        let Threads { reading, writer } = self.threads().take()?;
        let bystanders = self.bystanders.clone();
        Some(move || {
            // The readers end before the writer does, which leaves the last connection to the one that can tidy up the log.
            if let Some(bystanders) = bystanders {
                bystanders.finish();
            }
            if let Some(reading) = reading {
                reading.finish();
            }
            if let Some(writer) = writer {
                writer.finish();
            }
        })
    }

    fn threads(&self) -> MutexGuard<'_, Option<Threads>> {
        self.threads.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Runs `work` in a transaction of its own as far as it can tell; returns when its effect is durable. If `work`
    /// fails, its changes are undone. Dropping the future does not cancel work that was queued.
    pub(crate) async fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, Report> + Send + 'static,
    ) -> Result<T, Report> {
        self.writer()?.run(work, Durability::Synced).await
    }

    /// As [`Store::write`], but the effect survives only the end of the process until something else is written, and not
    /// the loss of power: for what can be found out again.
    pub(crate) async fn write_lazily<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, Report> + Send + 'static,
    ) -> Result<T, Report> {
        self.writer()?.run(work, Durability::Lazy).await
    }

    /// Runs `work`, which only reads, on a thread, in one read transaction. Dropping the future cancels work that has
    /// not begun.
    pub(crate) async fn read<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, Report> + Send + 'static,
    ) -> Result<T, Report> {
        let reading = {
            let threads = self.threads();
            threads.as_ref().ok_or_else(task::lost)?.reading.as_ref().map(Readers::handle)
        };
        match reading {
            Some(reading) => reading.run(work).await,
            None => self.writer()?.run(work, Durability::Synced).await,
        }
    }

    /// Runs `work`, which is one statement that reads one row by key, on the caller's thread; `None` when no connection
    /// is free or the file is locked, and [`Store::read`] has to be used.
    ///
    /// The trade-off: a row that is not in any cache holds up the caller's thread (and so the other tasks of an async
    /// worker) for one read of the disk. In return the usual row, in the page cache, costs about half of what it costs
    /// with two thread switches, and two busy cores answer 1.6 times as many (`examples/sqlite_latency.rs`). More keys
    /// than one are no faster this way, because each statement outside of a transaction locks the file anew.
    pub(crate) fn read_here<T>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, Report>,
    ) -> Option<Result<T, Report>> {
        let result = self.bystanders.as_ref()?.try_run(work)?;
        match result {
            Err(report) if report.is_transient() => None,
            result => Some(result),
        }
    }

    fn writer(&self) -> Result<Writing, Report> {
        let threads = self.threads();
        let writer = threads.as_ref().ok_or_else(task::lost)?.writer.as_ref().map(Writer::handle);
        writer.ok_or_else(|| {
            Report::new(&DATABASE_FAILED, "the database was opened to look at it, and is not written")
        })
    }
}

impl Drop for Store {
    fn drop(&mut self) {
        if let Some(finish) = self.finish() {
            blocking::apart(finish);
        }
    }
}
