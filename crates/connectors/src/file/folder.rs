//! A project folder on disk.

use std::{
    fs::{self, File},
    io::{self, Read},
    path::{Path, PathBuf},
    sync::Arc,
};

use tenon_errors::{
    Report,
    catalogue::project::{FILE_OUTSIDE_PROJECT, NO_PROJECT, TOO_DEEP_OR_LARGE, UNREADABLE_FILE},
    nearest,
};
use tenon_ports::{Folder, folder};

/// The most bytes of a file that is read as text: as many as the description of a whole system may have. Who reads it as something
/// smaller has a limit of its own.
const MAX_TEXT: u64 = 32 << 20;

/// How deep folders are looked into, and how many files are listed.
const MAX_DEPTH: usize = 32;
const MAX_FILES: usize = 100_000;

/// A project folder on disk. Nothing outside of it can be reached, neither by `..` nor by symbolic links.
#[derive(Debug, Clone)]
pub struct DiskFolder {
    // Without symbolic links, so that what lies in it can be told by its prefix.
    root: PathBuf,
}

/// Which project is meant by a path that holds none: the one that it lies in, or that has nearly this name.
fn meant(path: &Path) -> String {
    let around = path.ancestors().skip(1).filter(|folder| !folder.as_os_str().is_empty());
    if let Some(project) = around.clone().find(|folder| folder.join("tenon.yaml").is_file()) {
        return format!("name the folder of the project: `{}`", project.display());
    }
    let beside =
        path.parent().map(|parent| if parent.as_os_str().is_empty() { Path::new(".") } else { parent });
    let entries = beside.and_then(|folder| fs::read_dir(folder).ok()).into_iter().flatten().flatten();
    let projects = entries.take(MAX_FILES).filter(|entry| entry.path().join("tenon.yaml").is_file());
    let names: Vec<String> = projects.filter_map(|entry| entry.file_name().into_string().ok()).collect();
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    match nearest(name, names.iter().map(String::as_str)) {
        Some(near) => format!("write `{}`", path.with_file_name(near).display()),
        None => "name a project folder, or start one with `tenon init NAME`".to_owned(),
    }
}

impl DiskFolder {
    /// The project in `root`.
    ///
    /// # Errors
    /// `P0001` if there is no `tenon.yaml` in it.
    pub fn open(root: impl AsRef<Path>) -> Result<Self, Report> {
        let root = root.as_ref();
        match root.canonicalize() {
            Ok(resolved) if resolved.join("tenon.yaml").is_file() => Ok(Self { root: resolved }),
            _ => Err(Report::new(&NO_PROJECT, format!("there is no `tenon.yaml` in `{}`", root.display()))
                .hint(meant(root))),
        }
    }

    /// The folder as an absolute path without symbolic links.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }

    fn open_file(&self, path: &str) -> Result<File, Report> {
        let real = self
            .root
            .join(&*folder::normal(path)?)
            .canonicalize()
            .map_err(|error| unreadable(path, &error))?;
        if !real.starts_with(&self.root) {
            return Err(outside(path));
        }
        // Looked at before it is opened: opening a pipe waits for its writer.
        match real.metadata() {
            Ok(found) if found.is_file() => File::open(&real).map_err(|error| unreadable(path, &error)),
            Ok(_) => Err(Report::new(&UNREADABLE_FILE, format!("`{path}` is not a file"))),
            Err(error) => Err(unreadable(path, &error)),
        }
    }

    fn list_into(&self, folder: &Path, depth: usize, files: &mut Vec<String>) {
        let entries = match fs::read_dir(folder) {
            Ok(entries) => entries,
            Err(error) => {
                if depth > 0 || error.kind() != io::ErrorKind::NotFound {
                    tracing::warn!(folder = %folder.display(), %error, "cannot list a folder of the project");
                }
                return;
            }
        };
        for entry in entries.flatten() {
            let path = entry.path();
            let Some(shown) = path.strip_prefix(&self.root).ok().and_then(Path::to_str) else {
                tracing::warn!(path = %path.display(), "a file whose name is not UTF-8 is left out");
                continue;
            };
            if entry.file_name().as_encoded_bytes().starts_with(b".") {
                continue;
            }
            // Links to folders are not followed: they can form circles.
            let kind = entry.file_type();
            if kind.as_ref().is_ok_and(fs::FileType::is_dir) {
                if depth < MAX_DEPTH && files.len() < MAX_FILES {
                    self.list_into(&path, depth + 1, files);
                } else {
                    tracing::warn!(folder = shown, "the project is too large; a folder is left out");
                }
            } else if path.is_file() && files.len() < MAX_FILES {
                files.push(shown.to_owned());
            }
        }
    }
}

impl Folder for DiskFolder {
    fn read(&self, path: &str) -> Result<Arc<str>, Report> {
        let mut bytes = Vec::new();
        let file = self.open_file(path)?;
        file.take(MAX_TEXT + 1).read_to_end(&mut bytes).map_err(|error| unreadable(path, &error))?;
        if bytes.len() as u64 > MAX_TEXT {
            let message = format!("`{path}` is larger than the {MAX_TEXT} bytes that are read");
            return Err(Report::new(&TOO_DEEP_OR_LARGE, message).hint("split the file"));
        }
        folder::text(path, &bytes)
    }

