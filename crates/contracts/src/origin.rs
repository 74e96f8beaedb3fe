//! The files that a contract was read from: enough to read it again as it was.

use std::{cell::RefCell, collections::BTreeMap, sync::Arc};

use serde_json::{Value as Json, json};
use tenon_errors::{Report, catalogue::contract::BAD_CONTRACT_FILE};

use crate::format::{Files, Text};

/// A file and all files that it refers to, by their paths in the project or their addresses.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Origin {
    texts: BTreeMap<String, Text>,
}

impl Origin {
    /// What was read from one text.
    pub(crate) fn of(path: String, text: String) -> Self {
        Self { texts: BTreeMap::from([(path, Text::from(text))]) }
    }

    /// The texts, by their paths.
    pub fn texts(&self) -> impl Iterator<Item = (&str, &Text)> {
        self.texts.iter().map(|(path, text)| (path.as_str(), text))
    }

    /// All of it as one text.
    #[must_use]
    pub fn write(&self) -> String {
        let files: serde_json::Map<_, _> =
            self.texts.iter().map(|(path, text)| (path.clone(), Json::from(&**text))).collect();
        json!({ "files": files }).to_string()
    }

    /// What [`write`](Self::write) wrote; `None` for any other text.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let parsed: Json = serde_json::from_str(text).ok()?;
        let object = parsed.as_object().filter(|object| object.len() == 1)?;
        let files = object.get("files")?.as_object()?;
        let texts = files.iter().map(|(path, text)| Some((path.clone(), Arc::from(text.as_str()?))));
        Some(Self { texts: texts.collect::<Option<_>>()? })
    }
}

impl Files for Origin {
    fn read(&self, path: &str) -> Result<Text, Report> {
        let message = || format!("`{path}` is not one of the files that were kept");
        self.kept(path).ok_or_else(|| Report::new(&BAD_CONTRACT_FILE, message()))
    }

    fn kept(&self, address: &str) -> Option<Text> {
        self.texts.get(address).cloned()
    }
}

/// Notes what is read of other files.
pub(crate) struct Noting<'f> {
    files: &'f dyn Files,
    read: RefCell<Origin>,
}

impl<'f> Noting<'f> {
    /// Notes what is read of `files` beside the file `path`, whose text is `text`.
    pub(crate) fn new(files: &'f dyn Files, path: &str, text: &Text) -> Self {
        let texts = BTreeMap::from([(path.to_owned(), Arc::clone(text))]);
        Self { files, read: RefCell::new(Origin { texts }) }
    }

    pub(crate) fn into_origin(self) -> Origin {
        self.read.into_inner()
    }

    fn note(&self, path: &str, text: &Text) {
        self.read.borrow_mut().texts.insert(path.to_owned(), Arc::clone(text));
    }
}

impl Files for Noting<'_> {
    fn read(&self, path: &str) -> Result<Text, Report> {
        self.files.read(path).inspect(|text| self.note(path, text))
    }

    fn kept(&self, address: &str) -> Option<Text> {
        self.files.kept(address).inspect(|text| self.note(address, text))
    }
}
