//! The keys of requests in hand: while the first request with a key is, another one is told to come again.

use std::{
    collections::HashSet,
    sync::{Arc, Mutex, PoisonError},
};

use tenon_errors::{Report, catalogue::delivery::REQUEST_IN_HAND};
use tenon_ports::ClaimId;

/// The keys of all requests that a process has in hand, whatever operation and generation of the plan they came by. Its
/// copies are the same.
#[derive(Debug, Clone, Default)]
pub struct Hand(Arc<Mutex<HashSet<ClaimId>>>);

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
        let is_new = self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(id.clone());
        if !is_new {
            return Err(Report::new(&REQUEST_IN_HAND, "a request with this `Idempotency-Key` is in hand")
                .hint("send it again a little later"));
        }
        Ok(InHand { hand: self.clone(), id })
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
        self.hand.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.id);
    }
}
