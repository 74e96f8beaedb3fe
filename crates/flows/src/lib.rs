//! Running flows: messages are pulled from a source, go through the steps of the plan, and are acknowledged once their
//! effects are durable.
//!
//! Every flow runs batch by batch: each step over the whole batch, so that a lookup is one question and a publish is
//! one fsync. While one batch waits for its effects to be durable the next one is read and mapped. What fails
//! permanently becomes a dead letter; what fails for now waits, without holding up other keys; what would hit every
//! message stalls the flow.
//!
//! This crate knows the world only by `tenon_ports`: no connector, no protocol. Start reading at [`runner`], then
//! `program` (the steps of one batch) and `runner/settler.rs` (when something counts as done).

mod backoff;
mod batch;
mod by_hand;
pub mod changed;
mod cost;
pub mod counting;
mod effects;
mod envelope;
mod expiry;
mod identity;
mod keys;
mod lag;
mod lost;
mod merge;
mod meters;
mod moves;
mod program;
pub mod progress;
pub mod rebuild;
pub mod replay;
pub mod request;
pub mod runner;
mod salvage;
pub mod standing;
mod steps;
mod stream;
#[cfg(test)]
mod testing;
mod watched;
pub mod world;

pub use counting::{Counting, Surroundings};
pub use expiry::expire_dead_letters;
pub use lag::lag;
pub use lost::{open_topic, outdated_topic, restart, set_back};
pub use progress::{FlowState, Progress};
pub use replay::{ReplayOutcome, replay};
pub use request::{Hand, RequestFlow, Tables, finish_requests, forget_transactions};
pub use runner::FlowRunner;
pub use salvage::{Salvaged, salvage};
pub use steps::log::PROJECT_LOG;
pub use stream::position_in_topic;
pub use watched::{Watched, watch};
pub use world::{SourceFactory, World};
