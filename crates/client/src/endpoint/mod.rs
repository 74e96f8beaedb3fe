//! One endpoint: its connections, its calls in hand, and whether it gets more.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering::Relaxed},
};

use crate::{EndpointStatus, State, pool::Pool, target::Target};

/// One endpoint.
pub(crate) struct Endpoint {
    pub(crate) target: Arc<Target>,
    pub(crate) weight: u32,
    pub(crate) pool: Pool,
    in_flight: AtomicUsize,
}

/// A call in hand, until this is dropped.
pub(crate) struct InHand<'e>(&'e Endpoint);

impl Endpoint {
    /// An endpoint that nothing is known of.
    pub(crate) fn new(target: Arc<Target>, weight: u32, pool: Pool) -> Self {
        Self { target, weight, pool, in_flight: AtomicUsize::new(0) }
    }

    /// Counts a call in.
    pub(crate) fn begin(&self) -> InHand<'_> {
        self.in_flight.fetch_add(1, Relaxed);
        InHand(self)
    }

    pub(crate) fn in_flight(&self) -> usize {
        self.in_flight.load(Relaxed)
    }

    pub(crate) fn status(&self) -> EndpointStatus {
        EndpointStatus { url: self.target.url.clone(), state: State::Up, in_flight: self.in_flight() }
    }
}

impl Drop for InHand<'_> {
    fn drop(&mut self) {
        self.0.in_flight.fetch_sub(1, Relaxed);
    }
}
