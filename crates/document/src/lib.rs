//! YAML and JSON text as a tree in which everything has its place.
//!
//! Project files and contracts are read through this crate, so that every report about them can name file, line and
//! column. It knows nothing of what the tree means. Start reading at [`node`].

mod builder;
mod extent;
mod json;
pub mod node;
pub mod parse;
mod syntax;
#[cfg(test)]
mod tests;
mod unquoted;

pub use node::{Node, Tree};
pub use parse::{Limits, parse, parse_json, parse_within};
