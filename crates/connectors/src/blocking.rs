//! Work that blocks, away from the threads that serve many.

use std::thread;

use tenon_errors::{Report, catalogue::engine::INTERNAL};
use tokio::runtime::Handle;

/// Runs `work` on a thread that may block.
///
/// # Errors
/// `E0001` if it panicked, or the runtime ended before it began.
pub(crate) async fn run<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, Report> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|error| Report::new(&INTERNAL, format!("work on files was interrupted: {error}")))
}

/// Waits for the end of the thread of `what`; what it came to, unless it panicked, which is logged. Blocks.
pub(crate) fn join<T>(thread: thread::JoinHandle<T>, what: &str) -> Option<T> {
    let ended = thread.join();
    if ended.is_err() {
        tracing::error!("the thread of {what} ended in a panic");
    }
    ended.ok()
}

/// Runs `work`, which may block, at once; on a thread of its own where this one serves a runtime. That is not one of the
/// runtime's: it may be ending.
pub(crate) fn apart(work: impl FnOnce() + Send + 'static) {
    if Handle::try_current().is_err() {
        return work();
    }
    if let Err(error) = thread::Builder::new().name("closing".to_owned()).spawn(work) {
        // What is to end does so by itself.
        tracing::warn!(%error, "nobody waits for the end of threads that are closed");
    }
}
