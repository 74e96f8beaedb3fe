//! What the benchmarks share: counting what many concurrent workers do in a fixed time.

pub mod peers;

use std::time::{Duration, Instant};

use tokio::task::JoinSet;

/// What `workers` did in a fixed time.
#[derive(Debug, Clone, Copy)]
pub struct Rate {
    /// Acknowledged operations per second.
    pub per_second: f64,
    /// The median wait for one acknowledgement.
    pub p50: Duration,
    /// The 99th percentile of the wait.
    pub p99: Duration,
}

/// One thing that can be done again and again, one at a time.
pub trait Worker: Send + 'static {
    /// Does it once and returns when it is acknowledged.
    fn once(&mut self) -> impl Future<Output = Result<(), String>> + Send;
}

/// Lets every worker repeat its work for `length` and counts.
///
/// # Errors
/// The first error of a worker.
pub async fn measure<W: Worker>(workers: Vec<W>, length: Duration) -> Result<Rate, String> {
    let started = Instant::now();
    let mut tasks = JoinSet::new();
    for mut worker in workers {
        tasks.spawn(async move {
            let mut waits = Vec::new();
            while started.elapsed() < length {
                let before = Instant::now();
                worker.once().await?;
                waits.push(before.elapsed());
            }
            Ok::<_, String>(waits)
        });
    }
    let mut waits = Vec::new();
    while let Some(ended) = tasks.join_next().await {
        waits.extend(ended.map_err(|error| error.to_string())??);
    }
    let seconds = started.elapsed().as_secs_f64();
    waits.sort_unstable();
    let at = |fraction: usize| waits.get(waits.len() * fraction / 100).copied().unwrap_or_default();
    #[expect(clippy::cast_precision_loss, reason = "a rate for people")]
    let per_second = waits.len() as f64 / seconds;
    Ok(Rate { per_second, p50: at(50), p99: at(99) })
}
