//! The project folder as the compiler sees it.

use std::{borrow::Cow, collections::BTreeMap, sync::Arc};

use tenon_contracts::charset;
use tenon_errors::{
    Report,
    catalogue::project::{FILE_OUTSIDE_PROJECT, UNREADABLE_FILE},
};

/// Reading a project folder. Paths are relative to it, with `/`; nothing outside of it can be reached.
pub trait Folder: Send + Sync {
    /// The text of a file: UTF-8, what its byte order mark says, or what an XML document declares.
    ///
    /// # Errors
    /// `P0002` if it is absent, not permitted, not of that encoding or larger than 32 MiB.
    fn read(&self, path: &str) -> Result<Arc<str>, Report>;

    /// The first `limit` bytes of a file, for looking at headers of data files.
    ///
    /// # Errors
    /// `P0002` if it is absent or not permitted.
    fn head(&self, path: &str, limit: usize) -> Result<Vec<u8>, Report>;

    /// The files below a folder, recursively, as paths relative to the project, in order. Hidden ones are left out.
    fn list(&self, path: &str) -> Vec<String>;
}

/// `path` without `..`, as it is written: `a/../b` is `b`, whatever `a` is. A path without `..` stays as it is, since files are
/// known by their names.
///
/// # Errors
/// `P0005` if it leads out of the folder that it is relative to.
pub fn normal(path: &str) -> Result<Cow<'_, str>, Report> {
    let outside = || {
        Report::new(&FILE_OUTSIDE_PROJECT, format!("`{path}` is outside the project folder"))
            .hint("move the file into the project and write its path relative to the project folder")
    };
    let drive = path.as_bytes().get(1) == Some(&b':');
    if drive || path.starts_with(['/', '\\', '~']) {
        return Err(outside());
    }
    if !path.split(['/', '\\']).any(|part| part == "..") {
        return Ok(path.into());
    }
    if path.contains('\\') {
        return Err(outside());
    }
    let mut parts = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop().ok_or_else(outside)?),
            name => parts.push(name),
        }
    }
    Ok(parts.join("/").into())
}

/// The text of the file `path` that holds `bytes`.
///
/// # Errors
/// `P0002` if they are not of the encoding that it has by its byte order mark, by the declaration of XML, or else of UTF-8.
pub fn text(path: &str, bytes: &[u8]) -> Result<Arc<str>, Report> {
    charset::text_of_file(path, bytes, &UNREADABLE_FILE)
}

/// The path of a file `path` in `folder`; the empty folder is the one that both are relative to.
#[must_use]
pub fn join(folder: &str, path: &str) -> String {
    if folder.is_empty() { path.to_owned() } else { format!("{folder}/{path}") }
}

/// A folder in memory.
#[derive(Debug, Default, Clone)]
pub struct MemoryFolder(BTreeMap<String, Vec<u8>>);

impl MemoryFolder {
    /// A folder of these paths and contents.
    pub fn new<P: Into<String>, C: Into<Vec<u8>>>(files: impl IntoIterator<Item = (P, C)>) -> Self {
        Self(files.into_iter().map(|(path, content)| (path.into(), content.into())).collect())
    }

    fn content(&self, path: &str) -> Result<&[u8], Report> {
        self.0.get(&*normal(path)?).map(Vec::as_slice).ok_or_else(|| {
            Report::new(&UNREADABLE_FILE, format!("`{path}` does not exist in the project folder"))
        })
    }
}

impl Folder for MemoryFolder {
    fn read(&self, path: &str) -> Result<Arc<str>, Report> {
        text(path, self.content(path)?)
    }

    fn head(&self, path: &str, limit: usize) -> Result<Vec<u8>, Report> {
        let content = self.content(path)?;
        Ok(content[..content.len().min(limit)].to_vec())
    }

    fn list(&self, path: &str) -> Vec<String> {
        let prefix = if path.is_empty() { String::new() } else { format!("{}/", path.trim_end_matches('/')) };
        self.0.keys().filter(|file| file.starts_with(&prefix)).cloned().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_stay_inside() {
        for path in
            ["/etc/passwd", "../x", "a/../../x", "a/b/../../../a/x", "~/x", "C:/x", "..\\x", "a\\..\\x"]
        {
            assert_eq!(normal(path).unwrap_err().code(), &FILE_OUTSIDE_PROJECT, "{path}");
        }
        for path in ["data/a.csv", "./a", "a//b", "a..b", ".", ""] {
            assert_eq!(normal(path).unwrap(), path);
        }
        for (path, meant) in
            [("sub/../a.csv", "a.csv"), ("a/./b/..//c", "a/c"), ("a/b/../../c/d", "c/d"), ("a/..", "")]
        {
            assert_eq!(normal(path).unwrap(), meant, "{path}");
        }
    }
}
