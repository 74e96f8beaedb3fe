//! The bytes that request bodies and answers hold, bounded for the server as a whole and for each connection.
//!
//! Room is taken before a body is read and before an answer is rendered, and given back when the bytes are gone: an answer
//! holds its room until the client has taken it. What is small has room of its own, so that it does not wait behind what
//! is large. Where there is none, clients take turns for it (see [`super::turns`]).

use std::{
    net::IpAddr,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed},
    },
};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::{
    door::household,
    turns::{Guest, Share, Turns},
};

/// The largest body that is small.
const SMALL_BODY: usize = 64 << 10;
/// The largest answer that is small.
pub(crate) const SMALL_ANSWER: usize = 768 << 10;

/// What room is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// A request body on its way in.
    Body,
    /// What a request is decoded to, and the answer until the client has it.
    Answer,
}

/// The bytes of one connection, handed out in the order of asking.
#[derive(Debug, Clone)]
struct Lane {
    room: Arc<Semaphore>,
    size: usize,
}

impl Lane {
    fn new(size: usize) -> Self {
        let size = size.clamp(1, Semaphore::MAX_PERMITS.min(u32::MAX as usize));
        Self { room: Arc::new(Semaphore::new(size)), size }
    }

    /// Never more than there is: what is larger than the lane has it for itself.
    fn permits(&self, bytes: usize) -> u32 {
        u32::try_from(bytes.min(self.size)).unwrap_or(u32::MAX)
    }

    fn try_take(&self, bytes: usize) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.room).try_acquire_many_owned(self.permits(bytes)).ok()
    }

    /// `None` does not happen: no lane is ever closed.
    async fn take(&self, bytes: usize) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.room).acquire_many_owned(self.permits(bytes)).await.ok()
    }
}

/// What the server has.
#[derive(Debug)]
pub(crate) struct Budget {
    bodies: [Arc<Turns>; 2],
    answers: [Arc<Turns>; 2],
    /// The sizes of a connection's own lanes.
    own: (usize, usize),
    /// How many wait, and how many of them for the room of the server.
    waiting: AtomicUsize,
    pressing: AtomicUsize,
    most_waiting: usize,
}

/// More wait for room than may.
#[derive(Debug)]
pub(crate) struct TooMany;

impl Budget {
    /// `memory` bytes, for which at most `most_waiting` wait at a time.
    pub(crate) fn new(memory: usize, most_waiting: usize) -> Arc<Self> {
        let share = |parts: usize| memory / 16 * parts;
        Arc::new(Self {
            bodies: [Turns::new(share(1)), Turns::new(share(3))],
            answers: [Turns::new(share(6)), Turns::new(share(6))],
            own: (share(1), share(2)),
            waiting: AtomicUsize::new(0),
            pressing: AtomicUsize::new(0),
            most_waiting,
        })
    }

    /// Whether requests wait for the room of others: those who hold it without moving have to go.
    pub(crate) fn is_pressed(&self) -> bool {
        self.pressing.load(Relaxed) > 0
    }

    /// From now on everybody is waited for: the server comes to its end.
    pub(crate) fn hurry(&self) {
        self.pressing.fetch_add(1, Relaxed);
    }

    fn lane(&self, purpose: Purpose, bytes: usize) -> &Arc<Turns> {
        match purpose {
            Purpose::Body => &self.bodies[usize::from(bytes > SMALL_BODY)],
            Purpose::Answer => &self.answers[usize::from(bytes > SMALL_ANSWER)],
        }
    }
}

/// What one connection has of the budget.
#[derive(Debug)]
pub(crate) struct Account {
    budget: Arc<Budget>,
    guest: Guest,
    bodies: Lane,
    answers: Lane,
    /// The room of a long head, until it is complete.
    head: Mutex<Option<Permit>>,
    has_head: AtomicBool,
}

impl Account {
    /// That of a connection from `address`.
    pub(crate) fn new(budget: &Arc<Budget>, address: IpAddr) -> Arc<Self> {
        let (bodies, answers) = budget.own;
        Arc::new(Self {
            budget: Arc::clone(budget),
            guest: Guest::new(household(address.to_canonical())),
            bodies: Lane::new(bodies),
            answers: Lane::new(answers),
            head: Mutex::new(None),
            has_head: AtomicBool::new(false),
        })
    }

    /// The budget of the server.
    pub(crate) fn budget(&self) -> &Budget {
        &self.budget
    }

    fn own(&self, purpose: Purpose) -> &Lane {
        match purpose {
            Purpose::Body => &self.bodies,
            Purpose::Answer => &self.answers,
        }
    }

    /// Room for `bytes`, if there is as much now.
    pub(crate) fn try_take(&self, purpose: Purpose, bytes: usize) -> Option<Permit> {
        let own = self.own(purpose).try_take(bytes)?;
        let shared = self.budget.lane(purpose, bytes).try_take(&self.guest, bytes)?;
        Some(Permit { bytes, own, shared })
    }

