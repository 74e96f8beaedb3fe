//! The room of one request: its place among the requests in hand, and the bytes that it holds.

use std::{sync::Arc, time::Duration};

use tenon_errors::{Report, catalogue::api::OVERLOADED};
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::timeout,
};

use super::{
    budget::{Account, Permit, Purpose},
    exchange::Failure,
};

/// What a request takes until it is answered.
pub(crate) struct Room {
    account: Arc<Account>,
    slots: Arc<Semaphore>,
    slot: Option<OwnedSemaphorePermit>,
    body: Vec<Permit>,
    answer: Option<Permit>,
    /// How long it may wait for bytes.
    longest: Duration,
}

impl Room {
    pub(super) fn new(account: &Arc<Account>, slots: &Arc<Semaphore>, longest: Duration) -> Self {
        Self {
            account: Arc::clone(account),
            slots: Arc::clone(slots),
            slot: None,
            body: Vec::new(),
            answer: None,
            longest,
        }
    }

    /// Takes a place among the requests in hand. `A0112` if there is none.
    pub(super) fn enter(&mut self) -> Result<(), Failure> {
        let slot = Arc::clone(&self.slots).try_acquire_owned();
        self.slot = Some(
            slot.map_err(|_| overloaded("as many requests are being processed as are allowed at once"))?,
        );
        Ok(())
    }

    /// Gives its place to others while it waits for something; says whether it had one, to [`Room::enter`] again after.
    pub(super) fn leave(&mut self) -> bool {
        self.slot.take().is_some()
    }

    /// Takes room for `bytes` more of the request's body.
    ///
    /// # Errors
    /// `A0112` if there is none in time.
    pub(crate) async fn reserve_body(&mut self, bytes: usize) -> Result<(), Failure> {
        let permit = self.take(Purpose::Body, bytes).await?;
        self.body.push(permit);
        Ok(())
    }

    /// How much of the body there is room for.
    pub(crate) fn body(&self) -> usize {
        self.body.iter().map(Permit::bytes).sum()
    }

    /// Gives back the room of the body, which is gone.
    pub(crate) fn release_body(&mut self) {
        self.body.clear();
    }

    /// Whether others wait for room, so that who does not move has to go.
    pub(crate) fn is_pressed(&self) -> bool {
        self.account.budget().is_pressed()
    }

    /// Takes room for an answer of `bytes` and what it is made from, in place of what was taken for it before.
    ///
    /// # Errors
    /// `A0112` if there is none in time.
    pub(crate) async fn reserve(&mut self, bytes: usize) -> Result<(), Failure> {
        if self.answer.as_ref().is_some_and(|held| held.bytes() >= bytes) {
            return Ok(());
        }
        // Whoever waits holds no answer, so that those who wait never wait for each other.
        self.answer = None;
        self.answer = Some(self.take(Purpose::Answer, bytes).await?);
        Ok(())
    }

    /// Whether there is room for an answer of `bytes`, which is taken if it can be had at once.
    pub(crate) fn fits(&mut self, bytes: usize) -> bool {
        if self.answer.as_ref().is_some_and(|held| held.bytes() >= bytes) {
            return true;
        }
        let more = self.account.try_take(Purpose::Answer, bytes);
        let fits = more.is_some();
        if fits {
            self.answer = more;
        }
        fits
    }

    /// Gives up everything but the room of the finished answer, which has `bytes`.
    pub(super) fn settle(mut self, bytes: usize) -> Option<Permit> {
        drop(self.slot.take());
        if !self.fits(bytes) {
            tracing::debug!(target: "tenon::http", bytes, "an answer is larger than there was room for");
        }
        let mut held = self.answer.take();
        if let Some(held) = &mut held {
            held.shrink(bytes);
        }
        held
    }

    /// A request that waits is not in hand: its place is for others meanwhile.
    async fn take(&mut self, purpose: Purpose, bytes: usize) -> Result<Permit, Failure> {
        if let Some(permit) = self.account.try_take(purpose, bytes) {
            return Ok(permit);
        }
        let was_in_hand = self.leave();
        let Ok(Ok(permit)) = timeout(self.longest, self.account.take(purpose, bytes)).await else {
            return Err(overloaded(
                "the bodies and answers of current requests take as much memory as they may",
            ));
        };
        if was_in_hand {
            self.enter()?;
        }
        Ok(permit)
    }
}

fn overloaded(message: &str) -> Failure {
    Failure::from(Report::new(&OVERLOADED, message).hint("try again later"))
}
