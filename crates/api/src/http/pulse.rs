//! Whether anything happens on a connection, noted without reading a clock.

use std::{
    sync::{
        Arc,
        atomic::{
            AtomicBool, AtomicU64, AtomicUsize,
            Ordering::{AcqRel, Acquire, Relaxed},
        },
    },
    time::Duration,
};

use super::{follow::Found, held::PIECE};

/// What the stream and the requests of one connection note; [`Watch`] looks at it once a tick.
#[derive(Debug, Default)]
pub(super) struct Pulse {
    requests: AtomicU64,
    in_hand: AtomicUsize,
    /// Bytes of a head that is not complete: over HTTP/1, where it ends with the request, and over HTTP/2.
    head: AtomicUsize,
    framed_head: AtomicUsize,
    /// Bytes that went out.
    written: AtomicU64,
    /// Bytes wait for the client to take them.
    held_up: AtomicBool,
    /// Bytes of answers that have not all gone out.
    owed: AtomicUsize,
    /// Bytes of answers that were handed over to be written.
    handed: AtomicU64,
    /// How often something of an answer was handed over: its head, or a piece of its body.
    outputs: AtomicU64,
    /// What heads of HTTP/1 say and the parser does not hand on.
    pub(super) found: Found,
}

impl Pulse {
    /// Notes that `bytes` came in: while no request is in hand, they belong to the next head. How many that has by now.
    pub(super) fn read(&self, bytes: usize) -> usize {
        if self.in_hand.load(Relaxed) > 0 {
            return 0;
        }
        self.head.fetch_add(bytes, Relaxed) + bytes
    }

    /// Notes, and returns, how many bytes there are over HTTP/2 of a head that is not complete.
    pub(super) fn head_is(&self, bytes: usize) -> usize {
        self.framed_head.store(bytes, Relaxed);
        bytes
    }

    /// Notes that `bytes` went out.
    pub(super) fn wrote(&self, bytes: usize) {
        self.written.fetch_add(bytes as u64, Relaxed);
    }

    /// Notes whether bytes have to wait until the client takes more.
    pub(super) fn held_up(&self, waits: bool) {
        self.held_up.store(waits, Relaxed);
    }

    /// Notes that an answer of `bytes` has to go out.
    pub(super) fn owe(&self, bytes: usize) {
        self.owed.fetch_add(bytes, Relaxed);
    }

    /// Notes that all of an answer of `bytes` has gone out, or never will.
    pub(super) fn settle(&self, bytes: usize) {
        self.owed.fetch_sub(bytes, Relaxed);
        self.handed.fetch_add(PIECE as u64, Relaxed);
    }

    /// Notes that `bytes` of an answer were handed over.
    pub(super) fn hand_over(&self, bytes: usize) {
        self.handed.fetch_add(bytes as u64, Relaxed);
        self.outputs.fetch_add(1, AcqRel);
    }

    /// How often something of an answer was handed over.
    pub(super) fn outputs(&self) -> u64 {
        self.outputs.load(Acquire)
    }

    /// Whether a request is in hand.
    pub(super) fn is_busy(&self) -> bool {
        self.in_hand.load(Relaxed) > 0
    }

    /// Whether the server owes the client nothing: no request is in hand and every answer is written. What has been read
    /// of a next request is not one yet.
    pub(super) fn at_rest(&self) -> bool {
        !self.is_busy() && !self.held_up.load(Relaxed) && self.owed.load(Relaxed) == 0
    }

    /// Notes that a request head is complete; the request is in hand until the guard is dropped.
    pub(super) fn begin(self: &Arc<Self>) -> InHand {
        self.requests.fetch_add(1, Relaxed);
        self.in_hand.fetch_add(1, Relaxed);
        self.head.store(0, Relaxed);
        InHand(Arc::clone(self))
    }
}

/// A request that is worked on.
pub(super) struct InHand(Arc<Pulse>);

