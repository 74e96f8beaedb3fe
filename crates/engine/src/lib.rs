//! The composition root: a project folder becomes a plan, the plan becomes running flows and a server, and both are
//! drained or reloaded without losing anything.
//!
//! This is the only crate that knows every connector, flows and APIs at once. Start reading at [`project`] (folder to
//! checked plan) and [`running`] (plan to running).

mod again;
mod authentication;
mod ban_change;
pub mod bans;
pub mod callers;
pub mod changes;
mod control;
pub mod development;
mod fetch;
mod folder;
mod followed;
mod generation;
pub mod inspect;
mod introspection;
mod key_sets;
mod measured;
mod observe;
mod operations;
pub mod options;
mod preflight;
pub mod process;
pub mod project;
mod readiness;
pub mod reading;
pub mod replay;
pub mod running;
pub mod secrets;
mod server;
mod service;
mod sources;
pub mod state;
pub mod summary;
mod supervisor;
mod systems;
mod tls;
mod unopened;

pub use options::{Options, Remotes};
pub use project::{Loaded, load};
pub use running::Running;
pub use summary::Summary;
