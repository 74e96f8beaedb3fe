//! The rows of a file as a port, read on threads that may block.

use std::{collections::VecDeque, mem};

use tenon_errors::{Report, catalogue::engine::INTERNAL};
use tenon_ports::{Arrival, Batch};
use tokio::task::{JoinHandle, spawn_blocking};

/// The most bytes of a batch, plus one row.
const BATCH: usize = 1 << 20;

/// Reads one row after the other; blocks.
pub(crate) trait Rows: Send + 'static {
    /// The next row, or `None` at the end. After a transient error it can be called again.
    fn next(&mut self) -> Result<Option<Arrival>, Report>;
}

/// Batches of rows.
///
/// A call of [`FileRows::next`] that is dropped leaves its thread at work; what it reads is kept for the next call.
pub(crate) struct FileRows<R> {
    work: Work<R>,
    ready: VecDeque<Arrival>,
    // What ended the last batch early.
    failed: Option<Report>,
    ended: bool,
    read: u64,
    size: u64,
}

enum Work<R> {
    Waiting(Box<R>),
    Reading(JoinHandle<(Box<R>, Rest)>),
    // Only while a value is moved from one state to the other, and after a panic.
    Lost,
}

/// What one turn of reading gave.
struct Rest {
    arrivals: Vec<Arrival>,
    ended: Result<bool, Report>,
}

impl<R: Rows> FileRows<R> {
    /// The rows of a file of `size` bytes.
    pub(crate) fn new(rows: R, size: u64) -> Self {
        let work = Work::Waiting(Box::new(rows));
        Self { work, ready: VecDeque::new(), failed: None, ended: false, read: 0, size }
    }

    /// The next rows, at most `max` and about 1 MiB.
    pub(crate) async fn next(&mut self, max: usize) -> Result<Batch, Report> {
        let max = max.max(1);
        if self.ready.is_empty() && !self.ended {
            if let Some(report) = self.failed.take() {
                return Err(report);
            }
            self.read(max).await?;
        }
        let arrivals: Vec<Arrival> = self.ready.drain(..max.min(self.ready.len())).collect();
        if let Some(last) = arrivals.last() {
            self.read = last.next.offset;
        }
        if arrivals.is_empty()
            && let Some(report) = self.failed.take()
        {
            return Err(report);
        }
        Ok(Batch { arrivals, end: self.ended && self.ready.is_empty() })
    }

    /// How far the file has been read.
    pub(crate) fn progress(&self) -> f64 {
        if self.size == 0 || self.ended && self.ready.is_empty() {
            return 1.0;
        }
        (self.read as f64 / self.size as f64).min(1.0)
    }

    async fn read(&mut self, max: usize) -> Result<(), Report> {
        self.work = match mem::replace(&mut self.work, Work::Lost) {
            Work::Waiting(rows) => Work::Reading(spawn_blocking(move || turn(rows, max))),
            other => other,
        };
        let Work::Reading(reading) = &mut self.work else { return Err(lost()) };
        let finished = reading.await;
        self.work = Work::Lost;
        let (rows, rest) = finished.map_err(|_| lost())?;
        self.work = Work::Waiting(rows);
        self.ready = rest.arrivals.into();
        match rest.ended {
            Ok(ended) => self.ended = ended,
            Err(report) => self.failed = Some(report),
        }
        Ok(())
    }
}

fn turn<R: Rows>(mut rows: Box<R>, max: usize) -> (Box<R>, Rest) {
    let mut arrivals = Vec::with_capacity(max.min(1024));
    let mut bytes = 0;
    let ended = loop {
        if arrivals.len() >= max || bytes >= BATCH {
            break Ok(false);
        }
        match rows.next() {
            Ok(Some(arrival)) => {
                bytes += arrival.bytes.len();
                arrivals.push(arrival);
            }
            Ok(None) => break Ok(true),
            Err(report) => break Err(report),
        }
    };
    (rows, Rest { arrivals, ended })
}

fn lost() -> Report {
    Report::new(&INTERNAL, "the thread that reads a file ended by a panic")
        .hint("report it, with the log around it")
}
