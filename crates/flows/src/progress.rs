//! How far a flow is: numbers that cost almost nothing to keep and to look at.

use std::{
    collections::BTreeMap,
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::{Duration, Instant},
};

use tenon_errors::{Code, Report};
use tenon_model::Str;

/// What a flow is doing.
#[derive(Debug, Clone, PartialEq)]
pub enum FlowState {
    /// Not started: flows before it are not drained yet.
    Waiting,
    /// Taking messages.
    Running,
    /// Not going on until a problem goes away that would hit every message; it tries again by itself.
    Stalled(Report),
    /// Its source is finite, and everything in it is done.
    Drained,
    /// Ended by a problem that does not go away.
    Failed(Report),
}

/// The two halves of a runner, each of which can stall on its own.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Half {
    Reading,
    Settling,
}

/// The numbers of one flow since it was started, shared between the runner and whoever shows them.
#[derive(Debug)]
pub struct Progress {
    read: AtomicU64,
    skipped: AtomicU64,
    published: AtomicU64,
    written: AtomicU64,
    filtered: AtomicU64,
    retried: AtomicU64,
    /// `u64::MAX` where unknown.
    committed: AtomicU64,
    /// The bits of an `f64`, NaN where there is no end to measure against.
    fraction: AtomicU64,
    dead: Mutex<BTreeMap<&'static str, u64>>,
    life: Mutex<Life>,
}

#[derive(Debug, Default)]
struct Life {
    started: Option<Instant>,
    ended: Option<(Instant, FlowState)>,
    stalled: [Option<Report>; 2],
}

/// What a settled batch adds to the numbers.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    pub(crate) published: u64,
    pub(crate) written: u64,
    pub(crate) filtered: u64,
    pub(crate) done: u64,
    pub(crate) dead: Vec<&'static Code>,
}

impl Progress {
    pub(crate) fn new() -> Self {
        Self {
            read: AtomicU64::new(0),
            skipped: AtomicU64::new(0),
            published: AtomicU64::new(0),
            written: AtomicU64::new(0),
            filtered: AtomicU64::new(0),
            retried: AtomicU64::new(0),
            committed: AtomicU64::new(u64::MAX),
            fraction: AtomicU64::new(f64::NAN.to_bits()),
            dead: Mutex::default(),
            life: Mutex::default(),
        }
    }

    /// What the flow is doing now.
    #[must_use]
    pub fn state(&self) -> FlowState {
        let life = self.life();
        if let Some((_, state)) = &life.ended {
            return state.clone();
        }
        match (life.started, life.stalled.iter().flatten().next()) {
            (None, _) => FlowState::Waiting,
            (Some(_), Some(report)) => FlowState::Stalled(report.clone()),
            (Some(_), None) => FlowState::Running,
        }
    }

    /// Messages taken from the source.
    #[must_use]
    pub fn read(&self) -> u64 {
        self.read.load(Relaxed)
    }

    /// Messages that were removed from the source before the flow came to them: they are lost to it.
    #[must_use]
    pub fn skipped(&self) -> u64 {
        self.skipped.load(Relaxed)
    }

    /// Records published and durable.
    #[must_use]
    pub fn published(&self) -> u64 {
        self.published.load(Relaxed)
    }

    /// Rows upserted or merged, and durable.
    #[must_use]
    pub fn written(&self) -> u64 {
        self.written.load(Relaxed)
    }

    /// Messages that a filter kept back.
    #[must_use]
    pub fn filtered(&self) -> u64 {
        self.filtered.load(Relaxed)
    }

    /// How often a message was set aside to be tried again.
    #[must_use]
    pub fn retried(&self) -> u64 {
        self.retried.load(Relaxed)
    }

    /// Dead letters of this run, by code.
    #[must_use]
    pub fn dead(&self) -> Vec<(Str, u64)> {
        lock(&self.dead).iter().map(|(code, count)| (Str::new_static(code), *count)).collect()
    }

    /// The offset in the source before which everything is done and acknowledged: bytes of a file, records of a topic.
    /// Equal to the end of a topic when everything in it has been consumed.
    #[must_use]
    pub fn committed(&self) -> u64 {
        self.settled().unwrap_or_default()
    }

    /// The same; nothing before the flow has found where it goes on.
    #[must_use]
    pub fn settled(&self) -> Option<u64> {
        Some(self.committed.load(Relaxed)).filter(|offset| *offset != u64::MAX)
    }

    /// How much of a finite source has been read, from 0.0 to 1.0.
    #[must_use]
    pub fn fraction(&self) -> Option<f64> {
        Some(f64::from_bits(self.fraction.load(Relaxed))).filter(|fraction| !fraction.is_nan())
    }

    /// How long the flow has been working: until now, or until it ended.
    #[must_use]
    pub fn elapsed(&self) -> Duration {
        let life = self.life();
        let end = life.ended.as_ref().map(|(at, _)| *at);
        life.started.map_or(Duration::ZERO, |start| end.unwrap_or_else(Instant::now).duration_since(start))
    }

    pub(crate) fn starts(&self) {
        self.life().started = Some(Instant::now());
    }

    pub(crate) fn ends(&self, state: FlowState) {
        self.life().ended = Some((Instant::now(), state));
    }

    pub(crate) fn stalls(&self, half: Half, report: Option<Report>) {
        self.life().stalled[half as usize] = report;
    }

    pub(crate) fn has_read(&self, messages: usize, fraction: Option<f64>) {
        self.read.fetch_add(messages as u64, Relaxed);
        self.fraction.store(fraction.unwrap_or(f64::NAN).to_bits(), Relaxed);
    }

    pub(crate) fn has_skipped(&self, messages: u64) {
        self.skipped.fetch_add(messages, Relaxed);
    }

    pub(crate) fn has_retried(&self, messages: u64) {
        self.retried.fetch_add(messages, Relaxed);
    }

    pub(crate) fn has_settled(&self, tally: &Tally) {
        self.published.fetch_add(tally.published, Relaxed);
        self.written.fetch_add(tally.written, Relaxed);
        self.filtered.fetch_add(tally.filtered, Relaxed);
        if !tally.dead.is_empty() {
            let mut dead = lock(&self.dead);
            for code in &tally.dead {
                *dead.entry(code.id).or_default() += 1;
            }
        }
    }

    pub(crate) fn has_committed(&self, offset: u64) {
        self.committed.store(offset, Relaxed);
    }

    fn life(&self) -> MutexGuard<'_, Life> {
        lock(&self.life)
    }
}

/// Numbers stay usable after a panic elsewhere.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use tenon_errors::catalogue::system::LOG_FULL;

    use super::*;

    #[test]
    fn a_stall_of_either_half_is_seen_until_that_half_goes_on() {
        let progress = Progress::new();
        assert_eq!(progress.state(), FlowState::Waiting);
        progress.starts();
        let full = Report::new(&LOG_FULL, "no space");
        progress.stalls(Half::Settling, Some(full.clone()));
        progress.stalls(Half::Reading, None);
        assert_eq!(progress.state(), FlowState::Stalled(full));
        progress.stalls(Half::Settling, None);
        assert_eq!(progress.state(), FlowState::Running);
        progress.ends(FlowState::Drained);
        assert_eq!(progress.state(), FlowState::Drained);
    }

    #[test]
    fn unknown_numbers_are_none() {
        let progress = Progress::new();
        assert_eq!((progress.settled(), progress.committed(), progress.fraction()), (None, 0, None));
        progress.has_read(3, Some(0.5));
        progress.has_committed(7);
        assert_eq!((progress.read(), progress.settled(), progress.fraction()), (3, Some(7), Some(0.5)));
    }
}
