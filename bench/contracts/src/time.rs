//! Measuring.

use std::{fmt::Display, time::Instant};

/// Does `work` on each of `items` and prints `what` and the nanoseconds that one takes, in the best of many runs, so that the
/// machine's other work does not count.
///
/// # Errors
/// The first error of the work.
#[allow(clippy::cast_precision_loss, clippy::print_stdout, reason = "a number for a table, read by a script")]
pub(crate) fn best<T, E: Display>(
    what: &str,
    items: &[T],
    mut work: impl FnMut(&T) -> Result<(), E>,
) -> Result<(), String> {
    // Short runs, of which one falls between what else the machine does.
    let items = &items[..items.len().min(1_500)];
    let mut best = f64::INFINITY;
    for _ in 0..60 {
        let started = Instant::now();
        for item in items {
            work(item).map_err(|error| format!("{what}: {error}"))?;
        }
        best = best.min(started.elapsed().as_secs_f64());
    }
    println!("{what}\t{:.1}", best * 1e9 / items.len() as f64);
    Ok(())
}
