//! The one thread that writes. Work that waits together shares one commit, and so one sync of the disk.

use std::{
    thread,
    time::{Duration, Instant},
};

use rusqlite::Connection;
use tenon_errors::{
    Report,
    catalogue::{engine::IO_FAILED, system::DATABASE_BUSY},
};
use tokio::sync::mpsc;

use super::{
    failure,
    ledger::Ledger,
    task::{self, Task},
};
use crate::blocking;

/// Callers beyond this many wait before their work is queued.
const QUEUE: usize = 64;
/// At most this much work shares a commit.
const GROUP: usize = 64;
/// How long work that need not be on the disk waits for work that has to be, and whose commit it shares then.
const LINGER: Duration = Duration::from_millis(5);

const WRITING: &str = "writing to the database";

/// When work counts as done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Durability {
    /// When it is on the disk.
    Synced,
    /// When the system has it: it is on the disk with the next work that is synced.
    Lazy,
}

type Queued = (Box<dyn Task>, Durability);

/// The writing thread.
pub(crate) struct Writer {
    queue: mpsc::Sender<Queued>,
    thread: thread::JoinHandle<()>,
}

/// Hands in work for the thread.
pub(crate) struct Writing {
    queue: mpsc::Sender<Queued>,
    thread: thread::Thread,
}

impl Writer {
    /// Starts the thread on its connection.
    pub(crate) fn start(connection: Connection, ledger: Option<Ledger>) -> Result<Self, Report> {
        let (queue, tasks) = mpsc::channel(QUEUE);
        let thread = thread::Builder::new()
            .name("sqlite-writer".into())
            .spawn(move || write(&connection, ledger.as_ref(), tasks))
            .map_err(|error| Report::new(&IO_FAILED, format!("starting a database thread: {error}")))?;
        Ok(Self { queue, thread })
    }

    /// A handle for work.
    pub(crate) fn handle(&self) -> Writing {
        Writing { queue: self.queue.clone(), thread: self.thread.thread().clone() }
    }

    /// Lets the queued work finish, and waits for that. Blocks.
    pub(crate) fn finish(self) {
        drop(self.queue);
        blocking::join(self.thread, "a database");
    }
}

impl Writing {
    /// Runs `work` and returns after the commit that includes it.
    pub(crate) async fn run<T: Send + 'static>(
        self,
        work: impl FnOnce(&Connection) -> Result<T, Report> + Send + 'static,
        durability: Durability,
    ) -> Result<T, Report> {
        let (task, answer) = task::task(work);
        let Self { queue, thread } = self;
        queue.send((task, durability)).await.map_err(|_| task::lost())?;
        if durability == Durability::Synced {
            thread.unpark();
        }
        // The thread ends when nobody holds the queue any more, and what is handed in is done.
        drop(queue);
        answer.await.map_err(|_| task::lost())?
    }
}

fn write(connection: &Connection, ledger: Option<&Ledger>, mut tasks: mpsc::Receiver<Queued>) {
    let mut group = Vec::with_capacity(GROUP);
    let mut syncs = true;
    while let Some(first) = tasks.blocking_recv() {
        let durability = gather(first, &mut tasks, &mut group);
        let done = switch(connection, &mut syncs, durability == Durability::Synced)
            .and_then(|()| commit_together(connection, (ledger, durability), &mut group));
        let failure = done.err();
        for task in group.drain(..) {
            task.answer(failure.as_ref());
        }
    }
    if let Some(ledger) = ledger {
        ledger.close();
    }
}

/// Collects `first` and what waits with it into `group`; returns how durable all of it is to be. Where nothing has to be on
/// the disk, something that has to be is waited for a little.
fn gather(
    (first, mut durability): Queued,
    tasks: &mut mpsc::Receiver<Queued>,
    group: &mut Vec<Box<dyn Task>>,
) -> Durability {
    group.push(first);
    let end = Instant::now() + LINGER;
    loop {
        while group.len() < GROUP
            && let Ok((next, wanted)) = tasks.try_recv()
        {
            group.push(next);
            if wanted == Durability::Synced {
                durability = wanted;
            }
        }
        let left = end.saturating_duration_since(Instant::now());
        if durability == Durability::Synced || group.len() == GROUP || left.is_zero() || tasks.is_closed() {
            return durability;
        }
        // Work that is to be synced ends this; see `Writing::run`.
        thread::park_timeout(left);
    }
}

