//! The breaker of one endpoint: closed, open after failures, half open when a single call tries whether it is back.

use std::collections::VecDeque;

use tokio::time::Instant;

use crate::{Breaker, FailedShare};

/// The slices of a window: what is older than the window is forgotten slice by slice.
const SLICES: u32 = 10;

/// The state of the breaker. Times are passed in.
pub(crate) struct Circuit {
    breaker: Breaker,
    state: State,
    in_row: u32,
    slices: VecDeque<Slice>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Closed,
    Open {
        since: Instant,
    },
    /// A call tries, or may try.
    HalfOpen {
        is_tried: bool,
    },
}

struct Slice {
    since: Instant,
    calls: u32,
    failures: u32,
}

/// How an endpoint is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Admission {
    /// As any other.
    Called,
    /// By a single call, which tries whether it is back.
    Tried,
    /// Not before this.
    After(Instant),
}

impl Circuit {
    /// Closed.
    pub(crate) fn new(breaker: Breaker) -> Self {
        Self { breaker, state: State::Closed, in_row: 0, slices: VecDeque::new() }
    }

    /// How the endpoint may be called now.
    pub(crate) fn admission(&self, now: Instant) -> Admission {
        match self.state {
            State::Closed => Admission::Called,
            State::HalfOpen { is_tried: false } => Admission::Tried,
            State::HalfOpen { is_tried: true } => Admission::After(now + self.breaker.wait),
            State::Open { since } => match since + self.breaker.wait {
                end if end > now => Admission::After(end),
                _ => Admission::Tried,
            },
        }
    }

    /// A call is made, which the admission allows. Whether it is the one that tries: it says so when it ends.
    pub(crate) fn begin(&mut self, now: Instant) -> bool {
        let tries = self.admission(now) == Admission::Tried;
        if tries {
            self.state = State::HalfOpen { is_tried: true };
        }
        tries
    }

    /// The call that tries has ended without saying anything about the endpoint.
    pub(crate) fn forget(&mut self) {
        if let State::HalfOpen { is_tried } = &mut self.state {
            *is_tried = false;
        }
    }

    /// A call has succeeded, or failed by the endpoint's fault. Whether the breaker has opened by it.
    pub(crate) fn record(&mut self, now: Instant, is_ok: bool, tries: bool) -> bool {
        match (self.state, tries) {
            (State::HalfOpen { .. }, true) if is_ok => {
                self.state = State::Closed;
                self.in_row = 0;
                self.slices.clear();
                false
            }
            (State::HalfOpen { .. }, true) => {
                self.state = State::Open { since: now };
                true
            }
            (State::Closed, false) => {
                self.in_row = if is_ok { 0 } else { self.in_row.saturating_add(1) };
                self.count(now, is_ok);
                let is_row_reached = self.breaker.failures.is_some_and(|most| self.in_row >= most);
                let opens = !is_ok && (is_row_reached || self.is_share_reached());
                if opens {
                    self.state = State::Open { since: now };
                }
                opens
            }
            // The outcome of a call that began before the breaker opened, or was closed.
            _ => false,
        }
    }

    pub(crate) fn is_open(&self) -> bool {
        matches!(self.state, State::Open { .. })
    }

    pub(crate) fn is_half_open(&self) -> bool {
        matches!(self.state, State::HalfOpen { .. })
    }

    fn count(&mut self, now: Instant, is_ok: bool) {
        let Some(FailedShare { window, .. }) = self.breaker.share else { return };
        let slice = window / SLICES;
        while self.slices.front().is_some_and(|it| it.since + window <= now) {
            self.slices.pop_front();
        }
        if self.slices.back().is_none_or(|it| it.since + slice <= now) {
            self.slices.push_back(Slice { since: now, calls: 0, failures: 0 });
        }
        if let Some(last) = self.slices.back_mut() {
            last.calls = last.calls.saturating_add(1);
            last.failures = last.failures.saturating_add(u32::from(!is_ok));
        }
    }

