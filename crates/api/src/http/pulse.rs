//! Whether anything happens on a connection, noted without reading a clock.

use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering::Relaxed},
};

/// How many ticks make up the time that a request head may take.
pub(super) const TICKS: u32 = 4;

/// What the stream and the requests of one connection note; [`Watch`] looks at it once a tick.
#[derive(Debug, Default)]
pub(super) struct Pulse {
    requests: AtomicU64,
    in_hand: AtomicUsize,
    head_began: AtomicBool,
    wrote: AtomicBool,
    /// Bytes wait for the client to take them.
    held_up: AtomicBool,
}

impl Pulse {
    /// Notes that bytes came in: while no request is in hand, they begin the next head.
    pub(super) fn read(&self) {
        if self.in_hand.load(Relaxed) == 0 {
            self.head_began.store(true, Relaxed);
        }
    }

    /// Notes that bytes went out.
    pub(super) fn wrote(&self) {
        self.wrote.store(true, Relaxed);
    }

    /// Notes whether bytes have to wait until the client takes more.
    pub(super) fn held_up(&self, waits: bool) {
        self.held_up.store(waits, Relaxed);
    }

    /// Whether the server owes the client nothing: no request is in hand and every answer is written. What has been read
    /// of a next request is not one yet.
    pub(super) fn at_rest(&self) -> bool {
        self.in_hand.load(Relaxed) == 0 && !self.held_up.load(Relaxed)
    }

    /// Notes that a request head is complete; the request is in hand until the guard is dropped.
    pub(super) fn begin(self: &Arc<Self>) -> InHand {
        self.requests.fetch_add(1, Relaxed);
        self.in_hand.fetch_add(1, Relaxed);
        self.head_began.store(false, Relaxed);
        InHand(Arc::clone(self))
    }
}

/// A request that is worked on.
pub(super) struct InHand(Arc<Pulse>);

impl Drop for InHand {
    fn drop(&mut self) {
        self.0.in_hand.fetch_sub(1, Relaxed);
    }
}

/// Why a connection is ended by the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    /// A request head began and was not finished in time.
    SlowHead,
    /// Nothing happened for too long.
    Idle,
}

/// Decides from the pulse, tick by tick, whether a connection has to end.
#[derive(Debug)]
pub(super) struct Watch {
    /// Whether bytes without a request are the beginning of a head; HTTP/2 also sends other frames.
    pub(super) heads: bool,
    /// After how many ticks without anything the connection is idle for too long.
    pub(super) idle_ticks: u32,
    requests: u64,
    slow: u32,
    idle: u32,
}

impl Watch {
    pub(super) fn new(heads: bool, idle_ticks: u32) -> Self {
        Self { heads, idle_ticks, requests: 0, slow: 0, idle: 0 }
    }

    /// Whether nothing happened in the last tick.
    pub(super) fn is_still(&self) -> bool {
        self.slow + self.idle > 0
    }

    /// Looks at the pulse; to be called once a tick. A slow head ends between one and one and a quarter of its time.
    pub(super) fn tick(&mut self, pulse: &Pulse) -> Option<End> {
        let requests = pulse.requests.load(Relaxed);
        let wrote = pulse.wrote.swap(false, Relaxed);
        let busy = requests != self.requests || wrote || pulse.in_hand.load(Relaxed) > 0;
        self.requests = requests;
        if busy {
            (self.slow, self.idle) = (0, 0);
            return None;
        }
        if self.heads && pulse.head_began.load(Relaxed) {
            self.slow += 1;
            return (self.slow > TICKS).then_some(End::SlowHead);
        }
        self.idle += 1;
        (self.idle > self.idle_ticks).then_some(End::Idle)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_that_is_not_finished_in_time_is_slow() {
        let (pulse, mut watch) = (Pulse::default(), Watch::new(true, 100));
        pulse.read();
        let ends: Vec<_> = (0..5).map(|_| watch.tick(&pulse)).collect();
        assert_eq!(ends, [None, None, None, None, Some(End::SlowHead)]);
    }

    #[test]
    fn a_connection_without_requests_is_idle_but_not_while_one_is_in_hand() {
        let (pulse, mut watch) = (Arc::new(Pulse::default()), Watch::new(true, 1));
        let request = pulse.begin();
        assert!((0..10).all(|_| watch.tick(&pulse).is_none()));
        drop(request);
        assert_eq!(watch.tick(&pulse), None);
        assert_eq!(watch.tick(&pulse), Some(End::Idle));
    }

    #[test]
    fn a_connection_is_at_rest_when_nothing_is_in_hand_and_everything_is_written() {
        let pulse = Arc::new(Pulse::default());
        pulse.read();
        assert!(pulse.at_rest(), "half a head is no request");
        let request = pulse.begin();
        assert!(!pulse.at_rest());
        pulse.held_up(true);
        drop(request);
        assert!(!pulse.at_rest());
        pulse.held_up(false);
        assert!(pulse.at_rest());
    }

    #[test]
    fn a_reader_that_takes_its_time_is_not_idle_while_bytes_move() {
        let (pulse, mut watch) = (Pulse::default(), Watch::new(true, 0));
        pulse.wrote();
        assert_eq!(watch.tick(&pulse), None);
        assert_eq!(watch.tick(&pulse), Some(End::Idle));
    }
}
