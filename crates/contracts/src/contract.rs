//! A contract: a shape with a name, a version and what its author says about it.

use std::sync::Arc;

use tenon_errors::{Place, Report, Reports, catalogue::contract::BAD_CONTRACT_FILE, nearest};
use tenon_model::{ContractRef, Shape, Str, Value};

use crate::{
    format::{self, Codec, Encoding, Files, Source, Text, encoding},
    json_schema,
    origin::{Noting, Origin},
    text::CsvCodec,
};

/// One version of a contract, read from its file.
#[derive(Debug, Clone)]
pub struct Contract {
    /// Its name and version.
    pub reference: ContractRef,
    /// What values it allows.
    pub shape: Shape,
    /// A short name for people.
    pub title: Option<Str>,
    /// What it stands for, in Markdown.
    pub doc: Option<Str>,
    /// The file that it was read from, relative to the project.
    pub file: Arc<str>,
    /// That file, and all that it refers to.
    pub origin: Origin,
    /// Values that its author gives as examples; each follows the contract.
    pub examples: Vec<Value>,
    /// What its format has beside JSON to write values as bytes.
    pub codecs: Vec<Arc<dyn Codec>>,
}

impl Contract {
    /// Reads the contract `reference` from the file `path`, whose text is `text`, and says what its format notes about it.
    ///
    /// # Errors
    /// Every problem of the files, each at its place; `C0004` if the ending is that of no format, or if none of the types of the
    /// file has the name.
    pub fn read(
        reference: &ContractRef,
        path: &str,
        text: &Text,
        files: &dyn Files,
    ) -> Result<(Self, Vec<Report>), Reports> {
        let bad = |message: String| Report::new(&BAD_CONTRACT_FILE, message).at(Place::file(path));
        let Some(format) = format::of(path, text) else {
            return Err(bad(format!("`{path}` does not have the ending of a contract format")).into());
        };
        let noting = Noting::new(files, path, text);
        let schema = format.read(&Source { file: path, text, files: &noting })?;
        let position = schema.position_of(reference.name.as_str()).map_err(|names| {
            let report = bad(format!("`{path}` defines nothing called `{}`", reference.name));
            report.hint(match nearest(reference.name.as_str(), names.iter().copied()) {
                Some(meant) => format!("name the folder after `{meant}`"),
                None => format!("name the folder after one of `{}`", names.join("`, `")),
            })
        })?;
        let definition = schema.types[position].clone();
        let codec = schema.codecs.as_ref().map(|codecs| codecs.codec(position)).transpose()?.flatten();
        let csv = CsvCodec::new(&definition.shape).map(|csv| Arc::new(csv) as Arc<dyn Codec>);
        let contract = Self {
            reference: reference.clone(),
            shape: definition.shape,
            title: definition.title,
            doc: definition.doc,
            file: Arc::from(path),
            origin: noting.into_origin(),
            examples: definition.examples,
            codecs: codec.into_iter().chain(csv).collect(),
        };
        Ok((contract, schema.notes))
    }

    /// What an operation of another system takes or answers, which no contract of the project names.
    #[must_use]
    pub fn of_operation(reference: ContractRef, shape: Shape, doc: Option<Str>, file: &str) -> Self {
        let written = json_schema::write(&shape).to_string();
        let csv = CsvCodec::new(&shape).map(|csv| Arc::new(csv) as Arc<dyn Codec>);
        Self {
            origin: Origin::of(reference.to_string(), written),
            reference,
            shape,
            title: None,
            doc,
            file: Arc::from(file),
            examples: Vec::new(),
            codecs: csv.into_iter().collect(),
        }
    }

    /// What reads and writes its values in `encoding`; `None` for JSON, and where it has no such encoding.
    #[must_use]
    pub fn codec(&self, encoding: &Encoding) -> Option<&Arc<dyn Codec>> {
        self.codecs.iter().find(|codec| codec.encoding() == encoding)
    }

    /// The encodings that its values have, JSON first.
    pub fn encodings(&self) -> impl Iterator<Item = &'static Encoding> {
        std::iter::once(&encoding::JSON).chain(self.codecs.iter().map(|codec| codec.encoding()))
    }

    /// All that it was read from as one text, from which [`shape_of`](Self::shape_of) makes its shape again.
    #[must_use]
    pub fn kept_text(&self) -> String {
        self.origin.write()
    }

    /// The shape of the contract `reference`, which `kept` was [kept of](Self::kept_text); `None` where that cannot be read.
    #[must_use]
    pub fn shape_of(reference: &ContractRef, kept: &str) -> Option<Shape> {
        let origin = Origin::parse(kept)?;
        // Of its files one alone is named by the contract's version.
        let own = format!("contracts/{}/{}.", reference.name, reference.version);
        let (path, text) = origin.texts().find(|(path, _)| path.starts_with(&own))?;
        Some(Self::read(reference, path, text, &origin).ok()?.0.shape)
    }
}
