//! Tests as Markdown documents, run against the project as it would be served.
//!
//! A heading is a case, and the fences below it say what is sent and what is expected. Users and Tenon's own tests use
//! the same runner. It knows the engine and no connector. Start reading at [`document`] for the format, then [`run()`].

mod answers;
pub mod case;
mod clock;
pub mod difference;
pub mod document;
pub mod expect;
mod files;
pub mod junit;
pub mod request;
pub mod run;
mod varying;
pub mod world;

pub use run::{Outcome, Settings, run};