/// Lets commits sync from now on, or not: a sync makes durable what was committed without one before it.
fn switch(connection: &Connection, syncs: &mut bool, sync: bool) -> Result<(), Report> {
    if *syncs != sync {
        execute(connection, if sync { "PRAGMA synchronous = FULL" } else { "PRAGMA synchronous = NORMAL" })?;
        *syncs = sync;
    }
    Ok(())
}

/// One transaction for the whole group, a savepoint for each of its tasks. The error is that of the whole group.
fn commit_together(
    connection: &Connection,
    (ledger, durability): (Option<&Ledger>, Durability),
    group: &mut [Box<dyn Task>],
) -> Result<(), Report> {
    execute(connection, "BEGIN IMMEDIATE")?;
    let done = perform(connection, group).and_then(|()| {
        let count = || Ledger::count(connection).map_err(|error| failure::report(WRITING, &error));
        let commits = ledger.map(|_| count()).transpose()?;
        execute(connection, "COMMIT")?;
        match (ledger, commits) {
            (Some(ledger), Some(commits)) => {
                ledger.committed((durability == Durability::Synced).then_some(commits))
            }
            _ => Ok(()),
        }
    });
    if !connection.is_autocommit() {
        // After a failed commit the transaction may still be open; rolling back cannot fail in a way that matters.
        let _ = execute(connection, "ROLLBACK");
    }
    done
}

fn perform(connection: &Connection, group: &mut [Box<dyn Task>]) -> Result<(), Report> {
    for task in group {
        execute(connection, "SAVEPOINT task")?;
        let succeeded = task.perform(connection);
        if connection.is_autocommit() {
            // SQLite itself rolls back everything on a full disk and the like, which takes the other tasks along.
            let message = "the transaction was rolled back by a failure of work that shared its commit";
            return Err(Report::new(&DATABASE_BUSY, message));
        }
        if !succeeded {
            execute(connection, "ROLLBACK TO task")?;
        }
        execute(connection, "RELEASE task")?;
    }
    Ok(())
}

fn execute(connection: &Connection, sql: &str) -> Result<(), Report> {
    let run = || connection.prepare_cached(sql)?.execute([]);
    run().map(|_| ()).map_err(|error| failure::report(WRITING, &error))
}

#[cfg(test)]
mod tests {
    use tokio::sync::oneshot;

    use super::{
        Durability::{Lazy, Synced},
        *,
    };

    type Answer = oneshot::Receiver<Result<(), Report>>;

    fn statement(sql: &'static str) -> (Box<dyn Task>, Answer) {
        task::task(move |connection| {
            connection.execute_batch(sql).map_err(|error| failure::report("testing", &error))
        })
    }

    fn numbers() -> Connection {
        let connection = Connection::open_in_memory().unwrap();
        connection.execute_batch("CREATE TABLE numbers (n INTEGER NOT NULL UNIQUE) STRICT").unwrap();
        connection
    }

    fn count(connection: &Connection) -> i64 {
        connection.query_row("SELECT count(*) FROM numbers", [], |row| row.get(0)).unwrap()
    }

