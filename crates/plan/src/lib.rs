//! A project folder, compiled: text -> parsed with places -> checked [`Plan`], or all the reports.
//!
//! The plan is closed: names are resolved, expressions typed and compiled, contracts read, routes distinct. What
//! `check` accepts starts. This crate is pure: the folder, the environment and the facts about the world are passed in;
//! it opens no file, socket or database. Start reading at [`plan`], then [`compile()`]; `check` holds one file per
//! subject, and the format itself is data ([`specs`], [`descriptors`]).

mod check;
mod compile;
mod format;
mod objects;
mod parse;
pub mod plan;

pub use compile::{DataFiles, Facts, Outcome, compile};
pub use format::{descriptors, format_schema, specs};
pub use plan::*;
