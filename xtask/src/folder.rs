//! A folder as a project: its files with some endings, and what they refer to.

use std::{
    fs,
    path::{Path, PathBuf},
};

use tenon_contracts::format::{Files, Source, Text};
use tenon_errors::{Report, Reports, catalogue::contract::BAD_CONTRACT_FILE};

/// The files below a folder.
#[derive(Debug)]
pub(crate) struct Folder(pub(crate) PathBuf);

impl Folder {
    /// What `read` makes of the file at `path` and of the files that it refers to.
    pub(crate) fn read_file<T>(
        &self,
        path: &Path,
        read: impl FnOnce(&Source<'_>) -> Result<T, Reports>,
    ) -> Result<T, Reports> {
        let file = path.strip_prefix(&self.0).unwrap_or(path).to_string_lossy().into_owned();
        let text = self.read(&file)?;
        read(&Source { file: &file, text: &text, files: self })
    }
}

impl Files for Folder {
    fn read(&self, path: &str) -> Result<Text, Report> {
        let bytes = fs::read(self.0.join(path));
        let bytes = bytes.map_err(|error| {
            Report::new(&BAD_CONTRACT_FILE, format!("there is no file `{path}` here: {error}"))
        })?;
        Ok(Text::from(String::from_utf8_lossy(&bytes)))
    }
}

/// The files with one of the endings in the folder and below it, in order; an empty ending stands for none. Links are not followed.
pub(crate) fn files(folder: &Path, endings: &[&str]) -> Result<Vec<PathBuf>, String> {
    let failed = |error: std::io::Error| format!("{}: {error}", folder.display());
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        let (path, kind) = (entry.path(), entry.file_type().map_err(failed)?);
        let ending = path.extension().unwrap_or_default();
        if kind.is_dir() {
            found.extend(files(&path, endings)?);
        } else if kind.is_file() && endings.iter().any(|wanted| ending == *wanted) {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}
