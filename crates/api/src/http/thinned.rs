//! Keeps one cause from filling the log: a few lines of each in a second, and the number of those that were left out.

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

/// The most lines of one cause in a second.
const MOST: u64 = 10;
const WINDOW: Duration = Duration::from_secs(1);

/// Counts lines by cause.
pub(super) struct Thinned(Mutex<BTreeMap<&'static str, Window>>);

struct Window {
    since: Instant,
    written: u64,
    suppressed: u64,
}

impl Thinned {
    pub(super) const fn new() -> Self {
        Self(Mutex::new(BTreeMap::new()))
    }

    /// Whether a line of this cause is written `now`; then how many were left out since the last one.
    pub(super) fn admits(&self, cause: &'static str, now: Instant) -> Option<u64> {
        let mut windows = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let window = windows.entry(cause).or_insert(Window { since: now, written: 0, suppressed: 0 });
        if now.duration_since(window.since) >= WINDOW {
            (window.since, window.written) = (now, 0);
        }
        if window.written == MOST {
            window.suppressed += 1;
            return None;
        }
        window.written += 1;
        Some(std::mem::take(&mut window.suppressed))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_beyond_a_few_in_a_second_are_counted() {
        let (lines, start) = (Thinned::new(), Instant::now());
        let written = (0..1_000).filter(|_| lines.admits("Y0202", start).is_some()).count();
        assert_eq!(written, 10);
        assert_eq!(lines.admits("Y0203", start), Some(0), "another cause has lines of its own");
        assert_eq!(lines.admits("Y0202", start + WINDOW), Some(990));
    }
}
