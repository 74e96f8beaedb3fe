//! The text of a file, and where reading goes on in it.

use std::sync::{Arc, atomic::AtomicU64};

use tenon_errors::{Place, Report, catalogue::system::FILE_AWAITED};
use tenon_model::Str;
use tenon_ports::{Checkpoint, Compression, FileFormat, Position, RowFormat};

use super::{
    blob::{AWAITED, Blob, refused},
    fingerprint::{self, Start},
    growth::Look,
    input::Input,
    layers,
    source::Progress,
    tail::Kept,
    xml,
};

/// A file that has been recognised and not read.
pub(crate) struct Content {
    blob: Box<dyn Blob>,
    start: Start,
    compression: Compression,
    /// As the flow says, or as its byte order mark or the declaration of XML does.
    encoding: Option<&'static str>,
    /// The bytes of the file that went by, where positions are not those of its text.
    consumed: Arc<AtomicU64>,
    /// Whether positions are bytes of the text; else they are rows.
    counts_bytes: bool,
}

impl Content {
    /// Recognises the file.
    ///
    /// # Errors
    /// `Y0301` if it is not what was read before; what reading it reports.
    pub(crate) fn open(
        blob: Box<dyn Blob>,
        format: &FileFormat,
        checkpoint: Option<&Checkpoint>,
    ) -> Result<Self, Report> {
        let mut content = Self::new(blob, format)?;
        let seeks = content.seeks(&format.rows);
        content.start = fingerprint::start(content.blob.as_mut(), format.compression, checkpoint, seeks)?;
        if checkpoint.is_some_and(|checkpoint| checkpoint.fingerprint != content.start.fingerprint) {
            tracing::warn!(file = %content.name(), "this file differs from the one read before; reading it from the start");
        }
        Ok(content)
    }

    /// By what it would be recognised, whatever comes after its beginning.
    ///
    /// # Errors
    /// What reading its beginning reports.
    pub(crate) fn recognised(
        blob: Box<dyn Blob>,
        format: &FileFormat,
        checkpoint: Option<&Checkpoint>,
    ) -> Result<Str, Report> {
        let mut content = Self::new(blob, format)?;
        let seeks = content.seeks(&format.rows);
        let start = fingerprint::by_head(content.blob.as_mut(), format.compression, checkpoint, seeks)?;
        Ok(start.fingerprint)
    }

    fn new(mut blob: Box<dyn Blob>, format: &FileFormat) -> Result<Self, Report> {
        let encoding = match (format.compression, format.encoding) {
            (Compression::None, None) => layers::encoding_of_mark(blob.as_mut())?,
            (_, encoding) => encoding,
        };
        let encoding = match (encoding, &format.rows) {
            (None, RowFormat::Xml(_)) => xml::declared(blob.as_mut(), format.compression)?,
            (encoding, _) => encoding,
        };
        Ok(Self {
            blob,
            start: Start::default(),
            compression: format.compression,
            encoding,
            consumed: Arc::default(),
            counts_bytes: !matches!(format.rows, RowFormat::Avro { .. }),
        })
    }

    /// Whether what lies before a position can be looked at without reading all of it as rows: where a document is gone on with is
    /// told by what comes before, and where a row is by those before it.
    fn seeks(&self, rows: &RowFormat) -> bool {
        let is_document = matches!(rows, RowFormat::Json { .. } | RowFormat::Xml(_));
        self.is_plain() && self.counts_bytes && !is_document
    }

    pub(crate) fn name(&self) -> Str {
        self.blob.name().clone()
    }

    pub(crate) fn fingerprint(&self) -> Str {
        self.start.fingerprint.clone()
    }

    /// Where reading went on; `None` to start with the first row.
    pub(crate) fn resume(&self) -> Option<Position> {
        self.start.position
    }

    /// How the bytes are encoded, for reports: `None` for UTF-8.
    pub(crate) fn encoding(&self) -> Option<&'static str> {
        self.encoding
    }

    /// Whether the bytes of the file are those of its text, so that reading can begin anywhere.
    pub(crate) fn is_plain(&self) -> bool {
        self.compression == Compression::None && self.encoding.is_none_or(|name| name == layers::UTF_8)
    }

    /// How it is seen whether more is written to it, where its text grows with it.
    pub(crate) fn growth(&self) -> Result<Option<Look>, Report> {
        if !self.is_plain() {
            return Ok(None);
        }
        self.blob.growth().map_err(|error| refused(self.blob.name(), &error))
    }

    pub(crate) fn progress(&self) -> Progress {
        let is_counted = !self.is_plain() || !self.counts_bytes;
        let consumed = is_counted.then(|| Arc::clone(&self.consumed));
        Progress::new(self.blob.size(), consumed)
    }

    /// A file that nothing was read of has to hold more than blanks: else it was made, and is not written yet.
    ///
    /// # Errors
    /// `Y0302`; what reading it reports.
    pub(crate) fn expect_something(&mut self) -> Result<(), Report> {
        if self.start.position.is_some() {
            return Ok(());
        }
        let (name, mut input) = (self.name(), self.begin()?);
        loop {
            if !input.window().trim_ascii().is_empty() {
                return Ok(());
            }
            input.take(input.window().len());
            if input.is_whole() {
                break;
            }
            input.extend().map_err(|error| refused(&name, &error))?;
        }
        let message = format!("`{name}` is empty: there is nothing to read yet");
        Err(Report::new(&FILE_AWAITED, message)
            .at(Place::file(name.as_str()))
            .hint("write the file; best under another name, and then rename it")
            .retry_after(AWAITED))
    }

    /// The text from its start, without a byte order mark.
    pub(crate) fn begin(&mut self) -> Result<Input, Report> {
        if !self.is_plain() {
            let (name, size) = (self.name(), self.blob.size());
            let raw = self.blob.read_at(0).map_err(|error| refused(&name, &error))?;
            let consumed = Arc::clone(&self.consumed);
            let text = layers::text(raw, size, &name, self.compression, self.encoding, consumed)?;
            return Ok(self.keeping(Input::endless(text)));
        }
        let input = self.at(0)?;
        let mut input = self.keeping(input);
        let name = self.blob.name();
        input.extend().map_err(|error| refused(name, &error))?;
        if input.window().starts_with(layers::MARK) {
            input.take(layers::MARK.len());
        }
        Ok(input)
    }

    /// The text from where reading went on, where it is plain.
    pub(crate) fn from(&mut self, position: Position) -> Result<Input, Report> {
        Ok(self.at(position.offset)?.after(self.start.check))
    }

    /// A position is recognised by the check of everything before it; one of an earlier Tenon by what comes last before it.
    fn keeping(&self, input: Input) -> Input {
        let Some(position) = self.start.position else { return input };
        match Kept::of(position) {
            kept if kept.is_whole => input.noting(position.offset),
            kept if kept.length > 0 => input.keeping(kept.length),
            _ => input,
        }
    }

    fn at(&mut self, offset: u64) -> Result<Input, Report> {
        let size = self.blob.size();
        let raw = self.blob.read_at(offset).map_err(|error| refused(self.blob.name(), &error))?;
        let raw = if self.counts_bytes { raw } else { layers::counted(raw, &self.consumed) };
        Ok(Input::new(raw, offset, size))
    }
}
