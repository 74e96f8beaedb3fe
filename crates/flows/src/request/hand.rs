//! The keys of requests in hand: while the first request with a key is, another one is told to come again.

use std::{
    collections::{HashMap, HashSet},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
};

use jiff::Timestamp;
use tenon_errors::{Report, catalogue::delivery::REQUEST_IN_HAND};
use tenon_model::{Name, Str};
use tenon_ports::{Claim, ClaimId};

use crate::backoff::Random;

/// The keys of all requests that a process has in hand, whatever operation and generation of the plan they came by. Its
/// copies are the same.
#[derive(Debug, Clone, Default)]
pub struct Hand(Arc<Held>);

#[derive(Debug, Default)]
struct Held {
    keys: Mutex<HashSet<ClaimId>>,
    /// The last number of a claim.
    last: AtomicU64,
    settled: Mutex<Settled>,
}

/// Transactions that never come again, and what their databases keep of them until they are told so.
#[derive(Debug, Default)]
struct Settled {
    /// Those whose claims are complete or forgotten, which the next claim makes durable.
    over: Vec<(Name, Str)>,
    /// Those whose claims will not turn up again, whatever happens.
    gone: HashMap<Name, Vec<Str>>,
}

/// How many settled transactions are remembered at most of each kind; others are forgotten when their time is over.
const MOST_SETTLED: usize = 4_096;
/// How many are forgotten with one transaction.
const AT_ONCE: usize = 64;

/// A key that is in hand until this is dropped.
pub(super) struct InHand {
    hand: Hand,
    id: ClaimId,
}

impl Hand {
    /// Takes the request with a key in hand.
    ///
    /// # Errors
    /// `F0010` if it is already.
    pub(super) fn take(&self, id: ClaimId) -> Result<InHand, Report> {
        let is_new = self.0.keys.lock().unwrap_or_else(PoisonError::into_inner).insert(id.clone());
        if !is_new {
            return Err(Report::new(
                &REQUEST_IN_HAND,
                "a request with this `Idempotency-Key` is still being processed",
            )
            .hint("send it again a little later"));
        }
        Ok(InHand { hand: self.clone(), id })
    }

    /// Notes transactions of the claim `id`, which is complete or forgotten, though not durably. Where somebody has its key in
    /// hand, who may have read the claim while it was open and look for the effects now, they are not noted.
    pub(super) fn are_over(&self, id: &ClaimId, transactions: impl IntoIterator<Item = (Name, Str)>) {
        if self.0.keys.lock().unwrap_or_else(PoisonError::into_inner).contains(id) {
            return;
        }
        let over = &mut self.settled().over;
        let room = MOST_SETTLED - over.len().min(MOST_SETTLED);
        over.extend(transactions.into_iter().take(room));
    }

    /// What is over by now.
    pub(super) fn over(&self) -> Vec<(Name, Str)> {
        std::mem::take(&mut self.settled().over)
    }

    /// Notes that a claim was stored after these were over: so that is durable.
    pub(super) fn are_gone(&self, transactions: Vec<(Name, Str)>) {
        let gone = &mut self.settled().gone;
        for (system, id) in transactions {
            let gone = gone.entry(system).or_default();
            if gone.len() < MOST_SETTLED {
                gone.push(id);
            }
        }
    }

    /// Some transactions of `system` that never come again, to be told to its database.
    pub(super) fn gone(&self, system: &Name) -> Vec<Str> {
        let mut settled = self.settled();
        let Some(gone) = settled.gone.get_mut(system) else { return Vec::new() };
        gone.split_off(gone.len().saturating_sub(AT_ONCE))
    }

    fn settled(&self) -> MutexGuard<'_, Settled> {
        // What is lost by a panic is forgotten when its time is over.
        self.0.settled.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A number for a claim at `now`: no other one of this process has it, nor, but for 21 random bits, one of a process
    /// that lived in the same millisecond. So claims lie in the order of time, and the state refuses one that is held.
    pub(super) fn number(&self, now: Timestamp) -> u64 {
        let number = Claim::number(now, Random::new().next());
        let next = |last: u64| number.max(last + 1);
        let before = self.0.last.fetch_update(Relaxed, Relaxed, |last| Some(next(last)));
        next(before.unwrap_or_default())
    }
}

impl InHand {
    /// Whose key it is.
    pub(super) fn id(&self) -> &ClaimId {
        &self.id
    }
}

impl Drop for InHand {
    fn drop(&mut self) {
        self.hand.0.keys.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.id);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_somebody_may_look_for_is_not_over() {
        let hand = Hand::default();
        let id = ClaimId { flow: "pay".into(), key: "k".into() };
        let transactions = || [(Name::new("db").unwrap(), Str::new("pay 1 k"))];
        let repeat = hand.take(id.clone()).unwrap();
        hand.are_over(&id, transactions());
        assert!(hand.over().is_empty());
        drop(repeat);
        hand.are_over(&id, transactions());
        assert_eq!(hand.over(), transactions());
    }

    #[test]
    fn numbers_grow_and_fit_a_signed_integer_also_when_the_clock_stands_still_or_goes_back() {
        let hand = Hand::default();
        let second = |second| Timestamp::from_second(second).unwrap();
        let times = [9, 9, 9, 8, 10].map(second).into_iter().chain([Timestamp::MAX]);
        let numbers: Vec<_> = times.map(|now| hand.number(now)).collect();
        assert!(numbers.is_sorted_by(|a, b| a < b) && numbers[5] < 1 << 63, "{numbers:?}");
    }
}
