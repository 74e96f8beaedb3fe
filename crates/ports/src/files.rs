//! Files as sources: what a format needs to know, and a place that holds files.

use async_trait::async_trait;
use bytes::Bytes;
use tenon_contracts::text::{RowRules, csv::Dialect};
use tenon_errors::Report;
use tenon_model::{Shape, Str};

use crate::{Checkpoint, Source};

/// The most bytes of a row where nothing else is said.
pub const ROW: usize = 1 << 20;

/// How a file is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileFormat {
    /// What its rows are.
    pub rows: RowFormat,
    /// The most bytes of a row.
    pub max_row: usize,
}

impl FileFormat {
    /// Rows as they are where nothing else is said.
    #[must_use]
    pub fn of(rows: RowFormat) -> Self {
        Self { rows, max_row: ROW }
    }
}

/// What the rows of a file are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RowFormat {
    /// Comma-separated values (RFC 4180 and its dialects).
    Csv(CsvFormat),
    /// One JSON value per line.
    JsonLines,
}

/// How the rows of a CSV file are written.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CsvFormat {
    /// The characters that mean something.
    pub dialect: Dialect,
    /// Lines that begin with it are no rows.
    pub comment: Option<u8>,
    /// So many lines at the start are no rows.
    pub skip: u32,
    /// The names of the columns, where the file does not begin with them.
    pub header: Option<Vec<Str>>,
    /// What cells and rows mean.
    pub rules: RowRules,
}

/// A source, open at a position.
pub struct OpenedSource {
    /// Where messages come from.
    pub source: Box<dyn Source>,
    /// Identifies the content, so that another file under the same name starts anew; the identity of a topic.
    pub fingerprint: Str,
    /// What the bytes of one message cannot be read without: the header line of a CSV file. Empty otherwise.
    pub context: Bytes,
}

/// A place that holds files.
#[async_trait]
pub trait Files: Send + Sync {
    /// The rows of the file at `path`, which is relative to the place, decoded by `shape`. It opens at the position of
    /// `checkpoint` if the content is the one that the checkpoint is about, else at its start.
    ///
    /// # Errors
    /// `Y0302` if the file is absent or not permitted, `D0203` if its header does not fit the contract.
    async fn open(
        &self,
        path: &str,
        format: &FileFormat,
        shape: &Shape,
        checkpoint: Option<Checkpoint>,
    ) -> Result<OpenedSource, Report>;
}
