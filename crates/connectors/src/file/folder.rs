//! The project folder on disk.

use std::{
    fs,
    io::Read,
    path::{Component, Path, PathBuf},
    sync::Arc,
};

use tenon_errors::{
    Report,
    catalogue::project::{FILE_OUTSIDE_PROJECT, NO_PROJECT, TOO_DEEP_OR_LARGE, UNREADABLE_FILE},
};
use tenon_ports::Folder;

/// The largest text file that is read whole.
const MAX_TEXT: u64 = 4 << 20;
/// The deepest folder that is listed.
const MAX_DEPTH: usize = 16;

/// A folder on disk. Nothing outside of it is read, not even through symbolic links.
#[derive(Debug, Clone)]
pub struct DiskFolder {
    root: PathBuf,
}

impl DiskFolder {
    /// The project in `root`.
    ///
    /// # Errors
    /// `P0001` if there is no `tenon.yaml` in it.
    pub fn open(root: impl AsRef<Path>) -> Result<Self, Report> {
        let root = root.as_ref();
        let none = || {
            Report::new(&NO_PROJECT, format!("there is no `tenon.yaml` in `{}`", root.display()))
                .hint("name a project folder, or start one with `tenon init NAME`")
        };
        let resolved = root.canonicalize().map_err(|_| none())?;
        if resolved.join("tenon.yaml").is_file() { Ok(Self { root: resolved }) } else { Err(none()) }
    }

    fn resolve(&self, path: &str) -> Result<PathBuf, Report> {
        let outside = || {
            Report::new(&FILE_OUTSIDE_PROJECT, format!("`{path}` leads out of the project folder"))
                .hint("move the file into the project and write its relative path")
        };
        if Path::new(path).components().any(|part| !matches!(part, Component::Normal(_) | Component::CurDir))
        {
            return Err(outside());
        }
        let resolved = self.root.join(path).canonicalize().map_err(|error| unreadable(path, &error))?;
        if resolved.starts_with(&self.root) { Ok(resolved) } else { Err(outside()) }
    }

    fn collect(&self, folder: &Path, depth: usize, found: &mut Vec<String>) {
        let Ok(entries) = fs::read_dir(folder) else { return };
        for entry in entries.flatten() {
            let (path, name) = (entry.path(), entry.file_name());
            if name.to_string_lossy().starts_with('.') {
                continue;
            }
            match entry.file_type() {
                Ok(kind) if kind.is_dir() && depth < MAX_DEPTH => self.collect(&path, depth + 1, found),
                Ok(kind) if kind.is_dir() => {}
                _ => {
                    found.extend(path.strip_prefix(&self.root).ok().and_then(Path::to_str).map(str::to_owned))
                }
            }
        }
    }
}

impl Folder for DiskFolder {
    fn read(&self, path: &str) -> Result<Arc<str>, Report> {
        let file = fs::File::open(self.resolve(path)?).map_err(|error| unreadable(path, &error))?;
        let mut bytes = Vec::new();
        file.take(MAX_TEXT + 1).read_to_end(&mut bytes).map_err(|error| unreadable(path, &error))?;
        if bytes.len() as u64 > MAX_TEXT {
            return Err(Report::new(&TOO_DEEP_OR_LARGE, format!("`{path}` is larger than {MAX_TEXT} bytes")));
        }
        let text = String::from_utf8(bytes).map_err(|error| {
            let at = error.utf8_error().valid_up_to();
            Report::new(&UNREADABLE_FILE, format!("`{path}` is not UTF-8 from byte {at}"))
        })?;
        Ok(Arc::from(text))
    }

    fn head(&self, path: &str, limit: usize) -> Result<Vec<u8>, Report> {
        let file = fs::File::open(self.resolve(path)?).map_err(|error| unreadable(path, &error))?;
        let mut bytes = Vec::new();
        file.take(limit as u64).read_to_end(&mut bytes).map_err(|error| unreadable(path, &error))?;
        Ok(bytes)
    }

    fn list(&self, path: &str) -> Vec<String> {
        let mut found = Vec::new();
        self.collect(&self.root.join(path), 0, &mut found);
        found.sort();
        found
    }
}

fn unreadable(path: &str, error: &std::io::Error) -> Report {
    Report::new(&UNREADABLE_FILE, format!("`{path}` cannot be read: {error}"))
        .hint("correct the path, which is relative to the project folder")
}