    /// Runs the statements as one group; returns the code of each failure.
    fn run(connection: &Connection, statements: &[&'static str]) -> Vec<Option<&'static str>> {
        let (mut group, answers): (Vec<_>, Vec<_>) = statements.iter().map(|sql| statement(sql)).unzip();
        let failure = commit_together(connection, (None, Synced), &mut group).err();
        group.into_iter().for_each(|task| task.answer(failure.as_ref()));
        let code = |mut answer: Answer| answer.try_recv().unwrap().err().map(|report| report.code().id);
        answers.into_iter().map(code).collect()
    }

    #[test]
    fn work_that_fails_is_undone_and_leaves_the_rest_of_its_group_alone() {
        let connection = numbers();
        let codes = run(
            &connection,
            &[
                "INSERT INTO numbers VALUES (1)",
                "INSERT INTO numbers VALUES (2); INSERT INTO numbers VALUES (1)",
                "INSERT INTO numbers VALUES (2)",
            ],
        );
        assert_eq!(codes, [None, Some("Y0104"), None]);
        assert_eq!(count(&connection), 2);
        assert!(connection.is_autocommit());
    }

    #[tokio::test]
    async fn work_that_waits_together_shares_one_commit() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("numbers.db");
        let connection = super::super::connection::writer(&file).unwrap();
        connection.execute_batch("CREATE TABLE numbers (n INTEGER)").unwrap();
        let writer = Writer::start(connection, None).unwrap();
        let (open_gate, gate) = std::sync::mpsc::channel();
        let held_up = writer.handle().run(move |_| Ok(gate.recv().unwrap()), Synced);
        // Each inserts a row, and says how many of the rows others can see: none, before the commit that all share.
        let insert = |durability| {
            let file = file.clone();
            let work = move |connection: &Connection| {
                connection.execute_batch("INSERT INTO numbers VALUES (1)").unwrap();
                Ok(count(&Connection::open(file).unwrap()))
            };
            writer.handle().run(work, durability)
        };
        // They are polled in this order, so the gate opens when all are queued.
        let inserts = async {
            tokio::join!(insert(Lazy), insert(Synced), insert(Lazy), async { open_gate.send(true).unwrap() })
        };
        let (_, (first, second, third, ())) = tokio::join!(held_up, inserts);
        assert_eq!([first, second, third].map(Result::unwrap), [0, 0, 0]);
        assert_eq!(count(&Connection::open(&file).unwrap()), 3);
    }

    #[tokio::test]
    async fn a_panic_ends_its_own_work_only() {
        let writer = Writer::start(numbers(), None).unwrap();
        let work = |connection: &Connection| {
            connection.execute_batch("INSERT INTO numbers VALUES (1)").unwrap();
            if connection.is_autocommit() { Ok(()) } else { panic!("as the test wants it") }
        };
        assert_eq!(writer.handle().run(work, Synced).await.unwrap_err().code().id, "E0001");
        let held = writer.handle().run(|connection| Ok(count(connection)), Lazy);
        assert_eq!(held.await.unwrap(), 0);
    }

    #[test]
    fn a_full_disk_is_transient_for_everything_that_it_undid() {
        let connection = numbers();
        connection.pragma_update_and_check(None, "max_page_count", 8, |_| Ok(())).unwrap();
        let filling = "WITH RECURSIVE n(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n LIMIT 100000) \
                       INSERT INTO numbers SELECT n FROM n";
        let codes = run(
            &connection,
            &["INSERT INTO numbers VALUES (-1)", filling, "INSERT INTO numbers VALUES (-2)"],
        );
        assert_eq!(codes[1], Some("Y0103"));
        for code in [codes[0], codes[2]] {
            assert!(code.is_none_or(|code| code == "Y0103"), "{codes:?}");
        }
        assert_eq!(count(&connection), codes.iter().filter(|code| code.is_none()).count() as i64);
        assert_eq!(run(&connection, &["INSERT INTO numbers VALUES (3)"]), [None]);
    }

    #[test]
    fn a_lock_held_by_another_process_is_transient() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("locked.db");
        let other = Connection::open(&file).unwrap();
        other.execute_batch("CREATE TABLE numbers (n INTEGER); BEGIN IMMEDIATE").unwrap();
        let connection = Connection::open(&file).unwrap();
        connection.busy_timeout(Duration::ZERO).unwrap();
        assert_eq!(run(&connection, &["INSERT INTO numbers VALUES (1)"]), [Some("Y0103")]);
        other.execute_batch("COMMIT").unwrap();
        assert_eq!(run(&connection, &["INSERT INTO numbers VALUES (1)"]), [None]);
    }
}
