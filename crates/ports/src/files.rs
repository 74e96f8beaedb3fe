//! Files as sources: what a format needs to know, and a place that holds files.

use async_trait::async_trait;
use bytes::Bytes;
use tenon_errors::Report;
use tenon_model::{Shape, Str};

use crate::{Checkpoint, Source};

/// How a file is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FileFormat {
    /// Comma-separated values with a header line (RFC 4180).
    Csv {
        /// The delimiter.
        delimiter: u8,
        /// Cells of these texts count as absent; the empty cell always does.
        absent: Vec<Str>,
    },
    /// One JSON value per line.
    JsonLines,
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
    /// `P0002` if the file is absent or not permitted, `D0203` if its header does not fit the contract.
    async fn open(
        &self,
        path: &str,
        format: &FileFormat,
        shape: &Shape,
        checkpoint: Option<Checkpoint>,
    ) -> Result<OpenedSource, Report>;
}