    fn head(&self, path: &str, limit: usize) -> Result<Vec<u8>, Report> {
        let mut bytes = Vec::new();
        let file = self.open_file(path)?;
        file.take(limit as u64).read_to_end(&mut bytes).map_err(|error| unreadable(path, &error))?;
        Ok(bytes)
    }

    fn list(&self, path: &str) -> Vec<String> {
        let folder = self.root.join(path);
        let mut files = Vec::new();
        if folder.canonicalize().is_ok_and(|real| real.starts_with(&self.root)) {
            self.list_into(&folder, 0, &mut files);
        }
        files.sort_unstable();
        files
    }
}

fn unreadable(path: &str, error: &io::Error) -> Report {
    let message = match error.kind() {
        io::ErrorKind::NotFound => format!("`{path}` does not exist in the project folder"),
        _ => format!("`{path}` cannot be read: {error}"),
    };
    Report::new(&UNREADABLE_FILE, message)
        .hint("correct the path, which is relative to the project folder, or the permissions")
}

fn outside(path: &str) -> Report {
    Report::new(&FILE_OUTSIDE_PROJECT, format!("`{path}` is outside the project folder"))
        .hint("move the file into the project folder and write its relative path")
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    fn project() -> (tempfile::TempDir, DiskFolder) {
        let outer = tempfile::tempdir().unwrap();
        let root = outer.path().join("project");
        for (path, content) in [
            ("project/tenon.yaml", "project: x"),
            ("project/contracts/a/1.json", "{}"),
            ("project/contracts/a-b.json", "{}"),
            ("project/.hidden/x", ""),
            ("project/.env", ""),
            ("secret", "outside"),
        ] {
            let path = outer.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, content).unwrap();
        }
        symlink("contracts/a/1.json", root.join("inside")).unwrap();
        symlink("../secret", root.join("outside")).unwrap();
        symlink("..", root.join("circle")).unwrap();
        let folder = DiskFolder::open(&root).unwrap();
        (outer, folder)
    }

    #[test]
    fn files_are_listed_in_order_without_hidden_ones() {
        let (_outer, folder) = project();
        let all = folder.list("");
        let expected = ["contracts/a-b.json", "contracts/a/1.json", "inside", "outside", "tenon.yaml"];
        assert_eq!(all, expected);
        assert_eq!(folder.list("contracts/a"), ["contracts/a/1.json"]);
        assert!(folder.list("nothing").is_empty() && folder.list("..").is_empty());
    }

    #[test]
    fn nothing_outside_of_the_folder_is_read() {
        let (outer, folder) = project();
        assert_eq!(&*folder.read("inside").unwrap(), "{}");
        let absolute = outer.path().join("secret");
        let circle = "circle/secret";
        for path in ["contracts/../inside", "contracts/a/../a/1.json", "nothing/../contracts/a/1.json"] {
            assert_eq!(&*folder.read(path).unwrap(), "{}", "{path}");
            assert_eq!(folder.head(path, 1).unwrap(), b"{", "{path}");
        }
        for path in ["outside", "../secret", "contracts/../../secret", absolute.to_str().unwrap(), circle] {
            assert_eq!(folder.read(path).unwrap_err().code(), &FILE_OUTSIDE_PROJECT, "{path}");
            assert_eq!(folder.head(path, 5).unwrap_err().code(), &FILE_OUTSIDE_PROJECT, "{path}");
        }
    }

    #[test]
    fn what_is_not_text_of_a_reasonable_size_is_not_read() {
        let (outer, folder) = project();
        let root = outer.path().join("project");
        fs::write(root.join("large"), vec![b'x'; MAX_TEXT as usize + 1]).unwrap();
        fs::write(root.join("largest"), vec![b'x'; MAX_TEXT as usize]).unwrap();
        fs::write(root.join("binary"), b"ab\xff").unwrap();
        for (path, code, says) in [
            ("large", &TOO_DEEP_OR_LARGE, "larger than"),
            ("binary", &UNREADABLE_FILE, "not UTF-8 from byte 2"),
            ("contracts", &UNREADABLE_FILE, "is not a file"),
            ("nothing", &UNREADABLE_FILE, "does not exist"),
            ("nul\0", &UNREADABLE_FILE, "cannot be read"),
        ] {
            let report = folder.read(path).unwrap_err();
            assert_eq!(report.code(), code);
            assert!(report.message().contains(says), "{report}");
        }
        assert!(folder.read("largest").is_ok());
        assert_eq!(folder.head("large", 3).unwrap(), b"xxx");
    }

    #[test]
    fn a_project_is_a_folder_with_a_project_file() {
        let (outer, _) = project();
        for path in ["project/tenon.yaml", "project/contracts", "nothing"] {
            assert_eq!(DiskFolder::open(outer.path().join(path)).unwrap_err().code(), &NO_PROJECT, "{path}");
        }
    }
}