impl Drop for InHand {
    fn drop(&mut self) {
        self.0.outputs.fetch_add(1, AcqRel);
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
    /// The client does not take its answers.
    Stalled,
    /// Nothing happens, or a head is not finished, and another connection needs the place.
    MakePlace,
}

/// How many ticks a connection has for what.
#[derive(Debug, Clone, Copy)]
pub(super) struct Patience {
    /// The time between two ticks.
    pub(super) tick: Duration,
    /// For a head, and for a client to take something.
    pub(super) slow: u32,
    /// Without a request.
    pub(super) idle: u32,
}

impl Patience {
    /// The longest time between two ticks.
    const LONGEST_TICK: Duration = Duration::from_secs(1);

    pub(super) fn new(read_timeout: Duration, keep_alive: Duration) -> Self {
        let tick = (read_timeout / 4).clamp(Duration::from_millis(1), Self::LONGEST_TICK);
        let ticks = |wait: Duration| {
            u32::try_from(wait.as_nanos().div_ceil(tick.as_nanos().max(1))).unwrap_or(u32::MAX)
        };
        Self { tick, slow: ticks(read_timeout), idle: ticks(keep_alive) }
    }
}

/// What others need while a connection is looked at.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Need {
    /// Requests wait for the room that answers hold.
    pub(super) room: bool,
    /// A connection waits for the place of another.
    pub(super) place: bool,
}

/// Decides from the pulse, tick by tick, whether a connection has to end.
#[derive(Debug)]
pub(super) struct Watch {
    /// Whether HTTP/1 is spoken: bytes without a request are the beginning of a head, and all that goes out is answers.
    http1: bool,
    patience: Patience,
    requests: u64,
    moved: u64,
    slow: u32,
    idle: u32,
    stalled: u32,
    /// How many ticks others have waited while much was owed here, and what had moved when they began to.
    hoarding: u32,
    moved_before: u64,
}

/// A connection that is owed more than this while others wait has to take it: nobody holds room by taking a little now and
/// then.
const MUCH: usize = 64 << 10;

impl Watch {
    pub(super) fn new(http1: bool, patience: Patience) -> Self {
        Self {
            http1,
            patience,
            requests: 0,
            moved: 0,
            slow: 0,
            idle: 0,
            stalled: 0,
            hoarding: 0,
            moved_before: 0,
        }
    }

    /// Whether nothing happened in the last tick.
    pub(super) fn is_still(&self) -> bool {
        self.slow + self.idle > 0
    }

    /// Looks at the pulse; to be called once a tick. What is slow ends between its time and a tick more.
    pub(super) fn tick(&mut self, pulse: &Pulse, need: Need) -> Option<End> {
        let owed = pulse.owed.load(Relaxed);
        // Over HTTP/2 also other frames are written, which a client can ask for: what counts is what streams hand over.
        let moved = if self.http1 { pulse.written.load(Relaxed) } else { pulse.handed.load(Relaxed) };
        let stalled = self.is_stalled(owed > 0 || pulse.held_up.load(Relaxed), moved, need);
        if stalled || self.is_hoarding(owed, moved, need) {
            return Some(End::Stalled);
        }
        let requests = pulse.requests.load(Relaxed);
        let is_new = requests != self.requests;
        self.requests = requests;
        let head = if self.http1 { &pulse.head } else { &pulse.framed_head };
        let has_head = head.load(Relaxed) > 0;
        // Over HTTP/2 nothing else can come until a head is complete, whatever is in hand.
        if is_new || !pulse.at_rest() && (self.http1 || !has_head) {
            (self.slow, self.idle) = (0, 0);
            return None;
        }
        if has_head {
            self.slow += 1;
            if self.slow > self.patience.slow {
                return Some(End::SlowHead);
            }
            return (need.place && self.slow > 1).then_some(End::MakePlace);
        }
        self.idle += 1;
        if self.idle > self.patience.idle {
            return Some(End::Idle);
        }
        (need.place && self.idle > 1).then_some(End::MakePlace)
    }

    /// Whether the client has taken less than a piece of what it is owed for too long; for one tick, if others wait.
    fn is_stalled(&mut self, owes: bool, moved: u64, need: Need) -> bool {
        if !owes || moved.wrapping_sub(self.moved) >= PIECE as u64 {
            (self.moved, self.stalled) = (moved, 0);
            return false;
        }
        self.stalled += 1;
        self.stalled > if need.room { 1 } else { self.patience.slow }
    }

