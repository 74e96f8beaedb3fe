//! A number of bytes that clients take turns for: whoever holds least of them is next.
//!
//! In the order of asking, one client with many connections would have everybody else wait behind all that it asks for.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering::Relaxed},
    },
};

use tokio::sync::oneshot;

/// Who asks: a connection, and the address that it comes from.
#[derive(Debug, Clone)]
pub(super) struct Guest {
    pub(super) address: IpAddr,
    /// The bytes that the connection holds.
    held: Arc<AtomicUsize>,
}

impl Guest {
    pub(super) fn new(address: IpAddr) -> Self {
        Self { address, held: Arc::default() }
    }
}

/// The bytes that there are.
#[derive(Debug)]
pub(super) struct Turns {
    size: usize,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    free: usize,
    /// By address; none that holds nothing.
    held: HashMap<IpAddr, usize>,
    /// In the order of asking.
    waiting: Vec<Waiting>,
}

#[derive(Debug)]
struct Waiting {
    guest: Guest,
    bytes: usize,
    turn: oneshot::Sender<Share>,
}

/// Bytes that are taken, until this is dropped.
#[derive(Debug)]
pub(super) struct Share {
    turns: Arc<Turns>,
    guest: Guest,
    bytes: usize,
}

impl Turns {
    pub(super) fn new(size: usize) -> Arc<Self> {
        let size = size.max(1);
        let state = State { free: size, held: HashMap::new(), waiting: Vec::new() };
        Arc::new(Self { size, state: Mutex::new(state) })
    }

    /// `bytes`, if there are as many and nobody waits. What is more than there is has all of it.
    pub(super) fn try_take(self: &Arc<Self>, guest: &Guest, bytes: usize) -> Option<Share> {
        let bytes = bytes.min(self.size);
        let mut state = self.state();
        let is_next = state.waiting.iter().all(|waiting| waiting.turn.is_closed());
        (is_next && state.free >= bytes).then(|| state.give(self, guest.clone(), bytes))
    }

    /// Waits for `bytes`.
    pub(super) async fn take(self: &Arc<Self>, guest: &Guest, bytes: usize) -> Option<Share> {
        // Whoever goes before its turn has come is not waited for.
        let _next = Next(self);
        let (turn, coming) = oneshot::channel();
        let waiting = Waiting { guest: guest.clone(), bytes: bytes.min(self.size), turn };
        self.state().waiting.push(waiting);
        self.serve();
        coming.await.ok()
    }

    fn serve(self: &Arc<Self>) {
        let given = self.state().serve(self);
        // Outside of the lock: what was given to somebody who has gone comes back when it is dropped.
        for (turn, share) in given {
            drop(turn.send(share));
        }
    }

    fn give_back(self: &Arc<Self>, guest: &Guest, bytes: usize) {
        let mut state = self.state();
        state.free += bytes;
        guest.held.fetch_sub(bytes, Relaxed);
        if let Some(held) = state.held.get_mut(&guest.address) {
            *held = held.saturating_sub(bytes);
            if *held == 0 {
                state.held.remove(&guest.address);
            }
        }
        drop(state);
        self.serve();
    }

    /// Stays usable after a panic elsewhere: nothing is left half done.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Has those served who are next when this is dropped.
struct Next<'t>(&'t Arc<Turns>);

impl Drop for Next<'_> {
    fn drop(&mut self) {
        self.0.serve();
    }
}

impl State {
    /// Gives their bytes to those whose turn it is.
    fn serve(&mut self, turns: &Arc<Turns>) -> Vec<(oneshot::Sender<Share>, Share)> {
        self.waiting.retain(|waiting| !waiting.turn.is_closed());
        let mut given = Vec::new();
        while let Some(next) = self.next() {
            if self.waiting[next].bytes > self.free {
                break;
            }
            let Waiting { guest, bytes, turn } = self.waiting.remove(next);
            given.push((turn, self.give(turns, guest, bytes)));
        }
        given
    }

    /// Who holds least; of equals, who has asked first.
    fn next(&self) -> Option<usize> {
        let holds =
            |guest: &Guest| (self.held.get(&guest.address).copied().unwrap_or(0), guest.held.load(Relaxed));
        let order = self.waiting.iter().enumerate();
        order.min_by_key(|(_, waiting)| holds(&waiting.guest)).map(|(position, _)| position)
    }

    fn give(&mut self, turns: &Arc<Turns>, guest: Guest, bytes: usize) -> Share {
        self.free -= bytes;
        guest.held.fetch_add(bytes, Relaxed);
        *self.held.entry(guest.address).or_insert(0) += bytes;
        Share { turns: Arc::clone(turns), guest, bytes }
    }
}

impl Share {
    /// Gives back what is more than `bytes`.
    pub(super) fn shrink(&mut self, bytes: usize) {
        let more = self.bytes.saturating_sub(bytes);
        if more > 0 {
            self.bytes -= more;
            self.turns.give_back(&self.guest, more);
        }
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        self.turns.give_back(&self.guest, self.bytes);
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;

    fn guest(last: u8) -> Guest {
        Guest::new([192, 0, 2, last].into())
    }

    #[test]
    fn who_holds_least_is_next() {
        let turns = Turns::new(4);
        let (greedy, modest) = (guest(1), guest(2));
        let mut held: Vec<_> = std::iter::from_fn(|| turns.try_take(&greedy, 1)).collect();
        assert_eq!(held.len(), 4);
        // Other connections of the same address have asked first.
        let others = [greedy.clone(), Guest::new(greedy.address), Guest::new(greedy.address)];
        let mut waiting: Vec<_> = others.iter().map(|guest| Box::pin(turns.take(guest, 1))).collect();
        assert!(waiting.iter_mut().all(|it| it.as_mut().now_or_never().is_none()));
        let mut first = Box::pin(turns.take(&modest, 2));
        assert!(first.as_mut().now_or_never().is_none());
        held.pop();
        assert!(first.as_mut().now_or_never().is_none(), "it is its turn, and there is not enough yet");
        held.pop();
        let share = first.as_mut().now_or_never().unwrap();
        held.pop();
        let shares: Vec<_> = waiting.iter_mut().map(|it| it.as_mut().now_or_never()).collect();
        let served: Vec<_> = shares.iter().map(Option::is_some).collect();
        drop(share);
        let left = waiting.into_iter().zip(served).filter(|(_, served)| !served);
        assert!(left.map(|(it, _)| it.now_or_never()).all(|share| share.is_some()));
    }

    #[test]
    fn who_has_gone_is_passed_over_and_everything_comes_back() {
        let turns = Turns::new(10);
        let [one, two, three] = [1, 2, 3].map(guest);
        let mut all = turns.try_take(&one, 20).unwrap();
        let mut gone = Box::pin(turns.take(&two, 10));
        assert!(gone.as_mut().now_or_never().is_none());
        let mut stays = Box::pin(turns.take(&three, 5));
        assert!(stays.as_mut().now_or_never().is_none());
        all.shrink(4);
        assert!(stays.as_mut().now_or_never().is_none(), "another one is before it");
        drop(gone);
        let stays = stays.as_mut().now_or_never().unwrap().unwrap();
        drop((all, stays));
        // One that was given something and has gone before it took it.
        let all = turns.try_take(&one, 10).unwrap();
        let mut given = Box::pin(turns.take(&two, 10));
        assert!(given.as_mut().now_or_never().is_none());
        drop(all);
        drop(given);
        let state = turns.state();
        assert_eq!((state.free, state.held.len(), state.waiting.len()), (10, 0, 0));
    }
}
