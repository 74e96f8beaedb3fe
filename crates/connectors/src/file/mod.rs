//! Files of a project: as sources of rows and lines, and the project folder itself.
//!
//! A source is finite: it ends where the file ended when it was opened. Input that cannot be a row is handed on with a
//! report and its bytes, and reading goes on behind it. Memory is bounded whatever the file holds.

mod blocking;
mod csv;
mod folder;
mod json_lines;
mod reader;
mod split;

#[cfg(test)]
mod tests;

pub use csv::{CsvOptions, CsvSource};
pub use folder::DiskFolder;
pub use json_lines::JsonLinesSource;