    /// Whether the client takes some answers and leaves others lying, which others wait for.
    fn is_hoarding(&mut self, owed: usize, moved: u64, need: Need) -> bool {
        if !need.room || owed <= MUCH || moved.wrapping_sub(self.moved_before) >= owed as u64 {
            (self.moved_before, self.hoarding) = (moved, 0);
            return false;
        }
        self.hoarding += 1;
        self.hoarding > self.patience.slow
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn watch(slow: u32, idle: u32) -> Watch {
        Watch::new(true, Patience { tick: Duration::from_secs(1), slow, idle })
    }

    fn ends(watch: &mut Watch, pulse: &Pulse, need: Need, ticks: u32) -> Vec<Option<End>> {
        (0..ticks).map(|_| watch.tick(pulse, need)).collect()
    }

    #[test]
    fn a_head_that_is_not_finished_in_time_is_slow() {
        let (pulse, mut watch) = (Pulse::default(), watch(4, 100));
        assert_eq!((pulse.read(3), pulse.read(4)), (3, 7));
        let ends = ends(&mut watch, &pulse, Need::default(), 5);
        assert_eq!(ends, [None, None, None, None, Some(End::SlowHead)]);
    }

    #[test]
    fn a_connection_without_requests_is_idle_but_not_while_one_is_in_hand() {
        let (pulse, mut watch) = (Arc::new(Pulse::default()), watch(4, 1));
        let request = pulse.begin();
        assert_eq!(ends(&mut watch, &pulse, Need::default(), 10), [None; 10]);
        drop(request);
        assert_eq!(ends(&mut watch, &pulse, Need::default(), 2), [None, Some(End::Idle)]);
    }

    #[test]
    fn an_idle_connection_makes_place_where_none_is_left() {
        let need = Need { place: true, ..Need::default() };
        for head in [0, 3] {
            let (pulse, mut watch) = (Pulse::default(), watch(4, 100));
            pulse.read(head);
            assert_eq!(ends(&mut watch, &pulse, need, 2), [None, Some(End::MakePlace)]);
        }
    }

    #[test]
    fn a_connection_is_at_rest_when_nothing_is_in_hand_and_everything_is_written() {
        let pulse = Arc::new(Pulse::default());
        pulse.read(1);
        assert!(pulse.at_rest(), "half a head is no request");
        let request = pulse.begin();
        assert!(!pulse.at_rest());
        pulse.owe(10);
        drop(request);
        assert!(!pulse.at_rest());
        pulse.settle(10);
        pulse.held_up(true);
        assert!(!pulse.at_rest());
        pulse.held_up(false);
        assert!(pulse.at_rest());
    }

    #[test]
    fn a_reader_that_takes_its_time_is_kept_while_it_takes_something() {
        let (pulse, mut watch) = (Pulse::default(), watch(2, 0));
        pulse.owe(PIECE * 10);
        for _ in 0..9 {
            assert_eq!(ends(&mut watch, &pulse, Need::default(), 2), [None, None]);
            pulse.wrote(PIECE);
            assert_eq!(watch.tick(&pulse, Need::default()), None);
        }
        pulse.wrote(1);
        assert_eq!(ends(&mut watch, &pulse, Need::default(), 3), [None, None, Some(End::Stalled)]);
    }

    #[test]
    fn a_reader_that_takes_nothing_goes_at_once_when_others_wait() {
        let pulse = Pulse::default();
        let patience = Patience { tick: Duration::from_secs(1), slow: 10, idle: 10 };
        let mut watch = Watch::new(false, patience);
        pulse.owe(PIECE);
        // Answers to pings, for example.
        pulse.wrote(PIECE * 2);
        assert_eq!(ends(&mut watch, &pulse, Need::default(), 1), [None]);
        let need = Need { room: true, ..Need::default() };
        assert_eq!(ends(&mut watch, &pulse, need, 1), [Some(End::Stalled)]);
    }

    #[test]
    fn who_takes_some_answers_and_leaves_much_lying_goes_when_others_wait() {
        let (pulse, mut watch) = (Pulse::default(), watch(2, 100));
        pulse.owe(2 * MUCH);
        let need = Need { room: true, ..Need::default() };
        for expected in [None, None, Some(End::Stalled)] {
            pulse.wrote(PIECE);
            assert_eq!(watch.tick(&pulse, need), expected);
        }
    }
}
