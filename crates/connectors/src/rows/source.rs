//! The rows of a file as a port, read on threads that may block.

use std::{
    collections::VecDeque,
    mem,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::Duration,
};

use async_trait::async_trait;
use tenon_errors::{Report, catalogue::engine::INTERNAL};
use tenon_ports::{Arrival, Batch, Position, Source};
use tokio::task::{JoinHandle, spawn_blocking};

/// The most bytes of a batch, plus one row.
const BATCH: usize = 1 << 20;

/// How often it is looked whether a last row is whole.
const PAUSE: Duration = Duration::from_millis(100);

/// Reads one row after the other; blocks.
pub(crate) trait Rows: Send + 'static {
    /// The next row, or `None` at the end. After a transient error it can be called again.
    fn next(&mut self) -> Result<Option<Arrival>, Report>;

    /// Whether it has failed only because the last row may not be whole yet: it is called again a little later.
    fn waits(&self) -> bool {
        false
    }
}

/// How much of a file has been read.
pub(crate) struct Progress {
    size: u64,
    /// Bytes of the file that went by, where they are not those of its text.
    consumed: Option<Arc<AtomicU64>>,
    read: u64,
}

impl Progress {
    pub(crate) fn new(size: u64, consumed: Option<Arc<AtomicU64>>) -> Self {
        Self { size, consumed, read: 0 }
    }

    fn fraction(&self) -> f64 {
        let read = self.consumed.as_ref().map_or(self.read, |consumed| consumed.load(Relaxed));
        if self.size == 0 { 1.0 } else { (read as f64 / self.size as f64).min(1.0) }
    }
}

/// Batches of rows.
///
/// While a batch is processed, the next one is read. A call of [`Source::next`] that is dropped leaves its thread at work; what it
/// reads is kept for the next call.
pub(crate) struct FileSource {
    work: Work,
    ready: VecDeque<Arrival>,
    // What ended the last batch early.
    failed: Option<Report>,
    ended: bool,
    progress: Progress,
}

enum Work {
    Waiting(Box<dyn Rows>),
    Reading(JoinHandle<(Box<dyn Rows>, Rest)>),
    // Only while a value is moved from one state to the other, and after a panic.
    Lost,
}

/// What one turn of reading gave.
struct Rest {
    arrivals: Vec<Arrival>,
    ended: Result<bool, Report>,
    /// Whether it is to be tried again a little later.
    waits: bool,
}

#[async_trait]
impl Source for FileSource {
    async fn next(&mut self, max: usize) -> Result<Batch, Report> {
        let max = max.max(1);
        if self.ready.is_empty() && !self.ended {
            if let Some(report) = self.failed.take() {
                return Err(report);
            }
            while self.read(max).await? && self.ready.is_empty() {
                tokio::time::sleep(PAUSE).await;
            }
        }
        let arrivals: Vec<Arrival> = self.ready.drain(..max.min(self.ready.len())).collect();
        if let Some(last) = arrivals.last() {
            self.progress.read = last.next.offset;
        }
        if arrivals.is_empty()
            && let Some(report) = self.failed.take()
        {
            return Err(report);
        }
        if self.ready.is_empty() && !self.ended && self.failed.is_none() {
            self.begin(max);
        }
        Ok(Batch { arrivals, end: self.ended && self.ready.is_empty() })
    }

    async fn commit(&mut self, _: Position) -> Result<(), Report> {
        Ok(())
    }

    fn lag(&self) -> Option<u64> {
        None
    }

    fn progress(&self) -> Option<f64> {
        let is_done = self.ended && self.ready.is_empty();
        Some(if is_done { 1.0 } else { self.progress.fraction() })
    }
}

impl FileSource {
    /// The rows of a file.
    pub(crate) fn new(rows: Box<dyn Rows>, progress: Progress) -> Self {
        Self { work: Work::Waiting(rows), ready: VecDeque::new(), failed: None, ended: false, progress }
    }

    /// Begins to read some rows, unless that has begun.
    fn begin(&mut self, max: usize) {
        self.work = match mem::replace(&mut self.work, Work::Lost) {
            Work::Waiting(rows) => Work::Reading(spawn_blocking(move || turn(rows, max))),
            other => other,
        };
    }

    /// Reads some rows; whether the next one is to be waited for.
    async fn read(&mut self, max: usize) -> Result<bool, Report> {
        self.begin(max);
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
        Ok(rest.waits)
    }
}

fn turn(mut rows: Box<dyn Rows>, max: usize) -> (Box<dyn Rows>, Rest) {
    let mut arrivals = Vec::with_capacity(max.min(1024));
    let (mut bytes, mut waits) = (0, false);
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
            Err(_) if rows.waits() => {
                waits = true;
                break Ok(false);
            }
            Err(report) => break Err(report),
        }
    };
    (rows, Rest { arrivals, ended, waits })
}

fn lost() -> Report {
    Report::new(&INTERNAL, "the thread that reads a file ended in a panic")
        .hint("report it, with the log around it")
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use tenon_model::Value;
    use tokio::{
        sync::mpsc::{UnboundedSender, unbounded_channel},
        time::timeout,
    };

    use super::*;
    use crate::rows::arrival::File;

    /// Rows without end, which tell when they are asked for one.
    struct Told(UnboundedSender<()>);

    impl Rows for Told {
        fn next(&mut self) -> Result<Option<Arrival>, Report> {
            self.0.send(()).unwrap();
            let at = Position::default();
            Ok(Some(File::new("rows".into(), None).arrival(at, at, Bytes::new(), Ok(Value::Null))))
        }
    }

    #[tokio::test]
    async fn a_batch_is_read_while_the_one_before_is_processed() {
        let (told, mut asked) = unbounded_channel();
        let mut source = FileSource::new(Box::new(Told(told)), Progress::new(0, None));
        for rows in [4, 2] {
            assert_eq!(source.next(2).await.unwrap().arrivals.len(), 2);
            for _ in 0..rows {
                let next = timeout(Duration::from_secs(60), asked.recv());
                assert!(next.await.is_ok(), "nothing is read before it is asked for");
            }
        }
    }
}
