//! A source whose reading blocks, run on a blocking thread batch by batch.

use tenon_errors::{Report, catalogue::engine::INTERNAL};
use tenon_ports::Batch;
use tokio::task::JoinHandle;

/// Reads batches; called on a blocking thread.
pub(super) trait Read: Send + 'static {
    /// The next messages, at most `max`.
    fn read(&mut self, max: usize) -> Result<Batch, Report>;
}

/// Moves `R` to a blocking thread for each batch and back. A batch that nobody waits for any more is kept for the next
/// call, so that dropping the future loses nothing.
pub(super) struct Blocking<R> {
    idle: Option<R>,
    busy: Option<JoinHandle<(R, Result<Batch, Report>)>>,
    progress: f64,
}

impl<R: Read> Blocking<R> {
    pub(super) fn new(reader: R) -> Self {
        Self { idle: Some(reader), busy: None, progress: 0.0 }
    }

    pub(super) fn progress(&self) -> f64 {
        self.progress
    }

    pub(super) async fn next(&mut self, max: usize, progress: fn(&R) -> f64) -> Result<Batch, Report> {
        if let Some(mut reader) = self.idle.take() {
            self.busy = Some(tokio::task::spawn_blocking(move || {
                let batch = reader.read(max);
                (reader, batch)
            }));
        }
        let Some(busy) = &mut self.busy else {
            return Err(Report::new(&INTERNAL, "a file is read after its reader has ended"));
        };
        let ended = busy.await;
        self.busy = None;
        let (reader, batch) =
            ended.map_err(|error| Report::new(&INTERNAL, format!("reading a file has ended: {error}")))?;
        self.progress = progress(&reader);
        self.idle = Some(reader);
        batch
    }
}
