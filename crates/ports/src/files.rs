//! Files as sources: what a format needs to know, and a place that holds files.

use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use tenon_contracts::{
    avro,
    format::Codec,
    text::{RowRules, csv::Dialect},
};
use tenon_errors::Report;
use tenon_model::{Shape, Str};

use crate::{Checkpoint, Source};

/// The most bytes of a row where nothing else is said.
pub const ROW: usize = 1 << 20;

/// How a file is read.
#[derive(Debug, Clone)]
pub struct FileFormat {
    /// What its rows are.
    pub rows: RowFormat,
    /// How its bytes are compressed.
    pub compression: Compression,
    /// One of [`ENCODINGS`]; otherwise what its byte order mark says, and UTF-8 without one.
    pub encoding: Option<&'static str>,
    /// The most bytes of a row.
    pub max_row: usize,
    /// The ways to the fields of a row that anybody reads; `None` where they all are wanted. Others may be left out of its value, where
    /// reading that little costs less; they are held against the contract all the same.
    pub part: Option<Arc<[Vec<Str>]>>,
}

/// How the bytes of a file are compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Compression {
    /// Not at all.
    #[default]
    None,
    /// RFC 1952, any number of members.
    Gzip,
    /// RFC 8878, any number of frames.
    Zstd,
}

impl Compression {
    /// Every one with its name and the ending of files that are compressed so.
    pub const ALL: &[(Self, &'static str, &'static str)] =
        &[(Self::None, "none", ""), (Self::Gzip, "gzip", ".gz"), (Self::Zstd, "zstd", ".zst")];
}

/// The encodings of text files: those of the WHATWG standard, and `latin-1` as ISO 8859-1 has it.
pub const ENCODINGS: &[&str] = &[
    "utf-8",
    "utf-16le",
    "utf-16be",
    "latin-1",
    "windows-1252",
    "iso-8859-2",
    "iso-8859-3",
    "iso-8859-4",
    "iso-8859-5",
    "iso-8859-6",
    "iso-8859-7",
    "iso-8859-8",
    "iso-8859-10",
    "iso-8859-13",
    "iso-8859-14",
    "iso-8859-15",
    "iso-8859-16",
    "windows-874",
    "windows-1250",
    "windows-1251",
    "windows-1253",
    "windows-1254",
    "windows-1255",
    "windows-1256",
    "windows-1257",
    "windows-1258",
    "koi8-r",
    "koi8-u",
    "ibm866",
    "macintosh",
    "shift_jis",
    "euc-jp",
    "gbk",
    "gb18030",
    "big5",
    "euc-kr",
];

impl FileFormat {
    /// Rows as they are where nothing else is said.
    #[must_use]
    pub fn of(rows: RowFormat) -> Self {
        Self { rows, compression: Compression::None, encoding: None, max_row: ROW, part: None }
    }
}

/// What the rows of a file are.
#[derive(Debug, Clone)]
pub enum RowFormat {
    /// Comma-separated values (RFC 4180 and its dialects).
    Csv(CsvFormat),
    /// One JSON value per line.
    JsonLines,
    /// A JSON document.
    Json {
        /// The names and positions that lead to its items: to a list, or to a single one.
        items: Arc<[Str]>,
    },
    /// An XML document.
    Xml(XmlFormat),
    /// An object container file of Avro.
    Avro {
        /// By what its rows are read, whatever schema they were written with.
        schema: Arc<avro::Schema>,
    },
}

/// How the rows of an XML document are found and read.
#[derive(Debug, Clone)]
pub struct XmlFormat {
    /// The names of the elements that lead to its rows, without namespaces, from the one at the top to the rows themselves; none
    /// where the document is one row.
    pub items: Arc<[Str]>,
    /// Reads a row, which is a document of its own.
    pub codec: Arc<dyn Codec>,
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
    /// What the bytes of one message cannot be read without: the header line of a CSV file, the schema of an Avro file. Empty
    /// otherwise.
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

    /// What [`Files::open`] would identify the content by, without opening it: only its beginning and its size are looked at.
    ///
    /// # Errors
    /// `Y0302` if the file is absent or not permitted, what reading its beginning reports.
    async fn fingerprint(
        &self,
        path: &str,
        format: &FileFormat,
        checkpoint: Option<Checkpoint>,
    ) -> Result<Str, Report>;
}
