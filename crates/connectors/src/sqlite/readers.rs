//! Connections that only read: some on threads behind a queue, some for callers to use on their own thread.

use std::{
    path::Path,
    sync::{Arc, Mutex, PoisonError, TryLockError},
    thread,
};

use rusqlite::Connection;
use tenon_errors::{Report, catalogue::engine::IO_FAILED};
use tokio::sync::mpsc;

use super::{
    connection, failure,
    task::{self, Task},
};
use crate::blocking;

/// Threads that read. Two, so that a long list does not keep a flow's lookups waiting.
const THREADS: usize = 2;
/// Connections for callers' threads.
const BYSTANDERS: usize = 2;
/// Callers beyond this many wait before their work is queued.
const QUEUE: usize = 256;

type Queue = Arc<Mutex<mpsc::Receiver<Box<dyn Task>>>>;

/// Threads that read, fed by one queue.
pub(crate) struct Readers {
    queue: mpsc::Sender<Box<dyn Task>>,
    threads: Vec<thread::JoinHandle<Connection>>,
}

/// Hands in work for the threads.
#[derive(Clone)]
pub(crate) struct Reading(mpsc::Sender<Box<dyn Task>>);

impl Readers {
    /// Starts the threads, each with a connection of its own from `connect`.
    pub(crate) fn start(connect: impl Fn() -> Result<Connection, Report>) -> Result<Self, Report> {
        let (queue, tasks) = mpsc::channel(QUEUE);
        let tasks: Queue = Arc::new(Mutex::new(tasks));
        let mut threads = Vec::with_capacity(THREADS);
        for number in 1..=THREADS {
            let connection = connect()?;
            let tasks = Arc::clone(&tasks);
            let thread = thread::Builder::new()
                .name(format!("sqlite-reader-{number}"))
                .spawn(move || {
                    read(&connection, &tasks);
                    connection
                })
                .map_err(|error| Report::new(&IO_FAILED, format!("starting a database thread: {error}")))?;
            threads.push(thread);
        }
        Ok(Self { queue, threads })
    }

    /// A handle for work.
    pub(crate) fn handle(&self) -> Reading {
        Reading(self.queue.clone())
    }

    /// Lets the queued work finish, and waits for that. Blocks.
    pub(crate) fn finish(self) {
        drop(self.queue);
        // One connection is closed after the other: of two that are closed at the same time, none knows that it is the last
        // one, and the files of the log stay.
        for thread in self.threads {
            drop(blocking::join(thread, "a database"));
        }
    }
}

impl Reading {
    /// Runs `work` on one of the threads, in one read transaction.
    pub(crate) async fn run<T: Send + 'static>(
        self,
        work: impl FnOnce(&Connection) -> Result<T, Report> + Send + 'static,
    ) -> Result<T, Report> {
        let (task, answer) = task::task(work);
        self.0.send(task).await.map_err(|_| task::lost())?;
        drop(self);
        answer.await.map_err(|_| task::lost())?
    }
}

fn read(connection: &Connection, tasks: &Queue) {
    loop {
        // One idle thread waits for work, the others wait for its place.
        let next = tasks.lock().unwrap_or_else(PoisonError::into_inner).blocking_recv();
        let Some(mut task) = next else { return };
        if task.is_wanted() {
            let failure = in_transaction(connection, task.as_mut()).err();
            task.answer(failure.as_ref());
        }
    }
}

fn in_transaction(connection: &Connection, task: &mut dyn Task) -> Result<(), Report> {
    execute(connection, "BEGIN")?;
    task.perform(connection);
    if connection.is_autocommit() { Ok(()) } else { execute(connection, "COMMIT") }
}

fn execute(connection: &Connection, sql: &str) -> Result<(), Report> {
    let run = || connection.prepare_cached(sql)?.execute([]);
    run().map(|_| ()).map_err(|error| failure::report("reading from the database", &error))
}

/// Connections for reads on the caller's own thread; none of them ever waits for a lock.
pub(crate) struct Bystanders([Mutex<Option<Connection>>; BYSTANDERS]);

impl Bystanders {
    /// Opens the connections.
    pub(crate) fn open(path: &Path) -> Result<Self, Report> {
        Ok(Self([
            Mutex::new(Some(connection::impatient_reader(path)?)),
            Mutex::new(Some(connection::impatient_reader(path)?)),
        ]))
    }

    /// Runs `work` with a connection that is free now; `None` when there is none.
    pub(crate) fn try_run<T>(&self, work: impl FnOnce(&Connection) -> T) -> Option<T> {
        let free = self.0.iter().find_map(|connection| match connection.try_lock() {
            Ok(connection) => Some(connection),
            // A panic while reading leaves nothing half done in the connection.
            Err(TryLockError::Poisoned(poisoned)) => Some(poisoned.into_inner()),
            Err(TryLockError::WouldBlock) => None,
        })?;
        Some(work(free.as_ref()?))
    }

    /// Closes them. Waits for those that are in use. Blocks.
    pub(crate) fn finish(&self) {
        for connection in &self.0 {
            drop(connection.lock().unwrap_or_else(PoisonError::into_inner).take());
        }
    }
}
