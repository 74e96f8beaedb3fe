//! JSON Schema (draft 2020-12, with draft-07's `definitions`) as shapes, and shapes as JSON Schema.
//!
//! A keyword that could not be enforced is an error and never ignored. [`keywords`] lists what is known; `read` has a
//! file per subject.

pub mod keywords;
mod read;
#[cfg(test)]
mod tests;
mod write;

pub use read::{Definition, formats, read};
pub use write::write;
