//! How the endpoints of a system are.

use tenon_model::Str;

/// How one endpoint is at the moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EndpointStatus {
    /// Its URL.
    pub url: Str,
    /// Whether it gets calls.
    pub state: State,
    /// How many calls it has in hand.
    pub in_flight: usize,
}

/// Whether an endpoint gets calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// It gets calls.
    Up,
    /// It is left out, because it failed while others did not, or says that it is not well.
    Ejected,
    /// It is left alone after failures.
    Open,
    /// A single call tries whether it is back.
    HalfOpen,
}
