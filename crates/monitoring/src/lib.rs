//! The metrics that every part emits, their registry, and their text form.
//!
//! Pure: durations are passed in. This crate must not know the clock, sockets, or who is measured. Start reading at
//! [`metrics`], the list of everything that Tenon emits, then [`registry`].

pub mod counter;
pub mod family;
pub mod gauge;
pub mod histogram;
pub mod metrics;
pub mod prometheus;
pub mod registry;
pub mod snapshot;

mod sketch;

pub use counter::Counter;
pub use family::{Family, Kind};
pub use gauge::Gauge;
pub use histogram::Histogram;
pub use registry::Metrics;
