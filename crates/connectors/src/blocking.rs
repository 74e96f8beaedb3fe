//! Work that blocks, away from the threads that serve many.

use tenon_errors::{Report, catalogue::engine::INTERNAL};

/// Runs `work` on a thread that may block.
///
/// # Errors
/// `E0001` if it panicked, or the runtime ended before it began.
pub(crate) async fn run<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, Report> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|error| Report::new(&INTERNAL, format!("work on files was interrupted: {error}")))
}
