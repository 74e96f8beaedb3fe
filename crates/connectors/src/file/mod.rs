//! Files: as sources of messages, and the project folder on disk.
//!
//! A file is finite: it is read up to the size that it had when it was opened. Reading is flat in memory whatever the
//! file holds, and a row that cannot be read is one arrival with a report, after which reading goes on.
//!
//! Start reading at `csv` (the source), then `csv/rows` (where a row ends) and `input` (the bytes).

mod connector;
mod csv;
mod fingerprint;
mod folder;
mod input;
mod json_lines;
mod source;
mod tail;

#[cfg(test)]
mod tests;

pub use self::{connector::FileConnector, csv::CsvSource, folder::DiskFolder, json_lines::JsonLinesSource};
