//! One SQLite file: a thread that writes, threads that read, and connections for reads on the caller's thread.
//!
//! SQLite's calls block, so they run on threads of their own, which bounded queues lead to. The exception is a read
//! of one row: handing it to a thread and back costs as much as the read itself (see [`Store::read_here`]).

use std::path::Path;

use rusqlite::Connection;
use tenon_errors::{Report, catalogue::system::DATABASE_FAILED};

use super::{
    connection,
    ledger::{self, Ledger, Missing},
    readers::{Bystanders, Readers},
    writer::{Durability, Writer},
};

/// The threads and connections of one file.
pub(crate) struct Store {
    // The readers end before the writer does, which leaves the last connection to the one that can tidy up the log.
    reading: Option<(Option<Bystanders>, Readers)>,
    writer: Option<Writer>,
    ledger: Option<Ledger>,
}

impl Store {
    /// Opens the file, creating it where it is missing. It is called `name` in reports. `setup` runs on the writing
    /// connection before anything else.
    pub(crate) fn open(
        path: &Path,
        name: &str,
        missing: Missing,
        setup: impl FnOnce(&Connection) -> Result<(), Report>,
    ) -> Result<Self, Report> {
        ledger::is_there(path, name, missing)?;
        let connection = connection::writer(path)?;
        let ledger = Ledger::open(&connection, path, name, missing)?;
        setup(&connection)?;
        Ok(Self {
            reading: Some((Some(Bystanders::open(path)?), Readers::start(|| connection::reader(path))?)),
            writer: Some(Writer::start(connection, Some(ledger.clone()))?),
            ledger: Some(ledger),
        })
    }

    /// What the file says of itself, if it was opened for writing.
    pub(crate) fn ledger(&self) -> Option<&Ledger> {
        self.ledger.as_ref()
    }

    /// Opens a file that is there to look at it, also while another process writes it. Nothing is changed.
    pub(crate) fn observe(path: &Path) -> Result<Self, Report> {
        let readers = Readers::start(|| connection::inspector(path))?;
        Ok(Self { reading: Some((None, readers)), writer: None, ledger: None })
    }

    /// A database in memory, gone when the store is. It has one connection only, so reads wait for writes.
    pub(crate) fn in_memory(setup: impl FnOnce(&Connection) -> Result<(), Report>) -> Result<Self, Report> {
        let connection = connection::memory()?;
        setup(&connection)?;
        Ok(Self { reading: None, writer: Some(Writer::start(connection, None)?), ledger: None })
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
        match &self.reading {
            Some((_, readers)) => readers.run(work).await,
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
        let (bystanders, _) = self.reading.as_ref()?;
        let result = bystanders.as_ref()?.try_run(work)?;
        match result {
            Err(report) if report.is_transient() => None,
            result => Some(result),
        }
    }
    fn writer(&self) -> Result<&Writer, Report> {
        self.writer.as_ref().ok_or_else(|| {
            Report::new(&DATABASE_FAILED, "the database was opened for looking at it, and is not written")
        })
    }
}