    fn is_share_reached(&self) -> bool {
        let Some(FailedShare { share, calls: least, .. }) = self.breaker.share else { return false };
        let calls: u32 = self.slices.iter().map(|it| it.calls).fold(0, u32::saturating_add);
        let failures: u32 = self.slices.iter().map(|it| it.failures).fold(0, u32::saturating_add);
        calls >= least && f64::from(failures) >= f64::from(calls) * share
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn circuit() -> (Circuit, Instant) {
        (Circuit::new(Breaker { wait: 5 * SECOND, ..Breaker::default() }), Instant::now())
    }

    #[tokio::test]
    async fn failures_in_a_row_open_it_and_a_success_begins_the_row_anew() {
        let (mut circuit, now) = circuit();
        for is_ok in [false, false, false, false, true, false, false, false, false] {
            assert!(!circuit.record(now, is_ok, false));
        }
        assert_eq!(circuit.admission(now), Admission::Called);
        assert!(circuit.record(now, false, false));
        assert_eq!(circuit.admission(now + SECOND), Admission::After(now + 5 * SECOND));
    }

    #[tokio::test]
    async fn a_share_of_failures_opens_it_once_there_are_enough_calls() {
        let (mut circuit, now) = circuit();
        // One fails, one does not: half of them.
        for call in 0..19 {
            assert!(!circuit.record(now, call % 2 == 0, false), "{call}");
        }
        assert!(circuit.record(now, false, false));
    }

    #[tokio::test]
    async fn what_is_older_than_the_window_does_not_count() {
        let (mut circuit, now) = circuit();
        for call in 0..18 {
            circuit.record(now, call % 2 == 0, false);
        }
        let later = now + 10 * SECOND;
        assert!(!circuit.record(later, true, false) && !circuit.record(later, false, false));
        assert_eq!(circuit.slices.len(), 1);
    }

    #[tokio::test]
    async fn a_single_call_tries_whether_it_is_back() {
        let (mut circuit, now) = circuit();
        for _ in 0..5 {
            circuit.record(now, false, false);
        }
        let later = now + 5 * SECOND;
        assert_eq!(circuit.admission(later), Admission::Tried);
        circuit.begin(later);
        assert!(matches!(circuit.admission(later), Admission::After(_)), "one at a time");
        // It was dropped without an outcome, so that the next one tries.
        circuit.forget();
        assert_eq!(circuit.admission(later), Admission::Tried);
        assert!(circuit.begin(later));
        assert!(!circuit.record(later, true, false), "that of an older call says nothing");
        assert!(circuit.record(later, false, true), "it opens again");
        assert_eq!(circuit.admission(later), Admission::After(later + 5 * SECOND));
        let later = later + 5 * SECOND;
        circuit.begin(later);
        circuit.record(later, true, true);
        assert_eq!(circuit.admission(later), Admission::Called);
        assert!(!circuit.record(later, false, false), "the row begins anew");
    }

    #[tokio::test]
    async fn calls_that_end_after_it_opened_change_nothing() {
        let (mut circuit, now) = circuit();
        for _ in 0..5 {
            circuit.record(now, false, false);
        }
        assert!(!circuit.record(now, true, false) && !circuit.record(now, false, false));
        assert!(circuit.is_open());
    }

    #[tokio::test]
    async fn each_rule_holds_without_the_other() {
        let now = Instant::now();
        let mut circuit = Circuit::new(Breaker { share: None, ..Breaker::default() });
        assert!((0..100).all(|call| !circuit.record(now, call % 2 == 0, false)));
        let mut circuit = Circuit::new(Breaker { failures: None, ..Breaker::default() });
        assert!((0..19).all(|_| !circuit.record(now, false, false)));
        assert!(circuit.record(now, false, false));
    }

    #[tokio::test]
    async fn one_that_is_off_never_opens() {
        let now = Instant::now();
        let mut circuit = Circuit::new(Breaker::OFF);
        assert!((0..1_000).all(|_| !circuit.record(now, false, false)));
    }
}