    /// Takes room for a head of `bytes`, if there is as much; whether it is there.
    pub(crate) fn take_head(&self, bytes: usize) -> bool {
        if self.has_head.load(Relaxed) {
            return true;
        }
        let head = self.try_take(Purpose::Body, bytes);
        self.has_head.store(head.is_some(), Relaxed);
        *self.head.lock().unwrap_or_else(PoisonError::into_inner) = head;
        self.has_head.load(Relaxed)
    }

    /// Gives back the room of a head, which is a request by now: its body takes room of its own.
    pub(crate) fn release_head(&self) {
        if self.has_head.swap(false, Relaxed) {
            *self.head.lock().unwrap_or_else(PoisonError::into_inner) = None;
        }
    }

    /// Waits for room for `bytes`.
    ///
    /// # Errors
    /// When too many wait already.
    pub(crate) async fn take(&self, purpose: Purpose, bytes: usize) -> Result<Permit, TooMany> {
        let budget = &*self.budget;
        let _waiting = Counted::new(&budget.waiting);
        if budget.waiting.load(Relaxed) > budget.most_waiting {
            return Err(TooMany);
        }
        let own = self.own(purpose).take(bytes).await.ok_or(TooMany)?;
        let _pressing = Counted::new(&budget.pressing);
        let shared = budget.lane(purpose, bytes).take(&self.guest, bytes).await.ok_or(TooMany)?;
        Ok(Permit { bytes, own, shared })
    }
}

/// Room that is taken, until it is dropped.
#[derive(Debug)]
pub(crate) struct Permit {
    bytes: usize,
    own: OwnedSemaphorePermit,
    shared: Share,
}

impl Permit {
    /// For how many bytes it is.
    pub(crate) fn bytes(&self) -> usize {
        self.bytes
    }

    /// Gives back what is more than `bytes`.
    pub(crate) fn shrink(&mut self, bytes: usize) {
        if bytes >= self.bytes {
            return;
        }
        // A permit that was cut to its lane's size gives back nothing before it is smaller than that.
        drop(self.own.split(self.own.num_permits().saturating_sub(bytes)));
        self.shared.shrink(bytes);
        self.bytes = bytes;
    }
}

/// One more, until it is dropped.
struct Counted<'a>(&'a AtomicUsize);

impl<'a> Counted<'a> {
    fn new(count: &'a AtomicUsize) -> Self {
        count.fetch_add(1, Relaxed);
        Self(count)
    }
}

impl Drop for Counted<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use futures_util::FutureExt;

    use super::*;

    const MIB: usize = 1 << 20;
    const HERE: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

    #[test]
    fn what_is_large_leaves_room_for_what_is_small() {
        let budget = Budget::new(64 * MIB, 10);
        let hold = |bytes| Account::new(&budget, HERE).try_take(Purpose::Answer, bytes);
        let large: Vec<_> = std::iter::from_fn(|| hold(2 * MIB)).collect();
        assert_eq!(large.len(), 12);
        assert!(hold(16 << 10).is_some());
        assert!(Account::new(&budget, HERE).try_take(Purpose::Body, MIB).is_some());
    }

    #[test]
    fn one_connection_has_an_eighth_for_its_answers() {
        let budget = Budget::new(64 * MIB, 10);
        let account = Account::new(&budget, HERE);
        let held: Vec<_> = std::iter::from_fn(|| account.try_take(Purpose::Answer, 2 * MIB)).collect();
        assert_eq!(held.len(), 4);
        assert!(Account::new(&budget, HERE).try_take(Purpose::Answer, 2 * MIB).is_some());
    }

    #[test]
    fn what_is_given_back_goes_to_whoever_waits_and_pressure_is_seen() {
        let budget = Budget::new(8 * MIB, 1);
        let account = Account::new(&budget, HERE);
        let mut first = account.try_take(Purpose::Answer, 8 * MIB).unwrap();
        assert!(account.try_take(Purpose::Answer, MIB).is_none(), "the connection has no more");
        let other = Account::new(&budget, HERE);
        let rest: Vec<_> =
            std::iter::from_fn(|| Account::new(&budget, HERE).try_take(Purpose::Answer, MIB)).collect();
        let mut waits = Box::pin(other.take(Purpose::Answer, MIB));
        assert!(waits.as_mut().now_or_never().is_none());
        assert!(budget.is_pressed());
        assert!(other.take(Purpose::Answer, MIB).now_or_never().unwrap().is_err(), "only one may wait");
        first.shrink(1);
        drop(rest);
        assert_eq!(waits.as_mut().now_or_never().unwrap().unwrap().bytes(), MIB);
        drop(waits);
        assert!(!budget.is_pressed());
    }
}
