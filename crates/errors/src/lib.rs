//! What went wrong, as a record that every protocol, log and person can read.
//!
//! A [`Report`] is one problem: its [`Code`] (a number with a page), a message that says what happened with the
//! values, the [`Place`]s in the user's files, the path in the data and a hint. [`Kind`] is the only part that
//! protocols map (HTTP status, SOAP fault, GraphQL error, gRPC status, exit code).
//!
//! This crate knows no wire format, no IO and no other part of Tenon. Start reading at [`report`].

pub mod catalogue;
pub mod clip;
pub mod code;
pub mod counted;
pub mod lines;
pub mod nearest;
pub mod render;
pub mod report;
pub mod sources;

pub use clip::{clip, clip_line};
pub use code::{Code, Fault, Kind, Retry};
pub use counted::counted;
pub use lines::Lines;
pub use nearest::nearest;
pub use report::{Place, Report, Reports, Result};
pub use sources::Sources;
