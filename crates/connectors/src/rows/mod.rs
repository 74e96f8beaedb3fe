//! The rows of files, wherever the files are: a place gives bytes ([`Blob`]), a row format turns them into rows, and
//! compression and encoding lie between them as layers. A row format is one file or folder and one line in [`open`].
//!
//! A file is finite: it is read up to the size that it had when it was opened, or, where its last row had no line break, until that is
//! whole (`growth`). Reading is flat in memory whatever the
//! file holds, and a row that cannot be read is one arrival with a report, after which reading goes on.
//!
//! Start reading at `content` (the text of a file), then `csv` (a source), `csv/rows` (where a row ends) and `input`
//! (the bytes).

mod arrival;
mod avro;
mod blob;
mod content;
mod csv;
mod fingerprint;
mod growth;
mod input;
mod json;
mod json_lines;
mod layers;
mod rescan;
mod source;
mod tail;
mod text;
mod xml;

#[cfg(test)]
mod tests;

use tenon_contracts::json::Decoder;
use tenon_errors::Report;
use tenon_model::{Shape, Str};
use tenon_ports::{Checkpoint, FileFormat, OpenedSource, RowFormat};

pub(crate) use self::blob::{AWAITED, refused};
pub use self::{
    blob::Blob,
    growth::Look,
    layers::{preview, written},
};
use self::{content::Content, source::FileSource};
use crate::blocking;

/// The rows of a file, decoded by `shape`, from the position of `checkpoint` if it is about this content.
///
/// A row that cannot be read is an arrival whose payload is a report with the place `file:line:1`: `D0104` beyond the limit
/// (then its bytes are the first 64 KiB), `D0105` for bytes that are not of the encoding, and what the format and the
/// contract say. Positions are bytes and lines of the text; they are kept by the caller: `commit` does nothing.
///
/// # Errors
/// `D0203` if the header does not fit the contract; `Y0302` if it is empty or blank, so that its content is still to come,
/// `Y0301` if the file is not what was read before, `D0107` if it cannot be decompressed; the errors of compiling the
/// contract.
pub async fn open(
    blob: Box<dyn Blob>,
    format: &FileFormat,
    shape: &Shape,
    checkpoint: Option<Checkpoint>,
) -> Result<OpenedSource, Report> {
    let (format, shape) = (format.clone(), shape.clone());
    blocking::run(move || {
        let mut content = Content::open(blob, &format, checkpoint.as_ref())?;
        content.expect_something()?;
        let (fingerprint, progress) = (content.fingerprint(), content.progress());
        let (rows, context) = match &format.rows {
            RowFormat::Csv(csv) => csv::open(content, csv, format.max_row, &shape)?,
            RowFormat::JsonLines => {
                json_lines::open(content, format.max_row, json_decoder(&format, &shape)?)?
            }
            RowFormat::Json { items } => {
                json::open(content, items, format.max_row, json_decoder(&format, &shape)?)?
            }
            RowFormat::Xml(xml) => xml::open(content, xml, format.max_row)?,
            RowFormat::Avro { schema } => avro::open(content, schema, &format)?,
        };
        Ok(OpenedSource { source: Box::new(FileSource::new(rows, progress)), fingerprint, context })
    })
    .await?
}

/// By what [`open`] would identify the content of a file.
///
/// # Errors
/// What reading its beginning reports.
pub async fn fingerprint(
    blob: Box<dyn Blob>,
    format: &FileFormat,
    checkpoint: Option<Checkpoint>,
) -> Result<Str, Report> {
    let format = format.clone();
    blocking::run(move || Content::recognised(blob, &format, checkpoint.as_ref())).await?
}

/// Reads of a row in JSON what is wanted.
fn json_decoder(format: &FileFormat, shape: &Shape) -> Result<Decoder, Report> {
    match &format.part {
        Some(ways) => Decoder::of_judged_part(shape, ways),
        None => Decoder::new(shape),
    }
}
