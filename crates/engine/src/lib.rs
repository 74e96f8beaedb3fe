//! The composition root: a project folder becomes a plan, the plan becomes running flows and a server, and both are
//! drained or reloaded without losing anything.
//!
//! This is the only crate that knows every connector, flows and APIs at once. Start reading at [`project`] (folder to
//! checked plan) and [`running`] (plan to running).

pub mod authentication;
pub mod control;
pub mod inspect;
pub mod key_sets;
pub mod operations;
pub mod options;
pub mod preflight;
pub mod process;
pub mod project;
pub mod readiness;
pub mod replay;
pub mod running;
pub mod secrets;
pub mod service;
pub mod sources;
pub mod summary;
pub mod supervisor;
pub mod systems;
pub mod tls;

pub use options::Options;
pub use project::{Loaded, load};
pub use running::Running;
pub use summary::Summary;
